//! Values of the customers, one by one.

use crate::{
    calendar::{AsOf, Day, Instant},
    check::{Asked, Wanted},
    engine::Engine,
    error::Result,
    exec::Field,
    rule::ExprType,
    segment::Members,
    value::{Decimal, Key, Value},
};

impl Engine {
    /// Values of the rule language, such as `sum(orders.total)`, of these customers: for a letter that says what somebody has
    /// spent, or for whoever compares customers of several engines ([`docs::scale`](crate::docs::scale)). A condition is a
    /// boolean. They may use the `let`s of the engine's rules. No refresh is needed, and none is made.
    ///
    /// The customers come in the order of their keys; those who do not exist at `as_of` are left out. Values come in
    /// the order in which they were asked for, exact numbers as [`Value::Decimal`], and `None` where one is missing.
    ///
    /// ```
    /// # fn main() -> segmenta::Result<()> {
    /// use segmenta::{AsOf, Engine, Rules, Schema, Snapshot, Value};
    /// # let schema = Schema::from_toml("
    /// #     [customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\n
    /// #     [tables.orders]\ncustomer = 'customer'\n[tables.orders.columns]\ncustomer = 'int'\ntotal = 'decimal(2)'")?;
    /// # let mut data = Snapshot::builder(&schema);
    /// # for id in [1, 2] { data.push("customers", [("id", Some(Value::Int(id)))])?; }
    /// # let total = |text: &str| text.parse().ok().map(Value::Decimal);
    /// # for total in [total("10.50"), total("20")] {
    /// #     data.push("orders", [("customer", Some(Value::Int(2))), ("total", total)])?;
    /// # }
    ///
    /// let rules = Rules::parse(&schema, "let spent = sum(orders.total) segment buyers { include exists(orders) }")?;
    /// let mut engine = Engine::new(rules, data.build()?)?;
    /// let as_of: AsOf = "2026-11-01".parse().unwrap();
    /// engine.refresh(as_of)?;
    ///
    /// let Some(buyers) = engine.select("buyers") else { panic!() };
    /// let found = engine.values(&buyers, ["spent", "max(orders.total)"], as_of)?;
    /// let [(key, values)] = &found[..] else { panic!() };
    /// assert_eq!(*key, 2.into());
    /// assert_eq!(values, &[total("30.50"), total("20.00")]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What is wrong with the values, with the codes that rules have; a prediction whose model cannot be fitted (`E1101`);
    /// and when it was cancelled.
    pub fn values<V: AsRef<str>>(
        &self,
        of: &Members<'_>,
        values: impl IntoIterator<Item = V>,
        as_of: impl Into<AsOf>,
    ) -> Result<Vec<(Key, Vec<Option<Value>>)>> {
        let texts: Vec<V> = values.into_iter().collect();
        let asked = texts.iter().map(|text| Asked {
            name: "value",
            text: text.as_ref(),
            wanted: Wanted::Single,
        });
        let asked: Vec<Asked<'_>> = asked.collect();
        let measured = self.rules().measured(&asked)?;
        let types: Vec<ExprType> = measured.values.iter().map(|value| value.ty).collect();
        let moment = self.moment_or_last(Some(as_of.into()))?;
        // In rows of the data at hand.
        let of = &self.snapshot().all() & of;
        let parts = self.sheets(&measured, moment, |sheet| {
            let mut found = Vec::new();
            sheet.each_of(of.bitmap(), |row| {
                let Some(key) = sheet.key(row) else { return };
                let values = types.iter().enumerate();
                let values = values.map(|(at, ty)| single(*ty, sheet.field(at, row)?));
                found.push((key, values.collect()));
            });
            found
        })?;
        let mut found: Vec<_> = parts.into_iter().flatten().collect();
        found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(found)
    }
}

fn single(ty: ExprType, field: Field<'_>) -> Option<Value> {
    match field {
        Field::Bool(value) => Some(Value::Bool(value)),
        Field::Exact(number) => value_of(ty, number),
        Field::Float(number) => Some(Value::Float(number)),
        Field::Text(text) => Some(Value::Text(text.to_owned())),
    }
}

/// What an exact number, a day or an instant stands for.
pub(super) fn value_of(ty: ExprType, number: i128) -> Option<Value> {
    match ty {
        ExprType::Exact { scale } => Decimal::new(number, scale).map(Value::Decimal),
        ExprType::Date => {
            let day = Day(i32::try_from(number).ok()?);
            Some(Value::Date(day.to_date()))
        }
        ExprType::DateTime => {
            let instant = Instant(i64::try_from(number).ok()?);
            Some(Value::DateTime(instant.to_datetime()))
        }
        _ => None,
    }
}
