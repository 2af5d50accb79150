//! What the files define: `let`s, segments and their names.

use std::collections::{HashMap, HashSet};

use super::{Checker, LetInfo, Named, Scope, call, describe, read::Texts, visit};
use crate::{
    diagnostic::{Code, Span},
    rule::{LetHead, SegmentId, SegmentRule},
    syntax::{
        shorten,
        tree::{self, ExprKind, Item, Name},
    },
};

impl<'a> Checker<'a> {
    /// Learns all names before the first use. Those of libraries come last and give way.
    pub(super) fn collect(&mut self, texts: &'a Texts) {
        let mut next = 0_u32;
        for item in texts.files.iter().flat_map(|file| &file.items) {
            match item {
                Item::Use(_) => {}
                Item::Let(found) => self.collect_let(found),
                Item::Segment(found) => {
                    self.name_segment(&found.name, &found.name.text, &mut next);
                }
                Item::Partition(found) => self.collect_partition(found, &mut next),
            }
        }
        for (name, _) in &texts.conditions {
            self.name_segment(name, &name.text, &mut next);
        }
        for (library, file) in &texts.libraries {
            for item in &file.items {
                if let Item::Let(found) = item
                    && !self.lets_by_name.contains_key(found.name.text.as_str())
                {
                    self.add_let(found, Some(library.name));
                }
            }
        }
        self.find_row_lets();
        self.refuse_ambiguous_lets();
    }

    pub(super) fn let_heads(&self) -> Vec<LetHead> {
        let head = |info: &LetInfo<'a>| LetHead {
            name: info.tree.name.text.clone(),
            parameters: info.tree.parameters.iter().map(|each| each.text.clone()).collect(),
            body: info.tree.body.span,
            used_at: info.first_site,
        };
        self.lets.iter().map(head).collect()
    }

    fn collect_let(&mut self, found: &'a tree::Let) {
        let mut seen = HashSet::new();
        for parameter in &found.parameters {
            if !seen.insert(parameter.text.as_str()) {
                let message = format!("two parameters are called `{}`", parameter.text);
                self.error::<()>(Code::DuplicateLet, parameter.span, message);
            }
        }
        if let Some(other) = self.lets_by_name.get(found.name.text.as_str()) {
            let other =
                self.lets.get(*other).and_then(|info| self.sources.place(info.tree.name.span));
            let message = format!("there is another `let` called `{}`", shorten(&found.name.text));
            let help = other.map(|place| format!("the other one is at {place}"));
            self.error_maybe::<()>(Code::DuplicateLet, found.name.span, message, help);
            return;
        }
        self.add_let(found, None);
    }

    fn add_let(&mut self, found: &'a tree::Let, library: Option<&'static str>) {
        self.lets_by_name.insert(&found.name.text, self.lets.len());
        self.lets.push(LetInfo {
            tree: found,
            library,
            used: false,
            call: None,
            site: None,
            first_site: None,
            fits_rows: true,
            circular: false,
        });
    }

    fn collect_partition(&mut self, found: &'a tree::Partition, next: &mut u32) {
        self.define_name(&found.name, &found.name.text, Named::Partition(found));
        for part in &found.parts {
            self.name_segment(&part.name, &describe::part(found, part), next);
        }
    }

    /// Gives the next number to a segment.
    fn name_segment(&mut self, name: &'a Name, full: &str, next: &mut u32) {
        self.define_name(name, full, Named::Segment(SegmentId(*next), name));
        *next = next.saturating_add(1);
    }

    fn define_name(&mut self, name: &Name, full: &str, named: Named<'a>) {
        let folded = SegmentRule::identity(full);
        if let Some(other) = self.segments.folded.get(&folded) {
            let message = format!("there is another segment called `{}`", shorten(full));
            let exact = self.segments.exact.contains_key(full);
            let other = match other {
                Named::Segment(_, name) => *name,
                Named::Partition(found) => &found.name,
            };
            let place = self.sources.place(other.span);
            let help = place.map(|place| match exact {
                true => format!("the other one is at {place}"),
                false => {
                    // The name of a part stands behind that of its partition.
                    let around = full.rsplit_once('.').map_or("", |(around, _)| around);
                    let point = if around.is_empty() { "" } else { "." };
                    let name = format!("{around}{point}{}", other.text);
                    let name = shorten(&name);
                    format!("the other one is `{name}` at {place}; names are unique without regard to case")
                }
            });
            self.error_maybe::<()>(Code::DuplicateSegment, name.span, message, help);
            return;
        }
        self.segments.folded.insert(folded, named);
        self.segments.exact.insert(full.to_owned(), named);
    }

    /// Marks the `let`s whose bodies, with all that they name, hold nothing that only a customer has.
    fn find_row_lets(&mut self) {
        let mut users: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut barred: Vec<usize> = Vec::new();
        for (index, info) in self.lets.iter().enumerate() {
            for node in visit::nodes(&info.tree.body) {
                match &node.kind {
                    ExprKind::Aggregate { .. }
                    | ExprKind::InSegment(_)
                    | ExprKind::Top { .. }
                    | ExprKind::Sample { .. } => barred.push(index),
                    ExprKind::Path(names) | ExprKind::Call { function: names, .. } => {
                        let name = names.first().map_or("", |name| name.text.as_str());
                        let computed = names.len() > 1 && matches!(name, "rfm" | "predict");
                        if name == "quantile" || computed {
                            barred.push(index);
                        } else if let Some(used) = self.lets_by_name.get(name) {
                            users.entry(*used).or_default().push(index);
                        }
                    }
                    _ => {}
                }
            }
        }
        while let Some(index) = barred.pop() {
            let Some(info) = self.lets.get_mut(index) else { continue };
            if info.fits_rows {
                info.fits_rows = false;
                barred.extend(users.remove(&index).unwrap_or_default());
            }
        }
    }

    fn refuse_ambiguous_lets(&mut self) {
        for index in 0..self.lets.len() {
            let Some(info) = self.lets.get(index).filter(|info| info.library.is_none()) else {
                continue;
            };
            let (name, span, fits_rows) =
                (&info.tree.name.text, info.tree.name.span, info.fits_rows);
            if call::is_function(name) {
                let message = format!("`{name}` is a function, so no `let` can have this name");
                self.error::<()>(Code::AmbiguousLet, span, message);
            } else if matches!(name.as_str(), "rfm" | "predict") {
                let message = format!("`{name}` names the columns `{name}.…`, which are computed");
                let help = "give the `let` a name of its own";
                self.error_with::<()>(Code::AmbiguousLet, span, message, help);
            } else if self.schema.table(Scope::Customer.table()).find(name).is_some() {
                let message = format!("`{name}` is a column of the customers");
                let help = "give the `let` a name of its own";
                self.error_with::<()>(Code::AmbiguousLet, span, message, help);
            } else if fits_rows {
                self.refuse_row_column(name, span);
            }
        }
    }

    fn refuse_row_column(&mut self, name: &str, span: Span) {
        let holder = self.schema.row_tables().map(|table| self.schema.table(table));
        let holder = holder.filter(|table| table.find(name).is_some()).map(|table| &table.name);
        if let Some(table) = holder.into_iter().next() {
            let message =
                format!("`{name}` is a column of `{table}`, whose row filters could mean it");
            let help = "give the `let` a name of its own";
            self.error_with::<()>(Code::AmbiguousLet, span, message, help);
        }
    }
}
