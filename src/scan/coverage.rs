//! How much was searched.

/// How much a scan searched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files with content that was searched.
    pub files: usize,
    /// Lines that the change adds; for whole files all their lines.
    pub lines: usize,
    /// Whether `lines` counts unchanged lines too: those of big files that hold no
    /// candidate, and of those too big for memory, which are not compared.
    pub lines_at_most: bool,
    /// Bytes that were searched.
    pub bytes: u64,
    /// Folders that were named and are submodules: repositories of their own.
    pub submodules: usize,
    /// Tokens in a history that nothing reaches, and that were not asked for.
    pub unreachable: usize,
}

impl Coverage {
    /// Of bytes that belong to no file.
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
