//! Schemas from a file and from a program.

use segmenta::{Code, LeapDay, Schema, Type};

const SHOP: &str = r#"
timezone = "Europe/Stockholm"
leap_day = "forward"

[customers]
key = "id"
created = "created_at"

[customers.columns]
id = "int"
status = { type = "text", values = ["new", "old"] }
birthday = { type = "date", required = true }
tags = "set<text>"
home = "geo"
home_store = "ref<stores>"
created_at = "datetime"

[tables.orders]
key = "order_id"
customer = "customer_id"
time = "ordered_at"
[tables.orders.columns]
order_id = "int"
customer_id = "int"
ordered_at = "datetime"
total = "decimal(2)"

[tables.items]
parent = "orders"
parent_key = "order_id"
[tables.items.columns]
order_id = "int"
product = "ref<products>"

[lookups.stores]
key = "store_id"
[lookups.stores.columns]
store_id = "int"
region = "text"

[lookups.products]
key = "product_id"
[lookups.products.columns]
group = "text"

[data]
customers = "customers.csv"
[store]
path = "segments.redb"
"#;

/// A schema with the least there can be, and something added.
fn with(more: &str) -> String {
    format!("[customers]\nkey = \"id\"\n[customers.columns]\nid = \"int\"\nday = \"date\"\n{more}")
}

/// `CODE line:column-column message (help)` of every finding.
fn findings(text: &str) -> Vec<String> {
    let error = Schema::from_toml(text).map(|_| ()).expect_err("the schema is refused");
    let line = |found: &segmenta::Diagnostic| {
        let place = found.location.as_ref().expect("a place in the file");
        assert_eq!(place.file, "segmenta.toml");
        let help = found.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!(
            "{} {}:{}-{} {}{help}",
            found.code, place.line, place.column, place.end_column, found.message
        )
    };
    error.diagnostics().iter().map(line).collect()
}

