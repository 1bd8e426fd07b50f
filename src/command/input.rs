//! Reads standard input and other pipes.

use std::io::{self, Cursor, IsTerminal as _, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::error::Error;
use crate::source::{SourceError, Watch};

/// The size of a chunk in bytes; and how many chunks wait to be searched.
const CHUNK: usize = 256 << 10;
const WAITING: usize = 4;
/// How often a waiting reader checks whether to stop.
const BEAT: Duration = Duration::from_millis(50);

/// All of standard input.
pub(super) fn all() -> Result<Vec<u8>, Error> {
    let mut input = Vec::new();
    let failed = |error| SourceError::of_file("standard input", error);
    io::stdin().lock().read_to_end(&mut input).map_err(failed)?;
    Ok(input)
}

/// What git writes to the hook. Nothing if `may_be_absent` and standard input is a terminal.
pub(super) fn of_hook(may_be_absent: bool) -> Result<Vec<u8>, Error> {
    if io::stdin().is_terminal() {
        if may_be_absent {
            return Ok(Vec::new());
        }
        let wanted = "the pushed references on standard input";
        return Err(SourceError::hook_input(wanted, "a terminal").into());
    }
    all()
}

/// A pipe with its own reading thread. Waiting for it can be interrupted, even if nobody writes
/// to it any more.
pub(super) struct Pipe {
    watch: Arc<Watch>,
    chunks: Receiver<io::Result<Vec<u8>>>,
    current: Cursor<Vec<u8>>,
}

impl Pipe {
    /// Reads `from`, until `watch` says to stop.
    pub(super) fn read(from: impl Read + Send + 'static, watch: Arc<Watch>) -> Self {
        Self { watch, chunks: chunks(from, CHUNK), current: Cursor::default() }
    }
}

/// Reads `from` in its own thread, in chunks of at most `length` bytes as they arrive. The
/// thread ends with the pipe, an error or the process.
pub(super) fn chunks(mut from: impl Read + Send + 'static, length: usize) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, chunks) = sync_channel(WAITING);
    let failed = sender.clone();
    let thread = thread::Builder::new().spawn(move || {
        loop {
            let mut chunk = vec![0; length];
            let read = match from.read(&mut chunk) {
                Ok(0) => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read,
            };
            let is_last = read.is_err();
            chunk.truncate(*read.as_ref().unwrap_or(&0));
            if sender.send(read.map(|_| chunk)).is_err() || is_last {
                return;
            }
        }
    });
    // The thread did not start: report that as the read error.
    thread.map_or_else(|error| drop(failed.send(Err(error))), drop);
    chunks
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.current.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            match self.chunks.recv_timeout(BEAT) {
                Ok(chunk) => self.current = Cursor::new(chunk?),
                Err(RecvTimeoutError::Timeout) if self.watch.stops() => {
                    return Err(io::Error::other("stopped"));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::Ordering;

    #[test]
    fn all_that_a_pipe_gives_comes_and_then_its_end_or_its_error() {
        let text: Vec<u8> = (0..CHUNK * 7).map(|at| at as u8).collect();
        let mut read = Vec::new();
        let mut pipe = Pipe::read(Cursor::new(text.clone()), Arc::default());
        assert_eq!(pipe.read_to_end(&mut read).unwrap(), text.len());
        assert!(read == text && pipe.read(&mut [0]).unwrap() == 0);

        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let broken = Pipe::read(Broken, Arc::default()).read(&mut [0]).unwrap_err();
        assert_eq!(broken.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_wait_for_a_pipe_that_gives_nothing_can_be_stopped() {
        struct Silent;
        impl Read for Silent {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                thread::sleep(Duration::from_secs(3600));
                Ok(0)
            }
        }
        let watch = Arc::new(Watch::default());
        let mut pipe = Pipe::read(Silent, Arc::clone(&watch));
        let stopped = thread::spawn(move || pipe.read(&mut [0]).is_err());
        watch.stop.store(true, Ordering::SeqCst);
        assert!(stopped.join().unwrap());
    }
}
