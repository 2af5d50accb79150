//! The JSON form of a condition's tree.

mod leaf;
mod place;
mod read;
#[cfg(test)]
mod tests;
mod words;
mod write;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

use super::{
    Condition,
    data::Data,
    node::{Node, Problems},
    serial::one_line,
};
use crate::{
    diagnostic::{Code, Span},
    error::{Error, Result},
    limits::{Limits, with_room_for},
    syntax::{
        print_expr,
        tree::{Expr, ExprKind},
    },
};

/// A condition in the form that programs take apart and put together: serde reads and writes it as tables like
/// `{"op": "and", "of": […]}`, field by field as [`docs::config`](crate::docs::config) says. The form is stable.
///
/// ```
/// use segmenta::config::{Condition, Tree};
///
/// let condition: Condition = "country = 'SE' and score >= 10.50".parse()?;
/// let json = serde_json::to_value(condition.tree())?;
/// assert_eq!(json["of"][1]["right"], serde_json::json!({ "number": "10.50" }));
///
/// let tree: Tree = serde_json::from_value(json)?;
/// assert_eq!(Condition::from(tree), condition);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Tree {
    condition: Condition,
}

impl Tree {
    pub(super) fn new(condition: Condition) -> Self {
        Self { condition }
    }

    fn read(data: &Data) -> Result<Self> {
        with_room_for(data.levels(), || {
            let mut problems = Problems::default();
            let root = Node::root(data, "tree");
            let read = read::Reader { problems: &mut problems }.expr(&root);
            match read.filter(|_| problems.is_empty()) {
                // The limits of a text hold for a tree as well.
                Some(expr) => Ok(Self::new(print_expr(&expr).parse()?)),
                None => Err(problems.into_error()),
            }
        })
    }
}

impl From<Tree> for Condition {
    fn from(tree: Tree) -> Self {
        tree.condition
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = self.condition.with_expr(|expr| {
            let written = write::write(expr);
            (!written.is_too_deep()).then_some(written)
        });
        let too_deep = || {
            let (code, limit) = (Code::NestedTooDeep, Limits::default().nesting);
            S::Error::custom(format!("{code}: nested more than {limit} deep"))
        };
        written.ok_or_else(too_deep)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Data::deserialize(deserializer)?;
        Self::read(&data).map_err(|error: Error| D::Error::custom(one_line(&error)))
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tree").field(&self.condition).finish()
    }
}

fn unplaced(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::NONE }
}
