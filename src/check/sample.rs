//! `sample 10 percent seed 'holdout-1'`.

use super::{Checker, Env};
use crate::{
    diagnostic::{Code, Span},
    rule::ConditionKind,
    syntax::tree::{Number, Text},
    value::{Decimal, Sample},
};

impl<'a> Checker<'a> {
    pub(super) fn sample(
        &mut self,
        percent: Number,
        seed: &'a Text,
        span: Span,
        env: &Env<'a>,
    ) -> Option<ConditionKind> {
        if env.in_row_filter() {
            return self.not_in_row_filter("`sample`", span, env);
        }
        let percent = Decimal::new(percent.mantissa, percent.scale)?;
        let Some(sample) = Sample::new(percent, seed.text.as_str()) else {
            let message = format!("`{percent} percent` is more than all");
            let help = "a share goes from 0 to 100 percent";
            return self.error_with(Code::NoSuchShare, span, message, help);
        };
        Some(ConditionKind::Sample(sample))
    }
}
