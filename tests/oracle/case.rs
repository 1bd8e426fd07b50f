//! A case: operations that lead from an empty repository to a staged change.

use std::collections::BTreeMap;

/// SplitMix64: the same case for the same seed.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    pub fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.get(self.below(from.len())).unwrap()
    }
}

/// Names that sort around `/`, and folders and files that take each other's place.
const NAMES: [&str; 16] = [
    "a", "a.b", "a-b", "a0", "a b", "aa", "b/c", "b/c/d", "b/c.d", "b-c", "b.c/d", "b/c0/e", "B", "\u{e4}",
    "z/z/z/z", "a/x",
];

pub const FILE: u32 = 0o100_644;
const PROGRAM: u32 = 0o100_755;
const LINK: u32 = 0o120_000;
pub const SUBMODULE: u32 = 0o160_000;

/// How many tokens a case may use.
pub const TOKENS: usize = 3;
/// How many commits a submodule may stand at.
pub const POINTERS: usize = 3;

/// A line, by the numbers of the tokens on it: so that no failure prints one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Plain(usize),
    /// The token alone.
    Token(usize),
    /// The token after a name.
    Named(usize),
    Two(usize, usize),
}

impl Line {
    fn random(random: &mut Random) -> Self {
        let (one, other) = (random.below(TOKENS), random.below(TOKENS));
        match random.below(8) {
            0 => Self::Token(one),
            1 | 2 => Self::Named(one),
            3 => Self::Two(one, other),
            _ => Self::Plain(random.below(4)),
        }
    }

    fn text(self, tokens: &[String]) -> String {
        let token = |number: usize| tokens.get(number).unwrap();
        match self {
            Self::Plain(number) => format!("line {number}"),
            Self::Token(number) => token(number).clone(),
            Self::Named(number) => format!("x={}", token(number)),
            Self::Two(one, other) => format!("{}, {}", token(one), token(other)),
        }
    }
}

