//! A commit that adds a token is blocked, whatever the kind and the file.

use dtguard::token::{KINDS, specimen};

use crate::support::Repo;

/// A file in which a token may stand, and how it looks there.
type File = (&'static str, fn(&str) -> Vec<u8>);

const FILES: [File; 12] = [
    (".env", |token| format!("NAME=x\nDT_API_TOKEN={token}\n").into()),
    ("values.yaml", |token| format!("dynatrace:\n  apiToken: \"{token}\"\n").into()),
    ("main.tf", |token| format!("provider \"dynatrace\" {{\n  dt_api_token = \"{token}\"\n}}\n").into()),
    ("config.json", |token| format!("{{\"dynatrace\": {{\"apiToken\": \"{token}\"}}}}").into()),
    ("run.sh", |token| {
        format!("curl -H 'Authorization: Api-Token {token}' https://x.live.dynatrace.com\n").into()
    }),
    ("notebook.ipynb", |token| {
        format!("{{\"cells\":[{{\"source\":[\"h = {{'Authorization': 'Api-Token {token}'}}\\n\"]}}]}}").into()
    }),
    ("guide.md", |token| {
        format!("Set `DT_API_TOKEN` to\n\n    DT_API_TOKEN={token}\n\nfor Dynatrace.\n").into()
    }),
    ("bundle.min.js", |token| {
        let filler = "function a(b){return b+1};".repeat(4_000);
        format!("{filler}var DT_API_TOKEN=\"{token}\";{filler}").into()
    }),
    ("windows.ini", |token| format!("[x]\r\nDT_API_TOKEN={token}\r\nlast=1\r\n").into()),
    ("latin1.properties", |token| {
        [b"# Schl\xfcssel f\xfcr Dynatrace\nDT_API_TOKEN=", token.as_bytes(), b"\n"].concat()
    }),
    ("no-end", |token| format!("DT_API_TOKEN={token}").into()),
    ("image.bin", |token| [b"\x89PNG\0\0\x01DT_API_TOKEN=", token.as_bytes(), b"\0\xff\xfe"].concat()),
];

/// The token as these files hold it: the names around it suit API tokens, so
/// kinds that live on their surroundings bring their own.
fn dressed(kind: &str, token: &str) -> String {
    match kind {
        "dynatrace-legacy-tenant-token" => format!("x DT_TENANTTOKEN={token}"),
        "dynatrace-managed-cluster-token" => format!("x --seed-auth={token}"),
        "dynatrace-managed-license-key" => {
            format!("x -u 01234567-89ab-cdef-0123-456789abcdef:{token} https://mcsvc.dynatrace.com/")
        }
        _ => token.to_owned(),
    }
}

#[test]
fn a_token_of_each_kind_blocks_in_each_kind_of_file() {
    std::thread::scope(|scope| {
        for kind in KINDS {
            scope.spawn(move || {
                let repo = Repo::new();
                for (number, (name, content)) in FILES.iter().enumerate() {
                    let token = repo.token(kind.id, number as u64);
                    repo.stage(name, content(&dressed(kind.id, &token.text)));
                    let ran = repo.commit().blocks().says(kind.name).says(&format!("{name}:"));
                    if let Some(identifier) = token.identifier() {
                        ran.says(identifier);
                    }
                    repo.git(&["rm", "--quiet", "--cached", "--force", name]).succeeds();
                }
                assert_eq!(repo.commits(), 1, "{}", kind.id);
            });
        }
    });
}

#[test]
fn the_place_of_a_token_is_named_by_line_and_column() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    repo.stage("a.env", format!("# one\n\nTOKEN={} # three\n", token.text));
    repo.commit()
        .blocks()
        .says("a.env:3:7")
        .says(&format!("TOKEN={}.******** # three", token.identifier().unwrap()));
}

#[test]
fn only_the_added_place_of_a_token_that_stood_there_before_is_named() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", format!("x={token}\n"));
    repo.commit_unseen();
    repo.stage("a", format!("x={token}\nmore\ny={token}\n"));
    repo.commit().blocks().says("a:3:3").says_not("a:1:3");
    repo.stage("a", format!("x={token}\nx={token}\n"));
    repo.commit().blocks().says("a:2:3").says_not("a:1:3");
}

