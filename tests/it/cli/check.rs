//! `segmenta check`

use super::{Folder, RULES};

const WRONG: &str = "segment a {\n  include contry = 'SE'\n}\n";

#[test]
fn rules_without_problems_print_nothing() {
    let run = Folder::project().run(&["check"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.err, "no problems in 1 file\n");
}

#[test]
fn a_data_file_of_an_unknown_table_is_refused() {
    let schema = super::SCHEMA.replace("orders = \"orders.csv\"", "ordrs = \"orders.csv\"");
    let folder = Folder::project().with("segmenta.toml", &schema);
    let run = folder.run(&["check"]);
    let told = "error[E0706]: `[data]` names the unknown table `ordrs`\n --> segmenta.toml:18:1\n  = help: did you mean `orders`?\n\n";
    assert_eq!((run.code, run.out.as_str()), (1, told), "{run:?}");
    assert_eq!(run.err, "1 error in 1 file\n");
    let run = folder.run(&["check", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        (&found["line"], &found["column"], &found["end_column"]),
        (&18.into(), &1.into(), &6.into())
    );
}

#[test]
fn findings_have_place_carets_and_help() {
    let folder = Folder::project().with("wrong.seg", WRONG);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("error[E0201]"), "{run:?}");
    assert!(run.out.contains(" --> wrong.seg:2:11\n"), "{run:?}");
    assert!(run.out.contains("2 |   include contry = 'SE'\n  |           ^^^^^^\n"), "{run:?}");
    assert!(run.out.contains("help: did you mean `country`?"), "{run:?}");
    assert_eq!(run.err, "1 error in 2 files\n");
}

#[test]
fn names_are_as_the_user_gave_them() {
    let folder = Folder::project().with("wrong.seg", WRONG);
    let outside = Folder::new(&[]);
    let run = outside.run(&["-C", &folder.at(""), "check"]);
    assert!(run.out.contains(&format!(" --> {}:2:11", folder.at("wrong.seg"))), "{run:?}");
    for given in [folder.at("wrong.seg"), "wrong.seg".to_owned()] {
        let run = outside.run(&["check", "-C", &folder.at(""), &given]);
        assert!(run.out.contains(&format!(" --> {}:2:11", folder.at("wrong.seg"))), "{run:?}");
    }
    let run = folder.run(&["check", "./wrong.seg"]);
    assert!(run.out.contains(" --> ./wrong.seg:2:11"), "{run:?}");
}

#[test]
fn json_is_one_object_a_line() {
    let folder = Folder::project()
        .with("wrong.seg", "segment a {\n  include contry = 'SE' and status = 1\n}\n");
    let run = folder.run(&["check", "--format", "json"]);
    assert_eq!(run.code, 1);
    let found: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found.len(), 2, "{run:?}");
    assert!(run.out.starts_with("{\"code\":\"E0201\",\"severity\":\"error\",\"file\":\"wrong.seg\",\"line\":2,\"column\":11,\"end_line\":2,\"end_column\":17,\"message\":"));
    assert_eq!(found[0]["help"], "did you mean `country`?");
    assert_eq!(found[1]["column"], 29);
    let mut keys: Vec<&str> = found[1].as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let wanted =
        ["code", "column", "end_column", "end_line", "file", "help", "line", "message", "severity"];
    assert_eq!(keys, wanted);
    assert_eq!(Folder::project().run(&["check", "--format", "json"]).out, "");
}

#[test]
fn named_files_are_checked_within_their_project() {
    let folder = Folder::project()
        .with("wrong.seg", WRONG)
        .with("uses.seg", "segment b {\n  include in segment swedes\n}\n");
    let run = folder.run(&["check", "uses.seg", "rules.seg"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.err, "no problems in 2 files\n");
    let run = folder.run(&["check", "uses.seg", "wrong.seg"]);
    assert_eq!(run.code, 1);
    assert_eq!(run.out.matches("error[").count(), 1, "{run:?}");
    // A file of another folder joins in.
    let outside = Folder::new(&[("c.seg", "segment c {\n  include in segment swedes\n}\n")]);
    assert_eq!(folder.run(&["check", &outside.at("c.seg")]).code, 0);
    assert_eq!(folder.run(&["check", "nowhere.seg"]).code, 3);
}

#[test]
fn files_that_are_no_text_are_refused() {
    let folder = Folder::project();
    folder.write("binary.seg", &[0, 159, 146, 150]);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("E0115"), "{run:?}");
    let folder = Folder::project();
    folder.write("huge.seg", &vec![b'#'; (16 << 20) + 1]);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("E0601"), "{}", &run.out[..200.min(run.out.len())]);
    let folder = Folder::project().with("empty.seg", "");
    let run = folder.run(&["check"]);
    assert!(run.code <= 1 && !run.err.is_empty(), "{run:?}");
}

#[test]
fn warnings_refuse_only_when_asked_to() {
    let reversed = "segment r {\n  include created_on between today and 3 days ago\n}\n";
    let folder = Folder::project().with("reversed.seg", reversed);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("warning[W0101]"), "{run:?}");
    assert_eq!(run.err, "1 warning in 2 files\n");
    assert_eq!(folder.run(&["check", "--deny-warnings"]).code, 1);
    assert_eq!(folder.run(&["check", "--deny-warnings", "rules.seg"]).code, 0);
}

