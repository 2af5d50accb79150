//! Customers out of PostgreSQL, and the members of segments back into it, in one transaction.
//!
//! To try it with the shop of `examples/shop`:
//!
//! ```sh
//! createdb shop
//! cd examples/postgres && psql -d shop -f shop.sql
//! export DATABASE_URL='postgresql:///shop?host=/var/run/postgresql'
//! cargo run -- --as-of 2011-12-10 ../shop/segmenta.toml ../shop/loyalty.seg ../shop/seasons.seg
//! ```
//!
//! The tables that are read are those of the schema, or views of these names and columns; `members.sql` makes the two that
//! are written. Every run works members out anew, static segments like dynamic ones. Inactive segments keep the members
//! that they have in the database, and segments that are not among the rules of the run lose theirs.
//!
//! The connection is not encrypted: it is for a socket, or for a network that is trusted.

mod cell;
mod read;
mod write;

use std::{env, error::Error, fs, process::ExitCode};

use postgres::{Client, NoTls};
use segmenta::{AsOf, Diagnostic, Engine, Rules, Schema};

type Done<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "DATABASE_URL=… segmenta-postgres --as-of 2026-11-01 SCHEMA.toml RULES.seg…";

/// What the command line asks for.
struct Asked {
    as_of: String,
    schema: String,
    rules: Vec<String>,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Done<()> {
    let asked = Asked::from(env::args().skip(1))?;
    let as_of: AsOf = asked.as_of.parse().map_err(|error| format!("--as-of: {error}"))?;
    let url = env::var("DATABASE_URL").map_err(|_| format!("no DATABASE_URL; {USAGE}"))?;
    let schema = Schema::from_toml(&text(&asked.schema)?)?;
    let mut rules = Rules::builder(&schema);
    for file in &asked.rules {
        rules = rules.file(file, text(file)?);
    }
    let rules = rules.load_with(|path| fs::read(path))?.build()?;
    tell(rules.warnings());

    let mut client = Client::connect(&url, NoTls).map_err(said)?;
    let snapshot = read::snapshot(&mut client, &schema)?;
    tell(snapshot.report().warnings());

    let engine = Engine::new(rules, snapshot)?;
    let found = engine.evaluate(as_of)?;
    tell(found.warnings());
    found.failures().for_each(|(segment, why)| eprintln!("`{segment}` keeps its members: {why}"));

    let changes = write::members(&mut client, engine.rules(), &found, &asked.as_of)?;
    if changes.is_empty() {
        println!("no segment has changed");
        return Ok(());
    }
    println!("{:32}{:>10}{:>10}{:>10}", "segment", "members", "entered", "left");
    for write::Change { segment, members, entered, left } in changes {
        println!("{segment:32}{members:>10}{entered:>10}{left:>10}");
    }
    Ok(())
}

impl Asked {
    fn from(mut words: impl Iterator<Item = String>) -> Done<Self> {
        let (mut as_of, mut files) = (None, Vec::new());
        while let Some(word) = words.next() {
            match word.as_str() {
                "--as-of" => as_of = words.next(),
                _ if word.starts_with("--") => Err(format!("no option `{word}`; {USAGE}"))?,
                _ => files.push(word),
            }
        }
        let as_of = as_of.ok_or_else(|| format!("no --as-of; {USAGE}"))?;
        if files.len() < 2 {
            return Err(format!("a schema and rules are needed; {USAGE}").into());
        }
        let schema = files.remove(0);
        Ok(Self { as_of, schema, rules: files })
    }
}

fn text(file: &str) -> Done<String> {
    fs::read_to_string(file).map_err(|error| format!("`{file}`: {error}").into())
}

fn tell(found: &[Diagnostic]) {
    found.iter().for_each(|one| eprintln!("{one}"));
}

/// What the server says, or why the driver did not get so far. Details are left out: they may hold customers' values.
fn said(error: postgres::Error) -> String {
    if let Some(answer) = error.as_db_error() {
        let hint = answer.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        return format!("PostgreSQL says: {}{hint}", answer.message());
    }
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
