//! Members a page at a time.

use segmenta::{Key, Members, Schema, Snapshot, Value};

fn snapshot(ty: &str, keys: impl IntoIterator<Item = Value>) -> Snapshot {
    let schema =
        format!("timezone = 'UTC'\n[customers]\nkey = 'id'\n[customers.columns]\nid = '{ty}'\n");
    let mut data = Snapshot::builder(&Schema::from_toml(&schema).unwrap());
    for key in keys {
        data.push("customers", [("id", Some(key))]).unwrap();
    }
    data.build().unwrap()
}

/// All pages one after the other.
fn pages(members: &Members<'_>, most: usize) -> Vec<Vec<Key>> {
    let mut pages: Vec<Vec<Key>> = Vec::new();
    loop {
        let after = pages.last().and_then(|page| page.last());
        let page = members.page(after, most).keys();
        let is_last = page.len() < most;
        pages.push(page);
        if is_last {
            return pages;
        }
    }
}

#[test]
fn pages_are_the_keys_in_order() {
    let numbers = snapshot("int", (0..1_000).map(|n| Value::Int(n * 7 % 1_000 - 500)));
    let texts = snapshot("text", (0..1_000).map(|n| Value::Text(format!("c{}", n * 7 % 1_000))));
    for data in [numbers, texts] {
        let all = data.all();
        for most in [1, 3, 250, 999, 1_000, 5_000] {
            let pages = pages(&all, most);
            assert!(pages.iter().rev().skip(1).all(|page| page.len() == most));
            assert_eq!(pages.concat(), all.keys(), "{most}");
        }
        assert!(all.page(None, 0).is_empty());
    }
}

#[test]
fn a_page_is_after_a_key_whether_somebody_has_it_or_not() {
    let data = snapshot("int", [1, 5, 9].map(Value::Int));
    let page = |after: i64| data.all().page(Some(&after.into()), 2).keys();
    assert_eq!(page(i64::MIN), [1.into(), 5.into()]);
    assert_eq!(page(1), [5.into(), 9.into()]);
    assert_eq!(page(2), [5.into(), 9.into()]);
    assert_eq!(page(9), []);
    // Numbers come before texts.
    assert_eq!(data.all().page(Some(&"a".into()), 2).keys(), []);
    let texts = snapshot("text", ["a", "b"].map(|key| Value::Text(key.to_owned())));
    assert_eq!(texts.all().page(Some(&7.into()), 9).keys(), ["a".into(), "b".into()]);
}
