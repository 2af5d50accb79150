//! Rules that do not stand in `.seg` files: conditions and segments in TOML, YAML or JSON, trees for rule builders, and
//! the queries of react-querybuilder.
//!
//! [`Condition`] and [`RulesDef`] are read and written through serde, from any format that describes itself: TOML,
//! YAML, JSON, CBOR and the like. Formats that need to know beforehand what comes (bincode, postcard) cannot hold them;
//! put a condition's text there. What each field means: [`docs::config`](crate::docs::config).
//!
//! ```
//! use segmenta::{Rules, Schema, Type, config::RulesDef};
//!
//! let schema = Schema::builder()
//!     .customers("id").column("id", Type::Int).column("country", Type::Text).column("points", Type::Int)
//!     .build()?;
//!
//! let definitions: RulesDef = toml::from_str(r#"
//!     [[segment]]
//!     name = "nordic"
//!     include = [{ all_of = ["country in ('SE', 'NO')", "points >= 10"] }]
//! "#)?;
//! let rules = Rules::builder(&schema).definitions("shop.toml", definitions).build()?;
//! assert_eq!(rules.segments().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod condition;
mod data;
mod definitions;
mod node;
mod outline;
mod query;
mod seg;
mod serial;
mod tree;

pub use self::{
    definitions::{LetDef, PartDef, PartitionDef, RulesDef, SegmentDef},
    query::Query,
    tree::Tree,
};

/// One condition as it is written, before any name or type in it is known.
///
/// It is read from text (`"country = 'SE'"`), or through serde from a text or from a table that joins conditions:
/// `{ all_of = […] }`, `{ any_of = […] }`, `{ none_of = […] }`, `{ at_least = 2, of = […] }`, and likewise `at_most`
/// and `exactly`; they nest. Serde writes the same shape and the same text again. It is displayed in canonical layout
/// on one line, and two conditions are equal when that text is.
///
/// ```
/// use segmenta::config::Condition;
///
/// let condition: Condition = "country='SE'".parse()?;
/// assert_eq!(condition.to_string(), "country = 'SE'");
/// let table: Condition = serde_json::from_str(r#"{"any_of": ["country = 'SE'", "vip"]}"#)?;
/// assert_eq!(table.to_string(), "any of (country = 'SE', vip)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Condition {
    form: Form,
}

/// INVARIANT: every text parses, and all of it together nests no deeper than a rule may.
#[derive(Clone)]
enum Form {
    /// As it was written.
    Text(String),
    Table {
        join: Join,
        of: Vec<Condition>,
    },
}

/// How a table joins its conditions.
#[derive(Debug, Clone, PartialEq)]
enum Join {
    All,
    Any,
    None,
    AtLeast(Count),
    AtMost(Count),
    Exactly(Count),
}

/// A number, or the name of a `let` that stands for one.
#[derive(Debug, Clone, PartialEq)]
enum Count {
    Number(u64),
    Name(String),
}
