//! A team's own rules, `[[forbid]]`: what they forbid is found, blocked, allowed, reported and
//! masked like a token, wherever it stands, and nobody below loosens them.

use std::fs;

use base64::Engine as _;
use dtguard::install::Stage;

use crate::support::{DTGUARD, Ran, Repo, hermetic};

/// The name of a host that the rule below forbids, and another word that it does not.
const HOST: &str = "zebra-7.corp.example";
const OTHER: &str = "zebra-seven.corp.example";

const RULE: &str = "[[forbid]]\nid = \"internal-host\"\npattern = '(?i)\\bzebra-[0-9]+\\.corp\\b'\n\
                    description = \"Name of an internal host\"\nadvice = \"read it from the environment\"\n";

fn policy(more: &str) -> String {
    format!("version = 1\n\n{RULE}{more}")
}

/// A repository whose messages are searched, too.
fn with_message_hook() -> Repo {
    let repo = Repo::new();
    repo.install_hook(&repo.path.join(".git/hooks"), Stage::CommitMsg);
    repo
}

/// A repository whose policy has the rule.
fn ruled() -> Repo {
    let repo = with_message_hook();
    repo.stage(".dtguard.toml", policy(""));
    repo.commit().succeeds();
    repo
}

fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// The fingerprint that `ran` offers to allow.
fn fingerprint(said: &str) -> String {
    let (_, rest) = said.split_once("dtguard allow ").unwrap_or_else(|| panic!("{said}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn what_a_rule_forbids_blocks_the_commit_and_is_not_shown() {
    let repo = ruled();
    repo.stage("a.conf", format!("url = https://{OTHER}/\n"));
    repo.commit().succeeds();
    repo.stage("a.conf", format!("url = https://{OTHER}/\nhost = {HOST}\n"));
    let ran = repo.commit().blocks().says_not("zebra-7").says("it adds 1 forbidden text");
    let ran = ran.says("Name of an internal host [high]").says("a.conf:2:8").says("host = ********");
    let ran = ran.says("The rule internal-host at .dtguard.toml:3 forbids it.");
    ran.says("read it from the environment").says("1 forbidden text blocked").says_not("Dynatrace token");
    // A token beside it is counted by itself.
    let token = repo.token("dt0c01", 1);
    repo.stage("b.conf", format!("{}\n", token.text));
    repo.commit().blocks().says("1 Dynatrace token and 1 forbidden text");
}

#[test]
fn a_rule_holds_for_the_commit_that_adds_it_and_is_read_from_the_index() {
    let repo = Repo::new();
    repo.stage("old", format!("{HOST}\n"));
    repo.commit().succeeds();
    repo.stage("new", format!("{HOST}\n"));
    repo.write(".dtguard.toml", policy(""));
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.write(".dtguard.toml", "version = 1\n");
    // What was there before does not block.
    repo.commit().blocks().says("new:1:1").says_not("old:1");
    repo.git(&["rm", "--quiet", "--cached", "new"]).succeeds();
    repo.commit().succeeds();
    repo.git(&["mv", "old", "moved"]).succeeds();
    repo.commit().succeeds();
}

#[test]
fn a_policy_with_a_word_as_its_pattern_does_not_block_itself_and_hides_nothing_else() {
    let repo = Repo::new();
    let rule = |pattern: &str| {
        format!(
            "version = 1\n[[forbid]]\nid = \"word\"\npattern = {pattern}\ndescription = \"not to be named\"\n"
        )
    };
    for pattern in [
        "'crossing'",
        "'''crossing'''",
        "\"crossing\"",
        "'crossing\\.lion'",
        "\"crossing\\\\.lion\"",
        "'(crossing|lion)-[0-9]*'",
    ] {
        repo.stage(".dtguard.toml", rule(pattern));
        repo.commit().succeeds();
    }
    // Another file, and another text in this one.
    repo.stage(".dtguard.toml", rule("'crossing-[0-9]{4}'"));
    repo.commit().succeeds();
    repo.stage(".dtguard.toml", rule("'crossing-[0-9]{4}' # crossing-1234"));
    repo.commit().blocks().says(".dtguard.toml:4").says_not("1234");
    repo.stage(".dtguard.toml", rule("'crossing'"));
    repo.commit().succeeds();
    repo.stage("sub/.dtguard.toml", rule("'crossing'"));
    repo.commit().blocks().says("sub/.dtguard.toml:4");
    repo.git(&["rm", "--quiet", "--force", "sub/.dtguard.toml"]).succeeds();
    // A token in a pattern is a token.
    let token = repo.token("dt0c01", 3);
    repo.stage(".dtguard.toml", rule(&format!("'{}'", token.text)));
    repo.commit().blocks().says(".dtguard.toml:4");
}

#[test]
fn what_a_rule_forbids_is_found_wherever_a_token_is() {
    let repo = ruled();
    let line = format!("the internal machine is {HOST}; do not name it");
    let hex: String = line.bytes().map(|byte| format!("{byte:02x}")).collect();
    let utf16: Vec<u8> = line.bytes().flat_map(|byte| [byte, 0]).collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, line.as_bytes()).unwrap();
    for (name, content) in [
        ("base64", base64(&line).into_bytes()),
        ("hex", hex.into_bytes()),
        ("utf16", utf16),
        ("percent", format!("x={}", HOST.replace('-', "%2d")).into_bytes()),
        ("json", format!("{{\"a\":\"\\n{}\"}}", HOST.replace('z', "\\u007a")).into_bytes()),
        ("twice", base64(&base64(&line)).into_bytes()),
        ("literals", b"x = \"zebra-7\" +\n    \".corp.example\"".to_vec()),
        ("a.gz", gzip.finish().unwrap()),
    ] {
        repo.stage(name, content);
        repo.commit().blocks().says(name).says_not("zebra-7.");
        repo.git(&["rm", "--quiet", "--force", name]).succeeds();
    }
    repo.stage(&format!("notes-{HOST}.txt"), "nothing\n");
    repo.commit().blocks().says("its name").says_not("zebra-7.");
    repo.git(&["rm", "--quiet", "--force", "-r", "."]).succeeds();
    repo.stage(".dtguard.toml", policy(""));
    repo.stage("x", "x\n");
    repo.git(&["commit", "-m", &format!("About {HOST}")]).blocks().says("its message holds 1 forbidden text");
    repo.git(&["commit", "-m", "About x"]).succeeds();
}

#[test]
fn a_message_is_judged_by_the_staged_rules_and_by_those_that_are_committed() {
    let repo = with_message_hook();
    repo.stage("x", "x\n");
    repo.stage(".dtguard.toml", policy(""));
    repo.git(&["commit", "-m", HOST]).blocks();
    repo.git(&["commit", "-m", "m"]).succeeds();
    repo.git(&["commit", "--allow-empty", "-m", HOST]).blocks();
    repo.git(&["rm", "--quiet", ".dtguard.toml"]).succeeds();
    repo.git(&["commit", "-m", HOST]).succeeds();
}

#[test]
fn what_was_committed_unseen_is_found_in_pushes_ranges_histories_trees_and_streams() {
    let repo = ruled();
    let words = "let the words go on and on\n".repeat(400);
    repo.stage("a.txt", format!("{words}nothing\n{words}"));
    repo.commit().succeeds();
    repo.stage("a.txt", format!("{words}at {HOST}\n{words}"));
    repo.commit_unseen();
    repo.git(&["gc", "--quiet"]).succeeds();
    let stdin =
        |arguments: &[&str], input: &str| Ran::fed(hermetic(DTGUARD, &repo.path).args(arguments), input);
    for arguments in [
        &["scan"][..],
        &["scan", "a.txt"],
        &["scan", "--history"],
        &["scan", "--range", "HEAD~1..HEAD"],
        &["scan", "--rev", "HEAD"],
    ] {
        repo.dtguard(arguments).blocks().says("a.txt").says_not("zebra-7");
    }
    let diff = repo.git(&["diff", "HEAD~1", "HEAD"]).stdout;
    stdin(&["scan", "--diff"], &diff).blocks().says_not("zebra-7");
    stdin(&["scan", "-"], &format!("x {HOST}\n")).blocks().says_not("zebra-7");
    // Each format reports it.
    for format in ["json", "sarif", "github", "gitlab", "junit"] {
        let ran = repo.dtguard(&["scan", "--format", format]);
        assert_eq!(ran.code, 1);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("internal-host") && !said.contains("zebra-7"), "{format}: {said}");
    }
    // No setting lets it pass as a whole.
    repo.stage(".dtguard.toml", policy("[certainty]\nrule = \"pass\"\n"));
    repo.commit().refuses("unknown field `rule`");
}

