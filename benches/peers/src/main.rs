//! The side of segmenta in the comparison: loads what the peers load, answers what they answer, and prints what it
//! took as JSON. Public API only.

mod data;
mod machine;
mod measures;
mod predict;

use std::{collections::HashMap, env, error::Error, process::ExitCode};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: segmenta-peers agree|times|growth|memory --data DIR --schema FILE --rules FILE
       segmenta-peers predict-data --data DIR --customers N
       segmenta-peers predict-times --data DIR --model FILE
       segmenta-peers predict-counts --data DIR --model FILE --bounds FILE";

fn main() -> ExitCode {
    match run() {
        Ok(found) => {
            println!("{found}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<serde_json::Value> {
    let mut words = env::args().skip(1);
    let measure = words.next().ok_or(USAGE)?;
    let mut given = HashMap::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        given.insert(name, value);
    }
    let take = |name: &str| given.get(name).cloned().ok_or(USAGE);
    match measure.as_str() {
        "predict-data" => return predict::draw(&take("--data")?, &take("--customers")?),
        "predict-times" => return predict::times(&take("--data")?, &take("--model")?),
        "predict-counts" => {
            return predict::counts(&take("--data")?, &take("--model")?, &take("--bounds")?);
        }
        _ => {}
    }
    let source = data::Source::new(&take("--data")?, &take("--schema")?, &take("--rules")?)?;
    match measure.as_str() {
        "agree" => measures::agree(&source),
        "times" => measures::times(&source),
        "growth" => measures::growth(&source),
        "memory" => measures::memory(&source),
        _ => Err(USAGE.into()),
    }
}
