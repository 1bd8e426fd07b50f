//! docs/ci.md: its recipes are run, on checkouts such as CI systems make.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{DTGUARD, Ran, Repo, hermetic};

/// A block of the page.
struct Block {
    language: String,
    text: String,
}

impl Block {
    /// The file that it is, as its first line says.
    fn file(&self) -> &str {
        self.text.lines().next().unwrap().trim_start_matches(['#', '/', ' '])
    }

    /// The commands that scan a repository, and what they need.
    fn commands(&self) -> Vec<String> {
        let shell = |line: &str| {
            let line = line.trim().trim_start_matches("- ");
            let line =
                ["run: ", "bash: ", "sh '"].iter().find_map(|key| line.strip_prefix(key)).unwrap_or(line);
            line.trim_end_matches('\'').to_owned()
        };
        let starts = |line: &String| line.starts_with("dtguard ") || line.starts_with("mkdir ");
        self.text.lines().map(shell).filter(starts).collect()
    }
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

/// All blocks that are a file of a CI system.
fn recipes() -> Vec<Block> {
    let page = page();
    let blocks = page.split("\n```").skip(1).step_by(2).map(|block| {
        let (language, text) = block.split_once('\n').unwrap();
        Block { language: language.to_owned(), text: text.to_owned() }
    });
    let recipes: Vec<_> = blocks.filter(|block| ["yaml", "groovy"].contains(&&*block.language)).collect();
    assert_eq!(recipes.len(), 6, "GitHub twice, GitLab, Azure, Jenkins, Bitbucket");
    recipes
}

/// A repository with a `main` and two branches, `leak` and `clean`; each but the
/// first commit adds a file. `leak` removes its token again.
struct Upstream {
    repo: Repo,
}

impl Upstream {
    fn new() -> Self {
        let repo = Repo::new();
        let token = repo.token("dt0s16", 1).text;
        for (branch, text) in [("leak", &*token), ("clean", "nothing")] {
            repo.git(&["checkout", "--quiet", "-b", branch, "main"]).succeeds();
            repo.stage("f", format!("{text}\n"));
            repo.commit_unseen();
            repo.stage("f", "later\n");
            repo.commit_unseen();
        }
        repo.git(&["checkout", "--quiet", "main"]).succeeds();
        repo.stage("g", "meanwhile\n");
        repo.commit_unseen();
        Self { repo }
    }

    /// The branch as CI checks it out: detached, merged with `main` or not.
    fn checkout(&self, name: &str, branch: &str, options: &[&str], merged: bool) -> PathBuf {
        let folder = self.repo.outside().join(name);
        let url = format!("file://{}", self.repo.path.display());
        let place = folder.to_str().unwrap();
        let arguments = [&["clone", "--quiet", "--branch", branch], options, &[&*url, place]].concat();
        self.repo.git_in(self.repo.outside(), &[], &arguments).succeeds();
        let git = |arguments: &[&str]| self.repo.git_in(&folder, &[], arguments).succeeds();
        git(&["checkout", "--quiet", "--detach"]);
        if merged {
            git(&["merge", "--quiet", "--no-edit", "origin/main"]);
        }
        folder
    }

