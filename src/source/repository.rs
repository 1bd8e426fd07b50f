//! A repository and its readers, and the choice between them.

use std::path::PathBuf;

use super::paths::path_from_bytes;
use super::readers::{
    BlobReader, Lfs, Libgit2, Plumbing, Preference, Refusal, index_damage, message, staged,
};
use super::store::Kind;
use super::{Base, Change, Environment, LARGEST_WHOLE, ObjectId, SourceError};

/// The repository of git's environment, or the one around the current folder.
pub struct Repository {
    environment: Environment,
    preference: Preference,
    /// libgit2's handle, or why there is none.
    libgit2: Result<Libgit2, String>,
    plumbing: Plumbing,
}

/// The length of ids in git's object format `format`.
pub(super) fn length_of_id(format: &[u8]) -> usize {
    if format == b"sha256" { 32 } else { 20 }
}

impl Repository {
    /// Opens it. Read failures surface at the first query, not here.
    pub fn open(preference: Preference) -> Result<Self, SourceError> {
        let environment = Environment::read()?;
        let libgit2 = if preference == Preference::Git {
            Err("not asked".to_owned())
        } else if environment.libgit2_agrees {
            Libgit2::open().map_err(|error| message(&error))
        } else {
            Err("not asked: it would look for the index in another place than git".to_owned())
        };
        let plumbing = Plumbing::new(environment.clone());
        Ok(Self { environment, preference, libgit2, plumbing })
    }

    /// The preferred reader.
    pub fn preference(&self) -> Preference {
        self.preference
    }

    pub(super) fn plumbing(&self) -> &Plumbing {
        &self.plumbing
    }

    /// libgit2's handle, or why there is none.
    pub(super) fn libgit2(&self) -> &Result<Libgit2, String> {
        &self.libgit2
    }

    /// The repository in `git_dir`, whatever the environment names.
    pub fn in_folder(git_dir: PathBuf, preference: Preference) -> Self {
        let libgit2 = match preference {
            Preference::Git => Err("not asked".to_owned()),
            _ => git2::Repository::open(&git_dir).map(Libgit2::of).map_err(|error| message(&error)),
        };
        let environment = Environment { index_file: None, libgit2_agrees: true };
        let plumbing = Plumbing::of(environment.clone(), git_dir);
        Self { environment, preference, libgit2, plumbing }
    }

    /// The differences between `base` and the index. Fails if any part cannot be read.
    pub(super) fn staged_whole(&self, base: Base) -> Result<Vec<Change>, SourceError> {
        let answer = match &self.libgit2 {
            Ok(repository) if self.preference == Preference::Libgit2 => repository.staged(base),
            Ok(repository) => self.staged_by_index(repository, base),
            Err(message) => Err(Refusal::Cannot(message.clone())),
        };
        let libgit2 = match answer {
            Ok(changes) => return Ok(changes),
            Err(Refusal::Final(error)) => return Err(error),
            Err(Refusal::Cannot(message)) => message,
        };
        let git = if self.preference == Preference::Libgit2 {
            "not asked".to_owned()
        } else {
            match self.plumbing.staged(base) {
                Err(error @ SourceError::Git { .. }) => error.to_string(),
                answer => return answer,
            }
        };
        Err(SourceError::Unreadable { libgit2, git })
    }

    /// The damage of the index; git may accept half of a damaged one.
    pub(super) fn index_damage(&self) -> Option<SourceError> {
        let file = self.environment.index_file.clone();
        index_damage(&file.or_else(|| Some(self.git_dir()?.join("index")))?, self.id_length().ok()?)
    }

    /// The length of its object ids.
    pub(super) fn id_length(&self) -> Result<usize, SourceError> {
        // libgit2 opens only these repositories.
        if self.libgit2.is_ok() {
            return Ok(20);
        }
        let format = self.plumbing.run(&["rev-parse", "--show-object-format"])?;
        Ok(length_of_id(format.trim_ascii()))
    }

