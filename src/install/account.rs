//! The account of a [`Diagnosis`]: its texts hold no secret part and nothing that controls a
//! terminal. `--json` prints it.

use std::path::Path;

use serde::Serialize;

use super::{AgentHooks, AgentState, Caller, Diagnosis, Git, Problem, ProofResult, Stage};
use crate::find::mask;
use crate::report::sanitize;

/// The JSON's version. New fields do not raise it.
const VERSION: u32 = 1;

/// The status of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A token was blocked, and no stage is open.
    Guarded,
    /// A token was blocked, but another could pass.
    Partly,
    /// A token passed, or nothing is proven.
    Not,
}

/// The whole account.
#[derive(Debug, Serialize)]
pub struct Account {
    version: u32,
    /// The status.
    pub status: Status,
    /// The status in a sentence.
    pub summary: String,
    /// The running program.
    pub program: ProgramAccount,
    /// The gits on PATH, the one in use first.
    pub git: Vec<GitAccount>,
    /// The repository's git folder; none for a future repository.
    pub repository: Option<String>,
    /// Where git looks for hooks.
    pub hooks: HooksAccount,
    /// What calls dtguard for each stage.
    pub stages: Vec<StageAccount>,
    /// Where a token could pass, and other oddities.
    pub problems: Vec<ProblemAccount>,
    /// The mistake in the policy, if it does not load.
    pub policy_error: Option<String>,
    /// How to fix the policy.
    pub policy_fix: Option<String>,
    /// The coding assistants whose hooks call dtguard, or whose configuration cannot be read.
    pub assistants: Vec<AssistantAccount>,
    /// The proof.
    pub proof: ProofAccount,
}

/// The hooks of a coding assistant.
#[derive(Debug, Serialize)]
pub struct AssistantAccount {
    /// Its name.
    pub assistant: &'static str,
    /// Its configuration.
    pub file: String,
    /// `installed`, `partly`, `other` or `unreadable`.
    pub state: &'static str,
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
    /// The folder; none for the place that `git init` uses.
    pub folder: Option<String>,
    /// The file that sets `core.hooksPath`, if one does.
    pub set_in: Option<String>,
    /// The scope of that file.
    pub scope: Option<String>,
}

/// A stage.
#[derive(Debug, Serialize)]
pub struct StageAccount {
    /// Its name.
    pub stage: &'static str,
    /// Whether dtguard is called.
    pub covered: bool,
    /// Whether a token passes without this stage.
    pub stops: bool,
    /// The file that calls dtguard.
    pub file: Option<String>,
    /// The file of git's configuration that names the hook.
    pub configured_in: Option<String>,
    /// The hook manager that runs it.
    pub through: Option<&'static str>,
    program: Option<String>,
    program_version: Option<String>,
    program_is_this: Option<bool>,
}

/// A problem.
#[derive(Debug, Serialize)]
pub struct ProblemAccount {
    /// Whether a token can pass because of it.
    pub open: bool,
    /// The problem.
    pub what: String,
    /// The command that fixes it.
    pub fix: String,
}

/// A proof.
#[derive(Debug, Serialize)]
pub struct ProofAccount {
    /// `held`, `postponed`, `failed` or `unknown`.
    pub verdict: &'static str,
    /// The identifier of the generated token.
    pub identifier: Option<String>,
    /// The output, if the proof failed or another hook refused something.
    pub why: Option<String>,
    /// The hooks of the repository that the proof ran.
    pub ran: Vec<String>,
}

impl Account {
    /// The account of `diagnosis`. `policy` has the mistake in the policy and its fix;
    /// `program` is the running one.
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
            assistants: Vec::new(),
            policy_error: policy.map(|(error, _)| lines(error)),
            policy_fix: policy.map(|(_, fix)| lines(fix)),
            proof,
        }
    }

    /// Adds the `hooks` of a coding assistant, if they call dtguard, or if their configuration
    /// cannot be read. What is wrong with them is a note: a commit is guarded without them.
    pub fn add_assistant(&mut self, hooks: &AgentHooks, program: &Path) {
        let option = if hooks.is_users() { " --user" } else { "" };
        let install = format!("dtguard install{option} --agent {}", hooks.assistant);
        let (name, file) = (hooks.assistant.name(), shown(&hooks.file));
        let (state, problem) = match (hooks.state(program), hooks.missing_program()) {
            (Ok(AgentState::Absent), _) => return,
            (Ok(_), Some(missing)) => {
                ("other", Some((format!("{name}: {file} starts {missing}, which does not exist"), install)))
            }
            (Ok(AgentState::Installed), None) => ("installed", None),
            (Ok(AgentState::Partly), None) => {
                ("partly", Some((format!("{name}: {file} lacks a hook for some events"), install)))
            }
            (Ok(AgentState::Other), None) => (
                "other",
                Some((format!("{name}: {file} starts another dtguard, or another command"), install)),
            ),
            (Err(error), _) => ("unreadable", Some((format!("{name}: {error}"), error.hint().to_owned()))),
        };
        let note = |(what, fix): (String, String)| ProblemAccount {
            open: false,
            what: lines(&what),
            fix: lines(&fix),
        };
        self.problems.extend(problem.map(note));
        self.assistants.push(AssistantAccount { assistant: name, file, state });
    }

    /// The account as JSON, with a line feed at its end.
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

/// The status in a sentence.
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

/// Output of other programs, masked as one text, because a token may span its lines.
fn lines(text: &str) -> String {
    mask(text).lines().map(|line| sanitize(line.as_bytes())).collect::<Vec<_>>().join("\n")
}

fn shown(path: &Path) -> String {
    sanitize(path.as_os_str().as_encoded_bytes())
}
