//! The inputs that the fuzz targets keep, through the bodies of the targets: what they once found, and seeds that reach
//! much of the code.

#[expect(unreachable_pub, reason = "to the fuzz package it is public")]
#[path = "../../fuzz/src/targets/mod.rs"]
mod targets;

use std::{
    fs,
    path::{Path, PathBuf},
};

use self::targets::{check, config, differential, format, parse, print, sequence};

type Body = fn(&[u8]);

/// A target, its body, and the folder of its seeds: those that read rules share them.
const TARGETS: [(&str, Body, &str); 7] = [
    ("parse", parse, "rules"),
    ("print", print, "rules"),
    ("format", format, "rules"),
    ("check", check, "rules"),
    ("config", config, "config"),
    ("differential", differential, "differential"),
    ("sequence", sequence, "sequence"),
];

#[test]
fn every_kept_input_passes() {
    for (target, body, seeds) in TARGETS {
        let mut inputs = files(&format!("seeds/{seeds}"));
        // Whatever was found in a rule text is worth asking of every reader of rule texts.
        let kin = TARGETS.iter().filter(|(_, _, its)| *its == seeds);
        inputs.extend(kin.flat_map(|(name, ..)| files(&format!("regressions/{name}"))));
        assert!(!inputs.is_empty(), "{target} has no inputs");
        for input in inputs {
            let bytes = fs::read(&input).unwrap();
            // A tree at the limit of nesting is printed on a stack like that of a fuzzer.
            let replay = std::thread::Builder::new().stack_size(64 << 20);
            let outcome = replay.spawn(move || body(&bytes)).unwrap().join();
            assert!(outcome.is_ok(), "`{target}` fails on {}", input.display());
        }
    }
}

#[test]
fn every_target_is_replayed() {
    let mut names: Vec<String> = files("fuzz_targets")
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let mut replayed = TARGETS.map(|(name, ..)| name);
    replayed.sort_unstable();
    assert_eq!(names, replayed);
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}
