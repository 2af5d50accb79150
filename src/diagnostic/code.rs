//! The permanent codes.

use std::{fmt, str::FromStr};

use super::{Severity, nearest};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// What kind of finding it is. A code never changes its meaning and is never given out twice.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* #[doc = concat!("\n\n`", $code, "`")] $name,)*
        }

        impl Code {
            /// Every code there is, in the order of this page.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it is printed: `E0301`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What the code means, with an example and its mending, as Markdown.
            pub const fn explanation(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("../docs/codes/", $code, ".md")),)*
                }
            }
        }

        /// Every diagnostic code: what it means, an example of what causes it, and the example mended.
        ///
        /// `segmenta explain CODE` prints these texts, and [`Code::explanation`] returns them. Examples marked `seg`
        /// are rule files, those marked `condition` are conditions; `wrong` ones cause exactly their code, the others
        /// none. Parts of schemas and data files stand for whole ones. All speak of this schema:
        ///
        /// ```toml
        #[doc = include_str!("../docs/codes/example.toml")]
        /// ```
        $(#[doc = include_str!(concat!("../docs/codes/", $code, ".md"))])*
        pub mod reference {
            #[cfg(doc)]
            use super::Code;
        }
    };
}

codes! {
    // E01: spelling and grammar
    /// A word or sign that cannot stand here.
    UnexpectedToken = "E0101";
    /// A character that begins nothing in the language.
    UnknownCharacter = "E0102";
    /// A string without its closing quote.
    UnclosedString = "E0103";
    /// A backslash before something that is no escape.
    BadEscape = "E0104";
    /// A number that is not one, or that no value can hold.
    BadNumber = "E0105";
    /// A date or a time that does not exist.
    NoSuchDate = "E0106";
    /// A month-day that does not exist.
    NoSuchMonthDay = "E0107";
    /// An operator of another language.
    ForeignOperator = "E0108";
    /// A comparison of a comparison.
    ChainedComparison = "E0109";
    /// A bracket without its partner.
    UnclosedBracket = "E0110";
    /// A list without elements.
    EmptyList = "E0111";
    /// A name in backquotes that has no end, or is empty.
    BadQuotedName = "E0112";
    /// A clause that a segment does not have, or has twice.
    UnknownClause = "E0113";
    /// A rule file or a condition without text.
    NothingHere = "E0114";
    /// A rule file that is not text in UTF-8.
    NotText = "E0115";
    /// A file that the formatter would have changed in meaning.
    NotFormatted = "E0116";
    /// `otherwise` before the last part of a partition.
    MisplacedOtherwise = "E0117";

    // E02: names
    /// A column that the table does not have.
    UnknownColumn = "E0201";
    /// A table that the schema does not have, or that has no rows of customers.
    UnknownTable = "E0202";
    /// A function that does not exist.
    UnknownFunction = "E0203";
    /// A segment that does not exist.
    UnknownSegment = "E0204";
    /// A path through a column that is no reference.
    NotAReference = "E0205";
    /// A `let` named like a column or a function it could be taken for.
    AmbiguousLet = "E0206";
    /// Two segments of one name.
    DuplicateSegment = "E0207";
    /// Two `let`s of one name, or two parameters of one name.
    DuplicateLet = "E0208";
    /// Segments that refer to each other in a circle.
    SegmentCycle = "E0209";
    /// `let`s that refer to each other in a circle.
    LetCycle = "E0210";
    /// A function or `let` with too many or too few arguments.
    WrongArity = "E0211";
    /// A used file or library that does not exist.
    UnknownUsedFile = "E0212";
    /// Files that use each other in a circle.
    UseCycle = "E0213";
    /// A used path that is none, or that leaves the project.
    BadUsedPath = "E0214";

    // E03: types
    /// Two sides that cannot be compared.
    Incomparable = "E0301";
    /// An operator or function on a type that does not have it.
    WrongType = "E0302";
    /// A value where a condition is wanted.
    NotACondition = "E0303";
    /// A condition where a value is wanted.
    NotAValue = "E0304";
    /// A comparison with `null`.
    ComparedWithNull = "E0305";
    /// `ignoring year` or a month-day where it has no meaning.
    MisplacedIgnoringYear = "E0306";
    /// `ignoring case` where it has no meaning.
    MisplacedIgnoringCase = "E0307";
    /// Something that a row filter cannot hold.
    NotInRowFilter = "E0308";
    /// `first`, `last` or `average_gap` of a table without a time column.
    NoTimeColumn = "E0309";
    /// A pinned key that is not of the key column's type.
    WrongKeyType = "E0310";
    /// Something computed where a fixed number or text is wanted.
    NotConstant = "E0311";
    /// A product with more digits after the point than a number can have.
    TooPrecise = "E0312";
    /// A pattern that is not a regular expression.
    BadPattern = "E0313";
    /// A place or a distance that does not exist.
    NoSuchPlace = "E0314";
    /// A share of the customers that is none.
    NoSuchShare = "E0315";
    /// A number of buckets that is none.
    NotBuckets = "E0316";
    /// A computed column that the schema does not set up.
    NotSetUp = "E0317";
    /// A horizon of a prediction that is none.
    NotHorizon = "E0318";

    // E04: time
    /// A distance in time that no date can hold.
    OffsetTooLarge = "E0401";
    /// Hours or minutes on a date.
    ClockUnitOnDate = "E0402";
    /// A date compared with an instant.
    DateWithInstant = "E0403";

    // E06: limits
    /// A file beyond the limit.
    FileTooLarge = "E0601";
    /// A condition beyond the limit.
    ConditionTooLong = "E0602";
    /// Brackets or operators nested beyond the limit.
    NestedTooDeep = "E0603";
    /// A list beyond the limit.
    ListTooLong = "E0604";
    /// Pins beyond the limit.
    TooManyPins = "E0605";
    /// A rule that grows beyond the limit when its `let`s are expanded.
    TooManyNodes = "E0606";
    /// A pattern beyond the limit.
    PatternTooLarge = "E0607";
    /// Rules that together grow beyond the limit when their `let`s are expanded.
    TooManyNodesInAll = "E0608";
    /// More used files than the limit.
    TooManyFiles = "E0609";

    // E07: schema
    /// A schema that is not valid TOML, or a field of the wrong kind.
    SchemaSyntax = "E0701";
    /// A field that a schema does not have.
    UnknownSchemaField = "E0702";
    /// A column type that does not exist.
    UnknownType = "E0703";
    /// A table or column defined twice.
    DuplicateInSchema = "E0704";
    /// A key or another field that must be there.
    MissingInSchema = "E0705";
    /// A name of a table or column that the schema does not define.
    UnresolvedInSchema = "E0706";
    /// A column of a type that cannot serve here.
    WrongRoleInSchema = "E0707";
    /// A time zone that does not exist.
    UnknownTimeZone = "E0708";
    /// A setting of a computed column that cannot be.
    BadSetting = "E0709";
    /// Groups that leave scores out, or take them twice.
    NoPartition = "E0710";

    // E08: data
    /// A data file without a column that the schema names.
    MissingDataColumn = "E0801";
    /// A row with too many or too few fields.
    WrongFieldCount = "E0802";
    /// A field that is not of the column's type.
    BadField = "E0803";
    /// A number that its type cannot hold.
    NumberOverflow = "E0804";
    /// A date or a time in data that does not exist.
    NoSuchDateInData = "E0805";
    /// Two rows of one key.
    DuplicateKey = "E0806";
    /// A row without its key, or without a required field.
    MissingField = "E0807";
    /// A row of a child table whose customer or parent does not exist.
    OrphanRow = "E0808";
    /// A quote that is never closed.
    UnclosedQuote = "E0809";
    /// A data file without even a header.
    EmptyDataFile = "E0810";
    /// Data that is not text in UTF-8, or not what its ending says.
    UnreadableData = "E0811";
    /// A header that names a column twice.
    DuplicateHeader = "E0812";
    /// More errors than are listed.
    MoreErrors = "E0813";
    /// More rows than a table can hold.
    TooManyRows = "E0814";
    /// A column of a type that cannot be read as what the schema says.
    UnfitDataType = "E0815";

    // E10: rules in other forms
    /// A table, list or value of another shape than is wanted.
    WrongShape = "E1001";
    /// A field that a table does not have.
    UnknownKey = "E1002";
    /// An operator that a tree or a query does not have.
    UnknownOperator = "E1003";
    /// A value that does not fit its place.
    WrongValue = "E1004";
    /// A rule of a query that is not filled in.
    IncompleteRule = "E1005";
    /// Something that the other form cannot say.
    NoEquivalent = "E1006";

    // E11: evaluation
    /// A model that cannot be fitted, so that segments are not evaluated.
    NoModel = "E1101";

    // E12: work
    /// Work that was stopped.
    Cancelled = "E1201";

    // E13: the store
    /// A store that another process writes to.
    StoreInUse = "E1301";
    /// A store whose bytes are not those that were written.
    DamagedStore = "E1302";
    /// A store of another format, or with keys of another type.
    OtherStore = "E1303";
    /// A refresh that is not after the last one.
    RefreshOutOfOrder = "E1304";
    /// Data whose rows are not those of the store.
    OtherRows = "E1305";
    /// A segment that the store does not have.
    UnknownStoredSegment = "E1306";
    /// History that is no longer kept.
    ForgottenHistory = "E1307";
    /// A customer whom the store does not have.
    UnknownStoredCustomer = "E1308";

    // E14: SQL
    /// Rules that a dialect of SQL cannot say exactly.
    NotInDialect = "E1401";

    // W01: rules
    /// A window in time whose end lies before its start.
    ReversedWindow = "W0101";
    /// A pinned key that no customer has.
    UnknownPin = "W0102";
    // W02: rules that are hardly meant
    /// A condition that is always true.
    AlwaysTrue = "W0201";
    /// A condition that can never be true.
    AlwaysFalse = "W0202";
    /// Conditions that contradict each other.
    Contradiction = "W0203";
    /// A condition, or an element of a list, that stands there twice.
    DuplicateCondition = "W0204";
    /// A condition that adds nothing to the one beside it.
    SubsumedCondition = "W0205";
    /// A `between` whose lower end comes last.
    SwappedEnds = "W0206";
    /// A negated comparison that is true where a value is missing.
    MissingTaken = "W0207";
    /// A text that is not among a column's declared values.
    UndeclaredText = "W0208";
    /// A `let` that no rule uses.
    UnusedLet = "W0209";
    /// `and` and `or` side by side without brackets.
    MixedOperators = "W0210";
    /// Two segments that say the same.
    SameRule = "W0211";
    /// A segment that another one contains.
    ImpliedSegment = "W0212";
    /// A part of a partition that nobody gets into.
    UnreachablePart = "W0213";
    /// Texts compared by their letters whose declared values are in another order.
    LetterOrder = "W0214";

    // W08: data
    /// Columns of a data file that the schema does not name.
    IgnoredColumn = "W0801";
    /// References whose key does not exist.
    DanglingReference = "W0802";
    /// Values outside a column's declared values.
    UndeclaredValue = "W0803";
    /// Rows that a lenient load left out.
    RejectedRows = "W0804";
}

impl Code {
    /// Whether findings of this code are about what is allowed but hardly meant, which nobody can tell where something
    /// is wrong besides.
    pub(crate) fn is_lint(self) -> bool {
        self.as_str().starts_with("W02")
    }

    /// Whether findings of this code refuse the rules or data.
    pub fn severity(self) -> Severity {
        if self.as_str().starts_with('W') { Severity::Warning } else { Severity::Error }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    /// Reads a code in upper or lower case.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let named = |name: &str| Self::ALL.iter().copied().find(|code| code.as_str() == name);
        let name = text.trim().to_uppercase();
        named(&name).ok_or_else(|| UnknownCode {
            nearest: nearest(&name, Self::ALL.iter().map(|code| code.as_str())).and_then(named),
        })
    }
}

/// A text that is no diagnostic code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a diagnostic code as `E0301`")]
#[non_exhaustive]
pub struct UnknownCode {
    /// The code that was most likely meant.
    pub nearest: Option<Code>,
}
