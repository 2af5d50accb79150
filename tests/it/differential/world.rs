//! A random schema with its data: customers, rows of customers, rows of rows, lookups that refer to lookups.

use std::fmt::Write as _;

use super::choices::Choices;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    Decimal(u8),
    Float,
    Text,
    Date,
    DateTime,
    Texts,
    Ints,
    Geo,
}

pub(super) struct Table {
    pub(super) name: &'static str,
    /// Name and type; `None` for a reference to `to`.
    pub(super) columns: Vec<Column>,
    pub(super) rows: String,
    pub(super) has_time: bool,
}

pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// The lookup that a reference refers to; its key is of `kind`.
    pub(super) to: Option<&'static str>,
}

pub(super) struct World {
    pub(super) schema: String,
    pub(super) as_of: String,
    pub(super) text_keys: bool,
    /// Whether there are scores by purchases, and names for them.
    pub(super) rfm: Option<bool>,
    /// Whether there are predictions.
    pub(super) predict: bool,
    /// customers, rows, parts, bits, shops, towns
    pub(super) tables: Vec<Table>,
}

const ZONES: &[&str] = &[
    "UTC",
    "Europe/Stockholm",
    "America/New_York",
    "Asia/Tokyo",
    "America/Sao_Paulo",
    "America/Havana",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
];
pub(super) const DAYS: &[&str] = &[
    "2026-11-01",
    "2026-10-31",
    "2026-10-25",
    "2026-03-29",
    "2024-02-29",
    "2024-02-28",
    "2024-03-01",
    "2023-02-28",
    "2023-03-01",
    "2025-12-31",
    "2026-01-01",
    "2018-11-04",
    "2011-12-30",
    "2011-12-29",
    "2026-05-31",
    "2000-02-29",
    "1992-02-29",
    "1969-12-31",
    "0001-01-01",
    "9999-12-31",
    "2027-02-28",
];
pub(super) const TIMES: &[&str] =
    &["12:00:00", "00:00:00", "23:59:59.999999", "02:30:00", "00:30:00", "01:59:59", "03:00:00"];
/// 0.17 degrees of latitude are 18.9032 km.
const LATITUDES: &[&str] = &["59.33", "59.5", "0", "-33.86", "90", "-90"];
const LONGITUDES: &[&str] = &["18.06", "0", "1", "179.9", "-179.9", "-180"];
const TEXTS: &[&str] = &["a", "b", "B", "ab", "ä", "Ä", "ß", "ẞ", "x y", "zzz"];

