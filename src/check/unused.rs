//! `let`s that no rule uses.

use std::mem;

use super::{Checker, Env, call, visit};
use crate::{diagnostic::Code, syntax::tree::ExprKind};

impl<'a> Checker<'a> {
    /// Looks into `let`s that were never expanded. Whether their names are those of a customer or of a row is not
    /// known, so a body with unknown names is not judged further.
    pub(super) fn unused_lets(&mut self) {
        // The last one first: what it uses is used then.
        for index in (0..self.lets.len()).rev() {
            let Some(info) = self.lets.get(index).filter(|info| !info.used) else { continue };
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

    fn try_body(&mut self, index: usize) {
        let Some(info) = self.lets.get(index) else { return };
        let found = info.tree;
        let before = mem::take(&mut self.findings);
        self.renew_budget();
        let env = Env::customer();
        if let Some(inner) = self.open(index, &[], &found.name, found.name.span, &env) {
            // What is wrong stands in the body itself.
            let inner = Env { site: None, ..inner };
            self.anything(&found.body, &inner);
        }
        let tried = mem::replace(&mut self.findings, before);
        let unknown = tried.iter().any(|finding| is_unknown_name(finding.code));
        for finding in tried.into_sorted() {
            let certain = matches!(finding.code, Code::UnknownFunction | Code::LetCycle);
            let limit = matches!(finding.code, Code::NestedTooDeep | Code::TooManyNodes);
            if certain || !(unknown || limit) {
                self.findings.push(finding);
            }
        }
        self.references.clear();
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

fn is_unknown_name(code: Code) -> bool {
    matches!(code, Code::UnknownColumn | Code::NotAReference)
}
