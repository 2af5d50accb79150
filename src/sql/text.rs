//! Texts: letters for letters, and texts that a literal cannot hold.

use std::{collections::BTreeSet, sync::LazyLock};

use crate::value::{FOLDED, fold_case};

/// A text whose NULs stand outside of its literals.
pub(super) fn without_nul(
    text: &str,
    literal: impl Fn(&str) -> String,
    nul: &str,
    join: &str,
) -> String {
    if !text.contains('\0') {
        return literal(text);
    }
    let parts: Vec<String> = text.split('\0').map(literal).collect();
    format!("({})", parts.join(&format!("{join}{nul}{join}")))
}

/// More letters than these would make too deep an expression.
const MOST_REPLACED: usize = 100;

/// Letters for letters, one after the other. No letter that one becomes is itself replaced.
pub(super) fn replaced(
    text: &str,
    pairs: &[(char, char)],
    literal: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    if pairs.len() > MOST_REPLACED {
        return None;
    }
    let mut out = text.to_owned();
    for (from, to) in pairs {
        let (from, to) = (literal(&from.to_string())?, literal(&to.to_string())?);
        out = format!("replace({out}, {from}, {to})");
    }
    Some(out)
}

/// The letters that fold to others; all of them, or those that fold to one of the texts' letters, which are folded
/// themselves. A text then is one of the texts, or holds one, exactly where its folded form does: a letter that folds to
/// none of these letters is none of them either.
pub(super) fn folds(texts: Option<&[String]>) -> Vec<(char, char)> {
    static ALL: LazyLock<Vec<(char, char)>> =
        LazyLock::new(|| FOLDED.iter().flat_map(folded_letters).collect());
    wanted(&ALL, texts)
}

/// The pairs that make one of the texts' letters.
fn wanted(all: &[(char, char)], texts: Option<&[String]>) -> Vec<(char, char)> {
    let Some(texts) = texts else { return all.to_vec() };
    let letters: BTreeSet<char> = texts.iter().flat_map(|text| text.chars()).collect();
    all.iter().copied().filter(|(_, to)| letters.contains(to)).collect()
}

fn folded_letters(&(first, last, step, _): &(u32, u32, u32, i32)) -> Vec<(char, char)> {
    let step = usize::try_from(step).unwrap_or(1);
    let letters = (first..=last).step_by(step).filter_map(char::from_u32);
    let fold = |letter: char| fold_case(letter.encode_utf8(&mut [0; 4])).chars().next();
    letters.filter_map(|letter| Some((letter, fold(letter)?))).collect()
}

/// The same for `lower`, but for two letters that do not become one letter each: İ becomes two, and Σ one of two, by
/// where it stands in its word.
pub(super) fn lowers(texts: Option<&[String]>) -> Vec<(char, char)> {
    static ALL: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let pairs = (char::MIN..=char::MAX).filter_map(|letter| {
            let mut lower = letter.to_lowercase();
            let to = lower.next().filter(|to| *to != letter && lower.next().is_none())?;
            (letter != 'Σ').then_some((letter, to))
        });
        pairs.collect()
    });
    wanted(&ALL, texts)
}

/// Whether some text becomes this one by `lower`.
pub(super) fn is_lower(text: &str) -> bool {
    text.chars().all(|letter| letter.to_lowercase().eq([letter]))
}

/// Whether Σ becomes one of the text's letters.
pub(super) fn has_sigma(text: &str) -> bool {
    text.contains(['σ', 'ς'])
}
