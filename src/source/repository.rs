//! A repository, the readers that can read it, and the choice between them.

use std::ops::Deref;

use super::index;
use super::libgit2::{self, Refusal};
use super::plumbing::{Objects, Plumbing};
use super::{Change, Environment, ObjectId, SourceError};

/// Which reader to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preference {
    /// The index reader of our own over libgit2's objects; where it refuses,
    /// libgit2; where that refuses, git.
    #[default]
    Fastest,
    /// libgit2 alone, for tests that compare the readers.
    Libgit2,
    /// git alone, likewise.
    Git,
}

/// The repository that git's environment names, or the one around the current
/// folder.
pub struct Repository {
    environment: Environment,
    preference: Preference,
    /// libgit2's handle, or why there is none.
    libgit2: Result<git2::Repository, String>,
    plumbing: Plumbing,
}

impl Repository {
    /// Opens it. That no reader can read it shows at the first question.
    ///
    /// # Errors
    ///
    /// [`SourceError::NoIndex`], see [`Environment::read`].
    pub fn open(preference: Preference) -> Result<Self, SourceError> {
        let environment = Environment::read()?;
        let libgit2 = if preference == Preference::Git {
            Err("not asked".to_owned())
        } else if environment.libgit2_agrees {
            libgit2::open().map_err(|error| libgit2::message(&error))
        } else {
            Err("not asked: it would look for the index in another place than git".to_owned())
        };
        let plumbing = Plumbing::new(environment.clone());
        Ok(Self { environment, preference, libgit2, plumbing })
    }

    /// Which reader it was opened with.
    pub fn preference(&self) -> Preference {
        self.preference
    }

    pub(super) fn plumbing(&self) -> &Plumbing {
        &self.plumbing
    }

    /// What differs between HEAD's tree and the index, that is, what a commit
    /// would change.
    ///
    /// # Errors
    ///
    /// If no reader can tell, or the index holds conflicts.
    pub fn staged(&self) -> Result<Vec<Change>, SourceError> {
        let answer = match &self.libgit2 {
            Ok(repository) if self.preference == Preference::Libgit2 => libgit2::staged(repository),
            Ok(repository) => match self.staged_by_index(repository) {
                Err(Refusal::Cannot(_)) => libgit2::staged(repository),
                answer => answer,
            },
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
            match self.plumbing.staged() {
                Err(error @ SourceError::Git { .. }) => error.to_string(),
                answer => return answer,
            }
        };
        Err(SourceError::Unreadable { libgit2, git })
    }

    fn staged_by_index(&self, repository: &git2::Repository) -> Result<Vec<Change>, Refusal> {
        let head = libgit2::head_tree(repository)?.map(|tree| tree.id());
        let usual = || repository.path().join("index");
        let file = self.environment.index_file.clone().unwrap_or_else(usual);
        index::staged(repository, head, &file)
    }

    /// The content of `path`, a file at the top, as it will be after the commit
    /// whose `changes` are staged; none if there is no such file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn staged_file(&self, path: &str, changes: &[Change]) -> Result<Option<Vec<u8>>, SourceError> {
        let id = match changes.iter().find(|change| change.path == path.as_bytes()) {
            Some(change) => change.new.map(|new| new.id),
            None => match &self.libgit2 {
                Ok(repository) => match libgit2::head_entry(repository, path) {
                    Ok(id) => id,
                    Err(_) => return self.committed_file("HEAD", path),
                },
                Err(_) => return self.committed_file("HEAD", path),
            },
        };
        id.map(|id| self.blobs().read(id, path.as_bytes()).map(|blob| blob.to_vec())).transpose()
    }

    /// The content of `path` in the commit that `revision` means; none if there
    /// is no such file or no such commit.
    ///
    /// # Errors
    ///
    /// If git cannot be asked.
    pub fn committed_file(&self, revision: &str, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        self.plumbing.objects()?.read(&format!("{revision}:{path}"))
    }

    /// Whether a merge is under way, so that the staged change holds what the
    /// other branch brings.
    pub fn is_merging(&self) -> bool {
        self.plumbing.run(&["rev-parse", "--quiet", "--verify", "MERGE_HEAD"]).is_ok()
    }

    /// A reader of this repository's blobs. A thread of its own needs a
    /// repository of its own: open it again.
    pub fn blobs(&self) -> BlobReader<'_> {
        BlobReader { repository: self, objects: None }
    }
}

/// The content of a blob.
pub enum Blob<'r> {
    /// In libgit2's memory.
    Libgit2(git2::Blob<'r>),
    /// Read from git.
    Plumbing(Vec<u8>),
}

impl Deref for Blob<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Libgit2(blob) => blob.content(),
            Self::Plumbing(content) => content,
        }
    }
}

/// Reads blobs, by libgit2 where it can, else by one `git cat-file --batch`.
pub struct BlobReader<'r> {
    repository: &'r Repository,
    objects: Option<Objects>,
}

impl<'r> BlobReader<'r> {
    /// The blob `id`; `path` is where it stands, for the message.
    ///
    /// # Errors
    ///
    /// [`SourceError::Object`] if neither reader has it.
    pub fn read(&mut self, id: ObjectId, path: &[u8]) -> Result<Blob<'r>, SourceError> {
        let libgit2 = match &self.repository.libgit2 {
            Ok(repository) => match libgit2::read(repository, id) {
                Ok(blob) => return Ok(Blob::Libgit2(blob)),
                Err(error) => libgit2::message(&error),
            },
            Err(message) => message.clone(),
        };
        let git = if self.repository.preference == Preference::Libgit2 {
            "not asked".to_owned()
        } else {
            match self.ask_git(id) {
                Ok(Some(content)) => return Ok(Blob::Plumbing(content)),
                Ok(None) => "missing".to_owned(),
                Err(error) => error.to_string(),
            }
        };
        let path = Some(String::from_utf8_lossy(path).into_owned());
        Err(SourceError::Object { id, path, libgit2, git })
    }

    fn ask_git(&mut self, id: ObjectId) -> Result<Option<Vec<u8>>, SourceError> {
        let mut objects = match self.objects.take() {
            Some(objects) => objects,
            None => self.repository.plumbing.objects()?,
        };
        // One that failed may be out of step or gone: the next question gets a
        // new one.
        let answer = objects.read(&id.to_string())?;
        self.objects = Some(objects);
        Ok(answer)
    }
}
