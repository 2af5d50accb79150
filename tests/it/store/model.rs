//! Random lives of a store against plain maps.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use segmenta::{EventKind, Key, Position, Store};

use super::{Folder, day, engine, ints, schema};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// A customer comes, or has another number.
    Put(i64, i64),
    Delete(i64),
    /// One of the segments is written otherwise, or left out.
    Rule(usize, Option<Form>),
    /// Of the segments that are marked.
    Refresh([bool; SEGMENTS]),
    Reopen,
    Keep(u64),
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Dynamic(i64),
    Static(i64),
    Inactive(i64),
    Pinned(i64, i64),
}

const SEGMENTS: usize = 3;

fn form() -> impl Strategy<Value = Option<Form>> {
    prop_oneof![
        (0_i64..5).prop_map(|n| Some(Form::Dynamic(n))),
        (0_i64..5).prop_map(|n| Some(Form::Static(n))),
        (0_i64..5).prop_map(|n| Some(Form::Inactive(n))),
        (0_i64..5, 0_i64..8).prop_map(|(n, key)| Some(Form::Pinned(n, key))),
        Just(None),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_i64..8, 0_i64..6).prop_map(|(key, n)| Step::Put(key, n)),
        2 => (0_i64..8).prop_map(Step::Delete),
        2 => (0..SEGMENTS, form()).prop_map(|(segment, form)| Step::Rule(segment, form)),
        3 => Just(Step::Refresh([true; SEGMENTS])),
        1 => any::<[bool; SEGMENTS]>().prop_map(Step::Refresh),
        1 => Just(Step::Reopen),
        1 => (0_u64..4).prop_map(Step::Keep),
    ]
}

/// What is known of a segment from when it was first written until it was left out.
#[derive(Debug, Clone, Default)]
struct Known {
    members: BTreeSet<i64>,
    /// The rule by which it was formed, and who was in.
    frozen: Option<(i64, BTreeSet<i64>)>,
    /// By day.
    past: BTreeMap<u32, (BTreeSet<i64>, usize, usize)>,
}

#[derive(Debug, Default)]
struct Model {
    customers: BTreeMap<i64, i64>,
    /// Those of the last refresh.
    before: BTreeSet<i64>,
    forms: Vec<Option<Form>>,
    known: Vec<Option<Known>>,
    /// Day, segment, key, entered; in order.
    events: Vec<(u32, usize, i64, bool)>,
}

impl Model {
    fn refresh(&mut self, on: u32, chosen: [bool; SEGMENTS]) {
        let now: BTreeSet<i64> = self.customers.keys().copied().collect();
        for (number, form) in self.forms.iter().enumerate() {
            let Some(form) = form else {
                self.known[number] = None;
                continue;
            };
            if !chosen[number] && self.known[number].is_none() {
                continue;
            }
            let known = self.known[number].get_or_insert_default();
            let meets = |least: i64| -> BTreeSet<i64> {
                let all = self.customers.iter().filter(|(_, n)| **n >= least);
                all.map(|(key, _)| *key).collect()
            };
            let still = |set: &BTreeSet<i64>| -> BTreeSet<i64> { set & &now };
            let members = match *form {
                _ if !chosen[number] => still(&known.members),
                Form::Dynamic(n) => meets(n),
                Form::Inactive(_) => still(&known.members),
                Form::Pinned(n, key) => {
                    let pinned = BTreeSet::from([key]);
                    &meets(n) | &still(&pinned)
                }
                Form::Static(n) => match &known.frozen {
                    Some((formed, base)) if *formed == n => still(base),
                    _ => meets(n),
                },
            };
            known.frozen = match *form {
                Form::Static(_) if !chosen[number] => {
                    known.frozen.take().map(|(n, base)| (n, still(&base)))
                }
                Form::Static(n) => Some((n, members.clone())),
                // What was formed is forgotten when the segment becomes a dynamic one; inactive ones are dynamic here.
                _ => None,
            };
            let left: Vec<i64> = known.members.difference(&members).copied().collect();
            let entered: Vec<i64> = members.difference(&known.members).copied().collect();
            self.events.extend(left.iter().map(|key| (on, number, *key, false)));
            self.events.extend(entered.iter().map(|key| (on, number, *key, true)));
            known.past.insert(on, (members.clone(), entered.len(), left.len()));
            known.members = members;
        }
        self.before = now;
    }