#[test]
fn a_text_over_several_names_of_a_path_is_found_in_a_history_too() {
    let repo = Repo::new();
    repo.stage("zebra/crossing/x", "x\n");
    repo.commit_unseen();
    repo.stage(".dtguard.toml", "version = 1\n[[forbid]]\nid = \"place\"\npattern = 'zebra/crossing'\n");
    repo.commit_unseen();
    repo.dtguard(&["scan"]).blocks().says("its name").says_not("zebra/crossing/x");
    repo.dtguard(&["scan", "--history"]).blocks().says("its name").says_not("zebra/crossing/x");
}

#[test]
fn a_push_of_commits_that_were_searched_before_there_was_a_rule_is_searched_by_it() {
    let repo = Repo::new();
    let server = repo.outside().join("server.git");
    let remote = server.to_str().unwrap().to_owned();
    repo.git(&["init", "--quiet", "--bare", &remote]).succeeds();
    repo.stage("a", format!("{HOST}\n"));
    repo.commit().succeeds();
    repo.git(&["push", "--quiet", &remote, "HEAD:refs/heads/one"]).succeeds();
    let with_escapes = policy("").replace("[[forbid]]", "[[\"forb\\u0069d\"]]");
    for policy in [policy(""), with_escapes] {
        repo.stage(".dtguard.toml", policy);
        repo.commit().succeeds();
        repo.git(&["push", "--quiet", &remote, "HEAD:refs/heads/two"]).blocks().says("a:1:1");
        // Without the rule, again.
        repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]).succeeds();
        repo.git(&["push", "--quiet", &remote, "HEAD:refs/heads/three"]).succeeds();
        repo.git(&["push", "--quiet", &remote, ":refs/heads/three"]).succeeds();
    }
}

