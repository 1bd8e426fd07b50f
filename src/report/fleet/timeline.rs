//! Findings over time, as a picture and as a table.

use super::totals::{Places, Tallies};
use crate::report::text::grouped;

/// How many bars the picture has at most.
const BARS: usize = 96;
/// The picture has room for so many bars at least.
const FEW: usize = 24;

/// The picture of findings by month, `YYYY-MM`; by year if there are too many months for it.
pub(super) fn timeline(months: &Tallies) -> String {
    let by_month = filled(months);
    let (unit, bars) = match by_month {
        Some(bars) => ("month", bars),
        None => {
            let mut years = Tallies::new();
            for (month, tally) in months {
                let year = &mut years.entry(month.chars().take(4).collect()).or_default().blocking;
                year.all += tally.blocking.all;
                year.stand += tally.blocking.stand;
            }
            let skipped = years.len().saturating_sub(BARS);
            let last = || years.iter().skip(skipped).map(|(year, tally)| (year.clone(), tally.blocking));
            ("year", filled(&years).unwrap_or_else(|| last().collect()))
        }
    };
    let (Some((first, _)), Some((last, _))) = (bars.first(), bars.last()) else {
        return "<p class=\"note\">No finding has a date: only scans with --history know it.</p>".to_owned();
    };
    let most = bars.iter().map(|(_, places)| places.all).max().unwrap_or(1).max(1);
    let height = |part: usize| 1_000 * part / most;
    let (mut picture, mut rows) = (String::new(), String::new());
    for (number, (name, places)) in bars.iter().enumerate() {
        let (all, stand) = (height(places.all), height(places.stand));
        let (x, past_at, past, stand_at) = (number * 10 + 1, 1_000 - all, all - stand, 1_000 - stand);
        picture += &format!(
            "<rect class=\"past\" x=\"{x}\" y=\"{past_at}\" width=\"8\" height=\"{past}\"/><rect class=\"stand\" x=\"{x}\" y=\"{stand_at}\" width=\"8\" height=\"{stand}\"/>"
        );
        if places.all > 0 {
            let [stand, past] = [places.stand, places.past()].map(|part| grouped(part as u64));
            rows += &format!(
                "<tr><th scope=\"row\">{name}</th><td class=\"number\">{stand}</td><td class=\"number\">{past}</td></tr>"
            );
        }
    }
    // A few bars stay narrow, and stand at the left.
    let width = bars.len().max(FEW) * 10;
    let ends = match bars.len() {
        1 => first.clone(),
        2..FEW => format!("{first} to {last}"),
        _ => format!("{first}</span><span>{last}"),
    };
    let most = grouped(most as u64);
    format!(
        "<figure><p class=\"note\">At most {most} a {unit}<span class=\"key now\"></span>in a branch or tag<span class=\"key\"></span>in the history only</p>\
         <svg class=\"timeline\" viewBox=\"0 0 {width} 1000\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Findings by {unit}, {first} to {last}, at most {most}; the table below has the numbers\">{picture}</svg>\
         <p class=\"ends note\"><span>{ends}</span></p>\
         <details><summary>The numbers</summary><table><thead><tr><th scope=\"col\">Committed</th><th scope=\"col\" class=\"number\">In a branch or tag</th><th scope=\"col\" class=\"number\">In the history only</th></tr></thead><tbody>{rows}</tbody></table></details></figure>"
    )
}

/// `times` without holes between the first and the last; none if these are too many.
fn filled(times: &Tallies) -> Option<Vec<(String, Places)>> {
    let number = |time: &str| {
        let (year, month) = time.split_once('-').unwrap_or((time, ""));
        let year: usize = year.parse().ok()?;
        Some(if month.is_empty() { year } else { year * 12 + month.parse::<usize>().ok()?.checked_sub(1)? })
    };
    let (Some((first, _)), Some((last, _))) = (times.first_key_value(), times.last_key_value()) else {
        return Some(Vec::new());
    };
    let (start, end) = (number(first)?, number(last)?);
    if end.checked_sub(start)? >= BARS {
        return None;
    }
    let named = |number: usize| match first.contains('-') {
        true => format!("{:04}-{:02}", number / 12, number % 12 + 1),
        false => format!("{number:04}"),
    };
    let bar =
        |number| (named(number), times.get(&named(number)).map(|tally| tally.blocking).unwrap_or_default());
    Some((start..=end).map(bar).collect())
}
