//! A repository, the readers that can read it, and the choice between them.

use std::io::Read as _;

use super::index;
use super::libgit2::{self, Refusal, Sizes};
use super::objects::Objects;
use super::plumbing::Plumbing;
use super::{Blob, Change, Content, Environment, LARGEST_WHOLE, ObjectId, SourceError};

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
        self.blobs_up_to(LARGEST_WHOLE)
    }

    /// As [`Repository::blobs`]; what is larger than `largest` is a stream.
    fn blobs_up_to(&self, largest: usize) -> BlobReader<'_> {
        let sizes = self.libgit2.as_ref().ok().map(Sizes::of);
        BlobReader { repository: self, sizes, largest: largest as u64, objects: None }
    }
}

/// Reads blobs, by libgit2 where it can, else by `git cat-file --batch`.
pub struct BlobReader<'r> {
    repository: &'r Repository,
    sizes: Option<Sizes<'r>>,
    largest: u64,
    objects: Option<Objects>,
}

impl<'r> BlobReader<'r> {
    /// The blob `id`, whole whatever its size; `path` is where it stands, for the
    /// message.
    ///
    /// # Errors
    ///
    /// [`SourceError::Object`] if neither reader has it.
    pub fn read(&mut self, id: ObjectId, path: &[u8]) -> Result<Blob<'r>, SourceError> {
        match self.content(id, path, u64::MAX)? {
            Content::Whole(blob) => Ok(blob),
            Content::Stream { mut read, .. } => {
                let mut content = Vec::new();
                let read = read.read_to_end(&mut content);
                read.map(|_| Blob::Read(content)).map_err(|error| SourceError::broke_off(id, path, &error))
            }
        }
    }

    /// The blob `id`, as a stream if it is larger than [`LARGEST_WHOLE`].
    ///
    /// # Errors
    ///
    /// [`SourceError::Object`] if neither reader has it. An error that the stream
    /// gives later is for [`SourceError::broke_off`].
    pub fn open(&mut self, id: ObjectId, path: &[u8]) -> Result<Content<'r>, SourceError> {
        let is_larger = self.sizes.as_mut().is_some_and(|sizes| sizes.is_larger(id, self.largest));
        // libgit2 streams nothing that is in a pack. Where git cannot be started,
        // memory is what it costs.
        if is_larger
            && self.repository.preference != Preference::Libgit2
            && let Ok(Some(content)) = self.ask_git(id, self.largest)
        {
            return Ok(content);
        }
        self.content(id, path, self.largest)
    }

    /// The blob by libgit2, whole, else by git, as a stream if it is larger than
    /// `largest`.
    fn content(&mut self, id: ObjectId, path: &[u8], largest: u64) -> Result<Content<'r>, SourceError> {
        let libgit2 = match &self.repository.libgit2 {
            Ok(repository) => match libgit2::read(repository, id) {
                Ok(blob) => return Ok(Content::Whole(Blob::Libgit2(blob))),
                Err(error) => libgit2::message(&error),
            },
            Err(message) => message.clone(),
        };
        let git = if self.repository.preference == Preference::Libgit2 {
            "not asked".to_owned()
        } else {
            match self.ask_git(id, largest) {
                Ok(Some(content)) => return Ok(content),
                Ok(None) => "missing".to_owned(),
                Err(error) => error.to_string(),
            }
        };
        let path = Some(String::from_utf8_lossy(path).into_owned());
        Err(SourceError::Object { id, path, libgit2, git })
    }

    fn ask_git(&mut self, id: ObjectId, largest: u64) -> Result<Option<Content<'r>>, SourceError> {
        let mut objects = match self.objects.take() {
            Some(objects) => objects,
            None => self.repository.plumbing.objects()?,
        };
        // One that failed may be out of step or gone, and one that streams is
        // taken: the next question gets a new one.
        let content = match objects.ask(&id.to_string())? {
            Some(size) if size > largest => {
                let read = Box::new(objects.into_stream(size));
                return Ok(Some(Content::Stream { read, size }));
            }
            Some(size) => Some(Content::Whole(Blob::Read(objects.whole(size)?))),
            None => None,
        };
        self.objects = Some(objects);
        Ok(content)
    }
}
