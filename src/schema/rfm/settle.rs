//! From a draft to what the scores are given by.

use super::{
    super::{
        Schema,
        draft::{Field, Word},
        purchases::{Settle, settle_purchases},
    },
    Groups, Method, Rfm, RfmDefinition, Scores,
    draft::{DraftGroups, DraftRfm, DraftThresholds, THRESHOLDS},
    groups::settle_groups,
};
use crate::{
    calendar::Offset,
    diagnostic::{Code, Finding, Span, did_you_mean, nearest},
    value::Decimal,
};

/// `schema` is without mistakes so far.
pub(in super::super) fn settle_rfm(
    draft: &DraftRfm,
    schema: Option<&Schema>,
    findings: &mut Vec<Finding>,
) -> Option<RfmDefinition> {
    let purchases = settle_purchases(&draft.purchases, ("[rfm]", draft.span), schema, findings);
    let mut settle = Settle { findings };
    let window = match &draft.window {
        Field::Given(word) => settle.window(word).map(Some),
        Field::Absent => Some(None),
        Field::Wrong => None,
    };
    let levels = settle.number(&draft.levels, "levels", 5, 3..=10);
    let levels = levels.and_then(|levels| u8::try_from(levels).ok());
    let min_population = settle.number(&draft.min_population, "min_population", 1, 1..=u64::MAX);
    let lowest = settle.one_of(&draft.without_purchase, "without_purchase", ["missing", "lowest"]);
    let method = settle.method(draft, levels);
    let groups = levels.map(|levels| settle.groups(&draft.groups, levels));
    Some(RfmDefinition {
        purchases: purchases?,
        window: window?,
        scores: Scores {
            levels: levels?,
            method: method?,
            min_population: min_population?,
            lowest_without_purchase: lowest? == 1,
            groups: groups?,
        },
    })
}

