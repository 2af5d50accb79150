//! A file whose bytes are not those that were written.

use segmenta::{Store, StoreReader};

use super::{Folder, ints, refreshed, schema};

const RULES: &str = "segment many { include n >= 3 }";

#[test]
fn what_is_no_store_is_refused() {
    let folder = Folder::new("no-store");
    std::fs::write(folder.file(), "segment many { include n >= 3 }".repeat(1_000)).unwrap();
    for error in [
        Store::open(folder.file(), &schema()).err().unwrap(),
        StoreReader::open(folder.file(), &schema()).err().unwrap(),
    ] {
        assert_eq!(error.diagnostics()[0].code.as_str(), "E1302", "{error}");
        assert!(error.is_corrupt());
    }
    let missing = StoreReader::open(folder.0.join("none.redb"), &schema()).err().unwrap();
    assert!(missing.is_io());
}

#[test]
fn a_file_that_is_cut_is_refused() {
    let folder = Folder::new("cut");
    refreshed(&folder, RULES, &[(1, Some(3), None)], 1);
    let whole = std::fs::read(folder.file()).unwrap();
    for part in [1, 64, 4_096, whole.len() / 2, whole.len() - 1] {
        std::fs::write(folder.file(), &whole[..part]).unwrap();
        let members =
            StoreReader::open(folder.file(), &schema()).and_then(|own| own.members("many"));
        assert!(members.is_err() || members.is_ok_and(|members| ints(members) == [1]), "{part}");
    }
}

/// The variables that tell a child its store, and which of its bytes to flip: the first, and how many it steps on.
const FLIPS: &str = "SEGMENTA_TEST_FLIPS";

/// All that can be asked of a store, or the code of the error.
fn answers(store: &StoreReader) -> Result<String, segmenta::Error> {
    let mut all = format!("{:?}\n{:?}\n", store.as_of()?, store.segments()?);
    for segment in ["many", "first", "ended"] {
        all += &format!("{:?} {:?}\n", store.members(segment)?, store.history(segment)?);
        for on in 1..=4 {
            all += &format!("{:?}\n", store.members_at(segment, super::day(on))?);
        }
    }
    for key in 1..=3 {
        let key = segmenta::Key::Int(key);
        all += &format!("{:?} {:?}\n", store.customer(&key)?, store.customer_history(&key)?);
    }
    all += &format!("{:?}\n", store.events(segmenta::Position::START, usize::MAX)?);
    all += &format!("{:?}\n", store.position("mail")?);
    Ok(all)
}

/// A small store in which there is something of everything.
fn small(folder: &Folder) -> Vec<u8> {
    let early = "segment many { include n >= 3 pin in (3) } segment ended { include n >= 0 }
                 static segment first \"First\" { include n >= 5 }";
    let late = "segment many { include n >= 4 } static segment first \"First\" { include n >= 5 }";
    refreshed(folder, early, &[(1, Some(3), None), (2, Some(5), None), (3, None, None)], 1);
    refreshed(folder, early, &[(1, Some(6), None), (2, Some(1), None), (3, None, None)], 2);
    refreshed(folder, late, &[(1, Some(3), None), (2, Some(4), None)], 3);
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let second = store.events(segmenta::Position::START, 2).unwrap()[1].position;
    store.acknowledge("mail", second).unwrap();
    drop(store);
    std::fs::read(folder.file()).unwrap()
}

/// Flips bytes, one at a time, and asks.
#[test]
fn child() {
    let Ok(told) = std::env::var(FLIPS) else { return };
    let told: Vec<&str> = told.split(',').collect();
    let [path, first, step] = told[..] else { panic!("{told:?}") };
    let (first, step): (usize, usize) = (first.parse().unwrap(), step.parse().unwrap());
    std::panic::set_hook(Box::new(|_| {}));
    let whole = std::fs::read(path).unwrap();
    let expected = StoreReader::open(path, &schema()).and_then(|own| answers(&own)).unwrap();
    let folder = Folder::new(&format!("flips-{first}"));
    for place in (first..whole.len()).step_by(step).filter(|place| whole[*place] != 0) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        std::fs::write(folder.file(), &bytes).unwrap();
        let read = StoreReader::open(folder.file(), &schema()).and_then(|own| answers(&own));
        let written = Store::open(folder.file(), &schema()).and_then(|own| answers(&own));
        for found in [read, written] {
            match found {
                Ok(found) if found != expected => {
                    println!("byte {place} changes the answers");
                    std::process::exit(1);
                }
                Ok(_) => {}
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
    println!("done");
}

#[test]
fn a_flipped_byte_is_an_error_or_changes_nothing() {
    let folder = Folder::new("flipped");
    let whole = small(&folder);
    assert!(whole.iter().filter(|byte| **byte != 0).count() > 1_000);
    // All of them, by two children that take turns.
    let children: Vec<_> = (0..2)
        .map(|first| {
            let told = format!("{},{first},2", folder.file().display());
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "store::damage::child", "--nocapture"])
                .env(FLIPS, told)
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("done"), "{said}");
    }
}
