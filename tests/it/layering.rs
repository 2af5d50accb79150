//! The shape of the project, as lists: who may import whom, who may do I/O, what the crate depends on, how long a
//! file may be.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

/// Each room and the rooms it may use. `syntax` never sees the schema; `plan` neither the syntax nor the data;
/// `exec` neither the syntax nor the check; the oracle shares nothing with `plan` and `exec` but values, the calendar
/// and the snapshot's rows. The command is a crate of its own and sees the public API alone.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &["diagnostic"]),
    ("diagnostic", &[]),
    ("value", &[]),
    ("calendar", &[]),
    ("limits", &[]),
    ("parallel", &[]),
    ("watch", &["diagnostic", "error", "parallel"]),
    ("computed", &["calendar", "parallel"]),
    ("library", &[]),
    ("docs", &["diagnostic"]),
    ("schema", &["calendar", "computed", "diagnostic", "error", "value"]),
    ("syntax", &["calendar", "diagnostic", "error", "limits"]),
    ("rule", &["calendar", "diagnostic", "schema", "value"]),
    ("lint", &["calendar", "diagnostic", "limits", "parallel", "rule", "schema", "value"]),
    (
        "check",
        &[
            "calendar",
            "diagnostic",
            "error",
            "library",
            "limits",
            "lint",
            "parallel",
            "rule",
            "schema",
            "syntax",
            "value",
        ],
    ),
    ("snapshot", &["calendar", "diagnostic", "error", "parallel", "schema", "value", "watch"]),
    (
        "ingest",
        &["calendar", "diagnostic", "error", "parallel", "schema", "snapshot", "value", "watch"],
    ),
    ("oracle", &["calendar", "computed", "rule", "schema", "snapshot", "value"]),
    ("plan", &["calendar", "rule", "schema", "value"]),
    (
        "exec",
        &[
            "calendar", "computed", "parallel", "plan", "rule", "schema", "snapshot", "value",
            "watch",
        ],
    ),
    ("segment", &["computed", "diagnostic", "exec", "rule", "schema", "snapshot", "value"]),
    (
        "engine",
        &[
            "calendar",
            "check",
            "computed",
            "diagnostic",
            "error",
            "exec",
            "limits",
            "oracle",
            "plan",
            "rule",
            "schema",
            "segment",
            "snapshot",
            "value",
            "watch",
        ],
    ),
    (
        "output",
        &[
            "calendar",
            "check",
            "diagnostic",
            "engine",
            "error",
            "exec",
            "rule",
            "schema",
            "segment",
            "snapshot",
            "value",
        ],
    ),
    (
        "store",
        &[
            "calendar",
            "check",
            "computed",
            "diagnostic",
            "engine",
            "error",
            "rule",
            "schema",
            "segment",
            "snapshot",
            "value",
        ],
    ),
    ("jobs", &["calendar", "engine", "error", "rule", "schema", "segment", "store", "watch"]),
    ("sql", &["calendar", "check", "diagnostic", "error", "plan", "rule", "schema", "value"]),
    ("catalog", &["check", "error", "rule", "schema", "snapshot", "syntax", "value"]),
    (
        "config",
        &[
            "calendar",
            "check",
            "diagnostic",
            "error",
            "limits",
            "rule",
            "schema",
            "syntax",
            "value",
        ],
    ),
    (
        "internals",
        &[
            "diagnostic",
            "engine",
            "error",
            "limits",
            "output",
            "schema",
            "store",
            "syntax",
            "value",
        ],
    ),
];

/// Words of the clock, which only the command may read.
const CLOCK: &[&str] = &["SystemTime", "Instant::now", "Utc::now", "Local::now"];

/// Words of I/O, and the rooms that may do it.
const IO: &[&str] =
    &["std::fs", "io::", "std::net", "std::process", "std::env", "File::", "println!", "eprintln!"];
const MAY_DO_IO: &[&str] = &["ingest", "output", "store", "bin"];

/// Lines of a file, without its tests.
const LINES: usize = 600;

