//! The deepest rules that limits allow, from their text to members, on the stack that a test has.

use segmenta::{AsOf, Engine, Limits, Rules, Schema, Snapshot, Type, Value};

const DEEPEST: usize = 1_000;

fn schema() -> Schema {
    let schema = Schema::builder().customers("id").column("id", Type::Int).column("n", Type::Int);
    let schema = schema.table("orders", "customer").column("customer", Type::Int);
    schema.column("total", Type::Int).build().unwrap()
}

fn data(schema: &Schema) -> Snapshot {
    let mut data = Snapshot::builder(schema);
    for number in 0..3 {
        let value = || Some(Value::Int(number));
        data.push("customers", [("id", value()), ("n", value())]).unwrap();
        data.push("orders", [("customer", value()), ("total", value())]).unwrap();
    }
    data.build().unwrap()
}

fn nested(open: &str, middle: &str, close: &str, levels: usize) -> String {
    format!("{}{middle}{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn every_reader_goes_down_the_deepest_rule() {
    let conditions = [
        nested("not ", "n > 1", "", DEEPEST),
        nested("- ", "n", "", DEEPEST) + " > 1",
        nested("at least 1 of (n > 5, ", "n > 1", ")", DEEPEST),
        nested("(n > 2 or (n > 0 and ", "n > 1", "))", DEEPEST / 2),
        nested("(", "n > 1", ") = true", DEEPEST),
        nested("(", "n", " + 1)", DEEPEST) + " > 4",
        nested("coalesce(", "n", ", 1)", DEEPEST) + " > 1",
        format!("n in ({}, 2)", nested("abs(", "n", ")", DEEPEST - 1)),
        format!("exists(orders where {})", nested("(", "total > 1", " or total > 2)", DEEPEST - 1)),
    ];
    let schema = schema();
    let mut limits = Limits::default();
    limits.nesting = DEEPEST;
    let as_of: AsOf = "2026-11-01".parse().unwrap();
    for condition in conditions {
        let text = format!("static segment a {{ include {condition} }}");
        let rules = Rules::builder(&schema).file("a.seg", text).limits(limits.clone()).build();
        let shown = &condition[..40];
        let rules = rules.unwrap_or_else(|error| panic!("{shown}: {:.200}", error.to_string()));
        let mut engine = Engine::new(rules.clone(), data(&schema)).unwrap();
        let members = engine.evaluate(as_of).unwrap().members("a").cloned();
        assert_eq!(engine.evaluate_reference(as_of).unwrap().members("a").cloned(), members);
        engine.refresh(as_of).unwrap();
        engine.set_rules(rules).unwrap();
        assert!(engine.refresh(as_of).unwrap().changes()[0].is_empty(), "{shown}");
    }
}
