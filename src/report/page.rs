//! A page for people: its lines and colours. Each role has a colour, which only this file
//! decides.

use colored::Colorize as _;

/// The role of a piece of text, which decides its colour. The words say the same, so nothing is
/// lost without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// That something is blocked.
    Alarm,
    /// A heading.
    Heading,
    /// A path with line and column.
    Place,
    /// A token, masked.
    Token,
    /// A command or call to copy.
    Command,
    /// A notice about a finding.
    Notice,
    /// Details that most readers skip.
    Dim,
    /// Everything else.
    Plain,
}

impl Role {
    fn paint(self, text: &str) -> String {
        match self {
            Self::Alarm => text.red().bold(),
            Self::Heading => text.bold(),
            Self::Place => text.cyan(),
            Self::Token => text.red(),
            Self::Command => text.green(),
            Self::Notice => text.yellow(),
            Self::Dim => text.dimmed(),
            Self::Plain => return text.to_owned(),
        }
        .to_string()
    }
}

/// A text for people, in lines that fit a width.
#[derive(Debug)]
pub struct Page {
    text: String,
    width: usize,
}

impl Page {
    /// An empty page. Its lines have at most `width` columns if their words fit.
    pub fn new(width: usize) -> Self {
        Self { text: String::new(), width }
    }

    /// The text of the page.
    pub fn into_text(self) -> String {
        self.text
    }

    /// The width in columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The columns right of `indent`.
    pub fn room(&self, indent: usize) -> usize {
        self.width.saturating_sub(indent).max(16)
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// One line, never broken: a place, or a command to copy.
    pub fn line(&mut self, indent: usize, role: Role, text: &str) {
        self.pieces(indent, &[(role, text)]);
    }

    /// A command to copy, on its own line.
    pub fn command(&mut self, text: &str) {
        self.line(4, Role::Command, text);
    }

    /// A sentence.
    pub fn say(&mut self, text: &str) {
        self.text(0, Role::Plain, text);
    }

    /// One line made of several pieces.
    pub fn pieces(&mut self, indent: usize, pieces: &[(Role, &str)]) {
        self.text.push_str(&" ".repeat(indent));
        self.text.extend(pieces.iter().map(|(role, text)| role.paint(text)));
        self.blank();
    }

    /// A row: `label`, and `text` from column `indent` on. Text that does not fit is broken at
    /// blanks.
    pub fn row(&mut self, label: &str, indent: usize, role: Role, text: &str) {
        if text.chars().count() <= self.room(indent) {
            return self.line(0, role, &format!("{label:indent$}{text}"));
        }
        for (number, line) in wrap(text, self.room(indent)).into_iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            self.line(0, role, &format!("{label:indent$}{line}"));
        }
    }

    /// Text broken at blanks. Each line is indented.
    pub fn text(&mut self, indent: usize, role: Role, text: &str) {
        for line in wrap(text, self.room(indent)) {
            self.line(indent, role, &line);
        }
    }
}

/// Breaks `text` at blanks into lines of at most `width` characters. A longer word gets its own
/// line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + length <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_does_not_fit_goes_on_below_its_text() {
        colored::control::set_override(false);
        let mut page = Page::new(28);
        page.row("git", 11, Role::Plain, "/usr/bin/git");
        page.row("git", 11, Role::Plain, "/usr/bin/git, version 2.39.5");
        let text = "git        /usr/bin/git\ngit        /usr/bin/git,\n           version 2.39.5\n";
        assert_eq!(page.into_text(), text);
    }

    #[test]
    fn text_is_broken_at_blanks_and_a_long_word_stays_whole() {
        assert_eq!(wrap("ab cd efghijk l", 5), ["ab cd", "efghijk", "l"]);
        assert_eq!(wrap("", 5), [] as [&str; 0]);
        assert_eq!(wrap("\u{fc}\u{fc} \u{fc}\u{fc}", 5), ["\u{fc}\u{fc} \u{fc}\u{fc}"]);
    }
}
