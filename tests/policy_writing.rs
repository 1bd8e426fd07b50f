//! `dtguard allow`, `baseline` and `import` as they write: nothing is lost that was not
//! named, nothing is written that would help nobody, and a bad day leaves the old file.

use std::fs;

use dtguard::policy::Date;

use crate::support::{Ran, Repo};

const ID: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX";
const OTHER: &str = "dt0c01.XBCDEFGHIJKLMNOPQRSTUVWX";

fn policy(repo: &Repo) -> String {
    fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap_or_default()
}

fn entry(id: &str, more: &str) -> String {
    format!("\n[[allow]]\nid = \"{id}\"\nreason = \"old\"\n{more}")
}

/// What `dtguard ARGUMENTS` does below a policy that says `above`.
fn below(repo: &Repo, above: &str, arguments: &[&str]) -> Ran {
    let home = repo.outside().join("home");
    fs::create_dir_all(home.join(".config/dtguard")).unwrap();
    fs::write(home.join(".config/dtguard/policy.toml"), format!("version = 1\n{above}")).unwrap();
    repo.dtguard_in(&repo.path, &[("HOME", home.to_str().unwrap())], arguments)
}

#[test]
fn an_entry_for_some_weeks_does_not_become_one_for_good_when_its_reason_is_changed() {
    let repo = Repo::new();
    let text = format!("version = 1\n{}", entry(ID, "owner = \"docs\" # ours\nexpires = 2999-06-30\n"));
    repo.write(".dtguard.toml", &text);
    repo.dtguard(&["allow", ID, "--reason", "new"])
        .succeeds()
        .says("changed the entry for it in .dtguard.toml")
        .says("reason: \"new\", before \"old\"")
        .says("owner: \"docs\", as before")
        .says("expires: 2999-06-30, as before");
    assert_eq!(policy(&repo), text.replace("\"old\"", "\"new\""));
    repo.dtguard(&["allow", ID, "--reason", "new", "--expires", "2999-07-31", "--owner", "qa"])
        .succeeds()
        .says("expires: 2999-07-31, before 2999-06-30")
        .says("owner: \"qa\", before \"docs\"")
        .says("reason: \"new\", as before");
    let changed = text.replace("\"old\"", "\"new\"").replace("06-30", "07-31").replace("\"docs\"", "\"qa\"");
    assert_eq!(policy(&repo), changed);
}

#[test]
fn where_there_is_nothing_to_change_nothing_is_written_and_that_is_said() {
    let repo = Repo::new();
    let fingerprint = "AB".repeat(32);
    let own = format!("version = 1\n{}", entry(ID, "expires = 2999-06-30\n"));
    repo.write(
        ".dtguard.toml",
        format!("{own}\n[[allow]]\nfingerprint = \"{fingerprint}\"\nreason = \"old\"\n"),
    );
    let before = policy(&repo);
    let modified = || fs::metadata(repo.path.join(".dtguard.toml")).unwrap().modified().unwrap();
    let then = modified();
    for arguments in [
        &["allow", ID, "--reason", "old"][..],
        &["allow", ID, "--reason", "old", "--expires", "2999-06-30"],
        &["allow", &fingerprint, "--reason", "old"],
        &["allow", &fingerprint.to_lowercase(), "--reason", "old"],
    ] {
        repo.dtguard(arguments).succeeds().says("nothing to change").says_not("git add");
        assert_eq!((policy(&repo), modified()), (before.clone(), then), "{arguments:?}");
    }
}

#[test]
fn an_entry_that_has_expired_is_not_written_again_as_one_that_still_has() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let id = token.identifier().unwrap();
    let text = format!("version = 1\n{}", entry(id, "expires = 2020-01-01\n"));
    repo.stage(".dtguard.toml", &text);
    repo.stage("a.env", &token.text);
    // What the blocked commit advises is what helps.
    repo.commit().blocks().says(&format!("dtguard allow {id} --reason \"<why>\" --expires"));
    repo.dtguard(&["allow", id, "--reason", "new"])
        .refuses("expired on 2020-01-01, so it would still allow nothing")
        .says("--expires YYYY-MM-DD");
    assert_eq!(policy(&repo), text);
    repo.dtguard(&["allow", id, "--reason", "new", "--expires", "2999-01-01"]).succeeds();
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds();
}

