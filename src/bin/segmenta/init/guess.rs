//! What the files are to each other: customers, their rows, lookups.

use chrono::NaiveDate;
use segmenta::Type;

use super::{
    rfm,
    scan::{Column, Scan},
};

/// A schema in the making.
pub(crate) struct Guess {
    /// The customers first, then rows before what is nested in them, lookups last.
    pub(crate) tables: Vec<Table>,
    /// Files that nothing leads to, and why.
    pub(crate) unused: Vec<(String, String)>,
}

pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The index of the key column.
    pub(crate) key: Option<usize>,
    /// One a column of the scan; `None` for one that is left out.
    pub(crate) types: Vec<Option<Type>>,
    /// The index of the column with the time of a row, or with the creation of a customer.
    pub(crate) time: Option<usize>,
    pub(crate) scan: Scan,
    /// What was guessed, for people.
    pub(crate) told: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Customers,
    /// The index of the column with the customer's key.
    Rows {
        customer: usize,
    },
    /// The name of the parent and the index of the column with its key.
    Nested {
        parent: String,
        column: usize,
    },
    Lookup,
}

/// Names of a file with one row a customer, best first.
const CUSTOMERS: &[&str] = &[
    "customer",
    "client",
    "user",
    "contact",
    "member",
    "subscriber",
    "profile",
    "account",
    "person",
    "people",
    "buyer",
];

/// Names of a column with the customer's key.
const CUSTOMER_LINKS: &[&str] = &[
    "customerid",
    "customer",
    "customerkey",
    "customerno",
    "customernumber",
    "customeruuid",
    "clientid",
    "client",
    "userid",
    "user",
    "contactid",
    "memberid",
    "subscriberid",
    "profileid",
    "accountid",
    "personid",
    "buyerid",
];

const TIMES: &[&str] = &[
    "orderedat",
    "orderdate",
    "purchasedat",
    "purchasedate",
    "paidat",
    "invoicedate",
    "occurredat",
    "happenedat",
    "sentat",
    "timestamp",
    "datetime",
    "date",
    "time",
    "createdat",
    "created",
];

const CREATED: &[&str] = &[
    "createdat",
    "created",
    "createddate",
    "registeredat",
    "registered",
    "registrationdate",
    "signupdate",
    "signedupat",
    "signupat",
    "joinedat",
    "joined",
    "joindate",
];

impl Guess {
    /// The newest day of the rows, where there are rows with a time.
    pub(crate) fn last_day(&self) -> Option<NaiveDate> {
        let rows = self.tables.iter().filter(|table| matches!(table.role, Role::Rows { .. }));
        rows.filter_map(|table| table.scan.columns.get(table.time?)?.last).max()
    }

    /// A table of rows with a time, and its column with what a row is worth.
    pub(crate) fn purchases(&self) -> Option<(&Table, &str)> {
        let is_rows = |table: &&Table| matches!(table.role, Role::Rows { .. });
        let mut rows = self.tables.iter().filter(is_rows).filter(|table| table.time.is_some());
        rows.find_map(|table| Some((table, table.amount()?)))
    }
}

impl Table {
    fn new(name: String, role: Role, key: Option<usize>, scan: Scan) -> Self {
        let types =
            scan.columns.iter().map(|column| column.usable.then(|| type_of(column))).collect();
        Self { name, role, key, types, time: None, scan, told: Vec::new() }
    }

    pub(crate) fn column(&self, index: usize) -> Option<&Column> {
        self.scan.columns.get(index)
    }

    pub(crate) fn column_name(&self, index: usize) -> &str {
        self.column(index).map_or("", |column| column.name.as_str())
    }

    pub(crate) fn type_of(&self, index: usize) -> Option<&Type> {
        self.types.get(index)?.as_ref()
    }

    fn set_type(&mut self, index: usize, ty: Type) {
        if let Some(slot) = self.types.get_mut(index) {
            *slot = Some(ty);
        }
    }

    /// The column with what a row is worth, by its name.
    pub(crate) fn amount(&self) -> Option<&str> {
        let columns: Vec<_> =
            self.used().map(|(_, column, ty)| (column.name.as_str(), ty)).collect();
        rfm::amount(columns.iter().copied())
    }

    /// Columns that are part of the schema, with their place.
    pub(crate) fn used(&self) -> impl Iterator<Item = (usize, &Column, &Type)> {
        let columns = self.scan.columns.iter().zip(&self.types).enumerate();
        columns.filter_map(|(index, (column, ty))| Some((index, column, ty.as_ref()?)))
    }
}

