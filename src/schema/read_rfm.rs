//! `[rfm]` of a schema file.

use toml::de::DeValue;

use super::{
    draft::{Field, Word},
    purchases,
    read::{Key, Node, Reader},
    rfm::{BOX_FIELDS, DraftBox, DraftGroup, DraftGroups, DraftRfm, DraftThresholds, THRESHOLDS},
};
use crate::diagnostic::Span;

const FIELDS: &[&str] = &[
    "table",
    "amount",
    "where",
    "window",
    "levels",
    "min_population",
    "without_purchase",
    "method",
    "thresholds",
    "groups",
];

impl Reader {
    pub(super) fn rfm(&mut self, key: &Key<'_>, node: &Node<'_>) -> Option<DraftRfm> {
        let Some(beside) = node.get_ref().as_table() else {
            self.wrong_kind(key, node, "a table");
            return None;
        };
        let mut draft = DraftRfm::new(self.span(key.span()));
        for (key, node) in self.entries(key, node) {
            if self.purchases(key, node, &mut draft.purchases) {
                continue;
            }
            match key.get_ref().as_ref() {
                "window" => draft.window = self.text(key, node),
                "levels" => draft.levels = self.whole(key, node),
                "min_population" => draft.min_population = self.whole(key, node),
                "without_purchase" => draft.without_purchase = self.text(key, node),
                "method" => draft.method = self.text(key, node),
                "thresholds" => draft.thresholds = self.thresholds(key, node),
                "groups" => draft.groups = self.groups(key, node),
                _ => {
                    let meant = self.unknown(key, FIELDS, "`[rfm]`", beside);
                    draft.purchases.misspelt(meant);
                }
            }
        }
        Some(draft)
    }

    /// Whether the field is one of those that say which rows are purchases.
    pub(super) fn purchases(
        &mut self,
        key: &Key<'_>,
        node: &Node<'_>,
        draft: &mut purchases::DraftPurchases,
    ) -> bool {
        match key.get_ref().as_ref() {
            "table" => draft.table = self.text(key, node),
            "amount" => draft.amount = self.text(key, node),
            "where" => draft.filter = self.text(key, node),
            _ => return false,
        }
        true
    }

    fn thresholds(&mut self, key: &Key<'_>, node: &Node<'_>) -> Field<DraftThresholds> {
        let Some(beside) = node.get_ref().as_table() else {
            self.wrong_kind(key, node, "a table of lists");
            return Field::Wrong;
        };
        let mut draft = DraftThresholds {
            span: self.span(key.span()),
            lists: [Field::Absent, Field::Absent, Field::Absent],
        };
        for (key, node) in self.entries(key, node) {
            let mut lists = THRESHOLDS.iter().zip(&mut draft.lists);
            let name = key.get_ref().as_ref();
            if let Some((_, list)) = lists.find(|(known, _)| **known == name) {
                *list = self.numbers(key, node);
                continue;
            }
            let meant = self.unknown(key, &THRESHOLDS, "`thresholds`", beside);
            let mut lists = THRESHOLDS.iter().zip(&mut draft.lists);
            if let Some((_, list)) = lists.find(|(known, _)| meant == Some(**known)) {
                *list = Field::Wrong;
            }
        }
        Field::Given(draft)
    }

    pub(super) fn numbers(&mut self, key: &Key<'_>, node: &Node<'_>) -> Field<(Vec<Word>, Span)> {
        let Some(array) = node.get_ref().as_array() else {
            self.wrong_kind(key, node, "a list of numbers");
            return Field::Wrong;
        };
        let words: Option<Vec<Word>> = array.iter().map(|item| self.number(item)).collect();
        match words {
            Some(words) => Field::Given((words, self.span(node.span()))),
            None => {
                self.wrong_kind(key, node, "a list of numbers");
                Field::Wrong
            }
        }
    }

    fn groups(&mut self, key: &Key<'_>, node: &Node<'_>) -> Field<DraftGroups> {
        match node.get_ref() {
            DeValue::String(_) => match self.text(key, node) {
                Field::Given(word) => Field::Given(DraftGroups::Preset(word)),
                _ => Field::Wrong,
            },
            DeValue::Table(_) => {
                let span = self.span(key.span());
                let entries = self.entries(key, node);
                let groups: Vec<Option<DraftGroup>> =
                    entries.into_iter().map(|(key, node)| self.group(key, node)).collect();
                match groups.into_iter().collect() {
                    Some(groups) => Field::Given(DraftGroups::Own { groups, span }),
                    None => Field::Wrong,
                }
            }
            _ => {
                self.wrong_kind(key, node, "the name of a preset, or a table of groups");
                Field::Wrong
            }
        }
    }

    fn group(&mut self, key: &Key<'_>, node: &Node<'_>) -> Option<DraftGroup> {
        let boxes = match node.get_ref() {
            DeValue::Array(list) => {
                let boxes: Vec<Option<DraftBox>> =
                    list.iter().map(|item| self.score_box(key, item)).collect();
                boxes.into_iter().collect::<Option<_>>()?
            }
            _ => vec![self.score_box(key, node)?],
        };
        Some(DraftGroup { name: self.name(key), boxes })
    }

    fn score_box(&mut self, key: &Key<'_>, node: &Node<'_>) -> Option<DraftBox> {
        let Some(beside) = node.get_ref().as_table() else {
            self.wrong_kind(key, node, "scores, as `{ recency = 5, frequency = [4, 5] }`");
            return None;
        };
        let mut draft = DraftBox::default();
        let mut whole = true;
        for (key, node) in self.entries(key, node) {
            let name = key.get_ref().as_ref();
            match BOX_FIELDS.iter().zip(&mut draft.scores).find(|(known, _)| **known == name) {
                Some((_, scores)) => *scores = self.scores(key, node),
                None => {
                    self.unknown(key, &BOX_FIELDS, "a group", beside);
                    whole = false;
                }
            }
        }
        whole &= !draft.scores.iter().any(|scores| matches!(scores, Field::Wrong));
        whole.then_some(draft)
    }

    /// A score or a list of them.
    fn scores(&mut self, key: &Key<'_>, node: &Node<'_>) -> Field<Vec<Word>> {
        let words: Option<Vec<Word>> = match node.get_ref() {
            DeValue::Array(list) => list.iter().map(|item| self.number(item)).collect(),
            _ => self.number(node).map(|word| vec![word]),
        };
        match words {
            Some(words) => Field::Given(words),
            None => {
                self.wrong_kind(key, node, "a score or a list of scores, as `[4, 5]`");
                Field::Wrong
            }
        }
    }

    pub(super) fn text(&mut self, key: &Key<'_>, node: &Node<'_>) -> Field<Word> {
        self.word(key, node).map_or(Field::Wrong, Field::Given)
    }

    pub(super) fn whole(&mut self, key: &Key<'_>, node: &Node<'_>) -> Field<Word> {
        match self.number(node) {
            Some(word) => Field::Given(word),
            None => {
                self.wrong_kind(key, node, "a number");
                Field::Wrong
            }
        }
    }

    /// A number by its digits, so that a decimal is the one that was written.
    fn number(&self, node: &Node<'_>) -> Option<Word> {
        let text = match node.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => return None,
        };
        Some(Word { text: text.trim_start_matches('+').to_owned(), span: self.span(node.span()) })
    }
}
