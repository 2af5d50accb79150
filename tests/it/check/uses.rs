//! Files that use others: who reads them, how often, and what is said when that fails.

use std::{cell::RefCell, collections::BTreeMap, io};

use segmenta::{Diagnostic, Error, Rules, RulesBuilder};

use super::{limits, shop};

/// Files in memory that remember who asked for them.
struct Folder {
    files: BTreeMap<&'static str, &'static str>,
    asked: RefCell<Vec<String>>,
}

impl Folder {
    fn new<const N: usize>(files: [(&'static str, &'static str); N]) -> Self {
        Self { files: BTreeMap::from(files), asked: RefCell::default() }
    }

    fn load(&self, path: &str) -> io::Result<Vec<u8>> {
        self.asked.borrow_mut().push(path.to_owned());
        let text = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(text.as_bytes().to_vec())
    }

    /// With this file given, and the others read where they are used.
    fn from(&self, name: &str) -> RulesBuilder {
        let builder = Rules::builder(&shop()).file(name, self.files[name]);
        builder.load_with(|path| self.load(path)).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.take()
    }
}

fn names(rules: &RulesBuilder) -> Vec<String> {
    let rules = rules.build().unwrap();
    rules.segments().map(|segment| segment.name().to_owned()).collect()
}

fn told(found: &[Diagnostic]) -> Vec<String> {
    let place = |found: &Diagnostic| {
        let place = found.location.as_ref().unwrap();
        format!("{} {}:{}:{}", found.code, place.file, place.line, place.column)
    };
    found.iter().map(place).collect()
}

#[test]
fn used_files_are_read_once_and_from_file_to_file() {
    let folder = Folder::new([
        ("main.seg", "use './lib/a.seg'\nuse './lib/b.seg'\nsegment m { include rich }"),
        ("lib/a.seg", "use './b.seg'\nsegment a { include rich }"),
        ("lib/b.seg", "use '../c.seg'\nlet rich = points > 5"),
        ("c.seg", "segment c { }"),
    ]);
    let rules = folder.from("main.seg");
    assert_eq!(names(&rules), ["m", "a", "c"]);
    assert_eq!(folder.asked(), ["lib/a.seg", "lib/b.seg", "c.seg"]);
    // What is there is not read again.
    let again = rules.load_with(|path| folder.load(path)).unwrap();
    assert_eq!(names(&again), ["m", "a", "c"]);
    assert!(folder.asked().is_empty());
}

#[test]
fn given_files_are_not_read() {
    let folder = Folder::new([("b.seg", "segment from_disk { }")]);
    let rules = Rules::builder(&shop())
        .file("a.seg", "use './x/../b.seg'\nsegment a { }")
        .bytes("./b.seg", b"segment given { }")
        .condition("c.seg", "use './no.seg'")
        .load_with(|path| folder.load(path))
        .unwrap();
    assert!(folder.asked().is_empty());
    let found = told(&rules.check());
    assert_eq!(found, ["E0101 c.seg:1:1"]);
}

#[test]
fn names_may_begin_with_the_folder_of_the_project() {
    let folder = Folder::new([
        ("shop/vip.seg", "use './lib/a.seg'\nsegment vip { include rich }"),
        ("shop/lib/a.seg", "use '../b.seg'"),
        ("shop/b.seg", "use '../outside.seg'\nlet rich = pionts > 5"),
    ]);
    for root in ["shop", "shop/", "./shop"] {
        let rules = Rules::builder(&shop())
            .root(root)
            .file("shop/vip.seg", folder.files["shop/vip.seg"])
            .load_with(|path| folder.load(path))
            .unwrap();
        assert_eq!(folder.asked(), ["shop/lib/a.seg", "shop/b.seg"]);
        assert_eq!(told(&rules.check()), ["E0214 shop/b.seg:1:5", "E0201 shop/b.seg:2:12"]);
    }
}

