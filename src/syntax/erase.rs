//! Trees without their places, for comparing what two texts say.

use super::tree::{
    Amount, Clause, ClauseKind, Contained, Expr, ExprKind, File, Item, MetaValue, Name, Quantifier,
    Text,
};
use crate::diagnostic::Span;

/// Something with places in it.
pub(crate) trait Erase {
    /// Makes every span [`Span::NONE`].
    fn erase(&mut self);
}

impl<T: Erase> Erase for Vec<T> {
    fn erase(&mut self) {
        self.iter_mut().for_each(Erase::erase);
    }
}

impl<T: Erase> Erase for Option<T> {
    fn erase(&mut self) {
        self.iter_mut().for_each(Erase::erase);
    }
}

impl<T: Erase> Erase for Box<T> {
    fn erase(&mut self) {
        self.as_mut().erase();
    }
}

impl Erase for Name {
    fn erase(&mut self) {
        self.span = Span::NONE;
    }
}

impl Erase for Text {
    fn erase(&mut self) {
        self.span = Span::NONE;
    }
}

impl Erase for Amount {
    fn erase(&mut self) {
        self.span = Span::NONE;
    }
}

impl Erase for File {
    fn erase(&mut self) {
        self.items.erase();
    }
}

impl Erase for Item {
    fn erase(&mut self) {
        match self {
            Self::Use(item) => {
                item.path.erase();
                item.span = Span::NONE;
            }
            Self::Let(item) => {
                item.name.erase();
                item.parameters.erase();
                item.body.erase();
                item.span = Span::NONE;
            }
            Self::Segment(item) => {
                item.name.erase();
                item.title.erase();
                item.clauses.erase();
                item.span = Span::NONE;
            }
            Self::Partition(item) => {
                item.name.erase();
                item.title.erase();
                for part in &mut item.parts {
                    part.name.erase();
                    part.when.erase();
                    part.span = Span::NONE;
                }
                item.span = Span::NONE;
            }
        }
    }
}

impl Erase for Clause {
    fn erase(&mut self) {
        self.span = Span::NONE;
        match &mut self.kind {
            ClauseKind::Include(expr) | ClauseKind::Exclude(expr) => expr.erase(),
            ClauseKind::PinIn(keys) | ClauseKind::PinOut(keys) => keys.erase(),
            ClauseKind::Meta { name, value } => {
                name.erase();
                match value {
                    MetaValue::Bool(_) => {}
                    MetaValue::Text(text) => text.erase(),
                    MetaValue::Texts(texts) => texts.erase(),
                }
            }
        }
    }
}

impl Erase for Contained {
    fn erase(&mut self) {
        match self {
            Self::One(value) => value.erase(),
            Self::AnyOf(list) | Self::AllOf(list) => list.erase(),
        }
    }
}

impl Erase for Quantifier {
    fn erase(&mut self) {
        match self {
            Self::All | Self::Any | Self::None => {}
            Self::AtLeast(amount) | Self::AtMost(amount) | Self::Exactly(amount) => amount.erase(),
        }
    }
}

impl Erase for Expr {
    fn erase(&mut self) {
        self.span = Span::NONE;
        self.kind.erase();
    }
}

impl Erase for ExprKind {
    fn erase(&mut self) {
        match self {
            Self::Number(_)
            | Self::Text(_)
            | Self::Bool(_)
            | Self::Null
            | Self::Date(_)
            | Self::DateTime { .. }
            | Self::MonthDay { .. }
            | Self::Today
            | Self::Yesterday
            | Self::Tomorrow
            | Self::Now
            | Self::Error => {}
            Self::Relative { amount, .. } | Self::Duration { amount, .. } => amount.erase(),
            Self::Path(names) | Self::InSegment(names) => names.erase(),
            Self::Call { function, arguments } => {
                function.erase();
                arguments.erase();
            }
            Self::Aggregate { target, filter, .. } => {
                target.erase();
                filter.erase();
            }
            Self::Negate(inner) | Self::Paren(inner) | Self::Not(inner) => inner.erase(),
            Self::Arithmetic { first, rest } => {
                first.erase();
                rest.iter_mut().for_each(|(_, operand)| operand.erase());
            }
            Self::And(terms) | Self::Or(terms) => terms.erase(),
            Self::Compare { left, right, .. } => {
                left.erase();
                right.erase();
            }
            Self::Between { value, low, high, .. } => {
                value.erase();
                low.erase();
                high.erase();
            }
            Self::In { value, list, .. } => {
                value.erase();
                list.erase();
            }
            Self::Contains { value, what, .. } => {
                value.erase();
                what.erase();
            }
            Self::TextTest { value, pattern, .. } => {
                value.erase();
                pattern.erase();
            }
            Self::IsNull { value, .. } | Self::IsEmpty { value, .. } => value.erase(),
            Self::Within { value, amount, .. } => {
                value.erase();
                amount.erase();
            }
            Self::Near { value, latitude, longitude, .. } => {
                value.erase();
                latitude.erase();
                longitude.erase();
            }
            Self::Quantified { quantifier, conditions } => {
                quantifier.erase();
                conditions.erase();
            }
            Self::Top { by, .. } => by.erase(),
            Self::Sample { seed, .. } => seed.erase(),
        }
    }
}