#[test]
fn a_rule_with_paths_holds_in_these_and_nowhere_else() {
    let repo = Repo::new();
    repo.stage(".dtguard.toml", policy("paths = [\"deploy/**\", \"*.tf\"]\n"));
    repo.stage("doc/a", format!("{HOST}\n"));
    repo.git(&["commit", "-m", HOST]).succeeds();
    for path in ["deploy/x/y", "main.tf"] {
        repo.stage(path, format!("{HOST}\n"));
        repo.commit().blocks().says(&format!("{path}:1:1"));
        repo.git(&["rm", "--quiet", "--force", path]).succeeds();
    }
    let tested = repo.dtguard(&["policy", "test", "doc/a"]).succeeds().stdout;
    assert!(tested.starts_with("doc/a: no token found there"), "{tested}");
    repo.git(&["mv", "doc/a", "main.tf"]).succeeds();
    repo.commit_unseen();
    repo.dtguard(&["scan", "--history"]).blocks().says("main.tf").says_not("doc/a");
}

#[test]
fn what_a_rule_forbids_is_allowed_like_a_token_and_taken_into_a_baseline() {
    let repo = ruled();
    repo.stage("a.conf", format!("host = {HOST}\n"));
    let name = fingerprint(&repo.commit().blocks().stderr);
    for entry in [
        format!("[[allow]]\nfingerprint = \"{name}\"\nreason = \"r\"\n"),
        "[[allow]]\npath = \"*.conf\"\nkinds = [\"internal-host\"]\nreason = \"r\"\n".to_owned(),
    ] {
        repo.stage(".dtguard.toml", policy(&entry));
        repo.commit().succeeds().says("1 forbidden text allowed by");
        repo.git(&["reset", "--quiet", "--soft", "HEAD~1"]).succeeds();
    }
    for entry in [
        "[[allow]]\npath = \"*.conf\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n",
        "[[allow]]\npath = \"*.env\"\nkinds = [\"internal-host\"]\nreason = \"r\"\n",
    ] {
        repo.stage(".dtguard.toml", policy(entry));
        repo.commit().blocks();
    }
    repo.stage(
        ".dtguard.toml",
        policy("[[allow]]\npath = \"a\"\nkinds = [\"external-host\"]\nreason = \"r\"\n"),
    );
    repo.commit().refuses("there is no such kind");
    let repo = ruled();
    repo.stage("a.conf", format!("host = {HOST}\n"));
    repo.commit_unseen();
    let commit = repo.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let entry = format!("[[allow]]\ncommit = \"{commit}\"\nkinds = [\"internal-host\"]\nreason = \"r\"\n");
    repo.write(".dtguard.toml", policy(&entry));
    repo.dtguard(&["scan", "--history"]).succeeds().says("1 forbidden text allowed");
    repo.write(".dtguard.toml", policy(""));
    repo.dtguard(&["baseline"]).succeeds().says(&name);
    assert!(fs::read_to_string(repo.path.join(".dtguard.toml")).unwrap().contains(&name));
}

