//! The choice of a reader.

use clap::ValueEnum;

/// Which reader to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Preference {
    /// Our own index reader with loose files and libgit2's packs; git if these fail.
    #[default]
    Fastest,
    /// libgit2 alone, without git, for tests that compare the readers.
    Libgit2,
    /// git alone, for the same tests.
    Git,
}
