//! The routes, asked in process over a store in a temporary folder.

use std::{fs, num::NonZeroU64, path::PathBuf, sync::LazyLock, time::Instant};

use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use chrono::{DateTime, Utc};
use segmenta::Jobs;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{App, routes};

/// An evening just after the shop's data end, and on from there.
fn evening() -> DateTime<Utc> {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let elapsed = BEGUN.elapsed();
    "2011-12-10T20:00:00Z".parse::<DateTime<Utc>>().unwrap() + elapsed
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("segmenta-axum-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn open(&self) -> App {
        let app = App::open(&self.0, evening).unwrap();
        app.jobs.wait().unwrap();
        app
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn ask(app: &App, method: Method, uri: &str, body: impl Into<Body>) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(uri).body(body.into()).unwrap();
    let answer = routes::router(app.clone()).oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    (status, body)
}

async fn get(app: &App, uri: &str) -> Value {
    let (status, body) = ask(app, Method::GET, uri, "").await;
    assert_eq!(status, StatusCode::OK, "{uri}: {body}");
    body
}

async fn refused(app: &App, uri: &str) -> (u16, Value) {
    let (status, body) = ask(app, Method::GET, uri, "").await;
    (status.as_u16(), body["code"].clone())
}

async fn acknowledge(app: &App, consumer: &str, position: &Value) -> StatusCode {
    let position = position.as_str().unwrap().to_owned();
    ask(app, Method::POST, &format!("/events/{consumer}"), position).await.0
}

#[tokio::test]
async fn segments_are_formed_and_their_members_paged() {
    let folder = Folder::new("members");
    let app = folder.open();

    // The sizes are those of the table in the README of the crate.
    let segments = get(&app, "/segments").await;
    let found = segments.as_array().unwrap().iter();
    let found: Vec<Value> =
        found.map(|own| json!([own["name"], own["state"], own["members"]])).collect();
    let expected = [
        ("founders", 27),
        ("loyal", 34),
        ("returners", 13),
        ("gone_quiet", 47),
        ("cakestand", 34),
        ("christmas", 39),
        ("decorators_abroad", 8),
        ("anniversary_soon", 2),
    ];
    assert_eq!(found, expected.map(|(name, members)| json!([name, "ready", members])));
    // A static segment that is formed is not due; London has no summer time in December.
    assert_eq!(segments[0]["due"], Value::Null);
    assert_eq!(segments[1]["due"], "2011-12-11T03:00:00Z");

    let first = get(&app, "/segments/Christmas/members?limit=20").await;
    let after = first["next"].as_i64().unwrap();
    let second = get(&app, &format!("/segments/christmas/members?limit=20&after={after}")).await;
    assert_eq!(second["next"], Value::Null);
    let keys = |page: &Value| -> Vec<i64> {
        page["members"].as_array().unwrap().iter().map(|key| key.as_i64().unwrap()).collect()
    };
    let all = [keys(&first), keys(&second)].concat();
    assert_eq!((keys(&first).len(), all.len()), (20, 39));
    assert!(all.is_sorted_by(|a, b| a < b));

    assert_eq!(refused(&app, "/segments/chrismas/members").await, (404, json!("E1306")));
    let limit = refused(&app, "/segments/christmas/members?limit=many").await;
    assert_eq!(limit, (400, json!("bad_request")));
    assert_eq!(refused(&app, "/segment").await, (404, json!("no_route")));
}

#[tokio::test]
async fn a_segment_is_formed_when_it_is_asked_for() {
    let folder = Folder::new("form");
    let app = folder.open();
    let before = app.jobs.status("loyal").unwrap().formed;
    let (status, _) = ask(&app, Method::POST, "/segments/loyal/form", "").await;
    assert_eq!(status, StatusCode::ACCEPTED);
    app.jobs.wait().unwrap();
    assert!(app.jobs.status("loyal").unwrap().formed > before);
    let (status, body) = ask(&app, Method::POST, "/segments/royal/form", "").await;
    assert_eq!((status.as_u16(), &body["code"]), (404, &json!("unknown_segment")));
}

#[tokio::test]
async fn a_customer_is_in_segments() {
    let folder = Folder::new("customer");
    let app = folder.open();
    // The rules pin 12432 into one segment.
    let found = get(&app, "/customers/12432").await;
    let found = found.as_array().unwrap().iter();
    let pinned: Vec<&Value> = found.filter(|own| own["cause"] == "pinned").collect();
    assert_eq!(pinned.len(), 1);
    assert_eq!(
        (&pinned[0]["segment"], &pinned[0]["member"]),
        (&json!("decorators_abroad"), &json!(true))
    );
    assert_eq!(refused(&app, "/customers/1").await, (404, json!("E1308")));
    assert_eq!(refused(&app, "/customers/nobody").await, (400, json!("bad_request")));
}

#[tokio::test]
async fn events_come_until_they_are_acknowledged() {
    let folder = Folder::new("events");
    let app = folder.open();
    let first = get(&app, "/events?consumer=crm&limit=5").await;
    assert_eq!(first.as_array().unwrap().len(), 5);
    assert_eq!((&first[0]["kind"], &first[0]["segment"]), (&json!("entered"), &json!("founders")));
    assert_eq!(get(&app, "/events?consumer=crm&limit=5").await, first);

    assert_eq!(acknowledge(&app, "crm", &first[2]["position"]).await, StatusCode::NO_CONTENT);
    let next = get(&app, "/events?consumer=crm&limit=2").await;
    assert_eq!(next, json!([first[3], first[4]]));
    assert_eq!(get(&app, "/events?consumer=mail&limit=5").await, first);
    assert_eq!(acknowledge(&app, "crm", &json!("third")).await, StatusCode::BAD_REQUEST);

    // Two refreshes later only the last one is kept.
    let (mut store, engine) = app.jobs.stop().unwrap().unwrap();
    store.set_retention(NonZeroU64::new(1)).unwrap();
    let jobs = Jobs::builder(store, engine).start(evening).unwrap();
    for _ in 0..2 {
        jobs.form_all().unwrap();
        jobs.wait().unwrap();
    }
    let app = App { jobs, ..app };
    assert_eq!(refused(&app, "/events?consumer=crm").await, (410, json!("E1307")));
}

#[tokio::test]
async fn rules_are_taken_or_refused() {
    let folder = Folder::new("rules");
    let app = folder.open();
    let before = get(&app, "/segments").await;
    let wrong = "segment north { include contry in ('Norway', 'Sweden') }";
    let (status, body) = ask(&app, Method::PUT, "/rules", wrong).await;
    assert_eq!((status.as_u16(), &body["code"]), (400, &json!("E0201")));
    let message = body["message"].as_str().unwrap();
    assert!(message.contains("rules.seg:1:25") && message.contains("`country`"), "{message}");
    assert_eq!(get(&app, "/segments").await, before);

    let right = "segment north { include country in ('Norway', 'Sweden') }";
    let (status, body) = ask(&app, Method::PUT, "/rules", right).await;
    assert_eq!((status.as_u16(), &body["warnings"]), (200, &json!([])));
    app.jobs.wait().unwrap();
    let customers = include_str!("../../shop/customers.csv").lines();
    let north = customers.filter(|row| row.contains(",Norway,") || row.contains(",Sweden,"));
    let mut north: Vec<i64> =
        north.map(|row| row.split(',').next().unwrap().parse().unwrap()).collect();
    north.sort_unstable();
    assert!(!north.is_empty());
    assert_eq!(get(&app, "/segments/north/members").await["members"], json!(north));

    // Started again it goes on with them.
    app.jobs.stop().unwrap().unwrap();
    drop(app);
    let segments = get(&folder.open(), "/segments").await;
    assert_eq!(segments.as_array().unwrap().len(), 1);
    assert_eq!((&segments[0]["name"], &segments[0]["state"]), (&json!("north"), &json!("ready")));
}
