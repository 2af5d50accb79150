//! From a finding to what it claims, and whether that holds.

use segmenta::{AsOf, Diagnostic, Engine, Rules, Schema, Snapshot};

use super::grow::{self, Node, SCHEMA, Way};
use crate::differential::choices::Choices;

const DAYS: &[&str] = &[
    "2026-03-31",
    "2026-03-01T12:30",
    "2024-02-29",
    "2025-02-28T00:00",
    "2026-03-29",
    "2026-10-25T02:15",
];

/// A line of the rule file.
struct Line {
    text: String,
    /// The clauses, in order.
    clauses: Vec<(Clause, Node)>,
    /// Where conditions stand: the clause, and the way down from it.
    places: Vec<(std::ops::Range<usize>, usize, Way)>,
    /// Of a partition, where its parts stand.
    parts: Vec<(std::ops::Range<usize>, String)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Clause {
    Include,
    Exclude,
    When,
}

/// What a condition of a segment, written beside the rules, must be.
#[derive(Debug)]
enum Claim {
    Nobody(String),
    Everyone(String),
    Same(String, String),
    Inside(String, String),
}

/// The codes that were found, if everything holds that they claim.
pub(super) fn hold(data: &[u8], rules: &[u8]) -> Result<Vec<String>, String> {
    let lines = lines(&mut Choices::new(rules));
    let text: String = lines.iter().map(|line| format!("{}\n", line.text)).collect();
    let schema = Schema::from_toml(SCHEMA).map_err(|e| e.to_string())?;
    let builder = Rules::builder(&schema).file("rules.seg", &text);
    let mut found = builder.check();
    for finding in builder.deep(true).check() {
        if !found.contains(&finding) {
            found.push(finding);
        }
    }
    let lint = |finding: &&Diagnostic| grow_codes().contains(&finding.code.as_str());
    let found: Vec<&Diagnostic> = found.iter().filter(lint).collect();
    let mut claims = Vec::new();
    for finding in &found {
        let claim =
            claim(finding, &lines).ok_or_else(|| format!("no claim of {finding}\n{text}"))?;
        claims.push((finding, claim));
    }
    let problem = evaluate(&schema, &text, &claims, data)?;
    match problem {
        None => Ok(found.iter().map(|finding| finding.code.as_str().to_owned()).collect()),
        Some(problem) => Err(format!("{problem}\n{text}")),
    }
}

fn grow_codes() -> [&'static str; 8] {
    ["W0201", "W0202", "W0203", "W0204", "W0205", "W0206", "W0212", "W0213"]
}

fn lines(c: &mut Choices<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for number in 0..2 + c.below(3) {
        let name = format!("s{number}");
        let depth = 1 + c.below(3);
        let mut clauses = Vec::new();
        for _ in 0..1 + c.below(5) / 3 {
            clauses.push((Clause::Include, grow::condition(c, depth, false, &names)));
        }
        for _ in 0..c.below(3) / 2 {
            clauses.push((Clause::Exclude, grow::condition(c, depth.min(1), false, &names)));
        }
        lines.push(line(&format!("segment {name} {{"), clauses, ""));
        names.push(name);
    }
    if c.below(2) == 0 {
        let count = 2 + c.below(3);
        let clauses =
            (0..count).map(|_| (Clause::When, grow::condition(c, 1, false, &names))).collect();
        lines.push(line("partition p {", clauses, " otherwise"));
    }
    lines
}

fn line(head: &str, clauses: Vec<(Clause, Node)>, tail: &str) -> Line {
    let mut text = head.to_owned();
    let (mut places, mut parts) = (Vec::new(), Vec::new());
    for (number, (clause, node)) in clauses.iter().enumerate() {
        let start = text.len() + 1;
        text.push_str(&match clause {
            Clause::Include => " include ".to_owned(),
            Clause::Exclude => " exclude ".to_owned(),
            Clause::When => format!(" part{number} when "),
        });
        let mut found = Vec::new();
        let from = text.len();
        node.write(&mut text, &mut Vec::new(), &mut found);
        places.extend(found.into_iter().map(|(range, way)| (range, number, way)));
        if *clause == Clause::When {
            parts.push((from..text.len(), format!("p.part{number}")));
            parts.push((start..text.len(), format!("p.part{number}")));
            text.push(',');
        }
    }
    if !tail.is_empty() {
        let start = text.len() + 1;
        text.push_str(&format!(" rest{tail}"));
        parts.push((start..text.len(), "p.rest".to_owned()));
    }
    text.push_str(" }");
    Line { text, clauses, places, parts }
}

fn claim(finding: &Diagnostic, lines: &[Line]) -> Option<Claim> {
    let code = finding.code.as_str();
    let place = finding.location.as_ref()?;
    let line = lines.get(place.line - 1)?;
    let range = place.column - 1..place.end_column - 1;
    let names: Vec<&str> = finding.message.split('`').skip(1).step_by(2).collect();
    match code {
        "W0212" => {
            let in_segment = |name: &str| format!("in segment {name}");
            let (one, other) = (in_segment(names[0]), in_segment(names[1]));
            return Some(match finding.message.contains("always have the same") {
                true => Claim::Same(one, other),
                false => Claim::Inside(one, other),
            });
        }
        "W0213" => {
            let (_, part) = line.parts.iter().find(|(part, _)| *part == range)?;
            return Some(Claim::Nobody(format!("in segment {part}")));
        }
        _ => {}
    }
    let holds = |found: &std::ops::Range<usize>| match code {
        // The ends of `between` are told, not the condition.
        "W0206" => found.start <= range.start && range.end <= found.end,
        _ => *found == range,
    };
    let places = line.places.iter().filter(|(found, ..)| holds(found));
    let (_, number, way) = places.min_by_key(|(found, ..)| found.len())?;
    let (clause, root) = line.clauses.get(*number)?;
    let Some((last, above)) = way.split_last() else {
        return of_clause(finding, line, *number, *clause, root);
    };
    let (parent, around) = down(root, above)?;
    let node = match parent.child(*last) {
        Some(node) => node.text(),
        None => String::new(),
    };
    // What is claimed of the filter around is claimed of the node's own rows.
    let around = match parent {
        Node::Rows(..) => Some("rows"),
        _ => around,
    };
    Some(match code {
        "W0201" => Claim::Everyone(in_rows(&node, around, true)),
        "W0202" => Claim::Nobody(in_rows(&node, around, false)),
        "W0203" => Claim::Nobody(in_rows(&parent.text(), around, false)),
        "W0204" | "W0205" => {
            let less = parent.without(*last).text();
            Claim::Same(counted(&parent.text(), around), counted(&less, around))
        }
        "W0206" => swapped(&node, around),
        _ => return None,
    })
}

/// What is claimed of a whole clause.
fn of_clause(
    finding: &Diagnostic,
    line: &Line,
    number: usize,
    clause: Clause,
    root: &Node,
) -> Option<Claim> {
    let text = root.text();
    let of = |wanted: Clause, but: Option<usize>| -> Vec<String> {
        let clauses = line.clauses.iter().enumerate();
        clauses
            .filter(|(place, (clause, _))| *clause == wanted && Some(*place) != but)
            .map(|(_, (_, node))| node.text())
            .collect()
    };
    let any = |list: &[String]| match list {
        [] => "false".to_owned(),
        list => format!("any of ({})", list.join(", ")),
    };
    let whole = |but: Option<usize>| {
        format!("({}) and not ({})", any(&of(Clause::Include, but)), any(&of(Clause::Exclude, but)))
    };
    Some(match finding.code.as_str() {
        "W0201"
            if finding.message.contains("take in everyone")
                || finding.message.contains("take out everyone") =>
        {
            // Of the clause itself, or of all of its kind together.
            Claim::Everyone(any(&of(clause, None)))
        }
        "W0201" => Claim::Everyone(text),
        "W0202" => Claim::Nobody(text),
        "W0206" => swapped(&text, None),
        "W0203" => Claim::Nobody(format!("({text}) and not ({})", any(&of(Clause::Exclude, None)))),
        "W0204" | "W0205" => Claim::Same(whole(None), whole(Some(number))),
        _ => return None,
    })
}

fn swapped(text: &str, around: Option<&str>) -> Claim {
    match text.contains("not between") {
        true => Claim::Everyone(in_rows(text, around, true)),
        false => Claim::Nobody(in_rows(text, around, false)),
    }
}

/// The node at the end of a way, and the rows whose filter it stands in.
fn down<'n>(root: &'n Node, way: &[usize]) -> Option<(&'n Node, Option<&'static str>)> {
    let (mut node, mut around) = (root, None);
    for step in way {
        if let Node::Rows(..) = node {
            around = Some("rows");
        }
        node = node.child(*step)?;
    }
    Some((node, around))
}

