//! `dtguard scan --format`.

use clap::ValueEnum as _;
use dtguard::report::Format;

use crate::support::Repo;

fn tracked() -> Repo {
    let repo = Repo::new();
    let token = repo.token("dt0s16", 1).text;
    repo.stage("prod.env", format!("DT_TOKEN={token}\n"));
    repo
}

#[test]
fn the_exit_code_is_the_same_in_every_format() {
    let repo = tracked();
    for format in Format::value_variants() {
        let value = format.to_possible_value().unwrap();
        let name = value.get_name();
        assert_eq!(repo.dtguard(&["scan", "--format", name, "prod.env"]).code, 1, "{name}");
        repo.dtguard(&["scan", "--format", name, "README"]).succeeds();
    }
}

#[test]
fn a_report_in_a_file_is_what_standard_output_would_have_got() {
    let repo = tracked();
    let plain = repo.dtguard(&["scan", "--format", "junit", "prod.env"]).stdout;
    let ran = repo.dtguard(&["scan", "--format", "junit", "--output", "report.xml", "prod.env"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    let without_time = |text: &str| {
        let words = text.split(' ').filter(|word| !word.starts_with("time"));
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let written = std::fs::read_to_string(repo.path.join("report.xml")).unwrap();
    assert!(plain.contains("<failure"), "{plain}");
    assert_eq!(without_time(&written), without_time(&plain));
}

#[test]
fn the_jobs_summary_is_added_to_what_other_steps_wrote() {
    let repo = tracked();
    repo.write("summary.md", "# Others\n");
    let page = repo.path.join("summary.md");
    let environment = [("GITHUB_STEP_SUMMARY", page.to_str().unwrap())];
    let scan = |format: &str| {
        repo.dtguard_in(&repo.path, &environment, &["scan", "--format", format, "prod.env"]);
        std::fs::read_to_string(&page).unwrap()
    };
    assert_eq!(scan("json"), "# Others\n");
    let text = scan("github");
    assert!(text.starts_with("# Others\n## dtguard: blocked\n") && text.contains("prod.env"), "{text}");
}

#[test]
fn a_jobs_summary_that_cannot_be_written_is_no_success() {
    let repo = tracked();
    let environment = [("GITHUB_STEP_SUMMARY", "missing/folder/summary.md")];
    let ran = repo.dtguard_in(&repo.path, &environment, &["scan", "--format", "github", "README"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("missing/folder/summary.md"), "{}", ran.stderr);
}
