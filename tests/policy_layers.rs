//! Policies above the repository's: who is bound by them, and that nobody gets
//! past them by a setting or a variable of their own.

use std::fs;
use std::path::PathBuf;

use crate::support::Repo;

const SAMPLES_PASS: &str = "version = 1\n[certainty]\nsample = \"pass\"\n";
const NO_GRANT: &str = "version = 1\n[grant]\n";

/// A repository with a home beside it, and something staged.
struct Place {
    repo: Repo,
    home: PathBuf,
}

impl Place {
    fn new() -> Self {
        let repo = Repo::new();
        let home = repo.outside().join("home");
        fs::create_dir_all(home.join(".config/dtguard")).unwrap();
        repo.stage("a", "nothing\n");
        Self { repo, home }
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.home.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().replace('\\', "/")
    }

    /// Commits as somebody who lives in the home.
    fn commit_with(&self, environment: &[(&str, &str)], options: &[&str]) -> crate::support::Ran {
        let home = self.home.to_str().unwrap();
        let environment: Vec<_> = [("HOME", home)].into_iter().chain(environment.iter().copied()).collect();
        let arguments: Vec<_> =
            options.iter().chain(&["commit", "-m", "m", "--allow-empty"]).copied().collect();
        self.repo.git_in(&self.repo.path, &environment, &arguments)
    }

    fn commit(&self) -> crate::support::Ran {
        self.commit_with(&[], &[])
    }
}

#[test]
fn a_users_policy_binds_their_repositories() {
    let place = Place::new();
    place.repo.stage(".dtguard.toml", SAMPLES_PASS);
    place.commit().succeeds();
    let file = place.write(".config/dtguard/policy.toml", NO_GRANT);
    place
        .commit()
        .refuses(".dtguard.toml:3:10: a looser `certainty.sample` is not granted to this file")
        .says(&format!("{file}:2 would have to grant it"));
    place.write(".config/dtguard/policy.toml", "version = 1\n[grant]\nloosen = [\"certainty.sample\"]\n");
    place.commit().succeeds();
    // Elsewhere, where the user says that it is.
    let xdg = place.repo.outside().join("xdg");
    fs::create_dir_all(xdg.join("dtguard")).unwrap();
    fs::write(xdg.join("dtguard/policy.toml"), "version = 1\nvresion = 1\n").unwrap();
    place.commit_with(&[("XDG_CONFIG_HOME", xdg.to_str().unwrap())], &[]).refuses("policy.toml:2:1");
}

#[cfg(unix)]
#[test]
fn a_policy_that_is_a_link_to_nothing_stops_and_is_not_taken_for_none() {
    let place = Place::new();
    let policy = place.home.join(".config/dtguard/policy.toml");
    std::os::unix::fs::symlink(place.home.join("none"), &policy).unwrap();
    assert_ne!(place.commit().refuses("this policy of the user cannot be read").code, 0);
    fs::remove_file(&policy).unwrap();
    fs::remove_dir(place.home.join(".config/dtguard")).unwrap();
    std::os::unix::fs::symlink(place.home.join("none"), place.home.join(".config/dtguard")).unwrap();
    place.commit().refuses("this policy of the user cannot be read");
    fs::remove_file(place.home.join(".config/dtguard")).unwrap();
    place.commit().succeeds();
}

#[test]
fn a_users_policy_lets_pass_what_it_allows_in_every_repository() {
    let place = Place::new();
    let token = place.repo.token("dt0c01", 1);
    place.repo.stage("a.env", format!("x={}\n", token.text));
    place.commit().blocks();
    let entry = format!("version = 1\n[[allow]]\nid = \"{}\"\nreason = \"r\"\n", token.identifier().unwrap());
    place.write(".config/dtguard/policy.toml", &entry);
    place.commit().succeeds().says("1 token allowed by policy");
}