/// A step towards the staged change. What makes no sense where things stand, as
/// a copy of a file that is not there, changes nothing: so any of them can be
/// left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    Write {
        name: &'static str,
        lines: Vec<Line>,
        crlf: bool,
        open_end: bool,
    },
    Append(&'static str, Line),
    Prepend(&'static str, Line),
    DropLine(&'static str),
    /// The first line becomes the last.
    Rotate(&'static str),
    Empty(&'static str),
    /// Unix line endings become Windows', and the other way round.
    Endings(&'static str),
    /// Takes or gives the last line its end.
    LastEnd(&'static str),
    /// Makes the content binary, or text again.
    Binary(&'static str),
    Executable(&'static str),
    /// Makes the content the target of a link, or a file again.
    Link(&'static str),
    Submodule(&'static str, usize),
    Remove(&'static str),
    Copy(&'static str, &'static str),
    Move(&'static str, &'static str),
    /// Commits what is staged so far.
    Commit,
    /// Commits it, and merges a branch that left before and did this.
    Merge(Vec<Op>),
}

impl Op {
    fn random(random: &mut Random, names: &[&'static str], nested: bool) -> Self {
        let name = *random.pick(names);
        match random.below(if nested { 24 } else { 30 }) {
            0..=4 => Self::write(random, names),
            5..=7 => Self::Append(name, Line::random(random)),
            8 => Self::Prepend(name, Line::random(random)),
            9 => Self::DropLine(name),
            10 => Self::Rotate(name),
            11 => Self::Empty(name),
            12 => Self::Endings(name),
            13 => Self::LastEnd(name),
            14 | 15 => Self::Binary(name),
            16 => Self::Executable(name),
            17 => Self::Link(name),
            18 => Self::Submodule(name, random.below(POINTERS)),
            19..=23 => Self::random_move(random, names),
            24..=27 => Self::Commit,
            _ => Self::Merge((0..=random.below(4)).map(|_| Self::random(random, names, true)).collect()),
        }
    }

    fn write(random: &mut Random, names: &[&'static str]) -> Self {
        let name = *random.pick(names);
        Self::Write {
            name,
            lines: (0..random.below(5)).map(|_| Line::random(random)).collect(),
            crlf: random.one_in(4),
            open_end: random.one_in(4),
        }
    }

    /// An operation after which the same contents stand elsewhere.
    fn random_move(random: &mut Random, names: &[&'static str]) -> Self {
        let (name, other) = (*random.pick(names), *random.pick(names));
        match random.below(8) {
            0 => Self::Remove(name),
            1 => Self::Link(name),
            2 => Self::Executable(name),
            3 | 4 => Self::Move(name, other),
            _ => Self::Copy(name, other),
        }
    }

    /// What this does to `tree`; of a commit and a merge nothing.
    pub fn apply(&self, tree: &mut Tree, tokens: &[String]) {
        match self {
            Self::Write { name, lines, crlf, open_end } => {
                let ending = if *crlf { "\r\n" } else { "\n" };
                let lines: Vec<String> = lines.iter().map(|line| line.text(tokens)).collect();
                let end = if *open_end || lines.is_empty() { "" } else { ending };
                tree.put(name, Node { mode: FILE, content: (lines.join(ending) + end).into_bytes() });
            }
            Self::Append(name, line) => tree.edit(name, |content| {
                let ending = ending(content);
                if !content.is_empty() && !content.ends_with(b"\n") {
                    content.extend_from_slice(ending);
                }
                content.extend_from_slice(line.text(tokens).as_bytes());
                content.extend_from_slice(ending);
            }),
            Self::Prepend(name, line) => tree.edit(name, |content| {
                *content = [line.text(tokens).as_bytes(), ending(content), content].concat();
            }),
            Self::DropLine(name) => tree.edit(name, |content| {
                *content =
                    content.split_inclusive(|byte| *byte == b'\n').skip(1).flatten().copied().collect();
            }),
            Self::Rotate(name) => tree.edit(name, |content| {
                let end = content.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                content.rotate_left(end);
            }),
            Self::Empty(name) => tree.edit(name, Vec::clear),
            Self::Endings(name) => tree.edit(name, turn_endings),
            Self::LastEnd(name) => tree.edit(name, turn_last_end),
            Self::Binary(name) => tree.edit(name, |content| match content.strip_prefix(b"\0\xff") {
                Some(text) => *content = text.to_vec(),
                None => *content = [b"\0\xff", content.as_slice()].concat(),
            }),
            Self::Executable(name) => tree.turn(name, PROGRAM),
            Self::Link(name) => tree.turn(name, LINK),
            Self::Submodule(name, pointer) => {
                tree.put(name, Node { mode: SUBMODULE, content: vec![*pointer as u8] });
            }
            Self::Remove(name) => tree.remove(name),
            Self::Copy(from, to) => {
                if let Some(node) = tree.0.get(*from).cloned() {
                    tree.put(to, node);
                }
            }
            Self::Move(from, to) => {
                if let Some(node) = tree.0.remove(*from) {
                    tree.put(to, node);
                }
            }
            Self::Commit | Self::Merge(_) => {}
        }
        tree.make_links_possible();
    }

    /// Simpler operations of the same sort.
    fn simpler(&self) -> Vec<Self> {
        match self {
            Self::Write { name, lines, crlf, open_end } => without_one(lines)
                .map(|lines| Self::Write { name, lines, crlf: *crlf, open_end: *open_end })
                .collect(),
            Self::Merge(side) => {
                let shorter = smaller(side).into_iter().map(Self::Merge);
                [Self::Commit].into_iter().chain(shorter).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn ending(content: &[u8]) -> &'static [u8] {
    if content.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" }
}

fn turn_endings(content: &mut Vec<u8>) {
    let unix = replace(content, b"\r\n", b"\n");
    *content = if unix == *content { replace(&unix, b"\n", b"\r\n") } else { unix };
}

fn turn_last_end(content: &mut Vec<u8>) {
    let ending = ending(content);
    match content.strip_suffix(ending) {
        Some(open) => *content = open.to_vec(),
        None => content.extend_from_slice(ending),
    }
}

fn replace(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = content;
    while let Some(byte) = rest.first() {
        if let Some(after) = rest.strip_prefix(from) {
            replaced.extend_from_slice(to);
            rest = after;
        } else {
            replaced.push(*byte);
            rest = rest.get(1..).unwrap();
        }
    }
    replaced
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub mode: u32,
    /// Of a submodule the number of its pointer.
    pub content: Vec<u8>,
}

/// What stands where. No path lies below another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(pub BTreeMap<String, Node>);

impl Tree {
    /// Puts `node` at `name`, in the place of whatever is in its way.
    fn put(&mut self, name: &str, node: Node) {
        self.remove(name);
        self.0.retain(|other, _| !name.starts_with(&format!("{other}/")));
        self.0.insert(name.to_owned(), node);
    }

    fn remove(&mut self, name: &str) {
        let below = format!("{name}/");
        self.0.retain(|other, _| other != name && !other.starts_with(&below));
    }

    fn edit(&mut self, name: &str, edit: impl FnOnce(&mut Vec<u8>)) {
        if let Some(node) = self.0.get_mut(name).filter(|node| node.mode != SUBMODULE) {
            edit(&mut node.content);
        }
    }

    fn turn(&mut self, name: &str, mode: u32) {
        if let Some(node) = self.0.get_mut(name).filter(|node| node.mode != SUBMODULE) {
            node.mode = if node.mode == mode { FILE } else { mode };
        }
    }

    /// A link with an empty target or a NUL in it could not be checked out.
    fn make_links_possible(&mut self) {
        for node in self.0.values_mut().filter(|node| node.mode == LINK) {
            if node.content.is_empty() || node.content.contains(&0) {
                node.mode = FILE;
            }
        }
    }

    /// What a person would make of a merge: the change of either side, and where
    /// both changed a file, both contents.
    pub fn merged(base: &Self, ours: &Self, theirs: &Self) -> Self {
        let mut merged = ours.clone();
        let names: Vec<&String> = base.0.keys().chain(theirs.0.keys()).collect();
        for name in names {
            let (old, our, their) = (base.0.get(name), ours.0.get(name), theirs.0.get(name));
            if old == their || our == their {
                continue;
            }
            match (our, their) {
                (Some(our), Some(their)) if our.mode != SUBMODULE && their.mode != SUBMODULE => {
                    let content = [our.content.as_slice(), &their.content].concat();
                    merged.put(name, Node { mode: FILE, content });
                }
                (_, Some(their)) => merged.put(name, their.clone()),
                (Some(our), None) if Some(our) != old => {}
                (_, None) => {
                    merged.0.remove(name);
                }
            }
        }
        merged
    }
}

/// The operations that the seed leads to.
pub fn random_case(random: &mut Random) -> Vec<Op> {
    // Few names, so that the operations meet.
    let names: Vec<&'static str> = (0..2 + random.below(4)).map(|_| *random.pick(&NAMES)).collect();
    let mut case: Vec<Op> = (0..random.below(3)).map(|_| Op::write(random, &names)).collect();
    case.extend((0..random.below(6)).map(|_| Op::random(random, &names, false)));
    if random.one_in(4) {
        return case;
    }
    case.push(Op::Commit);
    // What is there is changed, or, more often than chance has it, just put elsewhere.
    let only_moves = random.one_in(3);
    for _ in 0..=random.below(6) {
        case.push(if only_moves {
            Op::random_move(random, &names)
        } else {
            Op::random(random, &names, false)
        });
    }
    case
}

fn without_one<T: Clone>(all: &[T]) -> impl Iterator<Item = Vec<T>> {
    (0..all.len()).map(|left_out| {
        let kept = all.iter().enumerate().filter(|(number, _)| *number != left_out);
        kept.map(|(_, one)| one.clone()).collect()
    })
}

/// Cases a little smaller than this one, those that lack most first.
fn smaller(case: &[Op]) -> Vec<Vec<Op>> {
    let mut smaller: Vec<Vec<Op>> = without_one(case).collect();
    for (number, op) in case.iter().enumerate() {
        for simpler in op.simpler() {
            let mut case = case.to_vec();
            *case.get_mut(number).unwrap() = simpler;
            smaller.push(case);
        }
    }
    smaller
}

/// The smallest case that can be had from `case`, which fails, by leaving out
/// one thing after the other as long as it `still_fails`.
pub fn shrink(mut case: Vec<Op>, still_fails: impl Fn(&[Op]) -> bool) -> Vec<Op> {
    while let Some(next) = smaller(&case).into_iter().find(|smaller| still_fails(smaller)) {
        case = next;
    }
    case
}

#[test]
fn a_failing_case_shrinks_to_what_it_takes_to_fail() {
    let tokens: Vec<String> = (0..TOKENS).map(|number| format!("T{number}")).collect();
    // Fails where `aa` is no copy of a file that holds a token.
    let fails = |case: &[Op]| {
        let mut tree = Tree::default();
        case.iter().for_each(|op| op.apply(&mut tree, &tokens));
        tree.0.get("aa").is_some_and(|node| node.content.contains(&b'T'))
    };
    let (mut random, mut failing) = (Random::new(1), 0);
    for _ in 0..2000 {
        let case: Vec<Op> = (0..20).map(|_| Op::random(&mut random, &["a", "aa"], false)).collect();
        if fails(&case) {
            failing += 1;
            let shrunk = shrink(case, fails);
            assert!(fails(&shrunk) && shrunk.len() <= 3, "{shrunk:?}");
        }
    }
    assert!(failing > 100, "{failing}");
}
