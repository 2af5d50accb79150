//! A webhook and a mailing list for each segment: who enters is told to another program and appended to a CSV file.
//!
//! It happens at least once. The consumer reads the events after its position, acts on them, and acknowledges them after
//! each batch; when it is started again it goes on from there. What a crash has it do twice is harmless, because each
//! event has its position with it: the receiver knows those it has dealt with, and the file the last one that it has.
//!
//! `cargo run --example notify --features store,toml,csv`

use std::{
    collections::{HashMap, hash_map::Entry},
    error::Error,
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use segmenta::{AsOf, Event, EventKind, Position, Rules, Schema, Store};
use serde_json::json;

type Done<T> = Result<T, Box<dyn Error>>;

const CONSUMER: &str = "mailing";
const BATCH: usize = 50;
const TIMEOUT: Duration = Duration::from_secs(5);
const HEADER: &str = "position,segment,customer,why\n";

fn main() -> Done<()> {
    let folder = std::env::temp_dir().join(format!("segmenta-notify-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let told = run(&folder);
    fs::remove_dir_all(&folder)?;
    told
}

fn run(folder: &Path) -> Done<()> {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let schema = Schema::from_toml(&fs::read_to_string(shop.join("segmenta.toml"))?)?;
    let rules = Rules::parse(&schema, &fs::read_to_string(shop.join("loyalty.seg"))?)?;
    let path = folder.join("segments.redb");
    let receiver = Receiver::start()?;

    let mut store = Store::open(&path, &schema)?;
    let mut data = store.snapshot()?;
    data.csv_file("customers", shop.join("customers.csv"))?;
    data.csv_file("orders", shop.join("orders.csv"))?;
    let mut engine = store.engine(rules, data.build()?)?;
    store.refresh(&mut engine, "2011-11-10".parse::<AsOf>()?)?;

    // The receiver answers the 60th request with 500. That batch is not acknowledged, and comes again.
    receiver.book().fail_at = 60;
    let mut consumer = Consumer::new(folder, receiver.address);
    let refused = consumer.run(&mut store).err().ok_or("the receiver fails once")?;
    println!("first attempt: {refused}");
    let first = store.events(Position::START, BATCH)?;
    assert_eq!(first.last().map(|event| event.position), Some(store.position(CONSUMER)?));
    println!("second attempt: {} customers", consumer.run(&mut store)?);
    check(folder, &store, &receiver)?;

    // A month later the process dies after ten events of a batch, in the middle of a row.
    store.refresh(&mut engine, "2011-12-10".parse::<AsOf>()?)?;
    let before = store.position(CONSUMER)?;
    let twice = consumer.act(&store.events(before, 10)?)?;
    OpenOptions::new().append(true).open(folder.join("loyal.csv"))?.write_all(b"2-99,loy")?;
    drop((consumer, engine, store));

    // The next one begins with that batch.
    let mut store = Store::open(&path, &schema)?;
    assert_eq!((store.position(CONSUMER)?, twice > 0), (before, true));
    let mut consumer = Consumer::new(folder, receiver.address);
    println!("after a crash: {} customers, {twice} of them again", consumer.run(&mut store)?);
    check(folder, &store, &receiver)?;
    assert_eq!(consumer.run(&mut store)?, 0);
    Ok(())
}

/// Whoever entered a segment, by its history, is in its list and was taken up by the receiver: once, in order.
fn check(folder: &Path, store: &Store, receiver: &Receiver) -> Done<()> {
    let mut all = 0;
    for segment in store.segments()? {
        let history = store.history(&segment.name)?;
        let entered: u64 = history.iter().map(|refresh| refresh.entered).sum();
        let list = fs::read_to_string(folder.join(format!("{}.csv", segment.name)))?;
        let rows = list.strip_prefix(HEADER).ok_or("a header")?.lines();
        let positions: Vec<Position> = rows.map(position_of).collect::<Result<_, _>>()?;
        assert_eq!(u64::try_from(positions.len())?, entered, "{}", segment.name);
        assert!(positions.is_sorted_by(|a, b| a < b), "{}", segment.name);
        println!("  {}: {entered} have entered, {} are in", segment.name, segment.members);
        all += entered;
    }
    let book = receiver.book();
    assert_eq!(u64::try_from(book.taken.len())?, all);
    println!("  the receiver took up {all} of {} requests", book.heard);
    Ok(())
}

/// Acts on events.
struct Consumer {
    folder: PathBuf,
    webhook: SocketAddr,
    /// By segment.
    lists: HashMap<String, List>,
}

impl Consumer {
    fn new(folder: &Path, webhook: SocketAddr) -> Self {
        Self { folder: folder.to_owned(), webhook, lists: HashMap::new() }
    }

    /// Deals with all there is, batch by batch, and tells how many customers have entered.
    fn run(&mut self, store: &mut Store) -> Done<usize> {
        let mut entered = 0;
        loop {
            let batch = store.events(store.position(CONSUMER)?, BATCH)?;
            let Some(last) = batch.last() else { return Ok(entered) };
            entered += self.act(&batch)?;
            store.acknowledge(CONSUMER, last.position)?;
        }
    }

    /// What has been done when it returns is on the disk, and with the receiver.
    fn act(&mut self, events: &[Event]) -> Done<usize> {
        let mut entered = 0;
        for event in events {
            let EventKind::Entered { key, cause } = &event.kind else { continue };
            let why = cause.to_string();
            let body = json!({ "segment": event.segment, "customer": key, "why": why });
            post(self.webhook, event.position, &body.to_string())?;
            let list = match self.lists.entry(event.segment.clone()) {
                Entry::Occupied(list) => list.into_mut(),
                Entry::Vacant(place) => {
                    let path = self.folder.join(format!("{}.csv", event.segment));
                    place.insert(List::open(&path)?)
                }
            };
            // Names of segments and these keys are free of commas and quotes.
            let row = format!("{},{},{key},{why}\n", event.position, event.segment);
            list.append(event.position, &row)?;
            entered += 1;
        }
        self.lists.values().try_for_each(|list| list.file.sync_data())?;
        Ok(entered)
    }
}

/// A file with a row for each who has entered, in the order of events.
struct List {
    file: File,
    /// What it has already.
    last: Position,
}

impl List {
    fn open(path: &Path) -> Done<Self> {
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        // A row that a crash has cut off comes again with its event.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(u64::try_from(whole)?)?;
        let last = match text.get(..whole).unwrap_or_default().lines().last() {
            Some(row) if row != HEADER.trim_end() => position_of(row)?,
            Some(_) => Position::START,
            None => {
                file.write_all(HEADER.as_bytes())?;
                Position::START
            }
        };
        Ok(Self { file, last })
    }

    fn append(&mut self, position: Position, row: &str) -> io::Result<()> {
        if position > self.last {
            self.file.write_all(row.as_bytes())?;
            self.last = position;
        }
        Ok(())
    }
}

fn position_of(row: &str) -> Result<Position, segmenta::InvalidPosition> {
    row.split(',').next().unwrap_or_default().parse()
}

/// Posts JSON; whatever is not answered with a status of success is an error.
fn post(to: SocketAddr, position: Position, body: &str) -> Done<()> {
    let mut stream = TcpStream::connect_timeout(&to, TIMEOUT)?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let request = format!(
        "POST /entered HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nIdempotency-Key: {position}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream.take(1024)).read_line(&mut answer)?;
    match answer.strip_prefix("HTTP/1.1 ").and_then(|status| status.get(..3)) {
        Some(status) if status.starts_with('2') => Ok(()),
        Some(status) => Err(format!("event {position}: the receiver answered {status}").into()),
        None => Err(format!("event {position}: the receiver gave no answer").into()),
    }
}

/// The other program, here on a thread. It takes up each event once, however often it hears of it.
struct Receiver {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
}

#[derive(Default)]
struct Book {
    /// So many requests came.
    heard: u64,
    /// The request that is answered with 500.
    fail_at: u64,
    /// Bodies, by what makes requests the same.
    taken: HashMap<String, Vec<u8>>,
}

impl Receiver {
    fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let receiver = Self { address: listener.local_addr()?, book: Arc::default() };
        let book = Arc::clone(&receiver.book);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if let Err(error) = stream.and_then(|stream| answer(stream, &book)) {
                    eprintln!("a request was cut off: {error}");
                }
            }
        });
        Ok(receiver)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(stream: TcpStream, book: &Mutex<Book>) -> io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let mut reader = BufReader::new(&stream);
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            // The line of the request has none; an empty one ends the head.
            if line.trim_end().is_empty() { break } else { continue }
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let length = headers.get("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.filter(|length| *length <= 65_536).ok_or_else(invalid)?];
    reader.read_exact(&mut body)?;
    let key = headers.remove("idempotency-key").ok_or_else(invalid)?;

    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
    book.heard += 1;
    let status = if book.heard == book.fail_at {
        "500 Internal Server Error"
    } else {
        // The same event says the same whenever it comes.
        let taken = book.taken.entry(key).or_insert_with(|| body.clone());
        if *taken == body { "204 No Content" } else { "409 Conflict" }
    };
    write!(&stream, "HTTP/1.1 {status}\r\nConnection: close\r\n\r\n")
}
