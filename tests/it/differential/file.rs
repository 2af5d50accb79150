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
    let scores = if world.rfm.is_some() { SCORES } else { "" };
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
{scores}"
    )
}

/// All that there is of scores, whatever else the rules ask for.
const SCORES: &str = "
partition recency { one when rfm.recency = 1, two when rfm.recency = 2, three when rfm.recency = 3, four when rfm.recency = 4 }
partition frequency { one when rfm.frequency = 1, two when rfm.frequency = 2, three when rfm.frequency = 3, four when rfm.frequency = 4 }
partition monetary { one when rfm.monetary = 1, two when rfm.monetary = 2, three when rfm.monetary = 3, four when rfm.monetary = 4 }
partition score { missing when rfm.score is null, low when rfm.score < '2', odd when rfm.score matches '[13579]$' }
";
