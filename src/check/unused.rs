//! `let`s that no rule uses.

use std::{collections::HashSet, mem};

use super::{Checker, Env, LetInfo, call, visit};
use crate::{
    diagnostic::{Code, Finding, Severity},
    rule::RuleSet,
    syntax::tree::ExprKind,
};

/// So many nodes of unused `let`s are looked at, each as often as there are tables. No rule has those behind them.
const MOST_NODES: usize = 1_000_000;

impl<'a> Checker<'a> {
    /// Warns of `let`s that no rule uses, where there are rules: a file of `let`s alone is there for others. What only
    /// such a `let` uses is not named.
    pub(super) fn warn_unused_lets(&mut self, rules: &RuleSet) {
        if rules.segments.is_empty() {
            return;
        }
        let mut named: HashSet<&str> = HashSet::new();
        for info in self.lets.iter().filter(|info| info.is_idle()) {
            for node in visit::nodes(&info.tree.body) {
                if let ExprKind::Path(names) | ExprKind::Call { function: names, .. } = &node.kind {
                    named.extend(names.first().map(|name| name.text.as_str()));
                }
            }
        }
        let unused = self.lets.iter().filter(|info| info.is_idle());
        for info in unused.filter(|info| !named.contains(info.tree.name.text.as_str())) {
            let name = &info.tree.name;
            let message = format!("no rule uses `{}`", name.text);
            let finding = Finding::new(Code::UnusedLet, name.span, message);
            self.findings.push(finding.help("take it out, or use it"));
        }
    }

    /// Looks into `let`s that were never expanded. Whether their names are those of a customer or of a row is not known,
    /// so a body is wrong only if it is wrong for the customers and for every table of rows.
    pub(super) fn unused_lets(&mut self) {
        self.all_nodes = MOST_NODES;
        // The last one first: what it uses is used then.
        for index in (0..self.lets.len()).rev() {
            let Some(info) = self.lets.get(index).filter(|info| info.is_idle()) else { continue };
            let found = info.tree;
            if found.parameters.is_empty() {
                self.try_body(index);
            } else {
                self.unknown_functions(index);
            }
            if let Some(info) = self.lets.get_mut(index) {
                info.used = true;
            }
        }
    }

    /// Reports what is wrong where the least is wrong, the customers first.
    fn try_body(&mut self, index: usize) {
        let rows = self.schema.row_tables().map(Env::row);
        let mut least: Option<Vec<Finding>> = None;
        for env in std::iter::once(Env::customer()).chain(rows) {
            let found = self.findings_of_body(index, &env);
            // A circle is reported the first time it is met.
            let is_circle = found.iter().any(|finding| finding.code == Code::LetCycle);
            if is_circle || least.as_ref().is_none_or(|least| weight(&found) < weight(least)) {
                least = Some(found);
            }
            if is_circle {
                break;
            }
        }
        for finding in least.into_iter().flatten() {
            self.findings.push(finding);
        }
    }

    /// What is wrong with a body that is used here; how large it grows is not judged before it is used.
    fn findings_of_body(&mut self, index: usize, env: &Env<'a>) -> Vec<Finding> {
        let Some(info) = self.lets.get(index) else { return Vec::new() };
        let found = info.tree;
        let before = mem::take(&mut self.findings);
        self.renew_budget();
        if let Some(inner) = self.open(index, &[], &found.name, found.name.span, env) {
            // What is wrong stands in the body itself.
            let inner = Env { site: None, ..inner };
            if let Some(info) = self.lets.get_mut(index) {
                info.site = None;
            }
            self.anything(&found.body, &inner);
        }
        self.references.clear();
        let mut tried = mem::replace(&mut self.findings, before).into_sorted();
        let is_limit = |code| {
            matches!(code, Code::NestedTooDeep | Code::TooManyNodes | Code::TooManyNodesInAll)
        };
        tried.retain(|finding| !is_limit(finding.code));
        tried
    }

    fn unknown_functions(&mut self, index: usize) {
        let Some(info) = self.lets.get(index) else { return };
        for node in visit::nodes(&info.tree.body) {
            let ExprKind::Call { function, .. } = &node.kind else { continue };
            let [name] = function.as_slice() else { continue };
            let known =
                call::is_function(&name.text) || self.lets_by_name.contains_key(name.text.as_str());
            if !known {
                self.unknown_function::<()>(name, &Env::customer());
            }
        }
    }
}

/// Errors first: where there is no error, a warning does not make a body wrong.
fn weight(findings: &[Finding]) -> (usize, usize) {
    let is_error = |finding: &&Finding| finding.code.severity() == Severity::Error;
    (findings.iter().filter(is_error).count(), findings.len())
}

impl LetInfo<'_> {
    /// Nothing uses it, and somebody wrote it for this project.
    fn is_idle(&self) -> bool {
        !self.used && self.library.is_none()
    }
}