/// The schema of these files, or why there is none.
pub(crate) fn guess(mut scans: Vec<Scan>) -> Result<Guess, String> {
    let (at, key) = customers_of(&scans)?;
    let mut customers =
        Table::new("customers".to_owned(), Role::Customers, Some(key), scans.remove(at));
    customers.time = time_column(&customers, CREATED);
    let mut tables = vec![customers];
    let mut rest = Vec::new();
    for scan in scans {
        match customer_link(&scan, tables.first()) {
            Some(customer) if !nests_better(&scan) => {
                tables.push(rows(scan, Role::Rows { customer }));
            }
            link => rest.push((scan, link)),
        }
    }
    let mut rest = nested(&mut tables, rest);
    let lookups = lookups(&tables, &mut rest);
    tables.extend(lookups);
    let unused = rest.into_iter().map(|(scan, _)| {
        (scan.file, "no column links it to the customers or another table".to_owned())
    });
    let unused = unused.collect();
    refer(&mut tables);
    unify_keys(&mut tables);
    for table in &mut tables {
        tell(table);
    }
    Ok(Guess { tables, unused })
}

/// The file of customers and its key column: by its name, else by what other files refer to.
fn customers_of(scans: &[Scan]) -> Result<(usize, usize), String> {
    for wanted in CUSTOMERS {
        let named = scans.iter().position(|scan| singular(&scan.stem) == singular(wanted));
        if let Some(at) = named {
            let scan = scans.get(at).ok_or("")?;
            let key = key_of(scan, None).ok_or_else(|| {
                format!("`{}` has no column with a value of its own in every row", scan.file)
            })?;
            return Ok((at, key));
        }
    }
    let referred = |at: usize, key: usize| {
        let column = scans.get(at).and_then(|scan| scan.columns.get(key));
        let others = scans.iter().enumerate().filter(|(other, _)| *other != at);
        let links = others.filter(|(_, scan)| {
            scan.columns.iter().any(|link| {
                CUSTOMER_LINKS.contains(&plain(&link.name).as_str())
                    && column.is_some_and(|key| overlap(link, key))
            })
        });
        links.count()
    };
    let candidates =
        scans.iter().enumerate().filter_map(|(at, scan)| Some((at, key_of(scan, None)?)));
    let ranked = candidates.map(|(at, key)| (referred(at, key), at, key));
    let best = ranked.filter(|(count, ..)| *count > 0 || scans.len() == 1);
    best.max_by_key(|(count, at, _)| (*count, std::cmp::Reverse(*at)))
        .map(|(_, at, key)| (at, key))
        .ok_or_else(|| "no file has one row a customer".to_owned())
}

/// The column that identifies a row: of those that could, the one that is named so. One that links the file to another
/// table is none, even if every row happens to have a link of its own.
fn key_of(scan: &Scan, link: Option<usize>) -> Option<usize> {
    let one = singular(&scan.stem);
    let candidates = scan.columns.iter().enumerate().filter(|(at, column)| {
        Some(*at) != link
            && column.usable
            && column.is_unique(scan.rows)
            && matches!(type_of(column), Type::Int | Type::Text)
    });
    let rank = |name: &str| {
        let name = plain(name);
        if name == "id" || name == format!("{one}id") || name == one {
            0
        } else if CUSTOMER_LINKS.contains(&name.as_str())
            || matches!(name.as_str(), "key" | "uuid" | "code" | "sku")
        {
            1
        } else if name.ends_with("id") {
            2
        } else if matches!(name.as_str(), "email" | "mail" | "emailaddress") {
            3
        } else {
            4
        }
    };
    candidates.min_by_key(|(at, column)| (rank(&column.name), *at)).map(|(at, _)| at)
}

/// The column of a file that holds the customer's key.
fn customer_link(scan: &Scan, customers: Option<&Table>) -> Option<usize> {
    let customers = customers?;
    let key = customers.column(customers.key?)?;
    let own = plain(&key.name);
    let one = singular(&customers.scan.stem);
    let named = |name: &str| {
        let name = plain(name);
        (name == own && own != "id")
            || CUSTOMER_LINKS.contains(&name.as_str())
            || name == format!("{one}id")
    };
    scan.columns
        .iter()
        .position(|column| column.usable && named(&column.name) && overlap(column, key))
}

/// A file without a time of its own takes it from a parent, if it finds one.
fn nests_better(scan: &Scan) -> bool {
    !scan
        .columns
        .iter()
        .any(|column| column.usable && matches!(type_of(column), Type::Date | Type::DateTime))
}

