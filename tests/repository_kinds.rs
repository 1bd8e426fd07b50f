//! In each kind of repository that git has, the same commits are blocked and the
//! same pass; and a repository that git refuses is refused with a reason.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Repo, effort, git_version};

/// What must hold in each kind of repository. Each case leaves behind what it
/// committed; what it staged besides is thrown away. The text is a token.
type Case = (&'static str, fn(&Repo, &str));

const CASES: [Case; 25] = [
    ("an added line blocks", |repo, token| {
        repo.stage("in/clean", format!("clean\nx={token}\n"));
        repo.commit().blocks().says("in/clean:2:3");
    }),
    ("a new file blocks", |repo, token| {
        repo.stage("in/new", format!("x={token}\n"));
        repo.commit().blocks().says("in/new:1:3");
    }),
    ("an innocent line passes", |repo, _| {
        repo.stage("in/clean", "clean\nmore\n");
        repo.commit().succeeds().says("no Dynatrace token in 1 staged file with 1 added line");
    }),
    ("commit -a is scanned", |repo, token| {
        repo.write("in/clean", format!("clean\nx={token}\n"));
        repo.git(&["commit", "-a", "-m", "m"]).blocks().says("in/clean:2:3");
    }),
    ("commit of a path is scanned", |repo, token| {
        repo.stage("in/staged", token);
        repo.write("in/clean", format!("clean\nx={token}\n"));
        repo.git(&["commit", "-m", "m", "in/clean"]).blocks().says("in/clean:2:3").says_not("in/staged");
    }),
    ("amending is scanned", |repo, token| {
        repo.stage("in/amended", token);
        repo.git(&["commit", "--amend", "-m", "m"]).blocks().says("in/amended:1:1");
    }),
    ("a removed line passes", |repo, _| {
        repo.stage("in/lines", "one\nthree\n");
        repo.commit().succeeds().says("1 staged file with 0 added lines");
    }),
    ("a removed file passes", |repo, _| {
        repo.git(&["rm", "--quiet", "in/removed"]).succeeds();
        repo.commit().succeeds().says("adds no content");
    }),
    ("a renamed file and a renamed folder pass", |repo, _| {
        repo.git(&["mv", "in/renamed", "in/to"]).succeeds();
        repo.git(&["mv", "in/folder", "in/moved"]).succeeds();
        repo.commit().succeeds().says("adds no content");
    }),
    ("a copy blocks", |repo, _| {
        fs::copy(repo.path.join("in/copied"), repo.path.join("in/copy")).unwrap();
        repo.git(&["add", "in/copy"]).succeeds();
        repo.commit().blocks().says("in/copy:2:3").says("1 token blocked");
    }),
    ("a mode change passes", |repo, _| {
        repo.git(&["update-index", "--chmod=+x", "in/mode"]).succeeds();
        repo.commit().succeeds().says("adds no content");
    }),
    ("changed line endings pass", |repo, token| {
        repo.stage("in/endings", format!("one\r\nx={token}\r\nthree\r\n"));
        repo.commit().succeeds().says("0 added lines");
    }),
    ("a lost last line end passes and a last line without end blocks", |repo, token| {
        repo.stage("in/open", format!("one\nx={token}\nthree"));
        repo.commit().succeeds();
        repo.stage("in/open", format!("one\nx={token}\nthree\ny={token}"));
        repo.commit().blocks().says("in/open:4:3").says("1 token blocked");
    }),
    ("binary content passes with the token that it had and blocks with one more", |repo, token| {
        repo.stage("in/binary", [b"\0\x02", token.as_bytes(), b"\nmore"].concat());
        repo.commit().succeeds();
        repo.stage("in/binary", [b"\0\x02", token.as_bytes(), b"\n", token.as_bytes()].concat());
        repo.commit().blocks().says("in/binary:").says("1 token blocked");
    }),
    ("the target of a link is content", |repo, token| {
        put(repo, "120000", "in/link", token);
        repo.commit().blocks().says("in/link:1:1");
    }),
    ("a file's name is scanned", |repo, token| {
        repo.stage(&format!("in/{token}"), "clean\n");
        repo.commit().blocks().says("(its name)");
    }),
    ("an empty file passes", |repo, _| {
        repo.stage("in/empty", "");
        repo.commit().succeeds().says("1 staged file with 0 added lines");
    }),
    ("a submodule's pointer passes", |repo, _| {
        let commit = repo.git(&["rev-parse", "HEAD"]).stdout;
        let entry = format!("160000,{},in/library", commit.trim());
        repo.git(&["update-index", "--add", "--cacheinfo", &entry]).succeeds();
        repo.commit().succeeds().says("adds no content");
    }),
    ("what is staged counts and not what is in the work tree", |repo, token| {
        repo.stage("in/clean", format!("x={token}\n"));
        repo.write("in/clean", "clean\n");
        repo.commit().blocks().says("in/clean:1:3");
        repo.stage("in/clean", "cleaner\n");
        repo.write("in/clean", format!("x={token}\n"));
        repo.commit().succeeds();
    }),
    ("a file that is only intended passes", |repo, token| {
        repo.write("in/later", token);
        repo.git(&["add", "--intent-to-add", "in/later"]).succeeds();
        repo.stage("in/now", "clean\n");
        repo.commit().succeeds().says("1 staged file ");
    }),
    ("a name with spaces and umlauts is scanned", |repo, token| {
        repo.stage("in/\u{e4} b/\u{fc}/c d", format!("x={token}\n"));
        repo.commit().blocks().says("in/\u{e4} b/\u{fc}/c d:1:3");
    }),
    ("a file and a folder in each other's place are scanned", |repo, token| {
        repo.git(&["rm", "-r", "--quiet", "in/nest", "in/flat"]).succeeds();
        repo.stage("in/nest", token);
        repo.stage("in/flat/below", token);
        repo.commit()
            .blocks()
            .says("in/nest:1:1")
            .says("in/flat/below:1:1")
            .says("1 token in 2 places blocked");
    }),
    ("what a merge brings is scanned", |repo, token| {
        repo.stage("in/theirs", format!("x={token}\n"));
        let tree = repo.git(&["write-tree"]).succeeds().stdout;
        let theirs = repo.git(&["commit-tree", "-p", "HEAD", "-m", "theirs", tree.trim()]).succeeds().stdout;
        repo.git(&["reset", "--quiet", "--hard"]).succeeds();
        repo.stage("in/ours", "clean\n");
        repo.commit_unseen();
        let ran = repo.git(&["merge", "--no-ff", "-m", "m", theirs.trim()]);
        ran.blocks().says("in/theirs:1:3").says("1 staged file ");
    }),
    ("the staged policy counts, and then the committed one", |repo, token| {
        let entry = "[[allow]]\npath = \"in/allowed\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n";
        repo.stage(".dtguard.toml", format!("version = 1\n{entry}"));
        repo.stage("in/allowed", format!("x={token}\n"));
        repo.commit().succeeds().says("1 token allowed");
        repo.stage("in/allowed", format!("x={token}\ny={token}\n"));
        repo.commit().succeeds().says("1 token allowed");
    }),
    ("what is not checked out is scanned", |repo, token| {
        put(repo, "100644", "out/hidden", &format!("x={token}\n"));
        repo.commit().blocks().says("out/hidden:1:3").says("1 staged file ");
    }),
];

/// Stages `content` without the work tree.
#[track_caller]
fn put(repo: &Repo, mode: &str, path: &str, content: &str) {
    let file = repo.outside().join("content");
    fs::write(&file, content).unwrap();
    let id = repo.git(&["hash-object", "-w", "--no-filters", file.to_str().unwrap()]).succeeds().stdout;
    let entry = format!("{mode},{},{path}", id.trim());
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]).succeeds();
}

