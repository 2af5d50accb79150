//! First rules, to be changed.

use segmenta::Type;

use super::guess::{Guess, Role, Table, plain};

/// Words that a rule reads as its own where a value is expected.
const KEYWORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "is",
    "between",
    "where",
    "true",
    "false",
    "null",
    "today",
    "yesterday",
    "tomorrow",
    "now",
    "include",
    "exclude",
];

/// A rule file that fits the schema of the guess.
pub(crate) fn rules(guess: &Guess) -> String {
    let mut text = String::from(
        "# First rules for these data, by `segmenta init`: change them to what you need.\n\
         # `segmenta check` finds mistakes, `segmenta eval` shows how many customers are in.\n",
    );
    if let Some(day) = guess.last_day() {
        text.push_str(&format!("# The newest rows are of {day}: `segmenta eval --as-of {day}` looks at the data of that day.\n"));
    }
    let rows = guess.tables.iter().filter(|table| matches!(table.role, Role::Rows { .. }));
    let rows: Vec<&Table> = rows.collect();
    match rows.iter().find(|table| table.time.is_some()).or(rows.first()) {
        Some(table) => text.push_str(&of_rows(table, &free_name(guess))),
        None => text.push_str(known(guess)),
    }
    if guess.purchases().is_some() {
        text.push_str(
            "\n# How good a customer somebody is; `[rfm]` of the schema says by what.\n\
             dynamic segment champions \"Recent, frequent and high\" {\n  \
               include rfm.group = 'Champions'\n}\n",
        );
    }
    if let Some(customers) = guess.tables.first() {
        text.push_str(&of_customers(customers));
    }
    text
}

/// A name for a number of rows that no column has.
fn free_name(guess: &Guess) -> String {
    let mut name = "number_of_rows".to_owned();
    while guess.tables.iter().any(|table| table.used().any(|(_, column, _)| column.name == name)) {
        name.push('_');
    }
    name
}

/// Segments by what customers did.
fn of_rows(table: &Table, counted: &str) -> String {
    let rows = name(&table.name);
    let mut text = format!(
        "\n# A number that several rules use. `count({rows} where …)` counts some of the rows.\n\
         let {counted} = count({rows})\n\
         \n# Customers with at least two rows.\n\
         dynamic segment repeat \"Came back\" {{\n  include {counted} >= 2\n}}\n"
    );
    if let Some(time) = table.time {
        let time = name(table.column_name(time));
        text.push_str(&format!(
            "\n# Relative dates count from the day of the evaluation, so customers come and go.\n\
             dynamic segment recent \"Active in the last 90 days\" {{\n  \
               include exists({rows} where {time} within last 90 days)\n}}\n\
             \n# `exclude` takes out whoever it fits.\n\
             dynamic segment lapsed \"Silent for half a year\" {{\n  \
               include last({rows}.{time}) < 6 months ago\n  \
               exclude {counted} < 2\n}}\n\
             \n# A static segment is formed once; who got in stays in.\n\
             static segment first_year \"Customers of the last 365 days when it was formed\" {{\n  \
               include first({rows}.{time}) within last 365 days\n}}\n"
        ));
    }
    if let Some(amount) = table.amount() {
        let amount = name(amount);
        text.push_str(&format!(
            "\n# Several conditions at once.\n\
             dynamic segment big \"Big customers\" {{\n  include all of (\n    \
               sum({rows}.{amount}) >= 1000,\n    {counted} >= 3,\n  )\n}}\n"
        ));
    }
    text
}

/// A segment where there is nothing to tell customers by.
fn known(guess: &Guess) -> &'static str {
    match guess.tables.first().and_then(|table| table.key) {
        Some(_) => "\n# Everyone.\ndynamic segment everyone \"All customers\" {}\n",
        None => "",
    }
}

/// Segments by what customers are.
fn of_customers(table: &Table) -> String {
    let mut text = String::new();
    let birthday = table.used().find(|(_, column, ty)| {
        let name = plain(&column.name);
        matches!(ty, Type::Date | Type::DateTime) && (name.contains("birth") || name == "dob")
    });
    if let Some((_, column, _)) = birthday {
        text.push_str(&format!(
            "\n# `ignoring year` compares month and day.\n\
             dynamic segment birthday_soon \"Birthday in the next two weeks\" {{\n  \
               include {} within next 14 days ignoring year\n}}\n",
            name(&column.name)
        ));
    }
    let gaps = table.used().find(|(_, column, ty)| {
        matches!(ty, Type::Text) && column.present > 0 && column.present < table.scan.rows
    });
    if let Some((_, column, _)) = gaps {
        let column = name(&column.name);
        text.push_str(&format!(
            "\n# An empty field is missing.\n\
             dynamic segment without_value \"Without a value in this column\" {{\n  include {column} is null\n}}\n"
        ));
    }
    text
}

/// A name as rules write it.
fn name(name: &str) -> String {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let plain = starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let keyword = KEYWORDS.iter().any(|word| name.eq_ignore_ascii_case(word));
    if plain && !keyword { name.to_owned() } else { format!("`{name}`") }
}
