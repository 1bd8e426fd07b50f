//! Puts a case into a real repository.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use git2::{Oid, Signature};

use super::case::{FILE, Node, Op, POINTERS, Random, SUBMODULE, TOKENS, Tree};
use crate::support::{Ran, Repo, hermetic};

/// How the index gets its entries: its record of trees, its version
/// and its parts depend on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Written entry by entry, with no record of trees.
    Entries,
    /// HEAD's, changed where it differs.
    Changed,
    /// As `Changed`, with shortened paths.
    Version4,
    /// As `Changed`, in two files.
    Split,
    /// Read from a tree, so that the record of trees is whole.
    Whole,
}

impl Layout {
    pub fn random(random: &mut Random) -> Self {
        *random.pick(&[
            Self::Entries,
            Self::Changed,
            Self::Changed,
            Self::Changed,
            Self::Version4,
            Self::Split,
            Self::Whole,
            Self::Whole,
        ])
    }
}

/// A repository in which one case after the other is staged.
pub struct Bench {
    pub repo: Repo,
    pub tokens: Vec<String>,
    /// Writes objects without a process for each.
    git: git2::Repository,
    /// Commits for submodules to stand at.
    pointers: Vec<Oid>,
}

/// What is committed and what is staged.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// None on an unborn branch.
    pub head: Option<Tree>,
    pub index: Tree,
    /// HEAD, where there are real commits.
    commit: Option<Oid>,
}

impl State {
    /// HEAD's tree; the empty one if there is none.
    pub fn head_tree(&self) -> Tree {
        self.head.clone().unwrap_or_default()
    }
}

impl Bench {
    pub fn new() -> Self {
        let repo = Repo::unborn();
        let tokens = (0..TOKENS as u64).map(|number| repo.token("dt0c01", number).text).collect();
        let git = git2::Repository::open(&repo.path).unwrap();
        let mut bench = Self { repo, tokens, git, pointers: Vec::new() };
        for number in 0..POINTERS {
            let node = Node { mode: FILE, content: vec![number as u8] };
            let tree = Tree(BTreeMap::from([("pointer".to_owned(), node)]));
            let pointer = bench.commit_of(&tree, &[]);
            bench.pointers.push(pointer);
        }
        bench
    }

    /// Where `case` leads, without any commit being made on the way.
    pub fn imagine(&self, case: &[Op]) -> State {
        let mut state = State::default();
        for op in case {
            op.apply(&mut state.index, &self.tokens);
            match op {
                Op::Commit => state.head = Some(state.index.clone()),
                Op::Merge(side) => {
                    let base = state.head_tree();
                    let theirs = self.side(&base, side);
                    let merged = Tree::merged(&base, &state.index, &theirs);
                    state.head = Some(std::mem::replace(&mut state.index, merged));
                }
                _ => {}
            }
        }
        state
    }

    fn side(&self, base: &Tree, ops: &[Op]) -> Tree {
        let mut tree = base.clone();
        ops.iter().for_each(|op| op.apply(&mut tree, &self.tokens));
        tree
    }

    /// Makes `state` what is committed and staged.
    pub fn stage(&self, state: &State, layout: Layout) {
        self.forget();
        let head = state.head.as_ref().map(|tree| self.commit_of(tree, &[]));
        if let Some(head) = head {
            fs::write(self.repo.path.join(".git/refs/heads/main"), format!("{head}\n")).unwrap();
        }
        if layout == Layout::Whole {
            let tree = self.tree_of(&state.index).to_string();
            self.repo.git(&["read-tree", &tree]).succeeds();
            return;
        }
        let mut from = Tree::default();
        if layout != Layout::Entries && head.is_some() {
            self.repo.git(&["read-tree", "HEAD"]).succeeds();
            from = state.head_tree();
        }
        let options: &[&str] = match layout {
            Layout::Version4 => &["--index-version", "4"],
            Layout::Split => &["--split-index"],
            _ => &[],
        };
        self.update_index(options, &from, &state.index);
    }

