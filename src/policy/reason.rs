//! Recognises reasons and owners that say nothing.

named! {
    /// Why a text says nothing.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Unwritten {
        /// It is empty.
        Empty = "empty",
        /// It is a placeholder: `TODO`, `...`, `<why>`.
        Placeholder = "still to be written",
    }
}

impl Unwritten {
    /// Why `text` says nothing, if it does. `docs/policy.schema.json` says the same for
    /// editors.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let todo = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("todo"))
            && !text.get(4..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
        let in_brackets = text.starts_with('<') && text.ends_with('>');
        let only_signs =
            text.chars().all(|c| c.is_whitespace() || c.is_ascii_punctuation() || c == '\u{2026}');
        if text.is_empty() {
            Some(Self::Empty)
        } else {
            (todo || in_brackets || only_signs).then_some(Self::Placeholder)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_no_reason_and_whatever_says_something_is() {
        for text in ["", " ", "\t\n"] {
            assert_eq!(Unwritten::of(text), Some(Unwritten::Empty), "{text:?}");
        }
        for text in ["TODO", "todo: why", " Todo ", "...", "\u{2026}", "-", "<why it is no secret>", "?"] {
            assert_eq!(Unwritten::of(text), Some(Unwritten::Placeholder), "{text:?}");
        }
        for text in ["r", "todolist sample", "<b> and <i>", "\u{898b}\u{672c}", "\u{e9}", "1", "a..."] {
            let brackets = text.ends_with('>');
            assert_eq!(Unwritten::of(text).is_some(), brackets, "{text:?}");
        }
    }
}
