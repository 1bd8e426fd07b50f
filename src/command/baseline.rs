//! `dtguard baseline`: writes an entry for each existing token; somebody has to add each reason
//! before it allows anything.

use super::context::Context;
use super::entries::{OwnFile, check_values};
use super::in_force;
use super::policy::{scan_all, write_gaps};
use super::review;
use crate::cli::BaselineArgs;
use crate::error::Error;
use crate::policy::{Allowance, Date, Draft, add_missing, entries_for};
use crate::report::{Role, count, sanitize};
use crate::verdict::Outcome;

pub(super) fn run(context: &Context<'_>, arguments: &BaselineArgs) -> Result<Outcome, Error> {
    let BaselineArgs { history, review, owner, expires } = arguments;
    check_values(None, owner.as_deref(), *expires)?;
    if *review {
        return review::run(context, arguments);
    }
    let in_force = in_force::load(context, None, in_force::in_work_tree)?;
    let scanned = scan_all(*history)?;
    write_gaps(context, &scanned);
    let judged = in_force.judge_all(&scanned.findings, Date::today());
    let drafts = entries_for(judged.blocking.iter().map(|(finding, _)| *finding));
    if drafts.is_empty() {
        let files = count(scanned.coverage.files, "file");
        context.mention(|page| {
            page.say(&format!("dtguard: nothing in {files} blocks: there is nothing to write."))
        });
        return Ok(Outcome::Passes);
    }
    let file = OwnFile::open(context)?;
    let with_reasons = |written: Option<&'static str>| {
        let allowances = drafts.iter().map(|Draft { token, placeholder }| {
            let reason = written.unwrap_or(placeholder);
            Allowance { token, reason, owner: owner.as_deref(), expires: *expires }
        });
        add_missing(&file.name, &file.text, &allowances.collect::<Vec<_>>())
    };
    let new = with_reasons(None)?;
    let expired = drafts.iter().filter(|draft| !new.added.contains(&draft.token));
    let expired: Vec<&str> = expired.map(|draft| draft.token.as_str()).collect();
    let name = sanitize(file.name.as_bytes());
    if !new.added.is_empty() {
        // With reasons, the file must be a policy that the higher layers grant.
        file.check(&with_reasons(Some("some reason"))?.text)?;
        file.write(&new.text)?;
        write_written(context, &name, &new.text, &new.added);
    }
    write_expired(context, &name, &expired);
    Ok(Outcome::Passes)
}

fn write_written(context: &Context<'_>, name: &str, text: &str, tokens: &[String]) {
    context.show(|page| {
        page.say(&format!("dtguard: wrote {} into {name}:", count(tokens.len(), "entry")));
        for (line, token) in lines_of(text, tokens) {
            page.line(2, Role::Place, &format!("{name}:{line}  {token}"));
        }
        page.text(
            0,
            Role::Notice,
            "Replace each TODO by a reason: until then the policy is refused, and every commit is blocked. Remove the entries of live tokens, and revoke these.",
        )
    });
}

/// The first line of each token's entry: the line before the one that names the token.
fn lines_of<'t>(text: &str, tokens: &'t [String]) -> Vec<(usize, &'t String)> {
    let mut lines = text.lines().enumerate();
    let mut line_of = |token: &String| lines.find(|(_, line)| line.contains(token.as_str()));
    tokens.iter().filter_map(|token| Some((line_of(token)?.0, token))).collect()
}

fn write_expired(context: &Context<'_>, name: &str, tokens: &[&str]) {
    if tokens.is_empty() {
        return;
    }
    let have = if tokens.len() == 1 { "has an entry" } else { "have entries" };
    let expired = count(tokens.len(), "token");
    let text = format!(
        "dtguard: {expired} {have} that has expired in {name}, which stays as it is. Give it a new last day with dtguard allow, or revoke the token:"
    );
    context.show(|page| {
        page.text(0, Role::Notice, &text);
        tokens.iter().for_each(|token| page.line(2, Role::Token, token))
    });
}
