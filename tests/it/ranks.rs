//! A customer's place among all, while customers come, go and change: an engine that keeps its cuts answers like one
//! that has just begun, and like the oracle.

use std::fmt::Write as _;

use proptest::prelude::*;
use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

const SCHEMA: &str = r#"
timezone = "Europe/Stockholm"
[customers]
key = "id"
created = "created"
[customers.columns]
id = "int"
created = "date"
points = "int"
balance = "decimal(2)"
score = "float"
seen = "datetime"
[tables.orders]
customer = "customer"
time = "at"
[tables.orders.columns]
customer = "int"
at = "date"
total = "decimal(2)"
"#;

const RULES: &str = "
segment first { include top 1 by points }
segment three { include top 3 by points }
segment last_three { include bottom 3 by points }
segment tenth { include top 10 percent by points }
segment most { include bottom 87.5 percent by points }
segment all { include top 100 percent by points }
segment rich { include top 25 percent by balance }
segment wide { include bottom 30 percent by balance * 1_000_000_000_000_000_000 * 1_000_000_000_000 }
segment scored { include top 4 by score }
segment lately { include top 20 percent by seen }
segment spenders { include top 5 by sum(orders.total) }
segment silent { include bottom 5 by last(orders.at) }
segment quarter { include quantile(points, 4) = 4 }
segment fifth { include quantile(sum(orders.total), 5) in (2, 5) }
segment fine { include quantile(score, 100) between 30 and 70 }
segment both { include top 3 by quantile(points, 4) + quantile(balance, 3) }
static segment founders { include top 3 by points }
segment others { include top 50 percent by points exclude in segment founders }
";

#[derive(Debug, Clone, Default)]
struct Customer {
    created: Option<u32>,
    points: Option<i8>,
    balance: Option<i16>,
    score: Option<i8>,
    seen: Option<u32>,
    orders: Vec<(u32, u16)>,
}

/// What happens to a customer, who is there from then on.
#[derive(Debug, Clone)]
enum Change {
    Deleted,
    Points(Option<i8>),
    Balance(Option<i16>),
    Score(Option<i8>),
    Seen(Option<u32>),
    Created(Option<u32>),
    Order(u32, u16),
    AnotherDay(u32),
}

fn change() -> impl Strategy<Value = Change> {
    let day = 1_u32..29;
    prop_oneof![
        1 => Just(Change::Deleted),
        4 => proptest::option::weighted(0.9, -3_i8..12).prop_map(Change::Points),
        2 => proptest::option::weighted(0.9, any::<i16>()).prop_map(Change::Balance),
        2 => proptest::option::weighted(0.9, -2_i8..6).prop_map(Change::Score),
        1 => proptest::option::weighted(0.9, day.clone()).prop_map(Change::Seen),
        1 => proptest::option::weighted(0.9, day.clone()).prop_map(Change::Created),
        3 => (day.clone(), prop_oneof![Just(0), Just(50), 0_u16..300])
            .prop_map(|(day, total)| Change::Order(day, total)),
        1 => day.prop_map(Change::AnotherDay),
    ]
}

#[derive(Default)]
struct World {
    /// By key, from 0 on.
    customers: Vec<Option<Customer>>,
    day: u32,
}

impl World {
    fn change(&mut self, at: usize, change: &Change) {
        if self.customers.len() <= at {
            self.customers.resize(at + 1, None);
        }
        if let Change::AnotherDay(day) = change {
            self.day = *day;
            return;
        }
        let customer = self.customers[at].get_or_insert_default();
        match change {
            Change::Deleted => self.customers[at] = None,
            Change::Points(points) => customer.points = *points,
            Change::Balance(balance) => customer.balance = *balance,
            Change::Score(score) => customer.score = *score,
            Change::Seen(day) => customer.seen = *day,
            Change::Created(day) => customer.created = *day,
            Change::Order(day, total) => customer.orders.push((*day, *total)),
            Change::AnotherDay(_) => {}
        }
    }

    fn as_of(&self) -> AsOf {
        format!("2026-03-{:02}", self.day.max(1)).parse().unwrap()
    }

