//! Reads through libgit2: fast on small repositories, without a child process.
//!
//! It is used only for objects that neither [`Loose`] nor [`Packs`] reads; [`Libgit2::staged`]
//! is for tests.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::io;
use std::rc::Rc;

use git2::{Delta, DiffDelta, DiffFile, DiffOptions, ErrorCode, FileMode, ObjectType, Oid};

use crate::source::store::{InPack, Item, Kind, Loose, Object, Packs, folders_of, items, tree_of};
use crate::source::{Base, Change, ObjectId, SourceError, TreeEntry};

/// The flag of an index entry that was added with `git add -N`.
const INTENT_TO_ADD: u16 = 0x2000;
/// The length of an id: libgit2 opens only repositories of SHA-1.
const ID_LENGTH: usize = 20;

/// Why libgit2 did not answer.
pub enum Refusal {
    /// It cannot read this; the plumbing may.
    Cannot(String),
    /// An error that git would report too.
    Final(SourceError),
}

impl From<git2::Error> for Refusal {
    fn from(error: git2::Error) -> Self {
        Self::Cannot(message(&error))
    }
}

/// libgit2's message in one line.
pub fn message(error: &git2::Error) -> String {
    format!("{} ({:?}/{:?})", error.message(), error.code(), error.class())
}

fn damaged(error: &io::Error) -> Refusal {
    Refusal::Cannot(format!("not asked: the object's file is damaged: {error}"))
}

/// A repository that libgit2 could open, with its loose objects and its packs.
pub struct Libgit2 {
    repository: git2::Repository,
    loose: Loose,
    packs: Packs,
    /// HEAD's tree, once requested; none on an unborn branch.
    head: OnceCell<Option<Head>>,
}

struct Head {
    tree: ObjectId,
    items: Rc<[Item]>,
}

/// A blob.
pub enum Found {
    /// From a loose file.
    Loose(Object),
    /// From a pack.
    Packed(Rc<Vec<u8>>),
    /// In a pack, and larger than requested.
    TooLarge,
}

impl Libgit2 {
    /// Opens the repository of git's environment variables, or the one around the current
    /// folder.
    pub fn open() -> Result<Self, git2::Error> {
        // Both concern checks of what this process did not write: the hash of each object read,
        // and a cache of objects that are read once.
        git2::opts::strict_hash_verification(false);
        git2::opts::enable_caching(false);
        git2::Repository::open_from_env().map(Self::of)
    }

    pub fn of(repository: git2::Repository) -> Self {
        let folders = folders_of(&repository);
        let packs = Packs::in_folders(folders.clone(), ID_LENGTH);
        Self { repository, loose: Loose::in_folders(folders), packs, head: OnceCell::new() }
    }

    /// git's effective configuration.
    pub fn config(&self) -> Result<git2::Config, git2::Error> {
        self.repository.config()
    }

    /// The usual index of this work tree, without regard to the environment.
    pub fn usual_index(&self) -> std::path::PathBuf {
        self.repository.path().join("index")
    }

    /// The kind of the object `id`, without reading all of it.
    pub fn kind(&self, id: ObjectId) -> Result<Kind, Refusal> {
        match self.loose.open(id, 0) {
            Some(Ok(Object::Whole(kind, _) | Object::Large(kind, ..))) => return Ok(kind),
            Some(Err(error)) => return Err(damaged(&error)),
            None => {}
        }
        if let Some(kind) = self.packs.kind(id) {
            return Ok(kind);
        }
        let object = self.repository.find_object(Oid::from_bytes(id.as_bytes())?, None)?;
        object.kind().map(kind).ok_or_else(|| Refusal::Cannot(format!("{id} is of no kind")))
    }

    /// The blob at `path` (one part, no folder) in the commit `id`; none if there is no such
    /// file.
    pub fn committed_entry(&self, id: ObjectId, path: &str) -> Result<Option<TreeEntry>, Refusal> {
        let items = self.tree(self.tree_of_commit(id)?)?;
        Ok(items.iter().find(|item| item.name == path.as_bytes()).map(Item::entry))
    }