/// That a condition holds for all rows, or for some.
fn in_rows(text: &str, around: Option<&str>, all: bool) -> String {
    match (around, all) {
        (None, _) => text.to_owned(),
        (Some(table), true) => format!("count({table} where {text}) = count({table})"),
        (Some(table), false) => format!("exists({table} where {text})"),
    }
}

/// Something that differs where a condition holds for other rows, most of the time.
fn counted(text: &str, around: Option<&str>) -> String {
    match around {
        None => text.to_owned(),
        Some(table) => format!("count({table} where {text}) = 1"),
    }
}

fn evaluate(
    schema: &Schema,
    text: &str,
    claims: &[(&&Diagnostic, Claim)],
    data: &[u8],
) -> Result<Option<String>, String> {
    if claims.is_empty() {
        return Ok(None);
    }
    let mut rules = text.to_owned() + "segment everyone { }\n";
    for (number, (_, claim)) in claims.iter().enumerate() {
        let (one, other) = match claim {
            Claim::Nobody(one) => (one.as_str(), "false"),
            Claim::Everyone(one) => (one.as_str(), "true"),
            Claim::Same(one, other) | Claim::Inside(one, other) => (one.as_str(), other.as_str()),
        };
        rules += &format!(
            "segment one_{number} {{ include {one} }}\nsegment other_{number} {{ include {other} }}\n"
        );
    }
    let checked = Rules::parse(schema, &rules).map_err(|e| format!("{e}\n{rules}"))?;
    let mut c = Choices::new(data);
    for as_of in DAYS {
        let tables = grow::data(&mut c, as_of);
        let mut builder = Snapshot::builder(schema);
        for (table, text) in &tables {
            builder
                .csv_reader(table, table, text.as_bytes())
                .map_err(|e| format!("{e}\n{text}"))?;
        }
        let snapshot = builder.build().map_err(|e| e.to_string())?;
        let engine = Engine::new(checked.clone(), snapshot).map_err(|e| e.to_string())?;
        let evaluation =
            engine.evaluate(as_of.parse::<AsOf>().unwrap()).map_err(|e| e.to_string())?;
        for (number, (finding, claim)) in claims.iter().enumerate() {
            let of = |name: &str| evaluation.members(&format!("{name}_{number}")).unwrap().clone();
            let (one, other) = (of("one"), of("other"));
            let holds = match claim {
                Claim::Inside(..) => one.is_subset(&other),
                _ => one == other,
            };
            if !holds {
                let tables: String =
                    tables.iter().map(|(name, text)| format!("--- {name}\n{text}")).collect();
                return Ok(Some(format!(
                    "{finding}\n{claim:?}: {one:?} {other:?} as of {as_of}\n{tables}"
                )));
            }
        }
    }
    Ok(None)
}