#[test]
fn a_pattern_that_is_refused_is_marked_and_stops_everything() {
    let repo = Repo::new();
    for (pattern, place, says) in [
        ("'zebra[z-a]'", "4:18", "invalid character class range"),
        ("'(zebra'", "4:12", "unclosed group"),
        ("'.*'", "4:11", "matches the empty text"),
        ("'[a-z]+'", "4:11", "fewer than 3 bytes"),
        ("'\\w{4}'", "4:11", "ordinary text"),
        ("\"zebra\\\\p{Greek}\"", "4:11", "Unicode"),
        ("'(zebra{900}){900}'", "4:11", "more than 2000 states"),
    ] {
        repo.stage(".dtguard.toml", format!("version = 1\n[[forbid]]\nid = \"z\"\npattern = {pattern}\n"));
        repo.commit().refuses(&format!(".dtguard.toml:{place}: ")).says(says).says("^");
        repo.dtguard(&["policy", "check"]).refuses(says);
        repo.dtguard(&["mask", ".dtguard.toml"]).refuses(says);
    }
    for (lines, says) in [
        ("id = \"A\"\npattern = 'zebra'", "an id is a word"),
        ("id = \"dynatrace-x\"\npattern = 'zebra'", "dtguard's own kinds"),
        ("id = \"dt0c01\"\npattern = 'zebra'", "dtguard's own kinds"),
        ("id = \"a\"", "missing field `pattern`"),
        ("pattern = 'zebra'", "missing field `id`"),
        ("id = \"a\"\npattern = 'zebra'\nseverity = \"bad\"", "there is no such severity"),
        ("id = \"a\"\npattern = 'zebra'\npaths = []", "`paths` is empty"),
        ("id = \"a\"\npattern = 'zebra'\npaths = [\"/a\"]", "top of the repository"),
        ("id = \"a\"\npattern = 'zebra'\nadvice = \" \"", "this text is empty, has several lines"),
        (
            "id = \"a\"\npattern = 'zebra'\n[[forbid]]\nid = \"a\"\npattern = 'lion'",
            "a rule of this id already",
        ),
    ] {
        repo.stage(".dtguard.toml", format!("version = 1\n[[forbid]]\n{lines}\n"));
        repo.commit().refuses(says);
    }
    let many: String =
        (0..1001).map(|n| format!("[[forbid]]\nid = \"a{n}\"\npattern = 'zebra{n}'\n")).collect();
    repo.stage(".dtguard.toml", format!("version = 1\n{many}"));
    repo.commit().refuses("at most 1000 rules");
    let slow: String =
        (0..300).map(|n| format!("[[forbid]]\nid = \"a{n}\"\npattern = '[a-z]{{3}}[0-9]{{5}}'\n")).collect();
    repo.stage(".dtguard.toml", format!("version = 1\n{slow}"));
    repo.commit().refuses("without a literal");
    let token = repo.token("dt0c01", 9);
    repo.stage(
        ".dtguard.toml",
        format!("version = 1\n[[forbid]]\nid = \"z\"\npattern = '({}'\n", token.text),
    );
    repo.commit().blocks().says("unclosed group");
}

#[test]
fn a_rule_is_explained_shown_and_tried() {
    let repo = ruled();
    let explained = repo.dtguard(&["explain", "internal-host"]).succeeds().stdout;
    assert!(explained.contains("Name of an internal host") && explained.contains("(?i)"), "{explained}");
    repo.dtguard(&["explain", "external-host"]).refuses("no id of a kind or a rule");
    let shown = repo.dtguard(&["policy", "show"]).succeeds().stdout;
    assert!(shown.contains(".dtguard.toml:3: internal-host [high]"), "{shown}");
    let json = repo.dtguard(&["policy", "show", "--json"]).succeeds().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["forbid"][0]["id"], "internal-host");
    repo.dtguard(&["policy", "check"]).succeeds().says("1 rule");
    repo.write("x.conf", format!("{HOST}\n"));
    let ran = repo.dtguard(&["policy", "test", "x.conf"]);
    assert_eq!(ran.code, 1);
    assert!(!ran.stdout.contains("zebra-7"), "{}", ran.stdout);
}

