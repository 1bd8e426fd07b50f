//! The table in `docs/patterns.md`: which tool does what dtguard does with each case. A tool's
//! row is written by the test that runs it.

use std::fs;
use std::path::Path;
use std::sync::Mutex;

use dtguard::export::{Family, TOOLS, Tool, tool_named};

use super::cases::{FILLER, WAYS, Way};
use crate::docs::part_is;

/// How many of each way's lines the tool did right.
pub struct Row(pub Vec<(usize, usize)>);

/// What a tool is tried with.
pub fn ways() -> impl Iterator<Item = &'static Way> {
    WAYS.iter().chain([&FILLER])
}

static WRITING: Mutex<()> = Mutex::new(());

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/patterns.md");
    fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

fn begin(tool: &Tool) -> String {
    format!("| {} |", tool.name)
}

/// The row of `tool` in the page, or writes it there.
#[track_caller]
pub fn row_is(name: &str, row: &Row) {
    let tool = tool_named(name).unwrap();
    let wrong = row.0.iter().any(|(right, all)| right < all);
    assert!(!wrong || !tool.differs.is_empty(), "{name} does not say what it does otherwise: {:?}", row.0);
    let cell = |(right, all): &(usize, usize)| match right {
        right if right == all => " + |".to_owned(),
        right => format!(" {right} of {all} |"),
    };
    let line = begin(tool) + &row.0.iter().map(cell).collect::<String>();
    let _one_at_a_time = WRITING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    table_is(&|other| (other.name == name).then(|| line.clone()));
}

/// The table with the rows that `new` has, and all others as they are.
#[track_caller]
fn table_is(new: &dyn Fn(&Tool) -> Option<String>) {
    let page = page();
    for (family, part) in [(Family::Scanner, "scanners"), (Family::Masking, "masking")] {
        let names: String = ways().map(|way| format!(" {} |", way.name)).collect();
        let mut table = format!("\n| tool |{names}\n|---|{}\n", "---|".repeat(ways().count()));
        for tool in TOOLS.iter().filter(|tool| tool.family == family) {
            let row = match tool.not_run {
                "" => {
                    let old = page
                        .lines()
                        .find(|line| line.starts_with(&begin(tool)) && line.len() > begin(tool).len());
                    new(tool).or(old.map(str::to_owned)).unwrap_or_else(|| begin(tool))
                }
                _ => format!("{} not run |{}", begin(tool), " |".repeat(ways().count() - 1)),
            };
            table += &(row + "\n");
        }
        part_is("docs/patterns.md", part, &(table + "\n"));
    }
}

#[test]
fn the_page_of_patterns_has_a_row_for_each_tool() {
    let _one_at_a_time = WRITING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    table_is(&|_| None);
    let page = page();
    for tool in TOOLS {
        let row = page.lines().find(|line| line.starts_with(&begin(tool)));
        assert!(
            row.is_some_and(|row| row.matches('|').count() == ways().count() + 2),
            "{}: run its test",
            tool.name
        );
    }
}

#[test]
fn the_page_of_patterns_says_of_each_tool_where_its_rules_go_and_how_to_check_them() {
    let mut text = String::from("\n");
    for tool in TOOLS {
        text += &format!(
            "**{}**: {}.\n\n- Place: {}\n- Check: {}\n",
            tool.name, tool.what, tool.place, tool.check
        );
        for (word, said) in [("Not run", tool.not_run), ("Differs", tool.differs)] {
            if !said.is_empty() {
                text += &format!("- {word}: {said}\n");
            }
        }
        text += "\n";
    }
    part_is("docs/patterns.md", "tools", &text.replace('<', "&lt;"));
}

#[test]
fn the_page_of_masking_names_the_rules_that_there_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/masking.md");
    let page = fs::read_to_string(path).unwrap();
    let (_, page) = page.split_once("## In the logger itself").unwrap();
    for tool in TOOLS.iter().filter(|tool| tool.family == Family::Masking) {
        assert!(page.contains(&format!("`{}`", tool.name)), "{}", tool.name);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_page_of_masking_makes_a_token_to_try_rules_with() {
    use crate::support::{Repo, hermetic};
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/masking.md");
    let page = fs::read_to_string(path).unwrap();
    let command = page.lines().find(|line| line.starts_with("echo \"dt0c01.")).unwrap();
    let repo = Repo::unborn();
    let made = hermetic("sh", &repo.path).args(["-c", command]).output().unwrap().stdout;
    repo.write("token", &made);
    assert_eq!(repo.dtguard(&["scan", "token"]).code, 1, "{}", String::from_utf8_lossy(&made));
}
