//! `dtguard import`: turns what other tools allow into allow entries, and their rules into rules.

use super::context::{Context, print};
use super::entries::{OwnFile, check_values, remind_to_stage};
use crate::cli::ImportArgs;
use crate::error::Error;
use crate::find::mask;
use crate::import::{Rest, apply, known, named};
use crate::report::{Page, write_imported};
use crate::source::top_of_work_tree;
use crate::verdict::Outcome;

pub(super) fn run(context: &Context<'_>, arguments: &ImportArgs) -> Result<Outcome, Error> {
    let ImportArgs { files, reason, owner, expires, dry_run } = arguments;
    check_values(reason.as_deref(), owner.as_deref(), *expires)?;
    let top = top_of_work_tree()?;
    let items = if files.is_empty() { known(&top)? } else { named(&top, files)? };
    let file = OwnFile::open(context)?;
    let rest = Rest { reason: reason.as_deref(), owner: owner.as_deref(), expires: *expires };
    let applied = apply(&file.name, &file.text, &items, &rest)?;
    let name = file.name.clone();
    if applied.is_changed() {
        file.check(&applied.text)?;
    }
    if *dry_run {
        // Even without entries the text must be a policy: it may be redirected into a file.
        let text = if applied.text.is_empty() { "version = 1\n" } else { &applied.text };
        // Somebody may have written a token into a reason or a comment.
        print(mask(text).as_bytes())?;
    } else if applied.is_changed() {
        file.write(&applied.text)?;
    }
    let all = items.iter().all(|placed| placed.item.meaning.why_not().is_none());
    let write = |page: &mut Page| {
        write_imported(page, &items, &applied, &name, *dry_run);
        if applied.is_changed() && !*dry_run {
            remind_to_stage(context, page);
        }
    };
    if all {
        context.mention(write)
    } else {
        context.show(write)
    }
    Ok(if all { Outcome::Passes } else { Outcome::Incomplete })
}
