//! The team's policy: what it allows passes, and a mistake in it stops the commit.

use crate::support::Repo;

/// A repository with a token staged in `a.env`, and the token.
fn staged() -> (Repo, dtguard::token::Specimen) {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("a.env", format!("x={}\n", token.text));
    (repo, token)
}

#[test]
fn an_entry_of_each_sort_lets_its_token_pass_and_is_counted() {
    let (repo, token) = staged();
    let fingerprint = dtguard::token::Fingerprint::of(token.secret().as_bytes());
    for entry in [
        format!("id = \"{}\"", token.identifier().unwrap()),
        format!("fingerprint = \"{fingerprint}\""),
        "path = \"*.env\"\nkinds = [\"dt0c01\"]".to_owned(),
        "path = \"**\"\nkinds = [\"dynatrace-access-token\", \"dt0s16\"]".to_owned(),
    ] {
        repo.commit().blocks();
        let policy = format!(
            "version = 1\n\n[[allow]]\n{entry}\nreason = \"a test\"\nowner = \"team\"\nexpires = 2999-12-31\n"
        );
        repo.stage(".dtguard.toml", policy);
        repo.commit().succeeds().says("1 token allowed by policy");
        repo.git(&["reset", "--quiet", "--soft", "HEAD~1"]).succeeds();
        repo.git(&["rm", "--quiet", "--force", ".dtguard.toml"]).succeeds();
    }
}

#[test]
fn an_entry_for_another_token_path_or_kind_does_not_let_it_pass() {
    let (repo, _) = staged();
    let other = repo.token("dt0c01", 2);
    for entry in [
        format!("id = \"{}\"", other.identifier().unwrap()),
        format!("fingerprint = \"{}\"", "0".repeat(64)),
        "path = \"*.txt\"\nkinds = [\"dt0c01\"]".to_owned(),
        "path = \"**\"\nkinds = [\"dt0s16\"]".to_owned(),
    ] {
        repo.stage(".dtguard.toml", format!("version = 1\n[[allow]]\n{entry}\nreason = \"a test\"\n"));
        repo.commit().blocks();
    }
}

#[test]
fn an_expired_entry_blocks_again_and_says_so() {
    let (repo, token) = staged();
    let id = token.identifier().unwrap();
    let entry =
        format!("[[allow]]\nid = \"{id}\"\nreason = \"r\"\nowner = \"docs team\"\nexpires = 2020-02-29\n");
    repo.stage(".dtguard.toml", format!("version = 1\n\n{entry}"));
    repo.commit().blocks().says(".dtguard.toml:3 until 2020-02-29").says("docs team");
    repo.dtguard(&["allow", id, "--reason", "still fine", "--expires", "2999-01-01"]).succeeds();
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds();
}

#[test]
fn the_policy_that_counts_is_the_one_being_committed() {
    let (repo, token) = staged();
    let policy =
        format!("version = 1\n[[allow]]\nid = \"{}\"\nreason = \"r\"\n", token.identifier().unwrap());
    repo.write(".dtguard.toml", &policy);
    let ran = repo.commit().blocks().says("is not staged").says("git add :/.dtguard.toml");
    assert!(ran.stderr.lines().last().unwrap().starts_with("dtguard: scanned"), "{}", ran.stderr);
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.write(".dtguard.toml", "a mistake");
    repo.commit().succeeds();
    // From now on it is in HEAD, and an unchanged policy counts too.
    repo.stage("b.env", format!("y={}\n", token.text));
    repo.commit().succeeds().says("1 token allowed");
    repo.git(&["rm", "--quiet", "--force", ".dtguard.toml"]).succeeds();
    repo.stage("c.env", format!("z={}\n", token.text));
    repo.commit().blocks();
}

