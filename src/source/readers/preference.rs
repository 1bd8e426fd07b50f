//! Which reader answers.

use clap::ValueEnum;

/// Which reader to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Preference {
    /// The index reader of our own over loose files and libgit2's packs; where that
    /// refuses, git.
    #[default]
    Fastest,
    /// libgit2 for the list of changes and no git, for tests that compare the
    /// readers.
    Libgit2,
    /// git alone, likewise.
    Git,
}
