//! `let`s and parameters: from a name to the expression it stands for.

use std::rc::Rc;

use super::{Checker, Env, Frame, Scope, describe};
use crate::{
    diagnostic::{Code, Span},
    syntax::tree::{Expr, ExprKind, Name},
};

/// An expression that is neither in brackets nor a name for another one.
pub(super) struct Head<'a> {
    pub(super) expr: &'a Expr,
    pub(super) env: Env<'a>,
    /// It was in brackets or stood behind a name, so nothing around can be taken for a part of it.
    pub(super) grouped: bool,
}

/// What a name stands for, if it is not a column.
pub(super) enum Reference<'a> {
    Parameter(&'a Expr, Env<'a>),
    Let(usize),
}

impl<'a> Checker<'a> {
    /// Takes off brackets and follows names to what they stand for.
    pub(super) fn head(&mut self, expr: &'a Expr, env: &Env<'a>) -> Option<Head<'a>> {
        let mut head = Head { expr, env: env.clone(), grouped: false };
        loop {
            let (name, arguments): (_, &'a [Expr]) = match &head.expr.kind {
                ExprKind::Paren(inner) => {
                    head.env = self.deeper(&head.env, head.expr.span)?;
                    head.expr = inner;
                    head.grouped = true;
                    continue;
                }
                ExprKind::Path(names) => match names.as_slice() {
                    [name] => (name, &[]),
                    _ => return Some(head),
                },
                ExprKind::Call { function, arguments } => match function.as_slice() {
                    [name] => (name, arguments),
                    _ => return Some(head),
                },
                _ => return Some(head),
            };
            let is_call = matches!(head.expr.kind, ExprKind::Call { .. });
            let reference = self.reference(&name.text, &head.env);
            // No column takes arguments.
            let called = || self.lets_by_name.get(name.text.as_str()).copied().map(Reference::Let);
            match reference.or_else(|| if is_call { called() } else { None }) {
                Some(Reference::Parameter(argument, env)) if !is_call => {
                    self.spend(head.expr.span, &head.env)?;
                    head.expr = argument;
                    head.env = env;
                }
                Some(Reference::Let(definition)) => {
                    head.env = self.open(definition, arguments, name, head.expr.span, &head.env)?;
                    head.expr = &self.lets.get(definition)?.tree.body;
                }
                _ => return Some(head),
            }
            head.grouped = true;
        }
    }

    /// The parameter or `let` that a name means here.
    pub(super) fn reference(&mut self, name: &str, env: &Env<'a>) -> Option<Reference<'a>> {
        if let Some(frame) = &env.frame {
            let found = frame.parameters.iter().position(|parameter| parameter.text == name);
            if let Some(argument) = found.and_then(|index| frame.arguments.get(index)) {
                self.asked_level = self.asked_level.min(frame.level);
                let mut caller = frame.caller.clone();
                // Its names mean what they meant at the call; it is computed here.
                caller.rows = env.rows;
                caller.depth = env.depth;
                return Some(Reference::Parameter(argument, caller));
            }
        }
        if self.schema.table(env.names.table()).find(name).is_some() {
            return None;
        }
        self.lets_by_name.get(name).copied().map(Reference::Let)
    }

    /// What names mean in the body of a `let` that is used here.
    pub(super) fn open(
        &mut self,
        definition: usize,
        arguments: &'a [Expr],
        name: &Name,
        span: Span,
        env: &Env<'a>,
    ) -> Option<Env<'a>> {
        self.spend(span, env)?;
        let info = self.lets.get_mut(definition)?;
        info.used = true;
        info.call = Some(span);
        let site = env.site_or(span);
        info.site = Some(site);
        info.first_site.get_or_insert(site);
        let parameters = info.tree.parameters.as_slice();
        if parameters.len() != arguments.len() {
            let (takes, has) = (describe::counted(parameters.len(), "argument"), arguments.len());
            let message = format!("`{}` takes {takes}, not {has}", name.text);
            return self.error(Code::WrongArity, span, message);
        }
        self.refuse_circle(definition, env)?;
        let mut inner = self.deeper(env, span)?;
        inner.names = inner.rows;
        inner.site = Some(env.site_or(span));
        let (caller, level) = (env.clone(), env.level() + 1);
        inner.frame = Some(Rc::new(Frame { definition, parameters, arguments, caller, level }));
        Some(inner)
    }

    /// Does some work, and says whether it depends on the arguments of the `let` in whose body `env` is.
    pub(super) fn watch_arguments<T>(
        &mut self,
        env: &Env<'a>,
        work: impl FnOnce(&mut Self) -> T,
    ) -> (T, bool) {
        let before = std::mem::replace(&mut self.asked_level, usize::MAX);
        let done = work(self);
        // An argument of a `let` further out is reached only through one of this.
        let depends = self.asked_level <= env.level();
        self.asked_level = self.asked_level.min(before);
        (done, depends)
    }

    /// One level deeper, if there may be one more.
    pub(super) fn deeper(&mut self, env: &Env<'a>, span: Span) -> Option<Env<'a>> {
        let limit = self.limits.nesting.min(1_000);
        if env.depth >= limit {
            // The rest of a rule that is too large is not looked at.
            self.nodes = 0;
            let message = format!("this nests deeper than {limit} levels");
            let help = "take a part of it out into a segment of its own";
            return self.error_with(Code::NestedTooDeep, env.site_or(span), message, help);
        }
        Some(Env { depth: env.depth + 1, ..env.clone() })
    }

    /// Gives the next segment its budget of nodes; the one beyond it is what is reported.
    pub(super) fn renew_budget(&mut self) {
        self.nodes = self.limits.nodes.saturating_add(1);
    }

    /// Takes one node out of the budget of the segment at hand.
    pub(super) fn spend(&mut self, span: Span, env: &Env<'a>) -> Option<()> {
        let help = "`let`s count where they are used, with all they stand for";
        self.spend_all(1, env.site_or(span), help)
    }

    /// Takes the nodes out of the budget that a part of a partition copies from the parts before it.
    pub(super) fn spend_copies(&mut self, count: usize, span: Span) -> bool {
        let help = "each part of a partition counts with the conditions of all parts before it";
        self.spend_all(count, span, help).is_some()
    }

    fn spend_all(&mut self, count: usize, span: Span, help: &str) -> Option<()> {
        if self.nodes == 0 || self.all_nodes == 0 {
            // Only the first one too many is reported.
            return None;
        }
        self.nodes = self.nodes.saturating_sub(count);
        self.all_nodes = self.all_nodes.saturating_sub(count);
        let (code, what, limit) = if self.nodes == 0 {
            (Code::TooManyNodes, "this grows", self.limits.nodes)
        } else if self.all_nodes == 0 {
            (Code::TooManyNodesInAll, "the rules together grow", self.limits.all_nodes)
        } else {
            return Some(());
        };
        let message = format!("{what} beyond {limit} conditions and values");
        self.error_with(code, span, message, help)
    }

    fn refuse_circle(&mut self, definition: usize, env: &Env<'a>) -> Option<()> {
        let mut around = Vec::new();
        let mut frame = env.frame.clone();
        while let Some(outer) = frame {
            around.push(outer.definition);
            if outer.definition == definition {
                return self.report_circle(around);
            }
            frame = outer.caller.frame.clone();
        }
        Some(())
    }

    /// `circle` holds each `let` of it once, from the innermost use outwards.
    fn report_circle(&mut self, mut circle: Vec<usize>) -> Option<()> {
        circle.reverse();
        let known = circle.iter().any(|index| self.lets.get(*index).is_some_and(|l| l.circular));
        if known {
            return None;
        }
        for index in &circle {
            if let Some(info) = self.lets.get_mut(*index) {
                info.circular = true;
            }
        }
        // The same circle reads the same wherever it was entered.
        let first = circle.iter().enumerate().min_by_key(|(_, index)| **index)?.0;
        circle.rotate_left(first);
        let names = circle.iter().chain(circle.first()).filter_map(|index| self.lets.get(*index));
        let names: Vec<&str> = names.map(|info| info.tree.name.text.as_str()).collect();
        let message = format!("these `let`s refer to each other in a circle: {}", shown(&names));
        let span = self.lets.get(*circle.first()?)?.tree.name.span;
        self.error(Code::LetCycle, span, message)
    }
}

impl Scope {
    pub(super) fn table(self) -> crate::schema::TableId {
        match self {
            Self::Customer => crate::schema::TableId::CUSTOMERS,
            Self::Row(table) => table,
        }
    }
}

/// A circle of names, the first one again at the end: `` `a -> b -> a` ``.
pub(super) fn shown(names: &[&str]) -> String {
    const ENDS: usize = 5;
    let joined = match (names.get(..ENDS), names.len().checked_sub(ENDS)) {
        (Some(head), Some(from)) if from > ENDS => {
            let tail = names.get(from..).unwrap_or(&[]);
            format!("{} -> … -> {}", head.join(" -> "), tail.join(" -> "))
        }
        _ => names.join(" -> "),
    };
    format!("`{joined}`")
}
