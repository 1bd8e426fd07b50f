//! `dtguard import`: a team that comes from another tool keeps what it had reviewed,
//! and nothing wider.

use std::fs;

use dtguard::token::{Fingerprint, Specimen};

use crate::support::{Repo, hermetic};

fn id(token: &Specimen) -> &str {
    token.identifier().unwrap()
}

fn policy(repo: &Repo) -> String {
    fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap_or_default()
}

#[test]
fn what_every_known_file_names_becomes_an_entry_that_lets_the_token_pass() {
    let repo = Repo::new();
    let tokens: Vec<_> = (1..=6).map(|seed| repo.token("dt0c01", seed)).collect();
    let lines: String = tokens.iter().map(|token| format!("t={}\n", token.text)).collect();
    repo.stage("all.env", &lines);
    repo.commit().blocks();
    repo.write(".gitallowed", format!("# sample of the docs\n{}\n", id(&tokens[0]).replace('.', "\\.")));
    repo.write(".gitleaksignore", "all.env:dynatrace-api-token:2\n");
    repo.write(".gitleaks.toml", format!("[allowlist]\nregexes = ['''{}''']\n", tokens[2].text));
    repo.write(
        ".secrets.baseline",
        format!(
            "{{\"results\": {{\"all.env\": [{{\"hashed_secret\": \"{}\", \"line_number\": 4}}]}}}}",
            sha1(&repo, &tokens[3].text)
        ),
    );
    repo.write(".secretsignore", format!("[secrets]\n{}\n", tokens[4].text));
    repo.git(&["config", "--add", "secrets.allowed", id(&tokens[5])]).succeeds();
    repo.dtguard(&["import"]).refuses("5 of the entries would have no reason").says("--reason");
    assert_eq!(policy(&repo), "");
    repo.dtguard(&["import", "--reason", "reviewed before"])
        .succeeds()
        .says("added 6 entries")
        .says("git add :/.dtguard.toml");
    assert!(policy(&repo).contains("reason = \"sample of the docs\""));
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds().says("6 tokens allowed by policy");
    // A second run changes nothing.
    let before = policy(&repo);
    repo.dtguard(&["import"]).succeeds().says("nothing to add to .dtguard.toml; 6 were there already");
    assert_eq!(policy(&repo), before);
}

#[test]
fn a_file_of_talisman_that_is_as_it_was_accepted_is_taken_over_and_a_changed_one_is_not() {
    let repo = Repo::new();
    let (one, two) = (repo.token("dt0c01", 1), repo.token("dt0s16", 2));
    repo.write("a.env", format!("t={}\n", one.text));
    repo.write("b.env", format!("t={}\n", two.text));
    let rc = format!(
        "fileignoreconfig:\n- filename: a.env\n  checksum: {}\n- filename: b.env\n  checksum: {}\n",
        checksum("a.env", &format!("t={}\n", one.text)),
        checksum("b.env", "what it was before\n")
    );
    repo.write(".talismanrc", rc);
    let ran = repo
        .dtguard(&["import", ".talismanrc", "--reason", "r"])
        .says(".talismanrc:4")
        .says("does not match this checksum");
    assert_eq!(ran.code, 2);
    assert!(policy(&repo).contains(id(&one)) && !policy(&repo).contains(id(&two)));
}

/// What talisman calls a checksum; a fingerprint is the SHA-256 of some bytes.
fn checksum(name: &str, content: &str) -> String {
    let hash = |text: &str| Fingerprint::of(text.as_bytes()).to_string();
    hash(&[hash(""), hash(content), hash(name)].concat())
}

