//! The hooks that dtguard provides.

use std::fmt;
use std::path::Path;

use clap::ValueEnum;

use crate::source::git_says;

/// The effect of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    /// It blocks the token.
    Stops,
    /// git runs it afterwards, so it only reports the token.
    Reports,
}

/// One line for each stage defines the enum, its names and its scripts. A new stage needs its
/// line here, its script in `hooks/`, its code in `command/hook.rs`, and its line in README.
macro_rules! stages {
    (
        client { $($(#[$client_doc:meta])* $client:ident $client_name:literal $client_power:ident,)* }
        server { $($(#[$server_doc:meta])* $server:ident $server_name:literal $server_power:ident,)* }
    ) => {
        /// A git hook that dtguard provides.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub enum Stage {
            $($(#[$client_doc])* $client,)*
            $($(#[$server_doc])* $server,)*
        }

        impl Stage {
            /// All stages.
            pub const ALL: [Self; [$($client_name,)* $($server_name),*].len()] =
                [$(Self::$client,)* $(Self::$server),*];

            /// The stages of a repository with a work tree.
            pub const CLIENT: [Self; [$($client_name),*].len()] = [$(Self::$client),*];

            /// git's name for it, and the name of its file.
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

            /// Its script before anything is filled in.
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
        /// Before `git merge` makes a merge commit; a merge without conflicts runs only this.
        PreMergeCommit "pre-merge-commit" Stops,
        /// Before `git am` commits an applied patch; it runs only this and applypatch-msg.
        PreApplypatch "pre-applypatch" Stops,
        /// Before `git am` uses the message of a patch.
        ApplypatchMsg "applypatch-msg" Stops,
        /// After the message of a commit or merge is written.
        CommitMsg "commit-msg" Stops,
        /// Before the message is written, for a commit that `--amend` replaces.
        PrepareCommitMsg "prepare-commit-msg" Stops,
        /// After any command made a commit; it only reports.
        PostCommit "post-commit" Reports,
        /// After a merge or a pull, even a fast-forward; it only reports.
        PostMerge "post-merge" Reports,
        /// Before `git push` sends anything.
        PrePush "pre-push" Stops,
    }
    server {
        /// Before a repository accepts a push.
        PreReceive "pre-receive" Stops,
        /// Before a repository that receives a push changes one reference.
        Update "update" Stops,
    }
}

impl Stage {
    /// The stages to install in the repository around `repository`, or around the current
    /// folder. A bare one receives pushes and makes no commits.
    pub fn usual(repository: Option<&Path>) -> &'static [Self] {
        let bare = git_says(repository, &["rev-parse", "--is-bare-repository"]);
        if bare.is_ok_and(|answer| answer == Path::new("true")) { &[Self::PreReceive] } else { &Self::CLIENT }
    }

    /// Whether a token passes without this stage.
    pub fn stops(self) -> bool {
        self.power() == Power::Stops
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The names of `stages` for a sentence.
pub fn names(stages: &[Stage]) -> String {
    stages.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(", ")
}
