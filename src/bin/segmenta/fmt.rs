//! `segmenta fmt`

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{
    check::no_rules,
    failure::{Done, Failure, counted, note, print},
    project::{NOT_TEXT, RuleFile, named, read_rules, rule_paths, text_of},
};

/// Bring rule files into the canonical layout
///
/// Files are rewritten in place; `-` reads standard input and writes standard output.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Change nothing; end with exit code 1 where a file is laid out otherwise
    #[arg(long)]
    check: bool,
    /// The files, or `-`; left out: all `*.seg` of the project folder
    #[arg(value_name = "FILES")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let paths = if args.files.is_empty() {
        rule_paths(folder)?
    } else {
        args.files
            .iter()
            .map(|path| if is_input(path) { path.clone() } else { named(folder, path) })
            .collect()
    };
    if paths.is_empty() {
        return Err(no_rules(folder));
    }
    let count = paths.len();
    let is_filter = !args.check && paths.iter().all(|path| is_input(path));
    let (mut changed, mut refused) = (0, 0);
    for path in paths {
        let input = is_input(&path);
        let file = if input { read_input()? } else { read_rules(path)? };
        let Some((text, formatted)) = formatted(&file) else {
            refused += 1;
            continue;
        };
        let differs = text != formatted;
        changed += usize::from(differs);
        if args.check {
            if differs {
                note(format_args!("`{}` is not in the canonical layout", file.name()));
            }
        } else if input {
            print(&formatted)?;
        } else if differs {
            replace(&file.path, &formatted).map_err(|error| Failure::file(&file.path, &error))?;
        }
    }
    let verb = if args.check { "would change" } else { "changed" };
    let order = count - changed - refused;
    let errors = if refused > 0 { format!(", {refused} with errors") } else { String::new() };
    if !is_filter {
        note(format_args!("{} {verb}, {order} in order{errors}", counted(changed, "file")));
    }
    if refused > 0 || (args.check && changed > 0) { Err(Failure::refused("")) } else { Ok(()) }
}

fn is_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn read_input() -> Done<RuleFile> {
    let path = PathBuf::from("<standard input>");
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Failure::file(&path, &error))?;
    Ok(RuleFile { path, bytes })
}

/// The text of a file and its canonical layout; `None` where it was refused, which is told.
fn formatted(file: &RuleFile) -> Option<(&str, String)> {
    let text = match text_of(&file.bytes) {
        Ok(text) => text,
        Err((line, column)) => {
            let place = format!("{}:{line}:{column}", file.name());
            note(format_args!(
                "error[E0115]: {NOT_TEXT}\n --> {place}\n  = help: save it as UTF-8"
            ));
            return None;
        }
    };
    match segmenta::format(&file.name(), text) {
        Ok(formatted) => Some((text, formatted)),
        Err(error) => {
            note(error);
            None
        }
    }
}

/// Puts a text in the place of a file, which is never there by half.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = fs::write(&beside, text)
        .and_then(|()| fs::set_permissions(&beside, fs::metadata(&path)?.permissions()))
        .and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
