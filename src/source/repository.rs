//! A repository, the readers that can read it, and the choice between them.

use std::io::Read as _;

use super::commits::Lineage;
use super::index;
use super::libgit2::{self, Found, Libgit2, Refusal};
use super::loose::{Kind, Object};
use super::objects::{Ahead, Objects};
use super::plumbing::Plumbing;
use super::trees::{self, Block};
use super::{Addition, Blob, Change, Content, Environment, LARGEST_WHOLE, ObjectId, SourceError};

/// Which reader to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preference {
    /// The index reader of our own over loose files and libgit2's packs; where that
    /// refuses, git.
    #[default]
    Fastest,
    /// libgit2 for the list of changes and no git, for tests that compare the
    /// readers.
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
    libgit2: Result<Libgit2, String>,
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
            Libgit2::open().map_err(|error| libgit2::message(&error))
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

    /// libgit2's handle, if it could open the repository.
    pub(super) fn libgit2(&self) -> Option<&Libgit2> {
        self.libgit2.as_ref().ok()
    }

    /// What differs between HEAD's tree and the index, that is, what a commit
    /// would change.
    ///
    /// # Errors
    ///
    /// If no reader can tell, or the index holds conflicts.
    pub fn staged(&self) -> Result<Vec<Change>, SourceError> {
        let answer = match &self.libgit2 {
            Ok(repository) if self.preference == Preference::Libgit2 => repository.staged(),
            Ok(repository) => self.staged_by_index(repository),
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

    fn staged_by_index(&self, repository: &Libgit2) -> Result<Vec<Change>, Refusal> {
        let file = self.environment.index_file.clone().unwrap_or_else(|| repository.usual_index());
        index::staged(repository, repository.head_tree()?, &file)
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
            None => return self.head_file(path),
        };
        id.map(|id| self.blobs().read(id, path.as_bytes()).map(|blob| blob.to_vec())).transpose()
    }

    /// The content of `path`, a file at the top, in HEAD; none if there is no such
    /// file or no commit yet.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn head_file(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let entry = match &self.libgit2 {
            Ok(repository) => repository.head_entry(path),
            Err(message) => Err(Refusal::Cannot(message.clone())),
        };
        match entry {
            Ok(id) => {
                id.map(|id| self.blobs().read(id, path.as_bytes()).map(|blob| blob.to_vec())).transpose()
            }
            Err(_) => self.committed_file("HEAD", path),
        }
    }

    /// The content of `path` in the commit that `revision` means; none if there
    /// is no such file or no such commit.
    ///
    /// # Errors
    ///
    /// If git cannot be asked, or the file is there and its content is not.
    pub fn committed_file(&self, revision: &str, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let name = format!("{revision}:{path}");
        if let Some(content) = self.plumbing.objects()?.read(&name)? {
            return Ok(Some(content));
        }
        // git says "missing" both where there is no such file and where a
        // partial clone does not have its content.
        let Ok(id) = self.plumbing.run(&["rev-parse", "--quiet", "--verify", "--end-of-options", &name])
        else {
            return Ok(None);
        };
        let unexpected = || SourceError::Format { command: "rev-parse".to_owned() };
        let id = ObjectId::from_hex(id.trim_ascii()).ok_or_else(unexpected)?;
        self.blobs().read(id, path.as_bytes()).map(|blob| Some(blob.to_vec()))
    }

    /// The reference that HEAD is, in git's bytes; none where it is a commit.
    pub fn head_name(&self) -> Option<Vec<u8>> {
        let name = self.plumbing.run(&["symbolic-ref", "--quiet", "HEAD"]).ok()?;
        Some(name.trim_ascii_end().to_vec())
    }

    /// As [`Repository::committed_file`], in the commit `id`, and mostly without
    /// asking git.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn file_of_commit(&self, id: ObjectId, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let entry = match &self.libgit2 {
            Ok(repository) => repository.committed_entry(id, path),
            Err(message) => Err(Refusal::Cannot(message.clone())),
        };
        match entry {
            Ok(None) => Ok(None),
            Ok(Some(blob)) => self.blobs().read(blob, path.as_bytes()).map(|blob| Some(blob.to_vec())),
            Err(_) => self.committed_file(&id.to_string(), path),
        }
    }

    /// What each of `commits` changes against each of its parents, or as a root.
    pub(super) fn compare(&self, commits: &[Lineage]) -> Result<Vec<Block>, SourceError> {
        if let Ok(repository) = &self.libgit2
            && let Ok(blocks) = trees::compare(repository, commits)
        {
            return Ok(blocks);
        }
        self.plumbing.compare(commits)
    }

    /// What the object `id` is.
    pub(super) fn kind(&self, id: ObjectId) -> Result<Kind, SourceError> {
        if let Ok(repository) = &self.libgit2
            && let Ok(kind) = repository.kind(id)
        {
            return Ok(kind);
        }
        let said = self.plumbing.run(&["cat-file", "-t", &id.to_string()])?;
        match said.trim_ascii() {
            b"commit" => Ok(Kind::Commit),
            b"tag" => Ok(Kind::Tag),
            b"tree" => Ok(Kind::Tree),
            b"blob" => Ok(Kind::Blob),
            _ => Err(SourceError::Format { command: "cat-file -t".to_owned() }),
        }
    }

    /// From where the remote `name` fetches, if it is one.
    pub(super) fn fetch_url(&self, name: &str) -> Option<String> {
        // This saves time: git answers the same.
        if let Ok(repository) = &self.libgit2
            && let Some(url) = repository.fetch_url(name)
        {
            return Some(url);
        }
        let url = self.plumbing.run(&["remote", "get-url", name]).ok()?;
        Some(String::from_utf8_lossy(&url).trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Whether there is a reference of this name.
    pub(super) fn has_reference(&self, name: &str) -> bool {
        match &self.libgit2 {
            Ok(repository) => repository.has_reference(name),
            Err(_) => {
                self.plumbing.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", name]).is_ok()
            }
        }
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
        BlobReader { repository: self, largest: largest as u64, objects: None, promised: None }
    }
}

/// Reads blobs: those in files of their own by itself, those in packs by libgit2
/// where it can, all others by `git cat-file --batch`.
pub struct BlobReader<'r> {
    repository: &'r Repository,
    largest: u64,
    objects: Option<Objects>,
    /// Whether this is a partial clone, once a blob was missing.
    promised: Option<bool>,
}

