//! exec == oracle, on generated schemas, data, rules, zones and days; complements are exact, unions and intersections
//! add up. What is generated follows from bytes: random ones in a test, the fuzzer's in `fuzz/`.

mod agree;
pub(crate) mod choices;
#[cfg(test)]
mod content;
mod definitions;
#[cfg(test)]
mod exported;
#[cfg(test)]
mod figures;
mod file;
mod model;
#[cfg(test)]
mod forms;
mod rules;
#[cfg(test)]
mod next;
#[cfg(test)]
mod seeded;
#[cfg(test)]
mod sql;
mod sequence;
mod world;

pub(crate) use agree::agree;
pub(crate) use sequence::sequence;
