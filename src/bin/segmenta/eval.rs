//! `segmenta eval`

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use chrono::{DateTime, Utc};
use segmenta::{
    AsOf, Engine, Error, Evaluation, Partition, Rules, SegmentKind, Snapshot, SnapshotBuilder,
};

use crate::{
    check::no_rules,
    failure::{Done, Failure, counted, note},
    progress::Line,
    project::{Project, RuleFile, read_data},
    table::{Cell, Format, Table},
};

/// Load the data and evaluate every segment
///
/// Nothing is remembered between evaluations: static and inactive segments are evaluated as dynamic ones.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The day (its end) or the time of the evaluation, as 2026-11-01 or 2026-11-01T16:00; left out: now
    #[arg(long, value_name = "T")]
    as_of: Option<String>,
    /// Only this segment, or all parts of this partition; may be given several times
    #[arg(long = "segment", value_name = "NAME")]
    segments: Vec<String>,
    /// Evaluate this condition, as a segment called `rule`
    #[arg(long, value_name = "CONDITION")]
    rule: Option<String>,
    /// Write the members of each segment to DIR/NAME.csv, one key a line
    #[arg(long, value_name = "DIR")]
    members: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Leave out rows of the data that have errors, and report them
    #[arg(long)]
    lenient: bool,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let as_of = as_of(args.as_of.as_deref())?;
    let project = Project::open_or_report(folder)?;
    let files = project.rule_files()?;
    if files.is_empty() && args.rule.is_none() {
        return Err(no_rules(folder));
    }
    let (rules, condition) = rules(&project, &files, args)?;
    let mut shown = shown(&rules, condition.as_deref(), args)?;
    let snapshot = load(&project, args.lenient)?;
    let mut engine = Engine::new(rules, snapshot).map_err(|error| Failure::of(&error))?;
    let line = Line::new();
    engine.set_watch(line.watch());
    let evaluation = engine.evaluate(as_of);
    drop(line);
    let evaluation = evaluation.map_err(|error| Failure::of(&error))?;
    evaluation.warnings().iter().for_each(note);
    let asked = shown.len();
    for (name, why) in evaluation.failures() {
        if shown.iter().any(|segment| segment.name == name) {
            note(why);
        }
    }
    shown.retain(|segment| evaluation.members(&segment.name).is_some());
    if let Some(directory) = &args.members {
        write_members(directory, &project, &evaluation, &shown)?;
    }
    let customers = evaluation.customers();
    let mut table = Table::new(&["segment", "kind", "members", "share"]);
    for Shown { name, kind } in &shown {
        let members = evaluation.members(name).map_or(0, |members| members.len());
        let share = Cell::Share { part: members, whole: customers };
        let kind = Cell::Text((*kind).to_owned());
        table.row(vec![Cell::Text(name.clone()), kind, Cell::Count(members), share]);
    }
    table.print(args.format)?;
    note(format_args!(
        "{} of {}",
        counted(shown.len(), "segment"),
        counted(usize::try_from(customers).unwrap_or(usize::MAX), "customer"),
    ));
    if shown.len() == asked {
        return Ok(());
    }
    let failed = counted(asked.saturating_sub(shown.len()), "segment");
    Err(Failure::refused(format!("{failed} could not be evaluated")))
}

/// A segment to be printed.
struct Shown {
    name: String,
    kind: &'static str,
}

pub(crate) fn as_of(text: Option<&str>) -> Done<AsOf> {
    match text {
        // The one place that reads the clock.
        None => Ok(AsOf::Instant(DateTime::<Utc>::from(SystemTime::now()))),
        Some(text) => text.parse::<AsOf>().map_err(|_| {
            Failure::usage(format!("`--as-of`: `{text}` is neither a date nor a datetime"))
                .help("write a date or a datetime, as `2026-11-01`, `2026-11-01T16:00:00` or `2026-11-01T16:00:00Z`")
        }),
    }
}