#[test]
fn mask_masks_what_the_policy_in_force_forbids() {
    let repo = ruled();
    repo.write(
        "log",
        format!("at {HOST}\nand {}\nand {OTHER}\n", base64(&format!("the machine {HOST} is up"))),
    );
    let masked = repo.dtguard(&["mask", "log"]).succeeds().stdout;
    assert!(
        masked.starts_with("at ********.example\nand dGhl") && !masked.contains(&base64("zebra-7")[..8]),
        "{masked}"
    );
    assert!(masked.ends_with(&format!("\nand {OTHER}\n")), "{masked}");
    repo.write(".dtguard.toml", "version = 1\n");
    let copied = repo.dtguard(&["mask", "log"]).succeeds().stdout;
    assert!(copied.contains(HOST));
}

#[test]
fn a_report_of_forbidden_texts_alone_does_not_speak_of_tokens() {
    let repo = ruled();
    repo.stage("a.conf", format!("host = {HOST}\n"));
    let staged = repo.commit().blocks().says("What to do: take the text out, then git add the file");
    let fingerprint = fingerprint(&staged.stderr);
    let said = |arguments: &[&str]| {
        let ran = repo.dtguard(arguments);
        format!("{}{}", ran.stdout, ran.stderr)
    };
    let mut all = vec![staged.stderr, said(&["policy", "test", "a.conf"]), said(&["mask", "a.conf"])];
    assert!(all[1].contains(&format!("a.conf:1 {fingerprint} (rule internal-host): ")), "{}", all[1]);
    assert!(all[2].contains("masked 1 text in 1 file"), "{}", all[2]);
    repo.git(&["commit", "--quiet", "--no-verify", "-m", "x"]).succeeds();
    all.extend([&["scan"][..], &["scan", "--history"], &["scan", "--range", "HEAD^..HEAD"]].map(said));
    assert!(all[3].contains("What to do: take the text out."), "{}", all[3]);
    all.push(said(&["hook", "post-commit"]));
    assert!(all[6].contains("Name of an internal host [high]\n"), "{}", all[6]);
    all.push(said(&["respond", &fingerprint]));
    assert!(all[7].contains("What to do: read it from the environment\n"), "{}", all[7]);
    assert!(all[7].contains("\nTake it out\nTake the text out of the file"), "{}", all[7]);
    repo.write("message", format!("see {HOST}\n"));
    all.push(said(&["hook", "commit-msg", "message"]));
    assert!(all[8].contains("take the text out of the message"), "{}", all[8]);
    for text in all {
        // "No Dynatrace token" is a fact; all else would be about another finding.
        assert!(!text.replace("no Dynatrace token", "").contains("token"), "{text}");
    }
}

#[test]
fn in_a_bare_repository_the_rules_of_its_head_hold_for_all_that_reads_a_policy() {
    let repo = ruled();
    repo.stage("a", format!("{HOST}\n"));
    repo.commit_unseen();
    let diff = repo.git(&["diff", "HEAD~1"]).succeeds().stdout;
    repo.git(&["clone", "--quiet", "--bare", ".", "../bare.git"]).succeeds();
    let bare = repo.outside().join("bare.git");
    let log = repo.outside().join("log");
    fs::write(&log, diff).unwrap();
    let log = log.to_str().unwrap();
    for folder in [&bare, &bare.join("refs")] {
        let dtguard = |arguments: &[&str]| repo.dtguard_in(folder, &[], arguments);
        let masked = dtguard(&["mask", log]).succeeds().stdout;
        assert!(!masked.contains("zebra-7"), "{masked}");
        dtguard(&["scan", log]).blocks().says("internal-host");
        dtguard(&["scan", "--history"]).blocks().says("a:1:1");
        dtguard(&["explain", "internal-host"]).succeeds();
        dtguard(&["baseline", "--review"]).says("1 of 1");
        assert_eq!(dtguard(&["baseline", "--history"]).says("work tree").code, 2);
    }
}

#[test]
fn each_thread_that_searches_has_the_rules() {
    let repo = ruled();
    for number in 0..60 {
        repo.write(&format!("f{number}.txt"), format!("{}{HOST}\n", "words and words\n".repeat(4_000)));
    }
    repo.git(&["add", "."]).succeeds();
    let ran = repo.commit().blocks();
    ran.says("1 forbidden text in 60");
    // A stream has its own threads.
    let words = "a line with some words\n".repeat((20 << 20) / 23);
    repo.write("big", format!("{HOST}\n{words}{HOST}\n{words}{HOST}"));
    repo.dtguard(&["scan", "big"]).blocks().says("1 forbidden text in 3 places");
}