    fn snapshot(&self, schema: &Schema, last: Option<&Snapshot>) -> Snapshot {
        let mut customers = String::from("id,created,points,balance,score,seen\n");
        let mut orders = String::from("customer,at,total\n");
        for (id, customer) in self.customers.iter().enumerate() {
            let Some(customer) = customer else { continue };
            let day = |day: Option<u32>| day.map(|day| format!("2026-03-{day:02}"));
            let fields = [
                day(customer.created),
                customer.points.map(|points| points.to_string()),
                customer.balance.map(|cents| {
                    format!(
                        "{}{}.{:02}",
                        if cents < 0 { "-" } else { "" },
                        cents.unsigned_abs() / 100,
                        cents.unsigned_abs() % 100
                    )
                }),
                customer.score.map(|score| format!("{}e-1", score)),
                day(customer.seen).map(|day| format!("{day}T12:00:00")),
            ];
            let fields = fields.map(Option::unwrap_or_default).join(",");
            writeln!(customers, "{id},{fields}").unwrap();
            for (day, total) in &customer.orders {
                writeln!(orders, "{id},2026-03-{day:02},{total}.00").unwrap();
            }
        }
        let mut builder = match last {
            Some(last) => last.next(),
            None => Snapshot::builder(schema),
        };
        for (table, text) in [("customers", customers), ("orders", orders)] {
            builder.csv_reader(table, table, text.as_bytes()).unwrap();
        }
        builder.build().unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn kept_cuts_change_no_answer(
        first in proptest::collection::vec(((0_usize..24), change()), 0..120),
        edits in proptest::collection::vec(
            proptest::collection::vec(((0_usize..24), change()), 1..4),
            1..10,
        ),
    ) {
        let schema = Schema::from_toml(SCHEMA).unwrap();
        let rules = Rules::parse(&schema, RULES).unwrap();
        let mut world = World::default();
        first.iter().for_each(|(at, change)| world.change(*at, change));
        let mut snapshot = world.snapshot(&schema, None);
        let mut engine = Engine::new(rules.clone(), snapshot.clone()).unwrap();
        engine.refresh(world.as_of()).unwrap();
        for (number, changes) in edits.iter().enumerate() {
            changes.iter().for_each(|(at, change)| world.change(*at, change));
            snapshot = world.snapshot(&schema, Some(&snapshot));
            engine.load(snapshot.clone()).unwrap();
            // A refresh asks for less: the static segment stands.
            if number % 3 == 2 {
                engine.refresh(world.as_of()).unwrap();
            }
            let kept = engine.evaluate(world.as_of()).unwrap();
            let fresh = Engine::new(rules.clone(), snapshot.clone()).unwrap();
            let fresh = fresh.evaluate(world.as_of()).unwrap();
            let oracle = engine.evaluate_reference(world.as_of()).unwrap();
            for ((name, kept), ((_, fresh), (_, oracle))) in
                kept.segments().zip(fresh.segments().zip(oracle.segments()))
            {
                prop_assert_eq!(kept, fresh, "{}: kept and fresh", name);
                prop_assert_eq!(kept, oracle, "{}: kept and oracle", name);
            }
        }
    }
}

#[test]
fn other_rules_have_cuts_of_their_own() {
    let schema = Schema::from_toml(SCHEMA).unwrap();
    let mut world = World::default();
    for (at, points) in [(0, 5), (1, 7), (2, 9)] {
        world.change(at, &Change::Points(Some(points)));
        world.change(at, &Change::Score(Some(-points)));
    }
    let rules = |text| Rules::parse(&schema, text).unwrap();
    let snapshot = world.snapshot(&schema, None);
    let mut engine = Engine::new(rules("segment a { include top 1 by points }"), snapshot).unwrap();
    engine.refresh(world.as_of()).unwrap();
    assert_eq!(engine.keys("a"), Some(vec![2.into()]));
    engine.set_rules(rules("segment a { include top 1 by score }")).unwrap();
    engine.refresh(world.as_of()).unwrap();
    assert_eq!(engine.keys("a"), Some(vec![0.into()]));
}
