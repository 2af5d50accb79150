//! An engine whose data, day and rules change step by step, beside one that is given all data anew at every step.

use segmenta::{AsOf, Engine, Refresh, Rules, Schema};

use super::{
    choices::Choices,
    file::rule_file,
    model::{Given, Model, Row, instant},
    world::{self, DAYS, Kind, TIMES, World},
};

/// Whatever is done, members and events are those of a rebuild.
pub(crate) fn sequence(data: &[u8], rules: &[u8], steps: &[u8]) -> Result<(), String> {
    let world = World::random(&mut Choices::new(data));
    let mut run = Run::new(&world, rules)?;
    let c = &mut Choices::new(steps);
    for number in 0..1 + c.below(9) {
        let done = run.step(c);
        run.done.push(done.clone().unwrap_or_else(|problem| format!("fails: {problem}")));
        let checked = done.and_then(|_| run.check());
        checked.map_err(|problem| {
            let tables = run
                .model
                .tables
                .iter()
                .map(|table| format!("--- {}\n{}\n", table.name, lines(&table.rows)));
            format!(
                "step {number}: {problem}\nas of {}\n{}\n{}\n{}\n{}",
                run.as_of,
                run.done.join("\n"),
                world.schema,
                run.rules,
                tables.collect::<String>()
            )
        })?;
    }
    Ok(())
}

fn lines(rows: &[Row]) -> String {
    rows.iter().map(|row| row.join(",") + "\n").collect()
}

struct Run<'a> {
    world: &'a World,
    schema: Schema,
    model: Model,
    /// The one under test, and the one that is given everything anew.
    engine: Engine,
    other: Engine,
    rules: String,
    as_of: String,
    done: Vec<String>,
}

/// What a refresh said: by segment, who came and who went.
type Events = Vec<(String, Vec<segmenta::Key>, Vec<segmenta::Key>, u64)>;

fn events(refresh: &Refresh) -> Events {
    let changes = refresh.changes().iter();
    changes
        .map(|one| (one.segment.to_string(), one.entered_keys(), one.left_keys(), one.members))
        .collect()
}

fn text(e: impl std::fmt::Display) -> String {
    e.to_string()
}

impl<'a> Run<'a> {
    fn new(world: &'a World, rules: &[u8]) -> Result<Self, String> {
        let schema = Schema::from_toml(&world.schema).map_err(text)?;
        let model = Model::of(world);
        let rules = file(&mut Choices::new(rules), world);
        let parsed = || Rules::parse(&schema, &rules).map_err(text);
        let mut engine = Engine::new(parsed()?, model.snapshot(&schema)).map_err(text)?;
        let mut other = Engine::new(parsed()?, model.snapshot(&schema)).map_err(text)?;
        let as_of = world.as_of.clone();
        for engine in [&mut engine, &mut other] {
            engine.refresh(moment(&as_of)).map_err(text)?;
        }
        Ok(Self { world, schema, model, engine, other, rules, as_of, done: Vec::new() })
    }

    fn step(&mut self, c: &mut Choices<'_>) -> Result<String, String> {
        match c.below(12) {
            0..=5 => self.apply(c),
            6..=8 => {
                self.as_of = day(c);
                let found = self.engine.advance(moment(&self.as_of)).map_err(text)?;
                let done = format!("advance to {}", self.as_of);
                self.compare(&found).map_err(|problem| format!("{problem}\n{done}")).map(|()| done)
            }
            9 => self.one(c),
            10 => {
                self.as_of = day(c);
                let found = self.engine.refresh(moment(&self.as_of)).map_err(text)?;
                self.compare(&found).map(|()| format!("refresh at {}", self.as_of))
            }
            _ => self.replace_rules(c),
        }
    }

    fn apply(&mut self, c: &mut Choices<'_>) -> Result<String, String> {
        let given = changes(c, self.world, &self.model);
        let changes = self.model.write(&given, self.engine.changes());
        self.model.change(&given);
        let found = self.engine.apply(changes).map_err(text)?;
        let done = format!("apply {given:?}");
        self.compare(&found).map_err(|problem| format!("{problem}\n{done}")).map(|()| done)
    }

    /// New data for both, and one customer before all others.
    fn one(&mut self, c: &mut Choices<'_>) -> Result<String, String> {
        let given = changes(c, self.world, &self.model);
        let is_loaded = c.one_in(2);
        if is_loaded {
            self.model.change(&given);
            let next = self.model.fill(self.engine.snapshot().next());
            self.engine.load(next).map_err(text)?;
        }
        let Some(customer) = self.model.tables[0].rows.first().map(|row| row[0].clone()) else {
            self.engine.refresh(moment(&self.as_of)).map_err(text)?;
            self.follow()?;
            return Ok("nobody".to_owned());
        };
        let key = self.model.key(true, &customer);
        let found = self.engine.evaluate_one(key.clone()).map_err(text)?;
        for (segment, entered, left, _) in events(&found) {
            let only = [&entered, &left].into_iter().flatten().all(|one| *one == key);
            if !only || !(is_loaded || entered.is_empty() && left.is_empty()) {
                return Err(format!("`{segment}`: entered {entered:?}, left {left:?}"));
            }
        }
        self.engine.refresh(moment(&self.as_of)).map_err(text)?;
        self.follow()?;
        Ok(format!("evaluate {customer} alone, loaded before: {is_loaded}, {given:?}"))
    }

