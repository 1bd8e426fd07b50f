//! Adding an allow entry to a policy file without touching the rest of it.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Date, Layer, Level, Policy, PolicyError};
use crate::token::Fingerprint;

/// What `dtguard allow` was asked to write.
#[derive(Debug)]
pub struct Allowance<'a> {
    /// The token's identifier or fingerprint.
    pub token: &'a str,
    /// Why it is no secret.
    pub reason: &'a str,
    /// Who answers for it.
    pub owner: Option<&'a str>,
    /// The last day on which the entry holds.
    pub expires: Option<Date>,
}

/// A policy file with the entry in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Edited {
    /// The new text of the file.
    pub text: String,
    /// Whether an entry for this token was there and has been changed.
    pub replaced: bool,
}

/// `text` (empty for a file that does not exist yet), read from `file`, with an
/// entry for the token: added at the end, or changed where it stands. Comments
/// and layout stay.
///
/// # Errors
///
/// If the file is no valid policy, before or after.
pub fn add_entry(file: &str, text: &str, allowance: &Allowance<'_>) -> Result<Edited, PolicyError> {
    let edited = add_entries(file, text, std::slice::from_ref(allowance))?;
    check(file, edited.text.trim_start_matches('\u{feff}'))?;
    Ok(edited)
}

/// As [`add_entry`], with several entries at once. Whether they make sense is not
/// looked at.
///
/// # Errors
///
/// If the file is no valid policy before.
pub fn add_entries(file: &str, text: &str, allowances: &[Allowance<'_>]) -> Result<Edited, PolicyError> {
    // Only where all of the file has them.
    let windows = text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count();
    let (mark, text) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    let mut start = text.to_owned();
    if text.trim().is_empty() {
        start.push_str("version = 1\n");
    }
    check(file, &start)?;
    let unreadable =
        |error: toml_edit::TomlError| PolicyError::new(file, text, error.span(), error.message(), "");
    let mut document: DocumentMut = start.parse().map_err(unreadable)?;
    let mut replaced = false;
    for allowance in allowances {
        replaced |= put(file, text, &mut document, allowance)?;
    }
    let mut text = document.to_string();
    if windows {
        text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    Ok(Edited { text: format!("{mark}{text}"), replaced })
}

/// Whether `text` is a policy, of whichever layer: what is granted to it is for
/// others to say.
fn check(file: &str, text: &str) -> Result<Policy, PolicyError> {
    Policy::layered(vec![Layer::new(Level::CommandLine, file, text.as_bytes())?], Date::today())
}

/// Puts an entry into `document`, which was `text`; whether it changed one that was
/// there.
fn put(
    file: &str,
    text: &str,
    document: &mut DocumentMut,
    allowance: &Allowance<'_>,
) -> Result<bool, PolicyError> {
    let key = if allowance.token.parse::<Fingerprint>().is_ok() { "fingerprint" } else { "id" };
    // What stands behind the last table stays before the new one.
    let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
    let entries = document.entry("allow").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(entries) = entries.as_array_of_tables_mut() else {
        return Err(PolicyError::new(
            file,
            text,
            None,
            "`allow` is an inline array here",
            "write its entries as [[allow]] tables",
        ));
    };
    let place =
        entries.iter().position(|entry| entry.get(key).and_then(Item::as_str) == Some(allowance.token));
    if let Some(entry) = place.and_then(|place| entries.get_mut(place)) {
        fill(entry, key, allowance);
    } else {
        let mut entry = Table::new();
        entry.decor_mut().set_prefix(format!("{trailing}\n"));
        fill(&mut entry, key, allowance);
        entries.push(entry);
        document.set_trailing("");
    }
    Ok(place.is_some())
}

/// Writes `text` to `path` whole or not at all. A link is followed, not replaced.
///
/// # Errors
///
/// If the folder cannot be written to, or something else than a file is there.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    // Whoever may do all would replace a device such as /dev/null.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return Err(io::Error::other("it is no file"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new();
    // As any new file, not private as a temporary one.
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut new = new.tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(&path) {
        fs::set_permissions(new.path(), metadata.permissions())?;
    }
    new.persist(&path)?;
    Ok(())
}

fn fill(entry: &mut Table, key: &str, allowance: &Allowance<'_>) {
    let mut set = |name: &str, new: toml_edit::Value| match entry.get_mut(name).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => {
            entry.insert(name, value(new));
        }
    };
    set(key, allowance.token.into());
    set("reason", allowance.reason.into());
    if let Some(owner) = allowance.owner {
        set("owner", owner.into());
    }
    match allowance.expires {
        Some(expires) => {
            if let Ok(date) = expires.to_string().parse::<toml_edit::Datetime>() {
                set("expires", date.into());
            }
        }
        // Asked for without a last day, the entry has none.
        None => {
            entry.remove("expires");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX";

    fn allowance(token: &str) -> Allowance<'_> {
        Allowance { token, reason: "no \"secret\"", owner: None, expires: None }
    }

    fn add(text: &str, allowance: &Allowance<'_>) -> Edited {
        add_entry("p.toml", text, allowance).unwrap()
    }

    #[test]
    fn a_new_file_gets_its_version_and_the_entry() {
        let edited =
            add("", &Allowance { owner: Some("docs"), expires: "2027-06-30".parse().ok(), ..allowance(ID) });
        assert_eq!(
            edited.text,
            format!(
                "version = 1\n\n[[allow]]\nid = \"{ID}\"\nreason = 'no \"secret\"'\nowner = \"docs\"\nexpires = 2027-06-30\n"
            )
        );
    }

    #[test]
    fn comments_layout_and_line_endings_survive() {
        for text in [
            "# ours\nversion   = 1 # one\n\n[certainty]\nsample = 'pass'   # all\n# end\n",
            "version = 1\r\n# x\r\n[[allow]]\r\nid   = \"dt0c01.XBCDEFGHIJKLMNOPQRSTUVWX\" # keep\r\nreason=\"r\"\r\n",
        ] {
            let edited = add(text, &allowance(ID));
            assert!(edited.text.starts_with(text), "{}", edited.text);
            let mixed = text.contains('\r') && edited.text.replace("\r\n", "").contains('\n');
            assert!(!mixed, "{:?}", edited.text);
        }
    }

    #[test]
    fn an_entry_that_is_there_is_changed_in_its_place() {
        let text = format!(
            "version = 1\n# first\n[[allow]]\nid = \"{ID}\" # this one\nreason = \"old\"\nexpires = 2020-01-01\n\n[[allow]]\nid = \"dt0c01.XBCDEFGHIJKLMNOPQRSTUVWX\"\nreason = \"r\"\n"
        );
        let edited = add(&text, &allowance(ID));
        assert!(edited.replaced);
        assert_eq!(
            edited.text,
            text.replace("\"old\"", "'no \"secret\"'").replace("expires = 2020-01-01\n", "")
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_replaced_by_one() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _open = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(write(&path, "version = 1\n").is_err());
        assert!(path.metadata().unwrap().file_type().is_socket());
    }

    #[test]
    fn a_file_with_a_mistake_is_not_touched() {
        assert!(add_entry("p.toml", "version = 1\nalow = 1\n", &allowance(ID)).is_err());
        assert!(add_entry("p.toml", "version = 1\n", &allowance("dt0a01.abc12345")).is_err());
    }
}