impl<'r> BlobReader<'r> {
    /// The blob `id`, whole whatever its size; `path` is where it stands, for the
    /// message.
    ///
    /// # Errors
    ///
    /// [`SourceError::Object`] if neither reader has it.
    pub fn read(&mut self, id: ObjectId, path: &[u8]) -> Result<Blob<'r>, SourceError> {
        match self.content(id, path, u64::MAX, false)? {
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
        self.content(id, path, self.largest, true)
    }

    /// As [`BlobReader::open`], the new blob of `addition`.
    ///
    /// # Errors
    ///
    /// As [`BlobReader::open`].
    pub fn open_new(&mut self, addition: &Addition) -> Result<Content<'r>, SourceError> {
        // To ask a pack takes as long as to read a small file from it. Where the
        // index knows a size and is wrong, memory is what it costs; a size of just the
        // limit would only take time.
        let may_be_large = addition.size.is_none_or(|size| u64::from(size) > self.largest);
        self.content(addition.new, &addition.path, self.largest, may_be_large)
    }

    /// The commit or tag `id` as git stores it.
    ///
    /// # Errors
    ///
    /// [`SourceError::Object`] if neither reader has it.
    pub fn object(&mut self, id: ObjectId) -> Result<Vec<u8>, SourceError> {
        let libgit2 = match &self.repository.libgit2 {
            Ok(repository) => match repository.object(id) {
                Ok((_, content)) => return Ok(content),
                Err(Refusal::Cannot(message)) => message,
                Err(Refusal::Final(error)) => return Err(error),
            },
            Err(message) => message.clone(),
        };
        let git = match self.ask_git_for_any(id) {
            Ok(Some(content)) => return Ok(content),
            Ok(None) => "missing".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(SourceError::Object { id, path: None, libgit2, git, promised: false })
    }

    fn ask_git_for_any(&mut self, id: ObjectId) -> Result<Option<Vec<u8>>, SourceError> {
        let mut objects = match self.objects.take() {
            Some(objects) => objects,
            None => self.repository.plumbing.objects()?,
        };
        let asked = objects.ask_any(&id.to_string())?;
        let content = asked.map(|(_, size)| objects.whole(size)).transpose()?;
        self.objects = Some(objects);
        Ok(content)
    }

    /// The blob, as a stream if it is larger than `largest`, which it is not unless
    /// it `may_be_large`.
    fn content(
        &mut self,
        id: ObjectId,
        path: &[u8],
        largest: u64,
        may_be_large: bool,
    ) -> Result<Content<'r>, SourceError> {
        let libgit2 = match &self.repository.libgit2 {
            Ok(repository) => match self.by_libgit2(repository, id, largest, may_be_large) {
                Ok(content) => return Ok(content),
                Err(Refusal::Cannot(message)) => message,
                Err(Refusal::Final(error)) => return Err(error),
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
        let plumbing = &self.repository.plumbing;
        let promised = *self.promised.get_or_insert_with(|| plumbing.has_promisor());
        Err(SourceError::Object { id, path, libgit2, git, promised })
    }

    fn by_libgit2(
        &mut self,
        repository: &'r Libgit2,
        id: ObjectId,
        largest: u64,
        may_be_large: bool,
    ) -> Result<Content<'r>, Refusal> {
        match repository.blob(id, largest, may_be_large)? {
            Found::Loose(Object::Whole(_, content)) => Ok(Content::Whole(Blob::Read(content))),
            Found::Loose(Object::Large(_, size, inflating)) => {
                Ok(Content::Stream { read: Box::new(Ahead::of(inflating)), size })
            }
            Found::Packed(blob) => Ok(Content::Whole(Blob::Libgit2(blob))),
            // libgit2 streams nothing that is in a pack. Where git cannot be started,
            // memory is what it costs.
            Found::TooLarge => {
                let asks_git = self.repository.preference != Preference::Libgit2;
                match asks_git.then(|| self.ask_git(id, largest)) {
                    Some(Ok(Some(content))) => Ok(content),
                    _ => self.by_libgit2(repository, id, largest, false),
                }
            }
        }
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

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;

    const LIMIT: usize = 1 << 20;

    /// What git says to `arguments` in `folder`.
    pub(in crate::source) fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
        let mut git = Command::new("git");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            git.env_remove(name);
        }
        let mut child = git
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" })
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "Test")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "test@localhost")))
            .arg("-C")
            .arg(folder)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The blob of `content`, written into the repository in `folder`.
    pub(in crate::source) fn write(folder: &Path, content: &[u8]) -> ObjectId {
        ObjectId::from_hex(git(folder, &["hash-object", "-w", "--stdin"], content).as_bytes()).unwrap()
    }

    /// The repository in `folder`.
    pub(in crate::source) fn open(folder: &Path, preference: Preference) -> Repository {
        let git_dir = folder.join(".git");
        let libgit2 = match preference {
            Preference::Git => Err("not asked".to_owned()),
            _ => git2::Repository::open(&git_dir).map(Libgit2::of).map_err(|error| libgit2::message(&error)),
        };
        let environment = Environment { index_file: None, libgit2_agrees: true };
        let plumbing = Plumbing::of(environment.clone(), git_dir);
        Repository { environment, preference, libgit2, plumbing }
    }

    /// Text that deflate makes little smaller.
    fn text(seed: u32, size: usize) -> Vec<u8> {
        let mut state = seed;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"0123456789abcdefghijklmnopqrstu\n"[(state >> 27) as usize]
        })
        .take(size)
        .collect()
    }

    /// Whether it came as a stream, and all of it.
    fn taken(content: Content<'_>) -> (bool, Vec<u8>) {
        match content {
            Content::Whole(blob) => (false, blob.to_vec()),
            Content::Stream { mut read, size } => {
                let mut content = Vec::new();
                read.read_to_end(&mut content).unwrap();
                assert_eq!(content.len() as u64, size);
                (true, content)
            }
        }
    }

    #[test]
    fn a_huge_blob_streams_whole_wherever_git_keeps_it_and_a_small_one_does_not() {
        for (format, readers) in
            [("sha1", &[Preference::Fastest, Preference::Git][..]), ("sha256", &[Preference::Fastest])]
        {
            let folder = tempfile::tempdir().unwrap();
            git(folder.path(), &["init", "--quiet", "--object-format", format], b"");
            let mut contents = [
                (false, b"small".to_vec()),
                (false, text(1, LIMIT)),
                // Zeros make the smallest file of a blob that is too large.
                (true, vec![0; LIMIT + 1]),
                (true, text(2, 3 * LIMIT)),
                (true, text(2, 3 * LIMIT)),
            ];
            // One that a pack keeps as a difference to the one before it.
            contents[4].1.extend_from_slice(b"and more");
            let ids = contents.each_ref().map(|(_, content)| write(folder.path(), content));
            for store in ["loose", "packed"] {
                for reader in readers {
                    let repository = open(folder.path(), *reader);
                    let mut blobs = repository.blobs_up_to(LIMIT);
                    for (id, (streams, content)) in ids.iter().zip(&contents) {
                        let opened = taken(blobs.open(*id, b"f").unwrap());
                        assert!(
                            opened == (*streams, content.clone()),
                            "{format} {store} {reader:?} {streams}"
                        );
                        assert!(*blobs.read(*id, b"f").unwrap() == **content, "read() is whole always");
                    }
                }
                let names: String = ids.iter().map(|id| format!("{id} f\n")).collect();
                let pack = folder.path().join(".git/objects/pack/pack");
                git(folder.path(), &["pack-objects", "-q", pack.to_str().unwrap()], names.as_bytes());
                git(folder.path(), &["prune-packed"], b"");
            }
            let loose = ids[0].to_string();
            assert!(!folder.path().join(".git/objects").join(&loose[..2]).exists(), "they are packed");
        }
    }

    #[test]
    fn a_size_in_the_index_that_says_huge_is_believed_and_one_that_says_small_is_for_small_files() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let huge = write(folder.path(), &text(4, 3 * LIMIT));
        let pack = folder.path().join(".git/objects/pack/pack");
        let names = format!("{huge} f\n");
        git(folder.path(), &["pack-objects", "-q", pack.to_str().unwrap()], names.as_bytes());
        git(folder.path(), &["prune-packed"], b"");
        let repository = open(folder.path(), Preference::Fastest);
        let mut blobs = repository.blobs_up_to(LIMIT);
        for (size, streams) in [(None, true), (Some(3 * LIMIT as u32), true), (Some(9), false)] {
            let addition = Addition { path: b"f".to_vec(), new: huge, size, old: Vec::new() };
            let (streamed, content) = taken(blobs.open_new(&addition).unwrap());
            assert!((streamed, content.len()) == (streams, 3 * LIMIT), "{size:?}");
        }
    }

    #[test]
    fn each_kind_of_object_is_told_wherever_git_keeps_it() {
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
        // The index reader of our own alone tells sizes.
        for (reader, size) in
            [(Preference::Fastest, Some(4)), (Preference::Libgit2, None), (Preference::Git, None)]
        {
            let repository = open(folder.path(), reader);
            assert_eq!(repository.preference(), reader);
            assert_eq!(repository.libgit2().is_some(), reader != Preference::Git);
            let changes = repository.staged().unwrap();
            assert_eq!(changes.iter().map(|change| change.size).collect::<Vec<_>>(), [size], "{reader:?}");
        }
    }

    #[test]
    fn a_huge_blob_that_is_cut_short_or_missing_is_an_error_and_no_short_file() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let id = write(folder.path(), &text(3, 3 * LIMIT));
        let name = id.to_string();
        let file = folder.path().join(".git/objects").join(&name[..2]).join(&name[2..]);
        let half = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &half[..half.len() / 2]).unwrap();
        for reader in [Preference::Fastest, Preference::Git] {
            let repository = open(folder.path(), reader);
            let mut blobs = repository.blobs_up_to(LIMIT);
            let Content::Stream { mut read, .. } = blobs.open(id, b"f").unwrap() else {
                panic!("its header still says that it is huge");
            };
            let error = read.read_to_end(&mut Vec::new()).unwrap_err();
            let error = SourceError::broke_off(id, b"f", &error).to_string();
            assert!(error.contains(&name) && error.contains("(`f`)"), "{error}");
            let missing = ObjectId::from_hex("ab".repeat(20).as_bytes()).unwrap();
            assert!(matches!(blobs.open(missing, b"f"), Err(SourceError::Object { .. })));
        }
    }
}
