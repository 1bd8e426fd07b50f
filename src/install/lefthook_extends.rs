//! Edits the `extends` list of lefthook's configuration in each of its syntaxes. Works on text,
//! so that comments and layout stay.

use std::path::Path;

/// The file with dtguard's jobs, at the top of the work tree.
pub(super) const FILE: &str = "lefthook-dtguard.yml";
/// The list in YAML, if there is none yet.
const YAML: &str = "extends:\n  - lefthook-dtguard.yml\n";
/// The list in TOML.
const TOML: &str = "extends = [\"lefthook-dtguard.yml\"]\n";
/// The list in JSON, after the first bracket.
const JSON: &str = "\n  \"extends\": [\"lefthook-dtguard.yml\"],";

/// The syntax of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Yaml,
    Toml,
    /// With or without comments.
    Json,
}

impl Syntax {
    /// The syntax of the file `path`.
    pub(super) fn of(path: &Path) -> Self {
        match path.extension().and_then(|kind| kind.to_str()) {
            Some("toml") => Self::Toml,
            Some("json" | "jsonc") => Self::Json,
            _ => Self::Yaml,
        }
    }

    /// The line that extends only [`FILE`].
    pub(super) fn line(self) -> &'static str {
        match self {
            Self::Yaml => YAML,
            Self::Toml => TOML,
            Self::Json => JSON.trim_start(),
        }
    }

    /// `text` with [`FILE`] in its list; none if the list has an unknown form.
    pub(super) fn extended(self, text: &str) -> Option<String> {
        match self {
            Self::Yaml => extended_yaml(text),
            Self::Toml => {
                let new = match line_start(text, "extends") {
                    Some(start) => in_brackets(text, start + "extends".len(), '='),
                    None => Some(format!("{TOML}{text}")),
                };
                new.filter(|new| new.parse::<toml_edit::DocumentMut>().is_ok_and(|new| extends_in_toml(&new)))
            }
            Self::Json => match text.find(NAME) {
                Some(start) => in_brackets(text, start + NAME.len(), ':'),
                None => {
                    let open = start_of_json(text)?;
                    let (head, rest) = text.split_at_checked(open + 1)?;
                    let is_empty = rest.trim_start().starts_with('}');
                    let line = if is_empty { JSON.trim_end_matches(',') } else { JSON };
                    Some(format!("{head}{line}{rest}"))
                }
            },
        }
    }

    /// `text` without what [`Syntax::extended`] added; none if there is nothing to remove.
    pub(super) fn reduced(self, text: &str) -> Option<String> {
        let without = |own: &str, rest: &str| text.contains(own).then(|| text.replacen(own, rest, 1));
        let quoted = format!("\"{FILE}\"");
        let in_list =
            || without(&format!("{quoted}, "), "").or_else(|| without(&format!("[{quoted}]"), "[]"));
        match self {
            Self::Yaml => reduced_yaml(text),
            Self::Toml => text.strip_prefix(TOML).map(str::to_owned).or_else(in_list),
            Self::Json => {
                without(JSON, "").or_else(|| without(JSON.trim_end_matches(','), "")).or_else(in_list)
            }
        }
    }
}

/// The key in JSON.
const NAME: &str = "\"extends\"";

/// `text` with [`FILE`] as the first item of the list that follows `at` and `sign`.
fn in_brackets(text: &str, at: usize, sign: char) -> Option<String> {
    let (before, rest) = text.split_at_checked(at)?;
    let items = rest.trim_start().strip_prefix(sign)?.trim_start().strip_prefix('[')?;
    let between = rest.strip_suffix(items)?;
    let comma = if items.trim_start().starts_with(']') { "" } else { ", " };
    Some(format!("{before}{between}\"{FILE}\"{comma}{items}"))
}

/// Whether its list contains [`FILE`].
fn extends_in_toml(document: &toml_edit::DocumentMut) -> bool {
    let list = document.get("extends").and_then(|list| list.as_array());
    list.is_some_and(|list| list.iter().any(|item| item.as_str() == Some(FILE)))
}

/// The start of the object, after blanks and comments.
fn start_of_json(text: &str) -> Option<usize> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        rest = match (rest.strip_prefix("//"), rest.strip_prefix("/*")) {
            (Some(line), _) => line.split_once('\n')?.1,
            (_, Some(comment)) => comment.split_once("*/")?.1,
            _ if rest.starts_with('{') => return Some(text.len() - rest.len()),
            _ => return None,
        };
    }
}

/// `yaml` with [`FILE`] in its list; none if the list is neither in lines nor in brackets, or
/// the text is no YAML.
fn extended_yaml(yaml: &str) -> Option<String> {
    if yaml.trim_start().starts_with('{') || yaml.lines().any(|line| line.starts_with('[')) {
        return None;
    }
    let Some(start) = line_start(yaml, "extends:") else {
        let head = yaml.split_inclusive('\n').take_while(|line| line.starts_with(['%', '-', '\u{feff}']));
        let (head, rest) = yaml.split_at_checked(head.map(str::len).sum())?;
        return Some(format!("{head}{YAML}{rest}"));
    };
    let (before, list) = yaml.split_at_checked(start + "extends:".len())?;
    let (line, below) = list.split_once('\n').unwrap_or((list, ""));
    if let Some(items) = line.trim().strip_prefix('[') {
        let comma = if items.trim_start().starts_with(']') { "" } else { ", " };
        return Some(format!("{before} [{FILE}{comma}{}\n{below}", items.trim_start()));
    }
    let indent =
        below.split_once("- ").map(|(indent, _)| indent).filter(|indent| indent.trim().is_empty())?;
    (line.trim().is_empty() || line.trim().starts_with('#'))
        .then(|| format!("{before}{line}\n{indent}- {FILE}\n{below}"))
}

