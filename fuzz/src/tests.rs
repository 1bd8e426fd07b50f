//! The targets, with the inputs that were kept and with a few that are drawn.

use std::fs;
use std::path::{Path, PathBuf};

use dtguard::find::search;
use dtguard::token::{KINDS, specimen};

use super::encoders::{ENCODERS, Random};
use super::packers;

/// A target's name and what it does.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 18] = [
    ("added", super::added),
    ("archive", super::archive),
    ("base64", super::base64),
    ("diff", super::diff),
    ("dumped", super::dumped),
    ("escape", super::escape),
    ("finder", super::finder),
    ("glued", super::glued),
    ("hex", super::hex),
    ("index", super::index),
    ("joined", super::joined),
    ("mask", super::mask),
    ("message", super::message),
    ("pack", super::pack),
    ("policy", super::policy),
    ("still_clean", super::still_clean),
    ("trees", super::trees),
    ("utf16_32", super::utf16_32),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

#[test]
fn each_input_that_was_kept_still_holds() {
    for (name, target) in TARGETS {
        let Ok(kept) = fs::read_dir(folder().join("regressions").join(name)) else { continue };
        for input in kept {
            let path = input.unwrap().path();
            println!("{}", path.display());
            target(&fs::read(path).unwrap());
        }
    }
}

#[test]
fn each_target_holds_of_a_few_inputs() {
    for (name, target) in TARGETS {
        println!("{name}");
        drawn(crate::effort::cases(20, 40)).iter().for_each(|input| target(input));
    }
}

/// A file of each format, with a token.
fn formats() -> Vec<Vec<u8>> {
    super::formats::all(&specimen(&KINDS[0], 1).text)
}

#[test]
fn the_token_of_each_format_to_begin_with_is_found() {
    for (number, file) in formats().iter().enumerate() {
        let found = search(file);
        assert!(!found.matches.is_empty() && found.missed.is_empty(), "{number} {:?}", found.missed);
    }
}

#[test]
fn each_target_has_a_program_and_the_other_way_round() {
    let mut programs: Vec<String> = fs::read_dir(folder().join("fuzz_targets"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    programs.sort();
    assert_eq!(programs, TARGETS.map(|(name, _)| name));
}

/// Inputs with many of the bytes that stand for something.
fn drawn(count: u64) -> Vec<Vec<u8>> {
    let mut random = Random(1);
    (0..count)
        .map(|_| {
            let high = random.below(3) > 0;
            let length = random.below(200);
            (0..length)
                .map(|_| match random.below(3) {
                    0 if high => 0xc0 | random.below(64) as u8,
                    1 => *random.pick(b" \n\"'=%\\&:;,.{}[]()<>aZ09+/-_"),
                    _ => random.below(256) as u8,
                })
                .collect()
        })
        .collect()
}

/// Writes inputs to begin with into `fuzz/corpus`: the fuzzer keeps what is of use.
#[test]
#[ignore = "writes files; run before fuzzing"]
fn write_seeds() {
    let mut seeds = drawn(200);
    let texts: Vec<Vec<u8>> = drawn(60).iter().map(|bytes| super::input::grown(bytes)).collect();
    for (number, text) in texts.iter().enumerate() {
        let mut random = Random(number as u64);
        seeds
            .push((ENCODERS[number % ENCODERS.len()].write)(&text[..text.len().min(500)], &mut random).bytes);
        seeds.push(match number % 6 {
            0 => packers::gzip(text),
            1 => packers::zip(&[("a", text)]),
            2 => packers::tar(&[("a", text)]),
            3 => packers::xz(text),
            4 => packers::zstd(text),
            _ => packers::bzip2(text),
        });
    }
    seeds.extend(texts);
    seeds.extend(formats());
    for (name, _) in TARGETS {
        let folder = folder().join("corpus").join(name);
        fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}
