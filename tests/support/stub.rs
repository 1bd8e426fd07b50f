//! A server that answers nothing but records what it is asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// What a client sent.
pub struct Request {
    pub head: String,
    pub body: String,
}

pub struct Stub(TcpListener);

impl Stub {
    pub fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub fn host(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    /// The next request, which gets an empty answer.
    pub fn take(&self) -> Request {
        // A client that never comes must not hang the tests.
        self.0.set_nonblocking(true).unwrap();
        let end = Instant::now() + Duration::from_secs(30);
        let stream = loop {
            match self.0.accept() {
                Ok((stream, _)) => break stream,
                Err(_) => assert!(Instant::now() < end, "nobody asked"),
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        stream.set_nonblocking(false).unwrap();
        let mut reader = BufReader::new(&stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
        }
        let length = head.split("Content-Length: ").nth(1);
        let length = length.map_or(0, |rest| rest.lines().next().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        (&stream).write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
        Request { head, body: String::from_utf8(body).unwrap() }
    }
}