/// A kind of repository.
struct Kind {
    name: &'static str,
    make: fn(&mut Repo),
    /// Whether it still is of that kind once all cases are through.
    is: fn(&Repo) -> bool,
    /// Whether libgit2 can read it, so that it is one of the readers compared.
    libgit2: bool,
    /// The git that brought it.
    since: (u32, u32),
}

const USUAL: Kind =
    Kind { name: "usual", make: |repo| init(repo, &[]), is: |_| true, libgit2: true, since: (2, 31) };

const KINDS: &[Kind] = &[
    USUAL,
    Kind {
        name: "SHA-256",
        make: |repo| init(repo, &["--object-format=sha256"]),
        is: |repo| repo.git(&["rev-parse", "HEAD"]).stdout.trim().len() == 64,
        libgit2: false,
        ..USUAL
    },
    Kind {
        name: "reftable",
        make: |repo| init(repo, &["--ref-format=reftable"]),
        is: |repo| repo.path.join(".git/reftable").is_dir(),
        libgit2: false,
        since: (2, 45),
    },
    Kind {
        name: "split index",
        make: |repo| {
            init(repo, &[]);
            set(repo, "core.splitIndex", "true");
            repo.git(&["update-index", "--split-index"]).succeeds();
        },
        is: |repo| index_holds(repo, b"link"),
        libgit2: false,
        ..USUAL
    },
    Kind {
        name: "split index whose shared part is old",
        make: |repo| {
            init(repo, &[]);
            set(repo, "core.splitIndex", "true");
            set(repo, "splitIndex.maxPercentChange", "100");
            repo.git(&["update-index", "--split-index"]).succeeds();
        },
        is: |repo| {
            let git_dir = fs::read_dir(repo.path.join(".git")).unwrap();
            let is_shared = |name: &str| name.starts_with("sharedindex.");
            let shared =
                git_dir.filter(|entry| is_shared(entry.as_ref().unwrap().file_name().to_str().unwrap()));
            index_holds(repo, b"link") && shared.count() == 1
        },
        libgit2: false,
        ..USUAL
    },
    Kind {
        name: "sparse index",
        make: |repo| {
            init(repo, &[]);
            repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]).succeeds();
        },
        is: |repo| index_holds(repo, b"sdir"),
        libgit2: false,
        ..USUAL
    },
    Kind {
        name: "sparse checkout of folders",
        make: |repo| {
            init(repo, &[]);
            repo.git(&["sparse-checkout", "set", "--cone", "--no-sparse-index", "in"]).succeeds();
        },
        is: |repo| !repo.path.join("out").exists(),
        ..USUAL
    },
    Kind {
        name: "sparse checkout by patterns",
        make: |repo| {
            init(repo, &[]);
            repo.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/out/"]).succeeds();
        },
        is: |repo| !repo.path.join("out").exists(),
        ..USUAL
    },
    Kind {
        name: "index version 4",
        make: |repo| {
            init(repo, &[]);
            set(repo, "index.version", "4");
            repo.git(&["update-index", "--index-version", "4"]).succeeds();
        },
        is: |repo| index_holds(repo, b"DIRC\0\0\0\x04"),
        ..USUAL
    },
    Kind {
        name: "index without hash",
        make: |repo| {
            init(repo, &[]);
            set(repo, "index.skipHash", "true");
        },
        is: |repo| index(repo).ends_with(&[0; 20]),
        since: (2, 40),
        ..USUAL
    },
    Kind {
        name: "index with a table of offsets",
        make: |repo| {
            init(repo, &[]);
            set(repo, "index.threads", "2");
            set(repo, "index.recordEndOfIndexEntries", "true");
            set(repo, "index.recordOffsetTable", "true");
        },
        is: |repo| index_holds(repo, b"EOIE"),
        ..USUAL
    },
    Kind {
        name: "many files",
        make: |repo| {
            init(repo, &[]);
            set(repo, "feature.manyFiles", "true");
            repo.git(&["update-index", "--index-version", "4", "--force-untracked-cache"]).succeeds();
        },
        is: |repo| index_holds(repo, b"UNTR"),
        ..USUAL
    },
    Kind {
        name: "file system monitor",
        make: |repo| {
            init(repo, &[]);
            set(repo, "core.fsmonitor", "true");
        },
        ..USUAL
    },
    #[cfg(unix)]
    Kind {
        name: "file system monitor by a hook",
        make: |repo| {
            init(repo, &[]);
            let monitor = repo.outside().join("monitor");
            fs::write(&monitor, "#!/bin/sh\nprintf 'token\\0/\\0'\n").unwrap();
            crate::support::make_executable(&monitor);
            set(repo, "core.fsmonitor", monitor.to_str().unwrap());
            repo.git(&["update-index", "--fsmonitor"]).succeeds();
        },
        is: |repo| index_holds(repo, b"FSMN"),
        ..USUAL
    },
    Kind { name: "partial clone", make: partial, is: lacks_objects, ..USUAL },
    Kind {
        name: "partial clone whose remote is out of reach",
        make: |repo| {
            partial(repo);
            repo.git(&["remote", "rename", "origin", "upstream"]).succeeds();
            unreachable(repo);
        },
        is: lacks_objects,
        ..USUAL
    },
    Kind {
        name: "partial clone whose remote was removed",
        make: |repo| {
            partial(repo);
            repo.git(&["remote", "remove", "origin"]).succeeds();
        },
        is: lacks_objects,
        ..USUAL
    },
    Kind {
        name: "partial clone of an old git",
        make: |repo| {
            partial(repo);
            set(repo, "core.repositoryFormatVersion", "1");
            set(repo, "extensions.partialClone", "origin");
            unreachable(repo);
        },
        is: lacks_objects,
        libgit2: false,
        ..USUAL
    },
    Kind {
        name: "partial clone without trees",
        make: |repo| {
            clone(repo, &["--filter=tree:0", "--sparse"]);
            repo.git(&["sparse-checkout", "set", "--cone", "in"]).succeeds();
            unreachable(repo);
        },
        is: lacks_objects,
        ..USUAL
    },
    Kind {
        name: "shallow clone",
        make: |repo| clone(repo, &["--depth=1"]),
        is: |repo| repo.path.join(".git/shallow").is_file(),
        ..USUAL
    },
    Kind { name: "shared clone", make: |repo| clone(repo, &["--shared"]), is: borrows, ..USUAL },
    Kind {
        name: "clone with a reference",
        make: |repo| {
            origin(repo);
            let other = repo.outside().join("other");
            run(repo, repo.outside(), &["clone", "--quiet", "--bare", "origin", "other"]);
            clone(repo, &["--reference", other.to_str().unwrap()]);
        },
        is: borrows,
        ..USUAL
    },
    Kind {
        name: "clone that borrows by a quoted path",
        make: |repo| {
            clone(repo, &["--shared"]);
            let objects = repo.outside().join("origin/.git/objects");
            let quoted = format!("\"{}\"\n", objects.display()).replace("origin", "\\157rigin");
            fs::write(repo.path.join(".git/objects/info/alternates"), quoted).unwrap();
        },
        is: borrows,
        libgit2: false,
        ..USUAL
    },
    Kind {
        name: "worktree with relative paths",
        make: |repo| {
            let main = origin(repo);
            let add = ["worktree", "add", "--quiet", "--relative-paths", "-b", "linked", "../repo"];
            run(repo, &main, &add);
        },
        is: |repo| fs::read_to_string(repo.path.join(".git")).unwrap().starts_with("gitdir: ../"),
        since: (2, 48),
        ..USUAL
    },
    Kind {
        name: "linked worktree",
        make: |repo| {
            let main = origin(repo);
            run(repo, &main, &["worktree", "add", "--quiet", "-b", "linked", "../repo"]);
        },
        is: |repo| repo.path.join(".git").is_file(),
        ..USUAL
    },
    Kind {
        name: "worktree of a bare repository with settings of its own",
        make: |repo| {
            origin(repo);
            run(repo, repo.outside(), &["clone", "--quiet", "--bare", "origin", "bare"]);
            let bare = repo.outside().join("bare");
            run(repo, &bare, &["config", "extensions.worktreeConfig", "true"]);
            run(repo, &bare, &["config", "--worktree", "core.bare", "true"]);
            run(repo, &bare, &["config", "--unset", "core.bare"]);
            run(repo, &bare, &["worktree", "add", "--quiet", "-b", "linked", "../repo"]);
            repo.git(&["config", "--worktree", "core.fileMode", "false"]).succeeds();
        },
        is: |repo| repo.path.join(".git").is_file(),
        ..USUAL
    },
    Kind {
        name: "separate git folder",
        make: |repo| init(repo, &["--separate-git-dir", "elsewhere"]),
        is: |repo| repo.path.join(".git").is_file(),
        ..USUAL
    },
    Kind {
        name: "submodule",
        make: |repo| {
            origin(repo);
            run(repo, repo.outside(), &["init", "--quiet", "above"]);
            let above = repo.outside().join("above");
            run(repo, &above, &["submodule", "--quiet", "add", "../origin", "repo"]);
            repo.path = above.join("repo");
        },
        is: |repo| repo.path.join(".git").is_file(),
        ..USUAL
    },
    Kind {
        name: "precious objects",
        make: |repo| {
            init(repo, &[]);
            set(repo, "core.repositoryFormatVersion", "1");
            set(repo, "extensions.preciousObjects", "true");
        },
        ..USUAL
    },
    Kind {
        name: "names of objects by two hashes",
        make: |repo| {
            run(repo, repo.outside(), &["init", "--quiet", "--initial-branch=main", "repo"]);
            set(repo, "core.repositoryFormatVersion", "1");
            set(repo, "extensions.compatObjectFormat", "sha256");
            history(repo, &repo.path);
        },
        libgit2: false,
        since: (2, 45),
        ..USUAL
    },
    Kind {
        name: "packed",
        make: |repo| {
            init(repo, &[]);
            repo.git(&["gc", "--quiet"]).succeeds();
        },
        is: |repo| repo.path.join(".git/packed-refs").is_file() && packs(repo, "pack") == 1,
        ..USUAL
    },
    Kind {
        name: "multi-pack index and commit graph",
        make: |repo| {
            init(repo, &[]);
            repo.git(&["repack", "--quiet", "-d"]).succeeds();
            repo.stage("in/more", "more\n");
            repo.commit_unseen();
            repo.git(&["repack", "--quiet", "-d"]).succeeds();
            repo.git(&["multi-pack-index", "write"]).succeeds();
            repo.git(&["commit-graph", "write", "--reachable"]).succeeds();
        },
        is: |repo| {
            let objects = repo.path.join(".git/objects");
            packs(repo, "pack") == 2
                && objects.join("pack/multi-pack-index").is_file()
                && objects.join("info/commit-graph").is_file()
        },
        ..USUAL
    },
    Kind {
        name: "replaced objects",
        make: |repo| {
            init(repo, &[]);
            // The first commit by one with another tree, and contents by others.
            let other = repo.git(&["commit-tree", "-m", "other", "HEAD^{tree}"]).succeeds().stdout;
            repo.git(&["replace", "HEAD~1", other.trim()]).succeeds();
            repo.git(&["replace", "HEAD:out/hidden", "HEAD:in/clean"]).succeeds();
            repo.git(&["replace", "HEAD:in/mode", "HEAD:in/clean"]).succeeds();
        },
        is: |repo| repo.git(&["replace", "--list"]).stdout.lines().count() == 3,
        ..USUAL
    },
];

