//! How a hook was started, and the scopes that follow from it.

use std::env;
use std::path::PathBuf;

use super::Since;

/// A scope that a hook has to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookScope {
    /// The change that git is about to commit.
    Staged,
    /// The commits that the revision reaches.
    Commits(Since, String),
    /// These files, whole.
    Files(Vec<PathBuf>),
}

/// How a hook was started, by its environment and arguments. pre-commit and prek name a range
/// (`--from-ref`, pre-push) or files (`--all-files`, `--files`) when nothing is staged:
/// scanning the staged change would then be a false all-clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Whether git runs the hook for a commit: then it sets the index.
    pub in_commit: bool,
    /// `PRE_COMMIT_FROM_REF`
    pub from: Option<String>,
    /// `PRE_COMMIT_TO_REF`. If a push brings a root commit, pre-commit names no range, only
    /// `PRE_COMMIT_LOCAL_BRANCH`.
    pub to: Option<String>,
    /// Whether pre-commit or prek runs the hook.
    pub in_framework: bool,
    /// The arguments.
    pub files: Vec<PathBuf>,
}

impl Invocation {
    /// Reads the environment; `files` are the arguments.
    pub fn read(files: Vec<PathBuf>) -> Self {
        let revision = |name| env::var(name).ok().filter(|revision: &String| !revision.is_empty());
        Self {
            in_commit: env::var_os("GIT_INDEX_FILE").is_some(),
            from: revision("PRE_COMMIT_FROM_REF"),
            to: revision("PRE_COMMIT_TO_REF").or_else(|| revision("PRE_COMMIT_LOCAL_BRANCH")),
            in_framework: env::var_os("PRE_COMMIT").is_some(),
            files,
        }
    }

    /// The scopes of a push without git's own lines: frameworks name the first pushed
    /// reference, or none.
    pub fn scopes_of_push(self) -> Vec<HookScope> {
        match (self.from, self.to) {
            (Some(from), Some(to)) => vec![HookScope::Commits(Since::Revision(from), to)],
            (_, to) => vec![HookScope::Commits(Since::Searched, to.unwrap_or_else(|| "HEAD".to_owned()))],
        }
    }

    /// The scopes, never none. In doubt all possible ones: `git push` within a hook of a commit
    /// has both an index and a range, and the first push of a branch has no base commit.
    pub fn scopes(self) -> Vec<HookScope> {
        let since = self.from.clone().map_or(Since::Searched, Since::Revision);
        match (self.in_commit, self.from, self.to) {
            (true, _, Some(to)) => vec![HookScope::Staged, HookScope::Commits(since, to)],
            (true, _, None) => vec![HookScope::Staged],
            (false, Some(_), Some(to)) => vec![HookScope::Commits(since, to)],
            (false, None, Some(to)) => {
                let files = (!self.files.is_empty()).then_some(HookScope::Files(self.files));
                [HookScope::Commits(since, to)].into_iter().chain(files).collect()
            }
            _ if self.files.is_empty() => vec![HookScope::Staged],
            _ => vec![HookScope::Files(self.files)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_scanned_follows_from_commit_range_and_files() {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let range = |from: &str| {
            HookScope::Commits(text(from).map_or(Since::Searched, Since::Revision), "to".to_owned())
        };
        let files = vec![PathBuf::from("f")];
        for (in_commit, from, to, named, scopes) in [
            (true, "", "", false, vec![HookScope::Staged]),
            (true, "", "", true, vec![HookScope::Staged]),
            (true, "from", "to", true, vec![HookScope::Staged, range("from")]),
            (true, "", "to", true, vec![HookScope::Staged, range("")]),
            (false, "from", "to", true, vec![range("from")]),
            (false, "", "to", true, vec![range(""), HookScope::Files(files.clone())]),
            (false, "", "to", false, vec![range("")]),
            (false, "from", "", true, vec![HookScope::Files(files.clone())]),
            (false, "", "", true, vec![HookScope::Files(files.clone())]),
            (false, "", "", false, vec![HookScope::Staged]),
        ] {
            let files = if named { files.clone() } else { Vec::new() };
            let (from, to) = (text(from), text(to));
            let asked = Invocation { in_commit, from, to, in_framework: true, files };
            assert_eq!(asked.clone().scopes(), scopes, "{asked:?}");
        }
    }

    #[test]
    fn a_push_of_which_a_framework_says_little_is_scanned_as_a_whole() {
        let text = |text: &str| Some(text.to_owned());
        let range = |since, to: &str| [HookScope::Commits(since, to.to_owned())];
        let asked =
            |from, to| Invocation { from, to, in_commit: true, ..Invocation::default() }.scopes_of_push();
        assert_eq!(asked(text("a"), text("b")), range(Since::Revision("a".to_owned()), "b"));
        assert_eq!(asked(None, text("b")), range(Since::Searched, "b"));
        assert_eq!(asked(text("a"), None), range(Since::Searched, "HEAD"));
        assert_eq!(asked(None, None), range(Since::Searched, "HEAD"));
    }
}