#[test]
fn a_circle_shows_its_files_as_the_project_knows_them() {
    let folder = Folder::new([
        ("shop/a.seg", "use './lib/b.seg'"),
        ("shop/lib/b.seg", "\nuse './c.seg'"),
        ("shop/lib/c.seg", "use '../a.seg' use './b.seg'"),
    ]);
    let rules = Rules::builder(&shop())
        .root("shop")
        .file("shop/a.seg", folder.files["shop/a.seg"])
        .load_with(|path| folder.load(path))
        .unwrap();
    let found = rules.check();
    assert_eq!(told(&found), ["E0213 shop/a.seg:1:5"]);
    assert_eq!(
        found[0].message,
        "these files use each other in a circle: `a.seg -> lib/b.seg -> lib/c.seg -> a.seg`"
    );
}

#[test]
fn files_that_are_missing() {
    let folder = Folder::new([
        ("a.seg", "use './comon.seg'\nuse './zebra.seg'\nuse './sub/common.seg'"),
        ("common.seg", "segment c { }"),
    ]);
    let rules = folder.from("a.seg").file("common.seg", "segment c { }");
    let found = rules.check();
    let seen: Vec<(&str, Option<&str>)> =
        found.iter().map(|found| (found.message.as_str(), found.help.as_deref())).collect();
    assert_eq!(
        seen,
        [
            ("the file `comon.seg` does not exist", Some("did you mean `./common.seg`?")),
            ("the file `zebra.seg` does not exist", None),
            ("the file `sub/common.seg` does not exist", Some("did you mean `./common.seg`?")),
        ]
    );
    // Without somebody who reads, there is no file but those that are given.
    let alone = Rules::builder(&shop()).file("a.seg", "use './common.seg'\nsegment a { }").check();
    assert_eq!(told(&alone), ["E0212 a.seg:1:5"]);
}

#[test]
fn names_that_a_missing_file_may_define_are_not_missed() {
    let text = "use './lost.seg'\nsegment a { include zebra(5) and in segment zebra and zebra }";
    let found = Rules::builder(&shop()).file("a.seg", text).check();
    assert_eq!(told(&found), ["E0212 a.seg:1:5"]);
    // Where another name is near, it is a slip all the same.
    let text = "use './lost.seg'\nsegment a { include contry = 'SE' and 1 = 'x' }";
    let found = Rules::builder(&shop()).file("a.seg", text).check();
    assert_eq!(told(&found), ["E0212 a.seg:1:5", "E0201 a.seg:2:21", "E0301 a.seg:2:39"]);
}

