//! `[predict]` of a schema file.

use super::{
    draft::Field,
    predict::{DraftParameters, DraftPredict, PARAMETERS},
    read::{Key, Node, Reader},
};

const FIELDS: &[&str] =
    &["table", "amount", "where", "spend_tiers", "spend_horizon", "discount_rate", "parameters"];

impl Reader {
    pub(super) fn predict(&mut self, key: &Key<'_>, node: &Node<'_>) -> Option<DraftPredict> {
        let Some(beside) = node.get_ref().as_table() else {
            self.wrong_kind(key, node, "a table");
            return None;
        };
        let mut draft = DraftPredict::new(self.span(key.span()));
        for (key, node) in self.entries(key, node) {
            if self.purchases(key, node, &mut draft.purchases) {
                continue;
            }
            match key.get_ref().as_ref() {
                "spend_tiers" => draft.spend_tiers = self.numbers(key, node),
                "spend_horizon" => draft.spend_horizon = self.text(key, node),
                "discount_rate" => draft.discount_rate = self.whole(key, node),
                "parameters" => draft.parameters = self.parameters(key, node),
                _ => {
                    let meant = self.unknown(key, FIELDS, "`[predict]`", beside);
                    draft.purchases.misspelt(meant);
                }
            }
        }
        Some(draft)
    }

    fn parameters(&mut self, key: &Key<'_>, node: &Node<'_>) -> Field<DraftParameters> {
        let Some(beside) = node.get_ref().as_table() else {
            self.wrong_kind(key, node, "a table of numbers");
            return Field::Wrong;
        };
        let mut draft = DraftParameters::new(self.span(key.span()));
        for (key, node) in self.entries(key, node) {
            let name = key.get_ref().as_ref();
            let mut numbers = PARAMETERS.iter().zip(&mut draft.numbers);
            if let Some((_, number)) = numbers.find(|(known, _)| **known == name) {
                *number = self.whole(key, node);
                continue;
            }
            let meant = self.unknown(key, &PARAMETERS, "`parameters`", beside);
            let mut numbers = PARAMETERS.iter().zip(&mut draft.numbers);
            if let Some((_, number)) = numbers.find(|(known, _)| meant == Some(**known)) {
                *number = Field::Wrong;
            }
        }
        Field::Given(draft)
    }
}
