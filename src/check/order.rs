//! In what order things that refer to each other come, and which do so in a circle: segments and files. They are known
//! by their index.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use crate::diagnostic::Span;

/// Of these each refers to the next and the last to the first; the first has the lowest index.
pub(super) struct Circle {
    pub(super) indexes: Vec<usize>,
    /// Where the first refers to the second.
    pub(super) span: Span,
}

/// What each refers to, and where.
type Edges = [Vec<(usize, Span)>];

/// Each after those it refers to, the lowest index first among free ones; and one circle of each group of those that all
/// reach each other. What lies on or behind a circle is not in the order.
pub(super) fn order(edges: &Edges) -> (Vec<usize>, Vec<Circle>) {
    let (mut waits, users) = dependencies(edges);
    let mut free: BinaryHeap<Reverse<usize>> = (0..)
        .zip(&waits)
        .filter(|(_, waits)| **waits == 0)
        .map(|(index, _)| Reverse(index))
        .collect();
    let mut order = Vec::with_capacity(edges.len());
    while let Some(Reverse(next)) = free.pop() {
        order.push(next);
        for user in users.get(next).into_iter().flatten() {
            if let Some(waiting) = waits.get_mut(*user) {
                *waiting -= 1;
                if *waiting == 0 {
                    free.push(Reverse(*user));
                }
            }
        }
    }
    let circles = if order.len() < edges.len() { circles(edges, &waits) } else { Vec::new() };
    (order, circles)
}

/// How many references each waits for, and who waits for it.
fn dependencies(edges: &Edges) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut users = vec![Vec::new(); edges.len()];
    for (user, references) in edges.iter().enumerate() {
        for (used, _) in references {
            if let Some(users) = users.get_mut(*used) {
                users.push(user);
            }
        }
    }
    (edges.iter().map(Vec::len).collect(), users)
}

/// One circle of each group; only those that still wait can lie on one.
fn circles(edges: &Edges, waits: &[usize]) -> Vec<Circle> {
    let group = groups(edges, waits);
    let mut done = vec![false; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        let here = group.get(start).copied().flatten();
        let Some(here) = here.filter(|here| done.get(*here) == Some(&false)) else { continue };
        if let Some(circle) = shortest(edges, &group, start) {
            found.push(circle);
            if let Some(done) = done.get_mut(here) {
                *done = true;
            }
        }
    }
    found
}

/// The shortest way from `start` back to itself inside its group.
fn shortest(edges: &Edges, group: &[Option<usize>], start: usize) -> Option<Circle> {
    let here = group.get(start).copied().flatten()?;
    let mut from: std::collections::HashMap<usize, (usize, Span)> = Default::default();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for (next, span) in edges.get(at).into_iter().flatten() {
            let next = *next;
            if next == start {
                return Some(traced(&from, start, at, *span));
            }
            if group.get(next).copied().flatten() == Some(here) && !from.contains_key(&next) {
                from.insert(next, (at, *span));
                queue.push_back(next);
            }
        }
    }
    None
}

fn traced(
    from: &std::collections::HashMap<usize, (usize, Span)>,
    start: usize,
    last: usize,
    closing: Span,
) -> Circle {
    let (mut indexes, mut span, mut at) = (vec![last], closing, last);
    while at != start {
        let Some((before, edge)) = from.get(&at) else { break };
        (at, span) = (*before, *edge);
        indexes.push(at);
    }
    indexes.reverse();
    Circle { indexes, span }
}

/// Which reach each other (Tarjan's strongly connected components, with a stack of our own).
fn groups(edges: &Edges, waits: &[usize]) -> Vec<Option<usize>> {
    let mut search = Search {
        edges,
        number: vec![None; edges.len()],
        low: vec![0; edges.len()],
        group: vec![None; edges.len()],
        open: Vec::new(),
        visited: 0,
        groups: 0,
    };
    for start in (0..edges.len()).filter(|start| waits.get(*start).is_some_and(|waits| *waits > 0))
    {
        search.from(start);
    }
    search.group
}

struct Search<'e> {
    edges: &'e Edges,
    /// The order in which they were reached.
    number: Vec<Option<usize>>,
    /// The lowest number that is reached from here.
    low: Vec<usize>,
    group: Vec<Option<usize>>,
    /// Reached, but in no group yet.
    open: Vec<usize>,
    visited: usize,
    groups: usize,
}

// INVARIANT: every index is of something that has references, and all vectors have one element for each.
#[expect(clippy::indexing_slicing, reason = "all vectors have one element for each index")]
impl Search<'_> {
    fn from(&mut self, start: usize) {
        if self.number[start].is_some() {
            return;
        }
        let mut path = vec![(start, 0_usize)];
        self.reach(start);
        while let Some((at, edge)) = path.pop() {
            let Some((next, _)) = self.edges[at].get(edge) else {
                self.leave(at);
                if let Some((above, _)) = path.last() {
                    self.low[*above] = self.low[*above].min(self.low[at]);
                }
                continue;
            };
            path.push((at, edge + 1));
            let next = *next;
            match self.number[next] {
                None => {
                    self.reach(next);
                    path.push((next, 0));
                }
                Some(number) if self.group[next].is_none() => {
                    self.low[at] = self.low[at].min(number);
                }
                Some(_) => {}
            }
        }
    }

    fn reach(&mut self, at: usize) {
        self.number[at] = Some(self.visited);
        self.low[at] = self.visited;
        self.visited += 1;
        self.open.push(at);
    }

    /// Closes the group whose first one this is.
    fn leave(&mut self, at: usize) {
        if self.number[at] != Some(self.low[at]) {
            return;
        }
        while let Some(member) = self.open.pop() {
            self.group[member] = Some(self.groups);
            if member == at {
                break;
            }
        }
        self.groups += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Circle, order};
    use crate::diagnostic::Span;

    fn edges(references: &[&[usize]]) -> Vec<Vec<(usize, Span)>> {
        let edge = |to: &usize| (*to, Span::NONE);
        references.iter().map(|list| list.iter().map(edge).collect()).collect()
    }

    fn of(circles: &[Circle]) -> Vec<Vec<usize>> {
        circles.iter().map(|circle| circle.indexes.clone()).collect()
    }

    #[test]
    fn the_order_of_the_files_unless_a_reference_says_otherwise() {
        let (order, circles) = order(&edges(&[&[2], &[], &[3, 3], &[], &[0]]));
        assert_eq!(order, [1, 3, 2, 0, 4]);
        assert!(circles.is_empty());
    }

    #[test]
    fn one_circle_a_group_the_shortest_from_its_first_segment() {
        let (order, circles) = order(&edges(&[&[1], &[2, 0], &[0], &[3], &[0], &[]]));
        assert_eq!(order, [5]);
        assert_eq!(of(&circles), [vec![0, 1], vec![3]]);
    }

    #[test]
    fn a_long_chain_and_a_long_circle_need_no_stack() {
        let count = 100_000;
        let chain: Vec<Vec<(usize, Span)>> = (1..=count)
            .map(|next| if next < count { vec![(next, Span::NONE)] } else { vec![] })
            .collect();
        let (found, circles) = order(&chain);
        assert_eq!(found.first(), Some(&(count - 1)));
        assert_eq!((found.len(), circles.len()), (100_000, 0));
        let mut ring = chain;
        ring.last_mut().unwrap().push((0, Span::NONE));
        let (found, circles) = order(&ring);
        assert_eq!((found.len(), circles.len()), (0, 1));
        assert_eq!(circles[0].indexes.len(), 100_000);
    }
}
