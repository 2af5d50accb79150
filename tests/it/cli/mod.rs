//! The command, driven from outside.

mod catalog;
mod check;
mod eval;
mod explain;
mod export;
mod fmt;
mod hostile;
mod init;
mod model;
mod sql;
mod stored;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// A folder of its own for one test, with the given files.
struct Folder {
    path: PathBuf,
}

/// What a run of the command left behind.
#[derive(Debug)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

const SCHEMA: &str = r#"timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "created_on"
[customers.columns]
id = "text"
country = "text"
created_on = "date"
[tables.orders]
customer = "customer"
time = "ordered_at"
[tables.orders.columns]
customer = "text"
ordered_at = "datetime"
total = "decimal(2)"
[data]
customers = "customers.csv"
orders = "orders.csv"
"#;

const CUSTOMERS: &str = "id,country,created_on\n\
                         \"c, 1\",SE,2020-01-01\n\
                         b2,SE,2020-01-01\n\
                         a3,NO,2020-01-01\n\
                         late,SE,2026-06-02\n";

const ORDERS: &str = "customer,ordered_at,total\n\
                      \"c, 1\",2026-05-01T10:00:00,100.50\n\
                      \"c, 1\",2026-05-20T10:00:00,50\n\
                      a3,2026-05-31T23:30:00,10\n";

const RULES: &str = "\
dynamic segment swedes {\n  include country = 'SE'\n}\n\n\
static segment buyers \"Bought something\" {\n  include exists(orders)\n}\n";

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cli-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        let folder = Self { path };
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    /// A whole project: four customers as of June 2026, one of them created on the second.
    fn project() -> Self {
        Self::new(&[
            ("segmenta.toml", SCHEMA),
            ("customers.csv", CUSTOMERS),
            ("orders.csv", ORDERS),
            ("rules.seg", RULES),
        ])
    }

    fn with(self, name: &str, text: &str) -> Self {
        self.write(name, text.as_bytes());
        self
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path.join(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name)).unwrap()
    }

    /// A path inside, as text.
    fn at(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    /// The command, started in the folder.
    fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, "")
    }

    fn run_with(&self, args: &[&str], input: &str) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_segmenta"))
            .args(args)
            .current_dir(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    let folder = Folder::project();
    for args in [
        &[][..],
        &["evaluate"],
        &["eval", "--fromat", "csv"],
        &["check", "--format", "csv"],
        &["eval", "--as-of", "yesterday"],
        &["eval", "--as-of", "2026-02-30"],
        &["eval", "--segment", "sweds"],
    ] {
        let run = folder.run(args);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}: {run:?}");
        assert!(!run.err.is_empty());
    }
    assert_eq!(folder.run(&["--help"]).code, 0);
    assert_eq!(folder.run(&["--version"]).code, 0);
}

#[test]
fn a_folder_without_a_schema_is_told_from_one_with_a_bad_one() {
    let folder = Folder::new(&[("a.seg", RULES)]);
    for command in ["check", "eval"] {
        let run = folder.run(&[command]);
        assert_eq!((run.code, run.out.as_str()), (3, ""), "{run:?}");
        assert!(run.err.contains("`segmenta.toml`") && run.err.contains("= help:"), "{run:?}");
    }
    assert_eq!(folder.run(&["-C", "nowhere", "check"]).code, 3);

    let folder = folder
        .with("segmenta.toml", "[customers]\nkey = \"id\"\n[customers.columns]\nid = \"string\"\n");
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("error[E0703]: unknown type `string`"), "{run:?}");
    assert!(run.out.contains("--> segmenta.toml:4:6"), "{run:?}");
    let run = folder.run(&["eval"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("did you mean `text`?"), "{run:?}");
    folder.write("segmenta.toml", b"\xff\xfe");
    assert_eq!(folder.run(&["check"]).code, 1);
    folder.write("segmenta.toml", b"# \xc3\xa5\n# \xc3\xa5\xff");
    let run = folder.run(&["check"]);
    assert!(run.err.contains("--> segmenta.toml:2:4\n"), "{run:?}");
}

#[test]
fn a_project_without_rules_says_so() {
    let folder = Folder::new(&[("segmenta.toml", SCHEMA)]);
    for command in ["check", "eval", "fmt"] {
        let run = folder.run(&[command]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains("no rule files"), "{run:?}");
    }
}
