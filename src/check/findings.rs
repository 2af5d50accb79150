//! What was found, each thing once.

use std::collections::{BTreeMap, HashSet};

use super::{Checker, LetInfo};
use crate::diagnostic::{Code, Finding, Severity, SourceId, Span, nearest};

/// So many errors of one file are listed: all that anybody reads, and few enough for memory.
const MOST: usize = 50_000;

#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    /// A `let` used twice is wrong once.
    seen: HashSet<(Span, Code)>,
    errors: BTreeMap<SourceId, Errors>,
}

#[derive(Default)]
struct Errors {
    listed: usize,
    /// Where the first one that is not listed lies.
    beyond: Option<Span>,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        let is_listed = finding.code.severity() != Severity::Error || self.has_room(finding.span);
        if is_listed && self.seen.insert((finding.span, finding.code)) {
            self.list.push(finding);
        }
    }

    /// Whether one more error of this file may be listed.
    fn has_room(&mut self, span: Span) -> bool {
        let errors = self.errors.entry(span.source).or_default();
        if errors.listed < MOST {
            errors.listed += 1;
            return true;
        }
        errors.beyond.get_or_insert(span);
        false
    }

    /// By file and place.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        for span in self.errors.values().filter_map(|errors| errors.beyond) {
            let message = format!("more than {MOST} errors; the rest is not listed");
            self.list.push(Finding::new(Code::MoreErrors, span, message));
        }
        self.list.sort_by_key(|finding| (finding.span, finding.code));
        self.list
    }
}

impl Checker<'_> {
    /// Reports an error; the `None` is what its place yields.
    pub(super) fn error<T>(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> Option<T> {
        self.report(Finding::new(code, span, message));
        None
    }

    /// Reports an error with help.
    pub(super) fn error_with<T>(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.report(Finding::new(code, span, message).help(help));
        None
    }

    /// Reports an error with help where there is some.
    pub(super) fn error_maybe<T>(
        &mut self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Option<T> {
        let finding = Finding::new(code, span, message);
        self.report(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
        None
    }

    /// Reports what was found. In the body of a `let` it comes with a use of it; in that of a library, which nobody can
    /// mend, it is at the use.
    pub(super) fn report(&mut self, mut finding: Finding) {
        if let Some(info) = self.let_around(finding.span)
            && let (Some(library), Some(call)) = (info.library, info.call)
        {
            let name = &info.tree.name.text;
            finding.message = format!("{}, in `{name}` of `{library}`", finding.message);
            finding.span = call;
        }
        finding.used_at = self.let_around(finding.span).and_then(|info| info.site);
        self.findings.push(finding);
    }

    /// The `let` in whose body a place is.
    fn let_around(&self, span: Span) -> Option<&LetInfo<'_>> {
        let before = self.lets.partition_point(|info| info.tree.span <= span);
        let info = self.lets.get(before.checked_sub(1)?)?;
        let body = info.tree.body.span;
        let inside = body.source == span.source && body.start <= span.start && span.end <= body.end;
        inside.then_some(info)
    }

    /// "did you mean `x`?" with the nearest candidate. The search ends for good when very many names are wrong; it never
    /// stops among the candidates, whose order may differ from run to run.
    pub(super) fn did_you_mean<'n>(
        &mut self,
        name: &str,
        candidates: impl IntoIterator<Item = &'n str>,
    ) -> Option<String> {
        let enough = self.suggestions.saturating_add(1);
        let candidates: Vec<&str> = candidates.into_iter().take(enough).collect();
        self.suggestions = self.suggestions.saturating_sub(candidates.len());
        if self.suggestions == 0 {
            return None;
        }
        nearest(name, candidates).map(|nearest| format!("did you mean `{nearest}`?"))
    }
}
