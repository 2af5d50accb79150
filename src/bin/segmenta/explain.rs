//! `segmenta explain`

use segmenta::{Code, UnknownCode};

use crate::failure::{Done, Failure, print};

/// Print the long text of a diagnostic code
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The code, as E0301, in upper or lower case
    #[arg(value_name = "CODE")]
    code: String,
}

pub(crate) fn run(args: &Args) -> Done {
    let code: Code = args.code.parse().map_err(|error: UnknownCode| {
        Failure::usage(format!("there is no code `{}`", args.code)).help(match error.nearest {
            Some(near) => format!("did you mean `{near}`?"),
            None => "codes stand in the brackets of findings, as in `error[E0301]`".to_owned(),
        })
    })?;
    print(&plain(code.explanation()))
}

/// Markdown as plain text: the heading without its sign, examples set in.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut example = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            example = !example;
            continue;
        }
        let line = if example { line } else { line.strip_prefix("# ").unwrap_or(line) };
        text.push_str(if example && !line.is_empty() { "    " } else { "" });
        text.push_str(line);
        text.push('\n');
    }
    text
}
