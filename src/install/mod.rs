//! Installs hooks beside other hooks, removes them, and proves that they work.
//!
//! An existing hook is kept, runs first and is restored on uninstall, byte for byte. No file of
//! others is overwritten.

mod account;
mod agents;
mod caller;
mod config;
mod config_scope;
mod doctor;
mod error;
mod files;
mod found;
mod git;
mod husky;
mod json_text;
mod lefthook;
mod lefthook_extends;
mod manager;
mod owned;
mod place;
mod problem;
mod proof;
mod rehearsal;
mod rollout;

mod scripts;
mod stage;
mod stage_proof;
mod stale;
mod submodules;
mod template;
mod view;

pub use account::{
    Account, AssistantAccount, GitAccount, HooksAccount, ProblemAccount, ProgramAccount, ProofAccount,
    StageAccount, Status,
};
pub use agents::{AgentHooks, AgentState};
pub use caller::{Caller, Opening, Program, StageCaller};
pub use config_scope::ConfigScope;
pub use doctor::{Diagnosis, InForce, diagnose};
pub use error::InstallError;
pub use files::everybody_can_run;
pub use found::{Installed, Removed};
pub use git::{Git, Setting};
pub use manager::Manager;
pub use place::{Hooks, InstalledAll, RemovedAll};
pub use problem::Problem;
pub use proof::{Proof, ProofResult, prove, prove_new_repository};
pub use rollout::{RolledOut, Rollout, Route};
pub use stage::{Stage, names};
pub use submodules::{Submodule, listed, submodules, unguarded};
pub use template::Template;
pub use view::gits_left_out;
