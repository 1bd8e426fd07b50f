//! Packs and bundles of git that are files by themselves.

use std::collections::HashMap;
use std::io::Read as _;
use std::rc::Rc;

use memchr::memmem;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::deflate::Inflate;
use super::visit::{Spent, Unread, Visit};
use crate::packed::{apply, distance, object_header};

/// The largest object that is read, and the most of those that others build on, in bytes.
const LARGEST: usize = 64 << 20;
const HELD: usize = 256 << 20;
/// The most files that have a name.
const NAMES: usize = 100_000;

/// Whether a pack begins with `head`.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(b"PACK\0\0\0\x02") || head.starts_with(b"PACK\0\0\0\x03")
}

/// Whether a bundle does: a list of refs, and a pack.
pub(super) fn begins_bundle(head: &[u8]) -> bool {
    head.starts_with(b"# v2 git bundle\n") || head.starts_with(b"# v3 git bundle\n")
}

/// Hands out each object of a pack or bundle.
pub(super) fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Spent> {
    let start =
        if begins(bytes) { 0 } else { memmem::find(bytes, b"\n\nPACK").map_or(bytes.len(), |at| at + 2) };
    let (head, pack) = bytes.split_at(start);
    let ids = if memmem::find(head, b"\n@object-format=sha256\n").is_some() { 32 } else { 20 };
    let mut reading = Reading { pack, ids, entries: Vec::new(), names: HashMap::new(), held: 0 };
    let whole = reading.entries(visit)?;
    reading.objects(visit)?;
    if whole { Ok(()) } else { visit.skip(None, Unread::Damaged) }
}

/// An object as it is written.
struct Entry<'a> {
    kind: u8,
    size: usize,
    /// It, compressed, and all that follows.
    content: &'a [u8],
    base: Base<'a>,
}

/// What an object is written as the difference to.
enum Base<'a> {
    Nothing,
    /// The entry of this number.
    Entry(usize),
    /// The object of this id.
    Object(&'a [u8]),
}

/// An object that others build on.
struct Object {
    kind: u8,
    content: Vec<u8>,
}

struct Reading<'a> {
    pack: &'a [u8],
    /// How many bytes an id has.
    ids: usize,
    entries: Vec<Entry<'a>>,
    /// The names of files, by their ids.
    names: HashMap<Vec<u8>, Vec<u8>>,
    /// How many bytes of objects are in memory that others build on.
    held: usize,
}

impl<'a> Reading<'a> {
    /// Finds all entries: none says where the next one begins. Returns whether all are here.
    fn entries(&mut self, visit: &mut Visit<'_>) -> Result<bool, Spent> {
        let count = self
            .pack
            .get(8..)
            .and_then(|count| count.first_chunk())
            .map_or(0, |count| u32::from_be_bytes(*count));
        let (mut at, mut starts) = (12, Vec::new());
        for _ in 0..count {
            visit.count(None)?;
            let Some(entry) = self.entry(at, &starts) else { return Ok(false) };
            let Some(length) = packed_length(entry.content, entry.size) else { return Ok(false) };
            visit.charge(entry.size);
            if visit.allowance.bytes == 0 {
                visit.skip(None, Unread::TooLarge)?;
            }
            starts.push(at);
            at = self.pack.len() - entry.content.len() + length;
            self.entries.push(entry);
        }
        // A sum of all of it ends a pack, and is as long as its ids.
        let rest = self.pack.len().saturating_sub(at);
        self.ids = if rest == 32 { 32 } else { self.ids };
        Ok(rest == self.ids)
    }

