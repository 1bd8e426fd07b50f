//! The message of a commit that is being written: what of the file git will commit.
//!
//! git does not say to its hook whether it will leave comments out, nor whether it
//! wrote a diff into the file (`commit -v`); settings, the file itself and
//! `GIT_EDITOR`, which is `:` where no editor was opened, have to. In doubt a line
//! counts as committed.

use crate::source::Repository;
use crate::text::lines;

/// What git writes behind the comment sign above a diff or a status that it will
/// cut off.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------\n";
/// What `core.commentChar=auto` chooses from.
const CHOICE: [&[u8]; 10] = [b"#", b";", b"@", b"!", b"$", b"%", b"^", b"&", b"|", b":"];

/// How git cleans a message up, according to its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleanup {
    /// `commit.cleanup`
    mode: Mode,
    /// What comment lines begin with; none where it cannot be known.
    comment: Option<Vec<u8>>,
    /// What else the line of scissors may begin with.
    others: Vec<Vec<u8>>,
    /// Whether somebody edited the message in an editor.
    edited: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Comments go if there was an editor.
    Usual,
    /// Comments go.
    Strip,
    /// Comments stay.
    Keep,
    /// Comments stay, and what is below the scissors goes if there was an editor.
    Scissors,
}

impl Cleanup {
    /// What the settings of `repository` and the environment say.
    pub fn of(repository: &Repository) -> Self {
        const SETTINGS: &str = r"^(commit\.cleanup|core\.comment(char|string))$";
        // It fails where there is no such setting.
        let settings =
            repository.plumbing().run(&["config", "--null", "--get-regexp", SETTINGS]).unwrap_or_default();
        Self::read(&settings, std::env::var_os("GIT_EDITOR").is_none_or(|editor| editor != ":"))
    }

    /// `settings` are `name LF value NUL` each; the last one of a name counts.
    pub fn read(settings: &[u8], edited: bool) -> Self {
        let mut cleanup =
            Self { mode: Mode::Usual, comment: Some(b"#".to_vec()), others: Vec::new(), edited };
        for setting in settings.split(|byte| *byte == 0) {
            let mut parts = setting.splitn(2, |byte| *byte == b'\n');
            match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
                (b"commit.cleanup", value) => {
                    cleanup.mode = match value {
                        b"strip" => Mode::Strip,
                        b"verbatim" | b"whitespace" => Mode::Keep,
                        b"scissors" => Mode::Scissors,
                        _ => Mode::Usual,
                    }
                }
                (b"core.commentchar", b"auto") => {
                    cleanup.comment = None;
                    cleanup.others = CHOICE.map(<[u8]>::to_vec).into();
                }
                (b"core.commentchar", value) if !value.is_empty() => cleanup.comment = Some(value.to_vec()),
                // Only git 2.45 and later knows it.
                (b"core.commentstring", value) if !value.is_empty() => {
                    cleanup.comment = None;
                    cleanup.others = vec![value.to_vec(), b"#".to_vec()];
                }
                _ => {}
            }
        }
        cleanup
    }

    /// `message` with all that git will leave out blanked: lines keep their numbers.
    pub fn committed(&self, message: &[u8]) -> Vec<u8> {
        let mut kept = message.get(..self.end(message)).unwrap_or(message).to_vec();
        let comment = self.comment.as_deref().filter(|_| match self.mode {
            Mode::Strip => true,
            Mode::Usual => self.edited,
            Mode::Keep | Mode::Scissors => false,
        });
        // With `--cleanup=whitespace` git itself says that they stay.
        let Some(comment) = comment.filter(|_| memchr::memmem::find(&kept, b" will be kept").is_none())
        else {
            return kept;
        };
        for line in kept.split_mut(|byte| *byte == b'\n').filter(|line| line.starts_with(comment)) {
            line.fill(b' ');
        }
        kept
    }

    /// Where git will cut the message off.
    fn end(&self, message: &[u8]) -> usize {
        if !self.edited {
            return message.len();
        }
        let signs = self.comment.iter().chain(&self.others);
        let cuts = signs.filter_map(|sign| {
            let line = [sign, SCISSORS].concat();
            let start = memchr::memmem::find_iter(message, &line)
                .find(|start| *start == 0 || message.get(start - 1) == Some(&b'\n'))?;
            let below = message.get(start + line.len()..)?;
            (self.mode == Mode::Scissors || is_written_by_git(below, sign)).then_some(start)
        });
        cuts.min().unwrap_or(message.len())
    }
}

/// Whether git wrote what is below the scissors: a comment, then a diff or nothing.
fn is_written_by_git(below: &[u8], sign: &[u8]) -> bool {
    let mut lines = lines(below).peekable();
    let commented = lines.next_if(|line| line.starts_with(sign)).is_some();
    let next = lines.find(|line| !line.starts_with(sign) && !line.is_empty());
    commented && next.is_none_or(|line| line.starts_with(b"diff --") || line.starts_with(b"Submodule "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "# ------------------------ >8 ------------------------\n# Do not modify\n# or remove\ndiff --git a/f b/f\n+secret\n";

    fn committed(settings: &str, edited: bool, message: &str) -> String {
        let cleanup = Cleanup::read(settings.replace('=', "\n").replace(';', "\0").as_bytes(), edited);
        String::from_utf8(cleanup.committed(message.as_bytes())).unwrap()
    }

    #[test]
    fn comments_and_a_diff_that_git_wrote_are_left_out_where_an_editor_was_open() {
        let message = format!("a\n# b\nc\n{DIFF}");
        assert_eq!(committed("", true, &message), "a\n   \nc\n");
        assert_eq!(committed("", false, &message), message);
        assert_eq!(committed("commit.cleanup=strip", false, "a\n# b\n"), "a\n   \n");
        assert_eq!(committed("commit.cleanup=whitespace", true, &message), "a\n# b\nc\n");
        assert_eq!(committed("commit.cleanup=scissors", true, &message), "a\n# b\nc\n");
        assert_eq!(committed("commit.cleanup=scissors;commit.cleanup=verbatim", false, &message), message);
    }

    #[test]
    fn what_may_be_committed_stays() {
        let cut = "# ------------------------ >8 ------------------------\n";
        for (message, kept) in [
            ("a\n # indented\n; other\n".to_owned(), " # indented\n; other\n"),
            // Somebody's own scissors: without -v git commits what is below them.
            (format!("a\n{cut}mine\n"), "mine\n"),
            (format!("a\n{cut}# theirs\nmine\n"), "mine\n"),
            (format!("a {cut}# x\ndiff --git a/f b/f\nmine\n"), "mine\n"),
        ] {
            assert!(committed("", true, &message).ends_with(kept), "{message}");
        }
        let kept = "a\n# b\n# Lines starting with '#' will be kept;\n";
        assert_eq!(committed("", true, kept), kept);
    }

    #[test]
    fn another_comment_sign_counts_in_the_place_of_the_usual_one() {
        assert_eq!(committed("core.commentchar=%", true, "# a\n% b\n"), "# a\n   \n");
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
            assert_eq!(committed(setting, true, "# a\nb\n"), "   \nb\n", "{setting}");
        }
    }
}
