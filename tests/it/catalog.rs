//! The catalogue: what it lists of types the checker must take, and what it counts is counted here by hand.

use segmenta::{
    Rules, Schema, Severity, Snapshot, Type, Value,
    catalog::{Catalog, Column, Kind, Role, Table, TableKind},
};

/// Every type, in each kind of table.
const TYPES: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "since"
[customers.columns]
id = "int"
since = "date"
yes = "bool"
whole = "int"
exact = "decimal(2)"
real = "float"
word = "text"
day = "date"
moment = "datetime"
words = "set<text>"
numbers = "set<int>"
place = "geo"
thing = "ref<things>"
number = "ref<numbered>"
[tables.rows]
key = "row_id"
customer = "customer_id"
time = "happened"
[tables.rows.columns]
row_id = "int"
customer_id = "int"
happened = "datetime"
yes = "bool"
whole = "int"
exact = "decimal(2)"
real = "float"
word = "text"
day = "date"
moment = "datetime"
words = "set<text>"
numbers = "set<int>"
place = "geo"
thing = "ref<things>"
[tables.nested]
parent = "rows"
parent_key = "row_id"
[tables.nested.columns]
row_id = "int"
word = "text"
[tables.timeless]
customer = "customer_id"
[tables.timeless.columns]
customer_id = "int"
whole = "int"
words = "set<text>"
[lookups.things]
key = "thing_id"
[lookups.things.columns]
thing_id = "text"
yes = "bool"
exact = "decimal(2)"
day = "date"
words = "set<text>"
place = "geo"
[lookups.numbered]
key = "n"
[lookups.numbered.columns]
n = "int"
[rfm]
table = "rows"
amount = "exact"
"#;

/// A value of the kind as a rule writes it; of sets and places there are none, so that the column stands for itself.
fn literal(column: &str, kind: Kind) -> String {
    match kind {
        Kind::Boolean => "true".to_owned(),
        Kind::Number => "5".to_owned(),
        Kind::Text => "'x'".to_owned(),
        Kind::Date => "2026-11-01".to_owned(),
        Kind::DateTime => "2026-11-01T16:00:00".to_owned(),
        _ => column.to_owned(),
    }
}

fn element(column: &str, kind: Kind) -> String {
    match kind {
        Kind::TextSet => "'x'".to_owned(),
        Kind::IntSet => "5".to_owned(),
        _ => literal(column, kind),
    }
}

/// A pattern of the catalogue as a condition on the column.
fn filled(pattern: &str, table: &str, column: &str, kind: Kind) -> String {
    pattern
        .replace(", …", "")
        .replace("TABLE", table)
        .replace("VALUE", column)
        .replace("OTHER", &literal(column, kind))
        .replace("ELEMENT", &element(column, kind))
        .replace("TEXT", "'x'")
        .replace("NUMBER", "3")
        .replace("DIGITS", "1")
}

/// Whether a condition on the columns of a table passes its check.
fn passes(schema: &Schema, table: &Table, condition: &str) -> bool {
    let rule = match table.kind {
        TableKind::Rows => format!("exists({} where {condition})", table.name),
        _ => condition.to_owned(),
    };
    let found = Rules::builder(schema).condition("rule", rule).check();
    found.iter().all(|found| found.severity == Severity::Warning)
}

/// The column as a rule reaches it: lookups through a reference of the customers.
fn reached(table: &Table, column: &Column) -> String {
    match (table.kind, table.name.as_str()) {
        (TableKind::Lookup, "things") => format!("thing.{}", column.written),
        (TableKind::Lookup, _) => format!("number.{}", column.written),
        _ => column.written.clone(),
    }
}