    /// Runs the commands in `folder`, with the variables that each CI system would
    /// set for a pull request of `branch`.
    fn run(&self, folder: &Path, branch: &str, commands: &[String]) -> Ran {
        let id = |name: &str| self.repo.git(&["rev-parse", name]).stdout.trim().to_owned();
        let (main, head) = (id("main"), id(branch));
        let path =
            format!("{}:{}", Path::new(DTGUARD).parent().unwrap().display(), std::env::var("PATH").unwrap());
        let output = hermetic("sh", folder)
            .args(["-e", "-c", &commands.join("\n")])
            .env("PATH", path)
            .envs([("BASE", "origin/main"), ("HEAD", &head)])
            .env("GITHUB_STEP_SUMMARY", self.repo.outside().join("summary"))
            .env("CI_MERGE_REQUEST_DIFF_BASE_SHA", id("main~1"))
            .env("CI_COMMIT_SHA", &head)
            .env("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")
            .env("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")
            .env("CHANGE_TARGET", "main")
            .env("BITBUCKET_PR_DESTINATION_COMMIT", &main[..12])
            .output()
            .unwrap();
        self.repo.check(Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

/// The commands of each recipe that hold `what`, one after the other, with the folder
/// that they need.
fn each(what: &str, mut run: impl FnMut(&str, &[String])) {
    for recipe in recipes() {
        let commands = recipe.commands();
        let (needed, scans): (Vec<_>, Vec<_>) =
            commands.into_iter().partition(|line| line.starts_with("mkdir "));
        for scan in scans.into_iter().filter(|scan| scan.contains(what)) {
            let commands = [needed.as_slice(), &[scan]].concat();
            run(&format!("{}: {commands:?}", recipe.file()), &commands);
        }
    }
}

#[test]
fn each_recipe_for_a_change_fails_for_a_token_that_came_and_went_and_passes_without() {
    let upstream = Upstream::new();
    for merged in [false, true] {
        for (branch, code) in [("leak", 1), ("clean", 0)] {
            let folder = upstream.checkout(&format!("{branch}-{merged}"), branch, &[], merged);
            let mut count = 0;
            each("--range", |recipe, commands| {
                let ran = upstream.run(&folder, branch, commands);
                assert_eq!(ran.code, code, "{recipe}\n{}{}", ran.stdout, ran.stderr);
                count += 1;
            });
            assert_eq!(count, 5);
        }
    }
}

#[test]
fn each_recipe_for_a_whole_history_finds_what_a_later_commit_removed() {
    let upstream = Upstream::new();
    for (branch, code) in [("leak", 1), ("clean", 0)] {
        let folder = upstream.checkout(branch, branch, &["--single-branch"], false);
        let mut count = 0;
        each("--history", |recipe, commands| {
            let ran = upstream.run(&folder, branch, commands);
            assert_eq!(ran.code, code, "{recipe}\n{}{}", ran.stdout, ran.stderr);
            count += 1;
        });
        assert_eq!(count, 5);
    }
}

#[test]
fn no_recipe_passes_in_a_shallow_clone_that_lacks_commits() {
    let upstream = Upstream::new();
    // Of one, both ends of the range are here and the commit with the token is not.
    let ends = ["--depth=1", "--no-single-branch"];
    for (name, options) in [("tip", ["--depth=1", "--single-branch"]), ("ends", ends)] {
        let folder = upstream.checkout(name, "leak", &options, false);
        for what in ["--range", "--history"] {
            each(what, |recipe, commands| {
                let ran = upstream.run(&folder, "leak", commands);
                assert_eq!(ran.code, 2, "{name}, {recipe}\n{}{}", ran.stdout, ran.stderr);
                assert!(ran.stderr.contains("git fetch --unshallow"), "{recipe}\n{}", ran.stderr);
            });
        }
    }
}

#[test]
fn no_recipe_passes_for_a_branch_without_a_base() {
    let upstream = Upstream::new();
    let folder = upstream.checkout("new", "leak", &[], false);
    let zeros = "0".repeat(40);
    let ran = upstream.run(&folder, "leak", &[format!("dtguard scan --range {zeros}..HEAD")]);
    assert_eq!(ran.says("dtguard scan --range origin/main..HEAD").code, 2);
}

#[test]
fn every_command_of_the_page_is_one_that_dtguard_knows() {
    let upstream = Upstream::new();
    let folder = upstream.checkout("all", "clean", &[], false);
    let page = page();
    let mut commands: Vec<String> = recipes().iter().flat_map(Block::commands).collect();
    let words = page.split('`').filter(|text| text.starts_with("dtguard scan"));
    commands.extend(words.map(str::to_owned));
    commands.extend(page.lines().filter(|line| line.starts_with("dtguard ")).map(str::to_owned));
    commands.retain(|command| command.starts_with("dtguard ") && !command.starts_with("dtguard install"));
    assert!(commands.len() > 15, "{commands:?}");
    fs::write(folder.join("policy.toml"), "version = 1\n").unwrap();
    fs::create_dir(folder.join("test-results")).unwrap();
    for command in commands {
        let command = command.replace("${RUNNER_TEMP:-/tmp}/", "");
        let ran = upstream.run(&folder, "clean", std::slice::from_ref(&command));
        let knows = ran.code == 0 || command.contains("--history") && ran.code == 1;
        assert!(knows, "{command}\n{}", ran.stderr);
    }
}

#[test]
fn a_recipe_that_runs_on_a_fork_has_no_secret_and_no_right_but_to_read() {
    let recipes = recipes();
    for recipe in &recipes {
        for word in ["pull_request_target", "secrets.", "|| true", "allow_failure: true", "continue-on-error"]
        {
            assert!(!recipe.text.contains(word), "{word} in {}", recipe.file());
        }
        // Values in a command are the shell's, quoted: a branch may have any name.
        for command in recipe.commands() {
            assert!(!command.contains("${{"), "{command}");
        }
    }
    let workflows: Vec<_> = recipes.iter().filter(|recipe| recipe.file().starts_with(".github/")).collect();
    assert_eq!(workflows.len(), 2);
    for workflow in workflows {
        assert!(workflow.text.contains("\npermissions:\n  contents: read\njobs:\n"), "{}", workflow.file());
        let checkouts = workflow.text.matches("actions/checkout@").count();
        assert_eq!(workflow.text.matches("persist-credentials: false").count(), checkouts);
        let install = workflow.text.find("cargo install").unwrap();
        assert!(install < workflow.text.find("actions/checkout@").unwrap());
    }
    for (file, all) in [
        (".github/workflows/dtguard.yml", "fetch-depth: 0"),
        (".github/workflows/dtguard-history.yml", "fetch-depth: 0"),
        (".gitlab-ci.yml", "GIT_DEPTH: \"0\""),
        ("azure-pipelines.yml", "fetchDepth: 0"),
        ("bitbucket-pipelines.yml", "depth: full"),
    ] {
        let recipe = recipes.iter().find(|recipe| recipe.file() == file).unwrap();
        assert!(recipe.text.contains(all), "{all} in {file}");
    }
}

#[test]
#[ignore = "needs check-jsonschema; .ci/run runs it"]
fn each_recipe_is_a_file_that_its_ci_system_takes() {
    let folder = tempfile::tempdir().unwrap();
    for recipe in recipes().into_iter().filter(|recipe| recipe.language == "yaml") {
        let schema = match recipe.file() {
            ".gitlab-ci.yml" => "gitlab-ci",
            "azure-pipelines.yml" => "azure-pipelines",
            "bitbucket-pipelines.yml" => "bitbucket-pipelines",
            _ => "github-workflows",
        };
        let file = folder.path().join("recipe.yml");
        for (text, valid) in [(recipe.text.clone(), true), (recipe.text.clone() + "surprise: [\n", false)] {
            // The schema of Azure knows numbers as text only, and has expressions that
            // need the laxer reader.
            fs::write(&file, text.replace("fetchDepth: 0", "fetchDepth: '0'")).unwrap();
            let output = Command::new("check-jsonschema")
                .args(["--regex-variant", "nonunicode", "--builtin-schema", &format!("vendor.{schema}")])
                .arg(&file)
                .output()
                .unwrap_or_else(|error| panic!("check-jsonschema is not on PATH: {error}"));
            let said = String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.success(), valid, "{}\n{said}", recipe.file());
        }
    }
}
