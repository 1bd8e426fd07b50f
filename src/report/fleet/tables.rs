//! The tables of the page. Those that scripts replace have only their first rows.

use super::Merged;
use super::merged::parts;
use super::totals::{AGES, Places};
use crate::report::markup::xml;
use crate::report::text::grouped;

/// How many rows a table has.
const LISTED: usize = 50;

impl Merged {
    /// The table called `name`.
    pub(super) fn table(&self, name: &'static str) -> String {
        let heads: &[&str] = match name {
            "missing" => &["Repository or file", "Problem", "Reason"],
            "kinds" => &["Kind", "#Blocking", "", "#Passing"],
            "ages" => &["Age", "#Blocking", ""],
            "owners" => &["Owner", "#Allowed", "#Expired"],
            "repositories" => &["Repository", "#Blocking", "#In a branch or tag", "#Gaps", "Verdict"],
            "gaps" => &["Repository", "#Gaps"],
            "exceptions" => &["Expires", "State", "Repository", "Entry", "Owner", "#Findings"],
            _ => return String::new(),
        };
        let mut table = Table { name, heads, rows: String::new(), count: 0 };
        self.fill(&mut table);
        table.end()
    }

    fn fill(&self, table: &mut Table) {
        let totals = &self.totals;
        match table.name {
            "missing" => {
                for one in &self.problems {
                    table.row(&[one.subject(), one.trouble.name(), &one.reason]);
                }
            }
            "kinds" => {
                for kind in totals.kinds.values() {
                    let severity = kind.detail.as_deref().unwrap_or_default();
                    let (name, share) = (format!("{} ({severity})", kind.name), self.share(kind.blocking));
                    table.row(&[&name, &number(kind.blocking.all), &share, &number(kind.passing)]);
                }
            }
            "ages" => {
                for (name, all) in AGES.iter().map(|(name, _)| *name).chain(["Not known"]).zip(totals.ages) {
                    table.row(&[name, &number(all), &self.share(Places { all, stand: 0 })]);
                }
            }
            "owners" => {
                for (owner, tally) in &totals.owners {
                    let owner = if owner.is_empty() { "No owner" } else { owner };
                    table.row(&[owner, &number(tally.passing), &number(tally.blocking.all)]);
                }
            }
            "exceptions" => {
                for (key, tally) in &totals.exceptions {
                    let [expires, repository, entry] = parts(key);
                    let owner = tally.detail.as_deref().unwrap_or_default();
                    let findings = number(tally.blocking.all + tally.passing);
                    table.row(&[expires, self.state(expires), repository, entry, owner, &findings]);
                }
            }
            name => {
                for row in totals.repositories.values() {
                    let (all, stand, gaps) =
                        (number(row.blocking.all), number(row.blocking.stand), grouped(row.gaps));
                    if name == "repositories" {
                        table.row(&[
                            &row.name,
                            &all,
                            &stand,
                            &gaps,
                            row.detail.as_deref().unwrap_or_default(),
                        ]);
                    } else if row.gaps > 0 {
                        table.row(&[&row.name, &gaps]);
                    }
                }
            }
        }
    }

    /// A bar for the share of all findings that block.
    fn share(&self, places: Places) -> String {
        let width = |part: usize| 1_000 * part / self.totals.blocking.all.max(1);
        let (stand, all) = (width(places.stand), width(places.all));
        format!(
            "<svg viewBox=\"0 0 1000 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"1000\" height=\"8\"/><rect class=\"past\" width=\"{all}\" height=\"8\"/><rect class=\"stand\" width=\"{stand}\" height=\"8\"/></svg>"
        )
    }
}

fn number(number: usize) -> String {
    grouped(number as u64)
}

/// A table, named by the heading of its section. A head that begins with `#` is of numbers, an
/// empty one of pictures; everything else is text.
struct Table {
    name: &'static str,
    heads: &'static [&'static str],
    rows: String,
    count: usize,
}

impl Table {
    /// Adds a row, unless there are enough.
    fn row(&mut self, cells: &[&str]) {
        self.count += 1;
        if self.count > LISTED {
            return;
        }
        self.rows += "<tr>";
        for (at, (cell, head)) in cells.iter().zip(self.heads).enumerate() {
            let text = if head.is_empty() { (*cell).to_owned() } else { xml(cell.as_bytes()) };
            self.rows += &match at {
                0 => format!("<th scope=\"row\">{text}</th>"),
                _ => format!("<td{} data-label=\"{}\">{text}</td>", class(head), label(head)),
            };
        }
        self.rows += "</tr>";
    }

    fn end(self) -> String {
        let Self { name, heads, rows, count } = self;
        if count == 0 {
            return "<p class=\"note\">None.</p>".to_owned();
        }
        let head = |head: &&str| match *head {
            "" => "<td></td>".to_owned(),
            head => format!("<th scope=\"col\"{}>{}</th>", class(head), label(head)),
        };
        let heads: String = heads.iter().map(head).collect();
        let more = match count.saturating_sub(LISTED) {
            0 => String::new(),
            more => format!("<p class=\"note\">and {} more</p>", number(more)),
        };
        format!(
            "<table aria-labelledby=\"{name}-title\"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"
        )
    }
}

fn class(head: &str) -> &'static str {
    match head {
        "" => " class=\"share\"",
        _ if head.starts_with('#') => " class=\"number\"",
        _ => "",
    }
}

fn label(head: &str) -> &str {
    head.trim_start_matches('#')
}
