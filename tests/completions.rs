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
fn the_scripts_offer_the_prefixes_to_explain_and_the_subcommands_that_have_a_page() {
    let repo = Repo::unborn();
    // The scripts of the other shells offer no values of what is no option.
    for shell in ["bash", "zsh"] {
        let text = repo.dtguard(&["completions", shell]).succeeds().stdout;
        assert!(text.contains("dt0s16") && text.contains("dt0c01"), "{shell} offers no prefix");
    }
    repo.write("dtguard.bash", repo.dtguard(&["completions", "bash"]).stdout);
    if hermetic("bash", &repo.path).arg("--version").stdout(Stdio::null()).status().is_err() {
        return;
    }
    for (command, typed, wanted) in [("explain", "dt0s1", "dt0s16"), ("man", "basel", "baseline")] {
        let script = format!(
            "source ./dtguard.bash; COMP_WORDS=(dtguard {command} {typed}); COMP_CWORD=2; _dtguard dtguard {typed} {command}; echo ${{COMPREPLY[@]}}"
        );
        let output = hermetic("bash", &repo.path).args(["--norc", "-c", &script]).output().unwrap();
        let offered = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(offered.split_whitespace().any(|word| word == wanted), "{command} {typed}: {offered}");
    }
    repo.dtguard(&["explain", "dt0s16.ABCDEFGH"]).succeeds();
}

/// The pages that `page` names, each as the words behind `dtguard`.
fn named(page: &str) -> Vec<Vec<String>> {
    let words = page.split_whitespace().filter_map(|word| word.split_once("(1)")).map(|(word, _)| word);
    let names = words.filter_map(|word| word.split_once("dtguard\\-")).map(|(_, name)| name);
    names.map(|name| name.split("\\-").map(str::to_owned).collect()).collect()
}

/// That dtguard takes each of its commands in an `example`.
fn is_taken(example: &str) {
    for part in example.split(['|', '>']).map(str::trim).filter(|part| part.contains("dtguard ")) {
        let words = part.split(" -- ").last().unwrap().split('"').enumerate();
        let words = words.flat_map(|(number, text)| match number % 2 {
            0 => text.split_whitespace().collect(),
            _ => vec![text],
        });
        let taken = dtguard::cli::command().try_get_matches_from(words);
        assert!(taken.is_ok(), "{example}: {}", taken.unwrap_err());
    }
}

#[test]
fn an_option_stands_only_behind_what_uses_it() {
    let repo = Repo::unborn();
    for (command, policy, quiet, verbose) in [
        ("hook", true, true, true),
        ("scan", true, true, true),
        ("allow", true, true, false),
        ("install", false, true, false),
        ("mask", true, true, false),
        ("explain", true, false, false),
        ("patterns", true, false, false),
        ("completions", false, false, false),
        ("man", false, false, false),
    ] {
        let help = repo.dtguard(&[command, "--help"]).succeeds().stdout;
        let page = repo.dtguard(&["man", command]).succeeds().stdout.replace("\\-", "-");
        for (option, used) in [("--policy", policy), ("--quiet", quiet), ("--verbose", verbose)] {
            assert_eq!(help.contains(option), used, "{command} {option}: {help}");
            assert_eq!(page.contains(option), used, "{command} {option}");
            if !used {
                let typed = if option == "--policy" { "--policy=x" } else { option };
                let before = repo.dtguard(&[typed, command]);
                assert!(before.code == 2 && before.stdout.is_empty(), "{typed} {command}");
                assert_eq!(repo.dtguard(&[command, typed]).code, 2, "{command} {typed}");
            }
        }
        assert!(help.contains("--color") && !help.contains("--reader"), "{command}");
    }
    repo.dtguard(&["--policy=x", "man"]).says("`dtguard man` does not use --policy");
    // Before and behind a subcommand, and between two, they mean the same.
    repo.write("team.toml", "version = 2\n");
    for arguments in [
        "--policy team.toml policy check",
        "policy --policy team.toml check",
        "policy check --policy team.toml",
    ] {
        repo.dtguard(&arguments.split(' ').collect::<Vec<_>>()).refuses("team.toml:1");
    }
    let script = repo.dtguard(&["completions", "fish"]).succeeds().stdout;
    let offers = |command: &str| {
        script
            .lines()
            .any(|line| line.contains(&format!("_subcommand {command}\"")) && line.contains("-l policy"))
    };
    assert!(offers("scan") && !offers("man"), "{script}");
}

#[test]
fn the_manual_has_each_page_that_a_page_names_and_each_says_how_it_ends() {
    let repo = Repo::unborn();
    let mut pages = vec![Vec::new()];
    let mut at = 0;
    while let Some(words) = pages.get(at).cloned() {
        let arguments: Vec<&str> = ["man"].into_iter().chain(words.iter().map(String::as_str)).collect();
        let page = repo.dtguard(&arguments).succeeds().stdout;
        let title = ["dtguard"].into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>();
        assert!(page.contains(&format!(".TH {} 1", title.join("-"))), "{arguments:?}: {page}");
        assert!(
            page.contains(".SH \"EXIT STATUS\"\n") && page.contains(".SH ENVIRONMENT\n"),
            "{arguments:?}"
        );
        assert!(!page.contains("EXTRA") && !page.contains("\\-help(1)"), "{arguments:?}");
        let examples = page.split(".SH EXAMPLES\n.nf\n").nth(1).and_then(|rest| rest.split("\n.fi").next());
        let examples: Vec<_> = examples.into_iter().flat_map(str::lines).collect();
        assert!(examples.len() >= 2, "{arguments:?}: {examples:?}");
        examples.iter().for_each(|example| is_taken(&example.replace("\\&", "").replace("\\-", "-")));
        pages.extend(named(&page));
        at += 1;
    }
    for name in ["scan", "mask", "man"] {
        assert!(pages.contains(&vec![name.to_owned()]), "{name}: {pages:?}");
    }
    assert!(pages.contains(&["policy", "show"].map(str::to_owned).to_vec()), "{pages:?}");
    let of = |name: &str| repo.dtguard(&["man", name]).stdout;
    assert!(of("scan").contains(".SH FILES") && !of("man").contains(".SH FILES"));
    let merge = repo.dtguard(&["man", "report", "merge"]).stdout;
    assert!(merge.contains("SOURCE_DATE_EPOCH\n") && !merge.contains(".SH FILES"), "{merge}");
    assert!(of("mask").contains("DTGUARD_MASK_KEY\n") && !of("scan").contains("DTGUARD_MASK_KEY"));
    assert!(of("doctor").contains("not guarded") && of("scan").contains("a token blocks"));
    repo.dtguard(&["man", "nothing"]).refuses("no subcommand");
}

#[test]
fn the_manual_of_dtguard_names_every_subcommand() {
    let repo = Repo::unborn();
    let page = repo.dtguard(&["man"]).succeeds().stdout;
    let help = repo.dtguard(&["--help"]).succeeds().stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let lines = commands.lines().filter(|line| !line.starts_with("   "));
    let names: Vec<_> = lines.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 10, "{help}");
    for name in names.into_iter().filter(|name| *name != "help") {
        assert!(page.contains(&format!("dtguard\\-{name}(1)")), "{name}");
    }
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
