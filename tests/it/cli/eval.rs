//! `segmenta eval`

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

use super::Folder;

const AS_OF: [&str; 3] = ["eval", "--as-of", "2026-06-01"];

fn eval(folder: &Folder, more: &[&str]) -> super::Run {
    folder.run(&[&AS_OF[..], more].concat())
}

#[test]
fn a_table_of_all_segments() {
    // As of 1 June `late` does not exist yet: 2 of 3 customers are Swedes, 2 of 3 bought something.
    let run = eval(&Folder::project(), &[]);
    assert_eq!(run.code, 0, "{run:?}");
    let lines = [
        "segment  kind     members   share",
        "swedes   dynamic        2  66.67%",
        "buyers   static         2  66.67%",
    ];
    assert_eq!(run.out, format!("{}\n", lines.join("\n")));
    assert_eq!(run.err, "2 segments of 3 customers\n");
}

#[test]
fn tables_for_programs() {
    let folder = Folder::project();
    let run = eval(&folder, &["--format", "csv"]);
    assert_eq!(
        run.out,
        "segment,kind,members,share\nswedes,dynamic,2,0.666667\nbuyers,static,2,0.666667\n"
    );
    let run = eval(&folder, &["--format", "json", "--segment", "buyers"]);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let wanted = serde_json::json!([
        {"segment": "buyers", "kind": "static", "members": 2, "share": 0.666_667}
    ]);
    assert_eq!(json, wanted);
}