impl World {
    pub(super) fn random(c: &mut Choices<'_>) -> Self {
        let text_keys = c.one_in(3);
        let key = if text_keys { "text" } else { "int" };
        let mut schema = format!("timezone = \"{}\"\n", c.of(ZONES));
        writeln!(schema, "leap_day = \"{}\"\n", c.of(&["back", "forward", "skip"])).unwrap();
        let created = c.of(&["", "date", "datetime"]);
        let time = c.of(&["datetime", "date", ""]);
        let mut purchases = String::new();
        let rfm = (!time.is_empty() && c.one_in(2)).then(|| rfm(c, &mut purchases));
        let predicted = (!time.is_empty() && c.one_in(3)).then(|| predict(c));
        let towns = Self::lookup(c, "towns", false, None);
        let shop_text = c.one_in(2);
        let shops = Self::lookup(c, "shops", shop_text, Some("towns"));
        let shop_key = if shops.1 { Kind::Text } else { Kind::Int };
        let mut tables = Vec::new();

        let customers = 1 + c.below(20);
        let mut columns = columns(c, "c", Some(("shop", "shops", shop_key)));
        if !created.is_empty() {
            columns
                .push(column("born", if created == "date" { Kind::Date } else { Kind::DateTime }));
        }
        schema.push_str("[customers]\nkey = \"id\"\n");
        schema.push_str(if created.is_empty() { "" } else { "created = \"born\"\n" });
        write!(schema, "[customers.columns]\nid = \"{key}\"\n{}", declare(&columns)).unwrap();
        let fixed = (1..=customers)
            .map(|n| format!("{}{n}", if text_keys { "k" } else { "" }))
            .collect::<Vec<_>>();
        tables.push(Table {
            name: "customers",
            rows: rows(c, &["id"], std::slice::from_ref(&fixed), &columns),
            columns,
            has_time: false,
        });

        let count = c.below(50);
        let mut own = self::columns(c, "r", Some(("at_shop", "shops", shop_key)));
        if !time.is_empty() {
            own.push(column("at", if time == "date" { Kind::Date } else { Kind::DateTime }));
        }
        write!(
            schema,
            "[tables.rows]\nkey = \"row\"\ncustomer = \"customer\"\n{}[tables.rows.columns]\nrow = \"int\"\ncustomer = \"{key}\"\n{}",
            if time.is_empty() { "" } else { "time = \"at\"\n" },
            declare(&own)
        )
        .unwrap();
        let keys: Vec<_> = (1..=count).map(|n| n.to_string()).collect();
        let whose = (0..count).map(|_| fixed[c.below(fixed.len())].clone()).collect();
        let has_time = !time.is_empty();
        let text = rows(c, &["row", "customer"], &[keys.clone(), whose], &own);
        tables.push(Table { name: "rows", rows: text, columns: own, has_time });

        let mut parents = keys;
        for (name, parent, parent_key, own_key) in
            [("parts", "rows", "row", "part"), ("bits", "parts", "part", "bit")]
        {
            let count = if parents.is_empty() { 0 } else { c.below(40) };
            let own = self::columns(
                c,
                &name[..1],
                (name == "parts").then_some(("sold", "shops", shop_key)),
            );
            write!(
                schema,
                "[tables.{name}]\nkey = \"{own_key}\"\nparent = \"{parent}\"\nparent_key = \"{parent_key}\"\n[tables.{name}.columns]\n{own_key} = \"int\"\n{parent_key} = \"int\"\n{}",
                declare(&own)
            )
            .unwrap();
            let keys: Vec<_> = (1..=count).map(|n| n.to_string()).collect();
            let whose = (0..count).map(|_| parents[c.below(parents.len())].clone()).collect();
            let text = rows(c, &[own_key, parent_key], &[keys.clone(), whose], &own);
            tables.push(Table { name, rows: text, columns: own, has_time });
            parents = keys;
        }
        for (table, is_text) in [shops, towns] {
            let key = if is_text { "text" } else { "int" };
            write!(
                schema,
                "[lookups.{0}]\nkey = \"key\"\n[lookups.{0}.columns]\nkey = \"{key}\"\n{1}",
                table.name,
                declare(&table.columns)
            )
            .unwrap();
            tables.push(table);
        }
        let as_of = match c.below(3) {
            0 => c.of(&DAYS[..17]).to_owned(),
            1 => format!("{}T{}", c.of(&DAYS[..17]), c.of(TIMES)),
            _ => format!("{}T{}Z", c.of(&DAYS[..17]), c.of(TIMES)),
        };
        if rfm.is_some() {
            let table = if purchases.contains("table = \"rows\"") { "rows" } else { "parts" };
            let own = tables.iter().find(|each| each.name == table).expect("a table");
            let is_number = |kind| matches!(kind, Kind::Int | Kind::Decimal(_) | Kind::Float);
            let amounts: Vec<_> = own.columns.iter().filter(|each| each.to.is_none()).collect();
            let amounts: Vec<_> = amounts.into_iter().filter(|each| is_number(each.kind)).collect();
            let amount = &amounts[purchases.len() % amounts.len()].name;
            schema.push_str(&purchases.replace("AMOUNT", amount));
        }
        schema.push_str(predicted.as_deref().unwrap_or_default());
        Self { schema, as_of, text_keys, rfm, predict: predicted.is_some(), tables }
    }

    fn lookup(
        c: &mut Choices<'_>,
        name: &'static str,
        is_text: bool,
        to: Option<&'static str>,
    ) -> (Table, bool) {
        let columns = columns(c, "l", to.map(|to| ("town", to, Kind::Int)));
        let count = c.below(4);
        let keys = (1..=count).map(|n| reference(is_text, n)).collect();
        let rows = rows(c, &["key"], &[keys], &columns);
        (Table { name, columns, rows, has_time: false }, is_text)
    }
}

