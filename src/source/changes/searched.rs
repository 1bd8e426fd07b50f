//! Which commits were searched before, with all that they reach.
//!
//! In a push, the remote names only the old values of the pushed references. It does not
//! say whether it has the commits that a new branch starts from, and remote-tracking
//! branches can be stale or made by hand. So all of these commits are searched, once;
//! this record lets the next push skip them. It names commits by id, so it never becomes
//! stale.
//!
//! The record is valid only for the program that wrote it: another one may find more.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::lineages::rev_list;
use crate::source::{Lineage, ObjectId, Preference, Repository, SourceError};

/// The file, in the folder that all work trees of a repository share.
const FILE: &str = "dtguard/searched";
/// The prefix of an unfinished file.
const UNFINISHED: &str = "unfinished-";
/// How many tips are kept. Newer ones usually reach the older ones.
const TIPS: usize = 64;
/// A larger record is ignored: it would name hundreds of thousands of commits.
const LARGEST: u64 = 32 << 20;

/// The record of searched commits.
#[derive(Debug, Default)]
pub struct Searched {
    /// Its path and its first line; none if it cannot be stored.
    place: Option<(PathBuf, String)>,
    /// All commits that these reach were searched.
    tips: Vec<ObjectId>,
    /// The searched commits with findings or unread parts.
    found: HashSet<ObjectId>,
}

impl Searched {
    /// Reads the record of `repository`; an unreadable one is empty.
    pub fn read(repository: &Repository) -> Self {
        let place = repository.common_dir().map(|folder| folder.join(FILE)).zip(program());
        let Some((file, first)) = place else { return Self::default() };
        // What dtguard wrote is a plain file of its own, and not larger.
        let is_own = |data: fs::Metadata| data.is_file() && data.len() <= LARGEST;
        let text = match fs::symlink_metadata(&file).is_ok_and(is_own) {
            true => fs::read_to_string(&file).unwrap_or_default(),
            false => String::new(),
        };
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
        Ok(rev_list(repository, &["--max-count=1"], known, &self.tips)?.is_empty())
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
        let _slower_next_time = write(&file, &text);
    }
}

/// Writes a file atomically.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    let repository = folder.parent().unwrap_or(folder);
    fs::create_dir_all(folder)?;
    // The content may be private to this repository.
    if !folder.symlink_metadata()?.is_dir() {
        return Err(std::io::Error::other("it is no folder of this repository"));
    }
    give(folder, repository);
    remove_left_behind(folder);
    let mut temporary = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    give(temporary.path(), repository);
    temporary.persist(file).map(drop).map_err(|failed| failed.error)
}

/// Gives `path` the owner and group of `repository`. Otherwise a single push as root would slow
/// down all later ones.
#[cfg(unix)]
fn give(path: &Path, repository: &Path) {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let (Ok(own), Ok(data)) = (path.symlink_metadata(), repository.metadata()) else { return };
    if (own.uid(), own.gid()) != (data.uid(), data.gid()) {
        let _only_root_can = chown(path, Some(data.uid()), Some(data.gid()));
    }
    let mode = if own.is_dir() { data.mode() } else { data.mode() & 0o666 };
    let _slower_for_others = fs::set_permissions(path, fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn give(_path: &Path, _repository: &Path) {}

/// Removes the files of killed pushes in `folder`. A push in progress writes its file within an
/// hour.
fn remove_left_behind(folder: &Path) {
    let is_old = |entry: &fs::DirEntry| {
        let written = entry.metadata().and_then(|data| data.modified()).ok();
        written.and_then(|written| written.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(3600))
    };
    let unfinished =
        |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if unfinished(&entry) && is_old(&entry) {
            let _others_will = fs::remove_file(entry.path());
        }
    }
}

/// Identifies this program. A new version is a different file.
fn program() -> Option<String> {
    let file = std::env::current_exe().and_then(fs::metadata).ok()?;
    let written = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let version = env!("CARGO_PKG_VERSION");
    Some(format!("dtguard {version}, {} bytes of {}\n", file.len(), written.as_nanos()))
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
        let read = || Searched::read(&repository);
        let nothing = |searched: Searched| searched.tips.is_empty() && searched.found.is_empty();
        assert!(nothing(read()));
        read().note(&[id("a")], [id("b")].into_iter());
        read().note(&[id("c"), id("a")], [].into_iter());
        assert_eq!(read().tips, [id("c"), id("a")]);
        assert_eq!(read().found, HashSet::from([id("b")]));

        let file = folder.path().join(".git").join(FILE);
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

    #[cfg(unix)]
    #[test]
    fn a_folder_elsewhere_to_which_a_repository_links_stays_as_it_is() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (repository, elsewhere) = (folder.path().join("repository"), folder.path().join("elsewhere"));
        [&repository, &elsewhere].into_iter().for_each(|one| fs::create_dir(one).unwrap());
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
        let file = fs::File::create(elsewhere.join("unfinished-mine")).unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(7200)).unwrap();
        std::os::unix::fs::symlink(&elsewhere, repository.join("dtguard")).unwrap();
        assert!(write(&repository.join(FILE), "text").is_err());
        assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o700);
        let names: Vec<_> = fs::read_dir(&elsewhere).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(names, ["unfinished-mine"]);
    }

    #[test]
    fn what_a_killed_push_left_behind_is_removed_and_what_one_under_way_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = |name: &str, hours: u64| {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
        };
        left("unfinished-a", 2);
        left("unfinished-b", 0);
        left("other", 2);
        write(&folder.path().join("searched"), "text").unwrap();
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["other", "searched", "unfinished-b"]);
    }

    #[test]
    fn the_oldest_tips_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let repository = open(folder.path(), Preference::Git);
        let all: Vec<_> =
            (0..TIPS as u8 + 1).map(|byte| ObjectId::from_bytes(&[byte; 20]).unwrap()).collect();
        for tip in &all {
            Searched::read(&repository).note(&[*tip], [].into_iter());
        }
        let tips = Searched::read(&repository).tips;
        assert_eq!((tips.len(), tips.first(), tips.last()), (TIPS, all.last(), all.get(1)));
    }
}
