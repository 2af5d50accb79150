//! What is asked for by name: segments, and names of the database in a schema file.

use segmenta::{
    AsOf, Code, Rules, Schema,
    sql::{Dialect, Mapping, Statement, lower},
};

const SCHEMA: &str = "
[customers]
key = 'id'
[customers.columns]
id = 'int'
points = 'int'
home = 'geo'
[tables.orders]
customer = 'customer'
[tables.orders.columns]
customer = 'int'
";

fn day() -> AsOf {
    "2026-11-01".parse().unwrap()
}

fn rules() -> Rules {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let text = "segment rich { include points > 9 }
        segment poor { include not in segment rich }
        segment buyers { include exists(orders) }";
    Rules::parse(&schema, text).unwrap()
}

#[test]
fn only_what_is_asked_for_is_returned() {
    let rules = rules();
    let all = lower(&rules, Dialect::Duckdb, day()).unwrap();
    assert!(all.contains("'rich'") && all.contains("'poor'") && all.contains("orders"));
    let one = Statement::new(&rules, Dialect::Duckdb).segment("POOR").at(day()).unwrap();
    assert!(!one.contains("'rich'") && one.contains("'poor'") && !one.contains("orders"));
}

#[test]
fn unknown_segments_have_a_suggestion() {
    let rules = rules();
    let error = Statement::new(&rules, Dialect::Duckdb).segment("rihc").at(day()).unwrap_err();
    assert_eq!(error.to_string(), "there is no segment `rihc`; did you mean `rich`?");
}

#[test]
fn a_mapping_of_what_does_not_exist_is_refused() {
    let rules = rules();
    let refused = |mapping: Mapping| {
        let statement = Statement::new(&rules, Dialect::Duckdb).mapping(mapping);
        statement.at(day()).unwrap_err().to_string()
    };
    let unknown = Mapping::default().table("order", ["x"]).column("orders", "total", "t");
    assert_eq!(
        refused(unknown),
        "names for SQL: `orders` has no column `total`; the schema has no table `order`"
    );
    assert_eq!(
        refused(Mapping::default().table("orders", ["a\0b"])),
        "names for SQL: \"a\\0b\" is no name"
    );
    let none: [&str; 0] = [];
    assert_eq!(
        refused(Mapping::default().table("orders", none)),
        "names for SQL: `orders` has no name"
    );
    let place = Mapping::default().column("customers", "home_lat", "latitude");
    assert!(Statement::new(&rules, Dialect::Duckdb).mapping(place).at(day()).is_ok());
}

#[test]
fn a_schema_file_names_what_the_database_has() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let text = "[sql.tables.orders]\nname = 'Orders'\norder = 'n'\ncolumns = { customer = 'c' }\n";
    let text = format!("{SCHEMA}\n{text}");
    Schema::from_toml(&text).unwrap();
    let mapping = Mapping::from_toml(&text, &schema).unwrap();
    let expected = Mapping::default().table("orders", ["Orders"]).order("orders", "n");
    assert_eq!(mapping, expected.column("orders", "customer", "c"));
    assert_eq!(Mapping::from_toml(SCHEMA, &schema).unwrap(), Mapping::default());
}

#[test]
fn what_is_wrong_in_the_file_is_told_with_its_place() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let text = "[sql]\ntable = 1\n[sql.tables.order]\nname = 'x'\n[sql.tables.orders]\nname = 5\n\
        oder = 'n'\ncolumns = { costumer = 'c', customer = 3 }\n";
    let error = Mapping::from_toml(text, &schema).unwrap_err();
    let found: Vec<_> = error
        .diagnostics()
        .iter()
        .map(|found| {
            let place = found.location.as_ref().unwrap();
            (found.code, place.line, found.message.as_str(), found.help.as_deref())
        })
        .collect();
    assert_eq!(
        found,
        [
            (
                Code::SchemaSyntax,
                2,
                "unknown name `table` in `[sql]`",
                Some("did you mean `tables`?")
            ),
            (Code::UnresolvedInSchema, 3, "unknown table `order`", Some("did you mean `orders`?")),
            (
                Code::SchemaSyntax,
                6,
                "expected a name, or a list of them as `[\"shop\", \"orders\"]`",
                None
            ),
            (
                Code::SchemaSyntax,
                7,
                "unknown name `oder` in a table of `[sql]`",
                Some("did you mean `order`?")
            ),
            (
                Code::UnresolvedInSchema,
                8,
                "unknown column `costumer`",
                Some("did you mean `customer`?")
            ),
            (Code::SchemaSyntax, 8, "expected a text", None),
        ]
    );
}