/// The rules of the project and the name under which the condition joined them.
fn rules(project: &Project, files: &[RuleFile], args: &Args) -> Done<(Rules, Option<String>)> {
    let (mut builder, _) = project.rules(files)?;
    let mut name = None;
    if let Some(condition) = &args.rule {
        let free = if files.is_empty() {
            "rule".to_owned()
        } else {
            free_name(&builder.build().map_err(|error| Failure::of(&error))?)
        };
        builder = builder.condition(&free, condition);
        name = Some(free);
    }
    let rules = builder.build().map_err(|error| Failure::of(&error))?;
    rules.warnings().iter().for_each(note);
    Ok((rules, name))
}

/// `rule`, or `rule_2` and so on where segments of the project are called so.
fn free_name(rules: &Rules) -> String {
    let taken =
        |name: &str| rules.segments().any(|segment| segment.name().eq_ignore_ascii_case(name));
    let names = (2_u32..).map(|number| format!("rule_{number}"));
    let mut names = std::iter::once("rule".to_owned()).chain(names);
    names.find(|name| !taken(name)).unwrap_or_default()
}

/// The condition alone, unless segments are named; all segments where there is neither.
fn shown(rules: &Rules, condition: Option<&str>, args: &Args) -> Done<Vec<Shown>> {
    let mut named = Vec::new();
    for wanted in &args.segments {
        if let Some(segment) = rules.segment(wanted) {
            named.push(segment.name());
            continue;
        }
        let is_wanted = |partition: &Partition<'_>| partition.name().eq_ignore_ascii_case(wanted);
        let Some(partition) = rules.partitions().find(is_wanted) else {
            let failure = Failure::usage(format!("there is no segment `{wanted}`"));
            return Err(match rules.nearest_segment(wanted) {
                Some(near) => failure.help(format!("did you mean `{near}`?")),
                None => failure,
            });
        };
        named.extend(partition.parts().map(|part| part.name()));
    }
    let all = condition.is_none() && args.segments.is_empty();
    let wanted = |name: &str| all || condition == Some(name) || named.contains(&name);
    let segments = rules.segments().filter(|segment| wanted(segment.name()));
    Ok(segments
        .map(|segment| Shown {
            name: segment.name().to_owned(),
            kind: if segment.kind() == SegmentKind::Static { "static" } else { "dynamic" },
        })
        .collect())
}

/// The data of a project; what was found in them goes to standard error.
pub(crate) fn load(project: &Project, lenient: bool) -> Done<Snapshot> {
    load_into(project, Snapshot::builder(&project.schema), lenient)
}

/// As [`load`], into a snapshot that has begun.
pub(crate) fn load_into(
    project: &Project,
    builder: SnapshotBuilder,
    lenient: bool,
) -> Done<Snapshot> {
    let failed = |error: Error| Failure::of(&error);
    let files = project.data_files()?;
    let line = Line::new();
    let mut builder = builder.lenient(lenient).watch(line.watch());
    let read = |(table, path): &(String, PathBuf)| read_data(&mut builder, table, path);
    let snapshot = files.iter().try_for_each(read).and_then(|()| builder.build());
    drop(line);
    let snapshot = snapshot.map_err(failed)?;
    snapshot.report().warnings().iter().for_each(note);
    Ok(snapshot)
}

fn write_members(
    directory: &Path,
    project: &Project,
    evaluation: &Evaluation,
    shown: &[Shown],
) -> Done {
    fs::create_dir_all(directory).map_err(|error| Failure::file(directory, &error))?;
    for Shown { name, .. } in shown {
        let path = directory.join(format!("{name}.csv"));
        let write = || -> csv::Result<()> {
            let mut writer = csv::Writer::from_path(&path)?;
            writer.write_record([project.schema.customers_key()])?;
            for key in evaluation.keys(name).unwrap_or_default() {
                writer.write_record([key.to_string()])?;
            }
            Ok(writer.flush()?)
        };
        write().map_err(|error| Failure::file(&path, &std::io::Error::from(error)))?;
    }
    Ok(())
}