    /// The entry at an offset, behind those that begin at `starts`.
    fn entry(&self, at: usize, starts: &[usize]) -> Option<Entry<'a>> {
        let rest = self.pack.get(at..)?;
        let (kind, size, length) = object_header(rest)?;
        let rest = rest.get(length..)?;
        let (base, content) = match kind {
            1..=4 => (Base::Nothing, rest),
            6 => {
                let (back, length) = distance(rest)?;
                let start = at.checked_sub(usize::try_from(back).ok()?)?;
                (Base::Entry(starts.binary_search(&start).ok()?), rest.get(length..)?)
            }
            7 => {
                let (id, rest) = rest.split_at_checked(self.ids)?;
                (Base::Object(id), rest)
            }
            _ => return None,
        };
        Some(Entry { kind, size: usize::try_from(size).ok()?, content, base })
    }

    /// Hands out all objects, each after the one that it builds on.
    fn objects(&mut self, visit: &mut Visit<'_>) -> Result<(), Spent> {
        let mut by_entry: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut by_id: HashMap<&[u8], Vec<usize>> = HashMap::new();
        let mut roots = Vec::new();
        for (number, entry) in self.entries.iter().enumerate() {
            match entry.base {
                Base::Nothing => roots.push(number),
                Base::Entry(base) => by_entry.entry(base).or_default().push(number),
                Base::Object(id) => by_id.entry(id).or_default().push(number),
            }
        }
        // Trees first: they name the files.
        roots.sort_by_key(|root| self.entries.get(*root).map(|entry| entry.kind != 2));
        for root in roots {
            let mut left: Vec<(usize, Option<Rc<Object>>)> = vec![(root, None)];
            while let Some((number, base)) = left.pop() {
                let Some((id, object)) = self.object(number, base, visit)? else { continue };
                let mut children = by_entry.remove(&number).unwrap_or_default();
                children.extend(by_id.remove(&*id).unwrap_or_default());
                if children.is_empty() {
                    continue;
                }
                if self.held + object.content.len() > HELD {
                    visit.skip(None, Unread::TooLarge)?;
                    continue;
                }
                self.held += object.content.len();
                let object = Rc::new(object);
                left.extend(children.into_iter().map(|child| (child, Some(Rc::clone(&object)))));
            }
        }
        if by_id.is_empty() { Ok(()) } else { visit.skip(None, Unread::Base) }
    }

    /// Hands out the object of an entry, and returns it with its id; none if not all of it could
    /// be read.
    fn object(
        &mut self,
        number: usize,
        base: Option<Rc<Object>>,
        visit: &mut Visit<'_>,
    ) -> Result<Option<(Vec<u8>, Object)>, Spent> {
        let Some(entry) = self.entries.get(number) else { return Ok(None) };
        if entry.size > LARGEST {
            visit.skip(Some(format!("entry {number}").as_bytes()), Unread::TooLarge)?;
            return Ok(None);
        }
        let mut content = Vec::new();
        // It was unpacked before.
        let _whole = Inflate::zlib(entry.content).take(entry.size as u64).read_to_end(&mut content);
        let mut kind = entry.kind;
        if let Some(base) = base {
            kind = base.kind;
            let made = apply(&base.content, &content, LARGEST);
            if Rc::strong_count(&base) == 1 {
                self.held -= base.content.len();
            }
            let why = match made {
                Some(Some(made)) => {
                    content = made.content;
                    None
                }
                Some(None) => Some(Unread::TooLarge),
                None => Some(Unread::Damaged),
            };
            if let Some(why) = why {
                visit.skip(Some(format!("entry {number}").as_bytes()), why)?;
                return Ok(None);
            }
        }
        let object = Object { kind, content };
        let id = self.id(&object);
        if kind == 2 {
            self.note_names(&object.content);
        }
        visit.member(Some(&self.name(kind, &id)), &mut object.content.as_slice())?;
        Ok(Some((id, object)))
    }

    fn id(&self, object: &Object) -> Vec<u8> {
        let head = format!("{} {}\0", kind_name(object.kind), object.content.len());
        if self.ids == 32 {
            Sha256::new().chain_update(head).chain_update(&object.content).finalize().to_vec()
        } else {
            Sha1::new().chain_update(head).chain_update(&object.content).finalize().to_vec()
        }
    }

    /// Notes the names in a tree.
    fn note_names(&mut self, mut tree: &[u8]) {
        while self.names.len() < NAMES {
            let Some(end) = memchr::memchr(0, tree) else { return };
            let (entry, rest) = tree.split_at(end);
            let Some((id, rest)) = rest.get(1..).and_then(|rest| rest.split_at_checked(self.ids)) else {
                return;
            };
            let name = memchr::memchr(b' ', entry).and_then(|blank| entry.get(blank + 1..));
            self.names.insert(id.to_vec(), name.unwrap_or_default().to_vec());
            tree = rest;
        }
    }

    /// What git calls an object, with the name of the file that it is.
    fn name(&self, kind: u8, id: &[u8]) -> Vec<u8> {
        let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{} {hex}", kind_name(kind));
        match self.names.get(id) {
            Some(file) => [name.as_bytes(), b" ", file].concat(),
            None => name.into_bytes(),
        }
    }
}

fn kind_name(kind: u8) -> &'static str {
    match kind {
        1 => "commit",
        2 => "tree",
        3 => "blob",
        _ => "tag",
    }
}

/// How long what unpacks to `size` bytes is packed; none if it does not.
fn packed_length(packed: &[u8], size: usize) -> Option<usize> {
    let mut inflate = Inflate::zlib(packed);
    let (mut buffer, mut read) = ([0; 16 << 10], 0_usize);
    loop {
        let got = inflate.read(&mut buffer).ok()?;
        read += got;
        if got == 0 {
            return (read == size).then(|| packed.len() - inflate.rest().len());
        }
        if read > size {
            return None;
        }
    }
}