#[test]
fn an_advice_that_is_pasted_as_it_stands_allows_nothing() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("a.env", &token.text);
    let ran = repo.commit().blocks();
    let advice = ran.stderr.lines().find(|line| line.trim().starts_with("dtguard allow ")).unwrap();
    let (typed, reason) = advice.trim().split_once(" --reason ").unwrap();
    let id = typed.strip_prefix("dtguard allow ").unwrap();
    let reason = reason.trim_matches('"');
    repo.dtguard(&["allow", id, "--reason", reason])
        .refuses("the reason is still to be written")
        .says("--reason TEXT");
    repo.write(".gitallowed", id);
    let ran = repo.dtguard(&["import"]).refuses("would have no reason");
    let advice = ran.stderr.lines().find(|line| line.trim().starts_with("dtguard import ")).unwrap();
    let (_, reason) = advice.trim().split_once(" --reason ").unwrap();
    repo.dtguard(&["import", "--reason", reason.trim_matches('"')])
        .refuses("the reason is still to be written");
    for reason in ["...", "\u{2026}", "-", "?!", "<why>", " TODO ", "todo: x"] {
        for command in [&["allow", id][..], &["import"]] {
            let ran = repo.dtguard(&[command, &["--reason", reason]].concat());
            ran.refuses("the reason is still to be written");
        }
        // Nor does a commit take it from a policy.
        repo.stage(".dtguard.toml", format!("version = 1\n{}", entry(id, "").replace("old", reason)));
        repo.commit().refuses(".dtguard.toml:5:10: this reason is still to be written");
        repo.git(&["rm", "--quiet", "--force", ".dtguard.toml"]).succeeds();
    }
    repo.dtguard(&["allow", id, "--reason", " "]).refuses("the reason is empty");
    for owner in [" ", "<who is responsible>"] {
        repo.dtguard(&["allow", id, "--reason", "r", "--owner", owner]).refuses("the owner is");
    }
    assert_eq!(policy(&repo), "");
    repo.dtguard(&["allow", id, "--reason", "a < b, and x > y"]).succeeds();
}

#[test]
fn what_is_refused_names_the_option_that_was_typed_and_not_a_file_that_is_not_there() {
    let repo = Repo::new();
    let last = Date::today().plus(30).to_string();
    for (grant, arguments, says, hint) in [
        ("require = [\"owner\"]", &[][..], "this entry needs an owner", "add: --owner WHO"),
        ("require = [\"expires\"]", &[], "this entry needs a last day", "add: --expires YYYY-MM-DD"),
        ("longest_days = 30", &[], "this entry needs a last day", &format!("add: --expires {last}")),
        (
            "longest_days = 30",
            &["--expires", "2999-12-31"],
            "that last day is more than 30 days away",
            &format!("give at most: --expires {last}"),
        ),
        (
            "kinds = [\"dt0s16\"]",
            &[],
            "an allow entry for `dt0c01` is not granted to .dtguard.toml",
            "policy.toml:4",
        ),
    ] {
        let above = format!("[grant]\nallow = [\"id\"]\n{grant}\n");
        repo.write(".gitallowed", ID);
        for command in [&["allow", ID][..], &["import"]] {
            let ran = below(&repo, &above, &[command, &["--reason", "r"], arguments].concat());
            ran.refuses(says).says(hint).says_not(".dtguard.toml:").says_not("add: owner");
        }
        repo.stage("old.env", &repo.token("dt0c01", 1).text);
        below(&repo, &above, &[&["baseline"], arguments].concat())
            .refuses(says)
            .says(hint)
            .says_not(".dtguard.toml:");
        assert_eq!(policy(&repo), "");
    }
    below(&repo, "[grant]\n", &["allow", ID, "--reason", "r"])
        .refuses("an allow entry by `id` is not granted to .dtguard.toml")
        .says("policy.toml:2 would have to grant it; ask the owner of that file")
        .says_not("take it out here");
    // A mistake that stood in the file before is one of the file.
    repo.write(".dtguard.toml", format!("version = 1\n{}", entry(OTHER, "")));
    below(
        &repo,
        "[grant]\nallow = [\"id\"]\nrequire = [\"owner\"]\n",
        &["allow", ID, "--reason", "r", "--owner", "qa"],
    )
    .refuses(".dtguard.toml:3:1: this allow entry has no `owner`");
    let above = "[grant]\nallow = [\"id\"]\nrequire = [\"owner\"]\n";
    repo.write(".dtguard.toml", "version = 1\n");
    below(&repo, above, &["import", "--reason", "r", "--owner", "qa", "--expires", "2999-12-31"]).succeeds();
    assert!(policy(&repo).contains("owner = \"qa\"\nexpires = 2999-12-31\n"), "{}", policy(&repo));
}

