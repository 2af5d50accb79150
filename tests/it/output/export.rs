//! Members with columns, written and read again.

use std::io::{self, Cursor, Write};

use segmenta::{AsOf, Code, Engine, Error, Export, Key, Rules, Schema, Snapshot};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
[customers.columns]
id = "KEY"
name = "text"
vip = "bool"
points = "int"
balance = "decimal(2)"
weight = "float"
birthday = "date"
seen = "datetime"
tags = "set<text>"
codes = "set<int>"
home = "geo"
store = "ref<stores>"
[lookups.stores]
key = "store_id"
[lookups.stores.columns]
store_id = "text"
region = "text"
chain = "ref<chains>"
[lookups.chains]
key = "chain_id"
[lookups.chains.columns]
chain_id = "int"
title = "text"
"#;

const CUSTOMERS: &str = "\
id,name,vip,points,balance,weight,birthday,seen,tags,codes,home,store
20,=SUM(A1),false,-5,-0.5,1e300,2024-02-29,2026-07-01T12:00:00.25,=x;!red,3;-1,59.25;18.0,S1
3,,,,,,,,,,,
100,\"a, \"\"b\"\"
c\",true,9223372036854775807,92233720368547758.07,0.1,0001-01-01,1969-12-31T23:00:00,blå,,-90;-180,S9
";
const STORES: &str = "store_id,region,chain\nS1,Norr,7\nS2,Syd,\n";
const CHAINS: &str = "chain_id,title\n7,@Kedja\n";

fn schema(key: &str) -> Schema {
    Schema::from_toml(&SCHEMA.replace("KEY", key)).unwrap()
}

/// Loads customers by the way that is handed in.
fn load(schema: &Schema, customers: impl FnOnce(&mut segmenta::SnapshotBuilder)) -> Engine {
    let mut data = Snapshot::builder(schema);
    customers(&mut data);
    data.csv_reader("stores", "stores.csv", STORES.as_bytes()).unwrap();
    data.csv_reader("chains", "chains.csv", CHAINS.as_bytes()).unwrap();
    let rules =
        Rules::parse(schema, "segment all { }\nsegment few { include points < 0 }").unwrap();
    let mut engine = Engine::new(rules, data.build().unwrap()).unwrap();
    engine.refresh("2026-11-01".parse::<AsOf>().unwrap()).unwrap();
    engine
}

fn of_csv(schema: &Schema, text: &str) -> Engine {
    load(schema, |data| data.csv_reader("customers", "c.csv", text.as_bytes()).unwrap())
}

fn bytes(engine: &Engine, segment: &str, export: &Export) -> Vec<u8> {
    let mut out = Vec::new();
    engine.select(segment).unwrap().export(export, &mut out).unwrap();
    out
}

fn text(engine: &Engine, segment: &str, export: &Export) -> String {
    String::from_utf8(bytes(engine, segment, export)).unwrap()
}

#[test]
fn csv_has_what_is_read_back() {
    let engine = of_csv(&schema("int"), CUSTOMERS);
    // S9 is not among the stores, so it is missing; 12:00 in Stockholm in July is 10:00 in UTC.
    let expected = "\
id,name,vip,points,balance,weight,birthday,seen,tags,codes,home,store
3,,,,,,,,,,,
20,=SUM(A1),false,-5,-0.50,1e300,2024-02-29,2026-07-01T10:00:00.250Z,!red;=x,-1;3,59.25;18.0,S1
100,\"a, \"\"b\"\"
c\",true,9223372036854775807,92233720368547758.07,0.1,0001-01-01,1969-12-31T22:00:00Z,blå,,-90.0;-180.0,
";
    assert_eq!(text(&engine, "all", &Export::csv().raw(true)), expected);
    let neutral = expected.replace("=SUM", "'=SUM").replace(";=x", ";'=x");
    assert_eq!(text(&engine, "all", &Export::csv()), neutral);
    let again = of_csv(&schema("int"), expected);
    assert_eq!(text(&again, "all", &Export::csv().raw(true)), expected);
}

