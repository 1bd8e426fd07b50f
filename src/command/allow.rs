//! `dtguard allow`: writes an allow entry.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Outcome;
use super::terminal::Terminal;
use crate::cli::{AllowArgs, Global};
use crate::error::Error;
use crate::find::{find, mask};
use crate::policy::{Allowance, FILE_NAME, add_entry};
use crate::report::{Role, sanitize};
use crate::source::{SourceError, top_of_work_tree};

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &AllowArgs) -> Result<Outcome, Error> {
    if let Some(found) = find(arguments.token.as_bytes()).first() {
        let name = found.identifier.clone().unwrap_or_else(|| found.fingerprint.to_string());
        return Err(Error::Usage {
            message: "that is a whole token, with its secret part; it is in your shell's history now"
                .to_owned(),
            hint: format!("dtguard allow {name} --reason {:?}", mask(&arguments.reason)),
        });
    }
    let path = match &global.policy {
        Some(path) => path.clone(),
        None => top_of_work_tree()?.join(FILE_NAME),
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(Error::Source(SourceError::File { path: path.display().to_string(), error }));
        }
    };
    let name = global.policy.as_ref().map_or(FILE_NAME.to_owned(), |path| path.display().to_string());
    let token = if arguments.token.len() == 64 {
        arguments.token.to_ascii_lowercase()
    } else {
        arguments.token.clone()
    };
    let edited = add_entry(
        &name,
        &text,
        &Allowance {
            token: &token,
            reason: &arguments.reason,
            owner: arguments.owner.as_deref(),
            expires: arguments.expires,
        },
    )?;
    replace(&path, &edited.text).map_err(|error| Error::Write { path: path.display().to_string(), error })?;
    terminal.tell(|page| {
        let done = if edited.replaced { "changed its entry" } else { "added an entry" };
        page.text(
            0,
            Role::Plain,
            &format!("dtguard: {done} in {}. It holds once it is staged:", sanitize(name.as_bytes())),
        )?;
        page.line(4, Role::Command, &format!("git add {}", sanitize(name.as_bytes())))
    });
    Ok(Outcome::Passes)
}

/// Writes `text` to `path` whole or not at all. A link is followed, not replaced.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let mut new = path.clone().into_os_string();
    new.push(".new");
    let new = PathBuf::from(new);
    fs::write(&new, text)?;
    if let Ok(metadata) = fs::metadata(&path) {
        fs::set_permissions(&new, metadata.permissions())?;
    }
    fs::rename(&new, &path)
}