#[test]
fn before_its_day_an_organisation_sees_what_would_block_and_stops_nobody() {
    let place = Place::new();
    let audit = place.home.join("audit.jsonl");
    let policy = |day: &str| {
        let audit = audit.display();
        place.write(
            "team.toml",
            &format!("version = 1\n[enforce]\nfrom = {day}\n[audit]\nfile = '{audit}'\n"),
        );
    };
    place.write(".gitconfig", "[dtguard]\n\tpolicy = ~/team.toml\n");
    policy("2999-01-15");
    let token = place.repo.token("dt0c01", 1);
    let content = format!("x={}\n", token.text);
    place.repo.stage("a.env", &content);
    let ran = place.commit().succeeds().says("would block from 2999-01-15 on, it adds 1 Dynatrace token");
    ran.says("a.env:1:3").says("1 token would be blocked");
    let line = fs::read_to_string(&audit).unwrap();
    let line: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    assert_eq!((&line["verdict"], &line["exit_code"]), (&"would block".into(), &0.into()));

    let scan = |format: &str| {
        let home = [("HOME", place.home.to_str().unwrap())];
        let ran = place.repo.dtguard_in(&place.repo.path, &home, &["-q", "scan", "--format", format]);
        assert_eq!(ran.code, 0, "{format}");
        format!("{}{}", ran.stdout, ran.stderr)
    };
    assert!(scan("human").contains("would block from 2999-01-15 on"));
    let json: serde_json::Value = serde_json::from_str(&scan("json")).unwrap();
    assert_eq!((&json["verdict"], &json["enforced_from"]), (&"passes".into(), &"2999-01-15".into()));
    assert!(scan("github").contains("::warning file=a.env,line=1"));
    assert!(scan("junit").contains("failures=\"0\" errors=\"0\" skipped=\"1\""));
    assert!(scan("sarif").contains("\"level\": \"warning\""));

    let dtguard = |arguments: &[&str]| {
        let home = [("HOME", place.home.to_str().unwrap())];
        place.repo.dtguard_in(&place.repo.path, &home, arguments)
    };
    dtguard(&["install"]).succeeds().says("the policy blocks it from 2999-01-15 on");
    let ran = dtguard(&["doctor"]);
    assert_eq!(ran.code, 1);
    ran.says("PARTLY GUARDED: a generated token was reported").says("nothing blocks before 2999-01-15");

    policy("2001-01-15");
    place.repo.stage("b.env", &content);
    place.commit().blocks().says("1 token blocked");
    // Those whom it blocks cannot choose the day.
    place.repo.stage(".dtguard.toml", "version = 1\n[enforce]\nfrom = 2999-01-15\n");
    place.commit().refuses(".dtguard.toml:3:8: only the system's and the organisation's policy");
}

#[test]
fn a_stage_with_a_later_day_only_reports_and_the_others_block_already() {
    let place = Place::new();
    let write =
        |stages: &str| place.write("team.toml", &format!("version = 1\n[enforce.stages]\n{stages}\n"));
    place.write(".gitconfig", "[dtguard]\n\tpolicy = ~/team.toml\n");
    write("pre-commit = 2999-01-15");
    let token = place.repo.token("dt0c01", 1);
    place.repo.stage("a.env", format!("x={}\n", token.text));
    place.commit().succeeds().says("would block from 2999-01-15 on, it adds 1 Dynatrace token");
    let dtguard = |arguments: &[&str]| {
        let home = [("HOME", place.home.to_str().unwrap())];
        place.repo.dtguard_in(&place.repo.path, &home, arguments)
    };
    assert_eq!(dtguard(&["scan"]).code, 1);
    write("scan = 2999-01-15");
    dtguard(&["scan"]).succeeds().says("would block from 2999-01-15 on");
    place.repo.stage("b.env", format!("x={}\n", token.text));
    place.commit().blocks();
    assert!(dtguard(&["policy", "show"]).stdout.contains("enforce.stages.scan 2999-01-15 "));
    assert!(dtguard(&["policy", "show", "--json"]).stdout.contains("\"enforce.stages.scan\""));
    // What cannot be read is no pass on any day.
    let gone = dtguard(&["scan", "absent"]);
    assert_eq!(gone.code, 2);
    place.repo.stage(".dtguard.toml", "version = 1\n[enforce.stages]\npre-commit = 2999-01-15\n");
    place.commit().refuses(".dtguard.toml:3:14: only the system's and the organisation's policy");
}

