//! Every statement is one that a parser of its dialect reads.

use segmenta::{
    AsOf, Rules, Schema,
    sql::{Dialect, Statement},
};
use sqlparser::{
    dialect::{
        ClickHouseDialect, Dialect as Grammar, DuckDbDialect, GenericDialect, PostgreSqlDialect,
        SQLiteDialect, SparkSqlDialect,
    },
    parser::Parser,
};

/// One statement for each dialect that can say it, read again.
pub(crate) fn read_again(rules: &Rules, segments: &[&str], as_of: AsOf) -> Result<(), String> {
    for dialect in Dialect::ALL {
        let statement = Statement::new(rules, *dialect);
        let statement = segments.iter().copied().fold(statement, Statement::segment);
        let Ok(text) = statement.at(as_of) else { continue };
        // The parser knows the first of PostgreSQL alone, and takes the second for a subquery.
        let plain = text.replace(" AS MATERIALIZED (", " AS (").replace("array(", "list(");
        let read = Parser::parse_sql(grammar(*dialect), &plain);
        match read.map(|statements| statements.len()) {
            Ok(1) => {}
            Ok(number) => return Err(format!("{dialect}: {number} statements:\n{text}")),
            Err(error) => return Err(format!("{dialect}: {error}:\n{text}")),
        }
    }
    Ok(())
}

fn grammar(dialect: Dialect) -> &'static dyn Grammar {
    match dialect {
        Dialect::Duckdb => &DuckDbDialect {},
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Clickhouse => &ClickHouseDialect {},
        Dialect::Spark => &SparkSqlDialect {},
        Dialect::Sqlite => &SQLiteDialect {},
        _ => &GenericDialect {},
    }
}

#[test]
fn the_shop_is_read_by_every_dialect() {
    let schema = Schema::from_toml(include_str!("../../../examples/shop/segmenta.toml")).unwrap();
    let rules = include_str!("../../../examples/shop/loyalty.seg");
    let rules = Rules::parse(&schema, rules).unwrap();
    let day = "2026-11-01".parse().unwrap();
    for dialect in Dialect::ALL {
        assert!(Statement::new(&rules, *dialect).at(day).is_ok(), "{dialect}");
    }
    read_again(&rules, &[], day).unwrap();
}
