//! Which file uses which, read from the paths in their code.

use std::collections::{BTreeMap, BTreeSet};

/// The path of a module: `["source", "store", "pack"]`; of the crate itself empty.
type Module = Vec<String>;

/// A path in the code, and the name that it gets there.
type Named = (Vec<String>, String);

/// The modules of a crate, each with what its file says.
pub struct Crate {
    modules: BTreeMap<Module, Code>,
}

struct Code {
    /// Without comments, tests and `pub use`.
    text: String,
    /// What it passes on from other modules: `pub use`.
    passed_on: Vec<Named>,
}

impl Crate {
    /// Reads files, each with its path below `src`. `main.rs` is a crate of its own, and
    /// tests may use everything.
    pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let is_test = |path: &str| path.ends_with("tests.rs") || path.contains("/tests/");
        let files = files.into_iter().filter(|(path, _)| *path != "main.rs" && !is_test(path));
        Self { modules: files.map(|(path, text)| (module(path), Code::of(text))).collect() }
    }

    /// Each pair of files where the first uses the second.
    pub fn arrows(&self) -> BTreeSet<(Module, Module)> {
        let mut arrows = BTreeSet::new();
        for (module, code) in &self.modules {
            let used = self.paths(module, &code.text).into_iter().map(|path| self.resolve(module, &path));
            arrows.extend(used.filter(|used| used != module).map(|used| (module.clone(), used)));
        }
        arrows
    }

    /// The groups of files that use each other, be it through others.
    pub fn circles(&self) -> BTreeSet<BTreeSet<String>> {
        let mut used: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for (from, to) in self.arrows() {
            used.entry(from).or_default().insert(to);
        }
        let reached = |from: &Module| {
            let (mut reached, mut left) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(module) = left.pop() {
                let new = used.get(&module).into_iter().flatten().filter(|to| reached.insert((*to).clone()));
                left.extend(new.cloned());
            }
            reached
        };
        let reached: BTreeMap<&Module, _> = used.keys().map(|from| (from, reached(from))).collect();
        let is_back = |from: &Module, to: &Module| reached.get(from).is_some_and(|all| all.contains(to));
        let circle = |from: &Module, others: &BTreeSet<Module>| {
            others.iter().filter(|other| is_back(other, from)).map(|other| other.join("/")).collect()
        };
        let circles = reached.iter().map(|(from, others)| circle(from, others));
        circles.filter(|circle: &BTreeSet<_>| !circle.is_empty()).collect()
    }

    /// The module in which the name at the end of `path`, used in `module`, is defined.
    fn resolve(&self, module: &Module, path: &[String]) -> Module {
        let mut at = module.clone();
        for (number, name) in path.iter().enumerate() {
            match name.as_str() {
                "crate" => at = Module::new(),
                "super" => drop(at.pop()),
                "self" => {}
                _ if self.modules.contains_key(&below(&at, name)) => at.push(name.clone()),
                _ => {
                    let passed_on = self.modules.get(&at).map_or(&[][..], |code| &code.passed_on);
                    let rest = path.get(number + 1..).unwrap_or_default();
                    return match passed_on.iter().find(|(_, passed)| passed == name) {
                        Some((path, _)) => self.resolve(&at, &[path, rest].concat()),
                        None => at,
                    };
                }
            }
        }
        at
    }

    /// The paths in `text`, the code of `module`, that lead to other modules.
    fn paths(&self, module: &Module, text: &str) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_of_word) {
            let (before, from) = rest.split_at(start);
            let first = word(from);
            let leads = ["crate", "super", "self"].contains(&first)
                || self.modules.contains_key(&below(module, first));
            if leads && !before.ends_with("::") && from[first.len()..].starts_with("::") {
                rest = tree(from, &[], &mut paths);
            } else {
                rest = &from[first.len()..];
            }
        }
        paths.into_iter().map(|(path, _)| path).collect()
    }
}

impl Code {
    fn of(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let is_tests = |line: &&str| line.ends_with("mod tests {") && !line.starts_with(' ');
        let text = lines.take_while(|line| !is_tests(line)).collect::<Vec<_>>().join("\n");
        let (mut kept, mut passed_on) = (String::new(), Vec::new());
        for (number, part) in text.split("pub use ").enumerate() {
            let statement = if number == 0 { "" } else { part.split(';').next().unwrap() };
            tree(statement, &[], &mut passed_on);
            kept.push_str(&part[statement.len()..]);
        }
        Self { text: kept, passed_on }
    }
}

/// Reads a path with all that it branches into, `a::{b, c::d as e}`; returns what stands
/// behind it.
fn tree<'t>(text: &'t str, before: &[String], found: &mut Vec<Named>) -> &'t str {
    let mut path = before.to_vec();
    let mut rest = text;
    loop {
        if let Some(mut group) = rest.strip_prefix('{') {
            loop {
                group = group.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
                if let Some(after) = group.strip_prefix('}') {
                    return after;
                }
                let after = tree(group, &path, found);
                assert!(after.len() < group.len(), "no path: {group}");
                group = after;
            }
        }
        let name = word(rest);
        rest = rest[name.len()..].trim_start_matches('*');
        if !name.is_empty() {
            path.push(name.to_owned());
        }
        match rest.strip_prefix("::") {
            Some(after) if after.starts_with(|c: char| is_of_word(c) || c == '{' || c == '*') => rest = after,
            _ => break,
        }
    }
    let other = rest.strip_prefix(" as ").map(word);
    let name = other.map_or_else(|| path.last().cloned().unwrap_or_default(), str::to_owned);
    found.push((path, name));
    other.map_or(rest, |other| &rest[" as ".len() + other.len()..])
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The word at the start of `text`.
fn word(text: &str) -> &str {
    &text[..text.find(|c| !is_of_word(c)).unwrap_or(text.len())]
}

fn below(module: &[String], name: &str) -> Module {
    [module, &[name.to_owned()]].concat()
}

/// The module of a file below `src`.
fn module(path: &str) -> Module {
    let path = path.replace('\\', "/");
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
}
