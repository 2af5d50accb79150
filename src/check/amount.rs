//! Fixed numbers: the `30` of `30 days ago`, the `2` of `at least 2 of`.

use super::{Checker, Env, expand::Reference};
use crate::{
    calendar::{Offset, Unit},
    diagnostic::{Code, Span},
    syntax::{
        number_word, shorten,
        tree::{Amount, AmountKind, Direction, ExprKind, Number},
    },
};

impl<'a> Checker<'a> {
    /// The whole number that an amount is, or that its name stands for.
    pub(super) fn amount(&mut self, amount: &'a Amount, env: &Env<'a>) -> Option<u64> {
        let name = match &amount.kind {
            AmountKind::Number(number) => return Some(*number),
            AmountKind::Name(name) => name,
        };
        let (head, span) = match self.reference(name, env) {
            Some(Reference::Parameter(argument, env)) => {
                (self.head(argument, &env)?, argument.span)
            }
            Some(Reference::Let(definition)) => {
                let named = &self.lets.get(definition)?.tree.name;
                let inner = self.open(definition, &[], named, amount.span, env)?;
                let body = &self.lets.get(definition)?.tree.body;
                (self.head(body, &inner)?, amount.span)
            }
            None => return self.unknown_amount(name, amount.span, env),
        };
        match head.expr.kind {
            ExprKind::Number(Number { mantissa, scale: 0, .. }) => {
                if let Ok(number) = u64::try_from(mantissa) {
                    return Some(number);
                }
                let message = "this number is larger than anything that can be counted";
                self.error(Code::BadNumber, span, message)
            }
            ExprKind::Error => None,
            _ => {
                let message = format!("`{name}` does not stand for a whole number here");
                let help = "it takes a number as it is written, such as `30`";
                self.error_with(Code::NotConstant, span, message, help)
            }
        }
    }

    fn unknown_amount(&mut self, name: &str, span: Span, env: &Env<'a>) -> Option<u64> {
        if self.schema.table(env.names.table()).find(name).is_some() {
            let message = format!("`{name}` is a column, and a fixed number is wanted here");
            return self.error(Code::NotConstant, span, message);
        }
        let parameters = env.frame.as_ref().map_or(&[][..], |frame| frame.parameters);
        let names = self.lets_by_name.keys().copied();
        let candidates: Vec<&str> =
            names.chain(parameters.iter().map(|name| name.text.as_str())).collect();
        let help = match number_word(name) {
            Some(number) => Some(format!("write `{number}`")),
            None => self.did_you_mean(name, candidates),
        };
        let message = format!("no `let` is called `{}`", shorten(name));
        self.error_maybe(Code::UnknownColumn, span, message, help)
    }

    /// A distance from now that a date can hold.
    pub(super) fn offset(
        &mut self,
        amount: &'a Amount,
        unit: Unit,
        direction: Direction,
        span: Span,
        env: &Env<'a>,
    ) -> Option<Offset> {
        let number = self.amount(amount, env)?;
        let signed = i64::try_from(number).ok().map(|number| match direction {
            Direction::Past => -number,
            Direction::Future => number,
        });
        let found = signed.and_then(|number| Offset::new(number, unit));
        if found.is_none() {
            let message = format!("`{number} {}` is more than 10,000 years", unit.name());
            return self.error(Code::OffsetTooLarge, span, message);
        }
        found
    }
}
