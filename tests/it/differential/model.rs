//! The rows of a world as plain text, and what changes make of them: lists that are read anew as a whole.

use std::collections::{HashMap, HashSet};

use segmenta::{Changes, Schema, Snapshot, SnapshotBuilder};

use super::world::{Kind, World};

pub(super) type Row = Vec<String>;

pub(super) struct Model {
    pub(super) tables: Vec<Table>,
    /// Customers in the order in which they were first seen.
    known: Vec<String>,
    text_keys: bool,
}

pub(super) struct Table {
    pub(super) name: &'static str,
    header: String,
    pub(super) rows: Vec<Row>,
    /// The number of the parent table; that of the customers for their own rows.
    pub(super) parent: Option<usize>,
    time: Option<usize>,
}

/// Changes in words. Deletions come first.
#[derive(Debug, Default, Clone)]
pub(super) struct Given {
    /// Table and key.
    pub(super) deleted: Vec<(usize, String)>,
    /// Child table and customer.
    pub(super) cleared: Vec<(usize, String)>,
    /// Table and row.
    pub(super) rows: Vec<(usize, Row)>,
}

/// Whose a row is and when it happened.
type Standing = (String, String);

impl Model {
    pub(super) fn of(world: &World) -> Self {
        let mut tables: Vec<Table> = (world.tables.iter().enumerate())
            .map(|(at, table)| {
                let mut lines = table.rows.lines();
                let header = lines.next().expect("a header").to_owned();
                let time = header.split(',').position(|name| name == "at").filter(|_| at == 1);
                let is_instant =
                    table.columns.iter().any(|c| c.name == "at" && c.kind == Kind::DateTime);
                let rows = lines.map(|line| {
                    let mut row: Row = line.split(',').map(str::to_owned).collect();
                    if let Some(time) = time.filter(|_| is_instant) {
                        row[time] = instant(&row[time]);
                    }
                    row
                });
                let parent = (1..=3).contains(&at).then(|| at - 1);
                Table {
                    name: table.name,
                    header: header.clone(),
                    rows: rows.collect(),
                    parent,
                    time,
                }
            })
            .collect();
        let known = tables[0].rows.iter().map(|row| row[0].clone()).collect();
        tables.truncate(world.tables.len());
        Self { tables, known, text_keys: world.text_keys }
    }

    /// All of it, as rows of a load.
    pub(super) fn fill(&self, mut builder: SnapshotBuilder) -> Snapshot {
        for (at, table) in self.tables.iter().enumerate() {
            let csv = self.csv(at, &table.rows);
            builder.csv_reader(table.name, table.name, csv.as_bytes()).expect("a table");
        }
        builder.build().unwrap_or_else(|error| panic!("{error}"))
    }

    pub(super) fn snapshot(&self, schema: &Schema) -> Snapshot {
        self.fill(Snapshot::builder(schema))
    }

    fn csv(&self, at: usize, rows: &[Row]) -> String {
        let rows = rows.iter().map(|row| row.join(",") + "\n");
        format!("{}\n{}", self.tables[at].header, rows.collect::<String>())
    }

    /// The same changes for a snapshot.
    pub(super) fn write(&self, given: &Given, mut changes: Changes) -> Changes {
        for (at, key) in &given.deleted {
            let key = self.key(*at == 0, key);
            changes.delete(self.tables[*at].name, key).expect("a key");
        }
        for (at, customer) in &given.cleared {
            let key = self.key(true, customer);
            changes.clear(self.tables[*at].name, key).expect("a child table");
        }
        for at in 0..self.tables.len() {
            let rows: Vec<Row> = given
                .rows
                .iter()
                .filter(|(table, _)| *table == at)
                .map(|(_, r)| r.clone())
                .collect();
            if !rows.is_empty() {
                let (name, csv) = (self.tables[at].name, self.csv(at, &rows));
                changes.rows().csv_reader(name, name, csv.as_bytes()).expect("a table");
            }
        }
        changes
    }

    pub(super) fn key(&self, of_customer: bool, key: &str) -> segmenta::Key {
        if of_customer && self.text_keys { key.into() } else { key.parse::<i64>().unwrap().into() }
    }

