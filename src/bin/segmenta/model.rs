//! `segmenta model`

use std::path::Path;

use segmenta::{Engine, FittedParameter, Model, Rules};

use crate::{
    eval::{as_of, load},
    failure::{Done, Failure, note},
    project::Project,
    table::{Cell, Format, Table},
};

/// Print the parameters behind `predict.*`
///
/// Parameters that the schema fixes are printed as they are, all others are fitted on the data.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Fit them all, those that the schema fixes too
    #[arg(long)]
    fit: bool,
    /// The day (its end) or the time up to which orders count, as 2026-11-01 or 2026-11-01T16:00; left out: now
    #[arg(long, value_name = "T")]
    as_of: Option<String>,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Leave out rows of the data that have errors, and report them
    #[arg(long)]
    lenient: bool,
}

pub(crate) fn run(folder: Option<&Path>, args: &Args) -> Done {
    let as_of = as_of(args.as_of.as_deref())?;
    let project = Project::open_or_report(folder)?;
    let failed = |error: segmenta::Error| Failure::of(&error);
    let rules = Rules::builder(&project.schema).build().map_err(failed)?;
    let snapshot = load(&project, args.lenient)?;
    let engine = Engine::new(rules, snapshot).map_err(failed)?;
    let mut whole = true;
    let fixed = engine.model().filter(|_| !args.fit).cloned().unwrap_or_default();
    let model = if fixed.orders().is_some() && fixed.amounts().is_some() {
        fixed
    } else {
        let found = engine.fit(as_of).map_err(failed)?;
        let no_orders = found.no_orders.filter(|_| fixed.orders().is_none());
        let no_amounts = found.no_amounts.filter(|_| fixed.amounts().is_none());
        whole = no_orders.is_none() && no_amounts.is_none();
        no_orders.iter().chain(&no_amounts).for_each(note);
        completed(fixed, &found.model)
    };
    table(&model).print(args.format)?;
    if whole { Ok(()) } else { Err(Failure::refused("")) }
}

/// What is fixed, and what was fitted of the rest.
fn completed(fixed: Model, fitted: &Model) -> Model {
    let mut model = fixed;
    if let (None, Some(orders)) = (model.orders(), fitted.orders()) {
        model = model.with_orders(orders.clone());
    }
    if let (None, Some(amounts)) = (model.amounts(), fitted.amounts()) {
        model = model.with_amounts(amounts.clone());
    }
    model
}

/// A line a parameter; what is said of the whole model stands in each.
fn table(model: &Model) -> Table {
    let columns = &["model", "parameter", "value", "standard_error", "log_likelihood", "customers"];
    let mut table = Table::new(columns);
    let mut add = |name: &str, parameters: &[FittedParameter], likelihood, customers| {
        for parameter in parameters {
            table.row(vec![
                Cell::text(name),
                Cell::text(parameter.name),
                Cell::Number(parameter.value),
                optional(parameter.standard_error),
                optional(likelihood),
                customers_cell(customers),
            ]);
        }
    };
    if let Some(orders) = model.orders() {
        add("bg/nbd", &orders.parameters(), orders.log_likelihood(), orders.customers());
    }
    if let Some(amounts) = model.amounts() {
        add("gamma-gamma", &amounts.parameters(), amounts.log_likelihood(), amounts.customers());
    }
    table
}

fn optional(number: Option<f64>) -> Cell {
    number.map_or(Cell::Unknown, Cell::Number)
}

fn customers_cell(number: Option<u32>) -> Cell {
    number.map_or(Cell::Unknown, |number| Cell::Count(number.into()))
}
