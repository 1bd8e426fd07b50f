//! Everything that is tested from outside, with the real git.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "in a test a panic is the message"
)]

mod support;

// What a developer relies on.
mod assistants;
mod assistants_installed;
mod attacks;
mod awkward_names;
mod blocks;
mod chains;
mod containers;
mod encodings;
mod file_formats;
mod glue;
mod innocent;
#[cfg(unix)]
mod interrupts;
mod lfs;
mod masking;
mod merges;
mod messages_committed;
mod oracle;
mod own_rules;
mod passes;
mod policies;
mod policies_broken;
mod policy_attacks;
mod policy_commands;
mod policy_layers;
mod policy_schema;
mod policy_writing;
mod pushes;
mod unread;
mod ways_to_commit;

// What a hook meets.
mod beside;
mod damage;
mod damage_at_the_roots;
mod environment;
mod faults;
mod fleet;
mod frameworks;
mod git_inside;
mod git_secrets;
mod git_secrets_behaviours;
mod gitolite;
mod histories;
mod hostile;
mod hostile_files;
mod imports;
mod install;
mod install_sh;
mod ranges;
mod repository_kinds;
mod responding;
mod reviewing;
mod rewriting;
mod rollout;
mod scans;
mod server;

// What is said and written.
mod ci_recipes;
mod completions;
mod docs;
mod doctor;
mod dumps;
mod explain;
mod formats;
mod house;
mod messages;
mod patterns;