#[test]
fn the_documentations_sample_is_stopped_and_called_a_sample() {
    // The sample is not written here: the project knows the fingerprint of its
    // secret part only. Dynatrace's own page that shows it is at hand in CI, which
    // names the folder; that samples are recognised is tested beside their table.
    let folder = std::env::var("DTGUARD_DOCUMENTS").ok();
    let files =
        std::fs::read_dir(folder.as_deref().unwrap_or("../shared/seeds")).into_iter().flatten().flatten();
    let text: Vec<u8> = files.flat_map(|file| std::fs::read(file.path()).unwrap_or_default()).collect();
    let Some(found) = dtguard::find::find(&text).into_iter().next() else {
        assert_eq!(folder, None, "no document there holds the sample");
        return;
    };
    let repo = Repo::new();
    repo.stage("doc.md", &text[found.span.clone()]);
    // Beside a live token of its kind the advice stands below the sample.
    repo.stage("later.env", &specimen(found.kind, 1).text);
    let ran = repo.commit().blocks().says("sample token from Dynatrace's own documentation");
    let (above, below) = ran.stderr.split_once("sample = \"pass\"\n").unwrap();
    assert!(above.contains("doc.md:1") && !above.contains("later.env"), "{above}");
    assert!(below.contains("later.env"), "{below}");
    repo.git(&["rm", "--quiet", "--force", "later.env"]).succeeds();
    repo.stage(".dtguard.toml", "version = 1\n[certainty]\nsample = \"pass\"\n");
    repo.commit().succeeds().says("1 token passed by");
}

#[test]
fn a_token_with_a_character_that_is_never_issued_blocks_with_a_word_about_it() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let made_up = format!("{}1", &token.text[..token.text.len() - 1]);
    repo.stage("a", made_up);
    repo.commit().blocks().says("not the exact shape");
}

#[test]
fn a_symbolic_links_target_is_content() {
    let repo = Repo::new();
    let token = repo.token("dt0s16", 1).text;
    let blob = repo.outside().join("target");
    std::fs::write(&blob, &token).unwrap();
    let id = repo.git(&["hash-object", "-w", blob.to_str().unwrap()]).succeeds().stdout;
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{},link", id.trim())]).succeeds();
    repo.commit().blocks().says("link:1:1");
}

#[test]
fn no_attribute_size_or_setting_hides_a_line() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    for (attributes, setting) in [
        ("* -diff", ""),
        ("* binary", ""),
        ("* diff=x", "diff.x.textconv=true"),
        ("* diff=x", "diff.x.binary=true"),
        ("", "diff.external=true"),
        ("", "core.bigFileThreshold=1"),
        ("", "diff.orderFile=/nonexistent"),
        ("", "core.fsmonitor=/nonexistent"),
        ("", "color.ui=always"),
        ("", "diff.noprefix=true"),
        ("", "diff.ignoreSubmodules=all"),
        ("", "core.quotePath=false"),
    ] {
        repo.stage(".gitattributes", format!("{attributes}\n"));
        repo.stage("a b", format!("x={token}\n"));
        let setting = if setting.is_empty() { "core.x=1" } else { setting };
        repo.git(&["-c", setting, "commit", "-m", "m"]).blocks().says("a b:1:3");
        let (name, value) = setting.split_once('=').unwrap();
        repo.git(&["config", name, value]).succeeds();
        repo.git(&["commit", "-m", "m"]).blocks().says("a b:1:3");
        repo.git(&["config", "--unset", name]).succeeds();
    }
}

#[test]
fn forty_tokens_in_many_files_are_all_counted() {
    let repo = Repo::new();
    for number in 0..40 {
        let token = repo.token("dt0c01", number).text;
        // Enough content for every thread to get its share.
        repo.write(&format!("d/f{number}"), format!("{}\n{token}\n", "no token here\n".repeat(2_000)));
    }
    repo.git(&["add", "."]).succeeds();
    repo.commit().blocks().says("40 Dynatrace tokens").says("and 35 more tokens").says("40 tokens blocked");
    let all = repo.dtguard(&["-v", "hook", "pre-commit"]);
    assert_eq!(all.stderr.matches(":2002:1").count(), 40);
}
