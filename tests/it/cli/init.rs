//! `segmenta init`

use std::path::Path;

use super::{Folder, Run};

/// Init, then check and eval without another touch.
fn init(folder: &Folder) -> Run {
    let run = folder.run(&["init", "."]);
    assert_eq!(run.code, 0, "{run:?}");
    let schema = folder.read("segmenta.toml");
    let check = folder.run(&["check", "--deny-warnings"]);
    assert_eq!((check.code, check.out.as_str()), (0, ""), "{check:?}\n{schema}");
    let eval = folder.run(&["eval"]);
    assert_eq!(eval.code, 0, "{eval:?}\n{schema}");
    let fmt = folder.run(&["fmt", "--check"]);
    assert_eq!(fmt.code, 0, "{fmt:?}\n{}", folder.read("segments.seg"));
    run
}

fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|of| of.split("  #").next() == Some(*line)), "{line}\n{text}");
    }
}

#[test]
fn customers_orders_items_and_products() {
    let folder = Folder::new(&[
        (
            "customers.csv",
            "\u{feff}id,Name,birthday,vip,score,tags,created_at\r\n1,Åsa,1990-02-28,true,1e3,a;b,2020-01-01 10:00:00\r\n2,Bo,,false,2.5,b,2020-01-02T10:00:00Z\r\n",
        ),
        (
            "orders.csv",
            "order_id,customer_id,note,ordered_at,total\nA1,1,x,2026-01-01,10\nA2,1,y,2026-01-02,9.95\nA3,2,,2026-01-03,-5.5\n",
        ),
        ("items.csv", "order_id,product,quantity\nA1,p1,1\nA1,p2,2\nA3,p1,3\n"),
        ("products.csv", "product_id,group\np1,Tea\np2,Cups\n"),
        ("weather.csv", "day,rain\n2026-01-01,1\n2026-01-01,2\n"),
    ]);
    let run = init(&folder);
    let schema = folder.read("segmenta.toml");
    has(
        &schema,
        &[
            "[customers]",
            "key = \"id\"",
            "created = \"created_at\"",
            "id = \"int\"",
            "Name = \"text\"",
            "birthday = \"date\"",
            "vip = \"bool\"",
            "score = \"float\"",
            "tags = \"set<text>\"",
            "created_at = \"datetime\"",
            "[tables.orders]",
            "customer = \"customer_id\"",
            "time = \"ordered_at\"",
            "ordered_at = \"date\"",
            "total = \"decimal(2)\"",
            "[tables.items]",
            "parent = \"orders\"",
            "parent_key = \"order_id\"",
            "product = \"ref<products>\"",
            "[lookups.products]",
            "key = \"product_id\"",
            "orders = \"orders.csv\"",
        ],
    );
    assert!(!schema.contains("[tables.weather]"));
    assert!(run.out.contains("weather.csv: not used"), "{run:?}");
    assert!(run.out.contains("orders.csv: 3 rows, table `orders`"), "{run:?}");
    assert!(run.out.contains("eval --as-of 2026-01-03"), "{run:?}");
    let rules = folder.read("segments.seg");
    assert!(
        rules.contains("sum(orders.total)") && rules.contains("birthday within next 14 days"),
        "{rules}"
    );
}

#[test]
fn numbers_that_are_names_stay_texts() {
    let folder = Folder::new(&[(
        "users.csv",
        "user_id,zip,big,exact,mixed\n001,01234,9223372036854775808,1.123456789,2020-01-01\n002,99999,1,2,x\n",
    )]);
    init(&folder);
    has(
        &folder.read("segmenta.toml"),
        &[
            "key = \"user_id\"",
            "user_id = \"text\"",
            "zip = \"text\"",
            "mixed = \"text\"",
            "customers = \"users.csv\"",
        ],
    );
}

#[test]
fn odd_names_are_quoted() {
    let folder = Folder::new(&[
        ("customers.csv", "id,order by,where,müll\n1,,x,\n2,a,,\n"),
        ("sales 2026.csv", "customer,date,amount\n1,2026-01-01,5\n2,2026-01-02,\n1,2026-01-02,7\n"),
    ]);
    init(&folder);
    let schema = folder.read("segmenta.toml");
    has(
        &schema,
        &[
            "[tables.\"sales 2026\"]",
            "customer = \"customer\"",
            "\"order by\" = \"text\"",
            "amount = \"int\"",
        ],
    );
    assert!(folder.read("segments.seg").contains("`sales 2026`"));
}

#[test]
fn keys_of_two_types_become_texts() {
    let folder = Folder::new(&[
        ("clients.csv", "client_id\n1\n2\nx3\n"),
        ("visits.csv", "client_id,at\n1,2026-01-01T10:00\n2,2026-01-01T11:00:00+02:00\n"),
    ]);
    init(&folder);
    has(
        &folder.read("segmenta.toml"),
        &["client_id = \"text\"", "customer = \"client_id\"", "at = \"datetime\""],
    );
    assert!(!folder.read("segmenta.toml").contains("client_id = \"int\""));
}

#[test]
fn a_file_by_another_name_is_found_by_what_refers_to_it() {
    let folder = Folder::new(&[
        ("crm_export.csv", "id,city\n1,Lund\n2,Ystad\n"),
        ("sales.csv", "customer_id,day\n1,2026-01-01\n1,2026-01-02\n"),
    ]);
    init(&folder);
    has(
        &folder.read("segmenta.toml"),
        &["customers = \"crm_export.csv\"", "customer = \"customer_id\""],
    );
}

