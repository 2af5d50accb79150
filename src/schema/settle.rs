//! From a draft to a schema: names, types and roles, every problem at once.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Inner, Schema, TableId,
    draft::{Draft, DraftTable, Kind, Word},
    predict::settle_predict,
    rfm::settle_rfm,
    roles::settle_roles,
    shape::{MAX_COUNT, RESERVED, Shape, check_name, duplicate},
};
use crate::{
    calendar::{LeapDay, Zone},
    diagnostic::{Code, Finding, Span, did_you_mean, nearest},
};

/// The schema that a draft says; `None` where findings were added that leave none.
pub(super) fn settle(draft: Draft, findings: &mut Vec<Finding>) -> Option<Schema> {
    let before = findings.len();
    let zone = settle_zone(draft.timezone.as_ref(), findings);
    let leap_day = settle_leap_day(draft.leap_day.as_ref(), findings);
    let drafts = order_tables(draft.tables, draft.span, findings);
    let by_name: HashMap<String, TableId> = drafts
        .iter()
        .zip(0..=u16::MAX)
        .map(|(draft, id)| (draft.name.text.clone(), TableId(id)))
        .collect();
    let mut untyped = HashSet::new();
    let mut shapes: Vec<Shape> = (0..=u16::MAX)
        .zip(drafts)
        .map(|(id, draft)| Shape::new(TableId(id), draft, &mut untyped, findings))
        .collect();
    let kinds: Vec<Kind> = shapes.iter().map(|shape| shape.draft.kind).collect();
    for shape in &mut shapes {
        shape.settle_references(&by_name, &kinds, findings);
    }
    let roles = settle_roles(&shapes, &by_name, &untyped, findings);
    let tables = roles.filter(|_| findings.len() == before).map(|roles| {
        let tables = shapes.into_iter().zip(roles).map(|(shape, role)| shape.into_table(role));
        let tables = tables.collect();
        let inner = Inner { zone, leap_day, tables, by_name, rfm: None, predict: None };
        Schema { inner: Arc::new(inner) }
    });
    let rfm = draft.rfm.map(|draft| settle_rfm(&draft, tables.as_ref(), findings));
    let predict = draft.predict.map(|draft| settle_predict(&draft, tables.as_ref(), findings));
    let mut schema = tables.filter(|_| findings.len() == before)?;
    let inner = Arc::get_mut(&mut schema.inner)?;
    (inner.rfm, inner.predict) = (rfm.flatten(), predict.flatten());
    Some(schema)
}

/// The customers first, then the others; tables of a name that is taken are left out.
fn order_tables(
    tables: Vec<DraftTable>,
    span: Span,
    findings: &mut Vec<Finding>,
) -> Vec<DraftTable> {
    let (mut ordered, others): (Vec<_>, Vec<_>) =
        tables.into_iter().partition(|table| table.kind == Kind::Customers);
    if ordered.is_empty() {
        let finding =
            Finding::new(Code::MissingInSchema, span, "the table of customers is missing");
        findings.push(finding.help("add `[customers]` with a `key` and `[customers.columns]`"));
        ordered.push(DraftTable::absent_customers());
    }
    ordered.extend(others);
    if ordered.len() > MAX_COUNT {
        let message = format!("the schema has more than {MAX_COUNT} tables");
        findings.push(Finding::new(Code::SchemaSyntax, span, message));
    }
    let mut seen = HashSet::new();
    ordered.retain(|table| {
        let fresh = seen.insert(table.name.text.clone());
        if !fresh {
            findings.push(duplicate(&table.name, "table"));
        }
        fresh
    });
    for table in &ordered {
        check_name(&table.name, findings);
        if RESERVED.contains(&table.name.text.as_str()) {
            let message = format!("a table cannot be called `{}`", table.name.text);
            let help = "the name has a meaning of its own in rules; give the table another one";
            findings
                .push(Finding::new(Code::WrongRoleInSchema, table.name.span, message).help(help));
        }
    }
    ordered
}

fn settle_zone(word: Option<&Word>, findings: &mut Vec<Finding>) -> Zone {
    let utc = Zone(chrono_tz::UTC);
    let Some(word) = word else { return utc };
    word.text.parse().map(Zone).unwrap_or_else(|_| {
        let finding = Finding::new(
            Code::UnknownTimeZone,
            word.span,
            format!("unknown time zone `{}`", word.text.escape_debug()),
        );
        findings.push(finding.help(did_you_mean(nearest_zone(&word.text), || {
            "write a name of the IANA time zone database, as `Europe/Stockholm`".to_owned()
        })));
        utc
    })
}

/// The zone of a city that was named alone, else the nearest name.
fn nearest_zone(name: &str) -> Option<&'static str> {
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let city = name.rsplit('/').next().unwrap_or(name).replace(' ', "_");
    names()
        .find(|zone| zone.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&city)))
        .or_else(|| nearest(name, names()))
}

fn settle_leap_day(word: Option<&Word>, findings: &mut Vec<Finding>) -> LeapDay {
    let Some(word) = word else { return LeapDay::Back };
    match word.text.as_str() {
        "back" => LeapDay::Back,
        "forward" => LeapDay::Forward,
        "skip" => LeapDay::Skip,
        other => {
            let message = format!("`leap_day` cannot be `{}`", other.escape_debug());
            let help = did_you_mean(nearest(other, ["back", "forward", "skip"]), || {
                "it is `back`, `forward` or `skip`".to_owned()
            });
            findings.push(Finding::new(Code::SchemaSyntax, word.span, message).help(help));
            LeapDay::Back
        }
    }
}
