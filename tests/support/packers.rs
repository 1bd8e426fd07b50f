//! Archives and compressed files, written as their usual programs write them.

use std::io::Write as _;

/// A member's name and content.
pub type Member<'a> = (&'a str, &'a [u8]);

pub fn gzip(content: &[u8]) -> Vec<u8> {
    gzip_at(content, 6)
}

pub fn gzip_at(content: &[u8], level: u32) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub fn zlib(content: &[u8], level: u32) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub fn deflate(content: &[u8], level: u32) -> Vec<u8> {
    let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

/// A file as they were before xz.
pub fn lzma(content: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let mut out = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub fn xz(content: &[u8]) -> Vec<u8> {
    let mut out = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

pub fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    out.write_all(content).unwrap();
    out.finish().unwrap()
}

pub fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in members {
        let mut header = [0_u8; 512];
        let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, "0000644\0");
        put(108, "0000000\0");
        put(116, "0000000\0");
        put(124, &format!("{:011o}\0", content.len()));
        put(136, "00000000000\0");
        put(148, "        ");
        put(156, "0");
        put(257, "ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// A zip archive, deflated; `flags` as in its headers: 1 says that it is encrypted.
pub fn zip_with(members: &[Member<'_>], level: u32, flags: u16) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, content) in members {
        let packed = deflate(content, level);
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let offset = out.len() as u32;
        let mut common = Vec::new();
        [20, flags, 8, 0, 0].iter().for_each(|number: &u16| common.extend(number.to_le_bytes()));
        [crc.sum(), packed.len() as u32, content.len() as u32]
            .iter()
            .for_each(|number| common.extend(number.to_le_bytes()));
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04".iter().chain(&common).chain(name.as_bytes()).chain(&packed));
        directory.extend(b"PK\x01\x02\x14\x00".iter().chain(&common).chain(&[0; 10]));
        directory.extend(offset.to_le_bytes().iter().chain(name.as_bytes()));
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    (0..2).for_each(|_| out.extend((members.len() as u16).to_le_bytes()));
    out.extend((directory.len() as u32).to_le_bytes().iter().chain(&start.to_le_bytes()));
    out.extend([0, 0]);
    out
}

pub fn zip(members: &[Member<'_>]) -> Vec<u8> {
    zip_with(members, 6, 0)
}
