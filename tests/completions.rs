//! What shells and `man` get.

use std::process::Stdio;

use crate::support::{DTGUARD, Repo, hermetic};

#[test]
fn each_shell_gets_a_script_that_knows_every_subcommand() {
    let repo = Repo::unborn();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = repo.dtguard(&["completions", shell]).succeeds().stdout;
        for word in ["install", "allow", "mask", "import", "patterns"] {
            assert!(text.contains(word), "{shell} does not know {word}");
        }
    }
    assert!(repo.dtguard(&["completions", "bash"]).stdout.contains("git-secrets"), "the values of an option");
    assert_eq!(repo.dtguard(&["completions", "nothing"]).code, 2);
}

#[test]
fn the_script_for_bash_and_sh_is_one_that_the_shell_reads() {
    let repo = Repo::unborn();
    repo.write("dtguard.bash", repo.dtguard(&["completions", "bash"]).succeeds().stdout);
    if hermetic("bash", &repo.path).arg("--version").stdout(Stdio::null()).status().is_err() {
        return;
    }
    let script = "source ./dtguard.bash; COMP_WORDS=(dtguard pat); COMP_CWORD=1; _dtguard dtguard pat dtguard; echo ${COMPREPLY[@]}";
    let output = hermetic("bash", &repo.path).args(["--norc", "-c", script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "patterns\n");
}

#[test]
fn the_manual_names_every_subcommand_and_has_a_page_of_each() {
    let repo = Repo::unborn();
    let page = repo.dtguard(&["man"]).succeeds().stdout;
    assert!(
        page.contains(".TH dtguard 1") && page.contains("Exit codes") && !page.contains("dtguard\\-help")
    );
    let help = repo.dtguard(&["--help"]).succeeds().stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = commands
        .lines()
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    for name in names.filter(|name| *name != "help") {
        assert!(page.contains(&format!("dtguard\\-{name}(1)")), "{name}");
        let own = repo.dtguard(&["man", name]).succeeds().stdout;
        assert!(own.contains(&format!(".TH dtguard-{name} 1")), "{name}: {own}");
    }
    repo.dtguard(&["man", "nothing"]).refuses("no subcommand");
}

#[cfg(unix)]
#[test]
fn called_as_git_dtguard_it_is_a_command_of_git() {
    let repo = Repo::new();
    let programs = repo.outside().join("bin");
    std::fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(DTGUARD, programs.join("git-dtguard")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let ran = repo.git_in(&repo.path, &[("PATH", &path)], &["dtguard", "explain", "dt0s16"]).succeeds();
    assert!(ran.stdout.contains("Platform token"));
    let wrong = repo.git_in(&repo.path, &[("PATH", &path)], &["dtguard", "nothing"]);
    assert_eq!(wrong.code, 2);
}