    /// Of every child row: whose it is and when it happened, by table and place in the list.
    fn standings(&self) -> Vec<Vec<Standing>> {
        let mut all: Vec<Vec<Standing>> = vec![Vec::new()];
        for at in 1..=3 {
            let table = &self.tables[at];
            let above: HashMap<&str, usize> =
                self.tables[at - 1].rows.iter().map(|row| row[0].as_str()).zip(0..).collect();
            let standing = |row: &Row| match at {
                1 => {
                    let time = table.time.map(|time| row[time].clone()).unwrap_or_default();
                    (row[1].clone(), time.trim_end_matches('Z').to_owned())
                }
                _ => all[at - 1][above[row[1].as_str()]].clone(),
            };
            let found = table.rows.iter().map(standing).collect();
            all.push(found);
        }
        all
    }

    #[expect(clippy::needless_range_loop, reason = "the number says which table it is")]
    pub(super) fn change(&mut self, given: &Given) {
        let before = self.standings();
        let number = |known: &[String], key: &str| known.iter().position(|one| one == key);
        let mut gone: HashSet<String> =
            given.deleted.iter().filter(|(at, _)| *at == 0).map(|(_, key)| key.clone()).collect();
        let customers = gone.clone();
        self.tables[0].rows.retain(|row| !gone.contains(&row[0]));
        // With the place in the list of before, and whether the row stood there.
        let mut lists: Vec<Vec<(Option<usize>, Row)>> = vec![Vec::new()];
        for at in 1..=3 {
            let rows = std::mem::take(&mut self.tables[at].rows).into_iter().enumerate();
            let mut removed = HashSet::new();
            let kept = rows.filter(|(place, row)| {
                let is_named = |list: &[(usize, String)], name: &str| {
                    list.iter().any(|(table, key)| *table == at && key == name)
                };
                let (customer, _) = &before[at][*place];
                let goes = is_named(&given.deleted, &row[0])
                    || is_named(&given.cleared, customer)
                    || customers.contains(customer)
                    || at > 1 && gone.contains(&row[1]);
                if goes {
                    removed.insert(row[0].clone());
                }
                !goes
            });
            let kept: Vec<(Option<usize>, Row)> =
                kept.map(|(place, row)| (Some(place), row)).collect();
            lists.push(kept);
            gone = removed;
        }
        let mut given_rows: HashSet<(usize, String)> = HashSet::new();
        for (at, row) in &given.rows {
            if (1..=3).contains(at) {
                given_rows.insert((*at, row[0].clone()));
                match lists[*at].iter_mut().find(|(_, known)| known[0] == row[0]) {
                    Some((_, known)) => known.clone_from(row),
                    None => lists[*at].push((None, row.clone())),
                }
                continue;
            }
            let table = &mut self.tables[*at];
            match table.rows.iter_mut().find(|known| known[0] == row[0]) {
                Some(known) => known.clone_from(row),
                None => table.rows.push(row.clone()),
            }
            if *at == 0 && !self.known.contains(&row[0]) {
                self.known.push(row[0].clone());
            }
        }
        for at in 1..=3 {
            self.tables[at].rows = lists[at].iter().map(|(_, row)| row.clone()).collect();
        }
        let after = self.standings();
        for at in 1..=3 {
            let mut parts: [Vec<(_, Row)>; 3] = Default::default();
            for ((place, row), standing) in lists[at].iter().zip(&after[at]) {
                let old = place.map(|place| &before[at][place]);
                let is_given = given_rows.contains(&(at, row[0].clone()));
                if old == Some(standing) {
                    parts[0].push((None, row.clone()));
                } else if let (Some(old), false) = (old, is_given) {
                    let order = (number(&self.known, &old.0), old.1.clone(), *place);
                    parts[1].push((Some(order), row.clone()));
                }
            }
            let stays: HashSet<String> = parts[0].iter().map(|(_, row)| row[0].clone()).collect();
            parts[1].sort();
            for (table, row) in &given.rows {
                if *table == at && !stays.contains(&row[0]) {
                    parts[2].push((None, row.clone()));
                }
            }
            self.tables[at].rows = parts.into_iter().flatten().map(|(_, row)| row).collect();
        }
    }
}

/// As an instant of UTC, so that texts are in the order of time.
pub(super) fn instant(text: &str) -> String {
    if text.is_empty() || text.ends_with('Z') { text.to_owned() } else { format!("{text}Z") }
}
