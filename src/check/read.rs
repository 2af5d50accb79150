//! Texts to trees, and from file to file along what they use.

use std::collections::{HashMap, HashSet};

use super::{
    builder::{Input, Text},
    expand::shown,
    order,
    uses::{Root, Target, nearest_file},
};
use crate::{
    diagnostic::{Code, Finding, SourceId, Sources, Span},
    library::Library,
    limits::Limits,
    schema::Schema,
    syntax::{
        self,
        tree::{self, File, Item, Use},
    },
};

/// What rules are read from: trees in the order of their sources.
#[derive(Default)]
pub(crate) struct Texts {
    pub(super) files: Vec<File>,
    pub(super) conditions: Vec<(tree::Name, tree::Expr)>,
    /// Of the libraries that are used.
    pub(super) libraries: Vec<(&'static Library, File)>,
    /// The condition on purchases of the schema's `[rfm]`.
    pub(super) rfm_filter: Option<tree::Expr>,
    /// That of its `[predict]`.
    pub(super) predict_filter: Option<tree::Expr>,
}

impl Texts {
    /// One condition alone.
    pub(crate) fn condition(name: tree::Name, condition: tree::Expr) -> Self {
        Self { conditions: vec![(name, condition)], ..Self::default() }
    }

    /// The names of all `let`s, those of libraries too.
    pub(super) fn let_names(&self) -> HashSet<&str> {
        let files = self.files.iter().chain(self.libraries.iter().map(|(_, file)| file));
        let names = files.flat_map(|file| &file.items).filter_map(|item| match item {
            tree::Item::Let(found) => Some(found.name.text.as_str()),
            _ => None,
        });
        names.collect()
    }
}

/// Everything that was read, and what was wrong with it before any name was looked up.
pub(super) struct Read<'a> {
    pub(super) sources: Sources,
    pub(super) texts: Texts,
    pub(super) findings: Vec<Finding>,
    /// A file is used that could not be found.
    pub(super) lacks_files: bool,
    root: &'a Root,
    limits: &'a Limits,
    /// The path of each file.
    paths: Vec<String>,
    by_path: HashMap<String, usize>,
    /// Files that were read because others use them.
    used: usize,
}

impl<'a> Read<'a> {
    pub(super) fn new(root: &'a Root, limits: &'a Limits) -> Self {
        Self {
            sources: Sources::default(),
            texts: Texts::default(),
            findings: Vec::new(),
            lacks_files: false,
            root,
            limits,
            paths: Vec::new(),
            by_path: HashMap::new(),
            used: 0,
        }
    }

    /// Reads all inputs, and the libraries that they use.
    pub(super) fn all(&mut self, inputs: &[Input]) {
        for input in inputs {
            self.used += usize::from(input.is_used);
            match &input.text {
                Text::File(text) => self.file(input, text),
                Text::Bytes(bytes) => match decode(bytes) {
                    Ok(text) => self.file(input, text),
                    Err(good) => {
                        let id = self.sources.add(&input.name, good);
                        self.findings.push(not_text(id, good));
                        self.add_file(input, File { items: Vec::new() });
                    }
                },
                Text::Condition(text) => {
                    let id = self.sources.add(&input.name, text);
                    let parsed = syntax::parse_condition(id, text, self.limits);
                    self.findings.extend(parsed.findings);
                    let span = Span::new(id, 0, end(text));
                    let name = tree::Name { text: input.name.clone(), span };
                    self.texts.conditions.push((name, parsed.tree));
                }
                Text::Prepared(rules) => {
                    let parsed = rules.read(&input.name, &mut self.sources, self.limits);
                    self.findings.extend(parsed.findings);
                    self.add_file(input, parsed.tree);
                }
            }
        }
        self.follow_uses();
    }

    /// Reads the conditions that the schema has as texts, as errors in them are to be told whatever the rules ask for.
    pub(super) fn conditions_of(&mut self, schema: &Schema) {
        let filter = schema.rfm().and_then(|rfm| rfm.purchases.filter.as_deref());
        self.texts.rfm_filter = self.condition_of("segmenta.toml [rfm] where", filter);
        let filter = schema.predict().and_then(|predict| predict.purchases.filter.as_deref());
        self.texts.predict_filter = self.condition_of("segmenta.toml [predict] where", filter);
    }

    fn condition_of(&mut self, name: &str, text: Option<&str>) -> Option<tree::Expr> {
        let text = text?;
        let id = self.sources.add(name, text);
        let parsed = syntax::parse_condition(id, text, self.limits);
        self.findings.extend(parsed.findings);
        Some(parsed.tree)
    }

    fn file(&mut self, input: &Input, text: &str) {
        let text = without_mark(text);
        let id = self.sources.add(&input.name, text);
        let parsed = syntax::parse_file(id, text, self.limits);
        if text.trim().is_empty() && parsed.findings.is_empty() {
            self.findings.push(nothing_here(id));
        }
        self.findings.extend(parsed.findings);
        self.add_file(input, parsed.tree);
    }

    fn add_file(&mut self, input: &Input, tree: File) {
        let path = input.path().unwrap_or_default();
        self.by_path.entry(path.clone()).or_insert(self.paths.len());
        self.paths.push(path);
        self.texts.files.push(tree);
    }

