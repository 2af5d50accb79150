//! The example project: what its README promises, against SQL that was written by hand.
//!
//! The rules of `examples/shop` are said again below as SQLite queries over the same files. They use no part of the
//! crate: times are compared as the ISO text of the files, which is local time as the rules mean it; days of the
//! relative dates were worked out by hand for 10 December 2011. The sizes, in turn, were counted a third way, by a
//! Python script over the same files; that is where the numbers come from.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use rusqlite::Connection;
use segmenta::{AsOf, Engine, Evaluation, Key, Rules, Schema, Snapshot};

const TABLES: [(&str, &str); 4] = [
    ("customers", "customers.csv"),
    ("orders", "orders.csv"),
    ("items", "items.csv.gz"),
    ("products", "products.csv"),
];

/// Segment, members on 10 December 2011, and who they are.
const EXPECTED: [(&str, u64, &str); 8] = [
    ("founders", 27, "select customer_id from founders"),
    ("loyal", 34, LOYAL),
    ("returners", 13, "select customer_id from returners"),
    ("gone_quiet", 47, "select customer_id from gone_quiet"),
    ("cakestand", 34, CAKESTAND),
    ("christmas", 39, "select customer_id from christmas"),
    ("decorators_abroad", 8, DECORATORS_ABROAD),
    ("anniversary_soon", 2, ANNIVERSARY_SOON),
];

const VIEWS: &str = "
    create view per_customer as
        select customer_id, sum(total) as revenue,
            count(*) filter (where status = 'completed') as completed,
            count(*) filter (where status = 'cancelled') as cancelled,
            -- 365 days before 2011-12-10 is 2010-12-10, 60 days before is 2011-10-11
            count(*) filter (where status = 'completed' and ordered_at >= '2010-12-10') as in_365_days,
            count(*) filter (where status = 'completed' and ordered_at >= '2011-10-11') as in_60_days,
            max(ordered_at) filter (where status = 'completed') as last_completed
        from orders group by customer_id;
    create view founders as
        select customer_id from customers where first_order_at < '2011-01-01';
    create view returners as
        select customer_id from per_customer where cancelled >= 2 and 2 * cancelled >= completed;
    create view gone_quiet as
        select customer_id from per_customer
        -- three months before 2011-12-10
        where last_completed < '2011-09-10' and revenue > 0
            and customer_id not in (select customer_id from returners);
    create view bought as
        select distinct orders.customer_id, items.product
        from items join orders on orders.order_id = items.order_id
        where orders.status = 'completed';
    create view christmas as
        select distinct customer_id from orders
        where status = 'completed'
            and (strftime('%m-%d', ordered_at) >= '12-02' or strftime('%m-%d', ordered_at) <= '01-03');
";

const LOYAL: &str = "
    select customer_id from per_customer
    where revenue >= 100000 and in_365_days >= 4
        and (in_60_days >= 1 or customer_id in (select customer_id from founders))
        and customer_id not in (select customer_id from returners)";

const CAKESTAND: &str = "select customer_id from bought where product = '22423'";

const DECORATORS_ABROAD: &str = "
    select customer_id from customers
    where country <> 'United Kingdom' and customer_id <> 12480
        and (customer_id in (
                select orders.customer_id
                from items join orders on orders.order_id = items.order_id
                    join products on products.product = items.product
                where instr(products.description, 'CHRISTMAS') > 0
                group by orders.customer_id having count(*) >= 5)
            or customer_id in (
                select customer_id from bought where product = '22086'
                intersect select customer_id from christmas))
    union select 12432";

const ANNIVERSARY_SOON: &str = "
    select customer_id from orders
    where customer_id not in (select customer_id from gone_quiet)
    group by customer_id
    having strftime('%m-%d', min(ordered_at)) between '12-10' and '12-24'";

#[test]
fn every_segment_has_the_members_that_sql_finds() {
    let engine = engine();
    let database = database();
    let found = engine.evaluate(as_of("2011-12-10")).unwrap();
    assert_eq!(found.segments().count(), EXPECTED.len());
    assert_eq!(found.customers(), 155);
    for (segment, members, query) in EXPECTED {
        let wanted = keys_of(&database, query);
        assert_eq!(found.keys(segment).unwrap(), wanted, "{segment}");
        assert_eq!(wanted.len() as u64, members, "{segment}");
    }
}

