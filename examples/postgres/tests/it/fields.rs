//! Fields of every type on their way into a snapshot, and what is said of those that do not fit.

use std::collections::BTreeSet;

use postgres::Client;
use segmenta::Decimal;

use crate::cluster::{Database, done, refused};

fn keys(client: &mut Client, segment: &str) -> Vec<String> {
    let query =
        "SELECT customer::text FROM segment_member WHERE segment = $1 ORDER BY customer::text";
    client.query(query, &[&segment]).unwrap().iter().map(|row| row.get(0)).collect()
}

/// Numbers of every length with so many digits behind the point, each once.
fn some_numbers(scale: u8) -> Vec<Decimal> {
    let mut state = u64::from(scale);
    let mut numbers = BTreeSet::new();
    for bits in (1..64).step_by(3) {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = i128::from(state >> (64 - bits)) * if bits % 2 == 0 { -1 } else { 1 };
        numbers.extend(Decimal::new(number, scale));
    }
    numbers.into_iter().collect()
}

#[test]
fn numbers_arrive_as_they_are() {
    let given = [
        (2, "0.10"),
        (2, "12345678901234.56"),
        (2, "-0.01"),
        (2, "0.00"),
        (0, "10000"),
        (0, "9223372036854775807"),
        (4, "-10000.5000"),
        (4, "-922337203685477.5808"),
        (8, "0.00010000"),
        (8, "-0.00000001"),
        (18, "0.000000000000000001"),
    ];
    let given = given.map(|(scale, number)| (scale, number.to_owned()));
    let drawn = (0..=18).flat_map(|scale| {
        some_numbers(scale).into_iter().map(move |number| (scale, number.to_string()))
    });
    let mut rows = "CREATE TABLE customers (id bigint".to_owned();
    let mut schema = "[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\n".to_owned();
    for scale in 0..=18 {
        rows += &format!(", d{scale} numeric");
        schema += &format!("d{scale} = 'decimal({scale})'\n");
    }
    rows += ");\n";
    let mut rules = String::new();
    let numbers: Vec<(u8, String)> = given.into_iter().chain(drawn).collect();
    for (id, (scale, number)) in numbers.iter().enumerate() {
        rows += &format!("INSERT INTO customers (id, d{scale}) VALUES ({id}, {number});\n");
        rules += &format!("segment n{id} {{ include d{scale} = {number} }}\n");
    }
    let mut shop = Database::new("numbers");
    shop.client.batch_execute(&rows).unwrap();
    shop.psql("members.sql");
    done(&mut shop.with_rules(&schema, &rules));
    for (id, (scale, number)) in numbers.iter().enumerate() {
        let found = keys(&mut shop.client, &format!("n{id}"));
        assert!(found.contains(&id.to_string()), "{number} at {scale} digits: {found:?}");
        // Zero and other short numbers may have been drawn as well.
        assert!(found.len() <= 2, "{number} at {scale} digits: {found:?}");
    }
}