    /// Finds what each file uses among the files, and reads the libraries.
    fn follow_uses(&mut self) {
        let mut edges = Vec::with_capacity(self.paths.len());
        let (mut libraries, mut findings) = (Vec::new(), Vec::new());
        for (path, file) in self.paths.iter().zip(&self.texts.files) {
            let mut used = Vec::new();
            for found in uses(file) {
                match self.target(path, found) {
                    Ok(Used::File(index)) => used.push((index, found.path.span)),
                    Ok(Used::Library(library)) => libraries.push(library),
                    Err(finding) => findings.push(finding),
                }
            }
            edges.push(used);
        }
        self.lacks_files = !findings.is_empty();
        self.findings.append(&mut findings);
        self.refuse_circles(&edges);
        let mut known = HashSet::new();
        for library in libraries.into_iter().filter(|library| known.insert(library.name)) {
            let id = self.sources.add_library(library.name, library.text);
            // The tests see to it that libraries have no errors.
            let parsed = syntax::parse_file(id, library.text, &Limits::default());
            self.texts.libraries.push((library, parsed.tree));
        }
    }

    fn target(&self, from: &str, found: &Use) -> Result<Used, Finding> {
        let Use { path: written, .. } = found;
        let target = self.root.target(from, &written.text).map_err(|refused| {
            Finding::new(refused.code, written.span, refused.message).help(refused.help)
        })?;
        let path = match target {
            Target::Library(library) => return Ok(Used::Library(library)),
            Target::File(path) => path,
        };
        if let Some(index) = self.by_path.get(&path) {
            return Ok(Used::File(*index));
        }
        let most = self.limits.used_files;
        if self.used >= most {
            let message = format!("more than {most} files are used");
            let help = "put what they define into fewer files";
            return Err(Finding::new(Code::TooManyFiles, written.span, message).help(help));
        }
        let finding = Finding::new(
            Code::UnknownUsedFile,
            written.span,
            format!("the file `{path}` does not exist"),
        );
        let known = self.by_path.keys().map(String::as_str);
        Err(match nearest_file(from, &path, known) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        })
    }

    fn refuse_circles(&mut self, edges: &[Vec<(usize, Span)>]) {
        for circle in order::order(edges).1 {
            let indexes = circle.indexes.iter().chain(circle.indexes.first());
            let names: Vec<&str> = indexes
                .filter_map(|index| self.paths.get(*index))
                .map(|path| self.root.within(path))
                .collect();
            let message = format!("these files use each other in a circle: {}", shown(&names));
            let help = match names.len() {
                2 => "a file needs no `use` to know itself",
                _ => "move what both sides need into a file of its own, and use that",
            };
            let finding = Finding::new(Code::UseCycle, circle.span, message).help(help);
            self.findings.push(finding);
        }
    }
}

/// What a `use` stands for, found.
enum Used {
    File(usize),
    Library(&'static Library),
}

fn uses(file: &File) -> impl Iterator<Item = &Use> {
    file.items.iter().filter_map(|item| match item {
        Item::Use(found) => Some(found),
        Item::Let(_) | Item::Segment(_) | Item::Partition(_) => None,
    })
}

/// The paths of the files that a file uses, as far as they are paths.
pub(super) fn used_files(input: &Input, root: &Root, limits: &Limits) -> Vec<String> {
    let text = |text| match may_use(text) {
        true => syntax::parse_file(SourceId::NONE, without_mark(text), limits).tree,
        false => File { items: Vec::new() },
    };
    let file = match &input.text {
        Text::File(given) => text(given),
        Text::Bytes(bytes) => text(decode(bytes).unwrap_or_default()),
        Text::Prepared(rules) => rules.read("", &mut Sources::default(), limits).tree,
        Text::Condition(_) => return Vec::new(),
    };
    let from = input.path().unwrap_or_default();
    let targets = uses(&file).filter_map(|found| root.target(&from, &found.path.text).ok());
    let files = targets.filter_map(|target| match target {
        Target::File(path) => Some(path),
        Target::Library(_) => None,
    });
    files.collect()
}

/// Whether the word stands anywhere in a rule file.
//
// PERF: most files use no other, and so are read once.
fn may_use(text: &str) -> bool {
    let is_use = |word: &[u8]| matches!(word, [b'u' | b'U', b's' | b'S', b'e' | b'E']);
    text.as_bytes().windows(3).any(is_use)
}

/// The text without the byte order mark that some editors put in front of it.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The bytes as text, or the text up to the first byte that is none. NUL stands in no text.
fn decode(bytes: &[u8]) -> Result<&str, &str> {
    let (text, whole) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(bad) => {
            let good = bytes.get(..bad.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(good).unwrap_or_default(), false)
        }
    };
    match text.split_once('\0') {
        Some((before, _)) => Err(before),
        None if whole => Ok(text),
        None => Err(text),
    }
}

/// An empty file is more likely lost than meant; a comment says that it is meant.
fn nothing_here(id: SourceId) -> Finding {
    let help = "write a segment, as in `segment everyone { }`, or a comment";
    Finding::new(Code::NothingHere, Span::new(id, 0, 0), "the rule file is empty").help(help)
}

fn not_text(id: SourceId, good: &str) -> Finding {
    let at = end(good);
    Finding::new(Code::NotText, Span::new(id, at, at), "this file is not text in UTF-8")
        .help("save it as UTF-8")
}

fn end(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn text_ends_where_the_first_bad_byte_is() {
        assert_eq!(decode(b"let a = 1"), Ok("let a = 1"));
        assert_eq!(decode(b"\xef\xbb\xbfa"), Ok("\u{feff}a"));
        assert_eq!(decode(b"a\nb\xffc"), Err("a\nb"));
        assert_eq!(decode(b"a\0b\xff"), Err("a"));
        assert_eq!(decode(b"\xc3"), Err(""));
    }
}