#[test]
fn an_identifier_that_is_too_short_is_called_so() {
    let repo = Repo::new();
    for (id, says) in [
        (
            "dt0c01.ABCDEFGHIJKLMNOPQRSTUVW",
            "has 23 characters behind its prefix, and those of its kind have 24",
        ),
        ("dt0s16.ABC", "has 3 characters behind its prefix, and those of its kind have 8"),
        ("dt0c01.abcdefghijklmnopqrstuvwx", "has characters that are in no identifier of its kind"),
        ("dt0s08.powerbi-prod", "names an environment or a client"),
    ] {
        repo.dtguard(&["allow", id, "--reason", "r"]).refuses(says);
        repo.stage(".dtguard.toml", format!("version = 1\n{}", entry(id, "")));
        repo.commit().refuses(".dtguard.toml:4:6").says(says);
        repo.git(&["rm", "--quiet", "--force", ".dtguard.toml"]).succeeds();
    }
}

#[test]
fn a_baseline_names_every_reason_that_is_to_be_written() {
    let repo = Repo::new();
    let tokens: Vec<_> = (1..=3).map(|seed| repo.token("dt0c01", seed)).collect();
    let lines: String = tokens.iter().map(|token| format!("{}\n", token.text)).collect();
    repo.stage("old.env", lines);
    let ran = repo.dtguard(&["baseline"]).succeeds().says("wrote 3 entries into .dtguard.toml");
    for (line, token) in [3, 7, 11].into_iter().zip(&tokens) {
        assert!(
            ran.stderr.contains(&format!(".dtguard.toml:{line}  {}", token.identifier().unwrap())),
            "{}",
            ran.stderr
        );
    }
    let all = "this reason is still to be written, and so are those of the entries on lines 7 and 11";
    repo.dtguard(&["baseline"]).refuses(all);
    repo.dtguard(&["policy", "check"]).refuses(all);
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().refuses(all);
    // Any entry without a reason is one of them.
    let text = policy(&repo).replacen("TODO: why is this no secret?", "a fixture", 1);
    repo.stage(".dtguard.toml", format!("{text}\n[[allow]]\nid = \"{ID}\"\n"));
    repo.commit().refuses("still to be written, and so are those of the entries on lines 11 and 15");
}

#[test]
fn a_baseline_does_not_bring_an_entry_back_that_has_expired() {
    let repo = Repo::new();
    let (expired, new) = (repo.token("dt0c01", 1), repo.token("dt0c01", 2));
    let id = expired.identifier().unwrap();
    let text = format!("version = 1\n{}", entry(id, "expires = 2020-01-01\n"));
    repo.write(".dtguard.toml", &text);
    repo.stage("old.env", &expired.text);
    let expired_one = |ran: Ran| ran.succeeds().says("1 token has an entry that has expired").says(id);
    expired_one(repo.dtguard(&["baseline", "--expires", "2999-01-01"])).says_not("wrote");
    assert_eq!(policy(&repo), text);
    repo.stage("new.env", &new.text);
    expired_one(repo.dtguard(&["baseline"])).says("wrote 1 entry");
    assert!(policy(&repo).starts_with(&text), "{}", policy(&repo));
}

#[test]
fn an_import_of_nothing_says_so_and_prints_no_policy_that_stops_every_commit() {
    let repo = Repo::new();
    let ran = repo.dtguard(&["import", "--dry-run"]).succeeds().says("nothing to import");
    repo.stage(".dtguard.toml", ran.stdout);
    repo.commit().succeeds();
    repo.git(&["rm", "--quiet", ".dtguard.toml"]).succeeds();
    repo.dtguard(&["import"])
        .succeeds()
        .says("nothing to import. Without file names, this reads")
        .says(".gitallowed")
        .says("secrets.allowed")
        .says_not("added")
        .says_not(".dtguard.toml");
    repo.write(".gitallowed", "AKIAIOSFODNN7QUARTZX\n");
    repo.dtguard(&["import"]).succeeds().says("nothing to add").says_not(".dtguard.toml");
    assert_eq!(policy(&repo), "");
}

#[test]
fn a_mistyped_revision_is_no_reason_to_fetch_what_is_here_already() {
    let repo = Repo::new();
    for arguments in [&["scan", "--rev", "mian"][..], &["scan", "--range", "mian..HEAD"]] {
        let ran = repo.dtguard(arguments).refuses("`mian` is not in this repository");
        ran.says("git log --oneline --all").says_not("--unshallow");
    }
    let url = format!("file://{}", repo.path.display());
    repo.stage("a", "b");
    repo.commit().succeeds();
    repo.git_in(repo.outside(), &[], &["clone", "--quiet", "--depth=1", &url, "shallow"]).succeeds();
    let shallow = repo.outside().join("shallow");
    repo.dtguard_in(&shallow, &[], &["scan", "--range", "mian..HEAD"]).says("git fetch --unshallow");
}