    /// The fetch URL of the remote `name`.
    pub fn fetch_url(&self, name: &str) -> Option<String> {
        self.repository.find_remote(name).ok()?.url().ok().map(str::to_owned)
    }

    /// Whether the clone is shallow.
    pub fn is_shallow(&self) -> bool {
        self.repository.is_shallow()
    }

    /// Whether a remote may have promised objects that are missing here.
    pub fn may_be_promised(&self) -> bool {
        self.loose.may_be_promised()
    }

    /// The git folder of this work tree, which holds its HEAD.
    pub fn git_dir(&self) -> std::path::PathBuf {
        self.repository.path().to_path_buf()
    }

    /// The folder that all work trees share.
    pub fn common_dir(&self) -> std::path::PathBuf {
        self.repository.commondir().to_path_buf()
    }

    /// An object that is no blob.
    pub fn object(&self, id: ObjectId) -> Result<(Kind, Vec<u8>), Refusal> {
        if let Some(object) = self.loose.whole(id) {
            return object.map_err(|error| damaged(&error));
        }
        if let Some(InPack::Whole(kind, content)) = self.packs.open(id, u64::MAX) {
            return Ok((kind, content.to_vec()));
        }
        let odb = self.repository.odb()?;
        let object = odb.read(Oid::from_bytes(id.as_bytes())?)?;
        Ok((kind(object.kind()), object.data().to_vec()))
    }

    /// The tree of `base`; none if there is none.
    pub fn base_tree(&self, base: Base) -> Result<Option<ObjectId>, Refusal> {
        match base {
            Base::Head => self.head_tree(),
            Base::Commit(commit) => self.tree_of_commit(commit).map(Some),
            Base::Nothing => Ok(None),
        }
    }

    /// The tree of the commit `id`.
    pub fn tree_of_commit(&self, id: ObjectId) -> Result<ObjectId, Refusal> {
        let refuse = || Refusal::Cannot(format!("{id} is no commit"));
        let (Kind::Commit, content) = self.object(id)? else { return Err(refuse()) };
        tree_of(&content).ok_or_else(refuse)
    }

    /// HEAD's tree; none on an unborn branch.
    fn head_tree(&self) -> Result<Option<ObjectId>, Refusal> {
        Ok(self.head()?.map(|head| head.tree))
    }

    fn head(&self) -> Result<Option<&Head>, Refusal> {
        let head = match self.head.get() {
            Some(head) => head,
            None => {
                let head = self.read_head()?;
                self.head.get_or_init(|| head)
            }
        };
        Ok(head.as_ref())
    }

    /// HEAD's commit.
    pub fn head_commit(&self) -> Option<ObjectId> {
        self.repository.head().ok()?.target().and_then(|id| ObjectId::from_bytes(id.as_bytes()))
    }

