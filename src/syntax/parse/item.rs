//! Definitions and their clauses.

use super::{Parser, list::Most};
use crate::{
    diagnostic::{Code, nearest},
    syntax::{
        lex::{Token, TokenKind, shorten},
        tree::{
            Clause, ClauseKind, CompareOp, Expr, ExprKind, Item, Kind, Let, MetaValue, Name,
            Partition, Segment, Use,
        },
        word::{self, Reserved},
    },
};

const ITEMS: [&str; 7] = ["segment", "let", "use", "partition", "static", "dynamic", "inactive"];
pub(super) const CLAUSES: [&str; 7] =
    ["include", "exclude", "pin", "analytics", "description", "owner", "labels"];

impl Parser<'_> {
    pub(super) fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while !self.at(TokenKind::End) {
            let before = self.position;
            if let Some(item) = self.item() {
                items.push(item);
            }
            if self.position == before {
                self.advance();
            }
        }
        items
    }

    /// Whether a word that begins a definition stands here.
    pub(super) fn at_definition(&self) -> bool {
        self.is_any_word(0, &ITEMS)
    }

    fn item(&mut self) -> Option<Item> {
        let first = self.peek();
        if self.eat_word("let") {
            self.let_item(first)
        } else if self.eat_word("use") {
            self.use_item(first)
        } else if self.eat_word("partition") {
            self.partition(first)
        } else if self.is_any_word(0, &["segment", "static", "dynamic", "inactive"]) {
            self.segment(first)
        } else {
            self.no_item()
        }
    }

    fn no_item(&mut self) -> Option<Item> {
        if self.at(TokenKind::CloseBrace) && self.unclosed_braces > 0 {
            self.unclosed_braces -= 1;
            self.advance();
            return None;
        }
        if self.at(TokenKind::CloseBrace) || self.at(TokenKind::Close) {
            if !self.is_silent() {
                let token = self.peek();
                let message = format!("this `{}` closes nothing", self.text_of(token));
                self.report(Code::UnclosedBracket, self.span_of(token), message);
                self.silence();
            }
            self.advance();
            return None;
        }
        let first = self.peek();
        let named = self.is_name(0) && self.ahead(1).kind == TokenKind::Compare(CompareOp::Equal);
        let help = self
            .meant_item()
            .or_else(|| named.then(|| format!("write `let {} = …`", shorten(self.text_of(first)))));
        self.unexpected_with("`segment`, `let`, `partition` or `use`", help);
        if named {
            return self.let_item(first);
        }
        self.advance();
        let defined = word::is_defining(self.text_of(first));
        if defined && self.is_name(0) && self.ahead(1).kind == TokenKind::Compare(CompareOp::Equal)
        {
            return self.let_item(first);
        }
        self.skip_to_item();
        None
    }

    /// What to write for a word that begins no definition.
    fn meant_item(&self) -> Option<String> {
        let word = self.text_of(self.peek());
        if self.ahead(1).kind == TokenKind::Text && word::is_using(word) {
            return Some(format!("write `use {}`", shorten(self.text_of(self.ahead(1)))));
        }
        if word::is_defining(word) {
            return Some("a definition begins with `let`, as in `let NAME = …`".to_owned());
        }
        if matches!(self.peek().kind, TokenKind::Reserved(Reserved::Include | Reserved::Exclude)) {
            return Some("conditions stand in a segment: `segment NAME { include … }`".to_owned());
        }
        if self.is_name(1) && self.ahead(2).kind == TokenKind::OpenBrace {
            let near = nearest(word, ITEMS).unwrap_or("segment");
            return Some(format!("did you mean `{near}`?"));
        }
        self.word(0)
            .and_then(|word| nearest(word, ITEMS))
            .map(|word| format!("did you mean `{word}`?"))
    }

    /// Behind an item: whatever stands here must begin the next one.
    fn end_item(&mut self, expected: &str) {
        if !self.at(TokenKind::End) && !self.at_definition() {
            self.unexpected(expected);
            self.skip_to_item();
        }
    }

    fn use_item(&mut self, first: Token) -> Option<Item> {
        let Some(path) = self.eat_text() else {
            self.unexpected("a string such as `'./common.seg'` after `use`");
            self.skip_to_item();
            return None;
        };
        let span = self.span_from(first);
        self.end_item("the next definition");
        Some(Item::Use(Use { path, span }))
    }

    fn let_item(&mut self, first: Token) -> Option<Item> {
        let Some(name) = self.name("a name after `let`") else {
            self.skip_to_item();
            return None;
        };
        let mut parameters = Vec::new();
        if self.at(TokenKind::Open) {
            let most = self.most_elements();
            let names = self.full_list(most, "the name of a parameter", |parser| {
                parser.name("the name of a parameter")
            });
            parameters = names.into_iter().flatten().collect();
        }
        let body = self.let_body();
        let span = self.span_from(first);
        self.end_item("`and`, `or` or the next definition");
        Some(Item::Let(Let { name, parameters, body, span }))
    }

    /// The `=` and what stands behind it. A `let` is known by its name whatever is wrong with its body.
    fn let_body(&mut self) -> Expr {
        let equal = TokenKind::Compare(CompareOp::Equal);
        if self.eat(equal) {
            return self.measured_condition();
        }
        let first = self.peek();
        let meant = self.at(TokenKind::Colon) || self.is_any_word(0, &["be", "as"]);
        let name = self.text_of(self.previous());
        let help = meant.then(|| format!("write `let {} = …`", shorten(name)));
        self.unexpected_with("`=`", help);
        if !meant {
            self.skip_to_item();
            return self.error_from(first);
        }
        self.advance();
        self.eat(equal);
        self.measured_condition()
    }

    /// A condition of a file, which has a limit of its own.
    pub(super) fn measured_condition(&mut self) -> Expr {
        let first = self.peek();
        let expr = self.condition();
        let span = self.span_from(first);
        let most = self.limits.condition_bytes;
        let length = usize::try_from(span.end - span.start).unwrap_or(usize::MAX);
        // A list that is too long is more to the point.
        if length <= most || self.findings.holds(Code::ListTooLong, span) {
            return expr;
        }
        let message = format!("the condition has {length} bytes; the limit is {most}");
        self.report(Code::ConditionTooLong, span, message);
        self.error_from(first)
    }

    fn segment(&mut self, first: Token) -> Option<Item> {
        let (kind, inactive) = self.segment_head();
        if !self.eat_word("segment") {
            let help = if self.is_any_word(0, &["partition"]) {
                Some("a partition is always dynamic and has no such word".to_owned())
            } else {
                let near = self.word(0).and_then(|word| nearest(word, ["segment"]));
                near.map(|near| format!("did you mean `{near}`?"))
            };
            self.unexpected_with("`segment`", help);
            self.skip_to_item();
            return None;
        }
        let Some(name) = self.definition_name("the name of the segment") else {
            self.skip_to_item();
            return None;
        };
        let title = self.eat_text();
        let open = self.open_brace(title.is_some());
        if open.is_none() && !self.at_clause() {
            self.skip_to_item();
            return None;
        }
        let clauses = self.clauses(open);
        let span = self.span_from(first);
        Some(Item::Segment(Segment { kind, inactive, name, title, clauses, span }))
    }

    /// The `{` behind a name and perhaps a title. Where it is missing, words without quotes were meant as a title.
    fn open_brace(&mut self, titled: bool) -> Option<Token> {
        let at_word = |parser: &Self| parser.is_name(0) && !parser.at_clause() && !parser.at_item();
        if !self.at(TokenKind::OpenBrace) {
            let help = self.instead_of_brace().or_else(|| {
                (!titled && at_word(self)).then(|| "a title is written in quotes".to_owned())
            });
            self.unexpected_with(if titled { "`{`" } else { "a title or `{`" }, help);
            while at_word(self) {
                self.advance();
            }
        }
        let open = self.peek();
        self.eat(TokenKind::OpenBrace).then_some(open)
    }

    /// What was meant by a sign behind a name, where a title or `{` is wanted.
    fn instead_of_brace(&self) -> Option<String> {
        let before = self.text_of(self.previous());
        let behind = self.ahead(1);
        match self.peek().kind {
            TokenKind::Minus if self.previous().end == self.peek().start && self.is_name(1) => {
                let name = format!("{before}_{}", self.text_of(behind));
                Some(format!("a name has no hyphens: write `{}`", shorten(&name)))
            }
            TokenKind::Reserved(Reserved::Include | Reserved::Exclude) => {
                Some(format!("write `{{` before `{}`", self.text_of(self.peek())))
            }
            TokenKind::Compare(_) | TokenKind::Colon | TokenKind::Reserved(_) => {
                Some(format!("write `segment {} {{ include … }}`", shorten(before)))
            }
            _ => None,
        }
    }

    /// `static inactive`; each at most once and in this order.
    fn segment_head(&mut self) -> (Option<Kind>, bool) {
        let (mut kind, mut inactive) = (None, false);
        loop {
            let token = self.peek();
            let found = if self.eat_word("static") {
                Some(Kind::Static)
            } else if self.eat_word("dynamic") {
                Some(Kind::Dynamic)
            } else if self.eat_word("inactive") {
                None
            } else {
                return (kind, inactive);
            };
            let span = self.span_of(token);
            let word = self.text_of(token);
            let problem = match found {
                Some(again) if kind == Some(again) => Some(format!("`{word}` stands here twice")),
                Some(_) if kind.is_some() => {
                    Some("a segment is either `static` or `dynamic`".to_owned())
                }
                Some(_) if inactive => Some(format!("`{word}` stands before `inactive`")),
                None if inactive => Some(format!("`{word}` stands here twice")),
                _ => None,
            };
            if let Some(message) = problem {
                let help = "write `static inactive segment`, or leave words out";
                self.report_help(Code::UnexpectedToken, span, message, help);
            }
            kind = kind.or(found);
            inactive = inactive || found.is_none();
        }
    }

    /// The name of a segment, partition or part: other programs use it, so it has no odd letters.
    pub(super) fn definition_name(&mut self, expected: &str) -> Option<Name> {
        let titled = self.at(TokenKind::Text) && self.ahead(1).kind == TokenKind::OpenBrace;
        if titled {
            let help = "a name stands before the title, as in `segment NAME \"title\" {`";
            self.unexpected_with(expected, Some(help.to_owned()));
        }
        let written = self.text_of(self.peek()).starts_with('`');
        let name = self.name(expected)?;
        if !word::is_identifier(&name.text) {
            let message = "the name of a segment has only letters a to z, digits and `_`";
            let help = "a title in quotes behind the name may be any text";
            // Of letters beyond a to z something has been said.
            if written || !self.findings.amend(name.span, help) {
                self.report_help(Code::BadQuotedName, name.span, message, help);
            }
        }
        Some(name)
    }

    /// What stands behind `open`; where that is missing, this has been reported.
    fn clauses(&mut self, open: Option<Token>) -> Vec<Clause> {
        let mut clauses = Vec::new();
        loop {
            if self.eat(TokenKind::CloseBrace) {
                return clauses;
            }
            if self.at(TokenKind::End) || (self.at_item() && !self.at_clause()) {
                if let Some(open) = open {
                    self.unclosed_brace(open);
                }
                return clauses;
            }
            let first = self.peek();
            let before = self.position;
            if let Some(kind) = self.clause() {
                clauses.push(Clause { kind, span: self.span_from(first) });
            }
            if !self.at_boundary() {
                self.unexpected("`and`, `or`, the next clause or `}`");
                self.skip_to_clause();
            }
            if self.position == before {
                self.advance();
            }
        }
    }

    fn clause(&mut self) -> Option<ClauseKind> {
        if self.eat_reserved(Reserved::Include) {
            self.skip_colon();
            return Some(ClauseKind::Include(self.measured_condition()));
        }
        if self.eat_reserved(Reserved::Exclude) {
            self.skip_colon();
            return Some(ClauseKind::Exclude(self.measured_condition()));
        }
        if self.is_name(0) && self.ahead(1).kind == TokenKind::Colon {
            return self.metadata();
        }
        if self.eat_word("pin") {
            return self.pin();
        }
        self.unknown_clause();
        None
    }

    /// `include:` as if it were metadata.
    fn skip_colon(&mut self) {
        if self.at(TokenKind::Colon) {
            let help = format!("leave out the `:` behind `{}`", self.text_of(self.previous()));
            self.unexpected_with("a condition", Some(help));
            self.advance();
        }
    }

    fn unknown_clause(&mut self) {
        if let Some(word) = self.word(0).filter(|_| !self.is_silent()) {
            let message = format!("a segment has no clause `{word}`");
            let help = match nearest(word, CLAUSES) {
                Some(near @ ("include" | "exclude" | "pin")) => format!("did you mean `{near}`?"),
                Some(near) => format!("did you mean `{near}: …`?"),
                None => "a condition stands behind `include` or `exclude`".to_owned(),
            };
            self.report_help(Code::UnknownClause, self.span_of(self.peek()), message, help);
            self.silence();
        } else {
            let help = self.at(TokenKind::Reserved(Reserved::Where));
            let help = help.then(|| "write `include` instead of `where`".to_owned());
            self.unexpected_with("a clause such as `include`, or `}`", help);
        }
        self.skip_to_clause();
    }

    fn pin(&mut self) -> Option<ClauseKind> {
        let build = if self.eat_reserved(Reserved::In) {
            ClauseKind::PinIn
        } else if self.eat_word("out") {
            ClauseKind::PinOut
        } else {
            self.unexpected("`in` or `out` after `pin`");
            return None;
        };
        let most = Most { count: self.limits.pins, code: Code::TooManyPins };
        Some(build(self.full_list(most, "a customer's key", Self::pinned_key)))
    }

    fn pinned_key(&mut self) -> Expr {
        let first = self.peek();
        let negative = self.eat(TokenKind::Minus);
        let token = self.peek();
        let kind = if token.kind == TokenKind::Number {
            self.number().map_or(ExprKind::Error, ExprKind::Number)
        } else if let Some(text) = self.eat_text().filter(|_| !negative) {
            ExprKind::Text(text.text)
        } else if self.eat(TokenKind::Bad) {
            ExprKind::Error
        } else {
            self.unexpected("a customer's key, a string or a whole number");
            ExprKind::Error
        };
        let inner = Expr { kind, span: self.span_from(token) };
        if negative {
            return Expr { kind: ExprKind::Negate(Box::new(inner)), span: self.span_from(first) };
        }
        inner
    }

    /// `labels: ('a', 'b')`
    fn metadata(&mut self) -> Option<ClauseKind> {
        let name = self.take_name();
        self.advance();
        let value = if self.eat_reserved(Reserved::True) {
            MetaValue::Bool(true)
        } else if self.eat_reserved(Reserved::False) {
            MetaValue::Bool(false)
        } else if self.at(TokenKind::Open) {
            let most = self.most_elements();
            let texts = self.full_list(most, "a string", |parser| {
                let text = parser.eat_text();
                if text.is_none() && !parser.eat(TokenKind::Bad) {
                    parser.unexpected("a string");
                }
                text
            });
            MetaValue::Texts(texts.into_iter().flatten().collect())
        } else if let Some(text) = self.eat_text() {
            MetaValue::Text(text)
        } else {
            self.unexpected("`true`, `false`, a string or a list of strings");
            if !self.at_boundary() {
                self.skip_to_clause();
            }
            return None;
        };
        Some(ClauseKind::Meta { name, value })
    }

    fn partition(&mut self, first: Token) -> Option<Item> {
        let Some(name) = self.definition_name("the name of the partition") else {
            self.skip_to_item();
            return None;
        };
        let title = self.eat_text();
        let Some(open) = self.open_brace(title.is_some()) else {
            self.skip_to_item();
            return None;
        };
        let parts = self.parts(open);
        let span = self.span_from(first);
        Some(Item::Partition(Partition { name, title, parts, span }))
    }
}