#[test]
fn the_policy_that_gits_configuration_names_binds_and_a_missing_one_stops() {
    let place = Place::new();
    let organisation = place.write("team.toml", NO_GRANT);
    place.write(".gitconfig", &format!("[dtguard]\n\tpolicy = {organisation}\n"));
    place.repo.stage(".dtguard.toml", SAMPLES_PASS);
    place.commit().refuses(".dtguard.toml:3:10").says(&format!("{organisation}:2 would have to"));
    place.write(".gitconfig", "[dtguard]\n\tpolicy = ~/team.toml\n");
    place.commit().refuses(".dtguard.toml:3:10").says("team.toml:2 would have to");
    place.write("team.toml", "version = 1\n");
    place.commit().succeeds();
    for (named, says) in [
        ("~/absent.toml", "absent.toml (git's setting dtguard.policy names this file, and it cannot be read"),
        (
            "team.toml",
            "team.toml (git's setting dtguard.policy names this file, and that is no absolute path",
        ),
        ("\"\"", "dtguard.policy"),
    ] {
        place.write(".gitconfig", &format!("[dtguard]\n\tpolicy = {named}\n"));
        place.commit().refuses(says).says("--get-all dtguard.policy");
    }
    place.write(".gitconfig", "[dtguard]\n\tpolicy\n");
    place.commit().refuses("dtguard.policy");
}

#[test]
fn the_policy_that_gits_other_configuration_of_a_user_names_binds_as_well() {
    let place = Place::new();
    place.write("team.toml", NO_GRANT);
    fs::create_dir(place.home.join(".config/git")).unwrap();
    place.write(".config/git/config", "[dtguard]\n\tpolicy = ~/team.toml\n");
    place.repo.stage(".dtguard.toml", SAMPLES_PASS);
    place.commit().refuses("team.toml:2 would have to");
}

#[test]
fn a_policy_that_gits_configuration_names_binds_outside_of_repositories_too() {
    let place = Place::new();
    place.write("team.toml", NO_GRANT);
    let strict = place.write("strict.config", "[dtguard]\n\tpolicy = ~/team.toml\n");
    let mine = place.write("mine.toml", SAMPLES_PASS);
    let home = place.home.to_str().unwrap();
    let scan = |global: &str| {
        let environment = [("HOME", home), ("GIT_CONFIG_GLOBAL", global)];
        place.repo.dtguard_in(&place.home, &environment, &["--policy", &mine, "scan", "mine.toml"])
    };
    scan("/dev/null").succeeds();
    scan(&strict).refuses("team.toml:2 would have to");
    place.write(".gitconfig", "[dtguard]\n\tpolicy = ~/team.toml\n");
    scan("/dev/null").refuses("team.toml:2 would have to");
}

#[test]
fn what_a_user_or_an_organisation_forbids_no_repository_takes_out() {
    let place = Place::new();
    let rule = |id: &str, word: &str, more: &str| {
        format!("version = 1\n[[forbid]]\nid = \"{id}\"\npattern = '{word}'\n{more}")
    };
    place.write(".gitconfig", "[dtguard]\n\tpolicy = ~/team.toml\n");
    place.write("team.toml", &rule("animal", "zebra-crossing", ""));
    place.write(".config/dtguard/policy.toml", &rule("cat", "lion-den", ""));
    place.repo.stage("a", "zebra-crossing\nlion-den\npanther-hill\n");
    place.commit().blocks().says("2 forbidden texts").says("team.toml:2").says("policy.toml:2");
    for own in [
        rule("animal", "panther-hill", ""),
        rule("animal", "zebra-crossing", "paths = [\"none\"]\n"),
        rule("cat", "lion-den", "severity = \"info\"\n"),
    ] {
        place.repo.stage(".dtguard.toml", own);
        place.commit().blocks().says("team.toml:2").says("policy.toml:2");
    }
    place.repo.stage(".dtguard.toml", rule("hill", "panther-hill", ""));
    place.commit().blocks().says("3 forbidden texts").says(".dtguard.toml:2");
}