#[test]
fn nothing_is_overwritten() {
    let folder = Folder::project();
    let before = (folder.read("segmenta.toml"), folder.read("rules.seg"));
    let run = folder.run(&["init", "."]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    std::fs::remove_file(folder.path.join("segmenta.toml")).unwrap();
    let run = folder.run(&["init"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(folder.read("rules.seg"), before.1);
    assert!(!folder.path.join("segments.seg").exists());
}

#[test]
fn folders_without_customers_are_told() {
    assert_eq!(Folder::new(&[]).run(&["init", "nowhere"]).code, 3);
    let run = Folder::new(&[("a.txt", "x")]).run(&["init", "."]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    for text in ["", "a,b\n", "a,b\n1,2\n1,2\n", "id;name\n1;a\n2;b\n"] {
        let folder = Folder::new(&[("customers.csv", text)]);
        let run = folder.run(&["init", "."]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains("help:"), "{run:?}");
        assert!(!folder.path.join("segmenta.toml").exists());
    }
}

#[test]
fn files_that_are_not_looked_at_are_told() {
    let orders = ("orders.jsonl", "{\"id\": 1, \"customer_id\": 1}\n");
    let folder = Folder::new(&[orders, ("customers.csv", "id\n1\n"), ("items.parquet", "PAR1")]);
    let run = init(&folder);
    for name in ["orders.jsonl", "items.parquet"] {
        assert!(run.err.contains(&format!("note: `{name}` is left out: only `.csv`")), "{run:?}");
    }
    let run = Folder::new(&[orders]).run(&["init"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("note: `orders.jsonl` is left out"), "{run:?}");
    assert!(run.err.contains("has no data files that can be looked at"), "{run:?}");
}

#[test]
fn errors_in_the_data_are_told_after_all() {
    let folder = Folder::new(&[
        ("customers.csv", "id\n1\n2\n3\n"),
        ("orders.csv", "customer_id,day\n1,2026-01-01\n9,2026-01-01\n2,2026-01-01\n"),
    ]);
    let run = folder.run(&["init", "."]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("E0808") && run.err.contains("--lenient"), "{run:?}");
    assert_eq!(folder.run(&["eval", "--lenient"]).code, 0);
}

#[test]
fn the_shop_that_ships_with_the_crate() {
    let folder = Folder::new(&[]);
    for file in ["customers.csv", "orders.csv", "items.csv.gz", "products.csv"] {
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
        std::fs::copy(shop.join(file), folder.path.join(file)).unwrap();
    }
    init(&folder);
    has(
        &folder.read("segmenta.toml"),
        &[
            "key = \"customer_id\"",
            "time = \"ordered_at\"",
            "total = \"decimal(2)\"",
            "product = \"ref<products>\"",
        ],
    );
}

#[test]
fn scores_by_purchases_are_set_up_where_rows_have_an_amount() {
    let folder = Folder::new(&[
        ("customers.csv", "id\n1\n2\n3\n"),
        (
            "sales.csv",
            "customer_id,day,Total\n1,2026-01-01,10\n1,2026-01-02,20.50\n2,2026-01-03,5\n",
        ),
    ]);
    init(&folder);
    let schema = folder.read("segmenta.toml");
    has(&schema, &["[rfm]", "table = \"sales\"", "amount = \"Total\"", "[rfm.groups]"]);
    assert!(folder.read("segments.seg").contains("rfm.group = 'Champions'"));
    let visits = Folder::new(&[
        ("customers.csv", "id\n1\n2\n"),
        ("visits.csv", "customer_id,day\n1,2026-01-01\n2,2026-01-02\n"),
    ]);
    init(&visits);
    assert!(!visits.read("segmenta.toml").contains("rfm"));
    assert!(!visits.read("segments.seg").contains("rfm"));
}

#[test]
fn each_preset_is_printed_as_it_may_stand_in_a_schema() {
    const SHOP: &str = "[customers]\nkey = \"id\"\n[customers.columns]\nid = \"int\"\n\
        [tables.baskets]\ncustomer = \"id\"\ntime = \"day\"\n[tables.baskets.columns]\n\
        id = \"int\"\nday = \"date\"\nrevenue = \"float\"\n";
    let folder = Folder::new(&[("segmenta.toml", SHOP)]);
    let standard = folder.run(&["init", "--rfm"]);
    assert_eq!((standard.code, standard.err.as_str()), (0, ""), "{standard:?}");
    has(&standard.out, &["[rfm]", "table = \"baskets\"", "amount = \"revenue\"", "levels = 5"]);
    assert_eq!(standard.out, folder.run(&["init", "--rfm", "standard"]).out);
    for preset in segmenta::Rfm::PRESETS {
        let run = folder.run(&["-C", ".", "init", "--rfm", preset.name]);
        assert_eq!(run.code, 0, "{run:?}");
        let schema = segmenta::Schema::from_toml(&format!("{SHOP}{}", run.out));
        schema.unwrap_or_else(|e| panic!("{e}\n{}", run.out));
        // What stands in comments is right too.
        let whole = run.out.replace("# where", "where").replace("status = 'paid'", "revenue > 0");
        let whole = whole.replace("# window", "window").replace("# min", "min");
        let whole = whole.replace("# without", "without").replace("# method", "method");
        segmenta::Schema::from_toml(&format!("{SHOP}{whole}")).unwrap();
    }
    let elsewhere = Folder::new(&[]).run(&["init", "--rfm", "ten"]);
    has(&elsewhere.out, &["table = \"orders\"", "amount = \"total\""]);
    let unknown = folder.run(&["init", "--rfm", "eleven"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""), "{unknown:?}");
    assert!(unknown.err.contains("`standard`, `ten`, `four`, `three`"), "{unknown:?}");
    assert_eq!(folder.read("segmenta.toml"), SHOP);
}
