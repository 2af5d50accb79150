//! Segments, partitions and `let`s as config files hold them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap};

use super::{Condition, serial::several};
use crate::{rule::SegmentKind, value::Key};

/// All that one config file defines; a rule file in another form.
///
/// In TOML: tables `[[segment]]` and `[[partition]]`, a table `[let]` with one definition a line, and
/// `use = ['segmenta/behaviour']`. The order between them does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RulesDef {
    /// The files and libraries whose definitions are used, as behind `use`.
    #[serde(rename = "use", default, skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<String>,
    /// Named values, conditions and templates.
    #[serde(
        rename = "let",
        default,
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "write_lets",
        deserialize_with = "read_lets"
    )]
    pub lets: Vec<LetDef>,
    /// The segments.
    #[serde(rename = "segment", default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentDef>,
    /// The partitions.
    #[serde(rename = "partition", default, skip_serializing_if = "Vec::is_empty")]
    pub partitions: Vec<PartitionDef>,
}

/// One segment. Fields that are left out have the default that a `.seg` file has, and are not written.
///
/// It is displayed as the text of a rule file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SegmentDef {
    /// The name, unique without regard to case.
    pub name: String,
    /// A title for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Dynamic when left out.
    #[serde(default = "dynamic", skip_serializing_if = "is_dynamic")]
    pub kind: SegmentKind,
    /// Whether it keeps its last members instead of being calculated.
    #[serde(default, skip_serializing_if = "is_false")]
    pub inactive: bool,
    /// Who meets one of these is taken in; none: everyone, or nobody where `pin_in` is there. One condition may stand
    /// in place of a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "several")]
    pub include: Vec<Condition>,
    /// Who meets one of these is taken out.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "several")]
    pub exclude: Vec<Condition>,
    /// Customers who are in whatever the rules say. An empty list is refused: without an include it would mean nobody,
    /// and leaving it out means everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin_in: Option<Vec<Key>>,
    /// Customers who are out whatever the rules say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pin_out: Vec<Key>,
    /// As `analytics: …`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub analytics: bool,
    /// As `description: …`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// As `owner: …`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// As `labels: …`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// One partition: each customer is in the first part that fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PartitionDef {
    /// The name; parts are called `NAME.part`.
    pub name: String,
    /// A title for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The parts in their order.
    pub parts: Vec<PartDef>,
}

/// A part of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PartDef {
    /// The name in the partition.
    pub name: String,
    /// Left out in the last part, it means `otherwise`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
}

/// A `let`. In a config file it is a field whose key is what stands behind `let` (`paid`, `paid_within(n)`) and whose
/// value is the body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LetDef {
    /// The name.
    pub name: String,
    /// The parameters of a template.
    pub parameters: Vec<String>,
    /// A condition, or a value.
    pub body: Condition,
}

impl SegmentDef {
    /// A dynamic segment of everyone.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            title: None,
            kind: dynamic(),
            inactive: false,
            include: Vec::new(),
            exclude: Vec::new(),
            pin_in: None,
            pin_out: Vec::new(),
            analytics: false,
            description: None,
            owner: None,
            labels: Vec::new(),
        }
    }
}

/// With the number of pinned keys, not the keys.
impl fmt::Debug for SegmentDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentDef")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("inactive", &self.inactive)
            .field("include", &self.include)
            .field("exclude", &self.exclude)
            .field("pin_in", &self.pin_in.as_ref().map(Vec::len))
            .field("pin_out", &self.pin_out.len())
            .finish_non_exhaustive()
    }
}

impl PartitionDef {
    /// A partition of these parts.
    pub fn new(name: impl Into<String>, parts: impl IntoIterator<Item = PartDef>) -> Self {
        Self { name: name.into(), title: None, parts: parts.into_iter().collect() }
    }
}

impl PartDef {
    /// A part; without a condition it is the last, `otherwise`.
    pub fn new(name: impl Into<String>, when: Option<Condition>) -> Self {
        Self { name: name.into(), when }
    }
}

impl LetDef {
    /// A `let`; without parameters it is no template.
    pub fn new<P: Into<String>>(
        name: impl Into<String>,
        parameters: impl IntoIterator<Item = P>,
        body: Condition,
    ) -> Self {
        let parameters = parameters.into_iter().map(Into::into).collect();
        Self { name: name.into(), parameters, body }
    }
}

fn dynamic() -> SegmentKind {
    SegmentKind::Dynamic
}

fn is_dynamic(kind: &SegmentKind) -> bool {
    *kind == SegmentKind::Dynamic
}

fn is_false(value: &bool) -> bool {
    !value
}

fn write_lets<S: Serializer>(lets: &[LetDef], serializer: S) -> Result<S::Ok, S::Error> {
    let mut table = serializer.serialize_map(Some(lets.len()))?;
    for each in lets {
        table.serialize_entry(&super::seg::let_head(each), &each.body)?;
    }
    table.end()
}

fn read_lets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<LetDef>, D::Error> {
    struct Lets;

    impl<'de> serde::de::Visitor<'de> for Lets {
        type Value = Vec<LetDef>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of definitions")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut table: A,
        ) -> Result<Vec<LetDef>, A::Error> {
            let mut lets = Vec::new();
            while let Some(head) = table.next_key::<String>()? {
                let body = table.next_value()?;
                let read = super::seg::read_let_head(&head);
                let (name, parameters) = read.map_err(A::Error::custom)?;
                lets.push(LetDef { name, parameters, body });
            }
            Ok(lets)
        }
    }

    deserializer.deserialize_map(Lets)
}
