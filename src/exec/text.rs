//! Tests of text. On a column each is answered once for every entry of the dictionary.

use std::{borrow::Cow, collections::HashSet};

use super::{kernels::CodeSet, mask};
use crate::{
    plan::Comparison,
    rule::TextTest,
    snapshot::Dictionary,
    value::{Pattern, fold_case},
};

/// A test of one text against constants.
pub(super) struct TextPredicate {
    form: Form,
    fold_case: bool,
    /// The text is taken in lower case, as by `lower`.
    pub(super) lowered: bool,
}

enum Form {
    Compare { op: Comparison, constant: String },
    OneOf(HashSet<String>),
    Test { test: TextTest, pattern: String },
    Matches(Pattern),
}

impl TextPredicate {
    pub(super) fn compare(op: Comparison, constant: &str, fold_case: bool) -> Self {
        let constant = folded(constant, fold_case).into_owned();
        Self { form: Form::Compare { op, constant }, fold_case, lowered: false }
    }

    pub(super) fn one_of<'a>(texts: impl Iterator<Item = &'a str>, fold_case: bool) -> Self {
        let texts = texts.map(|text| folded(text, fold_case).into_owned()).collect();
        Self { form: Form::OneOf(texts), fold_case, lowered: false }
    }

    pub(super) fn test(test: TextTest, pattern: &str, fold_case: bool) -> Self {
        let pattern = folded(pattern, fold_case).into_owned();
        Self { form: Form::Test { test, pattern }, fold_case, lowered: false }
    }

    /// The pattern treats case itself. A copy, since what a search keeps for the next one goes with it.
    pub(super) fn matches(pattern: &Pattern) -> Self {
        Self { form: Form::Matches(pattern.clone()), fold_case: false, lowered: false }
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        let text = if self.lowered { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) };
        let text = folded(&text, self.fold_case);
        match &self.form {
            Form::Compare { op, constant } => op.holds(text.as_ref().cmp(constant.as_str())),
            Form::OneOf(texts) => texts.contains(text.as_ref()),
            Form::Test { test, pattern } => meets(*test, &text, pattern),
            Form::Matches(pattern) => pattern.occurs_in(&text),
        }
    }

    pub(super) fn codes(&self, dictionary: &Dictionary) -> CodeSet {
        let mut bits = mask::zeros(dictionary.len());
        if let (Some(texts), false) = (self.plain_texts(), self.lowered) {
            for code in texts.filter_map(|text| dictionary.code(text)) {
                mask::set(&mut bits, code as usize);
            }
        } else {
            for (code, text) in dictionary.iter().enumerate() {
                if self.holds(text) {
                    mask::set(&mut bits, code);
                }
            }
        }
        CodeSet::new(bits)
    }

    /// Takes the texts of a dictionary from a code on into the set.
    pub(super) fn extend(&self, set: &mut CodeSet, dictionary: &Dictionary, from: usize) {
        let mut bits = std::mem::take(&mut set.bits);
        bits.resize(dictionary.len().div_ceil(64));
        let mut news = false;
        for (code, text) in dictionary.iter_from(from).enumerate() {
            if self.holds(text) {
                mask::set(&mut bits, from + code);
                news = true;
            }
        }
        if news {
            *set = CodeSet::new(bits);
        } else {
            set.bits = bits;
        }
    }

    /// The texts that meet the test, where they are known without looking at the dictionary.
    fn plain_texts(&self) -> Option<Box<dyn Iterator<Item = &str> + '_>> {
        if self.fold_case {
            return None;
        }
        match &self.form {
            Form::Compare { op: Comparison::Equal, constant } => {
                Some(Box::new(std::iter::once(constant.as_str())))
            }
            Form::OneOf(texts) => Some(Box::new(texts.iter().map(String::as_str))),
            _ => None,
        }
    }
}

/// A text test after folding of both sides.
pub(super) fn meets(test: TextTest, text: &str, pattern: &str) -> bool {
    match test {
        TextTest::Contains => text.contains(pattern),
        TextTest::StartsWith => text.starts_with(pattern),
        TextTest::EndsWith => text.ends_with(pattern),
    }
}

pub(super) fn folded(text: &str, fold: bool) -> Cow<'_, str> {
    if fold { Cow::Owned(fold_case(text)) } else { Cow::Borrowed(text) }
}
