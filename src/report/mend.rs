//! How to remove a token from a commit, a message or a tag.

use std::collections::HashSet;

use super::text::noun;
use super::{Page, Role, sanitize};
use crate::finding::{Finding, Part};
use crate::source::{ObjectId, Pushed};

/// How many commits and tags are listed.
const LISTED: usize = 5;

/// Writes how to remove `what`, a token or a text, from the message in `file`. With `in_comment`,
/// git may drop its line as a comment.
pub fn write_message_mending(page: &mut Page, what: &str, file: &[u8], in_comment: bool) {
    if in_comment {
        page.say(
            "git may drop that line as a comment, but no hook can know: git does not pass on --cleanup.",
        );
    }
    // `git am` keeps no message to edit.
    if file.ends_with(b"final-commit") {
        page.say(&format!("What to do: take the {what} out of the patch's message and apply it again:"));
        return page.command("git am --abort");
    }
    page.say(&format!("What to do: take the {what} out of the message, which git has saved:"));
    // git itself continues a merge with its message.
    let merging = file.ends_with(b"MERGE_MSG");
    let command =
        if merging { "git commit".to_owned() } else { format!("git commit -e -F {}", quoted(file)) };
    page.command(&command);
}

/// Writes how to remove the `blocking` tokens from each commit, tag and reference of `pushed`
/// that brings one.
pub fn write_push_mending(page: &mut Page, pushed: &Pushed, blocking: &[&Finding]) {
    let what = noun(blocking.iter().copied());
    let commits: HashSet<ObjectId> = blocking.iter().filter_map(|finding| finding.place.commit).collect();
    let new: Vec<_> = pushed.commits.iter().filter(|commit| commits.contains(&commit.commit)).collect();
    if !new.is_empty() {
        page.say(&format!("What to do: take the {what} out of the commit that adds it, then push again. A later commit that removes it leaves it in the history."));
    }
    for commit in new.iter().take(LISTED) {
        let id = format!("{:.12}", commit.commit.to_string());
        let tip = pushed.tips.iter().find(|tip| tip.commit == commit.commit);
        let (which, command) = match (tip, commit.parents.len()) {
            (Some(tip), _) => {
                (format!(", the last one of {}", sanitize(&tip.name)), "git commit --amend".to_owned())
            }
            (None, 0) => (String::new(), "git rebase -i --root".to_owned()),
            (None, 1) => (String::new(), format!("git rebase -i {id}^")),
            (None, _) => (", a merge".to_owned(), format!("git rebase -i --rebase-merges {id}^")),
        };
        page.text(2, Role::Plain, &format!("commit {id}{which}:"));
        page.command(&command);
    }
    if let Some(more) = new.len().checked_sub(LISTED).filter(|more| *more > 0) {
        page.line(2, Role::Plain, &format!("and {more} more"));
    }
    if new.iter().any(|commit| pushed.tips.iter().all(|tip| tip.commit != commit.commit)) {
        page.text(2, Role::Plain, "(in the list that opens, write edit before the commit; then fix it, git add, git commit --amend, git rebase --continue)");
    }
    write_tags(page, what, blocking, new.is_empty());
    let first = if what == "token" { "revoke the token first; then " } else { "" };
    page.say(&format!("If anybody else may have it already, {first}rewrite what was published (dtguard scan --history --format filter-repo) and warn everybody who cloned it."));
}

/// Writes what to do about tags and the names of references. `is_first` if no advice precedes
/// it.
fn write_tags(page: &mut Page, what: &str, blocking: &[&Finding], is_first: bool) {
    let mut written = HashSet::new();
    for finding in blocking {
        let path = &finding.place.path;
        let (text, command) = match (finding.place.part, finding.place.commit) {
            (Part::TagMessage, _) => {
                let tag = path.strip_prefix(b"refs/tags/").unwrap_or(path);
                let target = quoted(&[tag, b"^{}"].concat());
                ("the tag's message", format!("git tag -f -a {} {target}", quoted(tag)))
            }
            (Part::Path, None) => ("the name itself: push it under another one", String::new()),
            (_, None) => ("what is tagged: tag something else", String::new()),
            _ => continue,
        };
        if written.len() < LISTED && written.insert((path, text)) {
            if is_first && written.len() == 1 {
                page.say(&format!("What to do: take the {what} out of what is pushed, then push again."));
            }
            page.line(2, Role::Plain, &format!("{}, {text}", sanitize(path)));
            if !command.is_empty() {
                page.command(&command);
            }
        }
    }
}

/// `name` as one word of a shell. A hostile name must not run anything when its line is copied.
pub(super) fn quoted(name: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+=:@,".contains(byte);
    let shown = sanitize(name);
    if name.iter().all(plain) { shown } else { format!("'{}'", shown.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_one_word_of_the_shell() {
        assert_eq!(quoted(b".git/COMMIT_EDITMSG"), ".git/COMMIT_EDITMSG");
        assert_eq!(quoted(b"v1;rm -rf ~"), "'v1;rm -rf ~'");
        assert_eq!(quoted(b"a'$(b)"), r"'a'\''$(b)'");
    }
}
