//! The message of a commit in progress: which part of its file git will commit.
//!
//! git passes its hook neither the option `--cleanup` nor whether it wrote a diff into the file
//! (`commit -v`). Options override settings, so what counts is the text that git wrote into the
//! file for an editor, and `GIT_EDITOR`, which is `:` if no editor was opened. In doubt a line
//! counts as committed.

use crate::source::Repository;
use crate::text::lines;

/// The line, after the comment sign, below which git cuts off a diff or a status.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------\n";
/// With these words, after the quoted comment sign, git says that it drops comments.
const LEFT_OUT: &[u8] = b"' will be ignored";
const KEPT: &[u8] = b" will be kept";
/// The signs from which `core.commentChar=auto` chooses.
const CHOICE: [&[u8]; 10] = [b"#", b";", b"@", b"!", b"$", b"%", b"^", b"&", b"|", b":"];

/// How git cleans up a message, as far as a hook can know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleanup {
    /// Whether the settings let git drop comments.
    leaves_out: bool,
    /// The start of comment lines; none if unknown.
    comment: Option<Vec<u8>>,
    /// Other possible starts of comments and of the scissors line.
    others: Vec<Vec<u8>>,
    /// Whether the message was edited in an editor.
    edited: bool,
}

impl Cleanup {
    /// Reads the settings of `repository` and the environment.
    pub fn of(repository: &Repository) -> Self {
        const SETTINGS: &str = r"^(commit\.cleanup|core\.comment(char|string))$";
        // git fails if there is no such setting.
        let settings =
            repository.plumbing().run(&["config", "--null", "--get-regexp", SETTINGS]).unwrap_or_default();
        Self::read(&settings, std::env::var_os("GIT_EDITOR").is_none_or(|editor| editor != ":"))
    }

    /// Parses `settings`: `name LF value NUL` each. The last value of a name counts.
    pub fn read(settings: &[u8], edited: bool) -> Self {
        let mut cleanup = Self { leaves_out: true, comment: Some(b"#".to_vec()), others: Vec::new(), edited };
        for setting in settings.split(|byte| *byte == 0) {
            let mut parts = setting.splitn(2, |byte| *byte == b'\n');
            match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
                (b"commit.cleanup", value) => {
                    cleanup.leaves_out = !matches!(value, b"verbatim" | b"whitespace" | b"scissors");
                }
                (b"core.commentchar", b"auto") => {
                    cleanup.comment = None;
                    cleanup.others = CHOICE.map(<[u8]>::to_vec).into();
                }
                (b"core.commentchar", value) if !value.is_empty() => cleanup.comment = Some(value.to_vec()),
                // git 2.45 and later.
                (b"core.commentstring", value) if !value.is_empty() => {
                    cleanup.comment = None;
                    cleanup.others = vec![value.to_vec(), b"#".to_vec()];
                }
                _ => {}
            }
        }
        cleanup
    }

    /// `message` with the lines that git drops blanked, so that line numbers hold.
    pub fn committed(&self, message: &[u8]) -> Vec<u8> {
        let mut kept = message.get(..self.end(message)).unwrap_or(message).to_vec();
        let holds = |words| memchr::memmem::find(&kept, words).is_some();
        let leaves_out = self.leaves_out && self.edited && holds(LEFT_OUT) && !holds(KEPT);
        let Some(comment) = self.comment.as_deref().filter(|_| leaves_out) else { return kept };
        for line in kept.split_mut(|byte| *byte == b'\n').filter(|line| line.starts_with(comment)) {
            line.fill(b' ');
        }
        kept
    }

    /// Whether git may drop `line` as a comment.
    pub fn may_be_comment(&self, line: &[u8]) -> bool {
        self.signs().any(|sign| line.starts_with(sign))
    }

    fn signs(&self) -> impl Iterator<Item = &[u8]> {
        self.comment.iter().chain(&self.others).map(Vec::as_slice)
    }

    /// The end of the message: the first scissors line, if git wrote one.
    fn end(&self, message: &[u8]) -> usize {
        if !self.edited {
            return message.len();
        }
        let cuts = self.signs().filter_map(|sign| {
            let line = [sign, SCISSORS].concat();
            let mut starts = memchr::memmem::find_iter(message, &line)
                .filter(|start| *start == 0 || message.get(start - 1) == Some(&b'\n'));
            let is_written_by_git = |start: usize| {
                message.get(start + line.len()..).is_some_and(|below| is_written_by_git(below, sign))
            };
            let first = starts.next()?;
            (is_written_by_git(first) || starts.any(is_written_by_git)).then_some(first)
        });
        cuts.min().unwrap_or(message.len())
    }
}

