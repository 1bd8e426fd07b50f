//! The tables of the page. Those that scripts replace have only their first rows.

use super::Merged;
use super::merged::state;
use super::totals::{AGES, Places};
use crate::report::markup::xml;
use crate::report::text::grouped;

/// How many rows a table has.
const LISTED: usize = 50;

impl Merged {
    /// The table called `name`.
    pub(super) fn table(&self, name: &str) -> String {
        match name {
            "missing" => self.missing(),
            "kinds" => self.kinds(),
            "ages" => self.ages(),
            "owners" => self.owners(),
            "repositories" => self.repositories(),
            "gaps" => self.gaps(),
            "exceptions" => self.exceptions(),
            _ => String::new(),
        }
    }

    fn missing(&self) -> String {
        let rows = self.problems.iter();
        let rows = rows.map(|one| [one.subject(), one.trouble.name(), &one.reason].map(text));
        table("missing", ["Repository or file", "Problem", "Reason"], rows)
    }

    fn kinds(&self) -> String {
        let rows = self.totals.kinds.values().map(|kind| {
            let label = format!("{} <span class=\"tag\">{}</span>", text(&kind.name), text(&kind.severity));
            let share = share(kind.blocking, self.totals.blocking.all);
            [label, number(kind.blocking.all), share, number(kind.passing)]
        });
        table("kinds", ["Kind", "#Blocking", "", "#Passing"], rows)
    }

    fn ages(&self) -> String {
        let names = AGES.iter().map(|(name, _)| *name).chain(["Not known"]);
        let rows = names.zip(self.totals.ages).map(|(name, all)| {
            [name.to_owned(), number(all), share(Places { all, stand: 0 }, self.totals.blocking.all)]
        });
        table("ages", ["Age", "#Blocking", ""], rows)
    }

    fn owners(&self) -> String {
        let rows = self.totals.owners.iter().map(|(owner, (passing, expired))| {
            [text(owner.as_deref().unwrap_or("No owner")), number(*passing), number(*expired)]
        });
        table("owners", ["Owner", "#Allowed", "#Expired"], rows)
    }

    fn repositories(&self) -> String {
        let rows = self.totals.repositories.iter().map(|row| {
            let [all, stand] = [row.blocking.all, row.blocking.stand].map(number);
            [text(&row.name), all, stand, grouped(row.gaps), row.verdict.to_owned()]
        });
        table("repositories", ["Repository", "#Blocking", "#In a branch or tag", "#Gaps", "Verdict"], rows)
    }

    fn gaps(&self) -> String {
        let rows = self.totals.repositories.iter().filter(|row| row.gaps > 0);
        table("gaps", ["Repository", "#Gaps"], rows.map(|row| [text(&row.name), grouped(row.gaps)]))
    }

    fn exceptions(&self) -> String {
        let rows = self.totals.exceptions.iter().map(|((expires, repository, entry), one)| {
            let (owner, state) = (one.owner.as_deref().unwrap_or_default(), state(*expires, self.today()));
            let [expires, state, repository, entry, owner] =
                [&*expires.to_string(), state, repository, entry, owner].map(text);
            [expires, state, repository, entry, owner, number(one.findings)]
        });
        table("exceptions", ["Expires", "State", "Repository", "Entry", "Owner", "#Findings"], rows)
    }
}

fn text(text: &str) -> String {
    xml(text.as_bytes())
}

fn number(number: usize) -> String {
    grouped(number as u64)
}

/// A bar for a share of `all`.
fn share(places: Places, all: usize) -> String {
    let width = |part: usize| 100.0 * part as f64 / all.max(1) as f64;
    let (stand, past) = (width(places.stand), width(places.all));
    format!(
        "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"8\"/><rect class=\"past\" width=\"{past:.1}\" height=\"8\"/><rect class=\"stand\" width=\"{stand:.1}\" height=\"8\"/></svg>"
    )
}

/// A table of markup, named by the heading of its section `id`. A head that begins with `#` is of
/// numbers, an empty one of bars.
fn table<const N: usize>(id: &str, heads: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let class = |head: &str| match head {
        "" => " class=\"share\"",
        _ if head.starts_with('#') => " class=\"number\"",
        _ => "",
    };
    let label = |head: &str| head.trim_start_matches('#').to_owned();
    let mut out = String::new();
    let (mut listed, mut more) = (0, 0);
    for row in rows {
        if listed == LISTED {
            more += 1;
            continue;
        }
        listed += 1;
        out += "<tr>";
        for (number, (cell, head)) in row.iter().zip(heads).enumerate() {
            out += &match number {
                0 => format!("<th scope=\"row\">{cell}</th>"),
                _ => format!("<td{} data-label=\"{}\">{cell}</td>", class(head), label(head)),
            };
        }
        out += "</tr>";
    }
    if listed == 0 {
        return "<p class=\"note\">None.</p>".to_owned();
    }
    let heads = heads.map(|head| match head {
        "" => "<td></td>".to_owned(),
        _ => format!("<th scope=\"col\"{}>{}</th>", class(head), label(head)),
    });
    let heads = heads.concat();
    out = format!(
        "<table aria-labelledby=\"{id}-title\"><thead><tr>{heads}</tr></thead><tbody>{out}</tbody></table>"
    );
    if more > 0 {
        out += &format!("<p class=\"note\">and {} more</p>", grouped(more));
    }
    out
}
