//! What is often written in place of the language's own forms, and what to write.

use super::Parser;
use crate::{
    calendar::Unit,
    diagnostic::nearest,
    syntax::{
        lex::{Token, TokenKind, shorten},
        literal,
        tree::{CompareOp, Expr, ExprKind},
        word::{self, Reserved},
    },
};

impl Parser<'_> {
    /// What to write for a token that stands where something else is wanted.
    pub(super) fn foreign_help(&self) -> Option<String> {
        let before = self.previous();
        match self.peek().kind {
            TokenKind::Word => {
                let word = self.word(0)?;
                word::foreign(word)
                    .map(str::to_owned)
                    .or_else(|| self.unit_of_time(word))
                    .or_else(|| self.unit_of_number(word))
                    .or_else(|| self.meant_keyword(word))
            }
            TokenKind::Number if before.kind == TokenKind::Date && self.position > 0 => {
                Some("between day and time stands a `T`: `2026-11-01T16:00:00`".to_owned())
            }
            TokenKind::Number if before.kind == TokenKind::Number => self.grouped_number(),
            TokenKind::Short => Some("a short form needs its sign: `-30d`, `+7d`".to_owned()),
            TokenKind::Comma => self.grouped_number().or_else(|| {
                let help = "conditions are joined with `and` or `or`; several values are a list, as in `in ('a', 'b')`";
                Some(help.to_owned())
            }),
            TokenKind::Open if matches!(before.kind, TokenKind::Reserved(_)) => {
                let word = self.text_of(before);
                let value = word::is_moment(word) && self.ahead(1).kind == TokenKind::Close;
                value.then(|| format!("write `{word}` without brackets"))
            }
            TokenKind::Reserved(Reserved::Where) => {
                Some("a filter stands in the brackets, as in `count(… where …)`".to_owned())
            }
            TokenKind::OpenBrace => Some("values and names stand without braces".to_owned()),
            _ => None,
        }
    }

    /// `1,000`, `1 000`, `1.000,50`, of which the last token taken is the beginning.
    pub(super) fn grouped_number(&self) -> Option<String> {
        let first = self.previous();
        let comma = self.at(TokenKind::Comma);
        let second = self.ahead(usize::from(comma));
        let numbers = first.kind == TokenKind::Number && second.kind == TokenKind::Number;
        let near = !comma || second.start == first.end + 1;
        if !numbers || !near || self.position == 0 {
            return None;
        }
        let (left, right) = (self.text_of(first), self.text_of(second));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if left.len() > 20 || right.len() > 20 || !plain(right) {
            return None;
        }
        let whole = left.replace('.', "");
        if right.len() != 3 {
            return comma.then(|| format!("write the number with a point: `{whole}.{right}`"));
        }
        plain(left).then(|| format!("write `{left}{right}` or `{left}_{right}`"))
    }

    /// `90 dayz`
    fn unit_of_time(&self, word: &str) -> Option<String> {
        let number = self.previous().kind == TokenKind::Number && self.position > 0;
        if !number || self.starts_line() || Unit::parse(word).is_some() || self.findings.is_full() {
            return None;
        }
        let near = nearest(word, Unit::ALL.map(Unit::name))?;
        Some(format!("did you mean `{near}`?"))
    }

    /// `100 SEK`
    fn unit_of_number(&self, word: &str) -> Option<String> {
        let alone = match self.ahead(1).kind {
            TokenKind::End | TokenKind::Close | TokenKind::CloseBrace | TokenKind::Comma => true,
            TokenKind::Reserved(next) => {
                matches!(next, Reserved::And | Reserved::Or | Reserved::Include | Reserved::Exclude)
            }
            _ => false,
        };
        let number = self.previous().kind == TokenKind::Number && self.position > 0;
        (alone && number && !self.starts_line())
            .then(|| format!("a number stands alone: leave out `{}`", shorten(word)))
    }

    /// The keyword that a word where none is wanted was probably meant as.
    fn meant_keyword(&self, word: &str) -> Option<String> {
        if self.findings.is_full() {
            return None;
        }
        // What begins a line is more likely a clause.
        let near = match self.starts_line() {
            true => nearest(word, ["include", "exclude"])?,
            false => nearest(word, word::BEHIND_A_VALUE)?,
        };
        (!near.eq_ignore_ascii_case(word)).then(|| format!("did you mean `{near}`?"))
    }

    /// What was meant by `left` and what stands behind it, between which an operator is missing.
    pub(super) fn missing_operator_help(&self, left: &Expr) -> Option<String> {
        match &left.kind {
            ExprKind::Path(names)
                if names.len() == 1 && self.previous().kind == TokenKind::Word =>
            {
                self.word_before(self.text_of(self.previous()))
            }
            _ => None,
        }
        .or_else(|| self.words_of_operator())
    }

    /// What was meant by a word that is no column.
    fn word_before(&self, word: &str) -> Option<String> {
        let next = self.peek();
        let counted = next.kind == TokenKind::Number;
        let of = self.is_word(0, "of");
        let help = match word.to_ascii_lowercase().as_str() {
            "if" | "when" | "unless" | "case" | "else" | "then" => {
                "there is no `if`: join conditions with `and`, `or` and `not`".to_owned()
            }
            "either" | "both" => {
                format!("leave out `{word}`; conditions are joined with `and` or `or`")
            }
            "neither" => "write `none of (…)`".to_owned(),
            "one" | "some" if of => "write `any of (…)`, or `exactly 1 of (…)`".to_owned(),
            "atleast" | "atmost" if counted => {
                let word =
                    if word.ends_with(['t', 'T']) && word.len() == 7 { "least" } else { "most" };
                format!("write `at {word} {} of (…)`", shorten(self.text_of(next)))
            }
            "all" | "any" | "none" => {
                format!("a list of conditions is written `{} of (…)`", word.to_ascii_lowercase())
            }
            "distinct" => "`distinct` stands in the brackets, as in `count(distinct …)`".to_owned(),
            lower if self.is_name(0) && word::is_called(lower) => {
                let dotted = self.ahead(1).kind == TokenKind::Dot;
                let inside = if dotted { "…".into() } else { shorten(self.text_of(next)) };
                format!("write `{word}({inside})`")
            }
            _ => return None,
        };
        Some(help)
    }

    /// What was meant by words where an operator is wanted.
    fn words_of_operator(&self) -> Option<String> {
        let word = self.word(0)?.to_ascii_lowercase();
        let counted = |places| self.ahead(places).kind == TokenKind::Number;
        let span = |places| {
            let unit = self.word(places + 1).filter(|unit| Unit::parse(unit).is_some())?;
            let number = self.text_of(self.ahead(places));
            counted(places).then(|| format!("{} {unit}", shorten(number)))
        };
        let than = self.is_word(1, "than");
        let help = match word.as_str() {
            "older" | "before" | "earlier" if than && span(2).is_some() => {
                format!("write `< {} ago`", span(2)?)
            }
            "newer" | "younger" | "later" if than && span(2).is_some() => {
                format!("write `> {} ago`", span(2)?)
            }
            "older" | "less" | "smaller" | "fewer" | "lower" | "earlier" if than => {
                "use `<`".to_owned()
            }
            "newer" | "younger" | "more" | "greater" | "larger" | "higher" | "bigger" | "later"
                if than =>
            {
                "use `>`".to_owned()
            }
            "last" | "past" if span(1).is_some() => format!("write `within last {}`", span(1)?),
            "next" if span(1).is_some() => format!("write `within next {}`", span(1)?),
            "begins" | "begin" | "starting" | "beginning" | "start" | "starts" => {
                "write `starts with`".to_owned()
            }
            "ending" | "end" | "ends" if self.is_word(1, "with") || word != "end" => {
                "write `ends with`".to_owned()
            }
            "does" | "do" => {
                let verb = self.word(2).unwrap_or("").to_ascii_lowercase();
                match verb.as_str() {
                    "contain" | "contains" | "include" | "have" => {
                        "write `not contains`".to_owned()
                    }
                    "equal" | "equals" => "use `!=`".to_owned(),
                    _ => "`not` stands before the whole comparison: `not (…)`".to_owned(),
                }
            }
            "contain" | "containing" => "write `contains`".to_owned(),
            _ => return None,
        };
        Some(help)
    }

    /// What to write for words behind `is` that are no test.
    pub(super) fn behind_is(&self, negated: bool) -> Option<String> {
        let not = if negated { "not " } else { "" };
        let words = match self.peek().kind {
            TokenKind::Reserved(Reserved::In | Reserved::Between) => {
                let word = self.text_of(self.peek()).to_ascii_lowercase();
                return Some(format!("leave out `is`: `{not}{word} …`"));
            }
            _ if self.is_any_word(0, &["one", "any"]) && self.is_word(1, "of") => {
                return Some(format!("write `{not}in (…)`"));
            }
            _ => self.word(0).and_then(word::foreign),
        };
        words.map(str::to_owned).or_else(|| self.words_of_operator())
    }

    /// What to write where a list should stand behind `in`.
    pub(super) fn instead_of_list(&self) -> Option<String> {
        let token = self.peek();
        let the = usize::from(self.is_word(0, "the"));
        if self.is_any_word(the, &["last", "next"]) {
            let rest = match (self.ahead(the + 1).kind, self.word(the + 2)) {
                (TokenKind::Number, Some(unit)) if Unit::parse(unit).is_some() => {
                    format!("{} {unit}", shorten(self.text_of(self.ahead(the + 1))))
                }
                _ => "30 days".to_owned(),
            };
            let word = self.text_of(self.ahead(the)).to_ascii_lowercase();
            return Some(format!("write `within {word} {rest}`"));
        }
        match token.kind {
            TokenKind::OpenBrace => Some(format!("write `in {}`", self.listed(token))),
            TokenKind::Word if self.is_any_word(0, &["any", "one", "all"]) => {
                Some("write `in (…)`".to_owned())
            }
            TokenKind::Text | TokenKind::Number | TokenKind::Word | TokenKind::Quoted => {
                let (mut last, mut places) = (token, 0);
                while places < 6 && self.ahead(places + 1).kind == TokenKind::Comma {
                    places += 2;
                    last = self.ahead(places);
                }
                let list = self.between(token.start, last.end)?;
                Some(format!("a list stands in brackets: `in ({list})`"))
            }
            _ => None,
        }
    }

    /// What to write for several values in brackets where one is wanted.
    pub(super) fn instead_of_values(&self, op: CompareOp, open: Token) -> Option<String> {
        let list = self.listed(open);
        let is_place = list.bytes().filter(|byte| *byte == b'.').count() == 2
            && list.bytes().all(|byte| byte.is_ascii_digit() || b"(),.- ".contains(&byte));
        if is_place && op == CompareOp::Equal {
            return Some(format!("write `within 25 km of {list}`"));
        }
        match op {
            CompareOp::Equal => Some(format!("write `in {list}`")),
            CompareOp::NotEqual => Some(format!("write `not in {list}`")),
            _ => None,
        }
    }

    /// The list that begins with this bracket or brace, if it is short.
    pub(super) fn listed(&self, open: Token) -> String {
        let rest = self.rest_of_line(open.end);
        let inside = rest.split([')', '}']).next().unwrap_or("").trim();
        let short = inside.len() <= 60 && !inside.is_empty() && !inside.contains(['(', '`']);
        if short { format!("({inside})") } else { "(…)".to_owned() }
    }

    /// A short piece of the text.
    fn between(&self, start: u32, end: u32) -> Option<&str> {
        let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
        self.text.get(range).filter(|text| text.len() <= 60 && !text.contains(['\n', '`']))
    }

    /// `date '2026-11-01'`, `last 30 days`: words before a value that stands alone.
    pub(super) fn word_before_value(&mut self) -> Option<ExprKind> {
        let next = self.ahead(1);
        let (help, tokens) = match next.kind {
            TokenKind::Text if self.is_any_word(0, &["date", "datetime", "timestamp"]) => {
                let inside = self.text_of(next).trim_matches(['\'', '"']);
                let known = literal::date(inside).is_some() || literal::date_time(inside).is_some();
                let shown = if known { inside } else { "2026-11-01" };
                (format!("write `{shown}`, without a word and quotes"), 2)
            }
            TokenKind::Number if self.is_any_word(0, &["last", "past", "next"]) => {
                let unit = self.word(2).filter(|unit| Unit::parse(unit).is_some())?;
                let number = shorten(self.text_of(next));
                let ahead = self.is_word(0, "next");
                let (word, ago) = match ahead {
                    true => ("next", format!("in {number} {unit}")),
                    false => ("last", format!("{number} {unit} ago")),
                };
                (format!("write `… within {word} {number} {unit}` or `… > {ago}`"), 3)
            }
            _ => return None,
        };
        self.unexpected_with("a value", Some(help));
        for _ in 0..tokens {
            self.advance();
        }
        Some(ExprKind::Error)
    }

    /// `top ten percent by …`, `sample p percent …`: takes what stands in place of the number.
    pub(super) fn no_count(&mut self) -> bool {
        let minus = usize::from(self.ahead(1).kind == TokenKind::Minus);
        let behind = ["percent", "by"];
        let here = self.is_any_word(2 + minus, &behind)
            && (minus == 1 || self.is_name(1))
            && (self.is_any_word(0, &["top", "bottom"])
                || (self.is_word(0, "sample") && self.is_word(2 + minus, "percent")));
        if !here {
            return false;
        }
        self.advance();
        let help = match word::number_word(self.text_of(self.peek())) {
            Some(number) => format!("write `{number}`"),
            None if minus == 1 => "it is more than 0".to_owned(),
            None => "it is written out, as in `10`; a `let` cannot stand for it".to_owned(),
        };
        self.unexpected_with("a number", Some(help));
        for _ in 0..=minus {
            self.advance();
        }
        true
    }
}
