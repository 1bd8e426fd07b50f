//! `dtguard mask`: copies its input with every secret part masked.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::context::Context;
use super::in_force;
use super::input::chunks;
use crate::cli::MaskArgs;
use crate::error::Error;
use crate::find::{MaskKey, Masker, Masking, Style, mask};
use crate::report::{write_masked, write_unmasked};
use crate::source::{Replacement, SourceError};
use crate::verdict::Outcome;

/// Bytes that are read at a time.
const PIECE: usize = 64 << 10;
/// How long a line waits for the next one in a slow pipe.
const LATENCY: Duration = Duration::from_millis(100);
/// The variable with the key for `--hash`. An argument would show in the list of processes.
const KEY: &str = "DTGUARD_MASK_KEY";

/// Where the masked text goes. One type, so that the masker is compiled once.
type Out<'o> = &'o mut dyn Write;

pub(super) fn run(context: &Context<'_>, arguments: &MaskArgs) -> Result<Outcome, Error> {
    let style = style(arguments)?;
    // Its rules are masked, too: without all of them nothing is copied.
    let policy = in_force::load(context, None, in_force::in_work_tree)?;
    // The masker counts tokens and forbidden texts in one number.
    let noun = if policy.forbidden().is_empty() { "token" } else { "text" };
    let standard_input = ["-".into()];
    let files = if arguments.files.is_empty() { &standard_input[..] } else { &arguments.files };
    if arguments.in_place && files.iter().any(|file| file.as_os_str() == "-") {
        let message = "`-` is standard input, which has no place to be masked in";
        return Err(Error::usage(message, "dtguard mask --in-place FILE"));
    }
    let (mut tokens, mut masked, mut read, mut complete) = (0, 0, 0, true);
    for file in files {
        let masking = match one(file, &style, arguments.in_place) {
            Ok(masking) => masking,
            Err(error @ Error::Source(_)) => {
                context.error(&error, false);
                complete = false;
                continue;
            }
            Err(error) => return Err(error),
        };
        read += usize::from(masking.refused.is_none());
        tokens += masking.tokens;
        masked += usize::from(masking.tokens > 0);
        if masking.refused.is_some() || !masking.missed.is_empty() {
            complete = false;
            let name = if file.as_os_str() == "-" { "standard input".into() } else { file.to_string_lossy() };
            let done = if arguments.in_place { "masked" } else { "copied" };
            context.show(|page| write_unmasked(page, done, &mask(&name), &masking));
        }
    }
    if read > 0 {
        context.mention(|page| write_masked(page, (tokens, noun), masked, read));
    }
    Ok(match tokens {
        _ if !complete => Outcome::Incomplete,
        1.. if arguments.fail => Outcome::Blocks,
        _ => Outcome::Passes,
    })
}

fn style(arguments: &MaskArgs) -> Result<Style, Error> {
    if !arguments.hash {
        return Ok(if arguments.keep_length { Style::KeepLength } else { Style::Fixed });
    }
    let how = "head -c 32 /dev/urandom | base64 >mask.key\ndtguard mask --hash --key-file mask.key";
    let key = match &arguments.key_file {
        Some(file) => fs::read(file).map_err(|error| SourceError::of_file(file, error))?,
        None => env::var_os(KEY)
            .ok_or_else(|| {
                Error::usage(format!("--hash needs a key: no --key-file, and {KEY} is not set"), how)
            })?
            .into_encoded_bytes(),
    };
    let short = || {
        let message = format!("the key for --hash is too short: {} bytes at least", MaskKey::SHORTEST);
        Error::usage(message, how)
    };
    MaskKey::new(key.trim_ascii_end()).map(Box::new).map(Style::Hash).ok_or_else(short)
}

fn one(file: &Path, style: &Style, in_place: bool) -> Result<Masking, Error> {
    if in_place {
        return mask_in_place(file, style);
    }
    let mut out = BufWriter::with_capacity(PIECE, io::stdout().lock());
    let masker = Masker::with(style.clone(), &mut out as Out<'_>);
    if file.as_os_str() == "-" {
        return from_pipe(masker);
    }
    from_file(file, File::open(file).map_err(|error| SourceError::of_file(file, error))?, masker)
}

/// Masks the file at `path` in place: writes a new file beside it and renames it.
fn mask_in_place(path: &Path, style: &Style) -> Result<Masking, Error> {
    let (file, mut new) = Replacement::of(path)?;
    let mut out = BufWriter::with_capacity(PIECE, &mut new);
    let masker = Masker::with(style.clone(), &mut out as Out<'_>);
    let masking = from_file(path, file, masker).map_err(|error| match error {
        Error::Output(error) => Error::Write { path: path.display().to_string(), error },
        error => error,
    })?;
    drop(out);
    if masking.tokens > 0 {
        new.put()?;
    }
    Ok(masking)
}

fn from_file(path: &Path, mut file: File, mut masker: Masker<Out<'_>>) -> Result<Masking, Error> {
    let failed = |error| Error::Source(SourceError::of_file(path, error));
    loop {
        match masker.pull(&mut file)? {
            Ok(0) => return Ok(masker.finish()?),
            Ok(_) => {}
            Err(error) => {
                // The bytes before the error are masked, like the end of any text.
                masker.finish()?;
                return Err(failed(error));
            }
        }
    }
}

/// Masks a pipe. Lines are written soon after they arrive, because somebody may be watching.
fn from_pipe(mut masker: Masker<Out<'_>>) -> Result<Masking, Error> {
    let pieces = chunks(io::stdin(), PIECE);
    let mut since: Option<Instant> = None;
    loop {
        let wait = since.map(|since| LATENCY.saturating_sub(since.elapsed()));
        let piece = match wait {
            Some(wait) => pieces.recv_timeout(wait),
            None => pieces.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match piece {
            Ok(Ok(piece)) => {
                masker.push(&piece)?;
                since.get_or_insert_with(Instant::now);
            }
            Ok(Err(error)) => {
                masker.finish()?;
                return Err(Error::Source(SourceError::of_file("-", error)));
            }
            Err(RecvTimeoutError::Timeout) => {
                masker.pause()?;
                since = None;
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(masker.finish()?),
        }
    }
}
