//! What README and docs say is what the program does. `DTGUARD_BLESS=1 cargo
//! test docs` writes the generated parts again.

mod picture;

use std::fs;
use std::path::PathBuf;

use dtguard::find::{Evidence, glues};
use dtguard::token::{KINDS, UNKNOWN};

use crate::support::Repo;

fn project(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(project(name)).unwrap().replace("\r\n", "\n")
}

/// Compares `wanted` with the part of a page between two marks, or writes it there.
#[track_caller]
pub fn part_is(page: &str, part: &str, wanted: &str) {
    let text = read(page);
    let (begin, end) = (format!("<!-- {part}: generated -->\n"), format!("<!-- {part}: end -->\n"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{page} has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{page} has no {end}"));
    let new = format!("{before}{begin}{wanted}{end}{after}");
    if std::env::var_os("DTGUARD_BLESS").is_some() {
        fs::write(project(page), new).unwrap();
    } else {
        assert_eq!(text, new, "{page}: DTGUARD_BLESS=1 cargo test docs");
    }
}

/// A page that the program makes is what is there; or it is written.
#[track_caller]
fn page_is(page: &str, wanted: &str) {
    if std::env::var_os("DTGUARD_BLESS").is_some() {
        fs::write(project(page), wanted).unwrap();
    }
    assert_eq!(read(page), wanted, "{page}: DTGUARD_BLESS=1 cargo test docs");
}

#[test]
fn readme_shows_a_commit_as_it_is_really_blocked() {
    let repo = Repo::new();
    let token = repo.token("dt0s16", 16).text;
    repo.stage("deploy/prod.env", format!("# staging\nDT_PLATFORM_TOKEN={token}\n"));
    let commit = ["commit", "-m", "Deploy"];
    let said = repo.git(&commit).blocks().stderr;
    part_is("README.md", "blocked", &format!("\n```console\n$ git commit -m Deploy\n{said}```\n\n"));
    // In colour, as a terminal gets it.
    let coloured = repo.git_in(&repo.path, &[("CLICOLOR_FORCE", "1")], &commit).blocks().stderr;
    assert_ne!(coloured, said);
    for (file, wanted) in picture::pictures(&format!("$ \x1b[1mgit commit -m Deploy\x1b[0m\n{coloured}")) {
        assert!(read("README.md").contains(file));
        page_is(file, &wanted);
    }
}

#[test]
fn the_page_of_what_is_found_names_every_kind() {
    let mut table = String::from("\n| prefix | kind | severity |\n|---|---|---|\n");
    for kind in KINDS {
        let prefixes: Vec<_> = kind.prefixes.iter().map(|prefix| format!("`{prefix}`")).collect();
        let prefixes =
            if prefixes.is_empty() { "none, recognized by context".to_owned() } else { prefixes.join(" ") };
        table += &format!("| {prefixes} | {} | {} |\n", kind.name, kind.severity);
    }
    part_is("docs/finding.md", "kinds", &(table + "\n"));
}

#[test]
fn the_page_of_encodings_lists_each_form_of_glue() {
    let mut table = String::from("\n| in | what that is |\n|---|---|\n");
    for glue in glues() {
        let mark = match glue.evidence {
            Evidence::Clear => "",
            Evidence::Weak => " *",
            Evidence::Joined(_) => " **",
        };
        table += &format!("| {}{mark} | {} |\n", glue.name, glue.what.replace('|', "\\|"));
    }
    part_is("docs/encodings.md", "glue", &(table + "\n"));
}

#[test]
fn the_page_of_token_kinds_is_the_catalogue() {
    let page = Repo::unborn().dtguard(&["explain", "--markdown"]).succeeds().stdout;
    page_is("docs/token-kinds.md", &page);
}

#[test]
fn the_schema_of_a_policy_lists_every_kind() {
    let kinds = KINDS.iter().chain([&UNKNOWN]);
    let mut names: Vec<_> = kinds.flat_map(|kind| kind.prefixes.iter().copied().chain([kind.id])).collect();
    names.sort_unstable();
    let names: Vec<_> = names.iter().map(|name| format!("        \"{name}\"")).collect();
    let file = "docs/policy.schema.json";
    let text = read(file);
    let (before, rest) = text.split_once("\"kind\": {").unwrap();
    let (head, rest) = rest.split_once("\"enum\": [\n").unwrap();
    let (_, after) = rest.split_once("\n      ]").unwrap();
    let new = format!("{before}\"kind\": {{{head}\"enum\": [\n{}\n      ]{after}", names.join(",\n"));
    page_is(file, &new);
}

#[test]
fn the_policy_in_the_readme_is_one_that_dtguard_reads() {
    let readme = read("README.md");
    let mut policies = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let policy = policies.find(|text| text.starts_with("version = 1")).unwrap();
    dtguard::policy::Policy::parse("README.md", policy).unwrap();
}

#[test]
fn the_policies_in_the_policy_page_are_ones_that_dtguard_reads() {
    use dtguard::policy::{Date, Layer, Level, Policy};
    let page = read("docs/policy.md");
    let policies: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(policies.len(), 4);
    for policy in policies {
        let version = if policy.contains("version = 1") { "" } else { "version = 1\n" };
        let policy = format!("{version}{policy}").replace("\"~/", "\"/");
        let layer = Layer::new(Level::Organisation, "docs/policy.md", policy.as_bytes()).unwrap();
        Policy::layered(vec![layer], Date::today()).unwrap();
    }
    // What it calls built in is built in.
    for setting in Policy::parse("p", "version = 1").unwrap().settings() {
        let (_, key) = setting.setting.name().split_once('.').unwrap();
        let line = page.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        let value = line.split(" = ").nth(1).unwrap().split_whitespace().next().unwrap();
        assert_eq!(value.trim_matches('"'), setting.value.to_string(), "{key}");
    }
}

#[test]
fn ci_runs_the_readmes_two_commands_on_an_empty_machine() {
    assert!(read("README.md").contains("\n/path/to/dtguard/install.sh\n"));
    assert!(read(".ci/run").contains("fresh \"$work/dtguard/install.sh\""));
    assert!(read("README.md").contains("\ncargo test --locked\n"));
    assert!(read(".ci/run").contains("\nfresh cargo test --locked\n"));
}

#[test]
fn the_readmes_options_and_commands_exist() {
    let repo = Repo::unborn();
    let help = repo.dtguard(&["--help"]).succeeds().stdout;
    let readme = read("README.md");
    for command in [
        "hook",
        "allow",
        "baseline",
        "policy",
        "install",
        "uninstall",
        "doctor",
        "explain",
        "respond",
        "report",
        "mask",
        "import",
        "patterns",
        "completions",
        "man",
    ] {
        assert!(help.contains(&format!("\n  {command}")), "{command} in --help");
        assert!(readme.contains(&format!("dtguard {command}")), "{command} in README");
    }
    for text in ["--repo", "--no-hook", "--uninstall"] {
        assert!(readme.contains(text) && read("install.sh").contains(text), "{text}");
    }
}

#[test]
fn the_versions_that_are_named_are_the_ones_in_force() {
    let manifest = read("Cargo.toml");
    let value = |key: &str| {
        manifest
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key} = ")))
            .unwrap()
            .trim_matches('"')
            .to_owned()
    };
    assert!(read("README.md").contains(&format!("Rust {}", value("rust-version"))));
    let version = value("version");
    let released = dtguard::policy::Date::RELEASED;
    let heading = read("CHANGELOG.md").lines().find_map(|line| line.strip_prefix("## ").map(str::to_owned));
    assert_eq!(heading.unwrap(), format!("{version} - {released}"), "the last entry, and `RELEASED`");
    assert!(read("README.md").contains(&format!("    rev: v{version} ")));
    for line in read("docs/packages.md").lines().filter(|line| line.starts_with("git tag ")) {
        assert!(line.contains(&format!("v{version} ")), "{line}");
    }
    assert!(read("packaging/pre-commit-mirror/pyproject.toml").contains(&format!("\"dtguard=={version}\"")));
    assert!(read("templates/scan.yml").contains(&format!("default: \"{version}\"")));
}

#[test]
fn each_command_that_the_page_about_git_secrets_names_exists() {
    let repo = Repo::unborn();
    let page = read("docs/from-git-secrets.md");
    let mut named = 0;
    for rest in page.replace("\ndtguard ", "`dtguard ").split("`dtguard ").skip(1) {
        let end = rest.find(['`', '\n', '#']).unwrap();
        let mut words = rest[..end].split_whitespace();
        let command = words.next().unwrap_or_default();
        let help = repo.dtguard(&[command, "--help"]).succeeds().stdout;
        for option in words.filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "dtguard {command} has no {option}");
        }
        named += 1;
    }
    assert!(named > 12, "{named}");
}

#[test]
fn each_link_leads_to_a_page_that_is_there_and_the_index_to_each_page() {
    let pages: Vec<String> = fs::read_dir(project("docs"))
        .unwrap()
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().display()))
        .filter(|page| page.ends_with(".md"))
        .collect();
    let links = |page: &str| {
        let folder = project(page).parent().unwrap().to_owned();
        let text = read(page);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        links.filter(|link| !link.is_empty() && !link.contains("://")).map(|link| folder.join(link)).collect()
    };
    for page in pages.iter().map(String::as_str).chain(["README.md", "CONTRIBUTING.md"]) {
        let broken: Vec<PathBuf> = links(page);
        let broken: Vec<_> = broken.iter().filter(|link| !link.exists()).collect();
        assert!(broken.is_empty(), "{page}: {broken:?}");
    }
    let linked: Vec<PathBuf> = links("docs/README.md");
    for page in pages.iter().filter(|page| *page != "docs/README.md") {
        assert!(linked.contains(&project(page)), "docs/README.md does not lead to {page}");
    }
    assert!(read("README.md").contains("](docs/README.md)"));
}

#[test]
fn the_readme_stays_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 220, "{lines}: what is more belongs into docs/");
}
