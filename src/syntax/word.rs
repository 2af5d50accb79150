//! The words of the language. Keywords are read in any case.

use super::tree::{Aggregate, DistanceUnit};
use crate::calendar::Unit;

/// A word that is no name unless it stands in backquotes. Every other keyword is one only where the grammar
/// wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reserved {
    And,
    Or,
    Not,
    In,
    Is,
    Between,
    Where,
    True,
    False,
    Null,
    Today,
    Yesterday,
    Tomorrow,
    Now,
    Include,
    Exclude,
}

const RESERVED: [(&str, Reserved); 16] = [
    ("and", Reserved::And),
    ("or", Reserved::Or),
    ("not", Reserved::Not),
    ("in", Reserved::In),
    ("is", Reserved::Is),
    ("between", Reserved::Between),
    ("where", Reserved::Where),
    ("true", Reserved::True),
    ("false", Reserved::False),
    ("null", Reserved::Null),
    ("today", Reserved::Today),
    ("yesterday", Reserved::Yesterday),
    ("tomorrow", Reserved::Tomorrow),
    ("now", Reserved::Now),
    ("include", Reserved::Include),
    ("exclude", Reserved::Exclude),
];

/// For the catalogue, which lists them.
#[cfg(test)]
pub(crate) fn reserved_words() -> impl Iterator<Item = &'static str> {
    RESERVED.iter().map(|(word, _)| *word)
}

const AGGREGATES: [(&str, Aggregate); 9] = [
    ("count", Aggregate::Count),
    ("exists", Aggregate::Exists),
    ("sum", Aggregate::Sum),
    ("avg", Aggregate::Avg),
    ("min", Aggregate::Min),
    ("max", Aggregate::Max),
    ("first", Aggregate::First),
    ("last", Aggregate::Last),
    ("average_gap", Aggregate::AverageGap),
];

pub(super) fn reserved(word: &str) -> Option<Reserved> {
    // PERF: few words have the first letter and the length of a reserved one.
    let first = word.as_bytes().first()?.to_ascii_lowercase();
    let may_be = match word.len() {
        2 => matches!(first, b'i' | b'o'),
        3 => matches!(first, b'a' | b'n'),
        4 => matches!(first, b'n' | b't'),
        5 => matches!(first, b'f' | b't' | b'w'),
        7 => matches!(first, b'b' | b'e' | b'i'),
        8 => first == b't',
        9 => first == b'y',
        _ => false,
    };
    if may_be { find(&RESERVED, word) } else { None }
}

/// `count` and the other functions over rows.
pub(crate) fn aggregate(word: &str) -> Option<Aggregate> {
    find(&AGGREGATES, word)
}

pub(crate) fn aggregate_name(aggregate: Aggregate) -> &'static str {
    AGGREGATES.iter().find(|(_, each)| *each == aggregate).map_or("count", |(name, _)| name)
}

/// The letter of the short forms: `-30d`.
pub(super) fn short_unit(letter: char) -> Option<Unit> {
    match letter.to_ascii_lowercase() {
        'd' => Some(Unit::Days),
        'w' => Some(Unit::Weeks),
        'm' => Some(Unit::Months),
        'y' => Some(Unit::Years),
        _ => None,
    }
}

/// A unit of time as it is often written directly behind its number, where the language does not allow it.
pub(super) fn glued_unit(word: &str) -> Option<Unit> {
    match word.to_ascii_lowercase().as_str() {
        "h" | "hr" | "hrs" => Some(Unit::Hours),
        "min" | "mins" => Some(Unit::Minutes),
        _ => Unit::parse(word),
    }
}

pub(super) fn distance_unit(word: &str) -> Option<DistanceUnit> {
    find(&[("km", DistanceUnit::Kilometres), ("mi", DistanceUnit::Miles)], word)
}

