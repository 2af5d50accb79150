//! The errors of one text, as they are found.

use crate::diagnostic::{Code, Finding, Span};

/// So many errors of one text are listed; text that is none at all would otherwise have one for each byte.
const MOST: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    /// Where the first one that is not listed lies.
    beyond: Option<Span>,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        if self.list.len() < MOST {
            self.list.push(finding);
        } else if self.beyond.is_none() {
            self.beyond = Some(finding.span);
        }
    }

    /// Gives another help to the finding at a place; false if there is none.
    pub(super) fn amend(&mut self, span: Span, help: &str) -> bool {
        let found = self.list.iter_mut().rev().find(|finding| finding.span == span);
        if let Some(finding) = found {
            finding.help = Some(help.to_owned());
            return true;
        }
        false
    }

    /// Whether something was found inside a place.
    pub(super) fn holds(&self, code: Code, span: Span) -> bool {
        self.list.iter().any(|finding| finding.code == code && span.holds(finding.span))
    }

    /// Whether further ones are not listed, so that no work need go into them.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MOST
    }

    /// All of them in the order of their places.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| finding.span.start);
        if let Some(span) = self.beyond {
            let message = format!("more than {MOST} errors; the rest is not listed");
            self.list.push(Finding::new(Code::MoreErrors, span, message));
        }
        self.list
    }
}
