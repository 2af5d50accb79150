//! Files that are no text, and the order of findings.

use segmenta::Rules;

use super::{SHOP, shop};

#[test]
fn bytes_that_are_no_text() {
    let cases: [(&[u8], &str); 4] = [
        (b"segment a {}\n# caf\xe9", "b.seg:2:6"),
        (b"segment\0", "b.seg:1:8"),
        (b"\xff\xfe", "b.seg:1:1"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "b.seg:1:1"),
    ];
    for (bytes, place) in cases {
        let found = Rules::builder(&shop()).bytes("b.seg", bytes).check();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].code.as_str(), "E0115");
        assert!(found[0].to_string().contains(&format!("--> {place}\n")), "{}", found[0]);
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let rules =
        Rules::builder(&shop()).bytes("b.seg", b"\xef\xbb\xbfsegment a {}").build().unwrap();
    assert_eq!(rules.segments().len(), 1);
    let found =
        Rules::builder(&shop()).file("b.seg", "\u{feff}segment a { include zebra }").check();
    assert_eq!(found[0].location.as_ref().unwrap().column, 21);
}

#[test]
fn findings_come_by_file_and_place() {
    let found = Rules::builder(&shop())
        .file("z.seg", "segment a { include zebra > 1 }\nsegment b { include ( }\nsegment c { include 1 = 'x' }")
        .file("a.seg", "let country = 1\nsegment A {}")
        .condition("it", "contry = 'x'")
        .check();
    let places: Vec<String> = found
        .iter()
        .map(|found| {
            let place = found.location.as_ref().unwrap();
            format!("{} {}:{}", found.code, place.file, place.line)
        })
        .collect();
    assert_eq!(
        places,
        [
            "E0201 z.seg:1",
            "E0101 z.seg:2",
            "E0301 z.seg:3",
            "E0206 a.seg:1",
            "E0207 a.seg:2",
            "E0201 it:1"
        ]
    );
}

#[test]
fn warnings_do_not_refuse_the_rules() {
    let text = "segment a { include birthday between today and 7 days ago }";
    let rules = Rules::parse(&shop(), text).unwrap();
    assert_eq!(rules.warnings().len(), 1);
    assert_eq!(rules.warnings()[0].code.as_str(), "W0101");
}

#[test]
fn text_keys_are_quoted() {
    let schema = segmenta::Schema::from_toml(
        &SHOP
            .replace("id = \"int\"\ncountry", "id = \"text\"\ncountry")
            .replace("customer_id = \"int\"", "customer_id = \"text\""),
    )
    .unwrap();
    let found = Rules::builder(&schema).file("a.seg", "segment a { pin in ('c-1', 17) }").check();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "this is no key: the keys in `id` are texts");
    assert_eq!(found[0].help.as_deref(), Some("write it in quotes, as in `'c-17'`"));
}