#[test]
fn numbers_that_do_not_fit_are_refused() {
    let mut shop = Database::new("misfits");
    shop.client.batch_execute("CREATE TABLE customers (id bigint, amount numeric)").unwrap();
    let schema = "
        [customers]
        key = 'id'
        [customers.columns]
        id = 'int'
        amount = 'decimal(4)'";
    for (number, why) in [
        ("0.00001", "row 1 of `customers`"),
        ("922337203685477.5808", "row 1 of `customers`"),
        ("'NaN'", "row 1, column `amount`: NaN and infinity"),
        ("'-Infinity'", "row 1, column `amount`: NaN and infinity"),
    ] {
        let change = format!("TRUNCATE customers; INSERT INTO customers VALUES (1, {number})");
        shop.client.batch_execute(&change).unwrap();
        let said = refused(&mut shop.with_rules(schema, "segment all {}"));
        assert!(said.contains(why), "{number}: {said}");
        assert!(
            said.contains(r#"by SELECT "id", "amount" FROM "customers" ORDER BY 1, 2"#),
            "{said}"
        );
    }
}

#[test]
fn texts_and_names_arrive_as_they_are() {
    let texts = [
        "it's",
        "\"quoted\"",
        r"back\slash",
        r"\N",
        "a;b",
        "{a,b}",
        "NULL",
        "two\nlines\tand a tab",
        "--",
        "/*",
        "$1",
        "Zoë 漢字 😀",
        "e\u{301}",
        "\u{202e}turned",
        " blank ",
        "%s",
        "); DROP TABLE customers",
    ];
    let mut shop = Database::new("texts");
    shop.client
        .batch_execute(
            r#"
            CREATE TABLE "customers" ("the ""key"";--" text PRIMARY KEY, "l'\été" text[], "SELECT" text);
            CREATE TABLE segment_member (segment text, customer text REFERENCES customers, PRIMARY KEY (customer, segment));
            CREATE TABLE segment_refresh (as_of text, segment text, members int, entered int, "left" int);"#,
        )
        .unwrap();
    let schema = r#"
        [customers]
        key = 'the "key";--'
        [customers.columns]
        'the "key";--' = "text"
        "l'\\été" = "set<text>"
        SELECT = "text"
    "#;
    let mut rules = String::from(
        "segment none { include `SELECT` = '' }\nsegment missing { include `SELECT` is null }\n",
    );
    for (at, text) in texts.iter().enumerate() {
        let row = "INSERT INTO customers VALUES ($1, ARRAY[$1, NULL, 'x'], $2)";
        let empty = (at % 2 == 0).then_some("");
        shop.client.execute(row, &[text, &empty]).unwrap();
        let escaped: String = text.chars().map(|c| format!("\\u{{{:x}}}", c as u32)).collect();
        rules += &format!(
            "segment t{at} {{ include `l'\\été` contains '{escaped}' and `the \"key\";--` = '{escaped}' }}\n"
        );
    }
    done(&mut shop.with_rules(schema, &rules));
    for (at, text) in texts.iter().enumerate() {
        assert_eq!(keys(&mut shop.client, &format!("t{at}")), [*text]);
    }
    // An empty text is not a missing one.
    assert_eq!(keys(&mut shop.client, "none").len(), texts.len().div_ceil(2));
    assert_eq!(keys(&mut shop.client, "missing").len(), texts.len() / 2);
}

#[test]
fn every_type_is_read_and_null_is_missing() {
    let mut shop = Database::new("types");
    shop.client
        .batch_execute(
            "CREATE TYPE colour AS ENUM ('red', 'blue');
            CREATE TABLE customers (
                id uuid PRIMARY KEY, yes boolean, small smallint, whole integer, price integer, half double precision,
                code char(4), kind colour, born date, at timestamptz, local timestamp, tags text[], numbers integer[],
                store varchar(8));
            CREATE TABLE stores (store varchar(8), town text);
            CREATE TABLE segment_member (segment text, customer uuid REFERENCES customers);
            CREATE TABLE segment_refresh (as_of text, segment text, members int, entered int, \"left\" int);
            INSERT INTO stores VALUES ('s1', 'Lund');
            INSERT INTO customers VALUES
                ('00000000-0000-0000-0000-00000000000a', true, -5, 70000, 12, 0.5, 'SE', 'blue', '2000-02-29',
                    '2026-10-25 00:30:00.000001+00', '2026-10-25 02:30:00', '{\"a;b\",c,NULL}', '{1,NULL,-2}', 's1');
            INSERT INTO customers (id) VALUES ('00000000-0000-0000-0000-00000000000b')",
        )
        .unwrap();
    let schema = r#"
        timezone = "Europe/Stockholm"
        [customers]
        key = "id"
        [customers.columns]
        id = "text"
        yes = "bool"
        small = "int"
        whole = "int"
        price = "decimal(2)"
        half = "float"
        code = "text"
        kind = "text"
        born = "date"
        at = "datetime"
        local = "datetime"
        tags = "set<text>"
        numbers = "set<int>"
        store = "ref<stores>"
        [lookups.stores]
        key = "store"
        [lookups.stores.columns]
        town = "text"
    "#;
    // That local time is there twice, and is the earlier.
    let conditions = [
        "yes",
        "small = -5",
        "whole = 70000",
        "price = 12.00",
        "half = 0.5",
        "code = 'SE'",
        "kind = 'blue'",
        "born = 2000-02-29",
        "at = 2026-10-25T00:30:00.000001Z",
        "local = 2026-10-25T00:30:00Z",
        "tags contains 'a;b' and tags contains 'c' and size(tags) = 2",
        "numbers contains -2 and size(numbers) = 2",
        "store.town = 'Lund'",
    ];
    let columns =
        ["yes", "small", "whole", "price", "half", "code", "kind", "born", "at", "local", "store"];
    let mut rules: String = (conditions.iter().enumerate())
        .map(|(at, condition)| format!("segment c{at} {{ include {condition} }}\n"))
        .collect();
    let missing = columns.map(|column| format!("{column} is null")).join(", ");
    rules += &format!(
        "segment missing {{ include all of ({missing}, tags is empty, numbers is empty) }}"
    );
    done(&mut shop.with_rules(schema, &rules));
    for (at, condition) in conditions.iter().enumerate() {
        let found = keys(&mut shop.client, &format!("c{at}"));
        assert_eq!(found, ["00000000-0000-0000-0000-00000000000a"], "{condition}");
    }
    assert_eq!(keys(&mut shop.client, "missing"), ["00000000-0000-0000-0000-00000000000b"]);

    shop.client.batch_execute("UPDATE customers SET at = 'infinity'").unwrap();
    let said = refused(&mut shop.with_rules(schema, &rules));
    assert!(said.contains("table `customers`: row 1, column `at`: "), "{said}");
}

#[test]
fn what_does_not_fit_is_told() {
    let mut shop = Database::new("errors");
    let schema = "
        [customers]
        key = 'id'
        [customers.columns]
        id = 'int'
        spent = 'decimal(2)'
        born = 'date'";
    let rules = "segment rich { include spent >= 100 }";
    for (change, expected) in [
        ("SELECT 1", "table `customers`: PostgreSQL says: relation \"customers\" does not exist\n"),
        (
            "CREATE TABLE customers (id bigint, spend money, born text)",
            "table `customers`: PostgreSQL says: column \"spent\" does not exist; \
            Perhaps you meant to reference the column \"customers.spend\".\n",
        ),
        (
            "ALTER TABLE customers RENAME spend TO spent",
            "table `customers`: column `spent` is `money`, but `decimal(2)` is read from `numeric`, `int8`, `int4`, \
            `int2`; column `born` is `text`, but `date` is read from `date`\n",
        ),
        (
            "DROP TABLE customers; CREATE TABLE customers (id bigint, spent numeric, born date)",
            "PostgreSQL says: relation \"segment_member\" does not exist; members.sql makes what is written\n",
        ),
    ] {
        shop.client.batch_execute(change).unwrap();
        assert_eq!(refused(&mut shop.with_rules(schema, rules)), expected);
    }
    let said = refused(&mut shop.with_rules(schema, "segment rich { include spend >= 100 }"));
    assert!(said.contains("did you mean `spent`?"), "{said}");
    let said = refused(shop.program(&[]).env_remove("DATABASE_URL"));
    assert!(said.starts_with("no --as-of; DATABASE_URL=…"), "{said}");
    let url = "postgresql:///none?host=/nowhere";
    let said = refused(shop.with_rules(schema, rules).env("DATABASE_URL", url));
    assert!(said.starts_with("error connecting to server: "), "{said}");
}
