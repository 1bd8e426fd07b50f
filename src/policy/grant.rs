//! Grants: what the layers above let a layer do, and who would have to grant the rest.

use super::document::Document;
use super::file::{GrantTable, Requirement, Sort};
use super::settings::Setting;
use super::{Date, PolicyError, Wants};
use crate::token::{KINDS, by_name};
use toml::Spanned;

/// What the layers above grant. Each limit has the file and line that would have to grant more.
#[derive(Debug, Clone, Default)]
pub struct Grant {
    sorts: Vec<(Sort, String)>,
    settings: Vec<(Setting, String)>,
    kinds: Vec<(Vec<String>, String)>,
    required: Vec<(Requirement, String)>,
    longest: Option<(u16, String)>,
}

/// A limit, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What is limited, and how.
    pub what: String,
    /// The file and line that limit it.
    pub stated_at: String,
}

impl Grant {
    /// The grant for the layers below `source`: this one, or the part of it that the layer's
    /// own `[grant]` passes on.
    pub(super) fn narrowed(
        &self,
        source: &Document<'_>,
        table: Option<&Spanned<GrantTable>>,
    ) -> Result<Self, PolicyError> {
        let Some(table) = table else { return Ok(self.clone()) };
        let GrantTable { allow, kinds, require, longest_days, loosen } = table.get_ref();
        let mut below = self.clone();
        let (sorts, stated_at) = listed(source, table, allow.as_ref());
        for sort in &sorts {
            self.allows_sort(*sort.get_ref()).map_err(|limit| limit.error(source, sort))?;
        }
        let left_out = |sort: &Sort| sorts.iter().all(|listed| listed.get_ref() != sort);
        below.sorts.extend(Sort::ALL.into_iter().filter(left_out).map(|sort| (sort, stated_at.clone())));

        let (settings, stated_at) = listed(source, table, loosen.as_ref());
        for setting in &settings {
            self.allows_setting(*setting.get_ref()).map_err(|limit| limit.error(source, setting))?;
        }
        let left_out = |setting: &Setting| settings.iter().all(|listed| listed.get_ref() != setting);
        below.settings.extend(Setting::ALL.into_iter().filter(left_out).map(|one| (one, stated_at.clone())));

        if let Some(kinds) = kinds {
            let names = source.kind_names(kinds)?;
            self.allows_kinds(source, kinds)?;
            below.kinds.push((names, source.stated_at(kinds)));
        }
        below.required.extend(require.iter().map(|one| (*one.get_ref(), source.stated_at(one))));
        if let Some(days) = longest_days {
            let longest = source.days(days)?;
            if let Some((most, stated_at)) = self.longest.as_ref().filter(|(most, _)| longest > *most) {
                let limit = Limit { what: format!("more than {most} days"), stated_at: stated_at.clone() };
                return Err(limit.error(source, days));
            }
            below.longest = Some((longest, source.stated_at(days)));
        }
        Ok(below)
    }

    pub(super) fn allows_sort(&self, sort: Sort) -> Result<(), Limit> {
        limit(&self.sorts, sort, || format!("an allow entry by `{}`", sort.name()))
    }

    pub(super) fn allows_setting(&self, setting: Setting) -> Result<(), Limit> {
        limit(&self.settings, setting, || format!("a looser `{}`", setting.name()))
    }

    /// Fails unless all of `kinds` may be allowed.
    pub(super) fn allows_kinds(
        &self,
        source: &Document<'_>,
        kinds: &Spanned<Vec<Spanned<String>>>,
    ) -> Result<(), PolicyError> {
        kinds.get_ref().iter().try_for_each(|kind| self.allows_kind(source, kind, kind.get_ref()))
    }

    /// Fails unless tokens of the kind `name`, written at `at`, may be allowed.
    pub(super) fn allows_kind<T>(
        &self,
        source: &Document<'_>,
        at: &Spanned<T>,
        name: &str,
    ) -> Result<(), PolicyError> {
        let refused = self.kinds.iter().find(|(granted, _)| !is_within(name, granted));
        refused.map_or(Ok(()), |(_, stated_at)| {
            let limit = Limit { what: format!("an allow entry for `{name}`"), stated_at: stated_at.clone() };
            Err(limit.error(source, at))
        })
    }