/// `yaml` without what [`Syntax::extended`] added; none if there is nothing to remove.
fn reduced_yaml(yaml: &str) -> Option<String> {
    if let Some(start) = line_start(yaml, YAML) {
        let after = yaml.get(start + YAML.len()..)?;
        // Items that others added stay.
        if !after.trim_start_matches(' ').starts_with("- ") {
            return Some(yaml.replacen(YAML, "", 1));
        }
    }
    let item = yaml.split_inclusive('\n').find(|line| line.trim() == format!("- {FILE}"));
    let in_brackets = [format!("{FILE}, "), format!("[{FILE}]")];
    item.map(|item| yaml.replacen(item, "", 1)).or_else(|| {
        let [first, only] = in_brackets;
        if yaml.contains(&first) {
            Some(yaml.replacen(&first, "", 1))
        } else {
            yaml.contains(&only).then(|| yaml.replacen(&only, "[]", 1))
        }
    })
}

/// The offset of the line that begins with `text`.
fn line_start(yaml: &str, text: &str) -> Option<usize> {
    if yaml.starts_with(text) {
        return Some(0);
    }
    yaml.find(&format!("\n{text}")).map(|end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lefthook_extends_comes_and_goes_byte_for_byte() {
        for (old, new) in [
            ("", "extends:\n  - lefthook-dtguard.yml\n"),
            ("pre-commit:\n  jobs: []", "extends:\n  - lefthook-dtguard.yml\npre-commit:\n  jobs: []"),
            ("---\na: b\n", "---\nextends:\n  - lefthook-dtguard.yml\na: b\n"),
            ("a: b\nextends:\n- x.yml\n", "a: b\nextends:\n- lefthook-dtguard.yml\n- x.yml\n"),
            ("extends: # why\n    - x.yml\n", "extends: # why\n    - lefthook-dtguard.yml\n    - x.yml\n"),
            ("extends: [x.yml]\nb: c\n", "extends: [lefthook-dtguard.yml, x.yml]\nb: c\n"),
            ("extends: []\n", "extends: [lefthook-dtguard.yml]\n"),
        ] {
            let changed = Syntax::Yaml.extended(old).unwrap();
            assert_eq!(changed, new);
            assert_eq!(Syntax::Yaml.reduced(&changed).unwrap(), old);
            assert_eq!(Syntax::Yaml.reduced(old), None, "{old}");
        }
        for unclear in
            ["extends: x.yml\n", "extends: *anchor\na:\n  - b\n", "{\"extends\": []}", "[pre-commit]\n"]
        {
            assert_eq!(Syntax::Yaml.extended(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn what_lefthook_extends_in_toml_or_json_comes_and_goes_byte_for_byte() {
        for (syntax, old, new) in [
            (Syntax::Toml, "", "extends = [\"lefthook-dtguard.yml\"]\n"),
            (
                Syntax::Toml,
                "min_version = \"1\"\n",
                "extends = [\"lefthook-dtguard.yml\"]\nmin_version = \"1\"\n",
            ),
            (
                Syntax::Toml,
                "[pre-commit.commands.a]\nrun = \"b\"\n",
                "extends = [\"lefthook-dtguard.yml\"]\n[pre-commit.commands.a]\nrun = \"b\"\n",
            ),
            (
                Syntax::Toml,
                "# why\nextends = [\n  \"x.yml\",\n]\n",
                "# why\nextends = [\"lefthook-dtguard.yml\", \n  \"x.yml\",\n]\n",
            ),
            (Syntax::Toml, "extends=[]\n", "extends=[\"lefthook-dtguard.yml\"]\n"),
            (Syntax::Json, "{}\n", "{\n  \"extends\": [\"lefthook-dtguard.yml\"]}\n"),
            (
                Syntax::Json,
                "// {\n/* { */ {\n  \"pre-commit\": {}\n}\n",
                "// {\n/* { */ {\n  \"extends\": [\"lefthook-dtguard.yml\"],\n  \"pre-commit\": {}\n}\n",
            ),
            (
                Syntax::Json,
                "{\"a\": 1, \"extends\" : [\"x.yml\"]}",
                "{\"a\": 1, \"extends\" : [\"lefthook-dtguard.yml\", \"x.yml\"]}",
            ),
        ] {
            let changed = syntax.extended(old).unwrap();
            assert_eq!(changed, new);
            if syntax == Syntax::Json && !old.starts_with("//") {
                serde_json::from_str::<serde_json::Value>(&changed).unwrap();
            }
            assert_eq!(syntax.reduced(&changed).unwrap(), old);
            assert_eq!(syntax.reduced(old), None, "{old}");
        }
        for (syntax, unclear) in [
            (Syntax::Toml, "extends = \"x.yml\"\n"),
            (Syntax::Toml, "[a]\nextends = []\n"),
            (Syntax::Toml, "a: b\n"),
            (Syntax::Json, "[]"),
            (Syntax::Json, "{\"extends\": \"x.yml\"}"),
            (Syntax::Json, ""),
        ] {
            assert_eq!(syntax.extended(unclear), None, "{unclear}");
        }
    }
}
