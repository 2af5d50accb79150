//! What the three main kernels do, so that callgrind can count it: `run`, beside this folder's `Cargo.toml`, builds and
//! drives this program. One chunk of 65,536 customers; whoever is in follows from the formulas in [`customers`] and
//! [`orders`], and the numbers of members were worked out from these by hand.
#![forbid(unsafe_code)]
#![expect(clippy::expect_used, clippy::panic, reason = "a bench that cannot go on fails")]

use std::{fmt::Write as _, hint::black_box};

use segmenta::{AsOf, Engine, Evaluation, Rules, Schema, Snapshot, Type};

const CUSTOMERS: u32 = 65_536;
const TODAY: &str = "2026-11-01";

/// Columns of whole numbers of one byte, of truth values that half of the customers have, and of some that one in 64 has.
const NUMBERS: u32 = 16;
const DENSE: u32 = 16;
const SPARSE: u32 = 16;

type Run = fn(&Engine, AsOf) -> Evaluation;

/// What is counted. It stands alone in the machine code, so that callgrind finds its name; without the word of its own
/// it could be taken for another one.
macro_rules! counted {
    ($($name:ident)*) => {$(
        #[inline(never)]
        fn $name(engine: &Engine, as_of: AsOf) -> Evaluation {
            black_box(stringify!($name));
            engine.evaluate(as_of).expect("an evaluation")
        }
    )*};
}

counted! { run_base run_ranges run_walk run_memberships }

/// What is run, by which rules, and how many members each segment has.
fn runs() -> [(Run, String, u64); 4] {
    let range = |k: u32| format!("n{k} between 1 and 254");
    let ranges: Vec<String> = (0..NUMBERS).map(range).collect();
    let dense = (0..DENSE).map(|k| format!("segment d{k} {{ include d{k} }}\n"));
    let sparse = (0..SPARSE).map(|k| format!("segment s{k} {{ include s{k} }}\n"));
    [
        // Of 256 numbers, two are outside.
        (run_base, format!("segment base {{ include {} }}", range(0)), 65_536 - 2 * 256),
        // Those outside are others in each column: 32 of 256.
        (run_ranges, format!("segment all {{ include {} }}", ranges.join(" and ")), 57_344),
        // With r = id mod 8, an order j is paid where r + j is 0 mod 4 and open where it is 1 mod 4, and it is 10 j days
        // old. A paid one with j <= 3: r = 3 to 7. Two open ones with j <= 6: r = 5 (0 and 4) and 7 (2 and 6). So r is
        // 5 or 7: 2 of 8.
        (
            run_walk,
            "segment walk { include \
             exists(orders where status = 'paid' and at within last 30 days) and \
             count(orders where status = 'open' and at within last 60 days) >= 2 }"
                .to_owned(),
            16_384,
        ),
        (run_memberships, dense.chain(sparse).collect(), 0),
    ]
}

fn main() {
    let schema = schema();
    let mut data = Snapshot::builder(&schema);
    data.csv_reader("customers", "customers", customers().as_bytes()).expect("customers");
    data.csv_reader("orders", "orders", orders().as_bytes()).expect("orders");
    let data = data.build().expect("the data");
    assert_eq!(data.rows("orders"), Some(229_376));
    let as_of: AsOf = TODAY.parse().expect("a day");
    for (run, rules, members) in runs() {
        let rules = Rules::parse(&schema, &rules).unwrap_or_else(|error| panic!("{error}"));
        let engine = Engine::new(rules, data.clone()).expect("an engine");
        // The first time may learn what later ones know.
        agree(&engine.evaluate(as_of).expect("an evaluation"), members);
        agree(&run(&engine, as_of), members);
    }
}

/// Where segments differ, their names say how many members they have.
fn agree(found: &Evaluation, members: u64) {
    for (name, found) in found.segments() {
        let expected = match name.as_bytes() {
            [b'd', b'0'..=b'9', ..] => u64::from(CUSTOMERS / 2),
            [b's', b'0'..=b'9', ..] => u64::from(CUSTOMERS / 64),
            _ => members,
        };
        assert_eq!(found.len(), expected, "{name}");
    }
}

fn schema() -> Schema {
    let mut schema = Schema::builder().timezone("UTC").customers("id").column("id", Type::Int);
    for k in 0..NUMBERS {
        schema = schema.column(&format!("n{k}"), Type::Int);
    }
    for k in 0..DENSE {
        schema = schema.column(&format!("d{k}"), Type::Bool);
    }
    for k in 0..SPARSE {
        schema = schema.column(&format!("s{k}"), Type::Bool);
    }
    let schema = schema.table("orders", "customer").time("at").column("customer", Type::Int);
    let schema = schema.column("at", Type::DateTime).column("status", Type::Text);
    schema.build().expect("a schema")
}

/// A customer `i` has in the column `n k` the number i + 16 k mod 256, is in `d k` where the bit k of i is set, and in
/// `s k` where i mod 64 is k.
fn customers() -> String {
    let mut text = "id".to_owned();
    for (letter, count) in [('n', NUMBERS), ('d', DENSE), ('s', SPARSE)] {
        (0..count).for_each(|k| write!(text, ",{letter}{k}").expect("memory"));
    }
    for i in 0..CUSTOMERS {
        write!(text, "\n{i}").expect("memory");
        (0..NUMBERS).for_each(|k| write!(text, ",{}", (i + 16 * k) % 256).expect("memory"));
        (0..DENSE).for_each(|k| write!(text, ",{}", i >> k & 1).expect("memory"));
        (0..SPARSE).for_each(|k| write!(text, ",{}", u32::from(i % 64 == k)).expect("memory"));
    }
    text
}

/// A customer `i` has i mod 8 orders; the order j is 10 j days old.
fn orders() -> String {
    const DAYS: [&str; 7] = [
        "2026-11-01",
        "2026-10-22",
        "2026-10-12",
        "2026-10-02",
        "2026-09-22",
        "2026-09-12",
        "2026-09-02",
    ];
    const STATUSES: [&str; 4] = ["paid", "open", "cancelled", "returned"];
    let mut text = "customer,at,status".to_owned();
    for i in 0..CUSTOMERS {
        let statuses = STATUSES.iter().cycle().skip((i % 4) as usize);
        for (day, status) in DAYS.iter().zip(statuses).take((i % 8) as usize) {
            write!(text, "\n{i},{day}T12:00:00,{status}").expect("memory");
        }
    }
    text
}
