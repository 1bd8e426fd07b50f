//! The hooks of coding assistants: puts them into an assistant's configuration beside all
//! others, and takes them out again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::InstallError;
use super::files::{keep_mode, locked, new_beside, put_at, remove, replace_text, slashes};
use super::json_text::{self, Node};
use crate::assistant::{Assistant, Form, Setup};
use crate::json::of_fields;
use crate::source::{git_says, home_folder, read_plain_text};

/// An assistant's configuration in a project or of a user.
#[derive(Debug)]
pub struct AgentHooks {
    /// The assistant.
    pub assistant: Assistant,
    /// The file with its hooks.
    pub file: PathBuf,
    /// The top of the project, or the user's home folder.
    base: PathBuf,
    /// Whether the file is shared with others, on whose machines dtguard is elsewhere.
    is_shared: bool,
}

/// What is in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentState {
    /// No hook of dtguard.
    Absent,
    /// The hooks for some events only.
    Partly,
    /// All hooks, but they start another program, or differ in another way.
    Other,
    /// All hooks, as dtguard writes them.
    Installed,
}

/// A hook of dtguard in a configuration: its event, the number of its item, in a group also
/// that of its handler, and its commands.
struct Ours<'n> {
    event: &'n str,
    item: usize,
    handler: Option<usize>,
    commands: Vec<(&'static str, &'n Node)>,
}

impl AgentHooks {
    /// The configuration in the project around `folder`, or around the current folder.
    pub fn in_project(assistant: Assistant, folder: Option<&Path>) -> Result<Self, InstallError> {
        let base = git_says(folder, &["rev-parse", "--show-toplevel"]).map_err(|_| {
            let here = folder.unwrap_or(Path::new(".")).display().to_string();
            let message = format!("`{here}` is in no work tree of git, so there is no project to configure");
            InstallError::new(message, format!("dtguard install --user --agent {assistant}"))
        })?;
        Ok(Self::at(assistant, &base))
    }

    fn at(assistant: Assistant, top: &Path) -> Self {
        let file = top.join(assistant.setup().project);
        Self { assistant, file, base: top.to_path_buf(), is_shared: true }
    }

    /// The configuration of this user.
    pub fn of_user(assistant: Assistant) -> Result<Self, InstallError> {
        let base = home_folder().ok_or_else(|| {
            InstallError::new("no home folder is known", "set HOME to the absolute path of your home folder")
        })?;
        let file = base.join(assistant.setup().user);
        Ok(Self { assistant, file, base, is_shared: false })
    }

    /// Those in the project around `folder`, or around the current folder, and those of this
    /// user.
    pub fn everywhere(folder: Option<&Path>) -> Vec<Self> {
        let top = git_says(folder, &["rev-parse", "--show-toplevel"]).ok();
        let both =
            |assistant| [top.as_deref().map(|top| Self::at(assistant, top)), Self::of_user(assistant).ok()];
        let mut all: Vec<Self> = Assistant::ALL.into_iter().flat_map(both).flatten().collect();
        // A home folder can be a project.
        all.dedup_by(|one, other| one.file == other.file);
        all
    }

    /// Whether they are the user's, and not a project's.
    pub fn is_users(&self) -> bool {
        !self.is_shared
    }

