//! `dtguard mask`: copies, with every secret part masked.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::context::Context;
use super::input::chunks;
use crate::cli::MaskArgs;
use crate::error::Error;
use crate::find::{Masker, Masking, mask};
use crate::report::write_unmasked;
use crate::source::SourceError;
use crate::verdict::Outcome;

/// Bytes that are read at a time.
const PIECE: usize = 64 << 10;
/// How long a line waits for the next, where nothing more comes.
const LATENCY: Duration = Duration::from_millis(100);

pub(super) fn run(context: &Context<'_>, arguments: &MaskArgs) -> Result<Outcome, Error> {
    let standard_input = ["-".into()];
    let files = if arguments.files.is_empty() { &standard_input[..] } else { &arguments.files };
    let mut outcome = Outcome::Passes;
    for file in files {
        let masker = Masker::new(BufWriter::with_capacity(PIECE, io::stdout().lock()));
        let masking = if file.as_os_str() == "-" { from_pipe(masker)? } else { from_file(file, masker)? };
        if masking.refused.is_some() || !masking.missed.is_empty() {
            outcome = Outcome::Incomplete;
            let name = if file.as_os_str() == "-" { "standard input".into() } else { file.to_string_lossy() };
            context.tell(|page| write_unmasked(page, &mask(&name), &masking));
        }
    }
    Ok(outcome)
}

fn from_file<W: Write>(path: &Path, mut masker: Masker<W>) -> Result<Masking, Error> {
    let failed = |error| Error::Source(SourceError::of_file(path, error));
    let mut file = File::open(path).map_err(failed)?;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(masker.finish()?),
            Ok(read) => masker.push(piece.get(..read).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                // What came is masked like any end of a text.
                masker.finish()?;
                return Err(failed(error));
            }
        }
    }
}

/// What comes through a pipe may come slowly, to somebody who watches: what came is
/// not kept for long.
fn from_pipe<W: Write>(mut masker: Masker<W>) -> Result<Masking, Error> {
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