#[test]
fn a_path_below_a_file_or_with_too_long_a_name_is_missing() {
    for kind in [io::ErrorKind::NotADirectory, io::ErrorKind::InvalidFilename] {
        let builder = Rules::builder(&shop()).file("a.seg", "use './b.seg'\nsegment a { }");
        let found = builder.load_with(|_| Err(kind.into())).unwrap().check();
        assert_eq!(told(&found), ["E0212 a.seg:1:5"]);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_no_finding() {
    let builder = Rules::builder(&shop()).file("a.seg", "use './b.seg'\nsegment a { }");
    let error: Error =
        builder.load_with(|_| Err(io::ErrorKind::PermissionDenied.into())).unwrap_err();
    assert!(error.is_io() && error.diagnostics().is_empty());
    assert!(error.to_string().starts_with("`b.seg`: "), "{error}");
}

#[test]
fn used_files_are_no_better_than_given_ones() {
    let bytes = |bytes: &'static [u8]| {
        let builder = Rules::builder(&shop()).file("a.seg", "use './b.seg'\nsegment a { }");
        let limits = limits(|limits| limits.file_bytes = 40);
        told(&builder.load_with(|_| Ok(bytes.to_vec())).unwrap().limits(limits).check())
    };
    assert_eq!(bytes(b"segment b { include zebra }"), ["E0201 b.seg:1:21"]);
    assert_eq!(bytes(b"\xef\xbb\xbfsegment b { include active }"), [""; 0]);
    assert_eq!(bytes(b"segment b { \xff"), ["E0115 b.seg:1:13"]);
    assert_eq!(bytes(b""), ["E0114 b.seg:1:1"]);
    assert_eq!(bytes(&[b'#'; 41]), ["E0601 b.seg:1:1"]);
}

#[test]
fn the_number_of_used_files_is_limited() {
    let chain = |path: &str| {
        let number: u32 = path.trim_end_matches(".seg").parse().unwrap();
        Ok(format!("use './{}.seg'\nsegment s{number} {{ }}", number + 1).into_bytes())
    };
    let found = |most: usize| {
        let builder = Rules::builder(&shop()).file("0.seg", "use './1.seg'");
        builder.limits(limits(|limits| limits.used_files = most)).load_with(chain).unwrap().check()
    };
    assert_eq!(told(&found(0)), ["E0609 0.seg:1:5"]);
    assert_eq!(told(&found(3)), ["E0609 3.seg:1:5"]);
    assert_eq!(told(&found(1_000)), ["E0609 1000.seg:1:5"]);
    assert_eq!(found(3)[0].message, "more than 3 files are used");
    // As many as there may be, and not one more.
    let end = |path: &str| if path == "4.seg" { Ok(b"# end".to_vec()) } else { chain(path) };
    let builder = Rules::builder(&shop()).file("0.seg", "use './1.seg'");
    let builder = builder.limits(limits(|limits| limits.used_files = 4));
    assert_eq!(names(&builder.load_with(end).unwrap()), ["s1", "s2", "s3"]);
}

#[test]
fn a_mistake_in_the_body_of_a_let_comes_with_a_use_of_it() {
    let used_at = |found: &Diagnostic| {
        found
            .used_at
            .as_ref()
            .map(|place| format!("{}:{}:{}", place.file, place.line, place.column))
    };
    let rules = Rules::builder(&shop())
        .file("lets.seg", "let sold = statos = 'paid'\nlet many(n) = count(orders where sold) > n\nlet alone = contry = 'SE'")
        .file("a.seg", "segment a {\n  include many(5)\n  include count(orders where sold) > 1\n}");
    let found = rules.check();
    assert_eq!(told(&found), ["E0201 lets.seg:1:12", "E0201 lets.seg:3:13"]);
    // The row filter decides what `sold` means, so that is the use to look at.
    assert_eq!(used_at(&found[0]).as_deref(), Some("lets.seg:2:34"));
    assert_eq!(used_at(&found[1]), None);
    assert_eq!(
        found[0].to_string(),
        "error[E0201]: unknown column `statos` of `orders`\n --> lets.seg:1:12\n  |\n\
         1 | let sold = statos = 'paid'\n  |            ^^^^^^\n  \
         = used at lets.seg:2:34\n  = help: did you mean `status`?"
    );
    let found = Rules::builder(&shop())
        .file(
            "a.seg",
            "let inner = 1 + country\nlet outer = inner > 5\nsegment a { include (outer) }",
        )
        .check();
    assert_eq!(told(&found), ["E0302 a.seg:1:17"]);
    assert_eq!(used_at(&found[0]).as_deref(), Some("a.seg:3:22"));
}

#[test]
fn a_mistake_with_a_library_is_said_at_its_use() {
    let text = "use 'segmenta/behaviour'\n\
                let quiet(n) = lapsed(country, n)\n\
                segment a { include quiet(5) }\n\
                segment b { include mostly(1, email, 0.5) }\n\
                segment c { include lapsed(birthday, points) }";
    let found = Rules::builder(&shop()).file("a.seg", text).check();
    let seen: Vec<(String, &str)> =
        told(&found).into_iter().zip(found.iter().map(|found| found.message.as_str())).collect();
    assert_eq!(
        seen,
        [
            (
                "E0301 a.seg:2:16".to_owned(),
                "cannot compare a text with a date, in `lapsed` of `segmenta/behaviour`"
            ),
            (
                "E0301 a.seg:4:21".to_owned(),
                "cannot compare a text with a number, in `mostly` of `segmenta/behaviour`"
            ),
            ("E0302 a.seg:4:31".to_owned(), "`*` takes numbers, not a text"),
            ("E0311 a.seg:5:38".to_owned(), "`n` does not stand for a whole number here"),
        ]
    );
    let used = found[0].used_at.as_ref().unwrap();
    assert_eq!((used.file.as_str(), used.line, used.column), ("a.seg", 3, 21));
}