    fn replace_rules(&mut self, c: &mut Choices<'_>) -> Result<String, String> {
        let bytes: Vec<u8> = (0..60).map(|_| u8::try_from(c.below(256)).unwrap()).collect();
        self.rules = file(&mut Choices::new(&bytes), self.world);
        for engine in [&mut self.engine, &mut self.other] {
            let rules = Rules::parse(&self.schema, &self.rules).map_err(text)?;
            engine.set_rules(rules).map_err(text)?;
        }
        let found = match c.below(2) {
            0 => self.engine.refresh(moment(&self.as_of)).map_err(text)?,
            _ => self.engine.advance(moment(&self.as_of)).map_err(text)?,
        };
        self.compare(&found).map(|()| "other rules".to_owned())
    }

    /// Gives the other engine the data as they are now, and compares what it says.
    fn compare(&mut self, found: &Refresh) -> Result<(), String> {
        let expected = self.follow()?;
        let failed = |refresh: &Refresh| {
            refresh.failures().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        if failed(found) != failed(&expected) {
            return Err(format!("{:?} fail, not {:?}", failed(found), failed(&expected)));
        }
        for (found, expected) in events(found).into_iter().zip(events(&expected)) {
            if found != expected {
                return Err(format!("events {found:?} instead of {expected:?}"));
            }
        }
        Ok(())
    }

    fn follow(&mut self) -> Result<Refresh, String> {
        let next = self.model.fill(self.other.snapshot().next());
        self.other.load(next).map_err(text)?;
        self.other.refresh(moment(&self.as_of)).map_err(text)
    }

    fn check(&self) -> Result<(), String> {
        let (own, other) = (self.engine.snapshot(), self.other.snapshot());
        for table in &self.model.tables {
            if own.rows(table.name) != other.rows(table.name) {
                let rows = (own.rows(table.name), other.rows(table.name));
                return Err(format!("`{}` has {:?} rows, not {:?}", table.name, rows.0, rows.1));
            }
        }
        for segment in self.engine.rules().segments() {
            let name = segment.name();
            let (own, other) = (self.engine.keys(name), self.other.keys(name));
            if own != other {
                return Err(format!("`{name}` has {own:?}, not {other:?}"));
            }
        }
        let as_of = moment(&self.as_of);
        let own = self.engine.evaluate(as_of).map_err(text)?;
        let reference = self.engine.evaluate_reference(as_of).map_err(text)?;
        let other = self.other.evaluate(as_of).map_err(text)?;
        for (name, _) in other.segments() {
            let (own, reference) = (own.keys(name), reference.keys(name));
            if own != other.keys(name) || reference != other.keys(name) {
                let other = other.keys(name);
                return Err(format!("`{name}`: {own:?}, by row {reference:?}, not {other:?}"));
            }
        }
        Ok(())
    }
}

fn file(c: &mut Choices<'_>, world: &World) -> String {
    let file = rule_file(c, world);
    let pin = if world.text_keys { "('k2', 'k4')" } else { "(2, 4)" };
    format!(
        "{file}
static segment formed {{ include in segment a pin out {pin} }}
segment reads_formed {{ include in segment formed include in segment in_other_words }}
"
    )
}

fn moment(as_of: &str) -> AsOf {
    as_of.parse().expect("a moment")
}

fn day(c: &mut Choices<'_>) -> String {
    let day = c.of(&DAYS[..17]);
    match c.below(3) {
        0 => day.to_owned(),
        1 => format!("{day}T{}", c.of(TIMES)),
        _ => format!("{day}T{}Z", c.of(TIMES)),
    }
}

/// Changes that are free of errors.
fn changes(c: &mut Choices<'_>, world: &World, model: &Model) -> Given {
    let mut given = Given::default();
    let keys = |at: usize| -> Vec<String> {
        model.tables[at].rows.iter().map(|row| row[0].clone()).collect()
    };
    let some = |c: &mut Choices<'_>, keys: &[String]| {
        (!keys.is_empty()).then(|| keys[c.below(keys.len().min(256))].clone())
    };
    for _ in 0..c.below(3) {
        let at = c.below(4);
        if let Some(key) = some(c, &keys(at)) {
            given.deleted.push((at, key));
        }
    }
    if c.one_in(4)
        && let Some(customer) = some(c, &keys(0))
    {
        given.cleared.push((1 + c.below(3), customer));
    }
    // What is there to hang on, once deletions are done.
    let mut rest = Model::of(world);
    for (table, now) in rest.tables.iter_mut().zip(&model.tables) {
        table.rows.clone_from(&now.rows);
    }
    rest.change(&given);
    for _ in 0..1 + c.below(5) {
        let at = [0, 1, 1, 2, 3, 4, 5][c.below(7)];
        let known: Vec<String> = rest.tables[at].rows.iter().map(|row| row[0].clone()).collect();
        let is_text = at == 0 && world.text_keys;
        let new = format!("{}{}", if is_text { "k" } else { "" }, 100 + c.below(20));
        let key = match c.below(2) {
            0 if at < 4 => Some(new),
            _ => some(c, &known),
        };
        let Some(key) = key else { continue };
        if given.rows.iter().any(|(table, row)| *table == at && row[0] == key) {
            continue;
        }
        let mut row = vec![key];
        if let Some(parent) = model.tables[at].parent {
            let above: Vec<String> =
                rest.tables[parent].rows.iter().map(|row| row[0].clone()).collect();
            let Some(link) = some(c, &above) else { continue };
            row.push(link);
        }
        for column in &world.tables[at].columns {
            let field = world::field(c, column);
            let is_time = at == 1 && column.name == "at" && column.kind == Kind::DateTime;
            row.push(if is_time { instant(&field) } else { field });
        }
        given.rows.push((at, row.clone()));
        rest.change(&Given { rows: vec![(at, row)], ..Given::default() });
    }
    given
}
