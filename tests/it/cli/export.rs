//! `segmenta export`

use std::fs;

use super::{CUSTOMERS, Folder, ORDERS, SCHEMA};

/// A store that was refreshed at the end of May: `late` does not exist then.
fn refreshed() -> Folder {
    let schema = SCHEMA.replace("country = \"text\"", "country = \"text\"\nnote = \"text\"");
    let schema = format!("{schema}[store]\npath = \"segments.redb\"\n");
    let rules =
        "segment swedes { include country = 'SE' }\nsegment nobody { include country = 'XX' }\n";
    let folder = Folder::new(&[
        ("segmenta.toml", &schema),
        (
            "customers.csv",
            "id,country,note,created_on\nb2,SE,=1+1,2020-01-01\n\"c, 1\",SE,-5,2020-01-01\n-a,SE,,2020-01-01\nn,NO,,2020-01-01\n",
        ),
        ("orders.csv", "customer,ordered_at,total\n"),
        ("rules.seg", rules),
    ]);
    let run = folder.run(&["refresh", "--as-of", "2026-06-01"]);
    assert_eq!(run.code, 0, "{}", run.err);
    folder
}

#[test]
fn csv_goes_to_standard_output() {
    let folder = refreshed();
    let run = folder.run(&["export", "--segment", "SWEDES"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(
        run.out,
        "id,country,note,created_on\n'-a,SE,,2020-01-01\nb2,SE,'=1+1,2020-01-01\n\"c, 1\",SE,'-5,2020-01-01\n"
    );
    let run = folder.run(&["export", "--segment", "swedes", "--columns", "note, country", "--raw"]);
    assert_eq!(run.out, "id,note,country\n-a,,SE\nb2,=1+1,SE\n\"c, 1\",-5,SE\n");
    let run = folder.run(&["export", "--segment", "nobody", "--columns", "id"]);
    assert_eq!((run.code, run.out.as_str()), (0, "id\n"));
}

#[test]
fn the_ending_of_the_file_says_the_form() {
    let folder = refreshed();
    for (name, expected) in [
        ("out.csv", "id,note\n'-a,\nb2,'=1+1\n\"c, 1\",'-5\n"),
        (
            "out.jsonl",
            "{\"id\":\"-a\",\"note\":null}\n{\"id\":\"b2\",\"note\":\"=1+1\"}\n{\"id\":\"c, 1\",\"note\":\"-5\"}\n",
        ),
    ] {
        let run = folder.run(&["export", "--segment", "swedes", "--columns", "note", "--to", name]);
        assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
        assert_eq!(folder.read(name), expected);
    }
    let run = folder.run(&["export", "--segment", "swedes", "--to", "out.parquet"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let bytes = fs::read(folder.at("out.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let run = folder.run(&["export", "--segment", "nobody", "--to", "none.jsonl"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(folder.read("none.jsonl"), "");
    let run = folder.run(&["export", "--segment", "swedes", "--to", "out.xlsx"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`.csv`, `.jsonl` or `.parquet`"), "{}", run.err);
}

#[test]
fn members_are_those_of_the_last_refresh_and_columns_those_of_now() {
    let folder = refreshed();
    folder.write(
        "customers.csv",
        b"id,country,note,created_on\nb2,NO,new,2020-01-01\nx,SE,,2020-01-01\n",
    );
    let run = folder.run(&["export", "--segment", "swedes", "--columns", "country,note"]);
    assert_eq!(run.code, 0);
    assert_eq!(run.out, "id,country,note\n'-a,,\nb2,NO,new\n\"c, 1\",,\n");
    assert_eq!(run.err, "2 members are not in the data any more; the rows have only the key\n");
}

#[test]
fn what_is_wrong_leaves_the_file_alone() {
    let folder = refreshed();
    folder.write("out.csv", b"as it was");
    let run =
        folder.run(&["export", "--segment", "swedes", "--columns", "nots", "--to", "out.csv"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("E0201") && run.err.contains("did you mean `note`?"), "{}", run.err);
    assert_eq!(folder.read("out.csv"), "as it was");
    let run = folder.run(&["export", "--segment", "swede", "--to", "out.csv"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("E1306"), "{}", run.err);
    let run = folder.run(&["export", "--segment", "swedes", "--to", "no/out.csv"]);
    assert_eq!(run.code, 3);
    assert!(run.err.contains("`no/out.csv`"), "{}", run.err);
    assert!(!fs::exists(folder.at("out.csv.part")).unwrap());
    assert_eq!(folder.read("out.csv"), "as it was");
    // Without a store there is nothing to export.
    let other = Folder::new(&[
        ("segmenta.toml", SCHEMA),
        ("customers.csv", CUSTOMERS),
        ("orders.csv", ORDERS),
    ]);
    let run = other.run(&["export", "--segment", "swedes"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("`[store]` has no `path`"), "{}", run.err);
}