#[test]
fn all_the_policies_that_are_named_bind_in_their_order() {
    let place = Place::new();
    let one = place.write("one.toml", "version = 1\n[grant]\nloosen = [\"certainty.sample\"]\n");
    let two = place.write("two.toml", NO_GRANT);
    place.repo.stage(".dtguard.toml", SAMPLES_PASS);
    place.write(".gitconfig", &format!("[dtguard]\n\tpolicy = {one}\n"));
    place.commit().succeeds();
    place.write(".gitconfig", &format!("[dtguard]\n\tpolicy = {one}\n\tpolicy = {two}\n"));
    place.commit().refuses("two.toml:2 would have to");
    // The second one may not grant what the first does not.
    place.write(".gitconfig", &format!("[dtguard]\n\tpolicy = {two}\n\tpolicy = {one}\n"));
    place.commit().refuses("one.toml:3:11").says("two.toml:2 would have to");
}

#[test]
fn a_policy_that_is_named_under_a_condition_binds_where_the_condition_holds() {
    let place = Place::new();
    place.write("team.toml", NO_GRANT);
    place.write("team.config", "[dtguard]\n\tpolicy = ~/team.toml\n");
    place.repo.stage(".dtguard.toml", SAMPLES_PASS);
    let here = place.repo.path.to_str().unwrap().replace('\\', "/");
    place.repo.git(&["config", "remote.origin.url", "https://git.example.com/team/x"]).succeeds();
    for (condition, holds) in [
        (format!("gitdir:{here}/"), true),
        ("gitdir:/elsewhere/".to_owned(), false),
        ("onbranch:main".to_owned(), true),
        ("onbranch:other".to_owned(), false),
        ("hasconfig:remote.*.url:https://git.example.com/team/**".to_owned(), true),
        ("hasconfig:remote.*.url:https://git.example.com/other/**".to_owned(), false),
    ] {
        if condition.starts_with("hasconfig") && crate::support::git_version() < (2, 36) {
            continue;
        }
        place.write(".gitconfig", &format!("[includeIf \"{condition}\"]\n\tpath = ~/team.config\n"));
        match holds {
            true => place.commit().refuses("team.toml:2 would have to"),
            false => place.commit().succeeds(),
        };
    }
    place.write(".gitconfig", "[include]\n\tpath = team.config\n");
    place.commit().refuses("team.toml:2 would have to");
    // A condition that has nothing to do with policies, and a file that is not there.
    place.write("name.config", "[user]\n\tname = Other\n");
    place.write(
        ".gitconfig",
        "[includeIf \"gitdir:/\"]\n\tpath = ~/name.config\n[includeIf \"onbranch:main\"]\n\tpath = ~/absent\n",
    );
    place.commit().succeeds();
}

#[test]
fn neither_a_repository_nor_a_variable_names_or_hides_an_organisations_policy() {
    let place = Place::new();
    place.write("team.toml", NO_GRANT);
    let loose = place.write("loose.toml", "version = 1\n[certainty]\nformat = \"pass\"\n");
    place.repo.stage(".dtguard.toml", SAMPLES_PASS);
    // Named by the repository or by the user of git, it does not count.
    place.repo.git(&["config", "dtguard.policy", "/absent.toml"]).succeeds();
    place.commit_with(&[], &["-c", "dtguard.policy=/absent.toml"]).succeeds();
    let count =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "dtguard.policy"), ("GIT_CONFIG_VALUE_0", "/x")];
    place.commit_with(&count, &[]).succeeds();
    // Named by the user's configuration, it counts whatever the environment says.
    place.write(".gitconfig", "[dtguard]\n\tpolicy = ~/team.toml\n");
    let other = place.write("other.config", &format!("[dtguard]\n\tpolicy = {loose}\n"));
    for environment in [
        &[("GIT_CONFIG_GLOBAL", "/dev/null")][..],
        &[("GIT_CONFIG_GLOBAL", &other)],
        &[("GIT_CONFIG_NOSYSTEM", "1")],
        &[("GIT_CONFIG_SYSTEM", "/dev/null")],
        &count,
    ] {
        place.commit_with(environment, &[]).refuses("team.toml:2 would have to");
    }
    // What a variable names counts as well.
    place.write(".gitconfig", "");
    let strict = place.write("strict.config", "[dtguard]\n\tpolicy = ~/team.toml\n");
    place.commit_with(&[("GIT_CONFIG_GLOBAL", &strict)], &[]).refuses("team.toml:2 would have to");
    place
        .commit_with(&[("GIT_CONFIG_SYSTEM", &strict), ("GIT_CONFIG_NOSYSTEM", "0")], &[])
        .refuses("team.toml:2 would have to");
}

