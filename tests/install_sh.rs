//! `install.sh`, run for real.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{DTGUARD, Ran, Repo, hermetic};

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

    let output = install(&repo.path, &root).arg("--build").output().unwrap();
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

/// What a folder with the sources of the program under test holds of them, without a
/// repository around it: the script then goes by the version alone.
fn sources(folder: &Path) {
    fs::create_dir_all(folder.join("packaging")).unwrap();
    for name in ["install.sh", "packaging/program.sh", "Cargo.toml"] {
        fs::copy(format!("{}/{name}", env!("CARGO_MANIFEST_DIR")), folder.join(name)).unwrap();
    }
}

/// Runs the script that stands in `folder`, with `program` first on PATH if there is one.
fn run(repo: &Repo, folder: &Path, on_path: Option<&Path>, arguments: &[&str]) -> Ran {
    let path = std::env::var("PATH").unwrap();
    let path = on_path.map_or_else(|| path.clone(), |first| format!("{}:{path}", first.display()));
    let mut install = hermetic("sh", &repo.path);
    install
        .env("CARGO_INSTALL_ROOT", repo.outside().join("root"))
        .env("PATH", path)
        .arg(folder.join("install.sh"))
        .args(arguments);
    Ran::of(install.output().unwrap())
}

/// An archive as a release has it.
fn release_archive(folder: &Path, name: &str) {
    let top = folder.join("top");
    fs::create_dir_all(&top).unwrap();
    fs::copy(DTGUARD, top.join("dtguard")).unwrap();
    let tar = hermetic("tar", folder).args(["-czf", name, "top"]).status().unwrap();
    assert!(tar.success());
    fs::remove_dir_all(&top).unwrap();
}

#[test]
#[cfg(unix)]
fn a_ready_program_or_archive_is_installed_without_a_build_and_guards() {
    let repo = Repo::new();
    release_archive(repo.outside(), "release.tar.gz");
    let archive = repo.outside().join("release.tar.gz");
    let clone = repo.outside().join("clone");
    sources(&clone);
    for from in [DTGUARD, archive.to_str().unwrap()] {
        fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
        let ran = run(&repo, &clone, None, &["--from", from]).succeeds();
        assert!(ran.stdout.contains("Installed ") && !ran.stdout.contains("Building"), "{}", ran.stdout);
        let token = repo.token("dt0c01", 1).text;
        repo.stage("a", token);
        repo.commit().blocks();
        repo.git(&["rm", "--quiet", "--force", "a"]).succeeds();
        let ran = run(&repo, &clone, None, &["--uninstall"]).succeeds();
        assert!(ran.stdout.contains("Removed "), "{}", ran.stdout);
        assert!(!repo.outside().join("root/bin/dtguard").exists());
        fs::create_dir_all(repo.path.join(".git/hooks")).unwrap();
    }
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn an_archive_beside_the_script_is_taken_only_if_it_is_what_its_checksum_says() {
    let repo = Repo::new();
    let clone = repo.outside().join("clone");
    sources(&clone);
    let name = format!("dtguard-{}-x86_64-unknown-linux-gnu.tar.gz", env!("CARGO_PKG_VERSION"));
    release_archive(&clone, &name);
    fs::write(clone.join("SHA256SUMS"), format!("{}  {name}\n", "0".repeat(64))).unwrap();
    let ran = run(&repo, &clone, None, &["--no-hook"]);
    assert!(ran.code == 2 && ran.stderr.contains("does not match"), "{ran:?}");
    assert!(!repo.outside().join("root/bin/dtguard").exists());

    let sums = hermetic("sha256sum", &clone).arg(&name).output().unwrap();
    fs::write(clone.join("SHA256SUMS"), sums.stdout).unwrap();
    run(&repo, &clone, None, &["--no-hook"]).succeeds();
    assert!(repo.outside().join("root/bin/dtguard").exists());
}

#[test]
#[cfg(unix)]
fn a_program_of_the_same_version_on_path_is_used_where_it_is() {
    let repo = Repo::new();
    let clone = repo.outside().join("clone");
    sources(&clone);
    let folder = Path::new(DTGUARD).parent().unwrap();
    let ran = run(&repo, &clone, Some(folder), &[]).succeeds();
    assert!(ran.stdout.contains("--build builds another one"), "{}", ran.stdout);
    assert!(!repo.outside().join("root").exists());
    let hook = fs::read_to_string(repo.path.join(".git/hooks/pre-commit")).unwrap();
    assert!(hook.contains(DTGUARD), "{hook}");
}

#[test]
#[cfg(unix)]
fn what_does_not_run_or_is_not_dtguard_never_takes_the_place_of_a_program_that_does() {
    let repo = Repo::new();
    let clone = repo.outside().join("clone");
    sources(&clone);
    let installed = repo.outside().join("root/bin/dtguard");
    fs::create_dir_all(installed.parent().unwrap()).unwrap();
    fs::write(&installed, "the one before").unwrap();
    let damaged = repo.outside().join("damaged");
    fs::write(&damaged, fs::read(DTGUARD).unwrap().split_at(4000).0).unwrap();
    fs::write(repo.outside().join("damaged.tar.gz"), "no archive").unwrap();
    for file in ["/bin/true", "damaged", "damaged.tar.gz", "absent"] {
        let file = repo.outside().join(file);
        let ran = run(&repo, &clone, None, &["--from", file.to_str().unwrap()]);
        assert!(ran.code == 2 && ran.stderr.contains("install.sh: "), "{ran:?}");
        assert_eq!(fs::read(&installed).unwrap(), b"the one before");
    }
}

#[test]
fn the_script_refuses_what_it_does_not_know_before_it_builds() {
    let repo = Repo::new();
    let root = repo.outside().join("root");
    let outside = repo.outside().to_str().unwrap().to_owned();
    for arguments in [
        &["--nonsense"][..],
        &["--repo"],
        &["--repo", &outside],
        &["--uninstall"],
        &["--from"],
        &["--from", "/nonexistent", "--build"],
        &["--repo", ".", "--no-hook"],
    ] {
        let output = install(&repo.path, &root).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
    assert!(!root.exists());
}