#[test]
fn the_checker_takes_exactly_what_is_listed() {
    let schema = Schema::from_toml(TYPES).unwrap();
    let catalog = Catalog::builder(&schema).build().unwrap();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for table in &catalog.tables {
        let computed = catalog.computed.iter().filter(|_| table.kind == TableKind::Customers);
        for column in table.columns.iter().chain(computed) {
            let path = reached(table, column);
            let mut ask = |listed: bool, condition: String| {
                asked += 1;
                if passes(&schema, table, &condition) != listed {
                    wrong.push(format!("{}: `{condition}` is listed: {listed}", table.name));
                }
            };
            for operator in catalog.language.operators {
                let condition = filled(operator.syntax, "", &path, column.kind);
                let is_value = matches!(operator.name, "+" | "-" | "*" | "/");
                let condition = if is_value { condition + " is not null" } else { condition };
                ask(column.operators.contains(&operator.name), condition);
            }
            for function in catalog.language.functions {
                let call = filled(function.syntax, "", &path, column.kind);
                ask(column.functions.contains(&function.name), format!("{call} is not null"));
            }
        }
    }
    assert!(asked > 1_500, "{asked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_checker_takes_exactly_the_aggregates_that_are_listed() {
    let schema = Schema::from_toml(TYPES).unwrap();
    let catalog = Catalog::builder(&schema).build().unwrap();
    let mut wrong = Vec::new();
    for table in &catalog.tables {
        for aggregate in catalog.language.aggregates {
            let columns = table.columns.iter().filter(|_| !aggregate.kinds.is_empty());
            let mut calls: Vec<(String, bool)> = columns
                .map(|column| {
                    let call = filled(aggregate.syntax, &table.name, &column.name, column.kind);
                    (call, column.aggregates.contains(&aggregate.name))
                })
                .collect();
            if aggregate.kinds.is_empty() {
                let call = filled(aggregate.syntax, &table.name, "", Kind::Number);
                calls.push((call, table.aggregates.contains(&aggregate.name)));
            }
            for (call, listed) in calls {
                let rule =
                    if call.starts_with("exists") { call } else { format!("{call} is not null") };
                let found = Rules::builder(&schema).condition("rule", &rule).check();
                let refused = found.iter().any(|found| found.severity == Severity::Error);
                if refused == listed {
                    wrong.push(format!("`{rule}` is listed: {listed}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn results_have_the_kind_that_is_said() {
    let schema = Schema::from_toml(TYPES).unwrap();
    let catalog = Catalog::builder(&schema).build().unwrap();
    let customers = catalog.table("customers").unwrap();
    for function in catalog.language.functions.iter() {
        for column in &customers.columns {
            if !function.kinds.contains(&column.kind) {
                continue;
            }
            let call = filled(function.syntax, "", &column.written, column.kind);
            let kind = function.result.unwrap_or(column.kind);
            let condition = format!("{call} = {}", literal("", kind));
            assert!(passes(&schema, customers, &condition), "{condition}");
        }
    }
}

#[test]
fn forms_are_what_they_are_said_to_be() {
    let schema = Schema::from_toml(TYPES).unwrap();
    let catalog = Catalog::builder(&schema).build().unwrap();
    let known = "segment known { include yes }";
    for form in catalog.language.forms {
        let text = form.syntax.replace("CONDITION", "yes").replace("SEGMENT", "known");
        let text = text.replace("YYYY", "2026").replace("MM-DD", "11-01");
        let text = text.replace("hh:mm:ss", "16:00:00");
        let text = filled(&text, "", "", Kind::Text);
        let condition = match form.gives {
            "condition" => text,
            "date" => format!("day > {text}"),
            "datetime" => format!("moment > {text}"),
            _ => format!("day = {text}"),
        };
        let builder = Rules::builder(&schema).file("known.seg", known);
        let found = builder.condition("rule", &condition).check();
        assert!(found.iter().all(|found| found.severity == Severity::Warning), "{condition}");
    }
}

const SHOP: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "since"
[customers.columns]
id = "text"
since = "datetime"
country = { type = "text", values = ["SE", "NO", "DE"], required = true }
level = "int"
balance = "decimal(2)"
weight = "float"
vip = "bool"
tags = "set<text>"
sizes = "set<int>"
"odd name" = "text"
home = "ref<stores>"
[tables.orders]
key = "order_id"
customer = "customer"
time = "day"
[tables.orders.columns]
order_id = "int"
customer = "text"
day = "date"
status = "text"
[lookups.stores]
key = "store"
[lookups.stores.columns]
store = "text"
region = "text"
"#;

const CUSTOMERS: &str = "\
id,since,country,level,balance,weight,vip,tags,sizes,odd name,home
a,2020-05-01T10:00:00,SE,1,10.50,0.5,true,tea;coffee,38;40,it's,S1
b,,SE,,-2.00,,false,,38,,S2
c,2021-01-01T00:00:00,NO,1,,1.25,true,tea,,,S1
d,2019-12-31T23:59:59,SE,3,0,-3,,coffee;tea;coffee,40,,S9
e,2021-01-01T00:00:00,NO,2,7.25,,true,cocoa,,,
";

const ORDERS: &str = "\
order_id,customer,day,status
1,a,2026-03-01,paid
2,a,,open
3,e,2031-01-01,paid
";

const STORES: &str = "store,region\nS1,north\nS2,south\nS3,north\n";

fn shop() -> (Schema, Snapshot) {
    let schema = Schema::from_toml(SHOP).unwrap();
    let mut data = Snapshot::builder(&schema);
    for (table, text) in [("customers", CUSTOMERS), ("orders", ORDERS), ("stores", STORES)] {
        data.csv_reader(table, table, text.as_bytes()).unwrap();
    }
    let snapshot = data.build().unwrap();
    (schema, snapshot)
}

/// `tea 3, coffee 2`, the values as they are written in rules.
fn values(column: &Column) -> String {
    let values = &column.contents.as_ref().unwrap().values;
    let values: Vec<String> =
        values.iter().map(|each| format!("{} {}", each.written, each.count)).collect();
    values.join(", ")
}

#[test]
fn values_are_counted() {
    let (schema, snapshot) = shop();
    let catalog = Catalog::builder(&schema).snapshot(&snapshot).build().unwrap();
    let rows: Vec<_> =
        catalog.tables.iter().map(|table| (table.name.as_str(), table.rows)).collect();
    assert_eq!(rows, [("customers", Some(5)), ("orders", Some(3)), ("stores", Some(3))]);
    let shown = |table: &str, name: &str| {
        let column = catalog.column(table, name).unwrap();
        let contents = column.contents.as_ref().unwrap();
        (contents.missing, contents.distinct, values(column))
    };
    let told = |missing, distinct, values: &str| (missing, distinct, values.to_owned());
    assert_eq!(shown("customers", "country"), told(0, Some(2), "'SE' 3, 'NO' 2"));
    assert_eq!(shown("customers", "level"), told(1, Some(3), "1 2, 2 1, 3 1"));
    assert_eq!(shown("customers", "vip"), told(1, Some(2), "true 3, false 1"));
    assert_eq!(shown("customers", "tags"), told(1, Some(3), "'tea' 3, 'coffee' 2, 'cocoa' 1"));
    assert_eq!(shown("customers", "sizes"), told(2, Some(2), "38 2, 40 2"));
    assert_eq!(shown("customers", "odd name"), told(4, Some(1), "'it\\'s' 1"));
    // S9 is no store.
    assert_eq!(shown("customers", "home"), told(2, Some(2), "'S1' 2, 'S2' 1"));
    assert_eq!(shown("customers", "balance"), told(1, None, ""));
    assert_eq!(shown("customers", "since"), told(1, None, ""));
    // Of keys of customers only the number is said.
    assert_eq!(shown("customers", "id"), told(0, Some(5), ""));
    assert_eq!(shown("orders", "customer"), told(0, Some(2), ""));
    // Rows of any time count.
    assert_eq!(shown("orders", "status"), told(0, Some(2), "'paid' 2, 'open' 1"));
    assert_eq!(shown("orders", "day"), told(1, None, ""));
    assert_eq!(shown("stores", "region"), told(0, Some(2), "'north' 2, 'south' 1"));
    assert_eq!(shown("stores", "store"), told(0, Some(3), "'S1' 1, 'S2' 1, 'S3' 1"));
}

#[test]
fn numbers_and_dates_have_a_range() {
    let (schema, snapshot) = shop();
    let catalog = Catalog::builder(&schema).snapshot(&snapshot).build().unwrap();
    let range = |table: &str, name: &str| {
        let column = catalog.column(table, name).unwrap();
        let range = column.contents.as_ref().unwrap().range.clone();
        range.map(|range| (range.min, range.max))
    };
    let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
    assert_eq!(range("customers", "level"), Some((Value::Int(1), Value::Int(3))));
    assert_eq!(range("customers", "balance"), Some((decimal("-2.00"), decimal("10.50"))));
    assert_eq!(range("customers", "weight"), Some((Value::Float(-3.0), Value::Float(1.25))));
    let day = |text: &str| Value::Date(text.parse().unwrap());
    assert_eq!(range("orders", "day"), Some((day("2026-03-01"), day("2031-01-01"))));
    // 23:59:59 in Stockholm in winter.
    let instant = |text: &str| Value::DateTime(text.parse().unwrap());
    let (first, last) = (instant("2019-12-31T22:59:59Z"), instant("2020-12-31T23:00:00Z"));
    assert_eq!(range("customers", "since"), Some((first, last)));
    assert_eq!(range("customers", "country"), None);
}

#[test]
fn columns_say_what_they_are_for() {
    let (schema, _) = shop();
    let catalog = Catalog::builder(&schema).build().unwrap();
    let column = |table: &str, name: &str| catalog.column(table, name).unwrap().clone();
    let id = column("customers", "id");
    assert_eq!((id.roles, id.nullable, id.references), (vec![Role::Key], false, None));
    assert_eq!(column("customers", "since").roles, [Role::Created]);
    let country = column("customers", "country");
    assert_eq!((country.nullable, country.declared.len()), (false, 3));
    assert_eq!((country.ty, country.kind), (Type::Text, Kind::Text));
    assert!(column("customers", "level").nullable && !column("customers", "tags").nullable);
    assert_eq!(column("customers", "odd name").written, "`odd name`");
    let home = column("customers", "home");
    assert_eq!(home.references.as_deref(), Some("stores"));
    assert_eq!((home.roles, home.kind), (vec![Role::Reference], Kind::Text));
    assert_eq!(home.ty.to_string(), "ref<stores>");
    let customer = column("orders", "customer");
    assert_eq!(customer.references.as_deref(), Some("customers"));
    assert_eq!((customer.roles, customer.nullable), (vec![Role::Customer], false));
    assert_eq!(column("orders", "day").roles, [Role::Time]);
    assert!(column("orders", "day").aggregates.contains(&"last"));
    assert!(column("customers", "level").aggregates.is_empty());
    assert!(column("customers", "level").contents.is_none());
    let orders = catalog.table("orders").unwrap();
    assert_eq!(orders.aggregates, ["count", "exists", "average_gap"]);
    assert_eq!(
        (orders.kind, orders.of.as_deref(), orders.rows),
        (TableKind::Rows, Some("customers"), None)
    );
    let nested = Catalog::builder(&Schema::from_toml(TYPES).unwrap()).build().unwrap();
    assert_eq!(nested.table("nested").unwrap().of.as_deref(), Some("rows"));
    assert_eq!(nested.column("nested", "row_id").unwrap().roles, [Role::Parent]);
    assert_eq!(nested.table("timeless").unwrap().aggregates, ["count", "exists"]);
}

#[test]
fn what_has_many_values_is_not_listed() {
    let (schema, snapshot) = shop();
    let builder = || Catalog::builder(&schema).snapshot(&snapshot);
    let catalog = builder().most_distinct(2).build().unwrap();
    let column = |catalog: &Catalog, name: &str| {
        let column = catalog.column("customers", name).unwrap();
        (column.contents.as_ref().unwrap().distinct, values(column))
    };
    assert_eq!(column(&catalog, "country").1, "'SE' 3, 'NO' 2");
    assert_eq!(column(&catalog, "tags"), (Some(3), String::new()));
    assert_eq!(column(&catalog, "level"), (None, String::new()));
    assert_eq!(column(&builder().most_distinct(3).build().unwrap(), "level").0, Some(3));
    let top = builder().most_listed(1).build().unwrap();
    assert_eq!(column(&top, "tags"), (Some(3), "'tea' 3".to_owned()));
    assert_eq!(column(&top, "level"), (Some(3), "1 2".to_owned()));
}

#[test]
fn customers_who_are_gone_do_not_count() {
    let (schema, snapshot) = shop();
    let mut next = snapshot.next();
    let left = "id,since,country,level,balance,weight,vip,tags,sizes,odd name,home\n\
                b,,SE,,-2.00,,false,,38,,S2\n\
                z,,DE,7,,,,,,,\n";
    next.csv_reader("customers", "customers", left.as_bytes()).unwrap();
    next.csv_reader("stores", "stores", STORES.as_bytes()).unwrap();
    next.csv_reader("orders", "orders", &b"order_id,customer,day,status\n"[..]).unwrap();
    let catalog = Catalog::builder(&schema).snapshot(&next.build().unwrap()).build().unwrap();
    let shown = |name: &str| {
        let column = catalog.column("customers", name).unwrap();
        let contents = column.contents.as_ref().unwrap();
        (contents.missing, contents.distinct, values(column))
    };
    assert_eq!(catalog.table("customers").unwrap().rows, Some(2));
    assert_eq!(catalog.table("orders").unwrap().rows, Some(0));
    assert_eq!(shown("country"), (0, Some(2), "'DE' 1, 'SE' 1".to_owned()));
    assert_eq!(shown("level"), (1, Some(1), "7 1".to_owned()));
    assert_eq!(shown("vip"), (1, Some(1), "false 1".to_owned()));
    assert_eq!(shown("tags"), (2, Some(0), String::new()));
    assert_eq!(shown("sizes"), (1, Some(1), "38 1".to_owned()));
    assert_eq!(shown("home"), (1, Some(1), "'S2' 1".to_owned()));
}

#[test]
fn many_customers_are_counted_in_every_width() {
    // Two chunks and a bit: small numbers, two bytes, four bytes and all eight, each with every third missing.
    let schema = Schema::builder()
        .customers("id")
        .column("id", Type::Int)
        .column("small", Type::Int)
        .column("wide", Type::Int)
        .column("wider", Type::Int)
        .column("widest", Type::Int)
        .column("many", Type::Int)
        .column("word", Type::Text)
        .build()
        .unwrap();
    let customers = 140_000_i64;
    let mut csv = String::from("id,small,wide,wider,widest,many,word\n");
    for id in 0..customers {
        let kind = id % 3;
        let fields = match kind {
            0 => [0, 300, 70_000, i64::MIN, id].map(|number| number.to_string()),
            1 => [5, 40_000, 3_000_000_000, i64::MAX, id].map(|number| number.to_string()),
            _ => [const { String::new() }; 5],
        };
        let word = if id % 2 == 0 { format!("w{}", id % 500) } else { String::new() };
        csv.push_str(&format!("{id},{},{word}\n", fields.join(",")));
    }
    let mut data = Snapshot::builder(&schema);
    data.csv_reader("customers", "customers", csv.as_bytes()).unwrap();
    let catalog = Catalog::builder(&schema).snapshot(&data.build().unwrap()).build().unwrap();
    // 140,000 = 3 × 46,666 + 2: two kinds have one more.
    for (name, values_told) in [
        ("small", "0 46667, 5 46667".to_owned()),
        ("wide", "300 46667, 40000 46667".to_owned()),
        ("wider", "70000 46667, 3000000000 46667".to_owned()),
        ("widest", format!("{} 46667, {} 46667", i64::MIN, i64::MAX)),
    ] {
        let column = catalog.column("customers", name).unwrap();
        let contents = column.contents.as_ref().unwrap();
        assert_eq!((contents.missing, contents.distinct), (46_666, Some(2)), "{name}");
        assert_eq!(values(column), values_told, "{name}");
    }
    let many = catalog.column("customers", "many").unwrap().contents.clone().unwrap();
    assert_eq!((many.missing, many.distinct, many.values.len()), (46_666, None, 0));
    let word = catalog.column("customers", "word").unwrap().contents.clone().unwrap();
    assert_eq!((word.missing, word.distinct, word.values.len()), (70_000, Some(250), 0));
}

#[test]
fn segments_and_lets_are_listed_with_errors_around_them() {
    let (schema, _) = shop();
    let text = "\
let often(n, days) = count(orders where day within last days days) >= n
let nordic = country in ('SE', 'NO')
static segment founders \"The first\" { include contry = 'SE' }
inactive segment old { include nordic and often(2, 30) }
partition tier { high when level > 2, low otherwise }
segment broken { include country = }
";
    let rules = Rules::builder(&schema).file("rules.seg", text);
    assert!(rules.build().is_err());
    let catalog = Catalog::builder(&schema).rules(&rules).build().unwrap();
    let segments: Vec<&str> = catalog.segments.iter().map(|each| each.name.as_str()).collect();
    assert_eq!(segments, ["founders", "old", "tier.high", "tier.low", "broken"]);
    assert_eq!(catalog.segments[0].title.as_deref(), Some("The first"));
    assert!(catalog.segments[1].inactive);
    let lets: Vec<String> = catalog
        .lets
        .iter()
        .map(|each| format!("{}({})", each.name, each.parameters.join(", ")))
        .collect();
    assert_eq!(lets, ["often(n, days)", "nordic()"]);
}

#[test]
fn a_catalogue_is_plain_data() {
    let (schema, snapshot) = shop();
    let catalog = Catalog::builder(&schema).snapshot(&snapshot).build().unwrap();
    let json = serde_json::to_value(&catalog).unwrap();
    let column = |name: &str| {
        let columns = json["tables"][0]["columns"].as_array().unwrap();
        columns.iter().find(|column| column["name"] == name).unwrap().clone()
    };
    assert_eq!(column("country")["type"], "text");
    assert_eq!(column("country")["declared"], serde_json::json!(["SE", "NO", "DE"]));
    let values = serde_json::json!([
        { "value": "SE", "written": "'SE'", "count": 3 },
        { "value": "NO", "written": "'NO'", "count": 2 },
    ]);
    assert_eq!(column("country")["contents"]["values"], values);
    assert_eq!(column("level")["contents"]["range"], serde_json::json!({ "min": 1, "max": 3 }));
    assert_eq!(column("level")["contents"]["values"][0]["value"], 1);
    assert_eq!(column("vip")["contents"]["values"][0]["value"], true);
    assert_eq!(column("balance")["contents"]["range"]["min"], "-2.00");
    assert_eq!(column("weight")["contents"]["range"]["max"], 1.25);
    assert_eq!(column("since")["contents"]["range"]["min"], "2019-12-31T22:59:59Z");
    assert_eq!(column("tags")["kind"], "set of texts");
    assert_eq!(column("home")["roles"], serde_json::json!(["reference"]));
    assert_eq!(json["tables"][1]["kind"], "rows");
    assert_eq!(json["language"]["operators"][0]["name"], "=");
    assert_eq!(json["language"]["operators"][0]["kinds"][2], "text");
    // Values of customers are not for logs.
    let shown = format!("{catalog:?} {:?}", catalog.tables);
    assert!(
        !shown.contains("it's") && !shown.contains("tea") && !shown.contains("10.5"),
        "{shown}"
    );
}

#[test]
fn computed_columns_are_listed_beside_those_of_the_data() {
    let catalog = |text: &str| {
        let schema = Schema::from_toml(&text.replace("[rfm]\n", "[rfm]\nlevels = 4\n"));
        Catalog::builder(&schema.unwrap()).build().unwrap()
    };
    let names = |catalog: &Catalog| -> Vec<String> {
        catalog.computed.iter().map(|column| format!("{}: {}", column.name, column.ty)).collect()
    };
    let whole = Catalog::builder(&Schema::from_toml(TYPES).unwrap()).build().unwrap();
    assert_eq!(
        names(&whole),
        [
            "rfm.recency: int",
            "rfm.frequency: int",
            "rfm.monetary: int",
            "rfm.score: text",
            "rfm.group: text",
        ]
    );
    let group = &whole.computed[4];
    assert_eq!((group.declared.len(), group.declared[0].as_str()), (11, "Champions"));
    assert!(group.nullable && group.aggregates.is_empty() && group.contents.is_none());
    assert_eq!(names(&catalog(TYPES)).len(), 4, "without groups");
    let without = TYPES.split("[rfm]").next().unwrap();
    assert_eq!(names(&catalog(without)), [""; 0]);
}

#[test]
fn a_schema_of_its_own_is_refused() {
    let (_, snapshot) = shop();
    let other = Schema::from_toml(TYPES).unwrap();
    let error = Catalog::builder(&other).snapshot(&snapshot).build().unwrap_err();
    assert!(error.to_string().contains("different schemas"), "{error}");
}
