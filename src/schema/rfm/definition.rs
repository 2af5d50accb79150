//! RFM scores written in a program.

use super::{
    super::{
        draft::{Field, Word},
        purchases::DraftPurchases,
    },
    DraftBox, DraftGroup, DraftGroups, DraftRfm, DraftThresholds,
};
use crate::diagnostic::Span;

/// What the columns `rfm.*` are computed from: the part `[rfm]` of a schema, written in a program.
///
/// Only what [`new`](Rfm::new) takes must be there. What is wrong is told by
/// [`SchemaBuilder::build`](crate::SchemaBuilder::build), what is wrong in the [`filter`](Rfm::filter) where rules are
/// built. What the scores mean: [`docs::language`](crate::docs::language).
///
/// ```
/// use segmenta::{Rfm, Rules, Schema, Type};
///
/// # fn main() -> segmenta::Result<()> {
/// let schema = Schema::builder()
///     .customers("id").column("id", Type::Int)
///     .table("orders", "customer").time("at")
///     .column("customer", Type::Int).column("at", Type::DateTime)
///     .column("total", Type::Decimal(2)).column("status", Type::Text)
///     .rfm(Rfm::new("orders", "total").filter("status = 'paid'").window("365 days").groups("standard"))
///     .build()?;
/// Rules::parse(&schema, "segment best { include rfm.group = 'Champions' or rfm.score = '555' }")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Rfm {
    draft: DraftRfm,
}

/// Scores that belong to one group of [`Rfm::group`]; what is left out takes every score.
///
/// ```
/// use segmenta::ScoreBox;
///
/// let loyal = ScoreBox::new().recency([3, 4]).frequency_monetary([4, 5]);
/// # let _ = loyal;
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ScoreBox {
    draft: DraftBox,
}

impl Rfm {
    /// Purchases are the rows of this table; `amount` is its column with what a row is worth.
    pub fn new(table: &str, amount: &str) -> Self {
        let mut draft = DraftRfm::new(Span::NONE);
        draft.purchases = DraftPurchases::given(table, amount);
        Self { draft }
    }

    /// Only rows that meet this condition are purchases: `where` in a schema file.
    pub fn filter(mut self, condition: &str) -> Self {
        self.draft.purchases.only(condition);
        self
    }

    /// Only purchases of this last time count, as `365 days` or `12 months`; left out, all.
    pub fn window(mut self, length: &str) -> Self {
        self.draft.window = Field::Given(Word::unplaced(length));
        self
    }

    /// Scores are 1 to this number, from 3 to 10; left out, 5.
    pub fn levels(mut self, levels: u8) -> Self {
        self.draft.levels = Field::Given(Word::unplaced(levels.to_string()));
        self
    }

    /// Where fewer customers have a purchase, nobody has scores; left out, 1.
    pub fn min_population(mut self, customers: u64) -> Self {
        self.draft.min_population = Field::Given(Word::unplaced(customers.to_string()));
        self
    }

    /// Customers without a purchase have the score 1 in everything; left out, they have none.
    pub fn lowest_without_purchase(mut self) -> Self {
        self.draft.without_purchase = Field::Given(Word::unplaced("lowest"));
        self
    }

    /// Scores are quantiles as `quantile(VALUE, levels)` has them: the method when nothing else is said.
    pub fn quantile(mut self) -> Self {
        self.draft.method = Field::Given(Word::unplaced("quantile"));
        self
    }

    /// Scores are 1 + the number of cut points below the value. The cut points are those of R's `quantile` (type 7) and
    /// of pandas' `qcut`.
    pub fn qcut(mut self) -> Self {
        self.draft.method = Field::Given(Word::unplaced("qcut"));
        self
    }

    /// Scores are 1 + the number of thresholds that the value reaches; of the days since the last purchase, turned
    /// round. Each list ascends and is one shorter than there are levels. A threshold is the shortest decimal that is
    /// this float.
    pub fn thresholds<T: Into<f64>>(
        mut self,
        recency_days: impl IntoIterator<Item = T>,
        frequency: impl IntoIterator<Item = T>,
        monetary: impl IntoIterator<Item = T>,
    ) -> Self {
        let lists = [words(recency_days), words(frequency), words(monetary)];
        let lists = lists.map(|list| Field::Given((list, Span::NONE)));
        self.draft.thresholds = Field::Given(DraftThresholds { span: Span::NONE, lists });
        self
    }

    /// Groups by the name of a preset, one of [`Rfm::PRESETS`]; left out, `standard` where there are five levels and no
    /// group is added.
    pub fn groups(mut self, preset: &str) -> Self {
        self.draft.groups = Field::Given(DraftGroups::Preset(Word::unplaced(preset)));
        self
    }

    /// Adds scores to a group of this name. All scores together must belong to one group each.
    pub fn group(mut self, name: &str, scores: ScoreBox) -> Self {
        let mut all = match self.draft.groups {
            Field::Given(DraftGroups::Own { groups, .. }) => groups,
            _ => Vec::new(),
        };
        match all.iter_mut().find(|group| group.name.text == name) {
            Some(group) => group.boxes.push(scores.draft),
            None => {
                all.push(DraftGroup { name: Word::unplaced(name), boxes: vec![scores.draft] });
            }
        }
        self.draft.groups = Field::Given(DraftGroups::Own { groups: all, span: Span::NONE });
        self
    }

    pub(in super::super) fn into_draft(self) -> DraftRfm {
        self.draft
    }
}

impl ScoreBox {
    /// All scores.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only these scores of recency.
    pub fn recency(self, scores: impl IntoIterator<Item = u8>) -> Self {
        self.only(0, scores)
    }

    /// Only these scores of frequency.
    pub fn frequency(self, scores: impl IntoIterator<Item = u8>) -> Self {
        self.only(1, scores)
    }

    /// Only these scores of monetary.
    pub fn monetary(self, scores: impl IntoIterator<Item = u8>) -> Self {
        self.only(2, scores)
    }

    /// Only these means of the scores of frequency and monetary, halves rounded up.
    pub fn frequency_monetary(self, scores: impl IntoIterator<Item = u8>) -> Self {
        self.only(3, scores)
    }

    fn only(mut self, field: usize, scores: impl IntoIterator<Item = u8>) -> Self {
        if let Some(field) = self.draft.scores.get_mut(field) {
            let scores = scores.into_iter().map(|score| Word::unplaced(score.to_string()));
            *field = Field::Given(scores.collect());
        }
        self
    }
}

fn words<T: Into<f64>>(numbers: impl IntoIterator<Item = T>) -> Vec<Word> {
    numbers.into_iter().map(|number| Word::unplaced(number.into().to_string())).collect()
}