/// Words that may stand behind a complete value and go on with it. Metadata of such a name is printed in
/// backquotes, because it follows a condition.
pub(super) fn continues(word: &str) -> bool {
    const WORDS: [&str; 11] = [
        "contains", "starts", "ends", "matches", "within", "ignoring", "ago", "of", "least",
        "most", "pin",
    ];
    Unit::parse(word).is_some() || WORDS.iter().any(|each| word.eq_ignore_ascii_case(each))
}

/// Keywords that may follow a value or a condition, those of one or two letters left out.
pub(super) const BEHIND_A_VALUE: [&str; 13] = [
    "and", "not", "between", "contains", "starts", "ends", "matches", "within", "ignoring",
    "where", "include", "exclude", "null",
];

/// What to write for an operator word of another language.
pub(super) fn foreign(word: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 31] = [
        ("like", "use `contains`, `starts with`, `ends with` or `matches`"),
        ("ilike", "use `contains … ignoring case`, or `matches`"),
        ("rlike", "use `matches`"),
        ("regexp", "use `matches`"),
        ("regex", "use `matches`"),
        ("equals", "use `=`"),
        ("equal", "use `=`"),
        ("eq", "use `=`"),
        ("ne", "use `!=`"),
        ("gt", "use `>`"),
        ("gte", "use `>=`"),
        ("lt", "use `<`"),
        ("lte", "use `<=`"),
        ("before", "use `<`"),
        ("after", "use `>`"),
        ("since", "use `>=`"),
        ("has", "use `contains`"),
        ("includes", "use `contains`"),
        ("startswith", "use `starts with`"),
        ("starts_with", "use `starts with`"),
        ("endswith", "use `ends with`"),
        ("ends_with", "use `ends with`"),
        ("on", "use `=`"),
        ("until", "use `<=`"),
        ("ignore", "write `ignoring case` or `ignoring year`"),
        ("case", "write `ignoring case`"),
        ("insensitive", "write `ignoring case`"),
        ("xor", "write `exactly 1 of (…)`"),
        ("to", "between the ends of `between` stands `and`"),
        ("then", "there is no `if`: join conditions with `and`, `or` and `not`"),
        ("unless", "write `and not`"),
    ];
    find(&WORDS, word)
}

/// Words of other languages that bring in a file.
pub(super) fn is_using(word: &str) -> bool {
    is_one_of(word, &["import", "include", "require", "from", "load", "using"])
}

/// Words of other languages that define something.
pub(super) fn is_defining(word: &str) -> bool {
    is_one_of(word, &["def", "define", "var", "const", "set", "val", "fn", "func", "function"])
}

/// Words that other languages write with brackets.
pub(super) fn is_moment(word: &str) -> bool {
    is_one_of(word, &["today", "yesterday", "tomorrow", "now"])
}

/// Functions whose value is often written without brackets.
pub(super) fn is_called(word: &str) -> bool {
    const FUNCTIONS: [&str; 12] = [
        "age",
        "days_since",
        "year",
        "month",
        "day",
        "weekday",
        "hour",
        "size",
        "lower",
        "length",
        "abs",
        "round",
    ];
    aggregate(word).is_some() || is_one_of(word, &FUNCTIONS)
}

/// A number as a word.
pub(crate) fn number_word(word: &str) -> Option<u8> {
    const WORDS: [(&str, u8); 17] = [
        ("a", 1),
        ("an", 1),
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("twelve", 12),
        ("twenty", 20),
        ("thirty", 30),
        ("fifty", 50),
        ("hundred", 100),
    ];
    find(&WORDS, word)
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|each| word.eq_ignore_ascii_case(each))
}

fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, found)| *found)
}

/// A word that needs no backquotes as far as its letters go.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first == '_' || first.is_ascii_alphabetic())
        && letters.all(|each| each == '_' || each.is_ascii_alphanumeric())
}

/// What can be a name at all, if need be in backquotes.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('`') && !name.chars().any(char::is_control)
}