#[test]
fn only_rule_files_of_the_folder_itself_are_read() {
    let folder = Folder::project().with("notes.txt", WRONG);
    std::fs::create_dir(folder.path.join("old")).unwrap();
    std::fs::create_dir(folder.path.join("dir.seg")).unwrap();
    folder.write("old/wrong.seg", WRONG.as_bytes());
    let run = folder.run(&["check"]);
    assert_eq!((run.code, run.err.as_str()), (0, "no problems in 1 file\n"));
    assert_eq!(folder.read("rules.seg"), RULES);
}

#[test]
fn used_files_are_read_wherever_they_lie_in_the_project() {
    let folder = Folder::project()
        .with("uses.seg", "use './sub/deep/a.seg'\nsegment u {\n  include nordic\n}\n");
    std::fs::create_dir_all(folder.path.join("sub/deep")).unwrap();
    folder.write("sub/deep/a.seg", b"use '../b.seg'\nuse '../../rules.seg'\n");
    folder.write("sub/b.seg", b"let nordic = contry in ('SE', 'NO')\n");
    folder.write("sub/unused.seg", b"segment { }");
    let run = folder.run(&["check"]);
    assert_eq!((run.code, run.err.as_str()), (1, "1 error in 4 files\n"), "{run:?}");
    assert!(run.out.contains(" --> sub/b.seg:1:14\n"), "{run:?}");
    assert!(run.out.contains("  = used at uses.seg:3:11\n  = help: did you mean"), "{run:?}");
    let json = folder.run(&["check", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(found["help"], "did you mean `country`?; used at uses.seg:3:11");

    folder.write("sub/b.seg", b"let nordic = country in ('SE', 'NO')\n");
    let run = folder.run(&["check"]);
    assert_eq!((run.code, run.err.as_str()), (0, "no problems in 4 files\n"), "{run:?}");
    let run = folder.run(&["eval", "--as-of", "2026-06-01", "--format", "csv", "--segment", "u"]);
    assert_eq!(run.out, "segment,kind,members,share\nu,dynamic,3,1\n", "{run:?}");
    // From elsewhere, and for files that are named in other words.
    let outside = Folder::new(&[]);
    for given in [
        folder.at("uses.seg"),
        folder.at("./sub/../uses.seg"),
        folder.at("sub/deep/a.seg"),
        "sub/b.seg".to_owned(),
    ] {
        let run = outside.run(&["-C", &folder.at(""), "check", &given]);
        assert_eq!((run.code, run.err.as_str()), (0, "no problems in 1 file\n"), "{run:?}");
    }
}

#[test]
fn files_that_are_used_and_cannot_be() {
    let folder = Folder::project().with("uses.seg", "use './sub/comon.seg'\nuse './ruls.seg'\n");
    let run = folder.run(&["check"]);
    assert_eq!((run.code, run.err.as_str()), (1, "2 errors in 2 files\n"), "{run:?}");
    assert!(run.out.contains("error[E0212]: the file `sub/comon.seg` does not exist"), "{run:?}");
    assert!(run.out.contains("did you mean `./rules.seg`?"), "{run:?}");
    let run = folder.run(&["eval"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    // A folder stands where the file should be: it is there, and cannot be read.
    std::fs::create_dir(folder.path.join("dir.seg")).unwrap();
    folder.write("uses.seg", b"use './dir.seg'\n");
    for command in ["check", "eval"] {
        let run = folder.run(&[command]);
        assert_eq!((run.code, run.out.as_str()), (3, ""), "{run:?}");
        assert!(run.err.contains("`dir.seg`: "), "{run:?}");
    }
}

#[test]
fn a_file_of_another_folder_uses_files_of_its_own() {
    let folder = Folder::project();
    let outside = Folder::new(&[
        ("c.seg", "use './lib.seg'\nsegment c {\n  include nordic\n}\n"),
        ("lib.seg", "let nordic = country in ('SE', 'NO')\n"),
        ("d.seg", "use '../lib.seg'\nsegment d { }\n"),
    ]);
    let run = folder.run(&["check", &outside.at("c.seg")]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run:?}");
    let run = folder.run(&["check", &outside.at("d.seg")]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("error[E0214]: `../lib.seg` leads out of the project"), "{run:?}");
}

/// Whatever files are asked for.
#[test]
fn a_mistake_in_the_condition_on_purchases_is_told() {
    let folder = Folder::new(&[
        (
            "segmenta.toml",
            "[customers]\nkey = \"id\"\n[customers.columns]\nid = \"int\"\n[tables.orders]\ncustomer = \"id\"\n\
             time = \"day\"\n[tables.orders.columns]\nid = \"int\"\nday = \"date\"\ntotal = \"int\"\n\
             [rfm]\ntable = \"orders\"\namount = \"total\"\nwhere = \"totl > 0\"\n",
        ),
        ("a.seg", "segment a {\n  include id > 1\n}\n"),
    ]);
    for arguments in [&["check"][..], &["check", "a.seg"]] {
        let run = folder.run(arguments);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.out.contains("--> segmenta.toml [rfm] where:1:1"), "{run:?}");
    }
}
