//! Random changes, judged a second time by what `git diff` says.
//!
//! Most cases are put straight into HEAD and the index, and one reader scans
//! them. Some are made by real commits and merges, and each reader scans them
//! from a hook (the harness compares those). A case that fails is made as small as
//! it can be before it is shown.
//!
//! `DTGUARD_SEED=n` tries the case of this seed alone, `DTGUARD_CASES=n` this many
//! cases, and both together this many from that seed on.

mod case;
mod diff;
mod stage;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

use case::{Op, Random, random_case, shrink};
use diff::Verdict;
use stage::{Bench, Layout, State, readers};

use crate::support::Ran;
use crate::support::effort::{self, number};

/// Whether a case was blocked, or how dtguard and git disagree about it.
type Checked = Result<bool, String>;

fn judge(wanted: &Verdict, ran: &Ran) -> Checked {
    let mut got = Verdict::of_dtguard(&ran.stderr);
    // A hook lists the first places of a token; its count is of all.
    if ran.stderr.contains(" more place") && got.files.is_subset(&wanted.files) {
        got.files.clone_from(&wanted.files);
    }
    let blocked = wanted.findings > 0;
    if (ran.code != 0) == blocked && *wanted == got {
        return Ok(blocked);
    }
    Err(format!("git diff: {wanted:?}\ndtguard:  {got:?}\nexit code {}\n{}", ran.code, ran.stderr))
}

fn wanted(bench: &Bench, state: &State) -> Verdict {
    Verdict::of_git(&bench.repo, &state.head_tree(), &state.index, &bench.tokens)
}

/// Scans where `case` leads, as the choices of `seed` have it.
fn check_staged(bench: &Bench, seed: u64, case: &[Op]) -> Checked {
    let mut random = Random::new(!seed);
    let layout = Layout::random(&mut random);
    let reader = *random.pick(readers(layout));
    let state = bench.imagine(case);
    bench.stage(&state, layout);
    let ran = bench.repo.dtguard(&["-v", "hook", "--reader", reader, "pre-commit"]);
    judge(&wanted(bench, &state), &ran).map_err(|error| format!("index {layout:?}, reader {reader}\n{error}"))
}

/// Goes through `case` in earnest and commits what it leads to.
fn check_committed(bench: &Bench, _seed: u64, case: &[Op]) -> Checked {
    let state = bench.perform(case);
    // Before the commit: after it nothing is staged for `git diff` to show.
    let wanted = wanted(bench, &state);
    judge(&wanted, &bench.repo.try_git(&["commit", "--allow-empty", "-m", "m"])?)
}

/// Names the seed of a case that panics.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut out = std::io::stderr().lock();
            let _nobody_listens =
                std::io::Write::write_all(&mut out, format!("with DTGUARD_SEED={}\n", self.0).as_bytes());
        }
    }
}

/// Tries `few` or `many` cases, or what the environment asks for, on all processors.
fn try_cases(few: u64, many: u64, check: fn(&Bench, u64, &[Op]) -> Checked) {
    let (seed, asked) = (number("DTGUARD_SEED"), number("DTGUARD_CASES"));
    let first = seed.unwrap_or(0);
    let cases = if seed.is_some() { asked.unwrap_or(1) } else { effort::cases(few, many) };
    let next = AtomicUsize::new(0);
    let (blocked, passed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let bench = Bench::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed) as u64;
            if number >= cases {
                return;
            }
            let seed = first + number;
            let _named = Seed(seed);
            let case = random_case(&mut Random::new(seed));
            match check(&bench, seed, &case) {
                Ok(true) => blocked.fetch_add(1, Ordering::Relaxed),
                Ok(false) => passed.fetch_add(1, Ordering::Relaxed),
                Err(_) => {
                    // The others need not go on.
                    next.store(cases as usize, Ordering::Relaxed);
                    let shrunk = shrink(case, |case| check(&bench, seed, case).is_err());
                    let error = check(&bench, seed, &shrunk).unwrap_err();
                    let ops: Vec<String> = shrunk.iter().map(|op| format!("  {op:?}\n")).collect();
                    panic!("DTGUARD_SEED={seed} fails; the least that does:\n{}{error}", ops.concat());
                }
            };
        }
    };
    std::thread::scope(|scope| {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
    });
    if seed.is_none() {
        let enough = cases as usize / 8;
        let (blocked, passed) = (blocked.load(Ordering::Relaxed), passed.load(Ordering::Relaxed));
        assert!(blocked >= enough && passed >= enough, "{blocked} blocked, {passed} passed");
    }
}

#[test]
fn random_changes_are_judged_as_git_diff_judges_them() {
    try_cases(300, 2500, check_staged);
}

#[test]
fn random_commits_and_merges_are_judged_as_git_diff_judges_them() {
    try_cases(40, 300, check_committed);
}
