//! What is in the database after a run, and what others see of it during one.

use std::fs;

use postgres::Client;
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

use crate::cluster::{Database, done, ended, refused};

const SCHEMA: &str = r#"
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
"#;

const RULES: &str = "
    segment big { include sum(orders.total) >= 100 }
    segment once { include count(orders) = 1 }
";

/// Customer 2 lacks a penny.
const DATA: &str = "
    CREATE TABLE customers (id integer PRIMARY KEY);
    CREATE TABLE orders (customer integer, day date, total numeric);
    INSERT INTO customers VALUES (1), (2), (3);
    INSERT INTO orders VALUES
        (1, '2026-10-01', 100), (2, '2026-10-02', 60), (2, '2026-10-03', 39.99), (3, '2026-10-04', 5)";

/// The first members, and then the penny.
fn shop_with_members(name: &str) -> Database {
    let mut shop = Database::new(name);
    shop.client.batch_execute(DATA).unwrap();
    shop.psql("members.sql");
    done(&mut shop.with_rules(SCHEMA, RULES));
    assert_eq!(members(&mut shop.client), OLD);
    shop.client.batch_execute("UPDATE orders SET total = 40 WHERE day = '2026-10-03'").unwrap();
    shop
}

const OLD: [&str; 3] = ["big 1", "once 1", "once 3"];
const NEW: [&str; 4] = ["big 1", "big 2", "once 1", "once 3"];

fn members(client: &mut Client) -> Vec<String> {
    texts(
        client,
        "SELECT segment || ' ' || customer FROM segment_member ORDER BY segment, customer",
    )
}

/// Each row as it lies in the table: a row that is written again lies elsewhere, by another transaction.
fn rows(client: &mut Client) -> Vec<String> {
    texts(
        client,
        "SELECT format('%s %s %s %s', ctid, xmin, segment, customer) FROM segment_member ORDER BY ctid",
    )
}

fn refreshes(client: &mut Client) -> Vec<String> {
    texts(
        client,
        r#"SELECT format('%s %s: %s +%s -%s', as_of, segment, members, entered, "left") FROM segment_refresh
        ORDER BY written, segment"#,
    )
}

fn texts(client: &mut Client, query: &str) -> Vec<String> {
    client.query(query, &[]).unwrap().iter().map(|row| row.get(0)).collect()
}

#[test]
fn the_table_holds_the_members_that_the_engine_has() {
    let mut shop = Database::new("shop");
    shop.psql("shop.sql");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shop");
    let file = |name: &str| format!("{folder}/{name}");
    let (schema, rules) = (file("segmenta.toml"), [file("loyalty.seg"), file("seasons.seg")]);
    let mut run = shop.program(&["--as-of", "2011-12-10", &schema, &rules[0], &rules[1]]);
    let printed = done(&mut run);

    let schema = Schema::from_toml(&fs::read_to_string(schema).unwrap()).unwrap();
    let mut data = Snapshot::builder(&schema);
    data.csv_file("customers", file("customers.csv")).unwrap();
    data.csv_file("orders", file("orders.csv")).unwrap();
    data.csv_file("items", file("items.csv.gz")).unwrap();
    data.csv_file("products", file("products.csv")).unwrap();
    let mut checked = Rules::builder(&schema);
    for file in &rules {
        checked = checked.file(file, fs::read_to_string(file).unwrap());
    }
    let mut engine = Engine::new(checked.build().unwrap(), data.build().unwrap()).unwrap();
    engine.refresh("2011-12-10".parse::<AsOf>().unwrap()).unwrap();
    let mut expected = Vec::new();
    for segment in engine.rules().segments() {
        let keys = engine.keys(segment.name()).unwrap();
        expected.extend(keys.iter().map(|key| format!("{} {key}", segment.name())));
    }
    expected.sort();
    let mut found = members(&mut shop.client);
    found.sort();
    assert_eq!(found, expected);
    // The sizes are those of the table in the README of the crate.
    assert_eq!(found.len(), 27 + 34 + 13 + 47 + 34 + 39 + 8 + 2);
    assert!(
        printed.contains("gone_quiet                              47        47         0\n"),
        "{printed}"
    );

    let before = (rows(&mut shop.client), refreshes(&mut shop.client));
    assert_eq!(done(&mut run), "no segment has changed\n");
    assert_eq!((rows(&mut shop.client), refreshes(&mut shop.client)), before);
}

#[test]
fn a_changed_order_is_one_row_more() {
    let mut shop = shop_with_members("changed");
    let before = rows(&mut shop.client);
    done(&mut shop.with_rules(SCHEMA, RULES));
    assert_eq!(members(&mut shop.client), NEW);
    let after = rows(&mut shop.client);
    assert_eq!((&after[..3], after.len()), (&before[..], 4));
    assert_eq!(
        refreshes(&mut shop.client),
        ["2026-11-01 big: 1 +1 -0", "2026-11-01 once: 2 +2 -0", "2026-11-01 big: 2 +1 -0"]
    );
}

