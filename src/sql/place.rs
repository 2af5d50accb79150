//! Distances. Engines take sines and cosines from libraries that differ in the last bits, so what lies closer to the edge
//! than any of them errs ends the statement, and everything else is as certain as a comparison of whole numbers.

use super::{
    condition::{certain, chained},
    lower::{Lowered, Lowering, Refusal},
    stages::Sql,
};
use crate::{
    plan::{ValueId, ValueKind},
    value::Vicinity,
};

/// Beyond the sum of all roundings, relative to the square of the half chord: a library errs by some 1e-16.
const DOUBT: f64 = 1e-12;

impl Lowering<'_> {
    fn place(&mut self, of: ValueId) -> Lowered<[Sql; 2]> {
        let plan = self.context.plan;
        let node = plan.values().get(of.0 as usize);
        let Some(ValueKind::Column(path)) = node.map(|node| &node.kind) else {
            return Err(Refusal("a place is worked out".to_owned()));
        };
        let scope = self.scope_of(of);
        let frame = self.frame(scope);
        Ok(frame.source.place(path, &mut frame.stages))
    }

    /// Both of its columns are there.
    pub(super) fn place_present(&mut self, of: ValueId) -> Lowered<Sql> {
        let columns = self.place(of)?;
        let tests = columns.map(|column| column.map(|of| format!("{of} IS NOT NULL")));
        Ok(chained("AND", &tests))
    }

    /// The square of half the chord, by the haversine formula, against that of the distance.
    pub(super) fn near(&mut self, of: ValueId, vicinity: Vicinity) -> Lowered<Sql> {
        let Some(edge) = vicinity.half_chord_squared() else { return self.place_present(of) };
        let grammar = self.context.grammar;
        if !grammar.has_sines() {
            return Err(Refusal(
                "it may be built without the sine and cosine of a distance".to_owned(),
            ));
        }
        let [latitude, longitude] = self.place(of)?;
        let scope = self.scope_of(of);
        let float = |number: f64| grammar.float(number);
        let (from_latitude, from_longitude) =
            (vicinity.latitude.to_f64(), vicinity.longitude.to_f64());
        let half = float(std::f64::consts::PI / 360.0);
        let chord = |column: &Sql, from: f64| {
            format!("power(sin(({} - {}) * {half}), 2)", column.text, float(from))
        };
        let text = format!(
            "{} + {} * cos({} * {}) * {}",
            chord(&latitude, from_latitude),
            float(libm::cos(from_latitude.to_radians())),
            latitude.text,
            float(std::f64::consts::PI / 180.0),
            chord(&longitude, from_longitude),
        );
        let square = Sql::of(text, [&latitude, &longitude]);
        let square = self.frame(scope).stages.bind(square);
        let doubtful = grammar.fail("a place too close to the edge", &square.text, grammar.long());
        let text = format!(
            "CASE WHEN {} = {} AND {} = {} THEN 1 WHEN {square} < {} THEN 1 WHEN {square} > {} THEN 0 WHEN {square} IS NOT NULL THEN {doubtful} END = 1",
            latitude.text,
            float(from_latitude),
            longitude.text,
            float(from_longitude),
            float(edge * (1.0 - DOUBT)),
            float(edge * (1.0 + DOUBT)),
            square = square.text,
        );
        Ok(certain(Sql::of(text, [&latitude, &longitude, &square])))
    }
}