/// git, before there is a repository at the usual place.
#[track_caller]
fn run(repo: &Repo, folder: &Path, arguments: &[&str]) {
    repo.git_in(folder, &[], arguments).succeeds();
}

#[track_caller]
fn set(repo: &Repo, name: &str, value: &str) {
    repo.git(&["config", name, value]).succeeds();
}

fn init(repo: &Repo, options: &[&str]) {
    let init = ["init", "--quiet", "--initial-branch=main"];
    run(repo, repo.outside(), &[&init[..], options, &["repo"]].concat());
    history(repo, &repo.path);
}

/// Another repository, from which the usual one can come.
fn origin(repo: &Repo) -> PathBuf {
    let origin = repo.outside().join("origin");
    if !origin.exists() {
        run(repo, repo.outside(), &["init", "--quiet", "--initial-branch=main", "origin"]);
        run(repo, &origin, &["config", "uploadpack.allowFilter", "true"]);
        history(repo, &origin);
    }
    origin
}

fn clone(repo: &Repo, options: &[&str]) {
    let origin = origin(repo);
    // Of a path git would copy the objects as they are.
    let url = if options == ["--shared"] { "" } else { "file://" };
    let url = format!("{url}{}", origin.display());
    run(repo, repo.outside(), &[&["clone", "--quiet"], options, &[&url, "repo"]].concat());
}

