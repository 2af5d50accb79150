//! Names, strings, numbers, days and amounts.

use std::fmt::{self, Write};

use crate::{
    calendar::Unit,
    syntax::{
        tree::{Amount, AmountKind, Name, Number},
        word,
    },
};

/// A name, in backquotes unless it is a plain word that is not reserved.
pub(crate) fn write_name(out: &mut dyn Write, name: &str) -> fmt::Result {
    let plain = word::is_identifier(name) && word::reserved(name).is_none();
    write_name_if(out, name, plain)
}

/// A name that must be in backquotes also where `clashes` says that the bare word means something else.
pub(super) fn write_name_unless(
    out: &mut dyn Write,
    name: &str,
    clashes: impl Fn(&str) -> bool,
) -> fmt::Result {
    let plain = word::is_identifier(name) && word::reserved(name).is_none();
    write_name_if(out, name, plain && !clashes(name))
}

fn write_name_if(out: &mut dyn Write, name: &str, plain: bool) -> fmt::Result {
    if plain { out.write_str(name) } else { write!(out, "`{name}`") }
}

pub(crate) fn name_text(name: &Name) -> String {
    written_name(&name.text)
}

pub(crate) fn written_name(name: &str) -> String {
    let mut text = String::new();
    // Writing to a `String` does not fail.
    let _done = write_name(&mut text, name);
    text
}

/// A string in single quotes.
pub(crate) fn written_text(text: &str) -> String {
    let mut written = String::new();
    let _done = write_text(&mut written, text, '\'');
    written
}

/// `home_store.region`
pub(crate) fn write_names(out: &mut dyn Write, names: &[Name]) -> fmt::Result {
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            out.write_char('.')?;
        }
        write_name(out, &name.text)?;
    }
    Ok(())
}

/// A string between quotes of the kind asked for.
pub(crate) fn write_text(out: &mut dyn Write, text: &str, quote: char) -> fmt::Result {
    out.write_char(quote)?;
    // PERF: almost all texts are plain.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'\\' | b'\'' | b'"');
    if text.bytes().all(is_plain) {
        out.write_str(text)?;
        return out.write_char(quote);
    }
    for letter in text.chars() {
        match letter {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\t' => out.write_str("\\t")?,
            _ if letter == quote => write!(out, "\\{letter}")?,
            _ if letter.is_control() || is_deceptive(letter) => {
                write!(out, "\\u{{{:x}}}", u32::from(letter))?
            }
            _ => out.write_char(letter)?,
        }
    }
    out.write_char(quote)
}

/// What nobody sees but what breaks a line or turns the direction of the text around it.
fn is_deceptive(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// `1_000.50`
pub(super) fn write_number(out: &mut dyn Write, number: Number) -> fmt::Result {
    let shift = 10_i128.checked_pow(u32::from(number.scale)).unwrap_or(i128::MAX);
    let whole = number.mantissa / shift;
    if number.grouped {
        let digits = whole.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.write_char('_')?;
            }
            out.write_char(digit)?;
        }
    } else {
        write!(out, "{whole}")?;
    }
    if number.scale > 0 {
        let decimals = number.mantissa % shift;
        write!(out, ".{decimals:0width$}", width = usize::from(number.scale))?;
    }
    Ok(())
}

/// `30 days`, `1 day`, `n days`; a name in backquotes also where `clashes` says so.
pub(super) fn write_span(
    out: &mut dyn Write,
    amount: &Amount,
    unit: Unit,
    clashes: impl Fn(&str) -> bool,
) -> fmt::Result {
    match &amount.kind {
        AmountKind::Number(number) => write!(out, "{number}")?,
        AmountKind::Name(name) => write_name_unless(out, name, clashes)?,
    }
    let one = amount.kind == AmountKind::Number(1);
    let name = unit.name();
    let name = if one { name.strip_suffix('s').unwrap_or(name) } else { name };
    write!(out, " {name}")
}

/// How many of a list.
pub(super) fn write_count(out: &mut dyn Write, amount: &Amount) -> fmt::Result {
    match &amount.kind {
        AmountKind::Number(number) => write!(out, "{number}"),
        // `exactly contains` would be a column called `exactly` and what it contains.
        AmountKind::Name(name) => write_name_unless(out, name, |name| {
            ["contains", "matches"].iter().any(|word| name.eq_ignore_ascii_case(word))
        }),
    }
}

/// `Z` or `+02:00`
pub(super) fn write_zone(out: &mut dyn Write, minutes: i32) -> fmt::Result {
    if minutes == 0 {
        return out.write_char('Z');
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    let size = minutes.unsigned_abs();
    write!(out, "{sign}{:02}:{:02}", size / 60, size % 60)
}
