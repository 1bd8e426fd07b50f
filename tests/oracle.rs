//! Random changes, judged a second time by what `git diff` says, and by each
//! reader (the harness compares those at every commit).

use std::collections::HashMap;
use std::fs;

use crate::support::{Ran, Repo};

/// SplitMix64: the same changes for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        ((mixed ^ (mixed >> 27)) % bound as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        from.get(self.below(from.len())).unwrap()
    }
}

/// Names that sort around `/`, and folders and files that take each other's place.
const NAMES: [&str; 16] = [
    "a", "a.b", "a-b", "a0", "a b", "aa", "b/c", "b/c/d", "b/c.d", "b-c", "b.c/d", "b/c0/e", "B", "\u{e4}",
    "z/z/z/z", "a/x",
];

fn content(random: &mut Random, tokens: &[String]) -> Vec<u8> {
    let mut lines: Vec<String> = Vec::new();
    for _ in 0..random.below(6) {
        match random.below(4) {
            0 => lines.push(format!("x={}", random.pick(tokens))),
            _ => lines.push(format!("line {}", random.below(4))),
        }
    }
    let ending = *random.pick(&["\n", "\n", "\r\n"]);
    let mut text = lines.join(ending);
    if random.below(3) > 0 && !text.is_empty() {
        text += ending;
    }
    text.into_bytes()
}

/// One change of the work tree or the index.
fn change(repo: &Repo, random: &mut Random, tokens: &[String]) {
    let name = *random.pick(&NAMES);
    let path = repo.path.join(name);
    match random.below(8) {
        0..=3 => {
            // A folder in the way of a file, or a file in the way of a folder.
            let _no_folder = fs::remove_dir_all(&path);
            for above in path.ancestors().skip(1).take_while(|above| *above != repo.path) {
                if above.is_file() {
                    fs::remove_file(above).unwrap();
                }
            }
            repo.write(name, content(random, tokens));
        }
        4 => {
            let _not_there = fs::remove_file(&path);
        }
        5 => {
            let to = repo.path.join(random.pick(&NAMES));
            if path.is_file() && !to.exists() && to.parent().is_some_and(|folder| folder.is_dir()) {
                fs::rename(&path, to).unwrap();
            }
        }
        6 => {
            repo.git(&["update-index", "--index-version", *random.pick(&["2", "4"])]);
        }
        _ => {
            repo.git(&["rm", "-r", "--quiet", "--cached", "--ignore-unmatch", name]).succeeds();
        }
    }
}

/// Whether the staged change adds a line with a token, as `git diff` has it: more
/// added than removed ones of the same text in a file, exact renames aside.
fn diff_adds_a_token(repo: &Repo, tokens: &[String]) -> bool {
    let options = [
        "--cached",
        "-U0",
        "--text",
        "--no-ext-diff",
        "--no-textconv",
        "-M100%",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    ];
    let mut git = crate::support::hermetic("git", &repo.path);
    let diff = git.arg("diff").args(options).output().unwrap().stdout;
    let mut balance: HashMap<(usize, Vec<u8>), i32> = HashMap::new();
    let mut file = 0;
    let mut header = true;
    for line in diff.split(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") {
            (file, header) = (file + 1, true);
        } else if line.starts_with(b"@@ ") {
            header = false;
        } else if let (false, Some((sign @ (b'+' | b'-'), text))) = (header, line.split_first()) {
            let text = text.strip_suffix(b"\r").unwrap_or(text).to_vec();
            *balance.entry((file, text)).or_default() += if *sign == b'+' { 1 } else { -1 };
        }
    }
    balance.iter().any(|((_, text), count)| {
        *count > 0
            && tokens.iter().any(|token| text.windows(token.len()).any(|window| window == token.as_bytes()))
    })
}

fn changes_agree_with_the_oracle(seed: u64, rounds: usize) -> (usize, usize) {
    let mut random = Random(seed);
    let repo = if seed.is_multiple_of(2) { Repo::new() } else { Repo::unborn() };
    let tokens: Vec<String> = (0..3).map(|number| repo.token("dt0c01", number).text).collect();
    let (mut blocked, mut passed) = (0, 0);
    for round in 0..rounds {
        for _ in 0..=random.below(5) {
            change(&repo, &mut random, &tokens);
            if random.below(3) == 0 {
                repo.git(&["add", "--all"]).succeeds();
            }
        }
        if random.below(4) > 0 {
            repo.git(&["add", "--all"]).succeeds();
        }
        let wanted = diff_adds_a_token(&repo, &tokens);
        let Ran { code, stderr, .. } = repo.git(&["commit", "--allow-empty", "-m", "m"]);
        assert_eq!(code != 0, wanted, "seed {seed}, round {round}:\n{stderr}");
        *(if wanted { &mut blocked } else { &mut passed }) += 1;
        if wanted && random.below(2) == 0 {
            repo.commit_unseen();
        }
    }
    (blocked, passed)
}

#[test]
fn random_changes_are_judged_as_git_diff_judges_them() {
    let runs: Vec<(usize, usize)> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..8).map(|seed| scope.spawn(move || changes_agree_with_the_oracle(seed, 40))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let blocked: usize = runs.iter().map(|(blocked, _)| blocked).sum();
    let passed: usize = runs.iter().map(|(_, passed)| passed).sum();
    assert!(blocked > 60 && passed > 60, "{blocked} blocked, {passed} passed");
}
