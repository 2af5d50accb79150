//! The format on disk, by files that earlier programs wrote.

use std::path::Path;

use segmenta::{Cause, Key, RoaringBitmap, Store, StoreReader};

use super::{Folder, damage::small, day, engine, ints, schema};

/// What the file of a version must answer, by hand from what [`small`] does.
fn check(store: &StoreReader) {
    let many = |on| ints(store.members_at("many", day(on)).unwrap());
    assert_eq!((many(1), many(2), many(3)), (vec![1, 2, 3], vec![1, 3], vec![2]));
    assert_eq!(ints(store.members("first").unwrap()), [2]);
    assert_eq!(ints(store.members("ended").unwrap()), [0_i64; 0]);
    assert_eq!(ints(store.members_at("ended", day(2)).unwrap()), [1, 2]);
    let sizes = |segment: &str| -> Vec<_> {
        let history = store.history(segment).unwrap().into_iter();
        history.map(|own| (own.members, own.entered, own.left)).collect()
    };
    assert_eq!(sizes("many"), [(3, 3, 0), (2, 0, 1), (1, 1, 2)]);
    assert_eq!(sizes("ended"), [(2, 2, 0), (2, 0, 0)]);
    let two = store.customer(&Key::Int(2)).unwrap();
    let since = "2026-11-03T22:59:59.999999Z".parse().unwrap();
    assert_eq!((two[1].member, two[1].since), (true, Some((since, Cause::RuleChanged))));
    assert_ne!(store.position("mail").unwrap(), segmenta::Position::START);
    assert_eq!(store.segments().unwrap()[0].title.as_deref(), Some("First"));
}

#[test]
fn a_file_of_version_1_is_read_and_goes_on() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores/1.redb");
    let folder = Folder::new("version-1");
    if !kept.exists() && std::env::var_os("BLESS").is_some() {
        std::fs::write(&kept, small(&folder)).unwrap();
    }
    std::fs::copy(&kept, folder.file()).unwrap();
    check(&StoreReader::open(folder.file(), &schema()).unwrap());
    let mut store = Store::open(folder.file(), &schema()).unwrap();
    check(&store);
    let rules = "segment many { include n >= 4 } static segment first { include n >= 5 }";
    let mut engine = engine(&store, rules, &[(2, Some(9), None), (4, Some(5), None)]);
    store.refresh(&mut engine, day(4)).unwrap();
    assert_eq!(ints(store.members("many").unwrap()), [2, 4]);
    // It was formed on the first day, and is not formed anew.
    assert_eq!(ints(store.members("first").unwrap()), [2]);
}

/// The bytes of a small store are those that the documentation says: the members of a segment, found by their seal.
#[test]
fn members_are_in_the_format_of_all_roaring_libraries() {
    let folder = Folder::new("bytes");
    super::refreshed(
        &folder,
        "segment many { include n >= 3 }",
        &[(7, Some(3), None), (9, Some(3), None)],
        1,
    );
    let bytes = std::fs::read(folder.file()).unwrap();
    // Cookie 12346, one container of key 0 with 2 values at offset 16: rows 0 and 1.
    let bitmap = [0x3a, 0x30, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 16, 0, 0, 0, 0, 0, 1, 0];
    let mut value = vec![20];
    value.extend_from_slice(&bitmap);
    let mut sealed = b"members\0\0\0\0\0".to_vec();
    sealed.extend_from_slice(&value);
    value.extend_from_slice(&crc32(&sealed).to_le_bytes());
    assert!(bytes.windows(value.len()).any(|window| window == value));
}

/// Files of pyroaring 1.2.0 hold what they say, and what is written here is byte for byte what it writes, so that each
/// reads the other's. `benches/peers/scripts/exchange.py` wrote them.
#[test]
fn roaring_files_are_exchanged_with_another_library() {
    let mut runs: RoaringBitmap = (10..70_000).chain(131_072..262_144).chain([u32::MAX]).collect();
    runs.optimize();
    let sets = [
        ("sparse", (0..1_000_000).step_by(97).collect()),
        ("dense", (0..300_000).filter(|row| row % 3 != 0).collect()),
        ("runs", runs),
    ];
    for (name, own) in sets {
        let file = format!("tests/stores/pyroaring-{name}.bin");
        let theirs = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        assert_eq!(RoaringBitmap::deserialize_from(&theirs[..]).unwrap(), own, "{name}");
        let mut bytes = Vec::new();
        own.serialize_into(&mut bytes).unwrap();
        assert!(bytes == theirs, "{name}");
    }
}

/// CRC-32 as IEEE 802.3 has it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}