/// What a program that uses the crate compiles: `cargo tree -e normal`.
const WITHOUT_FEATURES: &[&str] = &[
    "aho-corasick",
    "bytemuck",
    "byteorder",
    "chrono",
    "chrono-tz",
    "fearless_simd",
    "fearless_simd_macros",
    "hmac-sha256",
    "libm",
    "md5",
    "memchr",
    "nom",
    "num-traits",
    "phf",
    "phf_shared",
    "proc-macro2",
    "quote",
    "regex",
    "regex-automata",
    "regex-syntax",
    "roaring",
    "serde",
    "serde_core",
    "serde_derive",
    "siphasher",
    "syn",
    "thiserror",
    "thiserror-impl",
    "unicode-ident",
];
const BY_DEFAULT_ALSO: &[&str] =
    &["serde_spanned", "toml", "toml_datetime", "toml_parser", "winnow"];

struct Source {
    path: PathBuf,
    /// The room: the first folder or file below `src`.
    room: String,
    /// The module path below the crate's root: `["schema", "build"]`.
    module: Vec<String>,
    /// Without comments, strings and tests.
    code: String,
    lines: usize,
}

#[test]
fn a_room_uses_only_the_rooms_it_may() {
    let sources = sources();
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let roots = root_names(&sources);
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| source.room != "lib" && source.room != "bin") {
        let mut used = BTreeSet::new();
        for name in names_at_root(source) {
            // A name that `lib.rs` re-exports stands for the room it comes from.
            used.insert(roots.get(&name).cloned().unwrap_or(name));
        }
        used.remove(&source.room);
        let Some(may) = allowed.get(source.room.as_str()) else {
            wrong.push(format!(
                "{}: the room `{}` is not in the list",
                source.path.display(),
                source.room
            ));
            continue;
        };
        for room in used {
            if allowed.contains_key(room.as_str()) && !may.contains(&room.as_str()) {
                wrong.push(format!("{} uses {room}", source.path.display()));
            } else if !allowed.contains_key(room.as_str()) {
                wrong.push(format!(
                    "{} uses crate::{room}, which is no room",
                    source.path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_reads_a_clock() {
    let reads = |source: &&Source| CLOCK.iter().any(|word| source.code.contains(word));
    let wrong: Vec<_> = sources()
        .iter()
        .filter(|s| s.room != "bin")
        .filter(reads)
        .map(|s| s.path.clone())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn only_some_rooms_do_io() {
    for source in sources().iter().filter(|source| !MAY_DO_IO.contains(&source.room.as_str())) {
        // What a file system answered may be handed in and on; these names ask nothing of one.
        let answers = ["io::ErrorKind", "io::Error", "io::Result"];
        let code = answers.iter().fold(source.code.clone(), |code, name| code.replace(name, ""));
        let found: Vec<_> = IO.iter().filter(|word| has_word(&code, word)).collect();
        assert!(found.is_empty(), "{}: {found:?}", source.path.display());
    }
}

/// Whether the word stands there, not as the end of a longer one.
fn has_word(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(is_part))
}

#[test]
fn no_file_is_long() {
    let long: Vec<_> =
        sources().iter().filter(|s| s.lines > LINES).map(|s| (s.path.clone(), s.lines)).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn dependencies_are_these_and_no_others() {
    let without: BTreeSet<String> = WITHOUT_FEATURES.iter().map(ToString::to_string).collect();
    let mut by_default = without.clone();
    by_default.extend(BY_DEFAULT_ALSO.iter().map(ToString::to_string));
    assert_eq!(tree(&["--no-default-features"]), without);
    assert_eq!(tree(&[]), by_default);
}

fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--prefix", "none", "--locked", "--offline"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let names = text.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "segmenta").map(str::to_owned).collect()
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut texts = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                texts.insert(path.clone(), blank(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let modules: BTreeMap<PathBuf, Vec<String>> = texts
        .keys()
        .map(|path| {
            let parts = path.strip_prefix(&root).unwrap().with_extension("");
            let mut parts: Vec<_> =
                parts.iter().map(|p| p.to_string_lossy().into_owned()).collect();
            parts.pop_if(|last| last == "mod");
            (path.clone(), parts)
        })
        .collect();
    // Modules that exist only in tests, with all below them.
    let mut tests: Vec<Vec<String>> = Vec::new();
    for (path, text) in &texts {
        for (_, after) in
            text.match_indices("#[cfg(test)]").map(|(at, word)| text.split_at(at + word.len()))
        {
            // `mod tests;`, visible or not.
            if let Some(line) = after.trim_start().lines().next()
                && let Some((_, name)) = line.split_once("mod ")
                && let Some(name) = name.strip_suffix(';')
            {
                let mut module = modules[path].clone();
                module.push(name.trim().to_owned());
                tests.push(module);
            }
        }
    }
    texts
        .iter()
        .filter(|(path, _)| !tests.iter().any(|test| modules[*path].starts_with(test)))
        .map(|(path, text)| {
            let code = without_test_module(text).to_owned();
            let module = modules[path].clone();
            let lines = code.lines().count();
            Source { path: path.clone(), room: module[0].clone(), module, code, lines }
        })
        .collect()
}

/// Everything before a module of tests at the end of the file.
fn without_test_module(text: &str) -> &str {
    let inline = text.match_indices("#[cfg(test)]").find(|(at, word)| {
        let after = text[at + word.len()..].trim_start();
        after.starts_with("mod ") && after.find('{') < after.find(';')
    });
    inline.map_or(text, |(at, _)| &text[..at])
}

/// The text with comments and the insides of strings blanked out, line by line as long as before.
fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if c == '"' {
            string_length(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            0
        };
        if skipped > 0 {
            out.extend(rest[..skipped].chars().filter(|c| *c == '\n'));
            out.push(' ');
            rest = &rest[skipped..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == '"' && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// The names that `lib.rs` re-exports, each with its room.
fn root_names(sources: &[Source]) -> BTreeMap<String, String> {
    let lib = sources.iter().find(|source| source.room == "lib").expect("src/lib.rs");
    let mut names = BTreeMap::new();
    for statement in lib.code.split(';') {
        let Some((_, path)) = statement.split_once("use ") else { continue };
        let Some((room, rest)) = path.trim().split_once("::") else { continue };
        for name in rest.trim_matches(['{', '}', ' ', '\n']).split(',') {
            names.insert(name.trim().to_owned(), room.to_owned());
        }
    }
    names
}

/// The first names of all paths from the crate's root: of `crate::…`, and of `super::…` that reaches it.
fn names_at_root(source: &Source) -> BTreeSet<String> {
    let code: String = source.code.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        names.extend(first_names(&code[at + "crate::".len()..]));
    }
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with("::") {
            continue;
        }
        let mut rest = &code[at..];
        let mut depth = source.module.len();
        while let Some(after) = rest.strip_prefix("super::") {
            rest = after;
            depth -= 1;
        }
        if depth == 0 {
            names.extend(first_names(rest));
        }
    }
    names
}

/// `a` of `a::b`; `a` and `c` of `{a::{b}, c}`.
fn first_names(path: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(list) = path.strip_prefix('{') else { return vec![word(path)] };
    let (mut names, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(word(&list[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn paths_are_read_rightly() {
    let source = |code: &str| Source {
        path: PathBuf::new(),
        room: "a".to_owned(),
        module: vec!["a".to_owned(), "b".to_owned()],
        code: blank(code),
        lines: 1,
    };
    let names = |code: &str| names_at_root(&source(code)).into_iter().collect::<Vec<_>>();
    assert_eq!(names("use crate::{\n  x::{y, z},\n  w,\n};"), ["w", "x"]);
    assert_eq!(names("fn f() -> crate::v::T { super::super::u::g(super::h()) }"), ["u", "v"]);
    assert_eq!(names("// crate::x\nlet s = \"crate::y \\\" crate::z\";"), [""; 0]);
}
