//! One line on a terminal that says how far long work is.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex, TryLockError},
    time::{Duration, Instant},
};

use segmenta::{Progress, Unit, Watch};

/// Short work shows no line, and no line changes faster than eyes can follow.
const FIRST: Duration = Duration::from_millis(300);
const NEXT: Duration = Duration::from_millis(100);

/// The line; it is wiped out with its owner, and is on standard error only where that is a terminal.
pub(crate) struct Line {
    shown: Option<Arc<Mutex<Shown>>>,
}

struct Shown {
    next: Instant,
    is_drawn: bool,
}

impl Line {
    pub(crate) fn new() -> Self {
        let is_plain = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let shown = Shown { next: Instant::now() + FIRST, is_drawn: false };
        let is_seen = io::stderr().is_terminal() && !is_plain;
        Self { shown: is_seen.then(|| Arc::new(Mutex::new(shown))) }
    }

    pub(crate) fn watch(&self) -> Watch {
        let Some(shown) = self.shown.clone() else { return Watch::new() };
        Watch::new().on_progress(move |progress| {
            // Another thread is drawing: what it says is as good.
            let Ok(mut shown) = shown.try_lock() else { return };
            let now = Instant::now();
            if now >= shown.next {
                (shown.next, shown.is_drawn) = (now + NEXT, true);
                draw(&text(progress));
            }
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let Some(shown) = &self.shown else { return };
        let is_drawn = match shown.try_lock() {
            Ok(shown) => shown.is_drawn,
            Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => true,
        };
        if is_drawn {
            draw("");
        }
    }
}

/// The text in place of the line. Nobody is left to tell when that fails.
fn draw(text: &str) {
    let _ = write!(io::stderr(), "\r{text}\x1b[K").and_then(|()| io::stderr().flush());
}

/// `evaluating [====      ] 40 %`, in no more than 80 columns unless names are long.
fn text(progress: &Progress<'_>) -> String {
    const WIDTH: u64 = 30;
    let (work, done) = (progress.work, progress.done);
    match progress.total.filter(|total| *total > 0) {
        Some(total) => {
            let done = done.min(total);
            let part =
                |of: u64| u64::try_from(u128::from(done) * u128::from(of) / u128::from(total));
            let (bar, percent) = (part(WIDTH).unwrap_or(0), part(100).unwrap_or(0));
            let bar: String = (0..WIDTH).map(|at| if at < bar { '=' } else { ' ' }).collect();
            format!("{work} [{bar}] {percent:>3} %")
        }
        None if progress.unit == Unit::Bytes => format!("{work} {} MB", done / 1_000_000),
        None => format!("{work} {done} {}", progress.unit),
    }
}