fn rows(scan: Scan, role: Role) -> Table {
    let key = key_of(&scan, linking(&role));
    let mut table = Table::new(table_name(&scan.stem), role, key, scan);
    table.time = match table.role {
        Role::Rows { .. } => time_column(&table, TIMES).or_else(|| {
            let mut times =
                table.used().filter(|(_, _, ty)| matches!(ty, Type::Date | Type::DateTime));
            times.next().map(|(at, ..)| at)
        }),
        _ => None,
    };
    // A key of rows is for tables nested in them: a column that merely happens to be unique is none.
    table.key = table.key.filter(|key| {
        let name = plain(table.column_name(*key));
        name == "id"
            || name.starts_with(&singular(&table.scan.stem))
            || name.ends_with("id")
            || name.ends_with("no")
    });
    table
}

type Rest = Vec<(Scan, Option<usize>)>;

/// Files that belong to the rows of a table; and then files that belong to theirs.
fn nested(tables: &mut Vec<Table>, mut rest: Rest) -> Rest {
    loop {
        let found = rest.iter().enumerate().find_map(|(at, (scan, _))| {
            let parents = tables
                .iter()
                .filter(|table| matches!(table.role, Role::Rows { .. } | Role::Nested { .. }));
            let mut links =
                parents.filter_map(|parent| Some((parent.name.clone(), link_to(scan, parent)?)));
            links.next().map(|(parent, column)| (at, parent, column))
        });
        match found {
            Some((at, parent, column)) => {
                let (scan, _) = rest.remove(at);
                tables.push(rows(scan, Role::Nested { parent, column }));
            }
            None => {
                // Rows of customers after all, without a time.
                let linked = rest.iter().position(|(_, link)| link.is_some());
                let Some((scan, Some(customer))) = linked.map(|at| rest.remove(at)) else {
                    return rest;
                };
                tables.push(rows(scan, Role::Rows { customer }));
            }
        }
    }
}

/// Files with a key that columns of the tables so far refer to, and of such files again.
fn lookups(tables: &[Table], rest: &mut Rest) -> Vec<Table> {
    let mut found: Vec<Table> = Vec::new();
    loop {
        let at = rest.iter().position(|(scan, _)| {
            let Some(key) = key_of(scan, None) else { return false };
            tables
                .iter()
                .chain(&found)
                .any(|table| table.scan.columns.iter().any(|column| refers(column, scan, key)))
        });
        let Some(at) = at else { return found };
        let (scan, _) = rest.remove(at);
        let key = key_of(&scan, None);
        found.push(Table::new(table_name(&scan.stem), Role::Lookup, key, scan));
    }
}

/// The column of a file that holds the key of a table.
fn link_to(scan: &Scan, table: &Table) -> Option<usize> {
    let key = table.key?;
    scan.columns.iter().position(|column| refers(column, &table.scan, key))
}

/// Whether a column is named after the key of a file, and holds such keys.
fn refers(column: &Column, scan: &Scan, key: usize) -> bool {
    let Some(key) = scan.columns.get(key) else { return false };
    let (name, own, one) = (plain(&column.name), plain(&key.name), singular(&scan.stem));
    let named = (name == own && own != "id")
        || name == one
        || name == format!("{one}{own}")
        || name == format!("{one}id");
    column.usable && named && overlap(column, key)
}

/// Turns columns that hold the keys of a lookup into references.
fn refer(tables: &mut [Table]) {
    for at in 0..tables.len() {
        let Some((before, rest)) = tables.split_at_mut_checked(at) else { return };
        let Some((table, after)) = rest.split_first_mut() else { return };
        let links = linking(&table.role);
        for index in 0..table.scan.columns.len() {
            let Some(column) = table.scan.columns.get(index) else { continue };
            let taken =
                Some(index) == table.key || links == Some(index) || is_reserved(&column.name);
            let mut lookups =
                before.iter().chain(&*after).filter(|other| other.role == Role::Lookup);
            let lookup = lookups.find(|lookup| {
                lookup.key.is_some_and(|key| {
                    refers(column, &lookup.scan, key) && table.type_of(index) == lookup.type_of(key)
                })
            });
            if let (false, Some(lookup)) = (taken, lookup) {
                let ty = Type::Ref(lookup.name.clone());
                table.set_type(index, ty);
            }
        }
    }
}

