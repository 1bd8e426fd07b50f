//! git-secrets' own tests, one by one: what each of them checks, whether dtguard does the
//! same, and the test that holds it. The page about git-secrets shows the table.

use crate::docs::part_is;

use Ours::{Differs, Holds, None};

/// What becomes of a behaviour of git-secrets.
enum Ours {
    /// It is the same, as this test holds.
    Holds(&'static str),
    /// It is another one, as this test holds.
    Differs(&'static str, &'static str),
    /// It has no counterpart, for this reason.
    None(&'static str),
}

/// The file of its tests, what it checks, and ours.
type Behaviour = (&'static str, &'static str, Ours);

const USAGE: &str = "an_option_of_another_command_or_none_at_all_is_a_mistake";
const NO_R: &str = "there is no `-r`: a folder that is named is searched";
const EXIT_2: &str = "exit code 2, as for each mistake";

const BEHAVIOURS: [Behaviour; 50] = [
    (
        "commit-msg",
        "a message with a secret is refused",
        Holds("a_commit_message_with_a_token_is_refused_and_a_clean_one_is_not"),
    ),
    (
        "commit-msg",
        "a clean message is not",
        Holds("a_commit_message_with_a_token_is_refused_and_a_clean_one_is_not"),
    ),
    (
        "git-secrets",
        "without arguments it prints its usage",
        Differs("without_a_command_it_says_how_it_is_used", "exit code 2, not 0: nothing was searched"),
    ),
    ("git-secrets", "`-h` prints help", Holds("without_a_command_it_says_how_it_is_used")),
    (
        "git-secrets",
        "a file that is not there is exit code 2 and named",
        Holds("a_file_that_is_not_there_is_an_error_and_no_pass"),
    ),
    (
        "git-secrets",
        "it scans where no secret was ever added",
        Differs("it_guards_without_a_given_pattern", "it guards then, too: the kinds are built in"),
    ),
    (
        "git-secrets",
        "a clean file is exit code 0",
        Holds("dtguard_scan_reads_the_files_and_folders_that_are_named_tracked_or_not"),
    ),
    (
        "git-secrets",
        "without a file all tracked files are scanned",
        Holds("dtguard_scan_reads_all_tracked_files_and_reports_each_place"),
    ),
    (
        "git-secrets",
        "the history is scanned, with what is there now",
        Holds("a_token_of_the_past_or_of_another_branch_is_found_in_the_history_only"),
    ),
    (
        "git-secrets",
        "a scan of files finds nothing of the past",
        Holds("a_token_of_the_past_or_of_another_branch_is_found_in_the_history_only"),
    ),
    (
        "git-secrets",
        "a scan of the history finds it",
        Holds("a_token_of_the_past_or_of_another_branch_is_found_in_the_history_only"),
    ),
    (
        "git-secrets",
        "the history is that of all branches",
        Holds("a_token_of_the_past_or_of_another_branch_is_found_in_the_history_only"),
    ),
    (
        "git-secrets",
        "`-r` scans a folder",
        Holds("dtguard_scan_reads_the_files_and_folders_that_are_named_tracked_or_not"),
    ),
    (
        "git-secrets",
        "without `-r` a folder passes",
        Differs("dtguard_scan_reads_the_files_and_folders_that_are_named_tracked_or_not", NO_R),
    ),
    (
        "git-secrets",
        "what is allowed passes, and what is nearly that does not",
        Holds("what_is_allowed_passes_and_a_near_miss_does_not"),
    ),
    (
        "git-secrets",
        "each match is shown with file and line, exit code 1",
        Differs(
            "dtguard_scan_reads_all_tracked_files_and_reports_each_place",
            "file, line and column; never the secret part",
        ),
    ),
    (
        "git-secrets",
        "only whole words match",
        Differs("a_token_needs_no_boundary_around_it", "a token needs no boundary around it"),
    ),
    ("git-secrets", "`-` scans standard input", Holds("a_scan_reads_what_is_piped_into_it")),
    (
        "git-secrets",
        "it installs its hooks",
        Holds("installed_hooks_guard_and_installing_again_changes_nothing"),
    ),
    (
        "git-secrets",
        "it fails where it is installed already",
        Differs(
            "installed_hooks_guard_and_installing_again_changes_nothing",
            "installing again changes nothing and is exit code 0",
        ),
    ),
    (
        "git-secrets",
        "`-f` overwrites hooks",
        Differs(
            "the_hooks_of_git_secrets_stay_and_run_first",
            "no hook is overwritten: it stays and runs first",
        ),
    ),
    (
        "git-secrets",
        "its hooks go into folders like `pre-commit.d`",
        Differs(
            "a_hook_that_runs_a_folder_of_hooks_stays_and_runs_first",
            "the hook that runs such a folder stays and runs first",
        ),
    ),
    ("git-secrets", "its hooks go into a template", Holds("a_template_guards_what_is_made_from_it")),
    (
        "git-secrets",
        "keys are read from a file of credentials",
        None("a token is known by its shape: no file with live ones is read"),
    ),
    ("git-secrets", "what is looked for is listed", Holds("what_is_guarded_against_can_be_listed")),
    (
        "git-secrets",
        "secrets are added once each",
        Holds("patterns_of_git_secrets_become_rules_once_each_and_block"),
    ),
    (
        "git-secrets",
        "what is allowed is added once each, and listed",
        Holds("allowing_a_token_twice_leaves_one_entry_and_a_part_of_one_is_refused"),
    ),
    (
        "git-secrets",
        "empty lines of `.gitallowed` allow nothing",
        Holds("empty_lines_and_comments_of_gitallowed_allow_nothing"),
    ),
    ("git-secrets", "nor do comments", Holds("empty_lines_and_comments_of_gitallowed_allow_nothing")),
    (
        "git-secrets",
        "nor does a line that matches nothing",
        Holds("empty_lines_and_comments_of_gitallowed_allow_nothing"),
    ),
    (
        "git-secrets",
        "lines that match all secrets allow them",
        Differs(
            "empty_lines_and_comments_of_gitallowed_allow_nothing",
            "after `dtguard import`, and only those that name one token",
        ),
    ),
    (
        "git-secrets",
        "AWS patterns are registered",
        Differs(
            "patterns_of_git_secrets_become_rules_once_each_and_block",
            "`dtguard import` takes them over",
        ),
    ),
    (
        "git-secrets",
        "providers add expressions",
        Differs(
            "a_provider_is_read_if_it_is_a_file_and_never_run",
            "`dtguard import` reads `cat FILE`, and runs no command",
        ),
    ),
    (
        "git-secrets",
        "a provider that prints nothing adds nothing",
        Holds("a_provider_is_read_if_it_is_a_file_and_never_run"),
    ),
    (
        "git-secrets",
        "`-r` beside `--cached`, `--no-index` or `--untracked` is a mistake",
        Differs(USAGE, EXIT_2),
    ),
    ("git-secrets", "`-r` beside `--scan` is none", Differs(USAGE, NO_R)),
    ("git-secrets", "`-r` beside `--list` is a mistake", Differs(USAGE, EXIT_2)),
    ("git-secrets", "`-f` without `--install` is a mistake", Differs(USAGE, EXIT_2)),
    ("git-secrets", "`-a` without `--add` is a mistake", Differs(USAGE, EXIT_2)),
    ("git-secrets", "`-l` without `--add` is a mistake", Differs(USAGE, EXIT_2)),
    ("git-secrets", "`--cached` without `--scan` is a mistake", Differs(USAGE, EXIT_2)),
    ("git-secrets", "`--no-index` without `--scan` is a mistake", Differs(USAGE, EXIT_2)),
    ("git-secrets", "`--untracked` without `--scan` is a mistake", Differs(USAGE, EXIT_2)),
    (
        "pre-commit",
        "a commit that adds a secret is refused",
        Holds("each_place_is_reported_with_file_and_line_and_the_exit_code_is_1"),
    ),
    (
        "pre-commit",
        "so is one in a file with blanks in its name",
        Holds("files_whose_names_have_blanks_quotes_or_line_feeds_are_scanned"),
    ),
    (
        "pre-commit",
        "what counts is staged, not the work tree",
        Holds("what_counts_is_staged_whatever_the_work_tree_says"),
    ),
    ("pre-commit", "a clean commit passes", Holds("it_guards_without_a_given_pattern")),
    (
        "pre-commit",
        "a commit is refused with a provider's patterns, too",
        Holds("a_provider_is_read_if_it_is_a_file_and_never_run"),
    ),
    (
        "prepare-commit-msg",
        "a merge whose commits bring a secret is refused",
        Holds("a_merge_that_brings_a_token_is_blocked_and_one_that_takes_it_out_is_not"),
    ),
    ("prepare-commit-msg", "a clean merge passes", Holds("a_clean_merge_passes")),
];

#[test]
fn the_page_about_git_secrets_says_line_by_line_what_becomes_of_its_own_tests() {
    let tests = include_str!("git_secrets.rs");
    let mut table = String::from("\n| | its test | dtguard |\n|---|---|---|\n");
    let mut counts = [0; 3];
    for (number, (file, theirs, ours)) in BEHAVIOURS.iter().enumerate() {
        let (count, says, test) = match ours {
            Holds(test) => (0, "holds".to_owned(), Some(test)),
            Differs(test, how) => (1, format!("differs: {how}"), Some(test)),
            None(why) => (2, format!("no counterpart: {why}"), Option::None),
        };
        counts[count] += 1;
        if let Some(test) = test {
            assert!(tests.contains(&format!("\nfn {test}() {{")), "no test is called {test}");
        }
        table += &format!("| {} | {file}: {theirs} | {says} |\n", number + 1);
    }
    let [hold, differ, none] = counts;
    let summary = format!(
        "\nOf the 50, {hold} hold, {differ} differ on purpose, and {none} without a counterpart. Each of the first two is a test in `tests/git_secrets.rs`.\n"
    );
    part_is("docs/from-git-secrets.md", "behaviours", &(summary + &table + "\n"));
}