#[test]
fn the_reference_says_the_same_on_many_days() {
    let engine = engine();
    for day in ["2010-11-30", "2010-12-24", "2011-03-27", "2011-06-30", "2011-12-09", "2013-01-01"]
    {
        let (fast, slow) =
            (engine.evaluate(as_of(day)).unwrap(), engine.evaluate_reference(as_of(day)).unwrap());
        assert_eq!(sizes(&fast), sizes(&slow), "{day}");
        assert!(fast.segments().eq(slow.segments()), "{day}");
        assert_eq!(fast.customers(), slow.customers(), "{day}");
    }
}

#[test]
fn earlier_days_know_only_what_had_happened() {
    // Counted by the Python script, too.
    let engine = engine();
    let june = engine.evaluate(as_of("2011-06-30")).unwrap();
    assert_eq!(june.customers(), 102);
    let expected = [
        ("founders", 27),
        ("loyal", 12),
        ("returners", 8),
        ("gone_quiet", 27),
        ("cakestand", 19),
        ("christmas", 25),
        ("decorators_abroad", 2),
        ("anniversary_soon", 1),
    ];
    assert_eq!(sizes(&june), expected.map(|(name, members)| (name.to_owned(), members)).into());
}

fn sizes(evaluation: &Evaluation) -> BTreeMap<String, u64> {
    evaluation.segments().map(|(name, rows)| (name.to_owned(), rows.len())).collect()
}

fn as_of(day: &str) -> AsOf {
    day.parse().unwrap()
}

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop")
}

fn engine() -> Engine {
    let folder = shop();
    let schema =
        Schema::from_toml(&fs::read_to_string(folder.join("segmenta.toml")).unwrap()).unwrap();
    let mut rules = Rules::builder(&schema);
    for file in ["loyalty.seg", "seasons.seg"] {
        rules = rules.file(file, fs::read_to_string(folder.join(file)).unwrap());
    }
    let mut data = Snapshot::builder(&schema);
    for (table, file) in TABLES {
        data.csv_file(table, folder.join(file)).unwrap();
    }
    Engine::new(rules.build().unwrap(), data.build().unwrap()).unwrap()
}

/// The files as SQLite tables; sums of money in pence.
fn database() -> Connection {
    let database = Connection::open_in_memory().unwrap();
    for (table, file) in TABLES {
        let text = read(&shop().join(file));
        let mut lines = text.lines().map(fields);
        let columns = lines.next().unwrap();
        database.execute(&format!("create table {table} ({})", columns.join(", ")), ()).unwrap();
        let places = vec!["?"; columns.len()].join(", ");
        let mut insert =
            database.prepare(&format!("insert into {table} values ({places})")).unwrap();
        for line in lines {
            insert.execute(rusqlite::params_from_iter(line)).unwrap();
        }
    }
    database
        .execute_batch(
            "update customers set customer_id = cast(customer_id as integer);
             update orders set customer_id = cast(customer_id as integer),
                 total = cast(round(total * 100) as integer);",
        )
        .unwrap();
    database.execute_batch(VIEWS).unwrap();
    database
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    let mut file = File::open(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "gz") {
        GzDecoder::new(file).read_to_string(&mut text).unwrap();
    } else {
        file.read_to_string(&mut text).unwrap();
    }
    text
}

/// The fields of a line. A quote within quotes stays doubled, which no query here minds.
fn fields(line: &str) -> Vec<String> {
    let mut quoted = false;
    let parts = line.split(|sign| {
        quoted ^= sign == '"';
        sign == ',' && !quoted
    });
    parts.map(|field| field.trim_matches('"').to_owned()).collect()
}

fn keys_of(database: &Connection, query: &str) -> Vec<Key> {
    let mut statement = database.prepare(query).unwrap();
    let rows = statement.query_map((), |row| row.get::<_, i64>(0)).unwrap();
    let mut keys: Vec<Key> = rows.map(|key| Key::Int(key.unwrap())).collect();
    keys.sort();
    keys
}
