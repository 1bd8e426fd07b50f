//! `install.sh`, run for real: it builds a release, which takes minutes.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Repo, hermetic};

fn script() -> String {
    format!("{}/install.sh", env!("CARGO_MANIFEST_DIR"))
}

/// A command with the real home folder, for cargo, and an install root of its own.
fn install(folder: &Path, root: &Path) -> Command {
    let mut install = hermetic("sh", folder);
    if let Some(home) = std::env::var_os("HOME") {
        install.env("HOME", home);
    }
    install.env("CARGO_INSTALL_ROOT", root).arg(script());
    install
}

#[test]
#[ignore = "builds a release; .ci/run runs it"]
fn the_script_installs_guards_and_takes_out_only_what_it_put_in() {
    let repo = Repo::new();
    let hooks = repo.path.join(".git/hooks");
    fs::remove_dir_all(&hooks).unwrap();
    let root = repo.outside().join("root");

    let output = install(&repo.path, &root).output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("was blocked") && said.contains("is not on PATH"), "{said}");
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", token);
    repo.commit().blocks();
    repo.stage("a", "clean\n");
    repo.commit().succeeds();

    fs::write(root.join("bin/other"), "").unwrap();
    fs::write(hooks.join("post-commit"), "").unwrap();
    let output = install(&repo.path, &root).arg("--uninstall").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!root.join("bin/dtguard").exists() && root.join("bin/other").exists());
    let left: Vec<_> = fs::read_dir(&hooks).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["post-commit"]);
}

#[test]
fn the_script_refuses_what_it_does_not_know_before_it_builds() {
    let repo = Repo::new();
    let root = repo.outside().join("root");
    let outside = repo.outside().to_str().unwrap().to_owned();
    for arguments in [&["--nonsense"][..], &["--repo"], &["--repo", &outside], &["--uninstall"]] {
        let output = install(&repo.path, &root).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
    assert!(!root.exists());
}
