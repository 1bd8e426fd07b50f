//! Reads single objects from the packs of a repository.
//!
//! libgit2 gives the same, but inflates an object again that it has read as the old version of
//! another, and reads the header of each large one twice.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::Decompress;

use super::loose::Kind;
use super::pack::{check, inflated, longest};
use super::pack_headers::{LONGEST_HEADER, Start, What, Window, damaged, start, unknown};
use super::pack_index::{PackIndex, Pages};
use crate::packed::apply;
use crate::source::{LARGEST_WHOLE, ObjectId};

#[cfg(test)]
mod tests;

/// How many bytes of objects are kept for others that build on them.
const KEPT: usize = 16 << 20;
/// How much of a pack is read at once: some small objects. It is less while few are read.
const LENGTH: u64 = 32 << 10;
const AT_FIRST: u64 = 8 << 10;
/// In how many places packs are read at a time: a delta and its base may be far apart.
const PLACES: usize = 64;
/// The longest chain of deltas. git's own have at most 4,095.
const LONGEST_CHAIN: usize = 10_000;

/// The packs of a repository that this reader can read.
pub struct Packs {
    folders: Vec<PathBuf>,
    id_length: usize,
    /// Opened when an object is first searched there.
    packs: OnceCell<Vec<Single>>,
    state: RefCell<State>,
}

/// An object of a pack.
pub enum InPack {
    /// The whole object.
    Whole(Kind, Rc<Vec<u8>>),
    /// An object with more bytes than requested.
    TooLarge(Kind),
}

/// A pack of which single objects are read.
struct Single {
    file: File,
    /// The end of the objects.
    end: u64,
    index: PackIndex<Pages>,
}

/// The number of a pack, and an offset in it.
type Place = (usize, u64);

/// An object on which others may build.
type Base = (Kind, Rc<Vec<u8>>);

struct State {
    /// The pack that had the last object; the next is mostly there too.
    last: usize,
    windows: Windows,
    inflate: Decompress,
    kept: HashMap<Place, Base>,
    /// The number of bytes in `kept`.
    bytes: usize,
}

/// Parts of packs in memory.
struct Windows {
    /// Each with the number of its pack.
    held: Vec<(usize, Window)>,
    /// The one that is replaced next.
    next: usize,
}

impl Windows {
    /// So many bytes of a pack at `offset`, or all that there are.
    fn at(&mut self, number: usize, pack: &Single, offset: u64, wanted: u64) -> io::Result<&[u8]> {
        let wanted = pack.end.saturating_sub(offset).min(wanted);
        let holds = |(of, window): &(usize, Window)| *of == number && window.holds(offset, wanted);
        let place = match self.held.iter().position(holds) {
            Some(place) => place,
            None if self.held.len() < PLACES => {
                self.held.push((number, Window::new(AT_FIRST, AT_FIRST / 2)));
                self.held.len() - 1
            }
            None => {
                self.next = (self.next + 1) % PLACES;
                let (of, window) = self.held.get_mut(self.next).ok_or_else(unknown)?;
                *of = number;
                window.forget(LENGTH, LENGTH / 2);
                self.next
            }
        };
        let (_, window) = self.held.get_mut(place).ok_or_else(unknown)?;
        window.at(&pack.file, offset, wanted, pack.end)
    }
}

/// How to make an object.
struct Chain {
    /// The deltas to apply, the last one first, each with its offset.
    deltas: Vec<(u64, Start)>,
    /// The object at their end, and its kind.
    root: u64,
    kind: Kind,
}

impl Packs {
    /// Those in these folders `objects`, with ids of `id_length` bytes.
    pub fn in_folders(folders: Vec<PathBuf>, id_length: usize) -> Self {
        let state = State {
            last: 0,
            windows: Windows { held: Vec::new(), next: 0 },
            inflate: Decompress::new(true),
            kept: HashMap::new(),
            bytes: 0,
        };
        Self { folders, id_length, packs: OnceCell::new(), state: RefCell::new(state) }
    }

    /// The object `id`, if it has at most `largest` bytes. None if it is in no pack, or if it
    /// is left to another reader: one that is damaged, that builds on an object of another
    /// pack, or that is too large for memory.
    pub fn open(&self, id: ObjectId, largest: u64) -> Option<InPack> {
        let (number, offset) = self.place(id)?;
        self.state.borrow_mut().read(number, self.packs().get(number)?, offset, largest).ok()
    }

    /// The kind of the object `id`, without reading it; none as in [`Packs::open`].
    pub fn kind(&self, id: ObjectId) -> Option<Kind> {
        let (number, offset) = self.place(id)?;
        let mut state = self.state.borrow_mut();
        state.chain(number, self.packs().get(number)?, offset).ok().map(|chain| chain.kind)
    }

    fn packs(&self) -> &[Single] {
        self.packs.get_or_init(|| {
            let mut indexes = Vec::new();
            for folder in &self.folders {
                add_indexes(&folder.join("pack"), &mut indexes);
            }
            indexes.iter().filter_map(|path| Single::open(path, self.id_length).ok()).collect()
        })
    }