    /// Goes through `case` with real commits and merges; what it leads to is
    /// staged then.
    pub fn perform(&self, case: &[Op]) -> State {
        self.forget();
        for entry in fs::read_dir(&self.repo.path).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_name() == ".git" {
                continue;
            }
            let is_folder = entry.file_type().unwrap().is_dir();
            if is_folder { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) }.unwrap();
        }
        let mut state = State::default();
        let mut staged = Tree::default();
        for op in case {
            op.apply(&mut state.index, &self.tokens);
            if !matches!(op, Op::Commit | Op::Merge(_)) {
                continue;
            }
            self.update_index(&[], &staged, &state.index);
            staged = state.index.clone();
            let (base, base_tree) = (state.commit, state.head_tree());
            self.repo.git(&["commit", "--quiet", "--no-verify", "--allow-empty", "-m", "m"]).succeeds();
            state.commit = Some(self.git.refname_to_id("HEAD").unwrap());
            state.head = Some(state.index.clone());
            if let (Op::Merge(side), Some(base)) = (op, base) {
                state.index = self.merge(base, &base_tree, &state.index, side);
                staged = state.index.clone();
            }
        }
        self.update_index(&[], &staged, &state.index);
        state
    }

    /// Merges into HEAD, which holds `ours`, what was made of `base` by `side`,
    /// and returns what is staged then.
    fn merge(&self, base: Oid, base_tree: &Tree, ours: &Tree, side: &[Op]) -> Tree {
        let theirs = self.side(base_tree, side);
        let commit = self.commit_of(&theirs, &[base]).to_string();
        self.repo.git(&["reset", "--quiet", "--hard"]).succeeds();
        // What a remote has counts for nothing: the subject here is the staged change.
        self.repo.git(&["update-ref", "refs/remotes/origin/side", &commit]).succeeds();
        let ran: Ran = self.repo.git(&["merge", "--quiet", "--no-verify", "--no-commit", "--no-ff", &commit]);
        if ran.code != 0 {
            let merged = Tree::merged(base_tree, ours, &theirs);
            // Whatever conflicts there are, all of it is settled.
            self.repo.git(&["read-tree", "--empty"]).succeeds();
            self.update_index(&[], &Tree::default(), &merged);
            return merged;
        }
        let mut index = self.git.index().unwrap();
        index.read(true).unwrap();
        let node = |entry: &git2::IndexEntry| Node {
            mode: entry.mode,
            content: match self.pointers.iter().position(|pointer| *pointer == entry.id) {
                Some(number) => vec![number as u8],
                None => self.git.find_blob(entry.id).unwrap().content().to_vec(),
            },
        };
        Tree(
            index
                .iter()
                .map(|entry| (String::from_utf8(entry.path.clone()).unwrap(), node(&entry)))
                .collect(),
        )
    }

    /// Makes the repository one without a commit, a merge and an index.
    fn forget(&self) {
        let git_dir = self.repo.path.join(".git");
        let merge = ["MERGE_HEAD", "MERGE_MSG", "MERGE_MODE", "AUTO_MERGE", "refs/remotes/origin/side"];
        for name in ["index", "refs/heads/main"].into_iter().chain(merge) {
            let _absent = fs::remove_file(git_dir.join(name));
        }
    }

    /// Turns the index, which holds `from`, into one that holds `to`.
    fn update_index(&self, options: &[&str], from: &Tree, to: &Tree) {
        let mut input = Vec::new();
        let zeros = "0".repeat(40);
        for name in from.0.keys().filter(|name| !to.0.contains_key(*name)) {
            input.extend_from_slice(format!("0 {zeros}\t{name}\0").as_bytes());
        }
        for (name, node) in to.0.iter().filter(|(name, node)| from.0.get(*name) != Some(node)) {
            let line = format!("{:o} {}\t{name}\0", node.mode, self.id_of(node));
            input.extend_from_slice(line.as_bytes());
        }
        let mut git = hermetic("git", &self.repo.path);
        git.arg("update-index").args(options).args(["-z", "--index-info"]);
        let mut child = git.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        assert!(child.wait().unwrap().success());
    }

    fn id_of(&self, node: &Node) -> Oid {
        match node.content.first() {
            Some(number) if node.mode == SUBMODULE => *self.pointers.get(usize::from(*number)).unwrap(),
            _ => self.git.blob(&node.content).unwrap(),
        }
    }

    fn tree_of(&self, tree: &Tree) -> Oid {
        let mut index = git2::Index::new().unwrap();
        for (name, node) in &tree.0 {
            let time = git2::IndexTime::new(0, 0);
            index
                .add(&git2::IndexEntry {
                    ctime: time,
                    mtime: time,
                    dev: 0,
                    ino: 0,
                    mode: node.mode,
                    uid: 0,
                    gid: 0,
                    file_size: 0,
                    id: self.id_of(node),
                    flags: 0,
                    flags_extended: 0,
                    path: name.clone().into_bytes(),
                })
                .unwrap();
        }
        index.write_tree_to(&self.git).unwrap()
    }

    fn commit_of(&self, tree: &Tree, parents: &[Oid]) -> Oid {
        let tree = self.git.find_tree(self.tree_of(tree)).unwrap();
        let who = Signature::new("Test", "test@localhost", &git2::Time::new(1_767_225_600, 0)).unwrap();
        let parents: Vec<_> = parents.iter().map(|parent| self.git.find_commit(*parent).unwrap()).collect();
        self.git.commit(None, &who, &who, "m", &tree, &parents.iter().collect::<Vec<_>>()).unwrap()
    }
}

/// The readers that can read an index of this `layout`.
pub fn readers(layout: Layout) -> &'static [&'static str] {
    match layout {
        Layout::Split => &["fastest", "git"],
        _ => &["fastest", "fastest", "libgit2", "git"],
    }
}
