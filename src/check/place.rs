//! `within 25 km of (59.33, 18.06)`.

use super::{Checker, Env, describe};
use crate::{
    diagnostic::{Code, Span},
    rule::{ConditionKind, Expr, ExprKind, ExprType},
    syntax::tree::{self, DistanceUnit, Number},
    value::{Decimal, Vicinity},
};

/// Nothing is further away: once round the earth.
const MOST_KM: i64 = 40_031;

/// One of the two numbers of a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Angle {
    Latitude,
    Longitude,
}

impl<'a> Checker<'a> {
    pub(super) fn near(
        &mut self,
        value: &'a tree::Expr,
        distance: (Number, DistanceUnit),
        (latitude, longitude): (&'a tree::Expr, &'a tree::Expr),
        span: Span,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        let value = self.place(value, env);
        let distance = self.distance(distance, span);
        let inner = self.deeper(env, span)?;
        let latitude = self.angle(Angle::Latitude, latitude, &inner);
        let longitude = self.angle(Angle::Longitude, longitude, &inner);
        let vicinity = Vicinity { latitude: latitude?, longitude: longitude?, distance: distance? };
        Some(ConditionKind::Near { value: value?, vicinity })
    }

    fn place(&mut self, value: &'a tree::Expr, env: &Env<'a>) -> Option<Expr> {
        let value = self.value(value, env)?;
        if value.ty == ExprType::Geo {
            return Some(value);
        }
        let message =
            format!("a distance is measured from a place, not from {}", describe::a(value.ty));
        self.error(Code::WrongType, value.span, message)
    }

    /// In kilometres.
    fn distance(&mut self, (number, unit): (Number, DistanceUnit), span: Span) -> Option<Decimal> {
        let written = Decimal::new(number.mantissa, number.scale)?;
        let (factor, word) = match unit {
            DistanceUnit::Kilometres => (Decimal::from(1), "km"),
            DistanceUnit::Miles => (Vicinity::MILE?, "mi"),
        };
        let most = Decimal::from(MOST_KM);
        let km = written.checked_mul(factor).filter(|km| *km <= most);
        if km.is_none() {
            let message = format!("`{written} {word}` is more than once round the earth");
            return self.error(Code::NoSuchPlace, span, message);
        }
        km
    }

    fn angle(&mut self, angle: Angle, expr: &'a tree::Expr, env: &Env<'a>) -> Option<Decimal> {
        let (name, most) = match angle {
            Angle::Latitude => ("latitude", 90),
            Angle::Longitude => ("longitude", 180),
        };
        let value = self.numeric(expr, &format!("a {name}"), env)?;
        let Some(number) = fixed(&value) else {
            let message = format!("a {name} is a number as it is written, not a computed one");
            let help = "distances are measured from a fixed place";
            return self.error_with(Code::NotConstant, value.span, message, help);
        };
        if number.checked_abs().is_some_and(|size| size <= Decimal::from(most)) {
            return Some(number);
        }
        let message = format!("there is no {name} `{number}`");
        let help = match angle {
            Angle::Latitude => "latitudes go from -90 to 90, and the latitude comes first",
            Angle::Longitude => "longitudes go from -180 to 180",
        };
        self.error_with(Code::NoSuchPlace, value.span, message, help)
    }
}

/// A number as it is written, with its signs.
fn fixed(value: &Expr) -> Option<Decimal> {
    let (mut value, mut negative) = (value, false);
    loop {
        match &value.kind {
            ExprKind::Number(number) if negative => return number.checked_neg(),
            ExprKind::Number(number) => return Some(*number),
            ExprKind::Negate(inner) => (value, negative) = (&**inner, !negative),
            _ => return None,
        }
    }
}
