//! Putting hooks in place beside other people's, and proving that they work.
//!
//! A hook that was there is kept, runs first and comes back on uninstall, byte
//! for byte. No file that dtguard did not write is overwritten.

mod account;
mod config;
mod cover;
mod doctor;
mod error;
mod git;
mod manager;
mod place;
mod proof;
mod rollout;
mod scripts;
mod template;

pub use account::{
    Account, DoorAccount, GitAccount, HooksAccount, ProgramAccount, ProofAccount, StageAccount, Status,
};
pub use cover::{Cover, Gap, Program};
pub use doctor::{Diagnosis, Door, InForce, StageCover, diagnose};
pub use error::InstallError;
pub use git::{Git, Scope, Setting};
pub use manager::Manager;
pub use place::{Hooks, Installed, Removed, everybody_can_run};
pub use proof::{Proof, Verdict, prove, prove_new_repository};
pub use rollout::{RolledOut, Rollout, Way};
pub use scripts::Stage;
pub use template::Template;
