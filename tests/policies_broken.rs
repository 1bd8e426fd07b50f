//! A policy with a mistake silences nothing: what is found is reported in every format, by
//! the policies above it, and the mistake is named beside it. Nothing passes.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::support::{DTGUARD, Ran, Repo, hermetic};

const FORMATS: [&str; 5] = ["json", "sarif", "github", "gitlab", "junit"];

/// Each with the place and the words that name the mistake.
const MISTAKES: [(&[u8], &str); 4] = [
    (b"version = 1\n[[alow]]\n", ".dtguard.toml:2:3: "),
    (b"version = 1\nthis is no key\n", ".dtguard.toml:2:6: "),
    (b"version = 1\n[[allow]]\nid = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\"\n", ".dtguard.toml:2:1: "),
    (b"version = 1\n# \xff\n", ".dtguard.toml:2:3: the file is not UTF-8"),
];

/// Runs a hook and writes `input` to it.
fn hook(repo: &Repo, environment: &[(&str, &str)], arguments: &[&str], input: &str) -> Ran {
    let mut command = hermetic(DTGUARD, &repo.path);
    command.arg("hook").args(arguments).envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    repo.check(Ran::of(child.wait_with_output().unwrap()))
}

#[test]
fn a_mistake_in_the_staged_policy_hides_no_token_and_lets_nothing_pass() {
    for (policy, place) in MISTAKES {
        let repo = Repo::new();
        let token = repo.token("dt0c01", 1);
        let identifier = token.identifier().unwrap();
        repo.stage(".dtguard.toml", policy);
        let ran = hook(&repo, &[], &["pre-commit"], "").says(place).says("it allows nothing until");
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        repo.stage("a", format!("x={}\n", token.text));
        let ran = hook(&repo, &[], &["pre-commit"], "").says("commit blocked").says(identifier).says(place);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        repo.commit().blocks();
        for scan in [&["--staged"][..], &[], &["a"], &["--history"]] {
            for format in FORMATS {
                let ran = repo.dtguard(&[&["scan", "--format", format], scan].concat());
                assert_eq!(ran.code, 1, "{format} {scan:?}: {}{}", ran.stdout, ran.stderr);
                for part in [identifier, ".dtguard.toml"] {
                    assert!(ran.stdout.contains(part), "{format} {scan:?}: {part}: {}", ran.stdout);
                }
            }
        }
        repo.write("message", format!("m\n\n{}\n", token.text));
        let ran = hook(&repo, &[], &["commit-msg", "message"], "").says(identifier).says(place);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
    }
}

#[test]
fn people_see_the_line_of_the_mistake_and_what_to_write() {
    let repo = Repo::new();
    repo.stage(".dtguard.toml", "version = 1\n[[allow]]\nid = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\"\n");
    repo.commit().refuses("cannot read").says("2 | [[allow]]\n").says("  | ^^^^^^^^^").says("reason = \"");
}

#[test]
fn a_mistake_in_the_policy_of_a_pushed_branch_hides_no_token_of_any_branch() {
    let repo = Repo::new();
    let (first, second) = (repo.token("dt0c01", 1), repo.token("dt0s16", 2));
    repo.stage(".dtguard.toml", MISTAKES[0].0);
    repo.stage("a", format!("x={}\n", first.text));
    repo.commit_unseen();
    repo.git(&["checkout", "--quiet", "-b", "side", "HEAD~1"]).succeeds();
    repo.stage("b", format!("x={}\n", second.text));
    repo.commit_unseen();
    let line = |branch: &str| {
        let id = repo.git(&["rev-parse", branch]).stdout;
        format!("{branch} {} refs/heads/{branch} {}\n", id.trim(), "0".repeat(40))
    };
    let ran = hook(&repo, &[], &["pre-push", "o", "url"], &(line("main") + &line("side")));
    let ran = ran.says(first.identifier().unwrap()).says(second.identifier().unwrap()).says(MISTAKES[0].1);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    repo.git(&["checkout", "--quiet", "-b", "clean", "HEAD~1"]).succeeds();
    repo.stage(".dtguard.toml", MISTAKES[1].0);
    repo.commit_unseen();
    let ran = hook(&repo, &[], &["pre-push", "o", "url"], &line("clean")).says(MISTAKES[1].1);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    // The mistake of each branch is named.
    let ran = hook(&repo, &[], &["pre-push", "o", "url"], &(line("main") + &line("clean")));
    assert_eq!(ran.says(MISTAKES[0].1).says(MISTAKES[1].1).code, 1);
}

