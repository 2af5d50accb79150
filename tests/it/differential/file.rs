//! A random rule file whose segments are combinations of two conditions.

use super::{
    choices::Choices,
    definitions,
    rules::{self, Scope},
    world::World,
};

pub(super) fn rule_file(c: &mut Choices<'_>, world: &World) -> String {
    let mut scope = Scope::of_customers(world);
    let definitions = definitions::define(c, &mut scope);
    let a = rules::condition(c, &scope, 3);
    let b = rules::condition(c, &scope, 2);
    scope.segments = vec!["a", "b", "everyone", "including", "split.next"];
    let d = rules::condition(c, &scope, 2);
    let pin = if world.text_keys { "('k1', 'k3')" } else { "(1, 3)" };
    let out = if world.text_keys { "('k2')" } else { "(2)" };
    format!(
        "{definitions}let body = {a}
segment everyone 'All of them' {{ analytics: true labels: ('x', \"y\",) description: 'who there is\\n' }}
dynamic segment a {{ include {a} }}
segment b {{ include {b} }}
segment not_a {{ include not ({a}) }}
segment a_or_b {{ include ({a}) or ({b}) }}
segment a_and_b {{ include ({a}) and ({b}) }}
segment a_without_b {{ include ({a}) and not ({b}) }}
segment including {{ include {a} include {b} }}
segment excluding {{ include {a} exclude {b} }}
segment by_let {{ include body }}
static inactive segment in_other_words 'Like A' {{ owner: 'me' # a note
  include
    ({a}) pin in {pin} pin out {out} }}
segment chain {{ include ({a}) and ({b}) and not ({a}) }}
let both = ({a}) and ({b})
segment chain_of_lets {{ include both and not body }}
partition split {{ first when {a}, next when {b}, rest otherwise }}
segment d {{ include {d} }}
segment pinned {{ include in segment d exclude {b} pin in {pin} pin out {out} }}
"
    )
}