fn only(text: &str) -> String {
    let found = findings(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.concat()
}

#[test]
fn the_file_and_the_builder_say_the_same() {
    let read = Schema::from_toml(SHOP).unwrap();
    let built = Schema::builder()
        .timezone("Europe/Stockholm")
        .leap_day(LeapDay::Forward)
        .customers("id")
        .created("created_at")
        .column("id", Type::Int)
        .column("status", Type::Text)
        .values(["new", "old"])
        .column("birthday", Type::Date)
        .required()
        .column("tags", Type::TextSet)
        .column("home", Type::Geo)
        .column("home_store", Type::Ref("stores".to_owned()))
        .column("created_at", Type::DateTime)
        .table("orders", "customer_id")
        .key("order_id")
        .time("ordered_at")
        .column("order_id", Type::Int)
        .column("customer_id", Type::Int)
        .column("ordered_at", Type::DateTime)
        .column("total", Type::Decimal(2))
        .nested("items", "orders", "order_id")
        .column("order_id", Type::Int)
        .column("product", Type::Ref("products".to_owned()))
        .lookup("stores", "store_id")
        .column("store_id", Type::Int)
        .column("region", Type::Text)
        .lookup("products", "product_id")
        .column("group", Type::Text)
        .build()
        .unwrap();
    assert!(read.same_as(&built));
    assert!(read.same_as(&read.clone()));
    let names: Vec<&str> = read.table_names().collect();
    assert_eq!(names, ["customers", "orders", "items", "stores", "products"]);
    assert!(read.has_table("items") && !read.has_table("item"));
    assert_eq!(read.customers_key(), "id");
    assert_eq!(read.timezone(), "Europe/Stockholm");
    assert_eq!(read.column_type("orders", "total"), Some(&Type::Decimal(2)));
    assert_eq!(read.column_type("orders", "totl"), None);
    // A lookup's key that is not among its columns is a text.
    assert_eq!(read.column_type("products", "product_id"), Some(&Type::Text));
    let columns: Vec<&str> = read.column_names("products").unwrap().collect();
    assert_eq!(columns, ["product_id", "group"]);
}

#[test]
fn schemas_that_differ_anywhere_are_not_the_same() {
    let read = Schema::from_toml(SHOP).unwrap();
    for (from, to) in [
        ("Stockholm", "Oslo"),
        ("forward", "back"),
        ("decimal(2)", "decimal(3)"),
        ("created = \"created_at\"\n", ""),
        (", required = true", ""),
        ("time = \"ordered_at\"\n", ""),
        ("\"old\"", "\"older\""),
    ] {
        let other = Schema::from_toml(&SHOP.replace(from, to)).unwrap();
        assert!(!read.same_as(&other), "{from} -> {to}");
    }
}

#[test]
fn what_is_left_out_has_a_default() {
    let schema = Schema::from_toml(&with("")).unwrap();
    assert_eq!(schema.timezone(), "UTC");
    assert!(schema.same_as(&Schema::from_toml(&with("")).unwrap()));
    let explicit = format!("timezone = \"UTC\"\nleap_day = \"back\"\n{}", with(""));
    assert!(schema.same_as(&Schema::from_toml(&explicit).unwrap()));
}

#[test]
fn computed_families_are_accepted_by_their_field_names() {
    let more = "[predict]\ntable = 'orders'\namount = 'total'\nspend_tier = []\n";
    assert_eq!(
        findings(&with(more)).iter().find(|found| found.starts_with("E0702")).unwrap(),
        "E0702 9:1-11 `[predict]` has no field `spend_tier` (did you mean `spend_tiers`?)"
    );
}

#[test]
fn a_file_that_is_no_toml() {
    assert_eq!(findings("timezone = \n[customers\n")[0].split(':').next(), Some("E0701 1"),);
    assert!(only("").starts_with("E0705 1:1-1 the table of customers is missing"));
    assert!(only("customers = 5").starts_with("E0701 1:13-14 `customers` must be a table"));
}

#[test]
fn unknown_types_get_the_type_that_was_meant() {
    for (ty, help) in [
        ("string", "did you mean `text`?"),
        ("integer", "did you mean `int`?"),
        ("timestamp", "did you mean `datetime`?"),
        ("boolean", "did you mean `bool`?"),
        ("decimal", "did you mean `decimal(2)`?"),
        ("Int", "did you mean `int`?"),
        ("flot", "did you mean `float`?"),
        ("set", "did you mean `set<text>`?"),
    ] {
        let length = ty.len() + 2;
        assert_eq!(
            only(&with(&format!("x = \"{ty}\""))),
            format!("E0703 6:5-{} unknown type `{ty}` ({help})", 5 + length)
        );
    }
    assert!(
        only(&with("x = \"decimal(19)\"")).starts_with("E0703 6:5-18 a decimal cannot have `19`")
    );
    assert!(only(&with("x = \"decimal(-1)\"")).starts_with("E0703"));
    assert!(
        only(&with("x = \"set<float>\"")).starts_with("E0703 6:5-17 there are no sets of `float`")
    );
    assert!(only(&with("x = \"zebra\"")).contains("the types are `bool`, `int`"));
    for ty in ["decimal(0)", "decimal(18)", "set<int>", "set< text >", "decimal (2)"] {
        assert!(Schema::from_toml(&with(&format!("x = \"{ty}\""))).is_ok(), "{ty}");
    }
}

#[test]
fn doubles_are_told_where_the_second_stands() {
    assert_eq!(only(&with("id = \"int\"")), "E0704 6:1-3 `id` is defined twice");
    let orders = "[tables.o]\ncustomer = \"c\"\n[tables.o.columns]\nc = \"int\"\n";
    assert_eq!(
        only(&with(&format!("{orders}[lookups.o]\nkey = \"k\"\n"))),
        "E0704 10:10-11 the table `o` is defined twice"
    );
    assert!(findings(&with(&format!("{orders}{orders}")))[0].starts_with("E0704 10:9-10 `o`"));
    let named = orders.replace("tables.o", "tables.customers");
    assert!(only(&with(&named)).starts_with("E0704 6:9-18 the table `customers`"));
    assert!(
        only(&with("s = { type = \"text\", values = [\"a\", \"b\", \"a\"] }"))
            .starts_with("E0704 6:42-45 the value `a`")
    );
}

#[test]
fn what_must_be_there() {
    assert!(
        only("[customers]\n[customers.columns]\nid = \"int\"\n")
            .starts_with("E0705 1:2-11 `customers` has no `key`")
    );
    assert!(
        only(&with("x = { required = true }"))
            .starts_with("E0705 6:1-2 the column `x` has no `type`")
    );
    assert!(
        only(&with("[tables.o.columns]\nc = \"int\"\n"))
            .starts_with("E0705 6:9-10 `o` has neither")
    );
    assert!(
        only(&with("[lookups.l.columns]\nc = \"int\"\n"))
            .starts_with("E0705 6:10-11 `l` has no `key`")
    );
    let keyless = "[tables.o]\ncustomer = \"c\"\n[tables.o.columns]\nc = \"int\"\n\
                   [tables.i]\nparent = \"o\"\nparent_key = \"o\"\n[tables.i.columns]\no = \"int\"\n";
    assert_eq!(
        only(&with(keyless)),
        "E0705 11:10-13 `o` has no `key`, so it cannot be a parent (add `key` to `[tables.o]`)"
    );
    assert!(
        only(&with(
            &keyless
                .replace("parent_key = \"o\"\n", "")
                .replace("customer", "key = \"c\"\ncustomer")
        ))
        .starts_with("E0705 12:10-13 `i` has no `parent_key`")
    );
}

#[test]
fn names_that_lead_nowhere() {
    assert_eq!(
        only("[customers]\nkey = \"idd\"\n[customers.columns]\nid = \"int\"\n"),
        "E0706 2:7-12 `key` names the unknown column `idd` (did you mean `id`?)"
    );
    assert!(
        only("[customers]\nkey = \"id\"\ncreated = \"born\"\n[customers.columns]\nid = \"int\"\n")
            .starts_with("E0706 3:11-17 `created` names the unknown column `born` (define it")
    );
    assert_eq!(
        only(&with("s = \"ref<stores>\"")),
        "E0706 6:5-18 unknown lookup `stores` (a `ref` needs a table `[lookups.stores]`)"
    );
    assert_eq!(
        only(&with("s = \"ref<stors>\"\n[lookups.stores]\nkey = \"k\"\n")),
        "E0706 6:5-17 unknown lookup `stors` (did you mean `stores`?)"
    );
    assert!(
        only(&with("s = \"ref<customers>\""))
            .starts_with("E0706 6:5-21 `customers` is not a lookup")
    );
    assert_eq!(
        only(&with("[lookups.l]\nkey = \"stor_id\"\n[lookups.l.columns]\nstore_id = \"int\"\n")),
        "E0706 7:7-16 `key` names the unknown column `stor_id` (did you mean `store_id`?)"
    );
    let child = "[tables.o]\ncustomer = \"c\"\ntime = \"whn\"\n[tables.o.columns]\nc = \"int\"\nwhen = \"date\"\n";
    assert!(
        only(&with(child)).starts_with(
            "E0706 8:8-13 `time` names the unknown column `whn` (did you mean `when`?"
        )
    );
    let nested =
        "[tables.i]\nparent = \"ordrs\"\nparent_key = \"o\"\n[tables.i.columns]\no = \"int\"\n";
    assert!(only(&with(nested)).starts_with("E0706 7:10-17 unknown table `ordrs`"));
}

#[test]
fn columns_that_cannot_serve() {
    let key = |ty: &str| format!("[customers]\nkey = \"id\"\n[customers.columns]\nid = \"{ty}\"\n");
    assert!(only(&key("float")).starts_with("E0707 2:7-11 the key `id` must be `int` or `text`"));
    assert!(only(&key("decimal(0)")).starts_with("E0707"));
    assert!(
        only(&with("").replace("[customers.columns]", "created = \"id\"\n[customers.columns]"))
            .starts_with("E0707 3:11-15 `id` must be `date` or `datetime` to serve as `created`")
    );
    let child = |ty: &str, time: &str| {
        with(&format!(
            "[tables.o]\nkey = \"k\"\ncustomer = \"c\"\ntime = \"t\"\n[tables.o.columns]\nk = \"text\"\nc = \"{ty}\"\nt = \"{time}\"\n"
        ))
    };
    assert!(Schema::from_toml(&child("int", "date")).is_ok());
    assert_eq!(
        only(&child("text", "date")),
        "E0707 8:12-15 `c` must be `int` as the key of `customers` is (it is `text` among the columns of `o`)"
    );
    assert!(only(&child("int", "text")).starts_with("E0707 9:8-11 `t` must be `date`"));
    // An unknown type is told once, not as a wrong one too.
    assert!(only(&child("integer", "date")).starts_with("E0703"));
    let item = "[tables.i]\nparent = \"o\"\nparent_key = \"o\"\n[tables.i.columns]\no = \"int\"\n";
    assert!(
        only(&format!("{}{item}", child("int", "date")))
            .starts_with("E0707 16:14-17 `o` must be `text` as the key of `o` is")
    );
    assert!(
        only(&with("x = { type = \"int\", values = [\"1\"] }"))
            .starts_with("E0707 6:30-35 only a `text`")
    );
}

#[test]
fn parents_must_lead_to_a_customer() {
    let table = |name: &str, parent: &str| {
        format!(
            "[tables.{name}]\nkey = \"k\"\nparent = \"{parent}\"\nparent_key = \"p\"\n[tables.{name}.columns]\nk = \"int\"\np = \"int\"\n"
        )
    };
    let circle = with(&format!("{}{}", table("a", "b"), table("b", "a")));
    assert_eq!(
        only(&circle),
        "E0707 8:10-13 tables are their own parents: `a -> b -> a` (one of them needs `customer` instead of `parent`)"
    );
    assert!(only(&with(&table("a", "a"))).contains("`a -> a`"));
    assert!(
        only(&with(&table("a", "customers")))
            .starts_with("E0707 8:10-21 `customers` cannot be a parent")
    );
    let both = table("a", "customers").replace("parent =", "customer = \"p\"\nparent =");
    assert!(only(&with(&both)).contains("both `customer` and `parent`"));
    let orders = "[tables.t0]\nkey = \"k\"\ncustomer = \"c\"\n[tables.t0.columns]\nk = \"int\"\nc = \"int\"\n";
    let chain = |length: usize| {
        let tables = (1..=length).map(|at| table(&format!("t{at}"), &format!("t{}", at - 1)));
        with(&format!("{orders}{}", tables.collect::<String>()))
    };
    assert!(Schema::from_toml(&chain(32)).is_ok());
    assert!(only(&chain(33)).contains("`t33` has more than 32 parents"));
}

#[test]
fn names_with_a_meaning_of_their_own() {
    for name in ["parent", "customer", "rfm", "predict"] {
        let table = format!("[lookups.{name}]\nkey = \"k\"\n");
        assert!(only(&with(&table)).starts_with("E0707 6:10-"), "{name}");
        let reference = format!("{name} = \"ref<l>\"\n[lookups.l]\nkey = \"k\"\n");
        assert!(only(&with(&reference)).starts_with("E0707 6:"), "{name}");
        assert!(Schema::from_toml(&with(&format!("{name} = \"text\"\n"))).is_ok(), "{name}");
    }
    assert!(Schema::from_toml(&with("\"odd name, ö\" = \"text\"\nand = \"text\"\n")).is_ok());
    assert!(only(&with("\"\" = \"text\"\n")).starts_with("E0701 6:1-3 a name cannot be empty"));
    assert!(only(&with("\"a`b\" = \"text\"\n")).starts_with("E0701"));
    assert!(only(&with("\"a\\nb\" = \"text\"\n")).starts_with("E0701"));
}

#[test]
fn fields_that_do_not_exist() {
    assert_eq!(
        only(&format!("time_zone = \"UTC\"\n{}", with(""))),
        "E0702 1:1-10 a schema has no field `time_zone` (did you mean `timezone`?)"
    );
    assert!(
        only(&with("x = { type = \"int\", requird = true }")).contains("did you mean `required`?")
    );
    assert!(
        only(&with("").replace("key =", "color = 1\nkey ="))
            .contains("it has `key`, `created`, `columns`")
    );
    assert!(
        only(&with("x = { type = \"int\", required = 1 }"))
            .starts_with("E0701 6:32-33 `required` must be")
    );
    assert!(only(&with("x = 5")).starts_with("E0701 6:5-6 `x` must be a type"));
}

#[test]
fn calendars_that_do_not_exist() {
    let zone = |name: &str| format!("timezone = \"{name}\"\n{}", with(""));
    assert_eq!(
        only(&zone("Europe/Stokholm")),
        "E0708 1:12-29 unknown time zone `Europe/Stokholm` (did you mean `Europe/Stockholm`?)"
    );
    assert!(only(&zone("new york")).contains("did you mean `America/New_York`?"));
    assert!(only(&zone("+02:00")).contains("write a name of the IANA time zone database"));
    assert_eq!(
        only(&format!("leap_day = \"foward\"\n{}", with(""))),
        "E0701 1:12-20 `leap_day` cannot be `foward` (did you mean `forward`?)"
    );
}

#[test]
fn every_problem_is_told_at_once_in_the_order_of_the_file() {
    let text = with(
        "x = \"integer\"\ny = \"ref<nowhere>\"\nx = \"int\"\n[tables.o]\ncustomr = \"id\"\n[sore]\n",
    );
    let codes: Vec<String> = findings(&text).iter().map(|line| line[..9].to_owned()).collect();
    assert_eq!(
        codes,
        ["E0703 6:5", "E0706 7:5", "E0704 8:1", "E0705 9:9", "E0702 10:", "E0702 11:"]
    );
}

#[test]
fn a_builder_is_checked_like_a_file() {
    let error = Schema::builder()
        .key("id")
        .customers("id")
        .column("id", Type::Float)
        .column("id", Type::Ref("nowhere".to_owned()))
        .table("orders", "customer_id")
        .build()
        .map(|_| ())
        .unwrap_err();
    let codes: Vec<Code> = error.diagnostics().iter().map(|found| found.code).collect();
    assert_eq!(
        codes,
        [
            Code::SchemaSyntax,
            Code::DuplicateInSchema,
            Code::UnresolvedInSchema,
            Code::WrongRoleInSchema,
            Code::UnresolvedInSchema
        ]
    );
    assert!(error.diagnostics().iter().all(|found| found.location.is_none()));
    assert!(Schema::builder().build().is_err());
}

#[test]
fn a_text_without_quotes_is_told_to_have_them() {
    for (word, told) in [
        ("id", "invalid float, expected `inf`"),
        ("fid", "invalid boolean, expected `false`"),
        ("day_1", "string values must be quoted, expected literal string"),
    ] {
        let text = with("").replace("key = \"id\"", &format!("key = {word}"));
        let end = 7 + word.len();
        let help = "(a text is written in quotes)";
        assert_eq!(only(&text), format!("E0701 2:7-{end} not valid TOML: {told} {help}"));
    }
}

#[test]
fn a_key_of_a_wrong_type_asks_nothing_of_those_that_hold_it() {
    let orders = "[tables.orders]\ncustomer = \"id\"\n[tables.orders.columns]\nid = \"int\"\n";
    let text = with(orders).replacen("id = \"int\"", "id = \"float\"", 1);
    assert!(only(&text).contains("the key `id` must be `int` or `text`"), "{}", only(&text));
}

#[test]
fn a_byte_order_mark_and_windows_lines_are_read() {
    let windows = format!("\u{feff}{}", SHOP.trim_start().replace('\n', "\r\n"));
    assert!(Schema::from_toml(&windows).unwrap().same_as(&Schema::from_toml(SHOP).unwrap()));
    let wrong = windows.replace("\"decimal(2)\"", "\"money\"");
    assert_eq!(only(&wrong), "E0703 25:9-16 unknown type `money` (did you mean `decimal(2)`?)");
}

#[test]
fn no_text_panics() {
    for cut in 0..SHOP.len() {
        let _ = Schema::from_toml(&SHOP[..cut]);
        let mut broken = SHOP.to_owned();
        broken.remove(cut);
        let _ = Schema::from_toml(&broken);
    }
    let deep = format!("x = {}", "[".repeat(100_000));
    assert!(Schema::from_toml(&deep).is_err());
    let dotted = format!("{}x = 1", "a.".repeat(100_000));
    assert!(Schema::from_toml(&dotted).is_err());
}

#[test]
fn a_table_may_have_as_many_columns_as_numbers_reach() {
    let with = |columns: usize| {
        let first = Schema::builder().customers("id").column("id", Type::Int);
        let names = (1..columns).map(|number| format!("c{number}"));
        names.fold(first, |schema, name| schema.column(&name, Type::Int)).build()
    };
    assert!(with(65_535).is_ok());
    for columns in [65_536, 65_537, 70_000] {
        let error = with(columns).unwrap_err();
        assert_eq!(error.diagnostics()[0].message, "`customers` has more than 65535 columns");
    }
}
