//! `segmenta refresh`, `list`, `history` and `customer`

use super::{Folder, RULES, Run, SCHEMA};

const STORE: &str = "[store]\npath = \"segments.redb\"\n";

/// The project of four customers, with a store.
fn project() -> Folder {
    Folder::project().with("segmenta.toml", &format!("{SCHEMA}{STORE}"))
}

fn lines(run: &Run) -> Vec<&str> {
    assert_eq!(run.code, 0, "{run:?}");
    run.out.lines().collect()
}

/// Refreshed on 30 May, when one had bought; on 1 June, when two had; and on the 2nd, when there is one more Swede.
fn refreshed() -> Folder {
    let folder = project();
    for day in ["2026-05-30", "2026-06-01", "2026-06-02"] {
        assert_eq!(folder.run(&["refresh", "--as-of", day]).code, 0);
    }
    folder
}

#[test]
fn a_refresh_says_who_entered_and_left() {
    let folder = project();
    let refresh = |day: &str| folder.run(&["refresh", "--format", "csv", "--as-of", day]);
    let head = "segment,members,entered,left";
    assert_eq!(lines(&refresh("2026-05-30")), [head, "swedes,2,2,0", "buyers,1,1,0"]);
    // `buyers` is static: the order of 31 May comes too late for it.
    assert_eq!(lines(&refresh("2026-06-01")), [head, "swedes,2,0,0", "buyers,1,0,0"]);
    assert_eq!(lines(&refresh("2026-06-02")), [head, "swedes,3,1,0", "buyers,1,0,0"]);
    // Other conditions, and it is formed anew; titles are none.
    folder.write("rules.seg", RULES.replace("exists(orders)", "count(orders) >= 1").as_bytes());
    assert_eq!(lines(&refresh("2026-06-03")), [head, "swedes,3,0,0", "buyers,2,1,0"]);
    let run = folder.run(&["refresh", "--as-of", "2026-06-04"]);
    let table = [
        "segment  members  entered  left",
        "swedes         3        0     0",
        "buyers         2        0     0",
    ];
    assert_eq!(lines(&run), table);
}

#[test]
fn a_day_that_has_been_is_refused() {
    let folder = refreshed();
    for day in ["2026-06-02", "2026-05-30", "2026-06-02T12:00:00"] {
        let run = folder.run(&["refresh", "--as-of", day]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains("error[E1304]: the store was refreshed as of "), "{run:?}");
    }
    assert_eq!(lines(&folder.run(&["history", "swedes", "--format", "csv"])).len(), 4);
    // The clock is later than all that.
    assert_eq!(folder.run(&["refresh"]).code, 0);
}

