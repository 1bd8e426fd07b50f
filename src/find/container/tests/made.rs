//! Containers as bytes, some of them as no writer would write them.

use super::super::Container;
use crate::fuzz::packers;

pub(in crate::find) use packers::gzip;
pub(super) use packers::{bzip2, lzma, xz, zstd};

pub(super) fn deflate(content: &[u8]) -> Vec<u8> {
    packers::deflate(content, 9)
}

pub(super) fn crc(content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum()
}

/// A zip member as its two headers describe it.
pub(in crate::find) struct Zipped {
    pub(super) name: &'static [u8],
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) listed_method: u16,
    pub(super) packed: Vec<u8>,
    pub(super) plain: Vec<u8>,
    pub(super) is_listed: bool,
}

pub(in crate::find) fn zipped(name: &'static [u8], method: u16, plain: &[u8]) -> Zipped {
    let packed = match method {
        8 => deflate(plain),
        12 => bzip2(plain),
        93 => zstd(plain),
        95 => xz(plain),
        _ => plain.to_vec(),
    };
    let plain = plain.to_vec();
    Zipped { name, flags: 0, method, listed_method: method, packed, plain, is_listed: true }
}

impl Zipped {
    fn fields(&self, method: u16, sizes: bool) -> Vec<u8> {
        let number = |number: usize| if sizes { (number as u32).to_le_bytes() } else { [0; 4] };
        let crc = if sizes { crc(&self.plain) } else { 0 };
        [
            &[20, 0][..],
            &self.flags.to_le_bytes(),
            &method.to_le_bytes(),
            &[0; 4],
            &crc.to_le_bytes(),
            &number(self.packed.len()),
            &number(self.plain.len()),
            &(self.name.len() as u16).to_le_bytes(),
            &[0; 2],
        ]
        .concat()
    }

    pub(super) fn local(&self) -> Vec<u8> {
        let streamed = self.flags & 8 != 0;
        let mut bytes = [b"PK\x03\x04", &self.fields(self.method, !streamed)[..], self.name].concat();
        bytes.extend(&self.packed);
        if streamed {
            bytes.extend(b"PK\x07\x08");
            bytes.extend(&self.fields(self.method, true)[10..22]);
        }
        bytes
    }

    pub(super) fn listed(&self, at: usize) -> Vec<u8> {
        let fields = self.fields(self.listed_method, true);
        [b"PK\x01\x02\x14\0", &fields[..], &[0; 10], &(at as u32).to_le_bytes(), self.name].concat()
    }
}

pub(super) fn end_of_zip(count: usize, length: usize, at: usize) -> Vec<u8> {
    let count = (count as u16).to_le_bytes();
    let (length, at) = ((length as u32).to_le_bytes(), (at as u32).to_le_bytes());
    [b"PK\x05\x06\0\0\0\0", &count[..], &count, &length, &at, &[0; 2]].concat()
}

pub(in crate::find) fn zip(members: &[Zipped]) -> Vec<u8> {
    let (mut bytes, mut listed, mut count) = (Vec::new(), Vec::new(), 0);
    for member in members {
        if member.is_listed {
            listed.extend(member.listed(bytes.len()));
            count += 1;
        }
        bytes.extend(member.local());
    }
    let end = end_of_zip(count, listed.len(), bytes.len());
    [bytes, listed, end].concat()
}

pub(super) fn without_directory(archive: &[u8]) -> &[u8] {
    &archive[..memchr::memmem::find(archive, b"PK\x01\x02").unwrap()]
}

/// The header of a tar member; with no `mark` a v7 one.
pub(super) fn header(name: &[u8], kind: u8, size: u64, target: &[u8], mark: &[u8]) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[156] = kind;
    block[157..157 + target.len()].copy_from_slice(target);
    block[257..257 + mark.len()].copy_from_slice(mark);
    summed(block)
}

pub(super) fn summed(mut block: [u8; 512]) -> [u8; 512] {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

pub(super) fn filled(content: &[u8]) -> Vec<u8> {
    let mut blocks = content.to_vec();
    blocks.resize(content.len().next_multiple_of(512), 0);
    blocks
}

pub(in crate::find) fn tarred(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    [&header(name, kind, content.len() as u64, b"", b"ustar\x0000")[..], &filled(content)].concat()
}

pub(in crate::find) fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

pub(super) fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let record = |(key, value): &(&str, &str)| {
        let rest = format!(" {key}={value}\n");
        let length = (rest.len() + 1..).find(|all| all.to_string().len() + rest.len() == *all).unwrap();
        format!("{length}{rest}")
    };
    tarred(b"PaxHeaders/x", b'x', records.iter().map(record).collect::<String>().as_bytes())
}

/// As git writes an object that has a file of its own.
pub(super) fn loose(content: &[u8]) -> Vec<u8> {
    zlib(&[format!("blob {}\0", content.len()).as_bytes(), content].concat())
}

pub(super) fn zlib(content: &[u8]) -> Vec<u8> {
    packers::zlib(content, 9)
}

/// A file with a stream that has no filter, one that has, and what is no stream.
pub(super) fn pdf(content: &[u8]) -> Vec<u8> {
    let packed = zlib(content);
    let head = format!(
        "%PDF-1.7\n1 0 obj\n<<>>\nstream\nBT\nendstream\nendobj\n2 0 obj\n<</Length {}>>\nstream\r\n",
        packed.len()
    );
    [head.as_bytes(), &packed, b"\nendstream\nendobj\nxref of a stream\n%%EOF\n"].concat()
}

/// A small one of each container, with `content` in it.
pub(super) fn small(container: Container, content: &[u8]) -> Vec<u8> {
    match container {
        Container::Gzip => gzip(content),
        Container::Zip => zip(&[zipped(b"a.txt", 8, content), zipped(b"b.txt", 0, content)]),
        Container::Tar => tar(&[tarred(b"a.txt", b'0', content), tarred(b"b.txt", b'0', content)]),
        Container::Xz => xz(content),
        Container::Zstd => zstd(content),
        Container::Bzip2 => bzip2(content),
        Container::Loose => loose(content),
        Container::Zlib => zlib(content),
        Container::Deflate => deflate(content),
        Container::Lzma => lzma(content),
        Container::Pdf => pdf(content),
        Container::Pack
        | Container::Bundle
        | Container::Sqlite
        | Container::Compound
        | Container::Closed(_) => {
            unreachable!("nobody writes these here")
        }
    }
}
