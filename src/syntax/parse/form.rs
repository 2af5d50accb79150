//! Conditions that compare no values: lists of conditions, segments, `top`, `sample`.

use super::{
    Parser,
    bracket::Purpose,
    comparison::{Partial, Wait},
    expression::{Grade, Pending, Step},
};
use crate::syntax::{
    lex::{Token, TokenKind},
    tree::{End, Expr, ExprKind, Quantifier},
    word::Reserved,
};

impl Parser<'_> {
    /// Reads such a condition, or the beginning of one that goes on with an operand.
    pub(super) fn condition_form(&mut self, stack: &mut Vec<Pending>) -> Option<Step> {
        let first = self.peek();
        // PERF: most words are names of columns.
        let may_begin = match first.kind {
            TokenKind::Word => self.begins_with(b"abenst"),
            kind => kind == TokenKind::Reserved(Reserved::In),
        };
        if !may_begin {
            return None;
        }
        if let Some(quantifier) = self.quantifier() {
            return Some(self.open_bracket(stack, first, Purpose::Quantified(quantifier)));
        }
        if self.no_count() {
            // The rest is read as if a number stood there.
            let counted = self.eat_word("percent");
            let start = self.span_of(first);
            if self.eat_word("by") || (counted && self.eat_word("seed")) {
                let wait = Wait::Nothing;
                stack.push(Pending::Comparison(Partial { start, wait, chained: false }));
                return Some(Step::Before);
            }
            return Some(Step::Behind(self.error_from(first), Grade::Condition));
        }
        if first.kind == TokenKind::Reserved(Reserved::In)
            && self.is_word(1, "segments")
            && self.is_name(2)
        {
            self.advance();
            self.unexpected_with("`segment` after `in`", Some("write `in segment`".to_owned()));
            self.advance();
            let name = self.take_name();
            self.path_from(name);
            return Some(Step::Behind(self.error_from(first), Grade::Condition));
        }
        let counted = self.ahead(1).kind == TokenKind::Number;
        let kind = if first.kind == TokenKind::Reserved(Reserved::In) && self.is_word(1, "segment")
        {
            self.advance();
            self.advance();
            match self.name("the name of a segment") {
                Some(name) => ExprKind::InSegment(self.path_from(name)),
                None => ExprKind::Error,
            }
        } else if counted && self.is_any_word(0, &["top", "bottom"]) {
            return Some(self.top(stack, first));
        } else if counted && self.is_word(0, "sample") {
            self.sample()
        } else {
            return None;
        };
        Some(Step::Behind(Expr { kind, span: self.span_from(first) }, Grade::Condition))
    }

    /// `all of`, `at least 2 of`, …; `None` in it where its amount is wrong.
    fn quantifier(&mut self) -> Option<Option<Quantifier>> {
        let first = self.peek();
        let plain =
            [("all", Quantifier::All), ("any", Quantifier::Any), ("none", Quantifier::None)];
        let found = plain.into_iter().find(|(word, _)| self.is_word(0, word));
        if let Some((_, quantifier)) = found.filter(|_| self.is_word(1, "of")) {
            self.advance();
            self.advance();
            return Some(Some(quantifier));
        }
        let counted = if self.is_word(0, "at") && self.is_word(1, "least") {
            Quantifier::AtLeast
        } else if self.is_word(0, "at") && self.is_word(1, "most") {
            Quantifier::AtMost
        } else if self.at_exactly() {
            Quantifier::Exactly
        } else {
            return None;
        };
        if !self.is_word(0, "exactly") {
            self.advance();
        }
        self.advance();
        let amount = self.amount();
        if !self.eat_word("of") {
            let begun = self.source_of(self.span_from(first));
            let help = (begun.len() <= 60).then(|| format!("write `{begun} of (…)`"));
            self.unexpected_with("`of`", help);
        }
        Some(amount.map(counted))
    }

    /// `exactly 2 of (`; a column may be called `exactly`, so two operators of one word are left to it.
    fn at_exactly(&self) -> bool {
        let amount = self.ahead(1).kind == TokenKind::Number || self.is_name(1);
        self.is_word(0, "exactly")
            && amount
            && !self.is_any_word(1, &["contains", "matches"])
            && self.is_word(2, "of")
            && self.ahead(3).kind == TokenKind::Open
    }

    /// `top 10 percent by VALUE`, up to the value
    fn top(&mut self, stack: &mut Vec<Pending>, first: Token) -> Step {
        let end = if self.is_word(0, "top") { End::Top } else { End::Bottom };
        self.advance();
        let amount = self.number();
        let percent = self.eat_word("percent");
        let by = self.eat_word("by");
        if !by {
            self.unexpected(if percent { "`by`" } else { "`percent` or `by`" });
        }
        let Some(amount) = amount.filter(|_| by) else {
            return Step::Behind(self.error_from(first), Grade::Condition);
        };
        let wait = Wait::By { end, amount, percent };
        let start = self.span_of(first);
        stack.push(Pending::Comparison(Partial { start, wait, chained: false }));
        Step::Before
    }

    /// `sample 10 percent seed 'holdout-1'`
    fn sample(&mut self) -> ExprKind {
        self.advance();
        let Some(percent) = self.number() else { return ExprKind::Error };
        if !self.expect_word("percent") || !self.expect_word("seed") {
            return ExprKind::Error;
        }
        match self.eat_text() {
            Some(seed) => ExprKind::Sample { percent, seed },
            None => {
                self.unexpected("a string as seed");
                ExprKind::Error
            }
        }
    }
}
