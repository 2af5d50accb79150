//! `segmenta check`

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use segmenta::{Diagnostic, Location, Severity};
use serde_json::Value;

use crate::{
    failure::{Done, Failure, counted, note, print},
    project::{NotOpened, Problem, Project, RuleFile, SCHEMA_FILE, named, read_rules},
};

/// Parse and type-check every rule
///
/// Findings go to standard output.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only findings in these files; left out: all `*.seg` of the project folder
    #[arg(value_name = "FILES")]
    files: Vec<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// End with exit code 1 on warnings too
    #[arg(long)]
    deny_warnings: bool,
    /// Compare segments with each other too, and look into those they refer to
    #[arg(long)]
    deep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines and carets
    Text,
    /// One object a line
    Json,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let project = match Project::open(folder) {
        Ok(project) => project,
        Err(NotOpened::Failure(failure)) => return Err(failure),
        Err(NotOpened::Schema(found)) => return tell(&[], &found, 1, args),
    };
    let mut files = project.rule_files()?;
    let named = add_named(folder, args, &project, &mut files)?;
    if files.is_empty() {
        return Err(no_rules(folder));
    }
    let (rules, used) = project.rules(&files)?;
    let rules = rules.deep(args.deep);
    let mut found = rules.check();
    let mut count = files.len() + used;
    if !args.files.is_empty() {
        // What is wrong in the schema is wrong for every file.
        let is_named = |place: &Location| {
            named.contains_key(&place.file) || place.file.starts_with(SCHEMA_FILE)
        };
        found.retain(|found| found.location.as_ref().is_none_or(is_named));
        count = named.len();
    }
    for place in found.iter_mut().flat_map(|found| [&mut found.location, &mut found.used_at]) {
        if let Some(place) = place
            && let Some(name) = named.get(&place.file)
        {
            place.file.clone_from(name);
        }
    }
    tell(&project.unknown_tables()?, &found, count, args)
}

/// That a project has no rules.
pub(crate) fn no_rules(folder: Option<&Path>) -> Failure {
    let folder = folder.unwrap_or(Path::new("."));
    Failure::refused(format!("`{}` has no rule files (`*.seg`)", folder.display()))
        .help("write one, as `vip.seg` with `segment vip { include country = 'SE' }`")
}

/// The files that were asked for, by their names among all files, each with the name it was asked for, under which it is
/// told. Those of other folders join the project's.
fn add_named(
    folder: Option<&Path>,
    args: &Args,
    project: &Project,
    files: &mut Vec<RuleFile>,
) -> Done<HashMap<String, String>> {
    let mut names = HashMap::new();
    for path in &args.files {
        let path = named(folder, path);
        let whole = path.canonicalize().map_err(|error| Failure::file(&path, &error))?;
        let known = files.iter().find(|file| file.path.canonicalize().is_ok_and(|of| of == whole));
        let name = match known {
            Some(file) => file.name(),
            None => {
                let mut file = read_rules(path.clone())?;
                // Files that use it know it by its place in the project.
                file.path = project.path_inside(&whole).unwrap_or(file.path);
                let name = file.name();
                files.push(file);
                name
            }
        };
        names.insert(name, path.display().to_string());
    }
    Ok(names)
}

fn tell(problems: &[Problem], found: &[Diagnostic], files: usize, args: &Args) -> Done {
    let mut text = String::new();
    for problem in problems {
        match args.format {
            Format::Text => text.push_str(&format!("{problem}\n\n")),
            Format::Json => text.push_str(&format!("{}\n", problem_as_json(problem))),
        }
    }
    for found in found {
        match args.format {
            Format::Text => text.push_str(&format!("{found}\n\n")),
            Format::Json => text.push_str(&format!("{}\n", as_json(found))),
        }
    }
    print(&text)?;
    let refused = found.iter().filter(|found| found.severity == Severity::Error).count();
    let warnings = found.len() - refused;
    let errors = problems.len() + refused;
    let problems = match (errors, warnings) {
        (0, 0) => "no problems".to_owned(),
        (_, 0) => counted(errors, "error"),
        (0, _) => counted(warnings, "warning"),
        _ => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    note(format_args!("{problems} in {}", counted(files, "file")));
    if errors > 0 || (args.deny_warnings && warnings > 0) {
        Err(Failure::refused(""))
    } else {
        Ok(())
    }
}

fn as_json(found: &Diagnostic) -> String {
    let severity = if found.severity == Severity::Error { "error" } else { "warning" };
    let place = found.location.as_ref();
    let file = place.map(|place| place.file.as_str());
    let number = |of: fn(&Location) -> usize| Value::from(place.map(of));
    let fields = [
        ("code", Value::from(found.code.as_str())),
        ("severity", Value::from(severity)),
        ("file", Value::from(file)),
        ("line", number(|place| place.line)),
        ("column", number(|place| place.column)),
        ("end_line", number(|place| place.end_line)),
        ("end_column", number(|place| place.end_column)),
        ("message", Value::from(found.message.as_str())),
        ("help", Value::from(help(found))),
    ];
    object(&fields)
}

/// The help, and where the `let` is used whose body is wrong, which has no field of its own.
fn help(found: &Diagnostic) -> Option<String> {
    let used = |place: &Location| format!("used at {}:{}:{}", place.file, place.line, place.column);
    match (&found.help, found.used_at.as_ref().map(used)) {
        (Some(help), Some(used)) => Some(format!("{help}; {used}")),
        (help, used) => help.clone().or(used),
    }
}

fn problem_as_json(problem: &Problem) -> String {
    let (start, end) = problem.place.unzip();
    object(&[
        ("code", Value::from(problem.code)),
        ("severity", Value::from("error")),
        ("file", Value::from(problem.file.as_str())),
        ("line", Value::from(start.map(|(line, _)| line))),
        ("column", Value::from(start.map(|(_, column)| column))),
        ("end_line", Value::from(end.map(|(line, _)| line))),
        ("end_column", Value::from(end.map(|(_, column)| column))),
        ("message", Value::from(problem.message.as_str())),
        ("help", Value::from(problem.help.as_str())),
    ])
}

fn object(fields: &[(&str, Value)]) -> String {
    let fields: Vec<String> =
        fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}
