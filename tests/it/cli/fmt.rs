//! `segmenta fmt`

use super::{Folder, RULES};

const LOOSE: &str = "segment   a{include country='SE'   }\n";

#[test]
fn files_are_rewritten_in_place_once() {
    let folder = Folder::project().with("loose.seg", LOOSE);
    let run = folder.run(&["fmt"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run:?}");
    assert_ne!(folder.read("loose.seg"), LOOSE);
    let once = (folder.read("loose.seg"), folder.read("rules.seg"));
    assert_eq!(folder.run(&["fmt"]).code, 0);
    assert_eq!((folder.read("loose.seg"), folder.read("rules.seg")), once);
    assert_eq!(folder.run(&["fmt", "--check"]).code, 0);
    assert_eq!(std::fs::read_dir(&folder.path).unwrap().count(), 5);
}

#[test]
fn check_changes_nothing() {
    let folder = Folder::project().with("loose.seg", LOOSE);
    let run = folder.run(&["fmt", "--check", "loose.seg"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("`loose.seg`"), "{run:?}");
    assert_eq!(folder.read("loose.seg"), LOOSE);
}

#[test]
fn only_the_named_files_change() {
    let folder = Folder::new(&[("a.seg", LOOSE), ("b.seg", LOOSE)]);
    let outside = Folder::new(&[]);
    assert_eq!(outside.run(&["fmt", &folder.at("a.seg")]).code, 0);
    assert_ne!(folder.read("a.seg"), LOOSE);
    assert_eq!(folder.read("b.seg"), LOOSE);
    assert_eq!(outside.run(&["-C", &folder.at(""), "fmt", "b.seg"]).code, 0);
    assert_eq!(folder.read("b.seg"), folder.read("a.seg"));
    assert_eq!(outside.run(&["fmt", "nowhere.seg"]).code, 3);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new(&[("a.seg", LOOSE)]);
    let run = folder.run_with(&["fmt", "-"], LOOSE);
    assert_eq!(run.code, 0, "{run:?}");
    folder.run(&["fmt", "a.seg"]);
    assert_eq!(run.out, folder.read("a.seg"));
    let again = folder.run_with(&["fmt", "-"], &run.out);
    assert_eq!(again.out, run.out);
    assert_eq!(folder.run_with(&["fmt", "--check", "-"], LOOSE).code, 1);
    assert_eq!(folder.run_with(&["fmt", "--check", "-"], &run.out).code, 0);
}

#[test]
fn a_file_with_errors_stays_as_it_is() {
    let folder = Folder::project().with("broken.seg", "segment a { include country = }\n");
    folder.write("binary.seg", b"segment\n\xff");
    let run = folder.run(&["fmt"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run:?}");
    assert!(run.err.contains("broken.seg:1:"), "{run:?}");
    assert!(run.err.contains("E0115") && run.err.contains("binary.seg:2:1"), "{run:?}");
    assert_eq!(folder.read("broken.seg"), "segment a { include country = }\n");
    assert_eq!(folder.read("rules.seg"), RULES);
}

#[test]
fn used_files_are_left_alone() {
    let folder = Folder::project().with("uses.seg", "use './sub/a.seg'\n");
    std::fs::create_dir(folder.path.join("sub")).unwrap();
    folder.write("sub/a.seg", b"segment   a{}");
    let run = folder.run(&["fmt"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(folder.read("sub/a.seg"), "segment   a{}");
    assert_eq!(folder.run(&["fmt", "--check", "sub/a.seg"]).code, 1);
}
