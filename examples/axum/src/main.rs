//! A backend that keeps segments: [`Jobs`] form them on a thread of their own, axum answers under tokio. The data are the
//! shop's of `examples/shop`.
//!
//! `cargo run --manifest-path examples/axum/Cargo.toml [FOLDER]`; the store and the rules are kept in the folder, by
//! default `segments`. It listens on 127.0.0.1:3000, and knows no users: who asks is for what stands before it.

mod routes;
#[cfg(test)]
mod tests;

use std::{error::Error, fs, path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use segmenta::{Jobs, Rules, Schema, Store};
use tokio::{net::TcpListener, task::spawn_blocking};

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What every request has at hand.
#[derive(Clone)]
struct App {
    jobs: Jobs,
    /// Where rules are kept that `PUT /rules` has brought.
    rules: Arc<Path>,
}

#[tokio::main]
async fn main() -> Done<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "segments".to_owned());
    let app = spawn_blocking(move || App::open(Path::new(&folder), Utc::now)).await??;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let router = routes::router(app.clone());
    axum::serve(listener, router).with_graceful_shutdown(told_to_end()).await?;
    // A formation under way is given up; the store stays as it was before it.
    spawn_blocking(move || app.jobs.stop()).await??;
    Ok(())
}

/// Ctrl-C, or what a service manager sends.
async fn told_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! { _ = interrupted => {}, _ = term.recv() => {} }
        return;
    }
    // Without a handler there is nothing to wait for.
    if interrupted.await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl App {
    /// Goes on where the store in the folder ended. Dynamic segments are formed at night, static ones and new ones at
    /// once.
    fn open(
        folder: &Path,
        clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Done<Self> {
        fs::create_dir_all(folder)?;
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shop");
        let schema = Schema::from_toml(&fs::read_to_string(shop.join("segmenta.toml"))?)?;

        let own = folder.join("rules.seg");
        let files = if own.exists() {
            vec![own.clone()]
        } else {
            vec![shop.join("loyalty.seg"), shop.join("seasons.seg")]
        };
        let mut rules = Rules::builder(&schema);
        for file in files {
            rules = rules.file(file.to_string_lossy(), fs::read_to_string(&file)?);
        }

        let store = Store::open(folder.join("segments.redb"), &schema)?;
        let mut data = store.snapshot()?;
        data.csv_file("customers", shop.join("customers.csv"))?;
        data.csv_file("orders", shop.join("orders.csv"))?;
        data.csv_file("items", shop.join("items.csv.gz"))?;
        data.csv_file("products", shop.join("products.csv"))?;
        let engine = store.engine(rules.build()?, data.build()?)?;

        let jobs = Jobs::builder(store, engine).schedule("daily at 03:00".parse()?).start(clock)?;
        Ok(Self { jobs, rules: own.into() })
    }
}
