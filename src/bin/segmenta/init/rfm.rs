//! `[rfm]`, to be changed: with the table and the amount that are known, and a preset's groups written out.

use std::fmt::Write;

use segmenta::{Rfm, RfmPreset, Schema, Type};

use super::toml::quoted;
use crate::{
    failure::{Done, Failure, print},
    project::Project,
};

/// Names of a column with what a row is worth, best first.
const AMOUNTS: &[&str] =
    &["total", "amount", "revenue", "value", "price", "sum", "grandtotal", "linetotal", "subtotal"];

/// The first of these columns whose name says that it holds what a row is worth.
pub(crate) fn amount<'a>(
    columns: impl Iterator<Item = (&'a str, &'a Type)> + Clone,
) -> Option<&'a str> {
    let is_number = |ty: &Type| matches!(ty, Type::Int | Type::Decimal(_) | Type::Float);
    let numbers = columns.filter(|(_, ty)| is_number(ty)).map(|(name, _)| name);
    AMOUNTS
        .iter()
        .find_map(|wanted| numbers.clone().find(|name| super::guess::plain(name) == *wanted))
}

/// Prints the part for a schema file: with the tables of the project's, where there is one.
pub(crate) fn print_part(project: Option<&Project>, preset: &str) -> Done {
    let Some(preset) = Rfm::PRESETS.iter().find(|known| known.name == preset) else {
        let names: Vec<_> = Rfm::PRESETS.iter().map(|known| format!("`{}`", known.name)).collect();
        let failure = Failure::usage(format!("there are no groups called `{preset}`"));
        return Err(failure.help(format!("there are {}", names.join(", "))));
    };
    let known = project.and_then(|project| purchases(&project.schema));
    let (table, amount) = known.unwrap_or(("orders", "total"));
    print(&part(preset, table, amount))
}

/// A table of rows with an amount.
fn purchases(schema: &Schema) -> Option<(&str, &str)> {
    schema.table_names().filter(|table| schema.has_time(table)).find_map(|table| {
        let columns = schema.column_names(table)?;
        let columns: Vec<_> = columns
            .filter_map(|column| Some((column, schema.column_type(table, column)?)))
            .collect();
        Some((table, amount(columns.iter().copied())?))
    })
}

/// The standard part for a table that was guessed.
pub(crate) fn standard(table: &str, amount: &str) -> String {
    Rfm::PRESETS.first().map_or_else(String::new, |preset| part(preset, table, amount))
}

fn part(preset: &RfmPreset, table: &str, amount: &str) -> String {
    let mut text = String::from("# Scores by purchases: the columns `rfm.*` of rules.\n[rfm]\n");
    let levels = preset.levels;
    let thresholds =
        "thresholds = { recency_days = [30, 180], frequency = [2, 5], monetary = [100, 500] }";
    let method = match levels {
        3 => format!("{thresholds}  # by fixed limits, not by the order of the customers\n"),
        _ => "# method = \"qcut\"  # by cut points; left out: by quantiles\n".to_owned(),
    };
    let _ = write!(
        text,
        "table = {}  # the table whose rows are purchases\n\
         amount = {}  # what a row is worth\n\
         # where = \"status = 'paid'\"  # only some of the rows\n\
         # window = \"365 days\"  # left out: all time\n\
         levels = {levels}  # scores are 1 to {levels}, the highest is the best\n\
         {method}\
         # min_population = 50  # fewer customers with a purchase have no scores\n\
         # without_purchase = \"lowest\"  # left out: customers without a purchase have no scores\n\
         \n[rfm.groups]\n{}",
        quoted(table),
        quoted(amount),
        preset.groups
    );
    text
}