#[test]
fn jsonl_has_what_is_read_back() {
    let schema = schema("int");
    let engine = of_csv(&schema, CUSTOMERS);
    let expected = r#"{"id":3,"name":null,"vip":null,"points":null,"balance":null,"weight":null,"birthday":null,"seen":null,"tags":[],"codes":[],"home":null,"store":null}
{"id":20,"name":"=SUM(A1)","vip":false,"points":-5,"balance":-0.50,"weight":1e300,"birthday":"2024-02-29","seen":"2026-07-01T10:00:00.250Z","tags":["!red","=x"],"codes":[-1,3],"home":"59.25;18.0","store":"S1"}
{"id":100,"name":"a, \"b\"\nc","vip":true,"points":9223372036854775807,"balance":92233720368547758.07,"weight":0.1,"birthday":"0001-01-01","seen":"1969-12-31T22:00:00Z","tags":["blå"],"codes":[],"home":"-90.0;-180.0","store":null}
"#;
    assert_eq!(text(&engine, "all", &Export::jsonl()), expected);
    let again = load(&schema, |data| {
        data.jsonl_reader("customers", "c.jsonl", expected.as_bytes()).unwrap();
    });
    assert_eq!(text(&again, "all", &Export::jsonl()), expected);
}

#[test]
fn parquet_has_what_is_read_back() {
    for key in ["int", "text"] {
        let schema = schema(key);
        let engine = of_csv(&schema, CUSTOMERS);
        let file = bytes(&engine, "all", &Export::parquet());
        let again = load(&schema, |data| {
            data.parquet_reader("customers", "c.parquet", Cursor::new(file)).unwrap();
        });
        let jsonl = Export::jsonl();
        assert_eq!(text(&again, "all", &jsonl), text(&engine, "all", &jsonl));
    }
}

#[test]
fn columns_are_chosen_through_references_too() {
    let engine = of_csv(&schema("int"), CUSTOMERS);
    let export =
        Export::csv().columns(["store.region", "store.chain.title", "store.chain", "vip", "vip"]);
    assert_eq!(
        text(&engine, "few", &export),
        "id,store.region,store.chain.title,store.chain,vip\n20,Norr,'@Kedja,7,false\n"
    );
    assert_eq!(text(&engine, "few", &Export::csv().columns(["vip", "id"])), "vip,id\nfalse,20\n");
    assert_eq!(text(&engine, "few", &Export::csv().columns([""; 0])), "id\n20\n");
    let jsonl = Export::jsonl().columns(["store.region"]);
    assert_eq!(text(&engine, "few", &jsonl), "{\"id\":20,\"store.region\":\"Norr\"}\n");
    let expected = "id,store.region\n3,\n20,Norr\n100,\n";
    assert_eq!(text(&engine, "all", &Export::csv().columns(["store.region"])), expected);
}

#[test]
fn keys_that_are_texts_come_in_their_order_and_are_texts() {
    let schema = schema("text");
    let engine = of_csv(
        &schema,
        "id,name,vip,points,balance,weight,birthday,seen,tags,codes,home,store\n\
                                  b,,,,,,,,,,,\n-a,,,,,,,,,,,\na,,,,,,,,,,,\n",
    );
    let only_keys = Export::csv().columns(["id"]);
    assert_eq!(text(&engine, "all", &only_keys), "id\n'-a\na\nb\n");
    assert_eq!(text(&engine, "all", &only_keys.raw(true)), "id\n-a\na\nb\n");
}

#[test]
fn results_of_set_algebra_and_keys_from_elsewhere() {
    let engine = of_csv(&schema("int"), CUSTOMERS);
    let (all, few) = (engine.select("all").unwrap(), engine.select("few").unwrap());
    let mut out = Vec::new();
    (all - few).export(&Export::csv().columns(["vip"]), &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "id,vip\n3,\n100,true\n");

    let keys: [Key; 4] = [100.into(), 7.into(), 20.into(), 100.into()];
    let mut out = Vec::new();
    let export = Export::csv().columns(["vip"]);
    engine.snapshot().export_keys(keys.clone(), &export, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "id,vip\n7,\n20,false\n100,true\n");
    assert_eq!(engine.snapshot().select(&keys).keys(), [20.into(), 100.into()]);
    let other = engine.snapshot().export_keys(["a".into()], &export, Vec::new());
    assert!(other.unwrap_err().to_string().contains("key column's type"));
}

