//! Members into the database: only who entered and who left, in one transaction.

use postgres::{
    Client,
    binary_copy::BinaryCopyInWriter,
    error::SqlState,
    types::{ToSql, Type},
};
use segmenta::{Evaluation, Key, Rules};
use uuid::Uuid;

use crate::{Done, said};

/// A segment whose members in the database are not those that were there before.
pub struct Change {
    pub segment: String,
    pub members: i64,
    pub entered: i64,
    pub left: i64,
}

/// Writers come one after the other; who reads is not kept waiting, and sees the old members up to the commit.
/// Columns have the types of the members' table, whatever these are.
const STAGE: &str = "
    LOCK TABLE segment_member IN SHARE ROW EXCLUSIVE MODE;
    CREATE TEMPORARY TABLE formed ON COMMIT DROP AS
        SELECT segment, customer FROM segment_member WITH NO DATA";

/// `$1` are the segments that keep their members, `$2` is the moment that members are of. Segments that the rules do not
/// have any more lose theirs.
const CHANGE: &str = "
    WITH gone AS (
        DELETE FROM segment_member AS old
        WHERE segment::text <> ALL ($1::text[]) AND NOT EXISTS (
            SELECT FROM formed AS new WHERE new.segment = old.segment AND new.customer = old.customer)
        RETURNING segment
    ), come AS (
        INSERT INTO segment_member (segment, customer)
        SELECT segment, customer FROM formed EXCEPT SELECT segment, customer FROM segment_member
        RETURNING segment
    ), moved AS (
        SELECT segment, 1 AS entered, 0 AS gone FROM come
        UNION ALL SELECT segment, 0, 1 FROM gone
    ), change AS (
        SELECT segment, sum(entered) AS entered, sum(gone) AS gone FROM moved GROUP BY segment
    ), size AS (
        SELECT segment, count(*) AS members FROM formed GROUP BY segment
    )
    INSERT INTO segment_refresh (as_of, segment, members, entered, \"left\")
    SELECT $2, segment, coalesce(members, 0), entered, gone FROM change LEFT JOIN size USING (segment)
    ORDER BY segment
    RETURNING segment::text, members::bigint, entered::bigint, \"left\"::bigint";

/// Makes the members in the database those that were found.
pub fn members(
    client: &mut Client,
    rules: &Rules,
    found: &Evaluation,
    as_of: &str,
) -> Done<Vec<Change>> {
    let failed = found.failures().map(|(segment, _)| segment);
    let inactive = rules.segments().filter(|segment| segment.inactive());
    let kept: Vec<&str> = failed.chain(inactive.map(|segment| segment.name())).collect();

    let mut change = client.transaction().map_err(said)?;
    change.batch_execute(STAGE).map_err(advised)?;
    let columns = change.prepare("SELECT segment, customer FROM formed").map_err(said)?;
    let types: Vec<Type> = columns.columns().iter().map(|column| column.type_().clone()).collect();
    let copy = change.copy_in("COPY formed FROM STDIN (FORMAT binary)").map_err(said)?;
    let mut copy = BinaryCopyInWriter::new(copy, &types);
    for (segment, _) in found.segments().filter(|(segment, _)| !kept.contains(segment)) {
        for key in found.keys(segment).unwrap_or_default() {
            copy.write(&[&segment, &*customer(key, &types[1])?]).map_err(said)?;
        }
    }
    copy.finish().map_err(said)?;
    let rows = change.query(CHANGE, &[&kept, &as_of]).map_err(advised)?;
    change.commit().map_err(said)?;

    let change = |row: &postgres::Row| Change {
        segment: row.get(0),
        members: row.get(1),
        entered: row.get(2),
        left: row.get(3),
    };
    Ok(rows.iter().map(change).collect())
}

fn advised(error: postgres::Error) -> String {
    let missing = [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN];
    let is_missing = error.code().is_some_and(|code| missing.contains(code));
    let advice = if is_missing { "; members.sql makes what is written" } else { "" };
    said(error) + advice
}

/// The key of a customer, as the column that it goes to wants it.
fn customer(key: Key, column: &Type) -> Done<Box<dyn ToSql + Sync>> {
    Ok(match key {
        Key::Int(key) if *column == Type::INT4 => Box::new(i32::try_from(key)?),
        Key::Int(key) => Box::new(key),
        Key::Text(key) if *column == Type::UUID => Box::new(Uuid::parse_str(&key)?),
        Key::Text(key) => Box::new(key),
    })
}