impl Settle<'_> {
    /// `365 days`, as the distance back.
    fn window(&mut self, word: &Word) -> Option<Offset> {
        let (number, unit) = self.length(word, "365 days", "a window of no time holds nothing")?;
        let amount: Option<i64> = number.parse().ok();
        amount.and_then(|amount| Offset::new(-amount, unit)).or_else(|| {
            let message = format!("`{}` is more than 10,000 years", word.text.escape_debug());
            self.bad(word.span, message, "leave it out to look at all time")
        })
    }

    fn number(
        &mut self,
        field: &Field<Word>,
        name: &str,
        otherwise: u64,
        range: std::ops::RangeInclusive<u64>,
    ) -> Option<u64> {
        let word = match field {
            Field::Given(word) => word,
            Field::Absent => return Some(otherwise),
            Field::Wrong => return None,
        };
        let found = word.text.parse().ok().filter(|number| range.contains(number));
        if found.is_none() {
            let message = format!("`{name}` cannot be `{}`", word.text.escape_debug());
            let (least, most) = (range.start(), range.end());
            let help = match most {
                &u64::MAX => format!("it is a whole number, {least} or more"),
                _ => format!("it is a whole number from {least} to {most}"),
            };
            return self.bad(word.span, message, help);
        }
        found
    }

    /// The place of a word in the list; left out, the first.
    fn one_of(&mut self, field: &Field<Word>, name: &str, list: [&str; 2]) -> Option<usize> {
        let word = match field {
            Field::Given(word) => word,
            Field::Absent => return Some(0),
            Field::Wrong => return None,
        };
        let found = list.iter().position(|known| *known == word.text);
        if found.is_none() {
            let message = format!("`{name}` cannot be `{}`", word.text.escape_debug());
            let [one, other] = list;
            let help =
                did_you_mean(nearest(&word.text, list), || format!("it is `{one}` or `{other}`"));
            return self.bad(word.span, message, help);
        }
        found
    }

    fn method(&mut self, draft: &DraftRfm, levels: Option<u8>) -> Option<Method> {
        let method = self.one_of(&draft.method, "method", ["quantile", "qcut"]);
        let thresholds = match &draft.thresholds {
            Field::Absent => {
                return method.map(|method| match method {
                    0 => Method::Quantile,
                    _ => Method::Qcut,
                });
            }
            Field::Wrong => return None,
            Field::Given(thresholds) => thresholds,
        };
        let lists = levels.map(|levels| self.thresholds(thresholds, levels));
        if !matches!(draft.method, Field::Absent) {
            let message = "`thresholds` and `method` exclude each other".to_owned();
            let help = "leave out one of them: thresholds are a method of their own";
            return self.bad(thresholds.span, message, help);
        }
        let [recency_days, frequency, monetary] = lists?;
        Some(Method::Thresholds {
            recency_days: recency_days?,
            frequency: frequency?,
            monetary: monetary?,
        })
    }

    fn thresholds(&mut self, draft: &DraftThresholds, levels: u8) -> [Option<Vec<Decimal>>; 3] {
        let mut settled = [None, None, None];
        let other = counted_for_other_levels(draft, levels);
        if let Some(found) = other {
            let message = format!("{found} thresholds are for {} levels, not {levels}", found + 1);
            let help =
                format!("write `levels = {}`, or {} numbers in each list", found + 1, levels - 1);
            self.bad::<()>(draft.span, message, help);
        }
        let wanted = other.unwrap_or_else(|| usize::from(levels - 1));
        for ((list, name), settled) in draft.lists.iter().zip(THRESHOLDS).zip(&mut settled) {
            match list {
                Field::Given((words, span)) => *settled = self.list(words, *span, name, wanted),
                Field::Wrong => {}
                Field::Absent => {
                    let message = format!("`thresholds` has no `{name}`");
                    let finding = Finding::new(Code::MissingInSchema, draft.span, message);
                    let help = format!("add `{name}` with a list of {} numbers", levels - 1);
                    self.findings.push(finding.help(help));
                }
            }
        }
        settled
    }

    fn list(
        &mut self,
        words: &[Word],
        span: Span,
        name: &str,
        wanted: usize,
    ) -> Option<Vec<Decimal>> {
        let mut numbers: Vec<Decimal> = Vec::with_capacity(words.len());
        for word in words {
            let text = word.text.escape_debug();
            let Ok(number) = word.text.parse() else {
                let message = format!("`{text}` is no threshold");
                let help = "write a number with its digits, as `297.4`";
                return self.bad(word.span, message, help);
            };
            if numbers.last().is_some_and(|last| *last >= number) {
                let message = format!("the threshold `{text}` of `{name}` is not above the last");
                return self.bad(word.span, message, "thresholds ascend, each above the last");
            }
            numbers.push(number);
        }
        if numbers.len() != wanted {
            let found = numbers.len();
            let message = format!("`{name}` needs {wanted} thresholds, not {found}");
            let help = format!("{} levels have one threshold less; or change `levels`", wanted + 1);
            return self.bad(span, message, help);
        }
        Some(numbers)
    }

    fn groups(&mut self, draft: &Field<DraftGroups>, levels: u8) -> Option<Groups> {
        let word = match draft {
            Field::Given(DraftGroups::Own { groups, span }) => {
                return settle_groups(groups, *span, levels, self.findings);
            }
            Field::Given(DraftGroups::Preset(word)) => Some(word),
            Field::Absent => None,
            Field::Wrong => return None,
        };
        let name = word.map_or("standard", |word| word.text.as_str());
        let span = word.map_or(Span::NONE, |word| word.span);
        let preset = Rfm::PRESETS.iter().find(|preset| preset.name == name);
        match preset {
            Some(preset) if preset.levels == levels => {
                settle_groups(&preset.read(), span, levels, self.findings)
            }
            // Without groups `rfm.group` has no meaning, and the rest has.
            _ if word.is_none() => None,
            Some(preset) => {
                let wanted = preset.levels;
                let message = format!("the groups `{name}` are for {wanted} levels, not {levels}");
                let help = format!("write `levels = {wanted}`, or groups of your own");
                self.bad(span, message, help)
            }
            None => {
                let names = || Rfm::PRESETS.iter().map(|preset| preset.name);
                let help = did_you_mean(nearest(name, names()), || {
                    let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
                    format!("there are {}, or groups of your own", names.join(", "))
                });
                let message = format!("there are no groups called `{}`", name.escape_debug());
                self.bad(span, message, help)
            }
        }
    }
}

/// How many numbers each of the lists has, if all have as many as another number of levels wants.
fn counted_for_other_levels(draft: &DraftThresholds, levels: u8) -> Option<usize> {
    let counts = draft.lists.each_ref().map(|list| list.given().map(|(words, _)| words.len()));
    let [Some(found), ..] = counts else { return None };
    let fits = (2..=9).contains(&found) && found + 1 != usize::from(levels);
    (fits && counts == [Some(found); 3]).then_some(found)
}
