//! `dtguard explain`: the catalogue for a person at a terminal.

use std::io::{self, Write};

use super::{Layout, Role};
use crate::token::{Kind, Revocation};

/// Writes `kinds`, a line each.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_kinds<W: Write>(layout: &mut Layout<W>, kinds: &[Kind]) -> io::Result<()> {
    for kind in kinds {
        let label = format!("{:26} ", kind.label());
        let severity = format!("{:8} ", kind.severity);
        let room = layout.room(label.len() + severity.len());
        let name: String = kind.name.chars().take(room).collect();
        layout.pieces(0, &[(Role::Token, &label), (Role::Plain, &severity), (Role::Heading, &name)])?;
    }
    layout.gap()?;
    layout.text(0, Role::Dim, "dtguard explain PREFIX tells what a kind opens and how to revoke it.")
}

/// Writes all about one kind; `identifier` is filled into its calls.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_kind<W: Write>(layout: &mut Layout<W>, kind: &Kind, identifier: Option<&str>) -> io::Result<()> {
    layout.text(0, Role::Heading, kind.name)?;
    layout.text(2, Role::Plain, &format!("Kind: {} ({})", kind.id, kind.label()))?;
    if let Some(identifier) = identifier {
        layout.text(2, Role::Plain, &format!("Identifier: {identifier}"))?;
    }
    layout.text(2, Role::Plain, &format!("Opens: {}", kind.opens))?;
    layout.text(2, Role::Plain, &format!("Severity: {}", kind.severity))?;
    if !kind.note.is_empty() {
        layout.text(2, Role::Plain, &format!("Note: {}", kind.note))?;
    }
    layout.text(2, Role::Plain, "Revoke:")?;
    for way in kind.revoke {
        let text = way.describe(identifier);
        match way {
            Revocation::Call { scope, .. } => {
                layout.line(4, Role::Command, &text)?;
                layout.text(6, Role::Dim, &format!("(with a token that has the scope {scope})"))?;
            }
            Revocation::Step(_) => layout.text(4, Role::Plain, &text)?,
        }
    }
    layout.text(2, Role::Plain, &format!("Shape: {}. Sources:", kind.evidence))?;
    for source in kind.sources {
        layout.text(4, Role::Dim, source.title)?;
        if !source.address.is_empty() {
            layout.line(6, Role::Dim, &format!("https://{}", source.address))?;
        }
    }
    Ok(())
}