    /// The number of the pack that has the object, and the object's offset in it.
    fn place(&self, id: ObjectId) -> Option<Place> {
        let packs = self.packs();
        let mut state = self.state.borrow_mut();
        let found = |number: usize| Some((number, packs.get(number)?.index.offset_of(id)?));
        let place = found(state.last).or_else(|| (0..packs.len()).find_map(found))?;
        state.last = place.0;
        Some(place)
    }
}

/// Adds the indexes of packs in `folder`.
fn add_indexes(folder: &Path, indexes: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let Ok(entry) = entry else { return };
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "idx") {
            indexes.push(path);
        }
    }
}

impl Single {
    fn open(path: &Path, id_length: usize) -> io::Result<Self> {
        let index = PackIndex::parse(Pages::of(File::open(path)?)?, id_length)?;
        let file = File::open(path.with_extension("pack"))?;
        let length = file.metadata()?.len();
        let end = length.checked_sub(id_length as u64).ok_or_else(|| damaged("it has no end"))?;
        check(&file, end, &index)?;
        Ok(Self { file, end, index })
    }
}

impl State {
    fn read(&mut self, number: usize, pack: &Single, offset: u64, largest: u64) -> io::Result<InPack> {
        let Chain { mut deltas, root, kind } = self.chain(number, pack, offset)?;
        let most = largest.min(LARGEST_WHOLE as u64);
        let mut made = match self.kept.get(&(number, root)) {
            Some((_, content)) => Rc::clone(content),
            None => {
                let start = self.start(number, pack, root)?;
                if start.size > most && deltas.is_empty() {
                    return too_large(kind, largest);
                }
                self.inflated(number, pack, root, &start)
                    .map(|content| self.keep(number, root, kind, content))?
            }
        };
        while let Some((offset, start)) = deltas.pop() {
            let delta = self.inflated(number, pack, offset, &start)?;
            let is_last = deltas.is_empty();
            let most = if is_last { most as usize } else { LARGEST_WHOLE };
            let misfit = || damaged("an object does not fit the one that it builds on");
            match apply(&made, &delta, most).ok_or_else(misfit)? {
                Some(next) => made = self.keep(number, offset, kind, next.content),
                None if is_last => return too_large(kind, largest),
                None => return Err(large()),
            }
        }
        match made.len() as u64 > largest {
            true => Ok(InPack::TooLarge(kind)),
            false => Ok(InPack::Whole(kind, made)),
        }
    }

    /// The deltas of the object down to one that is whole or in memory.
    fn chain(&mut self, number: usize, pack: &Single, offset: u64) -> io::Result<Chain> {
        let (mut deltas, mut at) = (Vec::new(), offset);
        loop {
            if let Some((kind, _)) = self.kept.get(&(number, at)) {
                return Ok(Chain { deltas, root: at, kind: *kind });
            }
            let start = self.start(number, pack, at)?;
            let base = match &start.what {
                What::Whole(kind) => return Ok(Chain { deltas, root: at, kind: *kind }),
                What::Behind(distance) => at.checked_sub(*distance),
                What::On(id) => pack.index.offset_of(*id),
            };
            if deltas.len() == LONGEST_CHAIN {
                return Err(damaged("an object builds on itself"));
            }
            deltas.push((at, start));
            at = base.ok_or_else(|| damaged("an object builds on none of its objects"))?;
        }
    }

    fn start(&mut self, number: usize, pack: &Single, offset: u64) -> io::Result<Start> {
        start(self.windows.at(number, pack, offset, LONGEST_HEADER)?, pack.index.id_length())
    }

    fn inflated(&mut self, number: usize, pack: &Single, offset: u64, start: &Start) -> io::Result<Vec<u8>> {
        if start.size > LARGEST_WHOLE as u64 {
            return Err(large());
        }
        let stored = self.windows.at(number, pack, offset, start.length as u64 + longest(start.size))?;
        inflated(&mut self.inflate, stored.get(start.length..).unwrap_or_default(), start.size)
    }

    fn keep(&mut self, number: usize, offset: u64, kind: Kind, content: Vec<u8>) -> Rc<Vec<u8>> {
        let content = Rc::new(content);
        if content.len() <= KEPT / 4 {
            if self.bytes + content.len() > KEPT {
                self.kept.clear();
                self.bytes = 0;
            }
            self.bytes += content.len();
            self.kept.insert((number, offset), (kind, Rc::clone(&content)));
        }
        content
    }
}

/// An object above the bound of memory may still be smaller than `largest`.
fn too_large(kind: Kind, largest: u64) -> io::Result<InPack> {
    if largest <= LARGEST_WHOLE as u64 { Ok(InPack::TooLarge(kind)) } else { Err(large()) }
}

fn large() -> io::Error {
    damaged("an object is larger than memory")
}