fn partial(repo: &mut Repo) {
    clone(repo, &["--filter=blob:none", "--sparse"]);
    repo.git(&["sparse-checkout", "set", "--cone", "in"]).succeeds();
}

fn unreachable(repo: &Repo) {
    fs::rename(repo.outside().join("origin"), repo.outside().join("gone")).unwrap();
}

/// Two commits in `folder`, with a token in most files: what the cases need.
fn history(repo: &Repo, folder: &Path) {
    let token = repo.token("dt0c01", 1).text;
    let text = format!("one\nx={token}\nthree\n");
    let text = text.as_bytes();
    for (name, content) in [
        ("in/clean", &b"clean\n"[..]),
        ("in/lines", text),
        ("in/removed", text),
        ("in/renamed", text),
        ("in/folder/a", text),
        ("in/folder/b/c", text),
        ("in/copied", text),
        ("in/mode", text),
        ("in/endings", text),
        ("in/open", text),
        ("in/binary", &[b"\0\x01", token.as_bytes()].concat()),
        ("in/nest/a", b"nest\n"),
        ("in/flat", b"flat\n"),
        ("out/hidden", b"hidden\n"),
        ("out/deep/er", b"deeper\n"),
    ] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    run(repo, folder, &["add", "."]);
    run(repo, folder, &["commit", "--quiet", "--no-verify", "-m", "first"]);
    fs::write(folder.join("out/hidden"), "hidden\nstill\n").unwrap();
    run(repo, folder, &["commit", "--quiet", "--no-verify", "-a", "-m", "second"]);
}