    /// The kinds that an entry may cover: one kind of each of these lists must fit.
    pub(super) fn kinds(&self) -> Vec<Vec<String>> {
        self.kinds.iter().map(|(kinds, _)| kinds.clone()).collect()
    }

    /// The place that demands `requirement`, if one does.
    pub(super) fn requires(&self, requirement: Requirement) -> Option<&str> {
        let (_, stated_at) = self.required.iter().find(|(one, _)| *one == requirement)?;
        Some(stated_at)
    }

    /// How many days from today an entry may last, and the place that says so.
    pub(super) fn longest(&self) -> Option<(u16, &str)> {
        self.longest.as_ref().map(|(days, stated_at)| (*days, stated_at.as_str()))
    }

    /// The last day that an entry may have.
    pub(super) fn last_day(&self, today: Date) -> Option<Date> {
        Some(today.plus(self.longest.as_ref()?.0))
    }

    /// All limits of a layer.
    pub fn limits(&self) -> Vec<Limit> {
        let sorts =
            self.sorts.iter().map(|(sort, stated_at)| (format!("no entry by {}", sort.name()), stated_at));
        let kinds =
            self.kinds.iter().map(|(kinds, stated_at)| (format!("only for {}", kinds.join(", ")), stated_at));
        let required = self.required.iter().map(|(one, stated_at)| {
            let key = if *one == Requirement::Owner { "owner" } else { "expires" };
            (format!("each entry needs {key}"), stated_at)
        });
        let longest = self
            .longest
            .iter()
            .map(|(days, stated_at)| (format!("an entry's last day is at most {days} days away"), stated_at));
        // No lower layer may loosen `issued`; that needs no mention.
        let settings = self.settings.iter().filter(|(setting, _)| *setting != Setting::Issued);
        let settings =
            settings.map(|(setting, stated_at)| (format!("no looser {}", setting.name()), stated_at));
        let all = sorts.chain(kinds).chain(required).chain(longest).chain(settings);
        all.map(|(what, stated_at)| Limit { what, stated_at: stated_at.clone() }).collect()
    }
}

impl Limit {
    /// The mistake at `at`, which breaks this limit.
    pub(super) fn error<T>(&self, source: &Document<'_>, at: &Spanned<T>) -> PolicyError {
        let Self { what, stated_at } = self;
        let message = format!("{what} is not granted to this file");
        let help =
            format!("{stated_at} would have to grant it; ask the owner of that file, or remove it here");
        source.error(at, &message, &help).demanded(Wants::Grant(what.clone()), stated_at)
    }
}

/// The items of a list in `[grant]`, each with its place.
fn listed<'t, T>(
    source: &Document<'_>,
    table: &Spanned<GrantTable>,
    list: Option<&'t Spanned<Vec<Spanned<T>>>>,
) -> (Vec<&'t Spanned<T>>, String) {
    match list {
        Some(list) => (list.get_ref().iter().collect(), source.stated_at(list)),
        None => (Vec::new(), source.stated_at(table)),
    }
}

fn limit<T: PartialEq>(limits: &[(T, String)], wanted: T, what: impl Fn() -> String) -> Result<(), Limit> {
    let mut all = limits.iter().filter(|(one, _)| *one == wanted).map(|(_, stated_at)| stated_at.as_str());
    let Some(first) = all.next() else { return Ok(()) };
    let stated_at = std::iter::once(first).chain(all).collect::<Vec<_>>().join(" and ");
    Err(Limit { what: what(), stated_at })
}

/// Whether `granted` includes all tokens that `name`, a kind's id or a prefix, stands for.
fn is_within(name: &str, granted: &[String]) -> bool {
    let names = |name: &str| granted.iter().any(|one| one == name);
    let Some(kind) = by_name(name) else { return names(name) };
    names(name)
        || names(kind.id)
        || kind.id == name && !kind.prefixes.is_empty() && kind.prefixes.iter().all(|prefix| names(prefix))
}

/// Whether `kinds` includes every kind of the catalogue.
pub(super) fn is_every_kind(kinds: &[String]) -> bool {
    KINDS.iter().all(|kind| is_within(kind.id, kinds))
}