#[test]
fn the_rules_are_printed_for_other_scanners_and_what_one_cannot_have_is_named() {
    let repo = Repo::new();
    repo.write(
        ".dtguard.toml",
        "version = 1\n[[forbid]]\nid = \"acme\"\npattern = 'acme_(?<secret>[a-z0-9]{8})'\n\
         [[forbid]]\nid = \"starts\"\npattern = '(?m)^zebra'\n",
    );
    let rules = repo.dtguard(&["patterns", "--for", "grep"]).succeeds().stdout;
    assert!(rules.lines().any(|line| line == "acme_([0-9a-z]{8})"), "{rules}");
    repo.write("rules", &rules);
    repo.write("text", "x acme_abcd1234\nnothing\n");
    let found = hermetic("grep", &repo.path).args(["-n", "-E", "-f", "rules", "text"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "1:x acme_abcd1234\n");
    let gitleaks = repo
        .dtguard(&["patterns", "--for", "gitleaks"])
        .succeeds()
        .says("left out for gitleaks: the policy's rules starts");
    let table: toml::Table = gitleaks.stdout.parse().unwrap();
    let rules = table["rules"].as_array().unwrap();
    let own = rules.iter().find(|rule| rule["id"].as_str() == Some("acme")).unwrap();
    assert_eq!(own["regex"].as_str(), Some("acme_([0-9a-z]{8})"));
    assert!(gitleaks.stdout.contains("# Left out: the rules starts of the policy"));
    for tool in ["kingfisher", "noseyparker", "semgrep", "trivy", "trufflehog", "betterleaks", "git-secrets"]
    {
        let printed = repo.dtguard(&["patterns", "--for", tool]).succeeds().stdout;
        assert!(printed.contains("acme_([0-9a-z]{8})"), "{tool}: {printed}");
    }
    let log4j2 = repo.dtguard(&["patterns", "--for", "log4j2"]).succeeds().stdout;
    assert!(log4j2.contains("Left out: the rules acme, starts of the policy"), "{log4j2}");
}

#[test]
fn loggers_that_take_one_rule_after_the_other_mask_what_the_policy_forbids() {
    let repo = Repo::new();
    let pattern = "acme[_/](?<secret>[a-z0-9]{8}|none)";
    repo.write(".dtguard.toml", format!("version = 1\n[[forbid]]\nid = \"acme\"\npattern = '{pattern}'\n"));
    let token = repo.token("dt0c01", 1);
    repo.write("log", format!("a acme_abcd1234 b acme/none {}\n", token.text));
    let wanted = format!("a ******** b ******** {}.********\n", token.identifier().unwrap());
    let printed = |tool: &str| repo.dtguard(&["patterns", "--for", tool]).succeeds().stdout;
    let sed = |arguments: &[&str]| {
        let ran = hermetic("sed", &repo.path).arg("-E").args(arguments).arg("log").output().unwrap();
        String::from_utf8(ran.stdout).unwrap()
    };
    repo.write("mask.sed", printed("sed"));
    assert_eq!(sed(&["-f", "mask.sed"]), wanted);
    // Splunk's commands are those of sed.
    let splunk = printed("splunk");
    let commands = splunk.lines().filter_map(|line| line.strip_prefix("SEDCMD-")?.split_once(" = "));
    let commands: Vec<_> = commands.flat_map(|(_, command)| ["-e", command]).collect();
    assert_eq!((commands.len(), sed(&commands)), (4, wanted));
    for (tool, before, behind) in [
        ("vector", ".message = replace(string!(.message), r'acme", "', \"********\")\n"),
        ("logstash", "gsub => [\"message\", \"acme", "\", \"********\"]\n"),
    ] {
        let printed = printed(tool);
        let own = printed.split_once(before).and_then(|(_, rest)| rest.split_once(behind));
        let (pattern, _) = own.unwrap_or_else(|| panic!("{tool}: {printed}"));
        let regex = regex::Regex::new(&format!("acme{pattern}")).unwrap();
        assert_eq!(regex.replace_all("a acme_abcd1234 b acme/none", "-"), "a - b -", "{tool}");
    }
}