fn index(repo: &Repo) -> Vec<u8> {
    let path = repo.git(&["rev-parse", "--git-path", "index"]).succeeds().stdout;
    fs::read(repo.path.join(path.trim())).unwrap()
}

fn index_holds(repo: &Repo, bytes: &[u8]) -> bool {
    index(repo).windows(bytes.len()).any(|window| window == bytes)
}

fn lacks_objects(repo: &Repo) -> bool {
    let objects = ["rev-list", "--objects", "--missing=print", "HEAD"];
    repo.git(&objects).succeeds().stdout.lines().any(|line| line.starts_with('?'))
}

fn borrows(repo: &Repo) -> bool {
    repo.path.join(".git/objects/info/alternates").is_file()
}

fn packs(repo: &Repo, extension: &str) -> usize {
    let packs = fs::read_dir(repo.path.join(".git/objects/pack")).unwrap();
    packs.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == extension)).count()
}

/// Says where, if what follows panics.
struct Place<'a>(&'a str, &'a str);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let place = format!("in a repository of the kind `{}`: {}\n", self.0, self.1);
            let _nobody_listens = std::io::Write::write_all(&mut std::io::stderr().lock(), place.as_bytes());
        }
    }
}

/// One in how many cases each kind of repository tries where a few are enough. The
/// next kind tries the next ones, so that all are tried, and each in several kinds.
const ONE_IN: usize = 5;

