//! What a [`Diagnosis`] says, in words that may be shown: nothing in them is a
//! secret part or something that a terminal obeys. It is what `--json` prints.

use std::path::Path;

use serde::Serialize;

use super::{Caller, Diagnosis, Git, Problem, ProofResult, Stage};
use crate::find::mask;
use crate::report::sanitize;

/// The version of the JSON. Fields may be added without raising it.
const VERSION: u32 = 1;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A token was blocked, and nothing is open.
    Guarded,
    /// A token was blocked, and others could pass.
    Partly,
    /// A token passed, or nothing is proven.
    Not,
}

/// All of it.
#[derive(Debug, Serialize)]
pub struct Account {
    version: u32,
    /// The answer.
    pub status: Status,
    /// The answer, in a sentence.
    pub summary: String,
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
    /// Where a token could pass, and what is odd.
    pub problems: Vec<ProblemAccount>,
    /// Why the policy does not load.
    pub policy_error: Option<String>,
    /// What mends the policy.
    pub policy_fix: Option<String>,
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
    /// Whether it is the only stop for something.
    pub stops: bool,
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

/// A problem.
#[derive(Debug, Serialize)]
pub struct ProblemAccount {
    /// Whether a token can pass there now.
    pub open: bool,
    /// What it is.
    pub what: String,
    /// The command that mends it.
    pub fix: String,
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
    /// The hooks of the repository that were run for it.
    pub ran: Vec<String>,
}

impl Account {
    /// That of `diagnosis`; `policy` is why the policy does not load and what mends it,
    /// `program` the one that runs.
    pub fn new(diagnosis: &Diagnosis, policy: Option<(&str, &str)>, program: &Path) -> Self {
        let proof = ProofAccount::new(diagnosis);
        let mut problems: Vec<_> = diagnosis.problems.iter().map(ProblemAccount::new).collect();
        if let Some(day) = proof.why.as_deref().filter(|_| proof.verdict == "postponed") {
            problems.push(ProblemAccount {
                open: true,
                what: format!(
                    "By the policy nothing blocks before {day}: until then tokens are only reported."
                ),
                fix: "dtguard policy show\n(names the file and line of enforce.from)".to_owned(),
            });
        }
        problems.sort_by_key(|problem| !problem.open);
        let is_open = problems.iter().any(|problem| problem.open);
        let status = match (proof.verdict, policy, is_open) {
            ("held", None, false) => Status::Guarded,
            ("held" | "postponed", None, true) => Status::Partly,
            _ => Status::Not,
        };
        let set_by = diagnosis.hooks.set_by.as_ref();
        Self {
            version: VERSION,
            status,
            summary: summary(status, &problems, policy.is_some(), &proof),
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
                .map(|caller| StageAccount::new(caller.stage, caller.caller.as_ref().ok()))
                .collect(),
            problems,
            policy_error: policy.map(|(error, _)| lines(error)),
            policy_fix: policy.map(|(_, fix)| lines(fix)),
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

impl ProblemAccount {
    fn new(problem: &Problem) -> Self {
        Self { open: problem.open, what: sanitize(problem.what.as_bytes()), fix: lines(&problem.fix) }
    }
}

impl StageAccount {
    fn new(stage: Stage, caller: Option<&Caller>) -> Self {
        let program = caller.and_then(|caller| caller.program.as_ref());
        Self {
            stage: stage.name(),
            covered: caller.is_some(),
            stops: stage.stops(),
            file: caller.map(|caller| shown(&caller.file)),
            configured_in: caller.and_then(|caller| Some(lines(&caller.configured.as_ref()?.1))),
            through: caller.and_then(|caller| Some(caller.through?.name())),
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
                let why = Some(lines(&error.to_string()));
                return Self { verdict: "unknown", identifier: None, why, ran: Vec::new() };
            }
        };
        let (verdict, why) = match &proof.result {
            ProofResult::Held(why) => ("held", why.as_deref()),
            ProofResult::Postponed(day) => ("postponed", Some(&**day)),
            ProofResult::NotHeld(why) => ("failed", Some(&**why)),
            ProofResult::Unknown(why) => ("unknown", Some(&**why)),
        };
        Self {
            verdict,
            identifier: Some(proof.identifier.clone()),
            why: why.map(lines),
            ran: proof.ran.iter().map(|hook| lines(hook)).collect(),
        }
    }
}

/// The answer in a sentence.
fn summary(
    status: Status,
    problems: &[ProblemAccount],
    policy_is_broken: bool,
    proof: &ProofAccount,
) -> String {
    let open = problems.iter().filter(|problem| problem.open).count();
    match (status, proof.verdict) {
        (Status::Guarded, _) => {
            "GUARDED: a generated token was blocked, and every stage that stops one runs dtguard.".to_owned()
        }
        (Status::Partly, _) => {
            let ways = if open == 1 { "1 way is open".to_owned() } else { format!("{open} ways are open") };
            let was = if proof.verdict == "postponed" { "reported" } else { "blocked" };
            format!("PARTLY GUARDED: a generated token was {was}, but {ways}:")
        }
        (Status::Not, "failed") => "NOT GUARDED: a token passes here.".to_owned(),
        (Status::Not, _) if policy_is_broken => {
            "NOT PROVEN: the policy does not load, so dtguard refuses everything.".to_owned()
        }
        (Status::Not, _) => "NOT PROVEN: whether a token is stopped here is not known.".to_owned(),
    }
}

/// Text of others. A token may be broken over its lines, so they are masked as one.
fn lines(text: &str) -> String {
    mask(text).lines().map(|line| sanitize(line.as_bytes())).collect::<Vec<_>>().join("\n")
}

fn shown(path: &Path) -> String {
    sanitize(path.as_os_str().as_encoded_bytes())
}
