//! What the engines are asked, and what they must answer: data sets with their tables as Parquet files, the statements
//! of every dialect, and the members that `exec` finds.

mod corpus;
mod data;
mod hostile;
mod lowered;
mod random;
mod real;
mod shop;

use std::{env, error::Error, path::Path, process::ExitCode};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: cases corpus  CORPUS_DIR OUT
       cases random  OUT
       cases hostile OUT
       cases real    DATA_DIR OUT
       cases shop    DATA_DIR SCHEMA RULES OUT";

fn main() -> ExitCode {
    match run() {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match *words {
        ["corpus", corpus, out] => corpus::write(Path::new(corpus), Path::new(out)),
        ["random", out] => random::write(Path::new(out)),
        ["hostile", out] => hostile::write(Path::new(out)),
        ["real", data, out] => real::write(Path::new(data), Path::new(out)),
        ["shop", data, schema, rules, out] => {
            shop::write(Path::new(data), Path::new(schema), Path::new(rules), Path::new(out))
        }
        _ => Err(USAGE.into()),
    }
}