fn try_kind(number: usize, kind: &Kind) {
    let one_in = if effort::all() { 1 } else { ONE_IN };
    let repo = {
        let _place = Place(kind.name, "when it was made");
        Repo::made_by(kind.make)
    };
    let token = repo.token("dt0c01", 1).text;
    for (name, case) in CASES.iter().skip(number % one_in).step_by(one_in) {
        let _place = Place(kind.name, name);
        case(&repo, &token);
        repo.git(&["reset", "--quiet", "--hard"]).succeeds();
    }
    let _place = Place(kind.name, "in the end");
    assert!((kind.is)(&repo), "it is of that kind no more");
    let ran = repo.dtguard(&["hook", "--reader", "libgit2", "pre-commit"]);
    assert_eq!(ran.code != 2, kind.libgit2, "{}", ran.stderr);
}

#[test]
fn in_each_kind_of_repository_tokens_are_blocked_and_innocent_commits_pass() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        loop {
            let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(kind) = KINDS.get(number) else { return };
            if git_version() >= kind.since {
                try_kind(number, kind);
            }
        }
    };
    std::thread::scope(|scope| {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

/// Each reader by itself, and the usual choice.
const READERS: [&str; 3] = ["fastest", "libgit2", "git"];

#[test]
fn a_replaced_head_does_not_make_a_staged_token_look_committed() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", format!("x={token}\n"));
    let tree = repo.git(&["write-tree"]).stdout;
    let other = repo.git(&["commit-tree", "-m", "other", tree.trim()]).stdout;
    repo.git(&["replace", "HEAD", other.trim()]).succeeds();
    assert_eq!(repo.git(&["diff", "--cached", "--name-only"]).stdout, "", "git is deceived");
    for reader in READERS {
        repo.dtguard(&["hook", "--reader", reader, "pre-commit"]).blocks().says("a:1:3");
    }
}

#[test]
fn a_repository_that_git_refuses_is_exit_2_with_a_way_out() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", &token);
    for (settings, hint) in [
        (&[("core.repositoryFormatVersion", "2")][..], "git --version\n"),
        (&[("core.repositoryFormatVersion", "1"), ("extensions.unheardOf", "true")], "git --version\n"),
        (&[("core.repositoryFormatVersion", "1"), ("extensions.objectFormat", "md5")], "git "),
        (&[("core.bare", "nonsense")], "git "),
    ] {
        let config = repo.path.join(".git/config");
        let before = fs::read(&config).unwrap();
        for (name, value) in settings {
            repo.git(&["config", "--file", config.to_str().unwrap(), name, value]).succeeds();
        }
        assert_ne!(repo.git(&["status"]).code, 0, "git refuses it: {settings:?}");
        for reader in READERS {
            let ran = repo.dtguard(&["hook", "--reader", reader, "pre-commit"]);
            let ran = ran.refuses("cannot read this repository").says("Nothing was let through");
            assert_eq!(ran.code, 2, "{settings:?}");
            if reader != "libgit2" {
                ran.says(&format!("    {hint}"));
            }
        }
        fs::write(&config, before).unwrap();
    }
    // In the first version of the format git ignores extensions that it does not know.
    set(&repo, "extensions.unheardOf", "true");
    repo.commit().blocks().says("a:1:1");
}

#[test]
fn a_repository_of_another_user_is_refused_until_git_trusts_it() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", &token);
    let hook = |environment: &[(&str, &str)], reader| {
        repo.dtguard_in(&repo.path, environment, &["hook", "--reader", reader, "pre-commit"])
    };
    let command = format!("\n    git config --global --add safe.directory {}\n", repo.path.display());
    let global = repo.outside().join("global");
    let global = ("GIT_CONFIG_GLOBAL", global.to_str().unwrap());

    // git's own way to test this, and libgit2 knows nothing of it.
    let other_user = ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    assert_eq!(hook(&[other_user], "git").refuses("dubious ownership").says(&command).code, 2);
    repo.git_in(&repo.path, &[global], &command.split_whitespace().skip(1).collect::<Vec<_>>()).succeeds();
    assert_eq!(hook(&[other_user, global], "git").blocks().code, 1);

    if !give_away(&repo.path) {
        return;
    }
    assert_eq!(hook(&[], "git").refuses("dubious ownership").says(&command).code, 2);
    assert_eq!(hook(&[], "fastest").refuses("dubious ownership").says(&command).code, 2);
    assert_eq!(hook(&[], "libgit2").refuses("not owned").code, 2);
    for reader in READERS {
        assert_eq!(hook(&[global], reader).blocks().code, 1);
    }
    // Trusted for one command only, which libgit2 does not get to know.
    let trust = format!("safe.directory={}", repo.path.display());
    repo.git(&["-c", &trust, "commit", "-m", "m"]).blocks().says("a:1:1");
}

