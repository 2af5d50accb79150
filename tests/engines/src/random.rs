//! Random schemas, data, rules and days: those of the crate's own differential tests.
#![allow(dead_code, reason = "the generators make more there than is asked for here")]

#[path = "../../it/differential/choices.rs"]
mod choices;
#[path = "../../it/differential/definitions.rs"]
mod definitions;
#[path = "../../it/differential/file.rs"]
mod file;
#[path = "../../it/differential/rules.rs"]
mod rules;
#[path = "../../it/differential/world.rs"]
mod world;

use std::{collections::BTreeMap, path::Path};

use segmenta::{Rules, Schema};

use crate::{
    Result,
    data::{self, Record},
    lowered::Asked,
};
use choices::Choices;
use rules::Scope;
use world::World;

const SETS: u64 = 40;
const RULES: u64 = 30;
/// Files of segments, partitions, pins and `let`s; all of a file is refused where one of its conditions is.
const FILES: u64 = 3;
const SEED: u64 = 7;
/// Days that not every engine can store, and what stands for them in every other data set.
const FAR: [(&str, &str); 2] = [("0001-01-01", "1901-01-01"), ("9999-12-31", "2298-12-31")];

pub(crate) fn write(out: &Path) -> Result<String> {
    let (mut asked, mut failed) = (0, 0);
    for number in 0..SETS {
        let stream = bytes(SEED + number * 1_000, 4_000);
        let world = World::random(&mut Choices::new(&stream));
        let rows = |text: &str| match number % 2 {
            0 => text.to_owned(),
            _ => FAR.iter().fold(text.to_owned(), |text, (far, near)| text.replace(far, near)),
        };
        let tables: BTreeMap<String, String> =
            world.tables.iter().map(|table| (table.name.to_owned(), rows(&table.rows))).collect();
        let schema = Schema::from_toml(&world.schema)?;
        let mut conditions = Vec::new();
        for each in 0..RULES {
            let stream = bytes(SEED + number * 1_000 + each + 1, 700);
            let scope = Scope::of_customers(&world);
            let text = rules::condition(&mut Choices::new(&stream), &scope, 3);
            // Some use what a rule file defines.
            if Rules::builder(&schema).condition("c", text.as_str()).build().is_ok() {
                conditions.push((format!("random{number:02} {each}"), text));
            }
        }
        let name = format!("random{number:02}");
        let folder = out.join(&name);
        let snapshot = data::snapshot(&schema, &tables)?;
        let written = data::write_tables(&schema, &tables, &folder)?;
        let mapping = data::ordered(&schema)?;
        let mut of = Asked::new(&schema, &snapshot, &mapping);
        let as_of = world.as_of.parse()?;
        let mut statements = vec![of.conditions(&world.as_of, &conditions, as_of)?];
        for each in 0..FILES {
            let stream = bytes(SEED + number * 1_000 + 500 + each, 300);
            let text = file::rule_file(&mut Choices::new(&stream), &world);
            let files = [("rules.seg".to_owned(), text)];
            statements.push(of.files(&format!("{name} file {each}"), &files, as_of)?);
        }
        asked += statements.iter().map(|statement| statement.segments.len()).sum::<usize>();
        failed += of.failed;
        let record = Record { name, tables: written, statements, refused: of.refused };
        record.write(&folder)?;
    }
    Ok(format!(
        "random: {asked} segments over {SETS} data sets; {failed} segments want a model that cannot be fitted"
    ))
}

/// Random bytes, the same each time (SplitMix64).
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_le_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}