/// Whether git wrote the text below the scissors: a comment, then a diff or nothing.
fn is_written_by_git(below: &[u8], sign: &[u8]) -> bool {
    let mut lines = lines(below).peekable();
    let commented = lines.next_if(|line| line.starts_with(sign)).is_some();
    let next = lines.find(|line| !line.starts_with(sign) && !line.is_empty());
    commented && next.is_none_or(|line| line.starts_with(b"diff --") || line.starts_with(b"Submodule "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVICE: &str = "# Lines starting\n# with '#' will be ignored\n";
    const DIFF: &str = "# ------------------------ >8 ------------------------\n# Do not modify\n# or remove\ndiff --git a/f b/f\n+secret\n";

    fn committed(settings: &str, edited: bool, message: &str) -> String {
        let cleanup = Cleanup::read(settings.replace('=', "\n").replace(';', "\0").as_bytes(), edited);
        String::from_utf8(cleanup.committed(message.as_bytes())).unwrap()
    }

    #[test]
    fn comments_and_a_diff_that_git_wrote_are_left_out_where_an_editor_was_open() {
        let message = format!("a\n# b\nc\n{ADVICE}{DIFF}");
        let blank = format!("a\n   \nc\n{}\n{}\n", " ".repeat(16), " ".repeat(26));
        let whole = format!("a\n# b\nc\n{ADVICE}");
        for setting in ["", "commit.cleanup=strip", "commit.cleanup=default"] {
            assert_eq!(committed(setting, true, &message), blank);
            // The option `--cleanup` may override it.
            assert_eq!(committed(setting, false, &message), message);
            assert_eq!(committed(setting, true, "a\n# b\n"), "a\n# b\n");
        }
        for setting in ["whitespace", "scissors", "verbatim"] {
            assert_eq!(committed(&format!("commit.cleanup={setting}"), true, &message), whole);
            assert_eq!(committed(&format!("commit.cleanup={setting}"), false, &message), message);
        }
    }

    #[test]
    fn git_cuts_at_the_first_scissors_where_it_wrote_some() {
        let cut = "# ------------------------ >8 ------------------------\n";
        assert_eq!(committed("", true, &format!("a\n{cut}mine\n{DIFF}")), "a\n");
        assert_eq!(committed("commit.cleanup=scissors", true, &format!("a\n{cut}b\n")).len(), 59);
    }

    #[test]
    fn what_may_be_committed_stays() {
        let cut = "# ------------------------ >8 ------------------------\n";
        for (message, kept) in [
            ("a\n # indented\n; other\n".to_owned(), " # indented\n; other\n"),
            // The user's own scissors: without -v git commits the text below them.
            (format!("a\n{cut}mine\n"), "mine\n"),
            (format!("a\n{cut}# theirs\nmine\n"), "mine\n"),
            (format!("a {cut}# x\ndiff --git a/f b/f\nmine\n"), "mine\n"),
        ] {
            assert!(committed("", true, &message).ends_with(kept), "{message}");
        }
        let kept = format!("a\n# b\n# Lines starting with '#' will be kept;\n{ADVICE}");
        assert_eq!(committed("", true, &kept), kept);
    }

    #[test]
    fn another_comment_sign_counts_in_the_place_of_the_usual_one() {
        let message = "# a\n% b\n% '%' will be ignored\n";
        assert_eq!(committed("core.commentchar=%", true, message), format!("# a\n   \n{}\n", " ".repeat(21)));
        let message = DIFF.replace('#', "@");
        assert_eq!(committed("core.commentchar=auto", true, &format!("# a\n@ b\n{message}")), "# a\n@ b\n");
        let message = DIFF.replace('#', "//");
        let settings = "core.commentchar=%;core.commentstring=//";
        assert_eq!(committed(settings, true, &format!("// b\n{message}")), "// b\n");
    }

    #[test]
    fn an_empty_comment_sign_makes_no_comment_of_every_line() {
        let message = "a\n ------------------------ >8 ------------------------\nb\n";
        for setting in ["core.commentchar=", "core.commentstring=", "core.commentchar", "core.commentstring"]
        {
            assert_eq!(committed(setting, true, message), message, "{setting}");
            let message = "# '#' will be ignored\nb\n";
            assert_eq!(committed(setting, true, message), format!("{}\nb\n", " ".repeat(21)), "{setting}");
        }
    }
}
