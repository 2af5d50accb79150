//! The end of a statement: from one column of truth a segment to rows of segments and keys.

/// A segment.
pub(super) struct Member {
    /// Its name, as a literal.
    pub(super) name: String,
    /// The column of truth.
    pub(super) column: String,
}

pub(super) fn listed(items: &[String]) -> String {
    items.join(", ")
}

/// The table is read once; each row makes a list of the segments' names, with NULL for those it is not in.
pub(super) fn with_unnest(
    table: &str,
    key: &str,
    members: &[Member],
    unnest: impl Fn(&str) -> String,
) -> String {
    let each =
        members.iter().map(|Member { name, column }| format!("CASE WHEN {column} THEN {name} END"));
    let list = each.collect::<Vec<_>>().join(",\n  ");
    format!(
        "SELECT segment, key FROM (\nSELECT {} AS segment, {key} AS key\nFROM {table}\n) AS memberships\nWHERE segment IS NOT NULL",
        unnest(&list)
    )
}