    fn rules(&self) -> String {
        let text = |(number, form): (usize, &Option<Form>)| match form {
            None => String::new(),
            Some(Form::Dynamic(n)) => format!("segment s{number} {{ include n >= {n} }}\n"),
            Some(Form::Static(n)) => format!("static segment s{number} {{ include n >= {n} }}\n"),
            Some(Form::Inactive(n)) => {
                format!("inactive segment s{number} {{ include n >= {n} }}\n")
            }
            Some(Form::Pinned(n, key)) => {
                format!("segment s{number} {{ include n >= {n} pin in ({key}) }}\n")
            }
        };
        let all = self.forms.iter().enumerate().map(text).collect::<String>();
        all + "segment always { }\n"
    }
}

fn check(store: &Store, model: &Model, first: u32, last: u32) {
    for (number, known) in model.known.iter().enumerate() {
        let name = format!("s{number}");
        let Some(known) = known else { continue };
        assert_eq!(ints(store.members(&name).unwrap()), Vec::from_iter(known.members.clone()));
        for (on, (members, _, _)) in known.past.range(first..) {
            let found = ints(store.members_at(&name, day(*on)).unwrap());
            assert_eq!(found, Vec::from_iter(members.clone()), "{name} on {on}");
        }
        let sizes = store.history(&name).unwrap();
        let sizes = sizes.iter().map(|own| (own.members, own.entered, own.left));
        let expected = known.past.range(first..).map(|(_, (members, entered, left))| {
            (members.len() as u64, *entered as u64, *left as u64)
        });
        assert_eq!(Vec::from_iter(sizes), Vec::from_iter(expected), "{name}");
    }
    let events = store.events(Position::START, usize::MAX).unwrap();
    let told = |key: &Key, entered: bool, event: &segmenta::Event| {
        let on = event.at.format("%d").to_string().parse().unwrap();
        let number = event.segment[1..].parse::<usize>().ok()?;
        Some((on, number, ints(vec![key.clone()])[0], entered))
    };
    let mut found: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Entered { key, .. } => told(key, true, event),
            EventKind::Left { key, .. } => told(key, false, event),
            _ => None,
        })
        .collect();
    let mut expected: Vec<_> =
        model.events.iter().filter(|event| (first..=last).contains(&event.0)).copied().collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
    for key in &model.before {
        let story = store.customer_history(&Key::Int(*key)).unwrap();
        let own = expected.iter().filter(|event| event.2 == *key).count();
        let always = story.iter().filter(|event| event.segment == "always").count();
        assert_eq!(story.len() - always, own);
        for membership in store.customer(&Key::Int(*key)).unwrap() {
            let Ok(number) = membership.segment[1..].parse::<usize>() else { continue };
            let members = &model.known[number].as_ref().unwrap().members;
            assert_eq!(membership.member, members.contains(key));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_store_is_as_plain_maps_say(steps in proptest::collection::vec(step(), 1..40)) {
        let folder = Folder::new("model");
        let mut store = Store::open(folder.file(), &schema()).unwrap();
        let mut model = Model {
            forms: vec![Some(Form::Dynamic(2)), Some(Form::Static(3)), None],
            known: vec![None; SEGMENTS],
            ..Model::default()
        };
        let (mut on, mut first, mut keep) = (0, 1, 0);
        for step in steps {
            match step {
                Step::Put(key, n) => _ = model.customers.insert(key, n),
                Step::Delete(key) => _ = model.customers.remove(&key),
                Step::Rule(number, form) => model.forms[number] = form,
                Step::Refresh(chosen) if on < 28 => {
                    on += 1;
                    model.refresh(on, chosen);
                    let all: Vec<_> =
                        model.customers.iter().map(|(key, n)| (*key, Some(*n), None)).collect();
                    let mut engine = engine(&store, &model.rules(), &all);
                    if chosen == [true; SEGMENTS] {
                        store.refresh(&mut engine, day(on)).unwrap();
                    } else {
                        let chosen = (0..SEGMENTS)
                            .filter(|number| chosen[*number] && model.forms[*number].is_some())
                            .map(|number| format!("S{number}"))
                            .chain(["always".to_owned()]);
                        store.refresh_some(&mut engine, chosen, day(on)).unwrap();
                    }
                    if keep > 0 {
                        first = first.max((on + 1).saturating_sub(keep));
                    }
                    check(&store, &model, first, on);
                }
                Step::Refresh(_) => {}
                Step::Reopen => {
                    drop(store);
                    store = Store::open(folder.file(), &schema()).unwrap();
                }
                Step::Keep(refreshes) => {
                    keep = u32::try_from(refreshes).unwrap();
                    store.set_retention(std::num::NonZeroU64::new(refreshes)).unwrap();
                }
            }
        }
    }
}
