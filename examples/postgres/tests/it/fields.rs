//! Fields of every type on their way into a snapshot, and what is said of those that do not fit.

use postgres::Client;

use crate::cluster::{Database, done, refused};

fn keys(client: &mut Client, segment: &str) -> Vec<String> {
    let query =
        "SELECT customer::text FROM segment_member WHERE segment = $1 ORDER BY customer::text";
    client.query(query, &[&segment]).unwrap().iter().map(|row| row.get(0)).collect()
}

#[test]
fn numbers_arrive_as_they_are() {
    let numbers = [
        "0.10",
        "12345678901234.56",
        "-0.01",
        "0",
        "0.00",
        "7",
        "10000",
        "-10000.5000",
        "99999999.9999",
        "0.0001",
        "1000000000000",
        "-123456789012345.6789",
        "0.00010000",
        "922337203685477.5807",
        "-922337203685477.5808",
    ];
    let mut shop = Database::new("numbers");
    shop.client.batch_execute("CREATE TABLE customers (id bigint, amount numeric)").unwrap();
    shop.psql("members.sql");
    let mut rules = String::new();
    for (number, id) in numbers.iter().zip(0_i64..) {
        let row = format!("INSERT INTO customers VALUES ({id}, {number})");
        shop.client.batch_execute(&row).unwrap();
        rules += &format!("segment n{id} {{ include amount = {number} }}\n");
    }
    let schema = "
        [customers]
        key = 'id'
        [customers.columns]
        id = 'int'
        amount = 'decimal(4)'";
    done(&mut shop.with_rules(schema, &rules));
    for (number, id) in numbers.iter().zip(0_i64..) {
        // Zero, and a ten-thousandth, are there twice.
        let same = |other: &&str| other.parse::<segmenta::Decimal>() == number.parse();
        let expected = (0..)
            .zip(&numbers)
            .filter(|(_, other)| same(other))
            .map(|(id, _): (i64, _)| id.to_string());
        let mut expected: Vec<String> = expected.collect();
        expected.sort();
        assert_eq!(keys(&mut shop.client, &format!("n{id}")), expected, "{number}");
    }

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