/// Makes all of `folder` another user's; false where this user may not.
#[cfg(unix)]
fn give_away(folder: &Path) -> bool {
    let here = std::os::unix::fs::lchown(folder, Some(12_345), None).is_ok();
    let below = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    here && below.into_iter().all(|entry| {
        if entry.file_type().unwrap().is_dir() {
            give_away(&entry.path())
        } else {
            std::os::unix::fs::lchown(entry.path(), Some(12_345), None).is_ok()
        }
    })
}

#[cfg(not(unix))]
fn give_away(_folder: &Path) -> bool {
    false
}

#[test]
fn an_object_that_is_only_in_quarantine_is_read() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let objects = repo.path.join(".git/objects");
    let quarantine = objects.join("tmp_objdir-incoming-x");
    fs::create_dir(&quarantine).unwrap();
    let variables = [
        ("GIT_OBJECT_DIRECTORY", quarantine.to_str().unwrap()),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.to_str().unwrap()),
        ("GIT_QUARANTINE_PATH", quarantine.to_str().unwrap()),
    ];
    repo.write("a", format!("x={token}\n"));
    repo.git_in(&repo.path, &variables, &["add", "a"]).succeeds();
    assert_ne!(repo.git(&["cat-file", "-e", ":a"]).code, 0, "it is nowhere else");
    for reader in READERS {
        let hook = ["hook", "--reader", reader, "pre-commit"];
        repo.dtguard_in(&repo.path, &variables, &hook).blocks().says("a:1:3");
        assert_eq!(repo.dtguard(&hook).refuses("cannot read this").says("  a (object ").code, 2);
    }
    repo.git_in(&repo.path, &variables, &["commit", "-m", "m"]).blocks().says("a:1:3");
}

/// The first command that a message offers.
#[cfg(unix)]
fn offered(message: &str) -> String {
    let line = message.lines().find_map(|line| line.strip_prefix("    ")).unwrap();
    line.to_owned()
}