#[test]
fn a_mistake_in_the_policy_stops_the_commit_and_shows_its_place() {
    let (repo, token) = staged();
    let id = format!("id = \"{}\"", token.identifier().unwrap());
    for (policy, place) in [
        ("vresion = 1\n".to_owned(), ".dtguard.toml:1:1: unknown field `vresion`"),
        ("version = 1\n[certanty]\n".to_owned(), ".dtguard.toml:2:2: unknown field `certanty`"),
        (
            "version = 1\n[certainty]\nisued = \"block\"\n".to_owned(),
            ".dtguard.toml:3:1: unknown field `isued`",
        ),
        ("version = 1\n[[alow]]\n".to_owned(), ".dtguard.toml:2:3: unknown field `alow`"),
        (
            "version = 1\n[certainty]\nissued = \"deny\"\n".to_owned(),
            ".dtguard.toml:3:10: unknown value `deny`; it allows nothing until that is fixed",
        ),
        (
            format!("version = 1\n[[allow]]\n{}\n", id.replace("id", "identifier")),
            ".dtguard.toml:3:1: unknown field",
        ),
        ("version = 1\n[[allow]]\nfingerprnt = \"0\"\n".to_owned(), ".dtguard.toml:3:1: unknown field"),
        ("version = 1\n[[allow]]\npaht = \"x\"\n".to_owned(), ".dtguard.toml:3:1: unknown field"),
        ("version = 1\n[[allow]]\nkind = \"x\"\n".to_owned(), ".dtguard.toml:3:1: unknown field"),
        ("version = 1\n[[allow]]\nraeson = \"x\"\n".to_owned(), ".dtguard.toml:3:1: unknown field"),
        ("version = 1\n[[allow]]\nowners = \"x\"\n".to_owned(), ".dtguard.toml:3:1: unknown field"),
        ("version = 1\n[[allow]]\nexpire = 2030-01-01\n".to_owned(), ".dtguard.toml:3:1: unknown field"),
        ("version = true\n".to_owned(), ".dtguard.toml:1:11: invalid type"),
        (format!("version = 1\n[[allow]]\n{id}\n"), ".dtguard.toml:2:1: this allow entry has no `reason`"),
        (format!("version = 1\n[[allow]]\n{id}\nreason = 1\n"), ".dtguard.toml:4:10: invalid type"),
        (format!("version = 1\n[[allow]]\n{id}\nreason = \"r\"\nexpires = \"soon\"\n"), ".dtguard.toml:5:11"),
        (
            format!("version = 1\n[[allow]]\n{id}\nreason = \"r\"\nexpires = 2030-02-30\n"),
            ".dtguard.toml:5:11",
        ),
        ("version = 1\n\"unclosed".to_owned(), ".dtguard.toml:2:"),
        (String::new(), ".dtguard.toml:1:1: missing field `version`"),
    ] {
        repo.stage(".dtguard.toml", &policy);
        repo.commit().refuses(place).says("^").says(token.identifier().unwrap());
        let ran = repo.dtguard(&["hook", "pre-commit"]);
        assert_eq!(ran.code, 1);
        assert!(
            !place.contains("`deny`") || ran.stderr.contains("    write `block` or `pass`"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(repo.commits(), 1);
}

#[test]
fn a_policy_that_is_no_text_or_cannot_be_read_stops_the_commit() {
    let repo = Repo::new();
    repo.stage(".dtguard.toml", b"version = 1\n# \xff\n");
    repo.commit().refuses("not UTF-8");
    let missing = repo.path.join("missing.toml");
    let ran = repo.dtguard(&["--policy", missing.to_str().unwrap(), "hook", "pre-commit"]);
    assert_eq!(ran.refuses("missing.toml").code, 2);
    // Its object is gone: neither reader knows what it says.
    repo.stage(".dtguard.toml", "version = 1\n");
    let id = repo.git(&["rev-parse", ":.dtguard.toml"]).stdout;
    let (folder, file) = id.trim().split_at(2);
    std::fs::remove_file(repo.path.join(".git/objects").join(folder).join(file)).unwrap();
    assert_eq!(repo.dtguard(&["hook", "pre-commit"]).refuses(".dtguard.toml").code, 2);
}

#[test]
fn a_staged_file_that_cannot_be_read_is_not_called_clean_and_a_token_beside_it_is_reported() {
    let (repo, _) = staged();
    repo.stage("b", "some content\n");
    let id = repo.git(&["rev-parse", ":b"]).stdout;
    let (folder, file) = id.trim().split_at(2);
    let object = repo.path.join(".git/objects").join(folder).join(file);
    std::fs::remove_file(object).unwrap();
    let unread = format!("  b (object {}, ", id.trim());
    let ran = repo.dtguard(&["hook", "pre-commit"]).blocks().says(&unread).says("a.env:1:3");
    assert_eq!(ran.code, 1);
    repo.git(&["rm", "--quiet", "--cached", "-f", "a.env"]).succeeds();
    let ran = repo.dtguard(&["hook", "pre-commit"]).refuses("cannot read this").says(&unread);
    assert_eq!(ran.says("git fsck --full").says("nothing could be read").code, 2);
}

#[test]
fn certainties_block_as_the_policy_says() {
    let repo = Repo::new();
    let old = repo.token("dynatrace-legacy-api-token", 1).text;
    repo.stage("old.env", format!("DT_API_TOKEN={old}\n"));
    repo.commit().blocks().says("It has no prefix");
    repo.stage(".dtguard.toml", "version = 1\n[certainty]\ncontext = \"pass\"\n");
    repo.commit().succeeds().says("1 token passed by");
    repo.stage("filler", format!("dt0c01.{}.{}\n", "A".repeat(24), "A".repeat(64)));
    repo.stage(".dtguard.toml", "version = 1\n[certainty]\nfiller = \"block\"\n");
    repo.commit().blocks().says("looks typed");
}

#[test]
fn allow_writes_an_entry_that_holds_once_it_is_staged() {
    let (repo, token) = staged();
    let id = token.identifier().unwrap();
    repo.write(".dtguard.toml", "# our policy\nversion = 1 # the only one\n");
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    let ran =
        repo.dtguard(&["allow", id, "--reason", "a fixture", "--owner", "qa", "--expires", "2999-12-31"]);
    ran.succeeds().says("git add :/.dtguard.toml");
    let text = std::fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap();
    assert_eq!(
        text,
        format!(
            "# our policy\nversion = 1 # the only one\n\n[[allow]]\nid = \"{id}\"\nreason = \"a fixture\"\nowner = \"qa\"\nexpires = 2999-12-31\n"
        )
    );
    // Nothing was staged by the command itself.
    repo.commit().blocks();
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds();
}

#[test]
fn allow_works_from_below_the_top_and_by_fingerprint() {
    let repo = Repo::new();
    let token = repo.token("dt0a01", 1);
    repo.stage("d/a.env", &token.text);
    let fingerprint = dtguard::token::Fingerprint::of(token.secret().as_bytes()).to_string();
    repo.commit().blocks().says(&format!("dtguard allow {fingerprint} --reason"));
    let folder = repo.path.join("d");
    repo.dtguard_in(&folder, &[], &["allow", &fingerprint.to_uppercase(), "--reason", "r"]).succeeds();
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit().succeeds();
}

#[test]
fn allow_refuses_what_would_be_no_entry() {
    let (repo, token) = staged();
    let ran = repo.dtguard(&["allow", &token.text, "--reason", "r"]).says("whole token");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains(&format!("dtguard allow {}", token.identifier().unwrap())));
    for (arguments, says) in [
        (&["allow", "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX"][..], "--reason"),
        (&["allow", "nonsense", "--reason", "r"], "neither a token identifier nor"),
        (&["allow", "dt0a01.abc12345", "--reason", "r"], "next token too"),
        (&["allow", "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX", "--reason", " "], "reason is empty"),
        (&["allow", "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX", "--reason", "r", "--expires", "soon"], "YYYY-MM-DD"),
        (
            &["allow", "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX", "--reason", "r", "--expires", "2020-01-01"],
            "is over",
        ),
        (&["allow", "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX", "--reason", &token.text], "holds a token"),
    ] {
        let ran = repo.dtguard(arguments).says(says);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
    }
    assert!(!repo.path.join(".dtguard.toml").exists());
}

#[test]
fn a_policy_from_the_command_line_takes_the_place_of_the_repositorys() {
    let (repo, token) = staged();
    let policy = repo.outside().join("team.toml");
    let entry = format!("version = 1\n[[allow]]\nid = \"{}\"\nreason = \"r\"\n", token.identifier().unwrap());
    std::fs::write(&policy, entry).unwrap();
    repo.dtguard(&["--policy", policy.to_str().unwrap(), "hook", "pre-commit"]).succeeds();
    std::fs::write(&policy, "version = 1\nx = 1\n").unwrap();
    repo.dtguard(&["--policy", policy.to_str().unwrap(), "hook", "pre-commit"]).refuses("team.toml:2:1");
}

#[test]
fn no_sort_of_secret_in_a_policy_with_a_mistake_is_repeated() {
    let repo = Repo::new();
    let old = repo.token("dynatrace-legacy-api-token", 3).text;
    let whole = repo.token("dt0c01", 3).text;
    let cut = &whole[..whole.len() - 1];
    for line in [
        format!("id = \"{old}\""),
        format!("fingerprint = \"{old}\""),
        format!("# Dynatrace\napiToken = \"{old}\""),
        format!("id = \"{cut}\""),
        format!("{old} = 1"),
    ] {
        repo.stage(".dtguard.toml", format!("version = 1\n[[allow]]\n{line}\nreason = \"r\"\n"));
        let ran = repo.commit().refuses(".dtguard.toml:");
        assert!(!ran.stderr.contains(&cut[40..]), "{}", ran.stderr);
    }
    for typed in [&old, cut] {
        let ran = repo.dtguard(&["allow", typed, "--reason", "r"]).refuses("neither a token identifier nor");
        assert!(!ran.stderr.contains(typed));
    }
    let owner = format!("{whole} \\u001b[2J");
    let id = whole.rsplit_once('.').unwrap().0;
    let entry =
        format!("[[allow]]\nid = \"{id}\"\nreason = \"r\"\nexpires = 2020-01-01\nowner = \"{owner}\"\n");
    repo.stage(".dtguard.toml", format!("version = 1\n{entry}"));
    repo.stage("a", &whole);
    let ran = repo.commit().blocks().says("has expired");
    assert!(!ran.stderr.contains('\u{1b}'));
}

#[test]
fn a_policy_that_is_only_intended_does_not_count() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage(
        ".dtguard.toml",
        "version = 1\n[[allow]]\npath = \"**\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n",
    );
    repo.commit().succeeds();
    repo.git(&["rm", "--quiet", "--cached", ".dtguard.toml"]).succeeds();
    repo.git(&["add", "--intent-to-add", ".dtguard.toml"]).succeeds();
    repo.stage("f", token);
    repo.commit().blocks();
}

#[test]
fn a_token_typed_in_the_wrong_place_is_not_repeated() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    for arguments in [
        &[token.as_str()][..],
        &["hook", &token],
        &["explain", "dt0c01", &token],
        &["--color", &token, "explain"],
        &["--policy", &token, "hook", "pre-commit"],
        &["hook", "pre-commit", &token],
        &["allow", &token],
        &["install", "--repo", &token],
        &["allow", "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX", "--reason", "r", "--expires", &token],
    ] {
        // The harness looks for the secret part in what was said.
        assert_eq!(repo.dtguard(arguments).code, 2, "{arguments:?}");
    }
}
