//! `segmenta explain`

use segmenta::Code;

use super::Folder;

#[test]
fn a_code_is_explained_without_a_project() {
    let folder = Folder::new(&[]);
    let run = folder.run(&["explain", "e0305"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
    let text = "\
E0305: a comparison with `null`

    country = null

`null` is no value, so nothing is equal to it. Whether a value is missing is asked with `is null`, and whether it is
there with `is not null`.

    country is null
";
    assert_eq!(run.out, text);
}

#[test]
fn every_code_is_explained() {
    let folder = Folder::new(&[]);
    for code in [Code::UnexpectedToken, Code::NothingHere, Code::EmptyDataFile, Code::RejectedRows]
    {
        let run = folder.run(&["explain", code.as_str()]);
        assert_eq!(run.code, 0);
        assert!(run.out.starts_with(&format!("{code}: ")) && !run.out.contains("```"), "{run:?}");
    }
}

#[test]
fn an_unknown_code_is_wrong_usage() {
    let folder = Folder::new(&[]);
    let run = folder.run(&["explain", "E301"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(run.err, "error: there is no code `E301`\n  = help: did you mean `E0301`?\n");
    let run = folder.run(&["explain", "zebra"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("= help: codes stand in the brackets"), "{run:?}");
    assert_eq!(folder.run(&["explain"]).code, 2);
}