/// Writes how customers are scored, and says whether scores have names.
fn rfm(c: &mut Choices<'_>, text: &mut String) -> bool {
    const FILTERS: &[&[&str]] = &[
        &["", "r_bool", "r_int > 0 or r_text = 'a'", "not customer.c_bool", "r_date < today"],
        &["", "p_bool", "parent.r_bool", "p_float > 0.5 or parent.r_text != 'b'", "p_int >= 0"],
    ];
    let nested = c.below(3) == 2;
    writeln!(text, "[rfm]\ntable = \"{}\"", if nested { "parts" } else { "rows" }).unwrap();
    text.push_str("amount = \"AMOUNT\"\n");
    let filter = c.of(FILTERS[usize::from(nested)]);
    if !filter.is_empty() {
        writeln!(text, "where = \"{filter}\"").unwrap();
    }
    let window = c.of(&["", "", "", "2 years", "400 weeks", "12 months", "30 days", "1 day"]);
    if !window.is_empty() {
        writeln!(text, "window = \"{window}\"").unwrap();
    }
    let levels = [5, 3, 4, 10, 5, 7][c.below(6)];
    writeln!(text, "levels = {levels}\nmin_population = {}", c.of(&["1", "1", "2", "4", "30"]))
        .unwrap();
    writeln!(text, "without_purchase = \"{}\"", c.of(&["missing", "lowest"])).unwrap();
    let method = match c.below(3) {
        0 => "method = \"quantile\"".to_owned(),
        1 => "method = \"qcut\"".to_owned(),
        _ => {
            let first = |list: [&str; 9]| list[..levels - 1].join(", ");
            format!(
                "thresholds = {{ recency_days = [{}], frequency = [{}], monetary = [{}] }}",
                first(["0", "0.5", "1", "7", "30.5", "365", "366", "1000", "5000"]),
                first(["1", "2", "2.5", "3", "4", "5", "6", "7", "8"]),
                first(["-10", "0", "0.5", "1", "2.25", "10", "99.99", "1000", "12345"]),
            )
        }
    };
    writeln!(text, "{method}").unwrap();
    let groups = match (levels, c.below(4)) {
        (5, 0) => "groups = \"standard\"\n".to_owned(),
        (5, 1) => "groups = \"ten\"\n".to_owned(),
        (5, 2) => "groups = \"four\"\n".to_owned(),
        (3, 0 | 1) => "groups = \"three\"\n".to_owned(),
        (5, _) => String::new(),
        (_, 0 | 1) => return false,
        _ => {
            let rest: Vec<String> = (1..levels).map(|score| score.to_string()).collect();
            let rest = rest.join(", ");
            format!(
                "[rfm.groups]\nChampions = {{ recency = {levels} }}\nLost = {{ recency = [{rest}] }}\n"
            )
        }
    };
    text.push_str(&groups);
    true
}

/// How predictions are made. With fixed parameters they never fail.
fn predict(c: &mut Choices<'_>) -> String {
    const FILTERS: &[&[&str]] = &[
        &["", "r_bool", "r_int > 0 or r_text = 'a'", "not customer.c_bool", "r_date < today"],
        &["", "p_bool", "parent.r_bool", "p_float > 0.5 or parent.r_text != 'b'", "p_int >= 0"],
    ];
    let nested = c.one_in(3);
    let (table, amounts) = match nested {
        false => ("rows", ["r_int", "r_float"]),
        true => ("parts", ["p_int", "p_float"]),
    };
    let mut text = format!("[predict]\ntable = \"{table}\"\namount = \"{}\"\n", c.of(&amounts));
    let filter = c.of(FILTERS[usize::from(nested)]);
    if !filter.is_empty() {
        writeln!(text, "where = \"{filter}\"").unwrap();
    }
    if c.below(2) == 0 {
        let tiers = c.of(&["0.8, 0.5", "0.9, 0", "0.333, 0.25", "0.5, 0.001"]);
        writeln!(text, "spend_tiers = [{tiers}]").unwrap();
    }
    let horizon = c.of(&["", "90 days", "1 month", "2 years", "7 weeks"]);
    if !horizon.is_empty() {
        writeln!(text, "spend_horizon = \"{horizon}\"").unwrap();
    }
    writeln!(text, "discount_rate = {}", c.of(&["0", "0.1", "1", "0.000001"])).unwrap();
    let orders = c.of(&[
        "r = 0.243, alpha_days = 30.9, a = 0.793, b = 2.426",
        "r = 5, alpha_days = 1, a = 0.01, b = 1",
        "r = 0.01, alpha_days = 1000, a = 1, b = 0.1",
    ]);
    let amounts = c.of(&[
        ", p = 6.25, q = 3.74, v = 15.44",
        ", p = 6.25, q = 3.74, v = 15.44",
        ", p = 0.5, q = 1.01, v = 1000",
        "",
    ]);
    if !c.one_in(8) {
        writeln!(text, "parameters = {{ {orders}{amounts} }}").unwrap();
    }
    text
}

pub(super) fn reference(is_text: bool, number: usize) -> String {
    if is_text { format!("s{number}") } else { number.to_string() }
}

fn column(name: &str, kind: Kind) -> Column {
    Column { name: name.to_owned(), kind, to: None }
}