#[test]
fn a_policy_of_the_command_line_is_bound_like_the_repositorys() {
    let place = Place::new();
    let file = place.write("mine.toml", SAMPLES_PASS);
    let home = [("HOME", place.home.to_str().unwrap())];
    let hook = ["--policy", &file, "hook", "pre-commit"];
    place.repo.dtguard_in(&place.repo.path, &home, &hook).succeeds();
    place.write(".config/dtguard/policy.toml", NO_GRANT);
    place.repo.dtguard_in(&place.repo.path, &home, &hook).refuses("mine.toml:3:10").says("is not granted");
}

#[test]
fn allow_writes_nothing_that_is_not_granted() {
    let place = Place::new();
    let home = [("HOME", place.home.to_str().unwrap())];
    let id = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX";
    let allow = |more: &[&str]| {
        let arguments: Vec<_> = ["allow", id, "--reason", "r"].iter().chain(more).copied().collect();
        place.repo.dtguard_in(&place.repo.path, &home, &arguments)
    };
    place.write(".config/dtguard/policy.toml", NO_GRANT);
    allow(&[]).refuses("an allow entry by `id` is not granted to .dtguard.toml");
    let grant = "version = 1\n[grant]\nallow = [\"id\"]\nrequire = [\"owner\"]\nlongest_days = 30\n";
    place.write(".config/dtguard/policy.toml", grant);
    allow(&[]).refuses("needs an owner");
    allow(&["--owner", "qa"]).refuses("needs a last day");
    allow(&["--owner", "qa", "--expires", "2999-01-01"]).refuses("more than 30 days away");
    assert!(!place.repo.path.join(".dtguard.toml").exists());
    let tomorrow = dtguard::policy::Date::today().plus(1).to_string();
    allow(&["--owner", "qa", "--expires", &tomorrow]).succeeds();
}

/// The system's files have a fixed place that no variable moves. Where user
/// namespaces allow it, the test puts an `/etc` of its own over it.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs unshare with user namespaces"]
fn the_systems_policy_binds_everybody() {
    let place = Place::new();
    place.repo.stage(".dtguard.toml", SAMPLES_PASS);
    let dtguard = crate::support::DTGUARD;
    let run = |etc: &str| {
        let script = format!(
            "mount -t tmpfs none /etc && mkdir /etc/dtguard && {etc} && exec '{dtguard}' hook pre-commit"
        );
        let mut unshare = crate::support::hermetic("unshare", &place.repo.path);
        unshare.args(["--user", "--map-root-user", "--mount", "sh", "-ec", &script]);
        unshare.env("HOME", &place.home).env_remove("GIT_CONFIG_NOSYSTEM");
        let output = unshare.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(run("true").0, Some(0), "{}", run("true").1);
    let strict = "printf 'version = 1\\n[grant]\\n'";
    let (code, said) = run(&format!("{strict} >/etc/dtguard/policy.toml"));
    assert!(code == Some(2) && said.contains("/etc/dtguard/policy.toml:2 would have to"), "{said}");
    let named =
        format!("{strict} >/etc/team.toml; printf '[dtguard]\\npolicy = /etc/team.toml\\n' >/etc/gitconfig");
    for variable in ["true", "export GIT_CONFIG_NOSYSTEM=1", "export GIT_CONFIG_SYSTEM=/dev/null"] {
        let (code, said) = run(&format!("{named}; {variable}"));
        assert!(code == Some(2) && said.contains("/etc/team.toml:2 would have to"), "{variable}: {said}");
    }
    // The system's policy stands above what its git configuration names.
    let (code, said) = run(&format!(
        "{strict} >/etc/dtguard/policy.toml; printf 'version = 1\\n[certainty]\\nsample = \"pass\"\\n' >/etc/team.toml; printf '[dtguard]\\npolicy = /etc/team.toml\\n' >/etc/gitconfig"
    ));
    assert!(code == Some(2) && said.contains("/etc/team.toml:3:10"), "{said}");
    let (code, said) = run("mkdir /etc/dtguard/policy.toml");
    assert!(
        code == Some(2)
            && said.contains("/etc/dtguard/policy.toml (this policy of the system cannot be read"),
        "{said}"
    );
}
