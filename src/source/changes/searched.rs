//! Which commits were searched before, with all that they reach.
//!
//! In a push, the remote names only the old values of the pushed references. It does not
//! say whether it has the commits that a new branch starts from, and remote-tracking
//! branches can be stale or made by hand. So all of these commits are searched, once;
//! this record lets the next push skip them. It names commits by id, so it never becomes
//! stale.
//!
//! The record is valid only for the program that wrote it and the rules of that policy: others
//! may find more.

use std::collections::HashSet;
use std::fs;
use std::time::UNIX_EPOCH;

use super::lineages::rev_list;
use super::walk::row;
use crate::source::{Lineage, ObjectId, Preference, Record, Repository, SourceError};

/// The name of the record.
const NAME: &str = "searched";
/// How many tips are kept. Newer ones usually reach the older ones.
const TIPS: usize = 64;

/// The record of searched commits.
#[derive(Debug, Default)]
pub struct Searched {
    /// Its file and its first line; none if it cannot be stored.
    place: Option<(Record, String)>,
    /// All commits that these reach were searched.
    tips: Vec<ObjectId>,
    /// The searched commits with findings or unread parts.
    found: HashSet<ObjectId>,
}

impl Searched {
    /// Reads the record of `repository` for these `rules`; an unreadable one is empty.
    pub fn read(repository: &Repository, rules: &str) -> Self {
        let Some((file, first)) = Record::of(repository, NAME).zip(program(rules)) else {
            return Self::default();
        };
        let text = file.read();
        let mut searched = Self { place: Some((file, first)), ..Self::default() };
        if searched.parse(&text).is_none() {
            (searched.tips, searched.found) = (Vec::new(), HashSet::new());
        }
        searched
    }

    fn parse(&mut self, text: &str) -> Option<()> {
        let (_, first) = self.place.as_ref()?;
        let rest = text.strip_prefix(first.as_str())?.strip_suffix("end\n")?;
        for line in rest.lines() {
            let (what, id) = line.split_once(' ')?;
            let id = ObjectId::from_hex(id.as_bytes())?;
            match what {
                "tip" => self.tips.push(id),
                "found" => drop(self.found.insert(id)),
                _ => return None,
            }
        }
        Some(())
    }

    /// The commits that `tips` reach and `known` do not, without those that were searched and
    /// hold nothing. With `promised`, also without those that came from the receiver.
    pub fn left(
        &self,
        repository: &Repository,
        tips: &[ObjectId],
        known: &[ObjectId],
        promised: bool,
    ) -> Result<Vec<Lineage>, SourceError> {
        if let ([tip], false) = (tips, promised) {
            // To search a commit again that an earlier push left clean changes no verdict.
            let ends = match known {
                [] if self.found.is_empty() => self.tips.as_slice(),
                [_] => known,
                _ => &[],
            };
            if let Some(commits) = row(repository, *tip, ends) {
                return Ok(commits);
            }
        }
        let options: &[&str] = if promised { &["--exclude-promisor-objects"] } else { &[] };
        let mut commits = rev_list(repository, options, tips, &[known, &self.tips].concat())?;
        if !self.found.is_empty() {
            let listed: HashSet<_> = commits.iter().map(|(commit, _)| *commit).collect();
            let all = rev_list(repository, options, tips, known)?;
            let again = |commit: &ObjectId| self.found.contains(commit) && !listed.contains(commit);
            commits.extend(all.into_iter().filter(|(commit, _)| again(commit)));
        }
        Ok(commits)
    }

    /// Whether everything that `known` reaches was searched. Only then later commits can be
    /// recorded.
    pub fn reaches(&self, repository: &Repository, known: &[ObjectId]) -> Result<bool, SourceError> {
        // Tests compare the other readers with the same record.
        let may_note = repository.preference() == Preference::Fastest && !repository.is_shallow()?;
        if !may_note || known.is_empty() || self.tips.is_empty() {
            return Ok(may_note && known.is_empty());
        }
        let others: Vec<_> = known.iter().copied().filter(|id| !self.tips.contains(id)).collect();
        Ok(others.is_empty() || rev_list(repository, &["--max-count=1"], &others, &self.tips)?.is_empty())
    }

    /// Records that all commits that `tips` reach were searched, and that those in `found`
    /// have findings. If writing fails, the next push takes longer.
    pub fn note(self, tips: &[ObjectId], found: impl Iterator<Item = ObjectId>) {
        let Some((file, first)) = self.place else { return };
        let mut known = HashSet::new();
        let tips = tips.iter().copied().chain(self.tips).filter(|tip| known.insert(*tip)).take(TIPS);
        let mut text = first;
        tips.for_each(|tip| text.push_str(&format!("tip {tip}\n")));
        let found: HashSet<_> = found.chain(self.found).collect();
        found.iter().for_each(|commit| text.push_str(&format!("found {commit}\n")));
        text.push_str("end\n");
        let _slower_next_time = file.write(&text);
    }
}

/// Identifies this program and the `rules` of the policy. A new version is a different file.
fn program(rules: &str) -> Option<String> {
    let file = std::env::current_exe().and_then(fs::metadata).ok()?;
    let written = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let version = env!("CARGO_PKG_VERSION");
    let rules = if rules.is_empty() { String::new() } else { format!(", rules {rules}") };
    Some(format!("dtguard {version}, {} bytes of {}{rules}\n", file.len(), written.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::{git, open};

    fn id(digit: &str) -> ObjectId {
        ObjectId::from_hex(digit.repeat(40).as_bytes()).unwrap()
    }

    #[test]
    fn what_was_searched_is_known_again_and_a_record_that_was_cut_or_is_anothers_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let repository = open(folder.path(), Preference::Fastest);
        let read = || Searched::read(&repository, "");
        let nothing = |searched: Searched| searched.tips.is_empty() && searched.found.is_empty();
        assert!(nothing(read()));
        read().note(&[id("a")], [id("b")].into_iter());
        read().note(&[id("c"), id("a")], [].into_iter());
        assert_eq!(read().tips, [id("c"), id("a")]);
        assert_eq!(read().found, HashSet::from([id("b")]));

        let file = folder.path().join(".git/dtguard").join(NAME);
        let text = fs::read_to_string(&file).unwrap();
        for length in 0..text.len() {
            fs::write(&file, &text[..length]).unwrap();
            assert!(nothing(read()), "{length}");
        }
        fs::write(&file, text.replacen("dtguard", "another", 1)).unwrap();
        assert!(nothing(read()));
        #[cfg(unix)]
        for target in ["/dev/zero", "elsewhere"] {
            fs::write(file.with_file_name("elsewhere"), &text).unwrap();
            fs::remove_file(&file).unwrap();
            std::os::unix::fs::symlink(target, &file).unwrap();
            assert!(nothing(read()), "{target}");
        }
    }

    #[test]
    fn the_oldest_tips_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let repository = open(folder.path(), Preference::Git);
        let all: Vec<_> =
            (0..TIPS as u8 + 1).map(|byte| ObjectId::from_bytes(&[byte; 20]).unwrap()).collect();
        for tip in &all {
            Searched::read(&repository, "").note(&[*tip], [].into_iter());
        }
        let tips = Searched::read(&repository, "").tips;
        assert_eq!((tips.len(), tips.first(), tips.last()), (TIPS, all.last(), all.get(1)));
    }
}