/// As git computes it of the bytes alone.
fn sha1(repo: &Repo, text: &str) -> String {
    repo.write("hash.py", "import hashlib, sys\nprint(hashlib.sha1(sys.argv[1].encode()).hexdigest())\n");
    let output = hermetic("python3", &repo.path).args(["hash.py", text]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn what_could_let_another_token_pass_is_listed_and_never_written() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.write(".gitallowed", "# all of it\n.*\ndt0c01\\..*\n^tests/\n[A-Z0-9]{64}\n");
    let ran = repo.dtguard(&["import", "--reason", "r"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    ran.says(".gitallowed:2")
        .says("allows every token")
        .says(".gitallowed:3")
        .says("every token of a kind")
        .says(".gitallowed:4")
        .says(".gitallowed:5");
    assert_eq!(policy(&repo), "");
    repo.stage("a.env", format!("t={}\n", token.text));
    repo.commit().blocks();
}

#[test]
fn what_concerns_other_services_is_counted_and_no_reason_to_fail() {
    let repo = Repo::new();
    repo.write(".gitallowed", "AKIAIOSFODNN7QUARTZX\n");
    repo.dtguard(&["import"])
        .succeeds()
        .says("not about Dynatrace tokens: 1.")
        .says_not("AKIAIOSFODNN7QUARTZX");
    let nothing = Repo::new();
    nothing.dtguard(&["import"]).succeeds().says("nothing to import");
}

#[test]
fn a_dry_run_prints_the_policy_and_writes_nothing() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.write("list/.gitallowed", format!("{}\n", token.text));
    let ran = repo
        .dtguard(&["import", "--dry-run", "--reason", "why", "list/.gitallowed"])
        .succeeds()
        .says("would add 1 entry");
    assert_eq!(ran.stdout, format!("version = 1\n\n[[allow]]\nid = \"{}\"\nreason = \"why\"\n", id(&token)));
    assert_eq!(policy(&repo), "");
}

#[test]
fn a_file_that_cannot_be_read_or_understood_ends_the_import_before_anything_is_written() {
    let repo = Repo::new();
    repo.write(".gitallowed", "dt0s16\\.QRSTUVWX\n");
    repo.write(".talismanrc", "fileignoreconfig: {a: b\n");
    repo.dtguard(&["import", "--reason", "r"]).refuses(".talismanrc:2:");
    assert_eq!(policy(&repo), "");
    repo.dtguard(&["import", "none/.gitallowed"]).refuses("none");
    repo.dtguard(&["import", "README"]).refuses("does not say which tool").says(".gitallowed");
    repo.write(".dtguard.toml", "a mistake");
    assert_eq!(repo.dtguard(&["import", ".gitallowed", "--reason", "r"]).refuses(".dtguard.toml:1").code, 2);
    let token = repo.token("dt0c01", 9);
    repo.dtguard(&["import", ".gitallowed", "--reason", &token.text]).refuses("the reason holds a token");
}

#[test]
fn a_finding_of_gitleaks_in_a_commit_is_looked_up_in_that_commit() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("a.env", format!("\nt={}\n", token.text));
    repo.commit_unseen();
    let commit = repo.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
    repo.stage("a.env", "gone\n");
    repo.commit_unseen();
    repo.write(".gitleaksignore", format!("# old\n{commit}:a.env:dynatrace-api-token:2\n"));
    repo.dtguard(&["import"]).succeeds().says(id(&token));
    assert!(policy(&repo).contains(id(&token)));
}

#[test]
fn an_import_that_a_higher_policy_does_not_grant_writes_nothing() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.write(".gitallowed", id(&token));
    let home = repo.outside().join("home");
    fs::create_dir_all(home.join(".config/dtguard")).unwrap();
    fs::write(home.join(".config/dtguard/policy.toml"), "version = 1\n[grant]\n").unwrap();
    let import = |more: &[&str]| {
        let arguments = [&["import", "--reason", "r"], more].concat();
        repo.dtguard_in(&repo.path, &[("HOME", home.to_str().unwrap())], &arguments)
    };
    import(&[]).refuses("an allow entry by `id` is not granted to .dtguard.toml");
    import(&["--dry-run"]).refuses("is not granted to .dtguard.toml");
    assert_eq!(policy(&repo), "");
    fs::write(home.join(".config/dtguard/policy.toml"), "version = 1\n[grant]\nallow = [\"id\"]\n").unwrap();
    import(&[]).succeeds();
    assert!(policy(&repo).contains(id(&token)));
}

#[test]
fn rules_of_gitleaks_become_rules_of_the_policy_and_what_cannot_be_is_listed() {
    let repo = Repo::new();
    repo.write(
        ".gitleaks.toml",
        "[[rules]]\nid = \"acme\"\ndescription = \"A token of ours\"\nregex = '''acme_([a-z0-9]{12})'''\nsecretGroup = 1\n\n\
         [[rules]]\nid = \"acme\"\nregex = 'lion-[0-9]{4}'\n\n[[rules]]\nid = 'wide'\nregex = 'x'\nentropy = 3\n",
    );
    let ran = repo.dtguard(&["import"]).says("added 2 rules").says(".gitleaks.toml:11").says("entropy");
    assert_eq!(ran.code, 2);
    let text = policy(&repo);
    assert!(
        text.contains("id = \"acme\"") && text.contains("id = \"acme-2\"") && text.contains("(?P<secret>"),
        "{text}"
    );
    repo.dtguard(&["import"]).says("2 were there already");
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds();
    repo.stage("a", "t = acme_abc123def456\n");
    repo.commit().blocks().says("A token of ours").says_not("abc123");
}