/// The name of a table after its file: one that is taken, or that rules cannot write, is changed.
fn table_name(stem: &str) -> String {
    let name: String =
        stem.chars().map(|c| if c.is_control() || c == '`' { '_' } else { c }).collect();
    if is_reserved(&name) || name == "customers" { format!("{name}_rows") } else { name }
}

/// Paths that begin so have a meaning of their own.
pub(crate) fn is_reserved(name: &str) -> bool {
    matches!(name, "parent" | "customer" | "rfm" | "predict")
}

/// The column of a table that holds the key of another one.
fn linking(role: &Role) -> Option<usize> {
    match *role {
        Role::Rows { customer } => Some(customer),
        Role::Nested { column, .. } => Some(column),
        Role::Customers | Role::Lookup => None,
    }
}

/// A key and what holds it are of one type: text, where one of them is.
fn unify_keys(tables: &mut [Table]) {
    for at in 0..tables.len() {
        let Some(table) = tables.get(at) else { return };
        let Some((link, own)) =
            linking(&table.role).and_then(|link| Some((link, table.type_of(link)?.clone())))
        else {
            continue;
        };
        let parent = match &table.role {
            Role::Nested { parent, .. } => tables.iter().position(|table| table.name == *parent),
            _ => Some(0),
        };
        let Some((parent, key)) = parent.and_then(|at| Some((at, tables.get(at)?.key?))) else {
            continue;
        };
        let theirs = tables.get(parent).and_then(|table| table.type_of(key)).cloned();
        if theirs.as_ref() != Some(&own) {
            for (table, column) in [(at, link), (parent, key)] {
                if let Some(table) = tables.get_mut(table) {
                    table.set_type(column, Type::Text);
                }
            }
        }
    }
}

/// Whether more than half of what a column holds are keys.
fn overlap(column: &Column, key: &Column) -> bool {
    let known = column.distinct.iter().filter(|value| key.distinct.contains(value)).count();
    2 * known > column.distinct.len()
}

fn time_column(table: &Table, names: &[&str]) -> Option<usize> {
    names.iter().find_map(|wanted| {
        let mut times = table.used().filter(|(_, _, ty)| matches!(ty, Type::Date | Type::DateTime));
        times.find(|(_, column, _)| plain(&column.name) == *wanted).map(|(at, ..)| at)
    })
}

fn type_of(column: &Column) -> Type {
    let shape = &column.shape;
    if column.present == 0 {
        Type::Text
    } else if shape.bool {
        Type::Bool
    } else if shape.int {
        Type::Int
    } else if shape.decimal
        && shape.scale > 0
        && shape.scale <= 8
        && shape.whole_digits + shape.scale <= 18
    {
        Type::Decimal(u8::try_from(shape.scale).unwrap_or(0))
    } else if shape.float && shape.whole_digits + shape.scale <= 40 {
        Type::Float
    } else if shape.date {
        Type::Date
    } else if shape.datetime {
        Type::DateTime
    } else if shape.clean_lists
        && 10 * shape.lists >= column.present
        && plain(&column.name).ends_with('s')
    {
        Type::TextSet
    } else {
        Type::Text
    }
}

fn tell(table: &mut Table) {
    let name = |index: usize| table.column_name(index).to_owned();
    let mut told = Vec::new();
    match &table.role {
        Role::Customers => told.push("one row a customer".to_owned()),
        Role::Rows { customer } => {
            told.push(format!("rows of customers, linked by `{}`", name(*customer)))
        }
        Role::Nested { parent, column } => {
            told.push(format!("rows of `{parent}`, linked by `{}`", name(*column)));
        }
        Role::Lookup => told.push("a lookup that other tables refer to".to_owned()),
    }
    if let Some(key) = table.key {
        told.push(format!("key: `{}`", name(key)));
    }
    if let Some(time) = table.time {
        let what = if table.role == Role::Customers { "exists from" } else { "time" };
        told.push(format!("{what}: `{}`", name(time)));
    }
    let columns: Vec<String> =
        table.used().map(|(_, column, ty)| format!("{} {ty}", column.name)).collect();
    told.push(format!("columns: {}", columns.join(", ")));
    told.extend(table.scan.notes.iter().map(|note| format!("note: {note}")));
    table.told = told;
}

/// A name without case and punctuation.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A plain name without the ending of its plural.
fn singular(name: &str) -> String {
    let name = plain(name);
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    name.strip_suffix('s').filter(|stem| !stem.ends_with('s')).map_or(name.clone(), str::to_owned)
}