    /// Whether the index may have a file of the name `path`. Costs little; `false` is certain.
    pub fn may_stage(&self, path: &str) -> bool {
        let usual = || Some(self.libgit2.as_ref().ok()?.usual_index());
        let Some(file) = self.environment.index_file.clone().or_else(usual) else { return true };
        match std::fs::read(file) {
            Err(error) => error.kind() != std::io::ErrorKind::NotFound,
            // In the other versions a path is written without what it shares with the last one,
            // and a split index has its entries elsewhere.
            Ok(bytes) => {
                let holds = |text: &[u8]| memchr::memmem::find(&bytes, text).is_some();
                !matches!(bytes.get(4..8), Some([0, 0, 0, 2 | 3])) || holds(b"link") || holds(path.as_bytes())
            }
        }
    }

    fn staged_by_index(&self, repository: &Libgit2, base: Base) -> Result<Vec<Change>, Refusal> {
        let file = self.environment.index_file.clone().unwrap_or_else(|| repository.usual_index());
        staged(repository, repository.base_tree(base)?, &file)
    }

    /// The reference of HEAD, in git's bytes; none if HEAD is a commit.
    pub fn head_name(&self) -> Option<Vec<u8>> {
        let name = self.plumbing.run(&["symbolic-ref", "--quiet", "HEAD"]).ok()?;
        Some(name.trim_ascii_end().to_vec())
    }

    /// HEAD's commit; none on an unborn branch.
    pub fn head_commit(&self) -> Option<ObjectId> {
        // Only saves time: git gives the same answer.
        let head = self.libgit2.as_ref().ok().and_then(Libgit2::head_commit);
        head.or_else(|| self.named("HEAD").ok())
    }

    /// The kind of the object `id`.
    pub(super) fn kind(&self, id: ObjectId) -> Result<Kind, SourceError> {
        if let Ok(repository) = &self.libgit2
            && let Ok(kind) = repository.kind(id)
        {
            return Ok(kind);
        }
        let said = match self.plumbing.run(&["cat-file", "-t", &id.to_string()]) {
            // Both readers' messages.
            Err(error) => return Err(self.blobs().any(id).err().unwrap_or(error)),
            Ok(said) => said,
        };
        Kind::called(said.trim_ascii()).ok_or_else(|| SourceError::unexpected("cat-file -t"))
    }

    /// The fetch URL of the remote `name`, if there is one.
    pub(super) fn fetch_url(&self, name: &str) -> Option<String> {
        // Only saves time: git gives the same answer.
        if let Ok(repository) = &self.libgit2
            && let Some(url) = repository.fetch_url(name)
        {
            return Some(url);
        }
        let url = self.plumbing.run(&["remote", "get-url", name]).ok()?;
        Some(String::from_utf8_lossy(&url).trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Whether a remote may have promised objects that are missing here. A quick
    /// answer: `false` is certain.
    pub(super) fn may_be_promised(&self) -> bool {
        self.libgit2.as_ref().map_or(true, Libgit2::may_be_promised)
    }

    /// The git folder of this work tree, which holds its HEAD.
    pub(super) fn git_dir(&self) -> Option<PathBuf> {
        match &self.libgit2 {
            Ok(repository) => Some(repository.git_dir()),
            Err(_) => self.folder("--absolute-git-dir"),
        }
    }

    fn folder(&self, which: &str) -> Option<PathBuf> {
        let folder = self.plumbing.run(&["rev-parse", which]).ok()?;
        path_from_bytes(folder.trim_ascii_end().to_vec())
    }

    /// Whether git accepts this as a repository that it can read.
    pub(super) fn is_there(&self) -> bool {
        self.plumbing.run(&["rev-parse", "--git-dir"]).is_ok()
    }

    /// The object that git knows as `revision`, readable or not.
    pub(super) fn named(&self, revision: &str) -> Result<ObjectId, SourceError> {
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", revision];
        let id = ObjectId::from_hex(self.plumbing.run(&arguments)?.trim_ascii());
        id.ok_or_else(|| SourceError::unexpected("rev-parse"))
    }

    /// Whether the object `id` exists and cannot be read.
    pub(super) fn is_damaged(&self, id: ObjectId) -> bool {
        self.blobs().any(id).is_err_and(|error| !error.is_of_missing())
    }

    /// git's `error` for a question about `revision`.
    pub(super) fn unknown(&self, revision: &str, error: SourceError) -> SourceError {
        // git ran, and did not know the name or could not follow it.
        let SourceError::Git { exited: true, .. } = error else { return error };
        let start = revision.split(['~', '^', ':']).next().unwrap_or(revision);
        let unread = self.named(start).ok().and_then(|id| self.blobs().any(id).err());
        unread.filter(|error| !error.is_of_missing()).unwrap_or_else(|| self.no_revision(revision))
    }

    /// The error that `revision` does not exist.
    pub(super) fn no_revision(&self, revision: &str) -> SourceError {
        let shallow = self.is_shallow().unwrap_or(false);
        SourceError::no_revision(revision, shallow, self.usual_base().as_deref())
    }

    /// The remote branch into which changes usually go; none without a remote.
    pub fn usual_base(&self) -> Option<String> {
        const NAME: &str = "--format=%(if)%(symref)%(then)%(symref:short)%(else)%(refname:short)%(end)";
        // First the remote's own main branch, then the usual names.
        let main = ["origin/HEAD", "origin/main", "origin/master", "*/HEAD", "*/main", "*/master", "**"];
        let first = |pattern: &&str| {
            let pattern = format!("refs/remotes/{pattern}");
            let found = self.plumbing.run(&["for-each-ref", "--count=1", NAME, &pattern]).ok()?;
            Some(String::from_utf8_lossy(&found).trim().to_owned()).filter(|name| !name.is_empty())
        };
        main.iter().find_map(first)
    }

    /// The folder that all work trees share.
    pub(super) fn common_dir(&self) -> Option<PathBuf> {
        match &self.libgit2 {
            Ok(repository) => Some(repository.common_dir()),
            Err(_) => self.folder("--git-common-dir"),
        }
    }

    /// The content that Git LFS stores for this repository.
    pub fn lfs(&self) -> Lfs<'_> {
        Lfs::new(&self.libgit2, &self.plumbing)
    }

    /// A reader of this repository's blobs. Each thread needs its own repository: open it
    /// again.
    pub fn blobs(&self) -> BlobReader<'_> {
        self.blobs_up_to(LARGEST_WHOLE)
    }

