//! Tables for people and for programs.

use clap::ValueEnum;

use crate::failure::{Done, Failure, print};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns
    Table,
    /// One row a line, below the column names
    Csv,
    /// An array of objects
    Json,
}

/// Rows below column names.
pub(crate) struct Table {
    columns: &'static [&'static str],
    rows: Vec<Vec<Cell>>,
}

pub(crate) enum Cell {
    Text(String),
    Count(u64),
    /// The part of a whole: a percentage for people, a number from 0 to 1 for programs. Of nothing, it is 0.
    Share {
        part: u64,
        whole: u64,
    },
    Flag(bool),
    /// Seven digits for people, all for programs.
    Number(f64),
    /// What has more parts than a cell of a table can show.
    Parts {
        short: String,
        full: String,
        json: String,
    },
    /// Nothing is known.
    Unknown,
}

impl Table {
    pub(crate) fn new(columns: &'static [&'static str]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    pub(crate) fn print(&self, format: Format) -> Done {
        match format {
            Format::Table => print(&self.aligned()),
            Format::Csv => print(&self.csv()?),
            Format::Json => print(&self.json()),
        }
    }

    fn aligned(&self) -> String {
        let header = self.columns.iter().map(|name| (*name).to_owned()).collect();
        let body = self.rows.iter().map(|row| row.iter().map(Cell::for_people).collect());
        let lines: Vec<Vec<String>> = std::iter::once(header).chain(body).collect();
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let right: Vec<bool> = (0..self.columns.len())
            .map(|column| !self.rows.iter().filter_map(|row| row.get(column)).any(Cell::is_text))
            .collect();
        let mut text = String::new();
        for line in &lines {
            let cells = line.iter().zip(widths.iter().zip(&right)).map(|(cell, (width, right))| {
                // Written out: widths in format strings end at 65,535.
                let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
                if *right { blanks + cell } else { cell.clone() + &blanks }
            });
            let cells: Vec<String> = cells.collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    fn csv(&self) -> Done<String> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let broken = |error: csv::Error| Failure::refused(error.to_string());
        writer.write_record(self.columns).map_err(broken)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::for_programs)).map_err(broken)?;
        }
        let bytes = writer.into_inner().map_err(|error| Failure::output(error.error()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn json(&self) -> String {
        // Written by hand, a row a line: objects of the JSON library would sort the names.
        let object = |row: &Vec<Cell>| {
            let fields = self.columns.iter().zip(row);
            let fields: Vec<String> = fields
                .map(|(name, cell)| match cell {
                    Cell::Text(text) => {
                        format!("\"{name}\": {}", serde_json::Value::from(text.as_str()))
                    }
                    Cell::Parts { json, .. } => format!("\"{name}\": {json}"),
                    Cell::Unknown => format!("\"{name}\": null"),
                    cell => format!("\"{name}\": {}", cell.for_programs()),
                })
                .collect();
            format!("  {{{}}}", fields.join(", "))
        };
        let rows: Vec<String> = self.rows.iter().map(object).collect();
        if rows.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", rows.join(",\n")) }
    }
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Several names; their order says something.
    pub(crate) fn names<S: ToString>(names: &[S]) -> Self {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Self::Parts {
            short: names.join(", "),
            full: names.join("; "),
            json: serde_json::Value::from(names).to_string(),
        }
    }

    /// A number, a truth or a text.
    pub(crate) fn of_json(json: &serde_json::Value) -> Self {
        match json.as_str() {
            Some(text) => Self::text(text),
            None => {
                let text = json.to_string();
                Self::Parts { short: text.clone(), full: text.clone(), json: text }
            }
        }
    }

    fn is_text(&self) -> bool {
        match self {
            Self::Text(_) | Self::Flag(_) => true,
            Self::Parts { json, .. } => json.starts_with('['),
            Self::Count(_) | Self::Number(_) | Self::Share { .. } | Self::Unknown => false,
        }
    }

    fn for_people(&self) -> String {
        let printable = |text: &str| -> String {
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
        };
        match self {
            Self::Text(text) | Self::Parts { short: text, .. } => printable(text),
            Self::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Self::Unknown => String::new(),
            Self::Count(count) => count.to_string(),
            Self::Number(number) => seven_digits(*number),
            Self::Share { part, whole } => {
                let share = rounded(*part, *whole, 10_000);
                format!("{}.{:02}%", share / 100, share % 100)
            }
        }
    }

    fn for_programs(&self) -> String {
        match self {
            Self::Text(text) | Self::Parts { full: text, .. } => text.clone(),
            Self::Flag(flag) => flag.to_string(),
            Self::Unknown => String::new(),
            Self::Count(count) => count.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Share { part, whole } => {
                let share = rounded(*part, *whole, 1_000_000);
                let text = format!("{}.{:06}", share / 1_000_000, share % 1_000_000);
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
        }
    }
}

/// As many digits after the point as leave seven that say something; of very small and very large numbers by power.
fn seven_digits(number: f64) -> String {
    if number == 0.0 || !(1e-4..1e9).contains(&number.abs()) {
        return if number == 0.0 { "0".to_owned() } else { format!("{number:.6e}") };
    }
    let whole = format!("{:.0}", number.abs()).len();
    format!("{number:.*}", 7_usize.saturating_sub(whole))
}

/// `part / whole` in units of `1 / units`, halves up.
fn rounded(part: u64, whole: u64, units: u128) -> u128 {
    let (part, whole) = (u128::from(part), u128::from(whole));
    (2 * part * units + whole).checked_div(2 * whole).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Table};

    fn table() -> Table {
        let mut table = Table::new(&["segment", "members", "share"]);
        let share = |part, whole| Cell::Share { part, whole };
        table.row(vec![Cell::Text("vip, \"old\"".to_owned()), Cell::Count(5), share(5, 1000)]);
        table.row(vec![Cell::Text("all".to_owned()), Cell::Count(1000), share(1000, 1000)]);
        table.row(vec![Cell::Text("none".to_owned()), Cell::Count(0), share(0, 0)]);
        table.row(vec![Cell::Text("third".to_owned()), Cell::Count(2), share(2, 3)]);
        table
    }

    #[test]
    fn numbers_stand_right() {
        let lines = [
            "segment     members    share",
            "vip, \"old\"        5    0.50%",
            "all            1000  100.00%",
            "none              0    0.00%",
            "third             2   66.67%",
        ];
        assert_eq!(table().aligned(), format!("{}\n", lines.join("\n")));
    }

    #[test]
    fn a_name_may_be_of_any_length() {
        let name = "a".repeat(70_000);
        let mut table = Table::new(&["segment", "members"]);
        table.row(vec![Cell::Text(name.clone()), Cell::Count(5)]);
        let blanks = " ".repeat(name.len() - "segment".len());
        assert_eq!(table.aligned(), format!("segment{blanks}  members\n{name}        5\n"));
    }

    #[test]
    fn programs_get_plain_numbers() {
        let lines = [
            "segment,members,share",
            "\"vip, \"\"old\"\"\",5,0.005",
            "all,1000,1",
            "none,0,0",
            "third,2,0.666667",
        ];
        assert_eq!(table().csv().unwrap(), format!("{}\n", lines.join("\n")));
        let parsed: serde_json::Value = serde_json::from_str(&table().json()).unwrap();
        assert_eq!(parsed[0]["segment"], "vip, \"old\"");
        assert_eq!(parsed[0]["share"], 0.005);
        assert_eq!(parsed[1]["members"], 1000);
    }
}
