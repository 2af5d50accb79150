//! Storage that fails: a full disk, a write that is refused, power that is lost.

use std::{
    io,
    ops::Bound,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use segmenta::{
    Store,
    internals::{BackendError, FileBackend, StorageBackend, store_on},
};

use super::{Customer, Folder, day, engine, ints, schema};

/// How a disk fails.
#[derive(Debug, Clone, Copy)]
struct Fault {
    /// So many writes, changes of length and syncs succeed first.
    after: usize,
    /// So many fail then; the rest succeed.
    failing: usize,
    kind: io::ErrorKind,
}

/// A file on a disk that fails when it is told to.
#[derive(Debug)]
struct Disk {
    file: FileBackend,
    path: PathBuf,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl Disk {
    fn may(&self) -> io::Result<()> {
        let mut fault = self.fault.lock().unwrap();
        match &mut *fault {
            Some(Fault { after: 0, failing, kind }) if *failing > 0 => {
                *failing -= 1;
                Err(io::Error::new(*kind, "the disk fails"))
            }
            Some(fault) => {
                fault.after = fault.after.saturating_sub(1);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Where the file is kept as it would be found after a loss of power, at the worst: as it was at the last sync.
fn synced(path: &std::path::Path) -> PathBuf {
    path.with_extension("synced")
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.may()?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.may()?;
        self.file.sync_data()?;
        std::fs::copy(&self.path, synced(&self.path)).map(drop)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.may()?;
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(from, to)
    }

    fn try_lock_shared_range(
        &self,
        from: Bound<u64>,
        to: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(from, to)
    }

    fn lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(from, to)
    }

    fn lock_shared_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(from, to)
    }

    fn unlock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(from, to)
    }

    fn query_lock_range(&self, from: Bound<u64>, to: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(from, to)
    }
}

const RULES: &str = "
    segment many { include n >= 3 }
    static segment first { include n >= 5 }
";

/// Enough of them that a refresh writes some pages.
fn customers(on: u32) -> Vec<Customer> {
    (0..2_000).map(|id| (id, Some((id * 7 + i64::from(on) * 3) % 11), None)).collect()
}

fn members(on: u32) -> Vec<i64> {
    let all = customers(on).into_iter();
    all.filter(|(_, n, _)| n.unwrap() >= 3).map(|(id, ..)| id).collect()
}

/// A refresh during which the disk fails; whether it was noticed.
fn refresh_with(fault: Fault) -> bool {
    let folder = Folder::in_memory(&format!("faults-{}", fault.failing));
    let path = folder.file();
    super::refreshed(&folder, RULES, &customers(1), 1);
    std::fs::copy(&path, synced(&path)).unwrap();
    let told: Arc<Mutex<Option<Fault>>> = Arc::default();
    let disk = {
        let (path, told) = (path.clone(), told.clone());
        move || {
            let file = std::fs::File::options().read(true).write(true).open(&path).unwrap();
            let file = FileBackend::new(file).unwrap();
            Disk { file, path: path.clone(), fault: told.clone() }
        }
    };
    let mut store = store_on(disk, &path, &schema()).unwrap();
    let mut own = engine(&store, RULES, &customers(2));
    *told.lock().unwrap() = Some(fault);
    let refreshed = store.refresh(&mut own, day(2));
    let is_noticed = told.lock().unwrap().take().unwrap().failing < fault.failing;
    let power_lost = std::fs::read(synced(&path)).unwrap();
    match &refreshed {
        Ok(refresh) => assert_eq!(refresh.changes()[0].members, members(2).len() as u64),
        Err(error) => assert!(error.is_io(), "{fault:?}: {error}"),
    }
    // Whoever would have found the file after a loss of power.
    std::fs::write(path.with_extension("lost"), power_lost).unwrap();
    let lost = Store::open(path.with_extension("lost"), &schema()).unwrap();
    let found = ints(lost.members("many").unwrap());
    assert!(found == members(2) || refreshed.is_err() && found == members(1), "{fault:?}");
    drop(lost);
    // The disk has room again, and the same process goes on: by the same call where it failed.
    if refreshed.is_err() {
        let is_done = ints(store.members("many").unwrap()) == members(2);
        match store.refresh(&mut own, day(2)) {
            Ok(refresh) => assert!(!is_done && !refresh.changes()[0].is_empty(), "{fault:?}"),
            Err(error) => {
                assert!(is_done && error.diagnostics()[0].code.as_str() == "E1304", "{error}");
            }
        }
    }
    assert!(ints(store.members("many").unwrap()) == members(2), "{fault:?}");
    let mut own = engine(&store, RULES, &customers(3));
    store.refresh(&mut own, day(3)).unwrap();
    assert!(ints(store.members("many").unwrap()) == members(3), "{fault:?}");
    assert_eq!(store.history("many").unwrap().len(), 3);
    for on in 1..=3 {
        assert!(ints(store.members_at("many", day(on)).unwrap()) == members(on), "{fault:?}");
    }
    is_noticed
}

/// Every write of a refresh fails once, the next too, or all until there is room again.
fn each_write_fails(failing: usize, kind: io::ErrorKind) {
    let mut after = 0;
    while refresh_with(Fault { after, failing, kind }) {
        after += 1;
    }
    assert!(after > 5, "a refresh has more writes than {after}");
}

#[test]
fn a_write_that_fails_leaves_a_whole_refresh() {
    each_write_fails(1, io::ErrorKind::Other);
}

#[test]
fn a_full_disk_leaves_a_whole_refresh() {
    each_write_fails(usize::MAX, io::ErrorKind::StorageFull);
}