    /// Like [`Repository::blobs`]; content larger than `largest` is a stream.
    pub(super) fn blobs_up_to(&self, largest: usize) -> BlobReader<'_> {
        BlobReader::new(&self.libgit2, &self.plumbing, self.preference, largest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::{git, open, write};

    #[test]
    fn each_kind_of_object_is_known_wherever_git_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| git(folder.path(), arguments, b"");
        git(&["init", "--quiet"]);
        let blob = write(folder.path(), b"text").to_string();
        git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},f")]);
        git(&["commit", "--quiet", "-m", "m"]);
        git(&["tag", "-a", "-m", "m", "v1"]);
        for _store in ["loose", "packed"] {
            for reader in [Preference::Fastest, Preference::Git] {
                let repository = open(folder.path(), reader);
                for (name, kind) in [
                    ("HEAD", Kind::Commit),
                    ("HEAD^{tree}", Kind::Tree),
                    ("HEAD:f", Kind::Blob),
                    ("v1", Kind::Tag),
                ] {
                    let id = ObjectId::from_hex(git(&["rev-parse", name]).as_bytes()).unwrap();
                    assert_eq!(repository.kind(id).unwrap(), kind, "{reader:?}");
                }
            }
            git(&["repack", "-adq"]);
        }
        assert!(!folder.path().join(".git/objects").join(&blob[..2]).exists(), "they are packed");
    }

    #[test]
    fn each_reader_is_the_one_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        std::fs::write(folder.path().join("f"), "text").unwrap();
        git(folder.path(), &["add", "f"], b"");
        // Only our own index reader returns sizes.
        for (reader, size) in
            [(Preference::Fastest, Some(4)), (Preference::Libgit2, None), (Preference::Git, None)]
        {
            let repository = open(folder.path(), reader);
            assert_eq!(repository.preference(), reader);
            assert_eq!(repository.libgit2().is_ok(), reader != Preference::Git);
            let changes = repository.staged().unwrap().changes;
            assert_eq!(changes.iter().map(|change| change.size).collect::<Vec<_>>(), [size], "{reader:?}");
        }
    }
}
