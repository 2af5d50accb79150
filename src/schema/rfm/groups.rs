//! Groups: every three scores in one.

use std::collections::HashSet;

use super::{
    super::draft::{Field, Word},
    Groups, all,
    draft::{BOX_FIELDS, DraftBox, DraftGroup},
};
use crate::diagnostic::{Code, Finding, Span};

/// Scores as the bits of a number.
type Set = u16;

/// A group, and the scores of its boxes in the order of [`BOX_FIELDS`].
struct Settled<'a> {
    name: &'a Word,
    boxes: Vec<[Set; 4]>,
}

/// `span` is where all groups stand.
pub(super) fn settle_groups(
    drafts: &[DraftGroup],
    span: Span,
    levels: u8,
    findings: &mut Vec<Finding>,
) -> Option<Groups> {
    let before = findings.len();
    if drafts.len() > all(levels).count() {
        let message = format!("{} groups are more than there are scores", drafts.len());
        findings.push(Finding::new(Code::BadSetting, span, message).help("leave some of them out"));
        return None;
    }
    let mut seen = HashSet::new();
    let mut groups = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let name = draft.name.text.as_str();
        if name.trim().is_empty() {
            let finding = Finding::new(Code::BadSetting, draft.name.span, "a group has no name");
            findings.push(finding.help("write a name, as `\"Champions\"`"));
        }
        if !seen.insert(name) {
            let message = format!("there are two groups called `{}`", name.escape_debug());
            findings.push(Finding::new(Code::DuplicateInSchema, draft.name.span, message));
        }
        let boxes = draft.boxes.iter().map(|each| scores_of(each, levels, findings)).collect();
        groups.push(Settled { name: &draft.name, boxes });
    }
    if findings.len() > before {
        return None;
    }
    for group in groups.iter().filter(|group| !all(levels).any(|scores| group.takes(scores))) {
        let message = format!("no scores belong to the group `{}`", group.name.text.escape_debug());
        let finding = Finding::new(Code::BadSetting, group.name.span, message);
        findings.push(finding.help("give it some, or leave it out"));
    }
    if findings.len() > before {
        return None;
    }
    let of = partition(&groups, span, levels, findings)?;
    Some(Groups { names: drafts.iter().map(|draft| draft.name.text.clone()).collect(), of })
}

fn scores_of(draft: &DraftBox, levels: u8, findings: &mut Vec<Finding>) -> [Set; 4] {
    let mut settled = [Set::MAX; 4];
    for ((draft, name), settled) in draft.scores.iter().zip(BOX_FIELDS).zip(&mut settled) {
        let Field::Given(words) = draft else { continue };
        *settled = 0;
        for word in words {
            match word.text.parse::<u8>().ok().filter(|score| (1..=levels).contains(score)) {
                Some(score) => *settled |= bit(score),
                None => {
                    let text = word.text.escape_debug();
                    let message = format!("`{text}` is no score of `{name}`");
                    let finding = Finding::new(Code::BadSetting, word.span, message);
                    findings.push(finding.help(format!("scores are 1 to {levels}")));
                }
            }
        }
    }
    settled
}

fn bit(score: u8) -> Set {
    1_u16.checked_shl(score.into()).unwrap_or(0)
}

impl Settled<'_> {
    fn takes(&self, [r, f, m]: [u8; 3]) -> bool {
        // Halves up.
        let mean = (f + m).div_ceil(2);
        let scores = [r, f, m, mean].map(bit);
        self.boxes.iter().any(|takes| takes.iter().zip(scores).all(|(takes, own)| takes & own > 0))
    }
}

/// The group of every three scores; `None`, with what is wrong, where some have none or several. One case of each is
/// told.
fn partition(
    groups: &[Settled<'_>],
    span: Span,
    levels: u8,
    findings: &mut Vec<Finding>,
) -> Option<Vec<u16>> {
    let mut of = Vec::new();
    let (mut hole, mut overlap) = (None, None);
    for scores in all(levels) {
        let mut takers = (0..=u16::MAX).zip(groups).filter(|(_, group)| group.takes(scores));
        match (takers.next(), takers.next()) {
            (None, _) => hole = hole.or(Some(scores)),
            (Some((_, one)), Some((_, other))) => {
                overlap = overlap.or(Some((scores, one.name, other.name)));
            }
            (Some((number, _)), None) => of.push(number),
        }
    }
    let told = |[r, f, m]: [u8; 3]| format!("recency {r}, frequency {f} and monetary {m}");
    if let Some(scores) = hole {
        let message = format!("{} are in no group", told(scores));
        let help = "every three scores need a group; a box without a field takes all of its scores";
        findings.push(Finding::new(Code::NoPartition, span, message).help(help));
    }
    if let Some((scores, one, other)) = overlap {
        let (scores, one) = (told(scores), one.text.escape_debug());
        let message = format!("{scores} are in both `{one}` and `{}`", other.text.escape_debug());
        let help = "every three scores need one group; take them out of one of the two";
        findings.push(Finding::new(Code::NoPartition, other.span, message).help(help));
    }
    (hole.is_none() && overlap.is_none()).then_some(of)
}
