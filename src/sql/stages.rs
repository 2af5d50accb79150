//! Columns that build on each other, as a chain of common table expressions.

use std::collections::{BTreeSet, HashMap};

/// A piece of SQL, and the columns that it reads.
#[derive(Debug, Clone)]
pub(super) struct Sql {
    pub(super) text: String,
    reads: BTreeSet<usize>,
    /// The last stage that has a column it reads.
    level: usize,
    /// A name or a literal, which costs nothing to repeat and needs no brackets.
    pub(super) atomic: bool,
}

impl Sql {
    /// What reads no column and is as short as a name.
    pub(super) fn literal(text: impl Into<String>) -> Self {
        Self { text: text.into(), reads: BTreeSet::new(), level: 0, atomic: true }
    }

    /// A text put together of others, which stand in it as they are.
    pub(super) fn of<'a>(text: String, parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut made = Self { text, reads: BTreeSet::new(), level: 0, atomic: false };
        for part in parts {
            made.reads.extend(&part.reads);
            made.level = made.level.max(part.level);
        }
        made
    }

    /// The same columns in another text.
    pub(super) fn map(&self, text: impl FnOnce(&str) -> String) -> Self {
        Self { text: text(&self.text), atomic: false, ..self.clone() }
    }

    /// In brackets, unless it is a name, a literal, a call or in brackets already.
    pub(super) fn closed(mut self) -> Self {
        if !self.atomic && !is_closed(&self.text) {
            self.text = format!("({})", self.text);
        }
        self
    }
}

/// Whether the text ends with the bracket that its first, or that of its first call, is closed by. What may be no more
/// than a look alike says no.
fn is_closed(text: &str) -> bool {
    let call =
        text.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
    if !call.starts_with('(') || text.contains('\\') {
        return false;
    }
    let (mut depth, mut quote) = (0_usize, None);
    for (at, letter) in call.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1 == call.len();
                }
            }
            _ => {}
        }
    }
    false
}

struct Column {
    name: String,
    sql: Sql,
    level: usize,
}

/// The columns of one table while they are found. Those of stage 0 are read from the database; those of a later one
/// read the columns of the stages before.
pub(super) struct Stages {
    /// Of the table expressions: `name_0`, `name_1` …
    name: String,
    columns: Vec<Column>,
    by_text: HashMap<(usize, String), usize>,
    /// Rows that do not meet it are left out of everything that looks at several rows.
    filter: Option<Sql>,
}

impl Stages {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), columns: Vec::new(), by_text: HashMap::new(), filter: None }
    }

    /// A column of what stands behind FROM.
    pub(super) fn source(&mut self, text: String) -> Sql {
        self.column(Sql { text, reads: BTreeSet::new(), level: 0, atomic: false }, 0)
    }

    /// A column of its own for what is read more than once.
    pub(super) fn bind(&mut self, sql: Sql) -> Sql {
        if sql.atomic {
            return sql;
        }
        let level = sql.level + 1;
        self.column(sql, level)
    }

    /// A column that looks at the rows that are left.
    pub(super) fn window(&mut self, sql: Sql) -> Sql {
        let filtered = self.filter.as_ref().map_or(0, |filter| filter.level);
        let level = sql.level.max(filtered) + 1;
        self.column(sql, level)
    }

    pub(super) fn filter(&mut self, filter: Sql) {
        self.filter = Some(filter);
    }

    fn column(&mut self, sql: Sql, level: usize) -> Sql {
        let known = self.by_text.get(&(level, sql.text.clone())).copied();
        let at = known.unwrap_or_else(|| {
            let at = self.columns.len();
            self.by_text.insert((level, sql.text.clone()), at);
            let name = format!("{}_{at}", self.name);
            self.columns.push(Column { name, sql, level });
            at
        });
        let name = self.columns.get(at).map_or_else(String::new, |column| column.name.clone());
        Sql { text: name, reads: BTreeSet::from([at]), level, atomic: true }
    }

    /// The table expressions one after the other, the first reading `from`; the last, whose name comes with them, has
    /// what `last` reads.
    pub(super) fn render(&self, from: &str, last: &[&Sql]) -> (Vec<(String, String)>, String) {
        let filtered = self.filter.as_ref().map(|filter| filter.level + 1);
        let mut needed: BTreeSet<usize> =
            last.iter().flat_map(|sql| sql.reads.iter().copied()).collect();
        let levels = needed.iter().filter_map(|at| self.columns.get(*at));
        let deepest = levels.map(|column| column.level).chain(filtered).max().unwrap_or(0);
        let mut stages = Vec::new();
        for level in (0..=deepest).rev() {
            let mut list: Vec<String> = Vec::new();
            let mut inputs = BTreeSet::new();
            for at in &needed {
                let Some(column) = self.columns.get(*at) else { continue };
                if column.level == level {
                    list.push(format!("{} AS {}", column.sql.text, column.name));
                    inputs.extend(&column.sql.reads);
                } else {
                    list.push(column.name.clone());
                    inputs.insert(*at);
                }
            }
            if list.is_empty() {
                list.push("1 AS nothing".to_owned());
            }
            let before = match level.checked_sub(1) {
                Some(before) => self.stage(before),
                None => from.to_owned(),
            };
            let mut body = format!("SELECT {}\nFROM {before}", list.join(",\n  "));
            if let (Some(filter), true) = (&self.filter, filtered == Some(level)) {
                body += &format!("\nWHERE {}", filter.text);
                inputs.extend(&filter.reads);
            }
            stages.push((self.stage(level), body));
            needed = inputs;
        }
        stages.reverse();
        (stages, self.stage(deepest))
    }

    fn stage(&self, level: usize) -> String {
        format!("{}_stage_{level}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_seen_where_they_close() {
        for closed in ["(a)", "f(a)", "CAST(a AS b)", "((a) OR (b))", "(a = ')')"] {
            assert!(is_closed(closed), "{closed}");
        }
        for open in ["(a) OR (b)", "a", "f(a) + 1", "f(a) = g(b)", "NOT (a)", "('\\')", "(a"] {
            assert!(!is_closed(open), "{open}");
        }
    }

    #[test]
    fn a_stage_has_what_later_ones_read() {
        let mut stages = Stages::new("t");
        let (a, b) = (stages.source("x.a".to_owned()), stages.source("x.b".to_owned()));
        let unread = stages.source("x.c".to_owned());
        assert_eq!(unread.text, "t_2");
        stages.filter(a.map(|a| format!("{a} > 0")));
        let sum = stages.bind(Sql::of(format!("{} + {}", a.text, b.text), [&a, &b]));
        let again = stages.bind(Sql::of("t_0 + t_1".to_owned(), [&a, &b]));
        assert_eq!(sum.text, again.text);
        let all = stages.window(sum.map(|sum| format!("max({sum}) OVER ()")));
        let (expressions, last) = stages.render("x", &[&all, &b]);
        assert_eq!(last, "t_stage_2");
        let bodies: Vec<&str> = expressions.iter().map(|(_, body)| body.as_str()).collect();
        assert_eq!(
            bodies,
            [
                "SELECT x.a AS t_0,\n  x.b AS t_1\nFROM x",
                "SELECT t_1,\n  t_0 + t_1 AS t_3\nFROM t_stage_0\nWHERE t_0 > 0",
                "SELECT t_1,\n  max(t_3) OVER () AS t_4\nFROM t_stage_1",
            ]
        );
    }
}
