//! Segments: kinds, names, pins, metadata, references.

use segmenta::{Rules, SegmentKind};

use super::{check, message, places, shop};

#[test]
fn what_a_segment_says_of_itself() {
    let text = "static inactive segment a \"The A\" {\n\
                analytics: true\ndescription: 'all of them'\nowner: 'shop'\nlabels: ('x', 'y')\n\
                include country = 'SE'\npin in (1, -2)\npin out (3)\n}\n\
                segment b {}";
    let rules = Rules::parse(&shop(), text).unwrap();
    let a = rules.segment("a").unwrap();
    assert_eq!((a.name(), a.title(), a.kind()), ("a", Some("The A"), SegmentKind::Static));
    assert!(a.inactive() && a.analytics());
    assert_eq!((a.description(), a.owner()), (Some("all of them"), Some("shop")));
    assert_eq!(a.labels(), ["x", "y"]);
    let b = rules.segment("b").unwrap();
    assert_eq!((b.title(), b.kind(), b.inactive()), (None, SegmentKind::Dynamic, false));
    assert!(rules.segment("c").is_none());
    assert_eq!(format!("{rules:?}"), "Rules [\"a\", \"b\"]");
}

#[test]
fn metadata() {
    let text = "segment a {\nanalytic: true\nowner: true\nlabels: 'x'\nanalytics: 'yes'\ncolour: 'x'\nowner: 'x'\n}";
    let found = check(text);
    let seen: Vec<(&str, &str, Option<&str>)> = found
        .iter()
        .map(|found| (found.code.as_str(), found.message.as_str(), found.help.as_deref()))
        .collect();
    let all = Some("it has `analytics`, `description`, `owner` and `labels`");
    assert_eq!(
        seen,
        [
            ("E0113", "a segment has no `analytic`", Some("did you mean `analytics`?")),
            ("E0302", "`owner` is one text, as in `'…'`", None),
            ("E0302", "`labels` is a list of texts, as in `('a', 'b')`", None),
            ("E0302", "`analytics` is `true` or `false`", None),
            ("E0113", "a segment has no `colour`", all),
            ("E0113", "`owner` is said twice", None),
        ]
    );
}

#[test]
fn names_are_unique_without_regard_to_case() {
    let text = "segment vip {}\nsegment VIP {}\nsegment vip {}\npartition t { a when active }\nsegment T {}";
    assert_eq!(places(text), ["E0207 2:9", "E0207 3:9", "E0207 5:9"]);
}

#[test]
fn partitions() {
    let text = "segment first {}\n\
                partition tier \"Tiers\" { gold when points > 5, rest otherwise }\n\
                partition Other { a when active }\nsegment last {}";
    let rules = Rules::parse(&shop(), text).unwrap();
    let names: Vec<&str> = rules.segments().map(|segment| segment.name()).collect();
    assert_eq!(names, ["first", "tier.gold", "tier.rest", "Other.a", "last"]);
    let seen: Vec<(&str, Option<&str>, Vec<&str>)> = rules
        .partitions()
        .map(|it| (it.name(), it.title(), it.parts().map(|part| part.name()).collect()))
        .collect();
    assert_eq!(
        seen,
        [("tier", Some("Tiers"), vec!["tier.gold", "tier.rest"]), ("Other", None, vec!["Other.a"])]
    );
    let part = rules.segment("TIER.Rest").unwrap();
    assert_eq!((part.title(), part.kind()), (Some("Tiers"), SegmentKind::Dynamic));
    assert!(rules.segment("tier").is_none());
    assert_eq!(rules.nearest_segment("tier.glod"), Some("tier.gold"));
}

#[test]
fn names_of_partitions_and_parts_in_messages() {
    let tier = "partition tier { gold when points > 5, rest otherwise }\n";
    let told = |text: &str| {
        let found = check(&format!("{tier}{text}"));
        assert_eq!(found.len(), 1, "{found:#?}");
        (found[0].message.clone(), found[0].help.clone().unwrap_or_default())
    };
    assert_eq!(
        told("segment a { include in segment tier }"),
        (
            "`tier` is a partition, not a segment".to_owned(),
            "its parts are segments, as `tier.gold`".to_owned()
        )
    );
    assert_eq!(
        told("segment a { include in segment tier.glod }"),
        ("unknown segment `tier.glod`".to_owned(), "did you mean `tier.gold`?".to_owned())
    );
    assert_eq!(
        told("partition p { a when active, b when not active, A otherwise }"),
        (
            "there is another segment called `p.A`".to_owned(),
            "the other one is `p.a` at a.seg:2:15; names are unique without regard to case"
                .to_owned()
        )
    );
    let circle =
        "partition p { a when in segment s, b otherwise }\nsegment s { include in segment p.b }";
    assert_eq!(
        message(circle),
        "these segments refer to each other in a circle: `p.b -> s -> p.b`"
    );
}

#[test]
fn references() {
    assert!(check("segment a { include in segment B }\nsegment b {}").is_empty());
    let found = check("segment vips {}\nsegment b { include in segment vip }");
    assert_eq!(
        found[0].to_string(),
        "error[E0204]: unknown segment `vip`\n --> a.seg:2:32\n  |\n2 | segment b { include in segment vip }\n  |                                ^^^\n  = help: did you mean `vips`?"
    );
}

#[test]
fn circles() {
    let text = "segment c { include in segment a }\nsegment a { exclude active or in segment b }\nsegment b { include in segment c }";
    assert_eq!(places(text), ["E0209 1:32"]);
    assert_eq!(message(text), "these segments refer to each other in a circle: `c -> a -> b -> c`");
    let own = "segment a { include not in segment a }";
    assert_eq!(message(own), "these segments refer to each other in a circle: `a -> a`");
}

#[test]
fn a_hundred_thousand_segments_in_a_chain() {
    let mut text = String::from("segment s0 { include active }\n");
    for number in 1..100_000 {
        text.push_str(&format!("segment s{number} {{ include in segment s{} }}\n", number - 1));
    }
    assert!(check(&text).is_empty());
    text.push_str("segment x { include in segment s99999 and in segment y }\nsegment y { include in segment x }");
    assert_eq!(places(&text), ["E0209 100001:54"]);
}

#[test]
fn pins_are_keys() {
    let text = "segment a { pin in (1, 'c-1', 2.5, 99999999999999999999, -9223372036854775808) pin out (-'x') }";
    let codes: Vec<String> =
        places(text).into_iter().filter(|place| place.starts_with("E03")).collect();
    assert_eq!(codes, ["E0310 1:24", "E0310 1:31", "E0310 1:36"]);
    assert_eq!(
        message("segment a { pin in ('c-1') }"),
        "this is no key: the keys in `id` are whole numbers"
    );
}

#[test]
fn a_key_that_cannot_be_is_told_why() {
    let help =
        |key: &str| check(&format!("segment a {{ pin in ({key}) }}"))[0].help.clone().unwrap();
    assert_eq!(help("99999999999999999999"), "this one is too large to be a key");
    assert_eq!(help("-9223372036854775809"), "this one is too large to be a key");
    assert_eq!(help("1.5"), "write it without a point, as in `17`");
    assert_eq!(help("'17'"), "write it without quotes, as in `17`");
}
