//! Models that are kept and handed in again.

use segmenta::{AmountModel, Model, OrderModel};

use super::{day, engine, evaluate, schema, shop::rows};

const RULES: &str = "
segment alive { include predict.alive > 0.4 }
segment worth { include predict.value(12 months) > 50 }
";

#[test]
fn a_model_that_was_kept_gives_the_same_members() {
    let (customers, orders) = rows(200, false);
    let mut first = engine(&schema(""), RULES, &customers, &orders);
    assert_eq!(first.model(), None);
    let done = first.refresh(day("2026-06-30")).unwrap();
    let model = first.model().unwrap().clone();
    assert_eq!(done.model(), Some(&model));
    assert!(model.orders().unwrap().log_likelihood().is_some());

    let kept = serde_json::to_string(&model).unwrap();
    let mut second = engine(&schema(""), RULES, &customers, &orders);
    second.set_model(Some(serde_json::from_str(&kept).unwrap()));
    assert_eq!(second.model(), Some(&model));
    second.refresh(day("2026-06-30")).unwrap();
    for name in ["alive", "worth"] {
        assert_eq!(first.keys(name), second.keys(name), "{name}");
    }
    // On another day it is not fitted again.
    let found = evaluate(&second, "2026-01-31");
    assert_eq!(found.model(), Some(&model));
    assert_ne!(evaluate(&first, "2026-01-31").model(), Some(&model));
    second.set_model(None);
    assert_eq!(second.model(), None);
    assert_ne!(evaluate(&second, "2026-01-31").model(), Some(&model));
}

#[test]
fn what_is_handed_in_goes_before_what_is_fixed() {
    let fixed = "parameters = { r = 1, alpha_days = 9, a = 1, b = 2, p = 6, q = 4, v = 15 }";
    let (customers, orders) = rows(50, false);
    let mut engine = engine(&schema(fixed), RULES, &customers, &orders);
    let orders = OrderModel::new(1.0, 9.0, 1.0, 2.0).unwrap();
    let amounts = AmountModel::new(6.0, 4.0, 15.0).unwrap();
    let fixed = Model::new().with_orders(orders).with_amounts(amounts.clone());
    assert_eq!(engine.model(), Some(&fixed));
    assert_eq!(evaluate(&engine, "2026-06-30").model(), Some(&fixed));
    let other = OrderModel::new(2.0, 90.0, 1.0, 2.0).unwrap();
    engine.set_model(Some(Model::new().with_orders(other.clone())));
    let both = Model::new().with_orders(other).with_amounts(amounts);
    assert_eq!(evaluate(&engine, "2026-06-30").model(), Some(&both));
    // On demand it is fitted, whatever is fixed.
    let fitted = engine.fit(day("2026-06-30")).unwrap();
    assert!(fitted.model.orders().unwrap().customers().is_some());
}

#[test]
fn only_what_is_asked_for_is_fitted() {
    let (customers, orders) = rows(50, false);
    let rules = "segment alive { include predict.alive > 0.4 }";
    let found = evaluate(&engine(&schema(""), rules, &customers, &orders), "2026-06-30");
    assert!(found.model().unwrap().amounts().is_none());
    let rules =
        "segment due { include predict.next_order < today } segment p { include points = 3 }";
    let found = evaluate(&engine(&schema(""), rules, &customers, &orders), "2026-06-30");
    assert_eq!(found.model(), None);
}

#[test]
fn without_predictions_nothing_can_be_fitted() {
    let schema =
        segmenta::Schema::from_toml("[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'")
            .unwrap();
    let rules = segmenta::Rules::parse(&schema, "segment a { }").unwrap();
    let mut builder = segmenta::Snapshot::builder(&schema);
    builder.csv_reader("customers", "customers.csv", "id\n1\n".as_bytes()).unwrap();
    let engine = segmenta::Engine::new(rules, builder.build().unwrap()).unwrap();
    let error = engine.fit(day("2026-01-01")).unwrap_err();
    assert_eq!(error.to_string(), "the schema does not set up `predict`");
}
