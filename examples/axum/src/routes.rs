//! Questions and requests. Whatever asks the store or waits for the jobs blocks, and runs where tokio lets it.

use std::{collections::HashMap, fs};

use axum::{
    Json, Router,
    extract::{
        Path, Query, State,
        rejection::{QueryRejection, StringRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use segmenta::{Event, EventKind, JobState, Jobs, Key, Position, Rules, Severity, StoreReader};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::App;

/// What was not done: a status, and a body with a code for programs and a message for people.
pub(crate) struct Failure {
    status: StatusCode,
    code: String,
    message: String,
}

type Answer<T = Json<Value>> = Result<T, Failure>;

pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/segments", get(segments))
        .route("/segments/{name}/members", get(members))
        .route("/segments/{name}/form", post(form))
        .route("/customers/{key}", get(customer))
        .route("/events", get(events))
        .route("/events/{consumer}", post(acknowledge))
        .route("/rules", put(set_rules))
        .fallback(|| async { Failure::new(StatusCode::NOT_FOUND, "no_route", "no such route") })
        .with_state(app)
}

async fn segments(State(app): State<App>) -> Answer {
    blocking(app.jobs, |jobs| {
        // The store has segments once they were formed; names are the same without regard to case.
        let stored = jobs.reader().segments()?.into_iter();
        let sizes: HashMap<String, u64> =
            stored.map(|own| (own.name.to_ascii_lowercase(), own.members)).collect();
        let shown = jobs.statuses().into_iter().map(|status| {
            let (state, error) = state(&status.state);
            json!({
                "name": status.segment, "state": state, "error": error,
                "formed": status.formed, "due": status.due,
                "members": sizes.get(&status.segment.to_ascii_lowercase()),
            })
        });
        Ok(Json(shown.collect()))
    })
    .await
}

fn state(state: &JobState) -> (&'static str, Option<&str>) {
    match state {
        JobState::New => ("new", None),
        JobState::Queued { .. } => ("queued", None),
        JobState::Forming { .. } => ("forming", None),
        JobState::Ready { .. } => ("ready", None),
        JobState::Failed { error, .. } => ("failed", Some(error)),
        JobState::Inactive => ("inactive", None),
        _ => ("other", None),
    }
}

#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<usize>,
}

async fn members(
    State(app): State<App>,
    Path(name): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
) -> Answer {
    let Query(page) = page?;
    blocking(app.jobs, move |jobs| {
        let reader = jobs.reader();
        let after = page.after.map(|key| key_of(reader, key)).transpose()?;
        let keys = reader.members(&name)?;
        // A page begins behind a key, so that none is shown twice where members change between two pages.
        let from = after.map_or(0, |after| keys.partition_point(|key| *key <= after));
        let (_, rest) = keys.split_at(from);
        let shown = rest.split_at(limit(page.limit).min(rest.len())).0;
        let next = shown.last().filter(|_| shown.len() < rest.len());
        Ok(Json(json!({ "members": shown, "next": next })))
    })
    .await
}

async fn form(State(app): State<App>, Path(name): Path<String>) -> Answer<StatusCode> {
    blocking(app.jobs, move |jobs| {
        if jobs.status(&name).is_none() {
            let message = "the rules have no such segment";
            return Err(Failure::new(StatusCode::NOT_FOUND, "unknown_segment", message));
        }
        jobs.form([name])?;
        Ok(StatusCode::ACCEPTED)
    })
    .await
}

async fn customer(State(app): State<App>, Path(key): Path<String>) -> Answer {
    blocking(app.jobs, move |jobs| {
        let reader = jobs.reader();
        let found = reader.customer(&key_of(reader, key)?)?.into_iter().map(|own| {
            let (since, cause) = own.since.unzip();
            let cause = cause.map(|cause| cause.to_string());
            json!({ "segment": own.segment, "member": own.member, "since": since, "cause": cause })
        });
        Ok(Json(found.collect()))
    })
    .await
}

#[derive(Deserialize)]
struct Reading {
    consumer: String,
    limit: Option<usize>,
}

/// What the consumer has not acknowledged, the oldest first. It sees an event again until it acknowledges it.
async fn events(State(app): State<App>, reading: Result<Query<Reading>, QueryRejection>) -> Answer {
    let Query(reading) = reading?;
    blocking(app.jobs, move |jobs| {
        let position = jobs.reader().position(&reading.consumer)?;
        let found = jobs.reader().events(position, limit(reading.limit))?;
        Ok(Json(found.iter().map(shown).collect()))
    })
    .await
}

fn shown(event: &Event) -> Value {
    let (kind, own) = match &event.kind {
        EventKind::Entered { key, cause } => {
            ("entered", json!({ "customer": key, "cause": cause.to_string() }))
        }
        EventKind::Left { key, cause } => {
            ("left", json!({ "customer": key, "cause": cause.to_string() }))
        }
        EventKind::Formed { members } => ("formed", json!({ "members": members })),
        EventKind::Failed { why } => ("failed", json!({ "why": why })),
        _ => ("other", Value::Null),
    };
    let position = event.position.to_string();
    let (at, segment) = (event.at, &event.segment);
    json!({ "position": position, "at": at, "segment": segment, "kind": kind, "detail": own })
}

/// All up to and including a position is dealt with; an earlier position than before has events delivered again.
async fn acknowledge(
    State(app): State<App>,
    Path(consumer): Path<String>,
    text: Result<String, StringRejection>,
) -> Answer<StatusCode> {
    let position: Position = text?.parse().map_err(Failure::asked)?;
    blocking(app.jobs, move |jobs| {
        jobs.acknowledge(&consumer, position)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Other rules, as text. They are kept for the next start; segments that are new or edited are formed at once.
async fn set_rules(
    State(App { jobs, rules: file }): State<App>,
    text: Result<String, StringRejection>,
) -> Answer {
    let text = text?;
    blocking(jobs, move |jobs| {
        let rules = Rules::parse(jobs.reader().schema(), &text).map_err(Failure::of_rules)?;
        let shown: Vec<String> = rules.warnings().iter().map(ToString::to_string).collect();
        // One after the other, whoever else brings rules.
        jobs.with(move |engine| {
            let new = file.with_extension("new");
            fs::write(&new, text).and_then(|()| fs::rename(&new, &file)).map_err(Failure::own)?;
            Ok::<_, Failure>(engine.set_rules(rules)?)
        })??;
        Ok(Json(json!({ "warnings": shown })))
    })
    .await
}

async fn blocking<T: Send + 'static>(
    jobs: Jobs,
    work: impl FnOnce(&Jobs) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    spawn_blocking(move || work(&jobs)).await.map_err(Failure::own)?
}

fn limit(asked: Option<usize>) -> usize {
    asked.unwrap_or(100).clamp(1, 1000)
}

fn key_of(reader: &StoreReader, text: String) -> Answer<Key> {
    if reader.has_text_keys() {
        return Ok(text.into());
    }
    let number = text.parse::<i64>().map_err(|_| Failure::asked("customers' keys are numbers"))?;
    Ok(number.into())
}

impl Failure {
    fn new(status: StatusCode, code: &str, message: impl ToString) -> Self {
        Self { status, code: code.to_owned(), message: message.to_string() }
    }

    /// What was asked cannot be read.
    fn asked(why: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", why)
    }

    /// The first error's code, and all findings as they are shown on a terminal.
    fn of_rules(error: segmenta::Error) -> Self {
        let found = error.diagnostics().iter().find(|found| found.severity == Severity::Error);
        let code = found.map_or("bad_request", |found| found.code.as_str());
        Self::new(StatusCode::BAD_REQUEST, code, &error)
    }

    /// What went wrong here is for the log, and not for whoever asked.
    fn own(why: impl ToString) -> Self {
        eprintln!("{}", why.to_string());
        let message = "the answer could not be worked out; the log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl From<segmenta::Error> for Failure {
    fn from(error: segmenta::Error) -> Self {
        let Some(found) = error.diagnostics().first() else { return Self::own(&error) };
        let code = found.code.as_str();
        match code {
            "E1306" | "E1308" => Self::new(StatusCode::NOT_FOUND, code, &found.message),
            "E1307" => Self::new(StatusCode::GONE, code, &found.message),
            _ => Self { code: code.to_owned(), ..Self::own(&error) },
        }
    }
}

impl From<QueryRejection> for Failure {
    fn from(why: QueryRejection) -> Self {
        Self::new(why.status(), "bad_request", why.body_text())
    }
}

impl From<StringRejection> for Failure {
    fn from(why: StringRejection) -> Self {
        Self::new(why.status(), "bad_request", why.body_text())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "code": self.code, "message": self.message }))).into_response()
    }
}
