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

/// The variable that tells a child which store's bytes to flip, how many of them, and its share: which child it is, of
/// how many.
const FLIPS: &str = "SEGMENTA_TEST_FLIPS";
/// How many bytes of the larger store are flipped; `FLIPS=20000` for a campaign.
const SAMPLED: usize = 400;

/// All that can be asked of a store, or the error.
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

const EARLY: &str = "segment many { include n >= 3 pin in (3) } segment ended { include n >= 0 }
     static segment first \"First\" { include n >= 5 }";
const LATE: &str =
    "segment many { include n >= 4 } static segment first \"First\" { include n >= 5 }";

/// A small store in which there is something of everything.
pub(super) fn small(folder: &Folder) -> Vec<u8> {
    refreshed(folder, EARLY, &[(1, Some(3), None), (2, Some(5), None), (3, None, None)], 1);
    refreshed(folder, EARLY, &[(1, Some(6), None), (2, Some(1), None), (3, None, None)], 2);
    refreshed(folder, LATE, &[(1, Some(3), None), (2, Some(4), None)], 3);
    read_by_one(folder)
}

/// One of many pages, blocks and changes.
fn larger(folder: &Folder) -> Vec<u8> {
    for on in 1..=24 {
        let n = |id: i64| Some((id * 7 + i64::from(on) * (id % 5)) % 11);
        let customers: Vec<_> = (1..=9_000).map(|id| (id, n(id), None)).collect();
        refreshed(folder, if on < 12 { EARLY } else { LATE }, &customers, on);
    }
    read_by_one(folder)
}

fn read_by_one(folder: &Folder) -> Vec<u8> {
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    let second = store.events(segmenta::Position::START, 2).unwrap()[1].position;
    store.acknowledge("mail", second).unwrap();
    drop(store);
    std::fs::read(folder.file()).unwrap()
}

/// Places of bytes that are not zero, all of them or so many, and always the same ones.
fn places(whole: &[u8], most: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..whole.len()).filter(|place| whole[*place] != 0).collect();
    let mut state = 7_u64;
    while places.len() > most {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let chosen = usize::try_from(state >> 33).unwrap() % places.len();
        places.swap_remove(chosen);
    }
    places
}

/// Flips bytes, one at a time, and asks.
#[test]
fn child() {
    let Ok(told) = std::env::var(FLIPS) else { return };
    let told: Vec<usize> = told.split(',').map(|part| part.parse().unwrap()).collect();
    let [is_larger, most, own, children] = told[..] else { panic!("{told:?}") };
    let folder = Folder::in_memory(&format!("flips-{is_larger}"));
    let whole = if is_larger == 1 { larger(&folder) } else { small(&folder) };
    let expected =
        StoreReader::open(folder.file(), &schema()).and_then(|own| answers(&own)).unwrap();
    std::panic::set_hook(Box::new(|_| {}));
    for place in places(&whole, most).into_iter().skip(own).step_by(children) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        std::fs::write(folder.file(), &bytes).unwrap();
        let read = StoreReader::open(folder.file(), &schema()).and_then(|own| answers(&own));
        let written = Store::open(folder.file(), &schema()).and_then(|own| answers(&own));
        for (who, found) in [("reader", read), ("writer", written)] {
            match found {
                Ok(found) if found != expected => {
                    println!("byte {place} changes the answers of a {who}: {found}");
                    std::process::exit(1);
                }
                Ok(_) => {}
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
    println!("done");
}

/// In processes of their own, so that one that ended would be noticed.
fn flip(is_larger: bool, most: usize) {
    let children = std::thread::available_parallelism().map_or(1, usize::from);
    let children: Vec<_> = (0..children)
        .map(|own| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "store::damage::child", "--nocapture"])
                .env(FLIPS, format!("{},{most},{own},{children}", u8::from(is_larger)))
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("done"), "{said}{why}");
    }
}

#[test]
fn a_flipped_byte_is_an_error_or_changes_nothing() {
    flip(false, usize::MAX);
}

#[test]
fn so_it_is_in_a_larger_store() {
    flip(true, std::env::var("FLIPS").map_or(SAMPLED, |flips| flips.parse().unwrap()));
}
