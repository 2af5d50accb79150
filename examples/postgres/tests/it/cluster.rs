//! A server of the tests' own: a cluster in a temporary folder, reached by a socket in it and by nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    thread::sleep,
    time::{Duration, Instant},
};

use postgres::{Client, NoTls};

/// Stopped when the last test that asks something is over.
pub struct Cluster {
    folder: PathBuf,
    binaries: PathBuf,
}

/// A database of one test, with a folder for its files.
pub struct Database {
    pub client: Client,
    url: String,
    folder: PathBuf,
    cluster: Arc<Cluster>,
}

impl Cluster {
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Self::start());
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    fn start() -> Self {
        let binaries = binaries();
        let folder = done(as_server("mktemp").args(["-d", "/tmp/segmenta-postgres-XXXXXX"]));
        let cluster = Self { folder: folder.trim().into(), binaries };
        let data = cluster.folder.join("data");
        let settings =
            ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "-D"];
        done(cluster.server_program("initdb").args(settings).arg(&data));
        let options = format!("-k {} -c listen_addresses= -c fsync=off", cluster.folder.display());
        let log = cluster.folder.join("log");
        done(
            (cluster.server_program("pg_ctl").args(["start", "-w", "-s", "-o", &options, "-l"]))
                .arg(&log)
                .arg("-D")
                .arg(&data),
        );
        cluster
    }

    fn server_program(&self, name: &str) -> Command {
        as_server(self.binaries.join(name))
    }

    fn url(&self, database: &str) -> String {
        format!("postgresql:///{database}?user=postgres&host={}", self.folder.display())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let mut stop = self.server_program("pg_ctl");
        let _ = stop.args(["stop", "-s", "-m", "immediate", "-D"]).arg(data).output();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Database {
    pub fn new(name: &str) -> Self {
        let cluster = Cluster::shared();
        let mut first = Client::connect(&cluster.url("postgres"), NoTls).unwrap();
        first.batch_execute(&format!("CREATE DATABASE \"{name}\"")).unwrap();
        let url = cluster.url(name);
        let folder = std::env::temp_dir().join(format!("segmenta-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self { client: Client::connect(&url, NoTls).unwrap(), url, folder, cluster }
    }

    /// Runs a file of SQL as a developer would.
    pub fn psql(&self, file: &str) {
        let mut psql = Command::new(self.cluster.binaries.join("psql"));
        let home = env!("CARGO_MANIFEST_DIR");
        done(psql.current_dir(home).args(["-q", "-v", "ON_ERROR_STOP=1", "-f", file, &self.url]));
    }

    pub fn connect(&self) -> Client {
        Client::connect(&self.url, NoTls).unwrap()
    }

    /// The program, with these arguments.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_segmenta-postgres"));
        program.env("DATABASE_URL", &self.url).args(arguments);
        program.stdout(Stdio::piped()).stderr(Stdio::piped());
        program
    }

    /// The program, with a schema and rules that are written to files.
    pub fn with_rules(&self, schema: &str, rules: &str) -> Command {
        let file = |name: &str, text: &str| {
            let path = self.folder.join(name);
            fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (schema, rules) = (file("schema.toml", schema), file("rules.seg", rules));
        self.program(&["--as-of", "2026-11-01", &schema, &rules])
    }

    /// Waits until so many sessions of this database wait for a lock.
    pub fn wait_for_waiting(&mut self, sessions: i64) {
        let query = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        self.wait_until(query, sessions);
    }

    /// Waits until nobody but this client is in the database.
    pub fn wait_until_alone(&mut self) {
        let query = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()";
        self.wait_until(query, 0);
    }

    fn wait_until(&mut self, query: &str, expected: i64) {
        let begun = Instant::now();
        while self.client.query_one(query, &[]).unwrap().get::<_, i64>(0) != expected {
            assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {query}");
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What a program has printed, which must not have failed.
pub fn done(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    printed(output)
}

pub fn ended(child: Child) -> String {
    printed(child.wait_with_output().unwrap())
}

fn printed(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// What a program says when it fails, as it must.
pub fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

/// PostgreSQL does not run as root.
fn as_server(program: impl AsRef<Path>) -> Command {
    let user = Command::new("id").arg("-u").output().unwrap().stdout;
    let mut command = if user.trim_ascii() == b"0" {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program.as_ref());
        command
    } else {
        Command::new(program.as_ref())
    };
    // The server keeps what it is started with open, and would keep a reader of a pipe waiting.
    command.current_dir("/").stdin(Stdio::null());
    command
}

fn binaries() -> PathBuf {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.and_then(|output| String::from_utf8(output.stdout).ok());
    let mut folders: Vec<PathBuf> = told.map(|folder| folder.trim().into()).into_iter().collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    let found = folders.into_iter().find(|folder| folder.join("initdb").exists());
    found.expect("these tests need PostgreSQL (initdb, pg_ctl, psql): neither pg_config nor /usr/lib/postgresql has it")
}
