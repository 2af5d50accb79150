//! The command `segmenta`: rules written, checked and tried outside a program.

mod catalog;
mod check;
mod eval;
mod explain;
mod failure;
mod fmt;
mod init;
mod model;
mod progress;
mod project;
mod sql;
mod stored;
mod table;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Customer segments from rules: writes, checks and tries them.
///
/// A project folder holds `segmenta.toml` (the schema and where the data is) and one or more `*.seg` files.
///
/// Exit code 0: done; 1: the rules or the data have errors; 2: wrong usage; 3: a file cannot be opened, read or
/// written.
#[derive(Debug, Parser)]
#[command(name = "segmenta", version)]
struct Cli {
    /// The project folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    folder: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Check(check::Args),
    Fmt(fmt::Args),
    Eval(eval::Args),
    Explain(explain::Args),
    Catalog(catalog::Args),
    Model(model::Args),
    Refresh(stored::refresh::Args),
    List(stored::list::Args),
    History(stored::history::Args),
    Customer(stored::customer::Args),
    Export(stored::export::Args),
    Sql(sql::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let folder = cli.folder.as_deref();
    let done = match cli.command {
        Command::Init(args) => init::run(folder, &args),
        Command::Check(args) => check::run(folder, &args),
        Command::Fmt(args) => fmt::run(folder, &args),
        Command::Eval(args) => eval::run(folder, &args),
        Command::Explain(args) => explain::run(&args),
        Command::Catalog(args) => catalog::run(folder, &args),
        Command::Model(args) => model::run(folder, &args),
        Command::Refresh(args) => stored::refresh::run(folder, &args),
        Command::List(args) => stored::list::run(folder, &args),
        Command::History(args) => stored::history::run(folder, &args),
        Command::Customer(args) => stored::customer::run(folder, &args),
        Command::Export(args) => stored::export::run(folder, &args),
        Command::Sql(args) => sql::run(folder, &args),
    };
    done.map_or_else(|failure| failure.report(), |()| ExitCode::SUCCESS)
}
