//! Definitions, one clause a line.

use std::fmt::{self, Write};

use super::{
    expr::{write_expr, write_list},
    leaf::{write_name, write_name_unless, write_text},
};
use crate::syntax::{
    tree::{
        Clause, ClauseKind, File, Item, Kind, Let, MetaValue, Name, Part, Partition, Segment, Text,
    },
    word,
};

/// The canonical text of a file, without comments and without a limit to its lines.
pub(crate) fn print_file(file: &File) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _done = file.items.iter().try_for_each(|item| write_item(&mut text, item));
    text
}

fn write_item(out: &mut dyn Write, item: &Item) -> fmt::Result {
    match item {
        Item::Use(item) => {
            out.write_str("use ")?;
            write_text(out, &item.path.text, '\'')?;
        }
        Item::Let(item) => {
            write_let_head(out, item)?;
            out.write_char(' ')?;
            write_expr(out, &item.body)?;
        }
        Item::Segment(item) => {
            writeln!(out, "{} {{", segment_head(item))?;
            item.clauses.iter().try_for_each(|clause| write_clause(out, clause))?;
            out.write_char('}')?;
        }
        Item::Partition(item) => {
            writeln!(out, "{} {{", partition_head(item))?;
            item.parts.iter().try_for_each(|part| write_part(out, part))?;
            out.write_char('}')?;
        }
    }
    out.write_char('\n')
}

/// `let paid(a, b) =`
pub(crate) fn write_let_head(out: &mut dyn Write, item: &Let) -> fmt::Result {
    out.write_str("let ")?;
    write_name(out, &item.name.text)?;
    for (index, parameter) in item.parameters.iter().enumerate() {
        out.write_str(if index == 0 { "(" } else { ", " })?;
        write_name(out, &parameter.text)?;
    }
    out.write_str(if item.parameters.is_empty() { " =" } else { ") =" })
}

/// `static inactive segment vip "VIP customers"`
pub(crate) fn segment_head(segment: &Segment) -> String {
    let kind = match segment.kind {
        None => "",
        Some(Kind::Static) => "static ",
        Some(Kind::Dynamic) => "dynamic ",
    };
    let inactive = if segment.inactive { "inactive " } else { "" };
    named_head(&format!("{kind}{inactive}segment"), &segment.name, segment.title.as_ref())
}

/// `partition tier "Tiers"`
pub(crate) fn partition_head(partition: &Partition) -> String {
    named_head("partition", &partition.name, partition.title.as_ref())
}

fn named_head(words: &str, name: &Name, title: Option<&Text>) -> String {
    let mut head = format!("{words} ");
    let _done = write_name(&mut head, &name.text);
    if let Some(title) = title {
        head.push(' ');
        let _done = write_text(&mut head, &title.text, '"');
    }
    head
}

fn write_clause(out: &mut dyn Write, clause: &Clause) -> fmt::Result {
    out.write_str("  ")?;
    write_clause_head(out, clause)?;
    out.write_char(' ')?;
    match &clause.kind {
        ClauseKind::Include(expr) | ClauseKind::Exclude(expr) => write_expr(out, expr)?,
        ClauseKind::PinIn(keys) | ClauseKind::PinOut(keys) => write_list(out, keys)?,
        ClauseKind::Meta { value, .. } => write_meta(out, value)?,
    }
    out.write_char('\n')
}

/// `include`, `pin in`, `owner:`
pub(crate) fn write_clause_head(out: &mut dyn Write, clause: &Clause) -> fmt::Result {
    match &clause.kind {
        ClauseKind::Include(_) => out.write_str("include"),
        ClauseKind::Exclude(_) => out.write_str("exclude"),
        ClauseKind::PinIn(_) => out.write_str("pin in"),
        ClauseKind::PinOut(_) => out.write_str("pin out"),
        ClauseKind::Meta { name, .. } => {
            write_name_unless(out, &name.text, word::continues)?;
            out.write_char(':')
        }
    }
}

fn write_meta(out: &mut dyn Write, value: &MetaValue) -> fmt::Result {
    match value {
        MetaValue::Bool(value) => write!(out, "{value}"),
        MetaValue::Text(text) => write_text(out, &text.text, '\''),
        MetaValue::Texts(texts) => {
            out.write_char('(')?;
            for (index, text) in texts.iter().enumerate() {
                out.write_str(if index == 0 { "" } else { ", " })?;
                write_text(out, &text.text, '\'')?;
            }
            out.write_char(')')
        }
    }
}

fn write_part(out: &mut dyn Write, part: &Part) -> fmt::Result {
    out.write_str("  ")?;
    write_name(out, &part.name.text)?;
    match &part.when {
        Some(condition) => {
            out.write_str(" when ")?;
            write_expr(out, condition)?;
        }
        None => out.write_str(" otherwise")?,
    }
    out.write_str(",\n")
}