#[cfg(unix)]
#[track_caller]
fn sh(repo: &Repo, command: &str) {
    let mut shell = crate::support::hermetic("sh", &repo.path);
    let output = shell.args(["-c", command]).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[cfg(unix)]
fn a_staged_file_that_a_partial_clone_lacks_is_exit_2_and_one_command_fetches_all() {
    let repo = Repo::made_by(|repo| {
        clone(repo, &["--filter=blob:none", "--sparse"]);
        repo.git(&["sparse-checkout", "set", "--cone", "in"]).succeeds();
    });
    let token = repo.token("dt0c01", 1).text;
    let origin = repo.outside().join("origin");
    for name in ["out/hidden", "out/one", "out/two"] {
        fs::write(origin.join(name), format!("{name}\nx={token}\n")).unwrap();
    }
    run(&repo, &origin, &["add", "."]);
    run(&repo, &origin, &["commit", "--quiet", "--no-verify", "-m", "third"]);
    repo.git(&["fetch", "--quiet"]).succeeds();
    // What the remote's branch has and nobody scanned yet is now staged.
    repo.git(&["read-tree", "origin/main"]).succeeds();
    let mut said = String::new();
    for reader in READERS {
        let ran = repo.dtguard(&["hook", "--reader", reader, "pre-commit"]);
        let ran = ran.refuses("cannot read these 3").says("out/hidden");
        assert_eq!(ran.code, 2);
        said = ran.stderr;
    }
    // Not while the remote is out of reach, whatever is tried.
    fs::rename(&origin, repo.outside().join("gone")).unwrap();
    repo.dtguard(&["hook", "pre-commit"]).refuses("cannot read these 3");
    fs::rename(repo.outside().join("gone"), &origin).unwrap();
    sh(&repo, &offered(&said));
    repo.commit().blocks().says("1 token in 3 places blocked");
}

#[test]
#[cfg(unix)]
fn a_head_without_its_tree_is_exit_2_and_not_a_change_that_adds_all_there_is() {
    let treeless = Repo::made_by(|repo| clone(repo, &["--filter=tree:0"]));
    treeless.git(&["reset", "--quiet", "--soft", "HEAD~1"]).succeeds();
    let mut said = String::new();
    for reader in READERS {
        let ran = treeless.dtguard(&["hook", "--reader", reader, "pre-commit"]);
        assert_eq!(ran.code, 2);
        said = ran.refuses("cannot read this repository").stderr;
    }
    sh(&treeless, &offered(&said));
    treeless.dtguard(&["hook", "pre-commit"]).succeeds().says("1 staged file with 1 added line");

    let damaged = Repo::new();
    let tree = damaged.git(&["rev-parse", "HEAD^{tree}"]).stdout;
    for lost in [tree, damaged.git(&["rev-parse", "HEAD"]).stdout] {
        let (folder, file) = lost.trim().split_at(2);
        fs::remove_file(damaged.path.join(".git/objects").join(folder).join(file)).unwrap();
        for reader in READERS {
            let ran = damaged.dtguard(&["hook", "--reader", reader, "pre-commit"]);
            let ran = ran.refuses("cannot read th");
            assert!(reader == "libgit2" || ran.stderr.contains("counts as new"), "{}", ran.stderr);
            assert_eq!(ran.says("    git ").code, 2);
        }
    }
}

#[test]
#[cfg(unix)]
fn a_committed_policy_that_a_partial_clone_lacks_is_exit_2_and_not_an_absent_policy() {
    let repo = Repo::made_by(|repo| {
        let origin = origin(repo);
        // One that blocks more than is usual.
        fs::write(origin.join(".dtguard.toml"), "version = 1\n[certainty]\nfiller = \"block\"\n").unwrap();
        run(repo, &origin, &["add", "."]);
        run(repo, &origin, &["commit", "--quiet", "--no-verify", "-m", "policy"]);
        clone(repo, &["--filter=blob:none", "--no-checkout"]);
        repo.git(&["read-tree", "HEAD"]).succeeds();
    });
    let filler = format!("dt0c01.{}.{}", "X".repeat(24), "X".repeat(64));
    put(&repo, "100644", "new", &filler);
    let mut said = String::new();
    for reader in READERS {
        let ran = repo.dtguard(&["hook", "--reader", reader, "pre-commit"]).refuses("cannot read this:");
        assert_eq!(ran.code, 2);
        said = ran.says("  .dtguard.toml (object ").stderr;
    }
    sh(&repo, &offered(&said));
    repo.commit().blocks().says("new:1:1");
}

#[test]
fn a_committed_policy_that_is_lost_is_exit_2_where_only_git_can_read_the_repository() {
    let repo = Repo::made_by(|repo| init(repo, &["--object-format=sha256"]));
    repo.stage(".dtguard.toml", "version = 1\n[certainty]\nfiller = \"block\"\n");
    repo.commit_unseen();
    let id = repo.git(&["rev-parse", "HEAD:.dtguard.toml"]).stdout;
    let (folder, file) = id.trim().split_at(2);
    repo.stage("new", format!("dt0c01.{}.{}", "X".repeat(24), "X".repeat(64)));
    repo.commit().blocks().says("new:1:1");
    fs::remove_file(repo.path.join(".git/objects").join(folder).join(file)).unwrap();
    for reader in READERS {
        let ran = repo.dtguard(&["hook", "--reader", reader, "pre-commit"]);
        assert_eq!(ran.refuses("cannot read").code, 2);
    }
    let range = [("PRE_COMMIT_FROM_REF", "HEAD~1"), ("PRE_COMMIT_TO_REF", "HEAD")];
    let ran = repo.dtguard_in(&repo.path, &range, &["hook", "pre-commit"]);
    assert_eq!(ran.refuses("cannot read this:").says("  .dtguard.toml (object ").code, 2);
}

#[test]
#[cfg(unix)]
fn a_staged_file_whose_object_is_lost_is_exit_2_and_the_way_out_works() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("lost", format!("x={token}\n"));
    let id = repo.git(&["rev-parse", ":lost"]).stdout;
    let (folder, file) = id.trim().split_at(2);
    fs::remove_file(repo.path.join(".git/objects").join(folder).join(file)).unwrap();
    for reader in READERS {
        let ran = repo.dtguard(&["hook", "--reader", reader, "pre-commit"]);
        ran.refuses("cannot read this")
            .says("  lost (object ")
            .says("git fsck --full\n")
            .says_not("partial clone");
    }
    sh(&repo, "git rm --quiet --cached lost && git add lost");
    repo.commit().blocks().says("lost:1:3");
}
