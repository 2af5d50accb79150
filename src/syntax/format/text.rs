//! Formatting for callers.

use super::format;
use crate::{
    diagnostic::Sources,
    error::{Error, Result},
    limits::Limits,
};

/// The text of a rule file in canonical layout: comments stay, and what it says does not change. Diagnostics call the
/// file by `name`.
///
/// ```
/// let text = segmenta::format("vip.seg", "segment vip{include country='SE'}")?;
/// assert_eq!(text, "segment vip {\n  include country = 'SE'\n}\n");
/// # Ok::<(), segmenta::Error>(())
/// ```
///
/// # Errors
///
/// Every syntax error of the text.
pub fn format_text(name: &str, text: &str) -> Result<String> {
    let mut sources = Sources::default();
    let source = sources.add(name, text);
    let limits = Limits::default();
    let formatted = limits.with_room(|| format(source, text, &limits));
    formatted.map_err(|findings| Error::diagnosed(sources.resolve_all(findings)))
}
