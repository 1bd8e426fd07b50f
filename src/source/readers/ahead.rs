//! Reads a stream ahead of its consumer, in its own thread.

use std::io::{self, Cursor, Error, ErrorKind, Read};
use std::sync::mpsc::{Receiver, sync_channel};

/// The size of a chunk in bytes, and how many chunks are read ahead.
const CHUNK: u64 = 1 << 20;
const CHUNKS: usize = 4;

/// A stream that is read ahead of the search. A pipe holds so little that git would wait for
/// the search, and the search for git's inflating. The same holds for streams that this process
/// inflates.
pub struct Ahead {
    /// Chunks in order. An empty one marks a good end.
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Cursor<Vec<u8>>,
    ended: bool,
}

impl Ahead {
    pub fn of(mut stream: impl Read + Send + 'static) -> Self {
        let (send, chunks) = sync_channel(CHUNKS);
        let failed = send.clone();
        // The thread ends with the stream, or without a consumer.
        let thread = std::thread::Builder::new().spawn(move || {
            loop {
                let mut chunk = Vec::with_capacity(CHUNK as usize);
                let read = (&mut stream).take(CHUNK).read_to_end(&mut chunk);
                let is_last = chunk.is_empty() || read.is_err();
                if send.send(read.map(|_| chunk)).is_err() || is_last {
                    break;
                }
            }
        });
        // The thread did not start: report that as the read error.
        thread.map_or_else(|error| drop(failed.send(Err(error))), drop);
        Self { chunks, chunk: Cursor::default(), ended: false }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.chunk.read(buffer)?;
            if count > 0 || self.ended || buffer.is_empty() {
                return Ok(count);
            }
            // After an error, or if the thread fails, nothing follows.
            let gone = |_| Error::new(ErrorKind::UnexpectedEof, "the content broke off before");
            let chunk = self.chunks.recv().map_err(gone)??;
            self.ended = chunk.is_empty();
            self.chunk = Cursor::new(chunk);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, then an error, then text again.
    struct Failing(usize);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 == 2 { Err(Error::other("broken")) } else { b"text".as_slice().read(buffer) }
        }
    }

    #[test]
    fn what_comes_behind_an_error_is_not_taken_for_the_content() {
        let mut ahead = Ahead::of(Failing(0));
        assert!(ahead.read_to_end(&mut Vec::new()).is_err());
        assert_eq!(ahead.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