#[test]
fn the_day_decides() {
    let folder = Folder::project();
    let members = |as_of: &str| {
        let run = folder.run(&["eval", "--as-of", as_of, "--format", "csv", "--segment", "buyers"]);
        assert_eq!(run.code, 0, "{run:?}");
        run.out.lines().nth(1).unwrap().to_owned()
    };
    // The order of `a3` is of 23:30 in Stockholm, 21:30 UTC.
    assert_eq!(members("2026-05-30"), "buyers,static,1,0.333333");
    assert_eq!(members("2026-05-31"), "buyers,static,2,0.666667");
    assert_eq!(members("2026-05-31T23:29:59"), "buyers,static,1,0.333333");
    assert_eq!(members("2026-05-31T21:30:00Z"), "buyers,static,2,0.666667");
    assert_eq!(members("2026-06-02"), "buyers,static,2,0.5");
    assert_eq!(members("2019-12-31"), "buyers,static,0,0");
    // Left out, it is now, when all four customers exist.
    let run = folder.run(&["eval", "--format", "csv"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn a_condition_on_its_own() {
    let folder = Folder::project();
    let run = eval(&folder, &["--format", "csv", "--rule", "sum(orders.total) >= 150.50"]);
    assert_eq!(run.out, "segment,kind,members,share\nrule,dynamic,1,0.333333\n", "{run:?}");
    let run =
        eval(&folder, &["--format", "csv", "--rule", "in segment swedes", "--segment", "swedes"]);
    assert_eq!(
        run.out,
        "segment,kind,members,share\nswedes,dynamic,2,0.666667\nrule,dynamic,2,0.666667\n"
    );
    let run = eval(&folder, &["--rule", "contry = 'SE'"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert!(run.err.contains("did you mean `country`?"), "{run:?}");

    let named = Folder::project().with("more.seg", "segment Rule { include country = 'NO' }\n");
    let run = eval(&named, &["--format", "csv", "--rule", "country = 'SE'"]);
    assert_eq!(run.out, "segment,kind,members,share\nrule_2,dynamic,2,0.666667\n", "{run:?}");

    let alone = Folder::project();
    std::fs::remove_file(alone.path.join("rules.seg")).unwrap();
    let run = eval(&alone, &["--format", "csv", "--rule", "country = 'NO'"]);
    assert_eq!(run.out, "segment,kind,members,share\nrule,dynamic,1,0.333333\n", "{run:?}");
}

#[test]
fn members_are_written_in_key_order() {
    let folder = Folder::project();
    let run = eval(&folder, &["--members", "out/deep"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(folder.read("out/deep/swedes.csv"), "id\nb2\n\"c, 1\"\n");
    assert_eq!(folder.read("out/deep/buyers.csv"), "id\na3\n\"c, 1\"\n");
    let run = eval(&folder, &["--members", "one", "--segment", "buyers"]);
    assert_eq!(run.code, 0);
    assert_eq!(std::fs::read_dir(folder.path.join("one")).unwrap().count(), 1);
    // A file stands where the folder should be.
    assert_eq!(eval(&folder, &["--members", "rules.seg"]).code, 3);
}

#[test]
fn the_parts_of_a_partition_are_segments() {
    let rules = "partition home {\n  north when country in ('SE', 'NO'),\n  abroad otherwise,\n}\n\n\
                 segment all { }\n";
    let folder = Folder::project().with("rules.seg", rules);
    let run = eval(&folder, &["--format", "csv", "--segment", "HOME", "--members", "out"]);
    assert_eq!(
        run.out, "segment,kind,members,share\nhome.north,dynamic,3,1\nhome.abroad,dynamic,0,0\n",
        "{run:?}"
    );
    assert_eq!(folder.read("out/home.north.csv"), "id\na3\nb2\n\"c, 1\"\n");
    assert_eq!(folder.read("out/home.abroad.csv"), "id\n");
    let run = eval(&folder, &["--format", "csv", "--segment", "home.abroad"]);
    assert_eq!(run.out, "segment,kind,members,share\nhome.abroad,dynamic,0,0\n");
    let run = eval(&folder, &["--segment", "home.abrod"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("did you mean `home.abroad`?"), "{run:?}");
}

#[test]
fn numbers_as_keys_are_in_numeric_order() {
    let schema = "[customers]\nkey = \"no\"\n[customers.columns]\nno = \"int\"\n[data]\ncustomers = \"c.csv\"\n";
    let folder = Folder::new(&[("segmenta.toml", schema), ("c.csv", "no\n10\n-3\n9\n")]);
    let run = folder.run(&["eval", "--rule", "no is not null", "--members", "out"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(folder.read("out/rule.csv"), "no\n-3\n9\n10\n");
}

#[test]
fn errors_of_the_data_refuse_or_are_left_out() {
    let folder = Folder::project();
    folder.write("orders.csv", b"customer,ordered_at,total,note\na3,2026-05-01T10:00:00,ten,x\nnobody,2026-05-01T10:00:00,1,x\nb2,2026-05-01T10:00:00,1,x\n");
    let run = eval(&folder, &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("E0803") && run.err.contains("orders.csv:2:"), "{run:?}");
    assert!(run.err.contains("E0808"), "{run:?}");
    let run = eval(&folder, &["--lenient", "--format", "csv", "--segment", "buyers"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("buyers,static,1,0.333333"), "{run:?}");
    assert!(run.err.contains("W0804") && run.err.contains("W0801"), "{run:?}");
}

#[test]
fn files_that_are_missing_end_with_3() {
    let folder = Folder::project();
    std::fs::remove_file(folder.path.join("orders.csv")).unwrap();
    let run = eval(&folder, &[]);
    assert_eq!((run.code, run.out.as_str()), (3, ""), "{run:?}");
    assert!(run.err.contains("orders.csv"), "{run:?}");
}

#[test]
fn a_wrong_day_is_told_once() {
    let run = Folder::project().run(&["eval", "--as-of", "yesterday"]);
    let message = "error: `--as-of`: `yesterday` is neither a date nor a datetime\n";
    let help = "  = help: write a date or a datetime, as `2026-11-01`, `2026-11-01T16:00:00` or `2026-11-01T16:00:00Z`\n";
    assert_eq!((run.code, run.err), (2, format!("{message}{help}")));
}

#[test]
fn the_list_of_data_files_is_checked() {
    let schema = super::SCHEMA.replace("orders = \"orders.csv\"", "ordrs = \"orders.csv\"");
    let folder = Folder::project().with("segmenta.toml", &schema);
    let run = eval(&folder, &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(
        run.err.contains("unknown table `ordrs`") && run.err.contains("did you mean `orders`?"),
        "{run:?}"
    );
    assert!(run.err.contains("--> segmenta.toml:18:1"), "{run:?}");
    assert!(run.err.contains("no file for the table `orders`"), "{run:?}");
    let schema = super::SCHEMA.replace("orders.csv", "orders.avro");
    let folder = folder.with("segmenta.toml", &schema);
    let run = eval(&folder, &[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("`.csv`, `.csv.gz`, `.jsonl` or `.parquet`"), "{run:?}");
    // Rules are checked without data.
    assert_eq!(folder.run(&["check"]).code, 0);
}

#[test]
fn errors_of_the_rules_are_told_before_the_data_are_read() {
    let folder = Folder::project().with("wrong.seg", "segment a { include contry = 'SE' }\n");
    std::fs::remove_file(folder.path.join("orders.csv")).unwrap();
    let run = eval(&folder, &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("E0201"), "{run:?}");
}

#[test]
fn unknown_segments_get_the_nearest_name() {
    let run = eval(&Folder::project(), &["--segment", "sweds"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    assert!(run.err.contains("did you mean `swedes`?"), "{run:?}");
}

#[test]
fn segments_are_named_without_regard_to_case() {
    let run = eval(&Folder::project(), &["--segment", "SWEDES", "--format", "csv"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.lines().nth(1).is_some_and(|line| line.starts_with("swedes,")), "{run:?}");
}

#[test]
fn data_files_are_read_by_their_endings() {
    let folder = Folder::project();
    let schema = folder.read("segmenta.toml");
    let schema =
        schema.replace("customers.csv", "customers.parquet").replace("orders.csv", "orders.jsonl");
    let ids = StringArray::from(vec!["c, 1", "b2", "a3", "late"]);
    let countries = StringArray::from(vec!["SE", "SE", "NO", "SE"]);
    let created = StringArray::from(vec!["2020-01-01", "2020-01-01", "2020-01-01", "2026-06-02"]);
    let columns: [(&str, ArrayRef); 3] = [
        ("id", Arc::new(ids)),
        ("country", Arc::new(countries)),
        ("created_on", Arc::new(created)),
    ];
    let rows = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    let expected = eval(&folder, &["--format", "csv"]);
    folder.write("customers.parquet", &bytes);
    let folder = folder.with("segmenta.toml", &schema).with(
        "orders.jsonl",
        "{\"customer\":\"c, 1\",\"ordered_at\":\"2026-05-01T10:00:00\",\"total\":100.50}\n\
         {\"customer\":\"c, 1\",\"ordered_at\":\"2026-05-20T10:00:00\",\"total\":50}\n\
         {\"customer\":\"a3\",\"ordered_at\":\"2026-05-31T23:30:00\",\"total\":10}\n",
    );
    let run = eval(&folder, &["--format", "csv"]);
    assert_eq!((run.code, &run.out, &run.err), (0, &expected.out, &expected.err));
    folder.write("customers.parquet", bytes.get(..bytes.len() / 2).unwrap());
    let run = eval(&folder, &[]);
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    assert_eq!(
        run.err,
        "error[E0811]: `customers.parquet`: the file is damaged, cut off or no Parquet file\n"
    );
    let folder =
        folder.with("segmenta.toml", &schema.replace("customers.parquet", "customers.avro"));
    let run = eval(&folder, &[]);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("the data file `customers.avro` is of a kind that cannot be read"),
        "{run:?}"
    );
}
