//! How much was searched.

/// How much a scan searched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files with content that was searched.
    pub files: usize,
    /// Lines that the change adds; for whole files all their lines.
    pub lines: usize,
    /// Whether `lines` includes unchanged lines: of big files without a candidate, and of files
    /// too big for memory. These are not compared.
    pub lines_at_most: bool,
    /// Searched bytes.
    pub bytes: u64,
    /// Named folders that are submodules: separate repositories.
    pub submodules: usize,
    /// Tokens in unreachable objects of a history, which are counted only.
    pub unreachable: usize,
}

impl Coverage {
    /// The coverage of bytes that belong to no file.
    pub(super) fn of_bytes(bytes: usize) -> Self {
        Self { bytes: bytes as u64, ..Self::default() }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.lines += other.lines;
        self.lines_at_most |= other.lines_at_most;
        self.bytes += other.bytes;
        self.submodules += other.submodules;
        self.unreachable += other.unreachable;
    }
}