    /// Puts the hooks in, or corrects them. `program` is called by its path from a user's file,
    /// by its name from one that others share. Returns whether the file changed. Fails if it is
    /// no JSON, such as JSON with comments, or cannot be written.
    pub fn install(&self, program: &Path) -> Result<bool, InstallError> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(InstallError::file("create", folder))?;
        let _lock = locked(folder);
        let old = self.text()?;
        let mut text = old.clone().unwrap_or_else(|| self.blank());
        for (event, of_tools) in self.setup().events {
            text = self.with_event(&text, event, *of_tools, program)?;
        }
        self.put(old.as_deref(), &text)
    }

    /// Takes out all hooks of dtguard, and the file if nothing else is left. Returns whether
    /// there were any. Fails as [`AgentHooks::install`] does, if the file mentions dtguard.
    pub fn uninstall(&self) -> Result<bool, InstallError> {
        let lock = locked(self.file.parent().unwrap_or(Path::new(".")));
        let Some(old) = self.text()?.filter(|text| text.contains("dtguard")) else { return Ok(false) };
        self.read(&old).map_err(|error| {
            let calls = format!("dtguard hook agent {}", self.assistant);
            InstallError::new(
                error.to_string(),
                format!("take out by hand each hook with this command:\n{calls}"),
            )
        })?;
        let mut text = old.clone();
        while let Some(shorter) = self.without_one(&text)? {
            text = shorter;
        }
        if text == old {
            return Ok(false);
        }
        let left = self.read(&text)?;
        let is_blank =
            left.len() == 0 || left.len() == 1 && left.get("version").is_some() && self.setup().versioned;
        // The user's link leads to a file that they keep.
        if !is_blank || self.file.is_symlink() {
            return self.put(Some(&old), &text);
        }
        remove(&self.file)?;
        drop(lock);
        let inner = self.file.ancestors().skip(1).take_while(|folder| *folder != self.base);
        for folder in inner {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(true)
    }

    /// What is there. Fails as [`AgentHooks::install`] does.
    pub fn state(&self, program: &Path) -> Result<AgentState, InstallError> {
        let text = self.text()?.filter(|text| text.contains("dtguard"));
        let Some(text) = text else { return Ok(AgentState::Absent) };
        let root = self.read(&text)?;
        let ours = self.ours(&root);
        let events = self.setup().events.iter();
        let missing = events.filter(|(event, _)| ours.iter().all(|one| one.event != *event)).count();
        let is_right = |one: &Ours<'_>| {
            let right =
                |(key, node): &(&str, &Node)| node.text() == Some(&self.command(key, one.event, program));
            one.commands.iter().all(right)
        };
        Ok(match missing {
            _ if ours.is_empty() => AgentState::Absent,
            1.. => AgentState::Partly,
            0 if ours.iter().all(is_right) => AgentState::Installed,
            0 => AgentState::Other,
        })
    }

    /// The file of another program that the hooks start and that is not there, if they do.
    pub fn missing_program(&self) -> Option<String> {
        let text = self.text().ok()??;
        let root = self.read(&text).ok()?;
        let commands = self.ours(&root).into_iter().flat_map(|one| one.commands);
        let programs =
            commands.filter_map(|(_, node)| Some(called(node.text()?, self.assistant)?.to_owned()));
        programs.into_iter().find(|program| {
            let path = Path::new(program);
            path.is_absolute() && !path.is_file()
        })
    }

    fn setup(&self) -> &'static Setup {
        self.assistant.setup()
    }

    /// A configuration without hooks.
    fn blank(&self) -> String {
        if self.setup().versioned { "{\n  \"version\": 1\n}\n" } else { "{}\n" }.to_owned()
    }

    /// The content of the file; none if it is not there or empty.
    fn text(&self) -> Result<Option<String>, InstallError> {
        match read_plain_text(&self.file) {
            Ok(text) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
            Err(_) if self.file.symlink_metadata().is_err() => Ok(None),
            Err(error) => Err(InstallError::file("read", &self.file)(error)),
        }
    }

    fn read(&self, text: &str) -> Result<Node, InstallError> {
        let wrong = |why: String| {
            let message = format!("`{}` cannot be edited: {why}", self.file.display());
            InstallError::new(message, format!("add this by hand:\n{}", self.by_hand()))
        };
        let root = json_text::read(text).map_err(|error| wrong(format!("it is no plain JSON: {error}")))?;
        let is_object = |node: &Node| matches!(node.kind, json_text::Kind::Object(_));
        let hooks = root.get("hooks");
        if !is_object(&root) || hooks.is_some_and(|hooks| !is_object(hooks)) {
            return Err(wrong("it, or its `hooks`, is no object".to_owned()));
        }
        let is_list = |event: &str| match hooks.and_then(|hooks| hooks.get(event)) {
            Some(list) => matches!(list.kind, json_text::Kind::Array(_)),
            None => true,
        };
        match self.setup().events.iter().find(|(event, _)| !is_list(event)) {
            Some((event, _)) => Err(wrong(format!("its `hooks.{event}` is no list"))),
            None => Ok(root),
        }
    }

    /// All that [`AgentHooks::install`] would write.
    fn by_hand(&self) -> String {
        let program = Path::new("dtguard");
        let event = |(event, of_tools): &(&'static str, bool)| {
            (*event, Value::Array(vec![self.entry(event, *of_tools, program)]))
        };
        let hooks = of_fields(self.setup().events.iter().map(event).collect());
        serde_json::to_string_pretty(&object! { "hooks": hooks }).unwrap_or_default()
    }

    fn with_event(
        &self,
        text: &str,
        event: &'static str,
        of_tools: bool,
        program: &Path,
    ) -> Result<String, InstallError> {
        let root = self.read(text)?;
        let Some(hooks) = root.get("hooks") else {
            let text = json_text::insert(text, &root, Some("hooks"), &Value::Object(serde_json::Map::new()));
            return self.with_event(&text, event, of_tools, program);
        };
        let entry = self.entry(event, of_tools, program);
        let Some(list) = hooks.get(event) else {
            return Ok(json_text::insert(text, hooks, Some(event), &Value::Array(vec![entry])));
        };
        let ours = self.ours(&root);
        let mut commands =
            ours.iter().filter(|one| one.event == event).flat_map(|one| &one.commands).peekable();
        if commands.peek().is_none() {
            return Ok(json_text::insert(text, list, None, &entry));
        }
        for (key, node) in commands {
            let wanted = self.command(key, event, program);
            if node.text() != Some(&wanted) {
                // The offsets of the others change.
                return self.with_event(&json_text::replace(text, node, &wanted), event, of_tools, program);
            }
        }
        Ok(text.to_owned())
    }

    /// `text` without the first hook of dtguard and what it leaves empty.
    fn without_one(&self, text: &str) -> Result<Option<String>, InstallError> {
        let root = self.read(text)?;
        let ours = self.ours(&root);
        let Some(Ours { event, item, handler, .. }) = ours.first() else { return Ok(None) };
        let Some(hooks) = root.get("hooks") else { return Ok(None) };
        let Some(list) = hooks.get(event) else { return Ok(None) };
        let group = handler.and_then(|handler| Some((list.items().get(*item)?.get("hooks")?, handler)));
        let number = |node: &Node, key: &str| {
            let json_text::Kind::Object(members) = &node.kind else { return 0 };
            members.iter().rposition(|(name, ..)| name == key).unwrap_or_default()
        };
        Ok(Some(match group {
            Some((handlers, handler)) if handlers.len() > 1 => json_text::remove(text, handlers, handler),
            _ if list.len() > 1 => json_text::remove(text, list, *item),
            _ if hooks.len() > 1 => json_text::remove(text, hooks, number(hooks, event)),
            _ => json_text::remove(text, &root, number(&root, "hooks")),
        }))
    }

    /// The hooks of dtguard for this assistant.
    fn ours<'n>(&self, root: &'n Node) -> Vec<Ours<'n>> {
        let mut found = Vec::new();
        // An earlier version may have written hooks for other events.
        let Some(json_text::Kind::Object(events)) = root.get("hooks").map(|hooks| &hooks.kind) else {
            return found;
        };
        for (event, _, list) in events {
            for (item, entry) in list.items().iter().enumerate() {
                let one = |handler, node: &'n Node| {
                    let commands = ["command", "bash", "powershell"].into_iter().filter_map(|key| {
                        let command = node.get(key)?;
                        called(command.text()?, self.assistant).map(|_| (key, command))
                    });
                    Ours { event, item, handler, commands: commands.collect() }
                };
                match self.setup().form {
                    Form::Grouped => {
                        let handlers = entry.get("hooks").map_or(&[][..], Node::items);
                        found.extend(
                            handlers.iter().enumerate().map(|(number, node)| one(Some(number), node)),
                        );
                    }
                    Form::Flat | Form::PerShell => found.push(one(None, entry)),
                }
            }
        }
        found.retain(|one| !one.commands.is_empty());
        found
    }

    fn entry(&self, event: &str, of_tools: bool, program: &Path) -> Value {
        let command = |key: &'static str| (key, Value::from(self.command(key, event, program)));
        let kind = ("type", Value::from("command"));
        match self.setup().form {
            Form::Flat => of_fields(vec![command("command")]),
            Form::PerShell => of_fields(vec![kind, command("bash"), command("powershell")]),
            Form::Grouped => {
                let handlers = ("hooks", Value::Array(vec![of_fields(vec![kind, command("command")])]));
                let matcher = of_tools.then(|| ("matcher", Value::from("*")));
                of_fields(matcher.into_iter().chain([handlers]).collect())
            }
        }
    }

    /// The command for an event, as the shell of this `key` reads it.
    fn command(&self, key: &str, event: &str, program: &Path) -> String {
        let program = if self.is_shared { "dtguard".to_owned() } else { word(program, key == "powershell") };
        // Events of Copilot do not hold their own name.
        let event = if self.assistant == Assistant::Copilot { format!(" {event}") } else { String::new() };
        format!("{program} hook agent {}{event}", self.assistant)
    }

    /// Writes the file completely or not at all. Returns whether it changed.
    fn put(&self, old: Option<&str>, text: &str) -> Result<bool, InstallError> {
        if old == Some(text) {
            return Ok(false);
        }
        if self.is_shared {
            replace_text(&self.base, &self.file, text)?;
            return Ok(true);
        }
        // A user may keep the file elsewhere and link to it.
        let file = self.file.canonicalize().unwrap_or_else(|_| self.file.clone());
        let new = new_beside(&file, text.as_bytes())?;
        keep_mode(&file, new.path()).map_err(InstallError::file("write", &file))?;
        put_at(new, &file)?;
        Ok(true)
    }
}

/// The program in a command that calls the hook of `assistant`, if it is dtguard.
fn called(command: &str, assistant: Assistant) -> Option<&str> {
    let mark = format!(" hook agent {assistant}");
    let (program, rest) = command.trim().split_once(&mark)?;
    let program = program.trim_start_matches("& ").trim_matches(['"', '\'', ' ']);
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    (matches!(name, "dtguard" | "dtguard.exe") && (rest.is_empty() || rest.starts_with(' ')))
        .then_some(program)
}

/// The path of `program` as a word for `sh`, or for PowerShell. On Windows a command is read by
/// one of several shells, which agree only on a path without special characters; for any other
/// the program has to be on PATH.
fn word(program: &Path, powershell: bool) -> String {
    let path = slashes(program);
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@".contains(c);
    match () {
        () if path.chars().all(is_plain) => path,
        () if cfg!(windows) => "dtguard".to_owned(),
        () if powershell => format!("& '{}'", path.replace('\'', "''")),
        () => format!("'{}'", path.replace('\'', r"'\''")),
    }
}