#[test]
fn history_is_a_row_a_refresh_or_the_members_of_a_day() {
    let folder = refreshed();
    let history = |segment: &str| {
        let run = folder.run(&["history", segment, "--format", "csv"]);
        lines(&run).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let days = ["2026-05-30T21", "2026-06-01T21", "2026-06-02T21"]
        .map(|day| format!("{day}:59:59.999999Z"));
    let rows = |rows: [&str; 3]| {
        let rows = days.iter().zip(rows).map(|(day, row)| format!("{day},{row}"));
        std::iter::once("as_of,members,entered,left".to_owned()).chain(rows).collect::<Vec<_>>()
    };
    assert_eq!(history("swedes"), rows(["2,2,0", "2,0,0", "3,1,0"]));
    assert_eq!(history("Buyers"), rows(["1,1,0", "1,0,0", "1,0,0"]));
    let at = |day: &str| folder.run(&["history", "swedes", "--at", day]).out;
    assert_eq!(at("2026-05-29"), "");
    assert_eq!(at("2026-06-01"), "b2\nc, 1\n");
    assert_eq!(at("2026-06-02T10:00:00"), "b2\nc, 1\n");
    assert_eq!(at("2030-01-01"), "b2\nc, 1\nlate\n");
    let run = folder.run(&["history", "swedish"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    assert!(
        run.err.contains("error[E1306]") && run.err.contains("did you mean `swedes`?"),
        "{run:?}"
    );
}

#[test]
fn a_customer_is_in_since_and_why() {
    let folder = refreshed();
    folder.write("customers.csv", super::CUSTOMERS.replace("b2,SE", "b2,DK").as_bytes());
    assert_eq!(folder.run(&["refresh", "--as-of", "2026-06-03"]).code, 0);
    let customer = |more: &[&str]| {
        let run = folder.run(&[&["customer", "--format", "csv"], more].concat());
        lines(&run).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let head = "segment,member,since,cause";
    assert_eq!(
        customer(&["b2"]),
        [head, "buyers,false,,", "swedes,false,2026-06-03T21:59:59.999999Z,data changed"]
    );
    assert_eq!(
        customer(&["late"]),
        [head, "buyers,false,,", "swedes,true,2026-06-02T21:59:59.999999Z,time passed"]
    );
    assert_eq!(
        customer(&["b2", "--history"]),
        [
            "at,segment,event,cause",
            "2026-05-30T21:59:59.999999Z,swedes,entered,rule changed",
            "2026-06-03T21:59:59.999999Z,swedes,left,data changed",
        ]
    );
    let run = folder.run(&["customer", "nobody"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
    // Keys are customers' values, and are not shown.
    assert!(run.err.contains("error[E1308]") && !run.err.contains("nobody"), "{run:?}");
}

#[test]
fn the_list_is_chosen_from() {
    let folder = project();
    let rules = format!("{RULES}inactive segment asleep {{ include country = 'NO' }}\n");
    folder.write("rules.seg", RULES.as_bytes());
    assert_eq!(folder.run(&["refresh", "--as-of", "2026-06-01"]).code, 0);
    folder.write("rules.seg", rules.as_bytes());
    assert_eq!(folder.run(&["refresh", "--as-of", "2026-06-02"]).code, 0);
    let list = |more: &[&str]| {
        let run = folder.run(&[&["list", "--format", "csv"], more].concat());
        lines(&run).into_iter().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let (first, second) = ("2026-06-01T21:59:59.999999Z", "2026-06-02T21:59:59.999999Z");
    let asleep = format!("asleep,,dynamic,inactive,0,{second},");
    let buyers = format!("buyers,Bought something,static,ready,2,{first},{first}");
    let swedes = format!("swedes,,dynamic,ready,3,{first},{second}");
    assert_eq!(list(&[]), [asleep.clone(), buyers.clone(), swedes.clone()]);
    assert_eq!(list(&["--min", "2", "--max", "2"]), std::slice::from_ref(&buyers));
    assert_eq!(list(&["--min", "3"]), std::slice::from_ref(&swedes));
    assert_eq!(list(&["--kind", "dynamic"]), [asleep.clone(), swedes]);
    assert_eq!(list(&["--kind", "static"]), [buyers]);
    assert_eq!(list(&["--kind", "inactive"]), std::slice::from_ref(&asleep));
    assert_eq!(list(&["--created-since", "2026-06-02"]), [asleep]);
    assert!(list(&["--created-since", "2026-06-03"]).is_empty());
    assert_eq!(folder.run(&["list", "--created-since", "June"]).code, 2);
    let run = folder.run(&["list", "--format", "json", "--kind", "inactive"]);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let wanted = serde_json::json!([{
        "segment": "asleep", "title": null, "kind": "dynamic", "status": "inactive",
        "members": 0, "created": second, "formed": null
    }]);
    assert_eq!(json, wanted);
}

#[test]
fn so_many_refreshes_are_kept() {
    let folder = refreshed();
    let keep = |text: &str| {
        folder.write("segmenta.toml", format!("{SCHEMA}{STORE}{text}\n").as_bytes());
    };
    keep("keep = 2");
    assert_eq!(folder.run(&["refresh", "--as-of", "2026-06-03"]).code, 0);
    assert_eq!(lines(&folder.run(&["history", "swedes", "--format", "csv"])).len(), 3);
    let run = folder.run(&["history", "swedes", "--at", "2026-06-01"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("error[E1307]"), "{run:?}");
    keep("");
    assert_eq!(folder.run(&["refresh", "--as-of", "2026-06-04"]).code, 0);
    assert_eq!(lines(&folder.run(&["history", "swedes", "--format", "csv"])).len(), 4);
    for (text, code) in [("keep = 0", "E0701"), ("keep = 'all'", "E0701"), ("kept = 2", "E0702")] {
        keep(text);
        let run = folder.run(&["list"]);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains(code) && run.err.contains("segmenta.toml:"), "{run:?}");
    }
}

#[test]
fn what_is_no_store_is_told() {
    let folder = Folder::project();
    for args in [&["refresh"][..], &["list"], &["history", "swedes"], &["customer", "b2"]] {
        let run = folder.run(args);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains("`[store]` has no `path`"), "{run:?}");
    }
    let folder = project();
    // Nothing has been refreshed, so there is no file.
    for args in [&["list"][..], &["history", "swedes"], &["customer", "b2"]] {
        assert_eq!(folder.run(args).code, 3, "{args:?}");
    }
    folder.write("segments.redb", &b"no store".repeat(1_000));
    for args in [&["refresh"][..], &["list"], &["history", "swedes"], &["customer", "b2"]] {
        let run = folder.run(args);
        assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
        assert!(run.err.contains("error[E1302]"), "{run:?}");
    }
}
