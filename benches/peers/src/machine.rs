//! What the machine says: time, memory, and how busy others keep it.

use std::{fs, time::Instant};

use serde_json::{Value, json};

/// Ticks a second of the times below `/proc`.
const TICKS: f64 = 100.0;

/// Does the work and says how many seconds it took, how many of a core this process used, and how many cores other
/// processes used meanwhile.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Value, T) {
    let (busy, own, start) = (busy(), own(), Instant::now());
    let done = work();
    let wall = start.elapsed().as_secs_f64();
    let own = self::own() - own;
    let others = ((self::busy() - busy - own) / wall).max(0.0);
    (json!([wall, own, others]), done)
}

/// `times` times; the last result.
pub(crate) fn repeated<T>(times: usize, mut work: impl FnMut() -> T) -> (Vec<Value>, Option<T>) {
    let mut last = None;
    let taken = (0..times).map(|_| {
        last = None;
        let (taken, done) = timed(&mut work);
        last = Some(done);
        taken
    });
    (taken.collect(), last)
}

/// Lets the peak of memory begin anew.
pub(crate) fn forget_peak() {
    // Without the right to do so the peak is that of the whole process, which is on the safe side.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

pub(crate) fn resident_mb() -> f64 {
    status("VmRSS:")
}

pub(crate) fn peak_mb() -> f64 {
    status("VmHWM:")
}

fn status(name: &str) -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1024.0)
}

/// Seconds that all cores worked.
fn busy() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = text.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
    let ticks: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
    let idle: f64 = ticks.iter().skip(3).take(2).sum();
    (ticks.iter().sum::<f64>() - idle) / TICKS
}

/// Seconds that this process worked.
fn own() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS
}
