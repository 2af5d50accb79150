//! `[predict]` in a schema file and in a program: both say the same, and both are checked alike.

use segmenta::{Code, Predict, Schema};

use crate::purchases::{SHOP, builder};

fn schema(predict: &str) -> segmenta::Result<Schema> {
    Schema::from_toml(&format!("{SHOP}[predict]\n{predict}"))
}

fn built(predict: Predict) -> segmenta::Result<Schema> {
    builder().predict(predict).build()
}

#[test]
fn files_and_programs_say_the_same() {
    let orders = || Predict::new("orders", "total");
    let pairs = [
        ("", orders()),
        ("where = \"status = 'paid'\"", orders().filter("status = 'paid'")),
        ("spend_tiers = [0.8, 0.5]\nspend_horizon = '12 months'\ndiscount_rate = 0", orders()),
        ("spend_tiers = [0.95, 0.125]", orders().spend_tiers(0.95, 0.125)),
        ("spend_horizon = '90 days'", orders().spend_horizon("90 days")),
        ("discount_rate = 0.15", orders().discount_rate(0.15)),
        (
            "parameters = { r = 0.243, alpha_days = 30.9, a = 0.793, b = 2.426 }",
            orders().order_parameters(0.243, 30.9, 0.793, 2.426),
        ),
        (
            "[predict.parameters]\nr = 1\nalpha_days = 2\na = 3\nb = 4\np = 5\nq = 6\nv = 7e0",
            orders().amount_parameters(5.0, 6.0, 7.0).order_parameters(1.0, 2.0, 3.0, 4.0),
        ),
    ];
    for (text, program) in pairs {
        let file = schema(&format!("table = 'orders'\namount = 'total'\n{text}")).unwrap();
        let program = built(program).unwrap();
        assert!(file.same_as(&program), "{text}");
        let plain = built(orders()).unwrap();
        assert_eq!(file.same_as(&plain), text.is_empty() || text.contains("[0.8, 0.5]"), "{text}");
    }
}

#[test]
fn each_mistake_has_one_finding() {
    for (text, code, message) in [
        ("spend_tiers = 0.8", Code::SchemaSyntax, "`spend_tiers` must be a list of numbers"),
        ("spend_tiers = [0.8]", Code::BadSetting, "`spend_tiers` needs 2 shares, not 1"),
        ("spend_tiers = [0.8, 0.5, 0.2]", Code::BadSetting, "`spend_tiers` needs 2 shares, not 3"),
        ("spend_tiers = [1, 0.5]", Code::BadSetting, "a spend tier cannot begin at `1`"),
        ("spend_tiers = [80, 50]", Code::BadSetting, "a spend tier cannot begin at `80`"),
        ("spend_tiers = [0.8, -0.1]", Code::BadSetting, "a spend tier cannot begin at `-0.1`"),
        (
            "spend_tiers = [0.5, 0.8]",
            Code::BadSetting,
            "the spend tier at `0.8` does not begin below the last",
        ),
        ("spend_horizon = 12", Code::SchemaSyntax, "`spend_horizon` must be a text in quotes"),
        ("spend_horizon = 'a year'", Code::BadSetting, "`a year` is no length of time"),
        ("spend_horizon = '3 hours'", Code::BadSetting, "`3 hours` is no length of time"),
        ("spend_horizon = '0 days'", Code::BadSetting, "in no time nothing is expected"),
        ("spend_horizon = '101 years'", Code::BadSetting, "`101 years` is more than 100 years"),
        (
            "spend_horizon = '99999999999999999999 days'",
            Code::BadSetting,
            "`99999999999999999999 days` is more than 100 years",
        ),
        ("discount_rate = -0.1", Code::BadSetting, "`discount_rate` cannot be `-0.1`"),
        ("discount_rate = inf", Code::BadSetting, "`discount_rate` cannot be `inf`"),
        ("discount_rate = '10%'", Code::SchemaSyntax, "`discount_rate` must be a number"),
        ("parameters = 5", Code::SchemaSyntax, "`parameters` must be a table of numbers"),
        (
            "parameters = { r = 1, alpha_days = 2, a = 3 }",
            Code::MissingInSchema,
            "`parameters` has no `b`",
        ),
        (
            "parameters = { r = 1, alpha = 2, alpha_days = 2, a = 3, b = 1 }",
            Code::UnknownSchemaField,
            "`parameters` has no field `alpha`",
        ),
        (
            "parameters = { r = 1, alpha = 2, a = 3, b = 1 }",
            Code::UnknownSchemaField,
            "`parameters` has no field `alpha`",
        ),
        (
            "parameters = { p = 3, q = 4, v = 5 }",
            Code::MissingInSchema,
            "`parameters` has no `r`, `alpha_days`, `a`, `b`",
        ),
        (
            "parameters = { r = 0, alpha_days = 2, a = 3, b = 1 }",
            Code::BadSetting,
            "`r` cannot be `0`",
        ),
        (
            "parameters = { r = 1, alpha_days = nan, a = 3, b = 1 }",
            Code::BadSetting,
            "`alpha_days` cannot be `nan`",
        ),
        (
            "parameters = { r = 1, alpha_days = 2, a = 3, b = 1, p = 3, q = 4 }",
            Code::MissingInSchema,
            "`parameters` has no `v`",
        ),
        (
            "parameters = { r = 1, alpha_days = 2, a = 3, b = 1, p = 3, q = 1, v = 4 }",
            Code::BadSetting,
            "with `q` of 1 or less amounts have no mean",
        ),
        ("windw = 3", Code::UnknownSchemaField, "`[predict]` has no field `windw`"),
    ] {
        let error = schema(&format!("table = 'orders'\namount = 'total'\n{text}")).unwrap_err();
        let found = error.diagnostics();
        assert_eq!(found.len(), 1, "{text}: {error}");
        assert_eq!((found[0].code, found[0].message.as_str()), (code, message), "{text}");
    }
}

#[test]
fn orders_must_have_a_time_and_an_amount() {
    for (text, message) in [
        ("", "`[predict]` has no `table`"),
        ("table = 'notes'\namount = 'stars'", "the rows of `notes` have no time"),
        ("table = 'customers'\namount = 'id'", "customers have no rows in `customers`"),
        ("table = 'orders'\namount = 'status'", "`status` must be a number to serve as `amount`"),
    ] {
        let error = schema(text).unwrap_err();
        assert_eq!(error.diagnostics()[0].message, message);
    }
}
