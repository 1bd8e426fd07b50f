//! The hooks that dtguard stands behind.

use std::fmt;
use std::path::Path;

use clap::ValueEnum;

use crate::source::git_says;

/// What a stage can do about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    /// It stops the token.
    Stops,
    /// git runs it afterwards, so it only reports the token.
    Reports,
}

/// A line for each stage makes the enum, its names and its scripts. A new one needs
/// its line here, its script in `hooks/`, what it does in `command/hook.rs`, and its
/// line in README.
macro_rules! stages {
    (
        client { $($(#[$client_doc:meta])* $client:ident $client_name:literal $client_power:ident,)* }
        server { $($(#[$server_doc:meta])* $server:ident $server_name:literal $server_power:ident,)* }
    ) => {
        /// A git hook that dtguard stands behind.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub enum Stage {
            $($(#[$client_doc])* $client,)*
            $($(#[$server_doc])* $server,)*
        }

        impl Stage {
            /// All of them.
            pub const ALL: [Self; [$($client_name,)* $($server_name),*].len()] =
                [$(Self::$client,)* $(Self::$server),*];

            /// Those of a repository in which people work.
            pub const CLIENT: [Self; [$($client_name),*].len()] = [$(Self::$client),*];

            /// git's name for it, also its file's name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$client => $client_name,)*
                    $(Self::$server => $server_name,)*
                }
            }

            fn power(self) -> Power {
                match self {
                    $(Self::$client => Power::$client_power,)*
                    $(Self::$server => Power::$server_power,)*
                }
            }

            /// Its script with nothing filled in.
            pub(super) fn blank(self) -> &'static str {
                match self {
                    $(Self::$client => include_str!(concat!("../../hooks/", $client_name)),)*
                    $(Self::$server => include_str!(concat!("../../hooks/", $server_name)),)*
                }
            }
        }
    };
}

stages! {
    client {
        /// Before `git commit` makes a commit.
        PreCommit "pre-commit" Stops,
        /// Before `git merge` makes a merge commit; without conflict only this runs.
        PreMergeCommit "pre-merge-commit" Stops,
        /// Before `git am` commits an applied patch; only this runs.
        PreApplypatch "pre-applypatch" Stops,
        /// Before `git am` takes the message of a patch.
        ApplypatchMsg "applypatch-msg" Stops,
        /// Once the message of a commit or merge is written.
        CommitMsg "commit-msg" Stops,
        /// Before the message of a commit is written: one that `--amend` makes anew.
        PrepareCommitMsg "prepare-commit-msg" Stops,
        /// After a commit was made, by whatever command: it can only report.
        PostCommit "post-commit" Reports,
        /// After a merge or a pull, a fast-forward too: it can only report.
        PostMerge "post-merge" Reports,
        /// Before `git push` sends anything.
        PrePush "pre-push" Stops,
    }
    server {
        /// Before a repository that is pushed to takes anything.
        PreReceive "pre-receive" Stops,
        /// Before a repository that is pushed to changes one reference.
        Update "update" Stops,
    }
}

impl Stage {
    /// Those to install in the repository around `repository`, or in the one that git
    /// finds from here: a bare one has no commits made in it, only pushed to it.
    pub fn usual(repository: Option<&Path>) -> &'static [Self] {
        let bare = git_says(repository, &["rev-parse", "--is-bare-repository"]);
        if bare.is_ok_and(|answer| answer == Path::new("true")) { &[Self::PreReceive] } else { &Self::CLIENT }
    }

    /// Whether it is the only stop for something: without it a token passes.
    pub fn stops(self) -> bool {
        self.power() == Power::Stops
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The names of `stages`, for a sentence.
pub fn names(stages: &[Stage]) -> String {
    stages.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(", ")
}