/// One column of every type, and a reference.
fn columns(
    c: &mut Choices<'_>,
    prefix: &str,
    to: Option<(&str, &'static str, Kind)>,
) -> Vec<Column> {
    let scale = u8::try_from(c.below(4)).unwrap();
    let kinds = [
        Kind::Int,
        Kind::Text,
        Kind::Date,
        Kind::DateTime,
        Kind::Decimal(scale),
        Kind::Float,
        Kind::Bool,
        Kind::Texts,
        Kind::Ints,
        Kind::Geo,
    ];
    let mut columns: Vec<_> = kinds
        .into_iter()
        .map(|kind| {
            column(&format!("{prefix}_{}", type_name(kind).replace(['(', ')', '<', '>'], "")), kind)
        })
        .collect();
    columns.extend(to.map(|(name, to, kind)| Column { name: name.to_owned(), kind, to: Some(to) }));
    columns
}

pub(super) fn type_name(kind: Kind) -> String {
    match kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Int => "int".to_owned(),
        Kind::Decimal(scale) => format!("decimal({scale})"),
        Kind::Float => "float".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::DateTime => "datetime".to_owned(),
        Kind::Texts => "set<text>".to_owned(),
        Kind::Ints => "set<int>".to_owned(),
        Kind::Geo => "geo".to_owned(),
    }
}

fn declare(columns: &[Column]) -> String {
    let ty = |column: &Column| {
        column.to.map_or_else(|| type_name(column.kind), |to| format!("ref<{to}>"))
    };
    columns.iter().fold(String::new(), |text, column| {
        text + &format!("{} = \"{}\"\n", column.name, ty(column))
    })
}

/// A CSV text: the fixed columns, then random fields.
fn rows(c: &mut Choices<'_>, names: &[&str], fixed: &[Vec<String>], columns: &[Column]) -> String {
    let head = names
        .iter()
        .map(ToString::to_string)
        .chain(columns.iter().map(|column| column.name.clone()));
    let mut text = head.collect::<Vec<_>>().join(",") + "\n";
    for row in 0..fixed[0].len() {
        let own = fixed.iter().map(|values| values[row].clone()).collect::<Vec<_>>();
        let fields = own.into_iter().chain(columns.iter().map(|column| field(c, column)));
        text += &(fields.collect::<Vec<_>>().join(",") + "\n");
    }
    text
}

/// Missing once in six times.
pub(super) fn field(c: &mut Choices<'_>, column: &Column) -> String {
    if c.below(6) == 5 {
        return String::new();
    }
    if column.to.is_some() {
        return reference(column.kind == Kind::Text, 1 + c.below(4));
    }
    match column.kind {
        Kind::Bool => c.of(&["true", "false"]).to_owned(),
        Kind::Int => c.of(INTS).to_owned(),
        Kind::Decimal(scale) => decimal(c, scale),
        Kind::Float => c.of(FLOATS).to_owned(),
        Kind::Text => text(c).to_owned(),
        Kind::Date => day(c),
        Kind::DateTime => format!("{}T{}{}", c.of(DAYS), c.of(TIMES), c.of(&["", "Z"])),
        Kind::Texts => (0..=c.below(3)).map(|_| text(c)).collect::<Vec<_>>().join(";"),
        Kind::Ints => (0..=c.below(3)).map(|_| c.of(&INTS[..6])).collect::<Vec<_>>().join(";"),
        Kind::Geo => format!("{};{}", c.of(LATITUDES), c.of(LONGITUDES)),
    }
}

const INTS: &[&str] = &[
    "0",
    "1",
    "2",
    "-1",
    "5",
    "10",
    "100",
    "-7",
    "9223372036854775807",
    "-9223372036854775808",
    "9007199254740993",
];
const FLOATS: &[&str] = &[
    "0",
    "1",
    "0.1",
    "0.5",
    "-2.25",
    "2",
    "3.3",
    "-0.0",
    "1e300",
    "9007199254740992",
    "1e-9",
    "5",
];

pub(super) fn decimal(c: &mut Choices<'_>, scale: u8) -> String {
    let mantissa = [0_i64, 1, 5, 10, -10, 25, 100, -325, 1050, 99_999][c.below(10)];
    if scale == 0 {
        return mantissa.to_string();
    }
    let power = 10_i64.pow(u32::from(scale));
    let sign = if mantissa < 0 { "-" } else { "" };
    let (whole, part) = (mantissa.abs() / power, mantissa.abs() % power);
    format!("{sign}{whole}.{part:0width$}", width = usize::from(scale))
}

pub(super) fn text(c: &mut Choices<'_>) -> &'static str {
    c.of(TEXTS)
}

pub(super) fn place(c: &mut Choices<'_>) -> (&'static str, &'static str) {
    (c.of(LATITUDES), c.of(LONGITUDES))
}

pub(super) fn day(c: &mut Choices<'_>) -> String {
    c.of(DAYS).to_owned()
}

pub(super) fn time_of_day(c: &mut Choices<'_>) -> &'static str {
    c.of(TIMES)
}