/// Nobody knows what a layer with a mistake grants, so nothing below it counts.
#[test]
fn below_a_policy_with_a_mistake_no_entry_allows_anything() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let home = repo.outside().join("home");
    let user = home.join(".config/dtguard/policy.toml");
    fs::create_dir_all(user.parent().unwrap()).unwrap();
    repo.stage("a", format!("x={}\n", token.text));
    repo.dtguard(&["allow", token.identifier().unwrap(), "--reason", "a sample"]).succeeds();
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    let home = [("HOME", home.to_str().unwrap())];
    assert_eq!(hook(&repo, &home, &["pre-commit"], "").code, 0);
    fs::write(&user, "version = 1\n[grnt]\n").unwrap();
    let place = format!("{}:2:2: ", user.display());
    let ran = hook(&repo, &home, &["pre-commit"], "").says(&place).says(token.identifier().unwrap());
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    // A higher one that is sound still counts.
    let above = repo.outside().join("above.toml");
    let id = token.identifier().unwrap();
    fs::write(&above, format!("version = 1\n[[allow]]\nid = \"{id}\"\nreason = \"r\"\n")).unwrap();
    let config = repo.outside().join("config");
    let named = ["config", "-f", config.to_str().unwrap(), "dtguard.policy", above.to_str().unwrap()];
    repo.git(&named).succeeds();
    let named = [home[0], ("GIT_CONFIG_GLOBAL", config.to_str().unwrap())];
    let ran = hook(&repo, &named, &["pre-commit"], "").says(&place).says_not(id);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    fs::remove_file(&above).unwrap();
    fs::remove_file(&user).unwrap();
    let ran = hook(&repo, &named, &["pre-commit"], "").says("above.toml (git's setting").says(id);
    assert_eq!(ran.says_not("is not staged").code, 1);
}

/// `[enforce]` and `[server] break_glass` of a policy above grant nothing beside a mistake.
#[test]
fn break_glass_lets_nothing_through_beside_a_policy_with_a_mistake() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let (above, config) = (repo.outside().join("above.toml"), repo.outside().join("config"));
    fs::write(&above, "version = 1\n[server]\nbreak_glass = true\n").unwrap();
    let named = ["config", "-f", config.to_str().unwrap(), "dtguard.policy", above.to_str().unwrap()];
    repo.git(&named).succeeds();
    repo.stage(".dtguard.toml", MISTAKES[0].0);
    repo.commit_unseen();
    repo.git(&["checkout", "--quiet", "--orphan", "new"]).succeeds();
    repo.git(&["rm", "--quiet", "--cached", "-r", "."]).succeeds();
    repo.stage("a", format!("x={}\n", token.text));
    repo.commit_unseen();
    let new = repo.git(&["rev-parse", "new"]).stdout;
    repo.git(&["checkout", "--quiet", "--force", "main"]).succeeds();
    repo.git(&["branch", "--quiet", "-D", "new"]).succeeds();
    let update = format!("{} {} refs/heads/new\n", "0".repeat(40), new.trim());
    let options = [
        ("GIT_PUSH_OPTION_COUNT", "1"),
        ("GIT_PUSH_OPTION_0", "dtguard.break-glass=it must be"),
        ("GIT_CONFIG_GLOBAL", config.to_str().unwrap()),
    ];
    let push = || hook(&repo, &options, &["pre-receive"], &update);
    let ran = push().says(token.identifier().unwrap()).says(MISTAKES[0].1).says_not("let through by");
    assert_eq!(ran.says("push blocked").says("only where each policy can be read").code, 1);
    // Where all can be read it does.
    repo.stage(".dtguard.toml", "version = 1\n");
    repo.commit_unseen();
    assert_eq!(push().says("let through by break-glass").code, 0);
}

#[test]
fn a_push_of_a_policy_with_a_mistake_is_refused_with_all_that_it_brings() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let old = repo.git(&["rev-parse", "main"]).stdout;
    repo.stage(".dtguard.toml", MISTAKES[0].0);
    repo.stage("a", format!("x={}\n", token.text));
    repo.commit_unseen();
    let new = repo.git(&["rev-parse", "main"]).stdout;
    repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]).succeeds();
    let update = format!("{} {} refs/heads/main\n", old.trim(), new.trim());
    let ran = hook(&repo, &[], &["pre-receive"], &update).says(token.identifier().unwrap());
    assert_eq!(ran.says(MISTAKES[0].1).code, 1);
}