#[test]
fn who_has_been_deleted_has_a_row_with_the_key() {
    let mut engine = of_csv(&schema("int"), CUSTOMERS);
    let before = engine.snapshot().clone();
    let mut changes = engine.changes();
    changes.delete("customers", 20).unwrap();
    engine.apply(changes).unwrap();
    let both = before.all() | engine.select("all").unwrap();
    let mut out = Vec::new();
    both.export(&Export::csv().columns(["vip"]), &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "id,vip\n3,\n20,\n100,true\n");
}

#[test]
fn wrong_columns_are_told_all_at_once_and_nothing_is_written() {
    let engine = of_csv(&schema("int"), CUSTOMERS);
    let export =
        Export::csv().columns(["nmae", "points.x", "store.regoin", "store.chain.x", "zebra"]);
    let mut out = Vec::new();
    let error = engine.select("all").unwrap().export(&export, &mut out).unwrap_err();
    assert!(out.is_empty());
    let found: Vec<(Code, &str, Option<&str>)> = error
        .diagnostics()
        .iter()
        .map(|found| (found.code, found.message.as_str(), found.help.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (Code::UnknownColumn, "unknown column `nmae`", Some("did you mean `name`?")),
            (Code::NotAReference, "`points` is not a reference, so it has no columns", None),
            (
                Code::UnknownColumn,
                "unknown column `regoin` of `stores`",
                Some("did you mean `region`?")
            ),
            (Code::UnknownColumn, "unknown column `x` of `chains`", None),
            (Code::UnknownColumn, "unknown column `zebra`", None),
        ]
    );
}

#[test]
fn an_element_that_csv_cannot_say_is_refused() {
    let schema = schema("int");
    let line = r#"{"id":1,"name":null,"vip":null,"points":null,"balance":null,"weight":null,"birthday":null,"seen":null,"tags":["a;b"],"codes":[],"home":null,"store":null}"#;
    let engine = load(&schema, |data| {
        data.jsonl_reader("customers", "c.jsonl", line.as_bytes()).unwrap();
    });
    let all = engine.select("all").unwrap();
    let error = all.export(&Export::csv(), Vec::new()).unwrap_err();
    assert!(error.to_string().starts_with("column `tags`: an element with `;`"), "{error}");
    assert_eq!(text(&engine, "all", &Export::jsonl()), format!("{line}\n"));
}

/// Has room for so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_is_an_io_error() {
    let engine = of_csv(&schema("int"), CUSTOMERS);
    let all = engine.select("all").unwrap();
    for export in [Export::csv(), Export::jsonl(), Export::parquet()] {
        for room in [0, 3, 100] {
            let error: Error = all.export(&export, Full(room)).unwrap_err();
            assert!(error.is_io(), "{export:?} {room}: {error}");
        }
    }
}

#[test]
fn many_members_come_in_order_whatever_the_form() {
    let schema = Schema::from_toml(
        "timezone = 'UTC'\n[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\ntext = 'text'\n",
    )
    .unwrap();
    let count = 150_000_u64;
    // 48,271 and the count have no common divisor, so every number comes once.
    let mut csv = String::from("id,text\n");
    for n in 0..count {
        let id = n * 48_271 % count;
        csv.push_str(&format!("{id},text {id}\n"));
    }
    let read = |name: &str, bytes: &[u8]| {
        let mut data = Snapshot::builder(&schema);
        match name {
            "parquet" => {
                data.parquet_reader("customers", name, Cursor::new(bytes.to_vec())).unwrap();
            }
            "jsonl" => data.jsonl_reader("customers", name, bytes).unwrap(),
            _ => data.csv_reader("customers", name, bytes).unwrap(),
        }
        data.build().unwrap()
    };
    let snapshot = read("csv", csv.as_bytes());
    let ordered: String = (0..count).map(|id| format!("{id},text {id}\n")).collect();
    for (name, export) in
        [("csv", Export::csv()), ("jsonl", Export::jsonl()), ("parquet", Export::parquet())]
    {
        let mut out = Vec::new();
        snapshot.all().export(&export, &mut out).unwrap();
        let again = read(name, &out);
        // Rows stand in the order in which they came.
        let mut out = Vec::new();
        again.all().export(&Export::csv(), &mut out).unwrap();
        assert!(String::from_utf8(out).unwrap() == format!("id,text\n{ordered}"), "{name}");
        assert_eq!(again.all().bitmap().len(), count);
        assert_eq!(again.all().page(None, 2).bitmap().iter().collect::<Vec<_>>(), [0, 1], "{name}");
    }
}
