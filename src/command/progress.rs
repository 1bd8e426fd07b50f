//! Shows the progress of long work, and stops it on Ctrl-C.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::exit::exit;
use crate::source::Watch;

/// The delay before progress is shown, and between updates.
const PATIENCE: Duration = Duration::from_millis(400);
const BEAT: Duration = Duration::from_millis(100);
/// How long stopped work may take to end. It may wait for a file system or for git.
const GRACE: Duration = Duration::from_secs(3);

/// Watches work in progress. Ctrl-C stops the work; a second Ctrl-C, or work that does not
/// stop, ends the process. A terminal shows the progress in a line.
pub(super) struct Progress {
    watch: Arc<Watch>,
    over: Arc<AtomicBool>,
    line: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts to watch work on things that are called `noun`. Prints nothing if `quiet`.
    pub(super) fn start(noun: &'static str, quiet: bool) -> Self {
        let watch = Arc::new(Watch::default());
        let over = Arc::new(AtomicBool::new(false));
        let (stopped, ended) = (Arc::clone(&watch), Arc::clone(&over));
        // Without a handler Ctrl-C ends the process, as usual.
        let _as_before = ctrlc::set_handler(move || {
            if stopped.stop.swap(true, Ordering::SeqCst) || ended.load(Ordering::SeqCst) {
                exit(130);
            }
            let ended = Arc::clone(&ended);
            // If no thread starts, a second Ctrl-C ends the process.
            let _started_or_not = thread::Builder::new().spawn(move || {
                thread::sleep(GRACE);
                if !ended.load(Ordering::SeqCst) {
                    exit(130);
                }
            });
        });
        let shows = !quiet
            && io::stderr().is_terminal()
            && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb");
        let start = || {
            let (watch, over) = (Arc::clone(&watch), Arc::clone(&over));
            thread::Builder::new().spawn(move || show(noun, &watch, &over)).ok()
        };
        let line = if shows { start() } else { None };
        Self { watch, over, line }
    }

    /// The counters of the work, and whether to stop.
    pub(super) fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    /// Removes the line. Returns whether the work was stopped.
    pub(super) fn end(self) -> bool {
        self.over.store(true, Ordering::SeqCst);
        if let Some(line) = self.line {
            line.thread().unpark();
            let _shown_or_not = line.join();
        }
        self.watch.stops()
    }
}

fn show(noun: &str, watch: &Watch, over: &AtomicBool) {
    thread::park_timeout(PATIENCE);
    let template = "{spinner} {msg} {wide_bar} {percent}%, {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::no_length().with_style(style.progress_chars("=> "));
    while !over.load(Ordering::SeqCst) {
        let [total, done, bytes] =
            [&watch.total, &watch.done, &watch.bytes].map(|number| number.load(Ordering::Relaxed));
        if total > 0 {
            let message = if watch.stops() {
                "stopping".to_owned()
            } else if done < total {
                format!("{done} of {total} {noun}, {}", HumanBytes(bytes))
            } else {
                format!("{done} {noun}, {}; tracing what was found", HumanBytes(bytes))
            };
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message(message);
            bar.tick();
        }
        thread::park_timeout(BEAT);
    }
    bar.finish_and_clear();
}
