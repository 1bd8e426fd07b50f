//! docs/fleet.md: its recipes scan a fleet and lose no repository.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::project;
use crate::support::{DTGUARD, Ran, Repo, effort, hermetic};

/// Repositories to clone, and where a recipe runs.
struct Fleet {
    repo: Repo,
    top: PathBuf,
    /// Their addresses.
    list: Vec<String>,
}

impl Fleet {
    /// `number` repositories and one that does not exist. Every third holds a token.
    fn new(number: usize) -> Self {
        let repo = Repo::new();
        let top = repo.outside().join("fleet");
        fs::create_dir(&top).unwrap();
        let mut list = Vec::new();
        for at in 0..number {
            let path = repo.outside().join(format!("git/team {at}/app.git"));
            let text =
                if at % 3 == 0 { repo.token("dt0s16", at as u64 + 1).text } else { "nothing".to_owned() };
            repo.stage("f", format!("{text} {at}\n"));
            repo.commit_unseen();
            let to = path.to_str().unwrap();
            repo.git(&["clone", "--quiet", "--bare", "--no-hardlinks", ".", to]).succeeds();
            // Each repository has its own history.
            repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]).succeeds();
            list.push(format!("file://{to}"));
        }
        list.push(format!("file://{}/git/absent.git", repo.outside().display()));
        fs::write(top.join("repositories.txt"), list.join("\n") + "\n").unwrap();
        for file in ["scan-one.sh", "dtguard"] {
            let text = match file {
                "dtguard" => format!("#!/bin/sh\nexec '{DTGUARD}' \"$@\"\n"),
                file => project(&format!("examples/fleet/{file}")),
            };
            fs::write(top.join(file), text).unwrap();
            fs::set_permissions(top.join(file), fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { repo, top, list }
    }

    /// Runs `script` as a user would, with `variables`.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Ran {
        let path = format!("{}:{}", self.top.display(), std::env::var("PATH").unwrap());
        let home = self.repo.outside().join("home");
        fs::create_dir_all(&home).unwrap();
        let output = hermetic("sh", &self.top)
            .args(["-e", "-c", script])
            .env("PATH", path)
            .env("HOME", &home)
            .env("GIT_CONFIG_GLOBAL", home.join("gitconfig"))
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        self.repo.check(Ran::of(output))
    }

    /// Checks the page: each repository is on it, as scanned or as missing.
    fn is_complete(&self, page: &Path, lost: &[usize]) {
        let page = fs::read_to_string(page).unwrap();
        let data = page.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0;
        let data: Value = serde_json::from_str(data).unwrap();
        let names = |list: &str, field: &str| {
            let list = data[list].as_array().unwrap().iter();
            let mut names: Vec<_> = list.map(|one| one[field].as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        let name = |at: usize| {
            let path = self.list[at].strip_prefix("file:///").unwrap();
            path.strip_suffix(".git").unwrap().to_owned()
        };
        let all = 0..self.list.len();
        let (missing, there) =
            all.partition::<Vec<usize>, _>(|at| *at + 1 == self.list.len() || lost.contains(at));
        let tokens = there.iter().filter(|at| **at % 3 == 0).count();
        let sorted = |numbers: &[usize]| {
            let mut names: Vec<_> = numbers.iter().map(|at| name(*at)).collect();
            names.sort();
            names
        };
        assert_eq!(names("problems", "repository"), sorted(&missing));
        assert_eq!(names("repositories", "name"), sorted(&there));
        assert_eq!(data["counts"]["tokens"], tokens);
    }
}

/// The commands of docs/fleet.md behind `<!-- recipe: NAME -->`.
fn recipe(name: &str) -> String {
    let page = project("docs/fleet.md").replace("\r\n", "\n");
    let rest = page.split_once(&format!("<!-- recipe: {name} -->\n\n```sh\n")).unwrap().1.to_owned();
    rest.split_once("```").unwrap().0.to_owned()
}

/// The script behind `key` in a file of `examples/fleet`, the `number`th of them.
fn block(file: &str, key: &str, number: usize) -> String {
    let text = project(&format!("examples/fleet/{file}"));
    let rest = text.split(&format!("{key} |\n")).nth(number + 1).unwrap();
    let indent = rest.len() - rest.trim_start_matches(' ').len();
    let lines = rest.lines().take_while(|line| line.starts_with(&" ".repeat(indent)));
    lines.map(|line| line[indent..].to_owned() + "\n").collect()
}

#[test]
fn the_recipe_for_one_machine_scans_a_fleet_and_loses_no_repository() {
    let fleet = Fleet::new(effort::cases(7, 50) as usize);
    let ran = fleet.run(&recipe("xargs"), &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("not cloned: ") && ran.stderr.contains("git/absent (missing"),
        "{}",
        ran.stderr
    );
    fleet.is_complete(&fleet.top.join("fleet.html"), &[]);
    // An old report of one that can no longer be cloned does not count.
    let gone = fleet.list[1].strip_prefix("file://").unwrap();
    fs::remove_dir_all(gone).unwrap();
    let again = recipe("xargs").replace("rm -rf reports\n", "");
    assert_eq!(fleet.run(&again, &[]).code, 2);
    fleet.is_complete(&fleet.top.join("fleet.html"), &[1]);
}

#[test]
fn a_scan_that_is_killed_or_fails_is_missing_from_the_page() {
    let fleet = Fleet::new(3);
    let program = format!(
        "#!/bin/sh\ncase $1$2 in scan* | *scan) [ \"$(git config remote.origin.url)\" = '{}' ] && kill -9 $$ ;; esac\nexec '{DTGUARD}' \"$@\"\n",
        fleet.list[2]
    );
    fs::write(fleet.top.join("dtguard"), program).unwrap();
    let ran = fleet.run(&recipe("xargs"), &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("not scanned: "), "{}", ran.stderr);
    fleet.is_complete(&fleet.top.join("fleet.html"), &[2]);
}

#[test]
#[ignore = "runs GNU parallel, which has to be on PATH"]
fn the_recipe_with_gnu_parallel_scans_fifty_repositories() {
    let fleet = Fleet::new(50);
    let ran = fleet.run(&recipe("parallel"), &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    fleet.is_complete(&fleet.top.join("fleet.html"), &[]);
}

#[test]
fn the_parts_of_the_matrix_and_of_the_job_scan_each_repository_once() {
    for (file, key, variable) in
        [("github-actions.yml", "run:", "PART"), ("kubernetes.yaml", "-", "JOB_COMPLETION_INDEX")]
    {
        let fleet = Fleet::new(4);
        // In place of the folders that a job mounts.
        let here = |script: String| {
            let top = fleet.top.display().to_string();
            script.replace("/fleet/", &format!("{top}/")).replace("/reports", &format!("{top}/reports"))
        };
        let reports = fleet.top.join("reports");
        for part in 0..20 {
            let variables = [(variable, &*part.to_string()), ("REPORTS", reports.to_str().unwrap())];
            fleet.run(&here(block(file, key, 0)), &variables).succeeds();
        }
        let ran = fleet.run(&here(block(file, key, 1)), &[]);
        assert_eq!(ran.code, 2, "{file}: {}", ran.stderr);
        let page = ["fleet.html", "reports/fleet.html"].map(|name| fleet.top.join(name));
        fleet.is_complete(page.iter().find(|page| page.exists()).unwrap(), &[]);
    }
}
