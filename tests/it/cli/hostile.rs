//! Files that are meant to hurt, checked in a child process that may hold 100 MiB: each ends soon, with an error that
//! says what is wrong.
//!
//! The bound on time is for a command that is not optimised. RELEASE_FIGURES
#![cfg(target_os = "linux")]

use std::{
    fmt::Write as _,
    process::{Command, Stdio},
};

use super::Folder;

const SCHEMA: &str = include_str!("../../../fuzz/src/shop/segmenta.toml");
/// Of a processor's time, in seconds.
const TIME: u32 = 20;
/// Of private memory that can be written, stacks included, in KiB.
const MEMORY: u32 = 100 << 10;

/// Checks one file; its errors must have these codes, warnings aside.
fn check(what: &str, file: impl AsRef<[u8]>, codes: &[&str]) {
    let (found, shown) = run(what, file.as_ref());
    assert_eq!(found, codes, "{what}\n{shown}");
}

/// The codes of its errors, and the first of what is shown.
fn run(what: &str, file: &[u8]) -> (Vec<String>, String) {
    let folder = Folder::new(&[("segmenta.toml", SCHEMA)]);
    folder.write("a.seg", file);
    let output = Command::new("sh")
        .args(["-c", &format!("ulimit -d {MEMORY} && ulimit -t {TIME} && exec \"$0\" check")])
        .arg(env!("CARGO_BIN_EXE_segmenta"))
        .current_dir(&folder.path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let shown: String = out.chars().take(500).collect();
    let err = String::from_utf8_lossy(&output.stderr);
    let mut found: Vec<String> = out
        .lines()
        .filter_map(|line| Some(line.strip_prefix("error[")?.split_once(']')?.0.to_owned()))
        .collect();
    found.sort_unstable();
    found.dedup();
    let code = i32::from(!found.is_empty());
    assert_eq!(output.status.code(), Some(code), "{what}: {:?} {err}\n{shown}", output.status);
    (found, shown)
}

fn segment(condition: &str) -> String {
    format!("segment a {{ include {condition} }}")
}

/// `{0}` stands for a number in the lines of 60, `{1}` for the one before.
fn sixty(first: &str, line: &str, last: &str) -> String {
    let mut text = format!("{first}\n");
    for number in 1..60 {
        let line = line.replace("{0}", &number.to_string());
        text += &line.replace("{1}", &(number - 1).to_string());
        text.push('\n');
    }
    text + last
}

#[test]
fn long_conditions() {
    check("1 MB of alternatives", segment(&"points = 1 or ".repeat(75_000)), &["E0101", "E0602"]);
    let string = format!("country = '{}'", "x".repeat(1 << 20));
    check("1 MB of string", segment(&string), &["E0602"]);
    let list = |item: &str, count: usize| format!("points in ({})", vec![item; count].join(","));
    check("100,000 values", segment(&list("1", 100_000)), &["E0604"]);
    check("a million values", segment(&list("1000000", 1_000_000)), &["E0604"]);
    check("all that may be", segment(&list("1234", 50_000)), &[]);
    let numbers: String = (0..17_000).map(|number| format!("points = {number} or ")).collect();
    check("17,000 alternatives", segment(&format!("{numbers}active")), &["E0602"]);
    let numbers: String = (0..13_000).map(|number| format!("points = {number} or ")).collect();
    check("13,000 alternatives", segment(&format!("{numbers}active")), &[]);
    check("a chain of calculations", segment(&format!("points{} > 1", " + 1".repeat(60_000))), &[]);
    let mixed = "active and points > 1 or ".repeat(10_000);
    check("a chain of `and` and `or`", segment(&format!("{mixed}active")), &[]);
}

#[test]
fn deep_conditions() {
    let brackets = format!("{}points = 1{}", "(".repeat(100_000), ")".repeat(100_000));
    check("100,000 brackets", segment(&brackets), &["E0603"]);
    check("100,000 open brackets", segment(&"(".repeat(100_000)), &["E0603"]);
    check("`not` after `not`", segment(&format!("{}active", "not ".repeat(60_000))), &["E0603"]);
    check("`-` after `-`", segment(&format!("{}points > 1", "- ".repeat(100_000))), &["E0603"]);
    check(
        "more `not`",
        segment(&format!("{}active", "not ".repeat(1_200_000))),
        &["E0602", "E0603"],
    );
    let calls = format!("{}points{} > 1", "abs(".repeat(40_000), ")".repeat(40_000));
    check("40,000 calls", segment(&calls), &["E0603"]);
    check(
        "comparisons of comparisons",
        segment(&format!("points{}", " < 1".repeat(60_000))),
        &["E0109"],
    );
}

#[test]
fn numbers_and_offsets() {
    let digits = "9".repeat(10_000);
    check("10,000 digits", segment(&format!("points > {digits}")), &["E0105"]);
    check("10,000 decimals", segment(&format!("points > 0.{digits}")), &["E0105"]);
    check("a long offset", segment(&format!("birthday < {digits} days ago")), &["E0105"]);
    check("a far offset", segment("birthday < 99999999999 days ago"), &["E0401"]);
    let digits = "9".repeat(16_000_000);
    check("16 million digits", segment(&format!("points > {digits}")), &["E0105", "E0602"]);
}

#[test]
fn patterns() {
    let matches = |pattern: &str| segment(&format!("email matches '{pattern}'"));
    check("repeated repetition", matches("(a{1000}){1000}"), &["E0607"]);
    check("repeated letters", matches(r"\\w{1000}"), &["E0607"]);
    check("many alternatives", matches(&"(a|b|[^c]){1,1000}".repeat(1_000)), &["E0607"]);
    let brackets = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
    check("100,000 brackets", matches(&brackets), &["E0607"]);
    check("100,000 open brackets", matches(&"(".repeat(100_000)), &["E0607"]);
    check("a long pattern", matches(&"a".repeat(250_000)), &["E0607"]);
    check("repeated stars", matches("(((a*)*)*)*b"), &[]);
    let segments = |pattern: &str| {
        let segment =
            |number| format!("segment s{number} {{ include email matches '{pattern}{number}' }}\n");
        (0..2_000).map(segment).collect::<String>()
    };
    check("2,000 large patterns", segments(r"(\\w{20}){5}"), &["E0607"]);
    check("2,000 small patterns", segments("^a.*b"), &[]);
}

#[test]
fn lets_that_double_sixty_times() {
    let points = "segment a { include d59 > 5 }";
    check("a value", sixty("let d0 = points", "let d{0} = d{1} + d{1}", points), &["E0606"]);
    let active = "segment a { include d59 }";
    check("a condition", sixty("let d0 = active", "let d{0} = d{1} and d{1}", active), &["E0606"]);
    let of_points = "segment a { include d59(points) > 5 }";
    let calls = "let d{0}(x) = d{1}(d{1}(x))";
    check("calls in calls", sixty("let d0(x) = x + x", calls, of_points), &["E0603"]);
    let twice = "let d{0}(x) = d{1}(x + x)";
    check("a parameter used twice", sixty("let d0(x) = x + x", twice, of_points), &["E0606"]);
    let two = "let d{0}(x, y) = d{1}(x + y, y + x)";
    let of_two = "segment a { include d59(points, points) > 5 }";
    check("two parameters", sixty("let d0(x, y) = x + y", two, of_two), &["E0606"]);
    let unused = sixty("let d0(x, y) = points", two, of_two);
    check("two parameters that nothing uses", unused, &[]);
    let amounts = "let d{0}(n) = d{1}(n) + d{1}(n)";
    let first = "let d0(n) = count(orders where at within last n days)";
    check("amounts", sixty(first, amounts, "segment a { include d59(3) > 5 }"), &["E0606"]);
    let filter = sixty(
        "let d0 = status = 'a'",
        "let d{0} = d{1} or not d{1}",
        "segment a { include count(orders where d59) > 5 }",
    );
    check("a row filter", filter, &["E0606"]);
    let idle = sixty("let d0 = points", "let d{0} = d{1} + d{1}", "segment a { include active }");
    check("definitions that nobody uses", idle, &[]);
    let parts = "partition p { a when d59, b when d58, c otherwise }";
    check("parts", sixty("let d0 = active", "let d{0} = d{1} or d{1}", parts), &["E0606"]);
    let segments: String =
        (0..60).map(|number| format!("segment s{number} {{ include d{number} > 1 }}\n")).collect();
    let text = sixty("let d0 = points", "let d{0} = d{1} + d{1}", &segments);
    check("sixty segments", text, &["E0606", "E0608"]);
    let segments: String =
        (0..10_000).map(|number| format!("segment s{number} {{ include d59 > 1 }}\n")).collect();
    let text = sixty("let d0 = points", "let d{0} = d{1} + d{1}", &segments);
    check("10,000 segments", text, &["E0606", "E0608"]);
}

#[test]
fn parts_that_grow() {
    let parts: String = (0..5_000).map(|part| format!("p{part} when points > {part}, ")).collect();
    check("5,000 parts", format!("partition p {{ {parts}rest otherwise }}"), &["E0606"]);
    let parts: String = (0..400).map(|part| format!("p{part} when d8, ")).collect();
    let text =
        sixty("let d0 = active", "let d{0} = d{1} or d{1}", &format!("partition p {{ {parts} }}"));
    check("400 large parts", text, &["E0606"]);
}

#[test]
fn definitions_that_go_on_and_on() {
    let mut lets = String::from("let d0 = points\n");
    let mut back = String::new();
    let mut ring = String::new();
    let mut segments = String::from("segment s0 { include active }\n");
    let mut circle = String::new();
    for number in 1..20_000 {
        let before = number - 1;
        writeln!(lets, "let d{number} = d{before}").unwrap();
        writeln!(back, "let d{before} = d{number}").unwrap();
        writeln!(segments, "segment s{number} {{ include in segment s{before} }}").unwrap();
        writeln!(circle, "segment s{number} {{ include in segment s{before} }}").unwrap();
    }
    write!(ring, "{lets}").unwrap();
    let ring = ring.replacen("let d0 = points", "let d0 = d19999", 1);
    let last = "segment a { include d19999 > 1 }";
    check("a chain of `let`s", format!("{lets}{last}"), &["E0603"]);
    check(
        "a chain of `let`s turned round",
        format!("{back}let d19999 = points\nsegment a {{ include d0 > 1 }}"),
        &["E0603"],
    );
    check("a circle of `let`s", format!("{ring}{last}"), &["E0603"]);
    check("a chain of segments", &segments, &[]);
    check(
        "a circle of segments",
        format!("{circle}segment s0 {{ include in segment s19999 }}"),
        &["E0209"],
    );
}

#[test]
fn garbage_of_16_mib() {
    const SIZE: usize = 16 << 20;
    // A fixed sequence of numbers (Knuth's MMIX generator).
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let bytes: Vec<u8> = (0..SIZE).map(|_| u8::try_from(next(256)).unwrap()).collect();
    check("bytes", &bytes, &["E0115"]);
    let letters: Vec<u8> = (0..SIZE).map(|_| u8::try_from(32 + next(95)).unwrap()).collect();
    assert!(!run("letters and signs", &letters).0.is_empty());
    let words =
        ["and ", "or ", "(", ")", "segment ", "let ", "= ", "a ", "1 ", "'x' ", "{", "}", ", "];
    let mut text = String::new();
    while text.len() < SIZE - 10 {
        text.push_str(words[usize::try_from(next(13)).unwrap()]);
    }
    assert!(!run("words", text.as_bytes()).0.is_empty());
    for (part, codes) in [
        ("(", &["E0101"][..]),
        ("{", &["E0101"]),
        ("a ", &["E0101"]),
        ("1,", &["E0101"]),
        ("a.", &["E0101"]),
        ("not ", &["E0101"]),
        ("'", &["E0101"]),
        ("`", &["E0112", "E0813"]),
        ("\n", &["E0114"]),
        ("#\n", &[]),
        ("\u{1F382}", &["E0102"]),
    ] {
        check(&format!("`{part}` all over"), part.repeat(SIZE / part.len()), codes);
    }
    let begun = "segment a { include ".repeat(20_000);
    check("segments that only begin", begun, &["E0101", "E0207", "E0813"]);
    check("one byte too many", "x".repeat(SIZE + 1), &["E0601"]);
}
