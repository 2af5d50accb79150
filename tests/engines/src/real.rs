//! Rules over two real data sets that the crate's tests hold: a wholesaler's invoices, and a record shop's purchases.

use std::{collections::BTreeMap, fs, io::Read as _, path::Path};

use flate2::read::GzDecoder;
use segmenta::{AsOf, Schema};

use crate::{
    Result,
    data::{self, Record},
    lowered::Asked,
};

const RETAIL: &str = r#"
timezone = "Europe/London"
[customers]
key = "id"
[customers.columns]
id = "int"
country = "text"
[tables.orders]
key = "order_id"
customer = "customer"
time = "ordered_at"
[tables.orders.columns]
order_id = "text"
customer = "int"
ordered_at = "datetime"
status = "text"
total = "decimal(3)"
[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "text"
product = "text"
quantity = "int"
unit_price = "decimal(3)"
[rfm]
table = "orders"
amount = "total"
where = "status = 'completed'"
window = "365 days"
groups = "standard"
"#;

const RETAIL_RULES: &[&str] = &[
    "country not in ('United Kingdom', 'France')",
    "count(orders) >= 10 and not exists(orders where status = 'cancelled')",
    "sum(orders.total where status = 'completed') between 1000 and 5000.50",
    "avg(orders.total) > 412.5",
    "last(orders.ordered_at) < 3 months ago",
    "last(orders.status) = 'cancelled'",
    "first(orders.total) >= 500",
    "exists(items where product = '85123A' and parent.status = 'completed')",
    "sum(items.quantity where parent.status = 'completed') > 1000",
    "count(distinct items.product) >= 100",
    "max(items.unit_price) > 100 or exists(items where unit_price = 0)",
    "exists(orders where ordered_at between 12-24 and 01-05)",
    "count(orders where ordered_at within last 30 days) in (2, 3)",
    "count(orders where weekday(ordered_at) = 7 and hour(ordered_at) < 11) > 1",
    "average_gap(orders where status = 'completed') between 14 and 45.5",
    "top 5 percent by sum(orders.total)",
    "quantile(count(orders), 4) = 2 and country != 'United Kingdom'",
    "rfm.score in ('555', '554', '545')",
    "rfm.group = 'Champions'",
    "sample 10 percent seed 'holdout-1'",
    "exists(items where product starts with '8' and product ends with 'B' and quantity >= 12)",
    "length(last(items.product)) > 5",
    "at least 2 of (count(orders) > 5, country = 'Spain', exists(orders where total > 2000))",
    "first(orders.ordered_at) between 2011-03-27 and 2011-03-28",
];

const SHOP: &str = r#"
timezone = "America/New_York"
[customers]
key = "id"
[customers.columns]
id = "int"
[tables.orders]
customer = "customer"
time = "day"
[tables.orders.columns]
customer = "int"
day = "date"
total = "decimal(2)"
[rfm]
table = "orders"
amount = "total"
levels = 4
method = "qcut"
without_purchase = "lowest"
"#;

const SHOP_RULES: &[&str] = &[
    "count(orders) = 1",
    "count(distinct orders.day) >= 3",
    "sum(orders.total) > 100.00",
    "avg(orders.total) between 14.37 and 20",
    "last(orders.day) within last 90 days",
    "days_since(last(orders.day)) > 400",
    "first(orders.total) < last(orders.total)",
    "average_gap(orders) < 30",
    "exists(orders where day between 12-20 and 01-06)",
    "bottom 25 percent by sum(orders.total)",
    "top 100 by count(orders)",
    "rfm.recency = 4 and rfm.monetary >= 3",
    "rfm.score = '111'",
    "quantile(max(orders.total), 10) >= 9",
    "month(first(orders.day)) = 2 and weekday(first(orders.day)) in (6, 7)",
];

pub(crate) fn write(folder: &Path, out: &Path) -> Result<String> {
    let mut retail = BTreeMap::new();
    for table in ["customers", "orders", "items"] {
        let mut text = String::new();
        let file = fs::File::open(folder.join(format!("online_retail/{table}.csv.gz")))?;
        GzDecoder::new(file).read_to_string(&mut text)?;
        retail.insert(table.to_owned(), text);
    }
    write_set("online_retail", RETAIL, &retail, RETAIL_RULES, "2011-12-09", out)?;
    let purchases = purchases(&fs::read_to_string(folder.join("predict/cdnow.csv"))?)?;
    write_set("cdnow", SHOP, &purchases, SHOP_RULES, "1998-06-30", out)?;
    Ok(format!(
        "real: {} rules over online_retail, {} over cdnow",
        RETAIL_RULES.len(),
        SHOP_RULES.len()
    ))
}

fn write_set(
    name: &str,
    schema: &str,
    tables: &BTreeMap<String, String>,
    rules: &[&str],
    as_of: &str,
    out: &Path,
) -> Result<()> {
    let schema = Schema::from_toml(schema)?;
    let folder = out.join(name);
    let snapshot = data::snapshot(&schema, tables)?;
    let written = data::write_tables(&schema, tables, &folder)?;
    let mapping = data::ordered(&schema)?;
    let mut asked = Asked::new(&schema, &snapshot, &mapping);
    let named: Vec<_> =
        rules.iter().map(|rule| (format!("{name}: {rule}"), (*rule).to_owned())).collect();
    let statement = asked.conditions(as_of, &named, as_of.parse::<AsOf>()?)?;
    for expected in statement.segments.values() {
        if expected.keys.is_empty() || expected.keys.len() as u64 == snapshot.customers() {
            return Err(format!("{name}: `{}` says little", expected.rule).into());
        }
    }
    let record = Record {
        name: name.to_owned(),
        tables: written,
        statements: vec![statement],
        refused: asked.refused,
    };
    record.write(&folder)
}

/// Customers and orders out of lines `id,yyyymmdd,cents`.
fn purchases(text: &str) -> Result<BTreeMap<String, String>> {
    let mut customers = std::collections::BTreeSet::new();
    let mut orders = "customer,day,total\n".to_owned();
    for line in text.lines().skip(1) {
        let [id, day, cents] = *line.split(',').collect::<Vec<_>>() else {
            return Err("a line that is no purchase".into());
        };
        let (year, rest) = day.split_at(4);
        let (month, day) = rest.split_at(2);
        let cents: u64 = cents.parse()?;
        customers.insert(id.parse::<u64>()?);
        orders += &format!("{id},{year}-{month}-{day},{}.{:02}\n", cents / 100, cents % 100);
    }
    let customers: String = customers.iter().map(|id| format!("{id}\n")).collect();
    Ok(BTreeMap::from([
        ("customers".to_owned(), format!("id\n{customers}")),
        ("orders".to_owned(), orders),
    ]))
}
