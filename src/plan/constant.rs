//! What is the same for all rows: literals and times relative to `as_of`.

use crate::{
    calendar::{Day, Instant, MonthDay, Offset, Unit},
    rule::{ArithmeticOp, ExprKind},
};

/// A literal, or a time relative to `as_of`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Constant {
    Bool(bool),
    Number {
        mantissa: i128,
        scale: u8,
    },
    Text(String),
    Day(Day),
    Instant(Instant),
    MonthDay(MonthDay),
    /// In days or months.
    RelativeDay(Offset),
    /// In minutes.
    RelativeInstant(Offset),
}

/// A number against a scale: where it lies among the numbers with so many digits after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnScale {
    /// It is this one.
    At(i128),
    /// Between this one and the next.
    After(i128),
    /// Above all that 128 bits hold.
    Above,
    /// Below all that 128 bits hold.
    Below,
}

impl Constant {
    pub(super) fn of(expr: &ExprKind) -> Option<Self> {
        Some(match expr {
            ExprKind::Bool(value) => Self::Bool(*value),
            ExprKind::Number(number) => {
                Self::Number { mantissa: number.mantissa(), scale: number.scale() }
            }
            ExprKind::Text(text) => Self::Text(text.clone()),
            ExprKind::Date(day) => Self::Day(*day),
            ExprKind::DateTime(instant) => Self::Instant(*instant),
            ExprKind::MonthDay(day) => Self::MonthDay(*day),
            ExprKind::RelativeDay(offset) => Self::RelativeDay(normal(*offset)),
            ExprKind::RelativeInstant(offset) => Self::RelativeInstant(normal(*offset)),
            _ => return None,
        })
    }

    pub(crate) fn depends_on_time(&self) -> bool {
        matches!(self, Self::RelativeDay(_) | Self::RelativeInstant(_))
    }

    /// A number without the zeros at its end, so that 1.50 and 1.5 are one; others as they are.
    pub(super) fn normal(self) -> Self {
        match self {
            Self::Number { mut mantissa, mut scale } => {
                while scale > 0 && mantissa % 10 == 0 {
                    mantissa /= 10;
                    scale -= 1;
                }
                Self::Number { mantissa, scale }
            }
            other => other,
        }
    }
}

/// The same distance in the smallest of the units that are counted alike.
pub(super) fn normal(offset: Offset) -> Offset {
    let (factor, unit) = match offset.unit {
        Unit::Minutes => (1, Unit::Minutes),
        Unit::Hours => (60, Unit::Minutes),
        Unit::Days => (1, Unit::Days),
        Unit::Weeks => (7, Unit::Days),
        Unit::Months => (1, Unit::Months),
        Unit::Years => (12, Unit::Months),
    };
    let amount = offset.amount.saturating_mul(factor);
    let unit = if amount == 0 && unit == Unit::Months { Unit::Days } else { unit };
    Offset { amount, unit }
}

/// Where `mantissa / 10^scale` lies among the numbers of scale `target`.
pub(super) fn on_scale(mantissa: i128, scale: u8, target: u8) -> OnScale {
    let Some(factor) = 10_i128.checked_pow(u32::from(scale.abs_diff(target))) else {
        // Scales reach 36, so both powers fit; zero is the only number that needs no factor.
        return OnScale::At(0);
    };
    if scale <= target {
        return match mantissa.checked_mul(factor) {
            Some(exact) => OnScale::At(exact),
            None if mantissa > 0 => OnScale::Above,
            None => OnScale::Below,
        };
    }
    let below = mantissa.div_euclid(factor);
    if below * factor == mantissa { OnScale::At(below) } else { OnScale::After(below) }
}

/// The exact result of scale `scale`; `None` where it, or a side brought to that scale, does not fit.
pub(super) fn arithmetic(
    op: ArithmeticOp,
    left: (i128, u8),
    right: (i128, u8),
    scale: u8,
) -> Option<i128> {
    let rescaled = |(mantissa, from): (i128, u8)| {
        let digits = scale.checked_sub(from)?;
        mantissa.checked_mul(10_i128.checked_pow(u32::from(digits))?)
    };
    match op {
        ArithmeticOp::Add => rescaled(left)?.checked_add(rescaled(right)?),
        ArithmeticOp::Subtract => rescaled(left)?.checked_sub(rescaled(right)?),
        ArithmeticOp::Multiply => left.0.checked_mul(right.0),
        ArithmeticOp::Divide => None,
    }
}
