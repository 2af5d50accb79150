//! Nothing in a rule can make checking hang or overflow the stack.

use std::fmt::Write;

use segmenta::Rules;

use super::{check, limits, places, shop};

#[test]
fn a_let_that_doubles_sixty_times() {
    let mut text = String::from("let d0 = points + points\n");
    for number in 1..60 {
        let before = number - 1;
        writeln!(text, "let d{number} = d{before} + d{before}").unwrap();
    }
    text.push_str("segment a { include d59 > 5 }\nsegment b { include active and d59 > 5 }");
    assert_eq!(places(&text), ["E0606 61:21", "E0606 62:32"]);
    let error = Rules::parse(&shop(), &text).unwrap_err();
    assert!(error.is_limit());
}

#[test]
fn a_template_that_doubles_its_argument() {
    let mut text = String::from("let d0(x) = x + x\n");
    for number in 1..60 {
        let before = number - 1;
        writeln!(text, "let d{number}(x) = d{before}(d{before}(x))").unwrap();
    }
    text.push_str("segment a { include d59(points) > 5 }");
    assert_eq!(places(&text), ["E0603 61:21"]);
}

#[test]
fn nodes_are_counted_a_segment() {
    let text = "segment a { include points > 1 and balance > 2 }\nsegment b { include points > 1 }";
    let builder = |nodes| {
        Rules::builder(&shop()).file("a.seg", text).limits(limits(|limits| limits.nodes = nodes))
    };
    // An `and`, two comparisons and their four sides.
    assert!(builder(7).check().is_empty());
    let found = builder(6).check();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "this grows beyond 6 conditions and values");
}

#[test]
fn the_parts_of_a_partition_count_with_what_they_copy() {
    let parts = |count: usize| {
        let part = |number: usize| format!("p{number} when active, ");
        format!("partition p {{ {}rest otherwise }}", (0..count).map(part).collect::<String>())
    };
    let found = |count, nodes| {
        let limits = limits(|limits| limits.nodes = nodes);
        Rules::builder(&shop()).file("a.seg", parts(count)).limits(limits).check()
    };
    // Three conditions of one node; they are copied three times, twice, and once.
    let nodes = 3 + 3 + 2 + 1;
    assert!(found(3, nodes).iter().all(|found| found.code.as_str() == "W0213"));
    let beyond = found(3, nodes - 1);
    assert_eq!(beyond.len(), 1);
    assert_eq!(beyond[0].code.as_str(), "E0606");
    assert_eq!(
        beyond[0].help.as_deref(),
        Some("each part of a partition counts with the conditions of all parts before it")
    );
    assert_eq!(found(100_000, 200_000).len(), 1);
}

#[test]
fn a_long_chain_of_lets_is_deep() {
    let chain = |count: usize| {
        let mut text = String::from("let d0 = points\n");
        for number in 1..count {
            writeln!(text, "let d{number} = d{}", number - 1).unwrap();
        }
        writeln!(text, "segment a {{ include d{} > 5 }}", count - 1).unwrap();
        text
    };
    assert!(check(&chain(200)).is_empty());
    assert_eq!(places(&chain(201)), ["E0603 202:21"]);
    assert_eq!(places(&chain(10_000)), ["E0603 10001:21"]);
}

#[test]
fn nesting_as_deep_as_it_may_be() {
    for depth in [200_usize, 1_000] {
        let builder = |text: String| {
            Rules::builder(&shop())
                .condition("deep", text)
                .limits(limits(|limits| limits.nesting = depth))
        };
        let around = |open: &str, middle: &str, close: &str| {
            format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
        };
        let found = builder(around("(", "active", ")")).check();
        assert!(found.is_empty(), "{}", found[0]);
        assert!(builder(around("not ", "active", "")).check().is_empty());
        assert!(builder(around("any of (", "active", ")")).check().is_empty());
        assert!(builder(around("true or active and 1 = (", "1", ")")).check().len() <= 1);
        assert!(builder(around("(true = ", "active", ")")).check().is_empty());
        let tall = around("1 + 2 * abs(", "points", ")") + " > 1";
        assert!(builder(tall).check().is_empty());
        let rules = builder(around("(active or points > 1 and true = ", "active", ")")).build();
        assert!(rules.is_ok(), "{rules:?}");
        drop(rules);
    }
}

#[test]
fn many_mistakes_in_one_long_line() {
    let text = "zebra = 1 or ".repeat(15_000) + "true";
    assert_eq!(check(&format!("segment a {{ include {text} }}")).len(), 15_000);
}

#[test]
fn many_unknown_segments_among_many() {
    let mut text = String::new();
    for number in 0..20_000 {
        writeln!(text, "segment segment_{number} {{ include in segment other_{number} }}").unwrap();
    }
    assert_eq!(check(&text).len(), 20_000);
}

#[test]
fn a_file_against_another_schema_lists_its_first_fifty_thousand_errors() {
    let mut text = String::new();
    for number in 0..50_002 {
        writeln!(text, "segment s{number} {{ include zebra = 1 }}").unwrap();
    }
    let found = places(&text);
    assert_eq!(found.len(), 50_001);
    assert_eq!(found[49_999], "E0201 50000:26");
    assert_eq!(found[50_000], "E0813 50001:26");
}
