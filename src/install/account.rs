//! What a [`Diagnosis`] says, in words that may be shown: nothing in them is a
//! secret part or something that a terminal obeys. It is what `--json` prints.

use std::path::Path;

use serde::Serialize;

use super::{Cover, Diagnosis, Door, Git, Stage, Verdict};
use crate::find::mask;
use crate::report::sanitize;

/// The version of the JSON. Fields may be added without raising it.
const VERSION: u32 = 1;

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A token was blocked.
    Guarded,
    /// A token would pass.
    Open,
    /// It could not be told.
    Unknown,
}

/// All of it.
#[derive(Debug, Serialize)]
pub struct Account {
    version: u32,
    /// What it comes to.
    pub status: Status,
    /// The program that runs.
    pub program: ProgramAccount,
    /// The gits on PATH, the one in use first.
    pub git: Vec<GitAccount>,
    /// The repository's folder; none: what a new one would get.
    pub repository: Option<String>,
    /// Where git looks for hooks.
    pub hooks: HooksAccount,
    /// What calls dtguard for each stage.
    pub stages: Vec<StageAccount>,
    /// Where a token could pass.
    pub doors: Vec<DoorAccount>,
    /// Why the policy does not load.
    pub policy_error: Option<String>,
    /// What was tried.
    pub proof: ProofAccount,
}

/// A program.
#[derive(Debug, Serialize)]
pub struct ProgramAccount {
    /// Where it is.
    pub path: String,
    /// Its version.
    pub version: String,
}

/// A git.
#[derive(Debug, Serialize)]
pub struct GitAccount {
    /// Where it is.
    pub path: String,
    /// Its version.
    pub version: String,
    configured_hooks: bool,
}

/// Where git looks for hooks.
#[derive(Debug, Serialize)]
pub struct HooksAccount {
    /// None: where `git init` puts them.
    pub folder: Option<String>,
    /// The file whose `core.hooksPath` decides it.
    pub set_in: Option<String>,
    /// That file's scope.
    pub scope: Option<String>,
}

/// A stage.
#[derive(Debug, Serialize)]
pub struct StageAccount {
    /// Its name.
    pub stage: &'static str,
    /// Whether something calls dtguard.
    pub covered: bool,
    /// What does.
    pub file: Option<String>,
    /// The file of git's configuration that leads there.
    pub configured_in: Option<String>,
    /// The other program that runs it.
    pub through: Option<&'static str>,
    program: Option<String>,
    program_version: Option<String>,
    program_is_this: Option<bool>,
}

/// A door.
#[derive(Debug, Serialize)]
pub struct DoorAccount {
    /// Whether a token can pass it now.
    pub open: bool,
    /// What it is.
    pub what: String,
    /// The command that shuts it.
    pub shut: String,
}

/// A proof.
#[derive(Debug, Serialize)]
pub struct ProofAccount {
    /// `held`, `failed` or `unknown`.
    pub verdict: &'static str,
    /// The generated token's.
    pub identifier: Option<String>,
    /// What was said, where it did not hold or another hook refused something.
    pub why: Option<String>,
}

impl Account {
    /// That of `diagnosis`; `program` is the one that runs.
    pub fn new(diagnosis: &Diagnosis, policy_error: Option<&str>, program: &Path) -> Self {
        let proof = ProofAccount::new(diagnosis);
        let status = match (proof.verdict, policy_error, diagnosis.guards()) {
            ("failed", ..) => Status::Open,
            // Whatever the files look like.
            ("held", None, _) => Status::Guarded,
            (_, None, false) => Status::Open,
            _ => Status::Unknown,
        };
        let set_by = diagnosis.hooks.set_by.as_ref();
        Self {
            version: VERSION,
            status,
            program: ProgramAccount { path: shown(program), version: env!("CARGO_PKG_VERSION").to_owned() },
            git: diagnosis.gits.iter().map(GitAccount::new).collect(),
            repository: diagnosis.repository.as_deref().map(shown),
            hooks: HooksAccount {
                folder: diagnosis.hooks.folder.as_deref().map(shown),
                set_in: set_by.map(|setting| lines(&setting.origin)),
                scope: set_by.map(|setting| lines(&setting.scope)),
            },
            stages: diagnosis
                .stages
                .iter()
                .map(|cover| StageAccount::new(cover.stage, cover.cover.as_ref().ok()))
                .collect(),
            doors: diagnosis.doors.iter().map(DoorAccount::new).collect(),
            policy_error: policy_error.map(lines),
            proof,
        }
    }

    /// As JSON, with a line's end.
    pub fn json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}

impl GitAccount {
    fn new(git: &Git) -> Self {
        Self {
            path: shown(&git.path),
            version: lines(&git.version),
            configured_hooks: git.has_configured_hooks(),
        }
    }
}

impl DoorAccount {
    fn new(door: &Door) -> Self {
        Self { open: door.open, what: sanitize(door.what.as_bytes()), shut: lines(&door.shut) }
    }
}

impl StageAccount {
    fn new(stage: Stage, cover: Option<&Cover>) -> Self {
        let program = cover.and_then(|cover| cover.program.as_ref());
        Self {
            stage: stage.name(),
            covered: cover.is_some(),
            file: cover.map(|cover| shown(&cover.file)),
            configured_in: cover.and_then(|cover| Some(lines(&cover.configured.as_ref()?.1))),
            through: cover.and_then(|cover| Some(cover.through?.name())),
            program: program.map(|program| shown(&program.path)),
            program_version: program.and_then(|program| program.version.as_deref().map(lines)),
            program_is_this: program.map(|program| program.is_this),
        }
    }
}

impl ProofAccount {
    fn new(diagnosis: &Diagnosis) -> Self {
        let proof = match &diagnosis.proof {
            Ok(proof) => proof,
            Err(error) => {
                return Self { verdict: "unknown", identifier: None, why: Some(lines(&error.to_string())) };
            }
        };
        let (verdict, why) = match &proof.verdict {
            Verdict::Held(why) => ("held", why.as_deref()),
            Verdict::NotHeld(why) => ("failed", Some(&**why)),
            Verdict::Unknown(why) => ("unknown", Some(&**why)),
        };
        Self { verdict, identifier: Some(proof.identifier.clone()), why: why.map(lines) }
    }
}

/// Text of others. A token may be broken over its lines, so they are masked as one.
fn lines(text: &str) -> String {
    mask(text).lines().map(|line| sanitize(line.as_bytes())).collect::<Vec<_>>().join("\n")
}

fn shown(path: &Path) -> String {
    sanitize(path.as_os_str().as_encoded_bytes())
}