#[test]
fn who_leaves_is_deleted_and_so_are_segments_that_are_no_more() {
    let mut shop = shop_with_members("leaving");
    shop.client.batch_execute("DELETE FROM orders WHERE customer = 1").unwrap();
    let rules = "segment big { include sum(orders.total) >= 100 }";
    done(&mut shop.with_rules(SCHEMA, rules));
    assert_eq!(members(&mut shop.client), ["big 2"]);
    let found = refreshes(&mut shop.client);
    assert_eq!(found[2..], ["2026-11-01 big: 1 +1 -1", "2026-11-01 once: 0 +0 -2"]);

    // An inactive segment is left as it is, whatever becomes of the others.
    done(&mut shop.with_rules(SCHEMA, RULES));
    assert_eq!(members(&mut shop.client), ["big 2", "once 3"]);
    shop.client.batch_execute("DELETE FROM orders").unwrap();
    done(&mut shop.with_rules(
        SCHEMA,
        &format!("inactive {rules} segment once {{ include count(orders) = 1 }}"),
    ));
    assert_eq!(members(&mut shop.client), ["big 2"]);
}

/// What is written when members are, waits for a lock that the test has.
const WAIT: &str = "
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN new; END';
    CREATE TRIGGER wait BEFORE INSERT ON segment_refresh FOR EACH ROW EXECUTE FUNCTION wait();
    SELECT pg_advisory_lock(7)";

#[test]
fn others_see_the_old_members_up_to_the_commit() {
    let mut shop = shop_with_members("seen");
    shop.client.batch_execute(WAIT).unwrap();
    let run = shop.with_rules(SCHEMA, RULES).spawn().unwrap();
    shop.wait_for_waiting(1);
    assert_eq!(members(&mut shop.connect()), OLD);
    shop.client.batch_execute("SELECT pg_advisory_unlock(7)").unwrap();
    ended(run);
    assert_eq!(members(&mut shop.connect()), NEW);
}

#[test]
fn a_run_that_is_killed_leaves_the_old_members() {
    let mut shop = shop_with_members("killed");
    let before = rows(&mut shop.client);
    shop.client.batch_execute(WAIT).unwrap();
    let mut run = shop.with_rules(SCHEMA, RULES).spawn().unwrap();
    shop.wait_for_waiting(1);
    run.kill().unwrap();
    run.wait().unwrap();
    shop.client.batch_execute("SELECT pg_advisory_unlock(7)").unwrap();
    shop.wait_until_alone();
    assert_eq!(rows(&mut shop.client), before);

    done(&mut shop.with_rules(SCHEMA, RULES));
    assert_eq!(members(&mut shop.client), NEW);
}

#[test]
fn a_run_that_fails_leaves_the_old_members() {
    let mut shop = shop_with_members("failed");
    let before = rows(&mut shop.client);
    shop.client
        .batch_execute("ALTER TABLE segment_refresh ADD CHECK (members < 2) NOT VALID")
        .unwrap();
    let why = refused(&mut shop.with_rules(SCHEMA, RULES));
    assert!(why.contains("violates check constraint"), "{why}");
    assert_eq!(rows(&mut shop.client), before);
}

#[test]
fn runs_at_the_same_time_come_one_after_the_other() {
    let mut shop = shop_with_members("both");
    shop.client.batch_execute(WAIT).unwrap();
    let run = shop.with_rules(SCHEMA, RULES).spawn().unwrap();
    shop.wait_for_waiting(1);
    let other = shop.with_rules(SCHEMA, RULES).spawn().unwrap();
    shop.wait_for_waiting(2);
    shop.client.batch_execute("SELECT pg_advisory_unlock(7)").unwrap();
    ended(run);
    assert_eq!(ended(other), "no segment has changed\n");
    assert_eq!(members(&mut shop.client), NEW);
}

#[test]
fn customers_and_orders_are_of_one_moment() {
    let mut shop = shop_with_members("moment");
    let mut other = shop.connect();
    let mut change = other.transaction().unwrap();
    change.batch_execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").unwrap();
    let run = shop.with_rules(SCHEMA, RULES).spawn().unwrap();
    // The customers are read, the orders are waited for.
    shop.wait_for_waiting(1);
    let late =
        "INSERT INTO customers VALUES (4); INSERT INTO orders VALUES (4, '2026-10-05', 1000)";
    change.batch_execute(late).unwrap();
    change.commit().unwrap();
    ended(run);
    assert_eq!(members(&mut shop.client), NEW);
}