    fn read_head(&self) -> Result<Option<Head>, Refusal> {
        let head = match self.repository.head() {
            Ok(head) => head,
            Err(error) if error.code() == ErrorCode::UnbornBranch => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let commit = head.target().and_then(|id| ObjectId::from_bytes(id.as_bytes()));
        let refuse = || Refusal::Cannot("HEAD is no commit".to_owned());
        let (Kind::Commit, content) = self.object(commit.ok_or_else(refuse)?)? else {
            return Err(refuse());
        };
        let tree = tree_of(&content).ok_or_else(refuse)?;
        Ok(Some(Head { tree, items: self.tree(tree)? }))
    }

    /// The items of the tree `id`.
    pub fn tree(&self, id: ObjectId) -> Result<Rc<[Item]>, Refusal> {
        if let Some(Some(head)) = self.head.get()
            && head.tree == id
        {
            return Ok(Rc::clone(&head.items));
        }
        let refuse = || Refusal::Cannot(format!("{id} is no tree"));
        match self.object(id)? {
            (Kind::Tree, content) => items(&content, id.as_bytes().len()).map(Into::into).ok_or_else(refuse),
            _ => Err(refuse()),
        }
    }

    /// The blob at `path` (one part, no folder) in HEAD's tree.
    pub fn head_entry(&self, path: &str) -> Result<Option<TreeEntry>, Refusal> {
        let Some(head) = self.head()? else { return Ok(None) };
        Ok(head.items.iter().find(|item| item.name == path.as_bytes()).map(Item::entry))
    }

    /// The blob `id`. It can be larger than `largest` bytes only if `may_be_large`.
    pub fn blob(&self, id: ObjectId, largest: u64, may_be_large: bool) -> Result<Found, Refusal> {
        let refuse = || Refusal::Cannot(format!("{id} is no file"));
        match self.loose.open(id, largest) {
            Some(Ok(object @ (Object::Whole(Kind::Blob, _) | Object::Large(Kind::Blob, ..)))) => {
                return Ok(Found::Loose(object));
            }
            Some(Ok(_)) => return Err(refuse()),
            Some(Err(error)) => return Err(damaged(&error)),
            None => {}
        }
        match self.packs.open(id, if may_be_large { largest } else { u64::MAX }) {
            Some(InPack::Whole(Kind::Blob, content)) => return Ok(Found::Packed(content)),
            Some(InPack::TooLarge(Kind::Blob)) => return Ok(Found::TooLarge),
            Some(_) => return Err(refuse()),
            None => {}
        }
        let id = Oid::from_bytes(id.as_bytes())?;
        if may_be_large && self.size_in_pack(id)? > largest {
            return Ok(Found::TooLarge);
        }
        Ok(Found::Packed(Rc::new(self.repository.find_blob(id)?.content().to_vec())))
    }

    /// The size of a blob in a pack.
    fn size_in_pack(&self, id: Oid) -> Result<u64, git2::Error> {
        // Damage, such as in an index of packs, may lead to an object of an unknown type.
        // `read_header` panics there. Putting a blob into a tree, without writing it, reads the
        // same header and returns an error. For a missing one `read_header` reports that.
        let odb = self.repository.odb()?;
        if odb.exists(id) {
            self.repository.treebuilder(None)?.insert("any", id, FileMode::Blob.into())?;
        }
        Ok(odb.read_header(id)?.0 as u64)
    }

    /// The differences between `base` and the index, all through libgit2, to compare the
    /// readers.
    pub fn staged(&self, base: Base) -> Result<Vec<Change>, Refusal> {
        let tree = self.base_tree(base)?.map(|id| Oid::from_bytes(id.as_bytes())).transpose()?;
        let tree = tree.map(|id| self.repository.find_tree(id)).transpose()?;
        // Without pairing: libgit2 gives no ids for type changes.
        let mut options = DiffOptions::new();
        options.skip_binary_check(true);
        let diff = self.repository.diff_tree_to_index(tree.as_ref(), None, Some(&mut options))?;
        let mut changes: Vec<Change> = diff.deltas().map(|delta| change(&delta)).collect::<Result<_, _>>()?;
        // So a type change, for example from a file to a link, has two parts.
        changes.dedup_by(|second, first| {
            let same = second.path == first.path;
            if same {
                (first.old, first.new) = (first.old.or(second.old), first.new.or(second.new));
            }
            same
        });
        // libgit2 lists an intended file (`git add -N`) as an empty one; it will not be in the
        // commit.
        let intended: HashSet<Vec<u8>> = self
            .repository
            .index()?
            .iter()
            .filter(|entry| entry.flags_extended & INTENT_TO_ADD != 0)
            .map(|entry| entry.path)
            .collect();
        for change in changes.iter_mut().filter(|change| intended.contains(&change.path)) {
            change.new = None;
        }
        changes.retain(|change| change.old.is_some() || change.new.is_some());
        Ok(changes)
    }
}

fn kind(kind: ObjectType) -> Kind {
    Kind::called(kind.str().as_bytes()).unwrap_or(Kind::Blob)
}

fn change(delta: &DiffDelta<'_>) -> Result<Change, Refusal> {
    let path =
        delta.new_file().path_bytes().or_else(|| delta.old_file().path_bytes()).unwrap_or_default().to_vec();
    let (old, new) = match delta.status() {
        Delta::Added => (None, Some(entry(&delta.new_file())?)),
        Delta::Deleted => (Some(entry(&delta.old_file())?), None),
        Delta::Modified => (Some(entry(&delta.old_file())?), Some(entry(&delta.new_file())?)),
        Delta::Conflicted => {
            return Err(Refusal::Final(SourceError::unmerged(&path)));
        }
        other => return Err(Refusal::Cannot(format!("unexpected status {other:?}"))),
    };
    Ok(Change { path, old, new, size: None })
}

fn entry(file: &DiffFile<'_>) -> Result<TreeEntry, Refusal> {
    let id = ObjectId::from_bytes(file.id().as_bytes())
        .ok_or_else(|| Refusal::Cannot("unknown hash".to_owned()))?;
    Ok(TreeEntry { id, mode: file.mode().into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::{git, write};

    #[test]
    fn what_head_holds_is_known_and_an_unborn_branch_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| git(folder.path(), arguments, b"");
        git(&["init", "--quiet"]);
        let open = || Libgit2::of(git2::Repository::open(folder.path()).unwrap());
        assert!(matches!(open().head_tree(), Ok(None)));
        assert!(matches!(open().head_entry("f"), Ok(None)));

        let id = write(folder.path(), b"text");
        for path in ["f", "d/g"] {
            git(&["update-index", "--add", "--cacheinfo", &format!("100644,{id},{path}")]);
        }
        git(&["commit", "--quiet", "-m", "m"]);
        let reader = open();
        assert!(matches!(reader.head_entry("f"), Ok(Some(found)) if found.id == id));
        assert!(matches!(reader.head_entry("g"), Ok(None)));
        for (tree, name) in [("HEAD^{tree}", "d"), ("HEAD:d", "g")] {
            let tree = ObjectId::from_hex(git(&["rev-parse", tree]).as_bytes()).unwrap();
            assert_eq!(reader.tree(tree).ok().unwrap()[0].name, name.as_bytes());
        }
    }

    #[test]
    fn an_object_of_a_type_that_does_not_exist_is_an_error_and_ends_no_run() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let id = write(folder.path(), b"text");
        let pack = folder.path().join(".git/objects/pack/pack");
        let name = git(
            folder.path(),
            &["pack-objects", "-q", pack.to_str().unwrap()],
            format!("{id} f\n").as_bytes(),
        );
        git(folder.path(), &["prune-packed"], b"");
        let pack = folder.path().join(format!(".git/objects/pack/pack-{name}.pack"));
        let mut bytes = std::fs::read(&pack).unwrap();
        std::fs::remove_file(&pack).unwrap();
        for number in [0, 5] {
            // A header of 12 bytes precedes the first object.
            bytes[12] = bytes[12] & 0x8f | number << 4;
            std::fs::write(&pack, &bytes).unwrap();
            let reader = Libgit2::of(git2::Repository::open(folder.path()).unwrap());
            assert!(matches!(reader.blob(id, 1, true), Err(Refusal::Cannot(_))), "{number}");
            assert!(matches!(reader.kind(id), Err(Refusal::Cannot(_))), "{number}");
            assert!(matches!(reader.object(id), Err(Refusal::Cannot(_))), "{number}");
        }
    }

    #[test]
    fn a_blob_in_a_pack_is_too_large_where_it_is_larger_than_was_asked_for_and_may_be() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let id = write(folder.path(), b"text");
        let pack = folder.path().join(".git/objects/pack/pack");
        git(folder.path(), &["pack-objects", "-q", pack.to_str().unwrap()], format!("{id} f\n").as_bytes());
        git(folder.path(), &["prune-packed"], b"");
        let reader = Libgit2::of(git2::Repository::open(folder.path()).unwrap());
        for (largest, may_be_large, too_large) in [(4, true, false), (3, true, true), (3, false, false)] {
            match reader.blob(id, largest, may_be_large) {
                Ok(Found::TooLarge) => assert!(too_large, "{largest}"),
                Ok(Found::Packed(blob)) => assert!(!too_large && *blob == b"text", "{largest}"),
                _ => panic!("{largest}"),
            }
        }
    }
}
