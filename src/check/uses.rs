//! What the path of a `use` stands for. Paths are compared as text; nobody looks at a disk.

use std::path::is_separator;

use crate::{
    diagnostic::{Code, did_you_mean, nearest},
    library::{self, Library},
};

/// Where a `use` leads.
pub(super) enum Target {
    Library(&'static Library),
    /// A file of the project, as [`normal`] spells it.
    File(String),
}

/// Why a path leads nowhere.
pub(super) struct Refused {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: String,
}

/// The folder of a project.
#[derive(Clone, Default)]
pub(super) struct Root {
    folders: Vec<String>,
}

impl Root {
    pub(super) fn new(folder: &str) -> Self {
        Self { folders: parts(folder) }
    }

    /// Where the path leads that is written in the file `from`.
    pub(super) fn target(&self, from: &str, written: &str) -> Result<Target, Refused> {
        if let Some(why) = not_a_path(written) {
            return Err(why);
        }
        if !is_way(written) {
            return library::find(written).map(Target::Library).ok_or_else(|| no_library(written));
        }
        let mut at = parts(from);
        at.pop();
        let below = at.strip_prefix(self.folders.as_slice());
        let is_inside = below.is_some_and(|below| {
            below.first().is_none_or(|first| !first.is_empty() && first != "..")
        });
        // A file outside the project stays in its own folder and below.
        let fixed = if is_inside { self.folders.len() } else { at.len() };
        for part in written.split('/') {
            match part {
                "" | "." => {}
                ".." if at.len() > fixed => {
                    at.pop();
                }
                ".." => {
                    let message = format!("`{written}` leads out of the project");
                    let help = "a project's files lie in its folder and below";
                    return Err(refused(Code::BadUsedPath, message, help));
                }
                name => at.push(name.to_owned()),
            }
        }
        Ok(Target::File(at.join("/")))
    }

    /// The path of a file as the project knows it, without the folder of the project.
    pub(super) fn within<'p>(&self, path: &'p str) -> &'p str {
        let folder = self.folders.join("/");
        let inside = path.strip_prefix(&folder).filter(|_| !folder.is_empty());
        inside.and_then(|inside| inside.strip_prefix('/')).unwrap_or(path)
    }
}

/// A path in the one spelling by which files are known: `./a/../b.seg` is `b.seg`.
pub(super) fn normal(path: &str) -> String {
    parts(path).join("/")
}

/// The folders of a path and its last name. The first part of an absolute path is empty.
fn parts(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    if path.starts_with(is_separator) {
        parts.push(String::new());
    }
    for part in path.split(is_separator) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| last != "..") => {
                // There is nothing above the root of all.
                parts.pop_if(|last| !last.is_empty());
            }
            part => parts.push(part.to_owned()),
        }
    }
    parts
}

/// The file that was most likely meant by one that does not exist, written as a path in the file `from`.
pub(super) fn nearest_file<'p>(
    from: &str,
    path: &str,
    known: impl Iterator<Item = &'p str>,
) -> Option<String> {
    let others: Vec<&str> = known.filter(|known| *known != from).collect();
    let wanted = nearest(stem(path), others.iter().map(|path| stem(path)))?;
    let found = others.into_iter().filter(|path| stem(path) == wanted).min()?;
    let (mut folders, target) = (parts(from), parts(found));
    folders.pop();
    let shared = folders.iter().zip(&target).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folders.len() - shared);
    let down = target.get(shared..)?.join("/");
    Some(if up.is_empty() { format!("./{down}") } else { up + &down })
}

/// The name of a file without its folder and its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".seg").unwrap_or(name)
}

/// Whether it is written as the way to a file.
fn is_way(written: &str) -> bool {
    matches!(written.split('/').next(), Some("." | ".."))
}

/// What is wrong with a path by itself.
fn not_a_path(written: &str) -> Option<Refused> {
    let bad = |message: &str, help: String| {
        Some(refused(Code::BadUsedPath, format!("`{written}` {message}"), help))
    };
    let example = "write the way from this file's folder, as in `./common.seg`";
    if written.is_empty() {
        return Some(refused(Code::BadUsedPath, "this path is empty", example));
    }
    if written.contains(|character: char| character.is_control()) {
        let message = "this path has a character that does not print";
        return Some(refused(Code::BadUsedPath, message, example));
    }
    let (is_drive, is_way) = (written.contains(':'), is_way(written));
    if written.contains('\\') {
        return bad("has a `\\`", format!("did you mean `{}`?", written.replace('\\', "/")));
    }
    if written.starts_with('/') || (is_drive && !is_way) {
        return bad("is an absolute path", example.to_owned());
    }
    if is_drive {
        return bad("has a `:`, which not every system can have in a path", example.to_owned());
    }
    let is_file = !stem(written).is_empty() && written.ends_with(".seg");
    match (is_way, is_file) {
        (true, false) => bad("does not end in `.seg`, as a rule file does", example.to_owned()),
        (false, true) => {
            bad("does not begin with `./` or `../`", format!("did you mean `./{written}`?"))
        }
        _ => None,
    }
}

fn no_library(written: &str) -> Refused {
    let names = || library::ALL.iter().map(|library| library.name);
    let help = did_you_mean(nearest(written, names()), || {
        let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        format!("there is {}; a file of the project is written `./common.seg`", names.join(", "))
    });
    refused(Code::UnknownUsedFile, format!("there is no library `{written}`"), help)
}

fn refused(code: Code, message: impl Into<String>, help: impl Into<String>) -> Refused {
    Refused { code, message: message.into(), help: help.into() }
}

#[cfg(test)]
mod tests {
    use super::{Root, Target, nearest_file, normal};

    fn target(root: &str, from: &str, written: &str) -> Result<String, String> {
        match Root::new(root).target(&normal(from), written) {
            Ok(Target::File(path)) => Ok(path),
            Ok(Target::Library(library)) => Ok(library.name.to_owned()),
            Err(refused) => Err(refused.code.to_string()),
        }
    }

    #[test]
    fn a_path_goes_from_the_folder_of_its_file() {
        let found = |root, from, written| target(root, from, written).unwrap();
        assert_eq!(found("", "a.seg", "./b.seg"), "b.seg");
        assert_eq!(found("", "a/a.seg", "./b.seg"), "a/b.seg");
        assert_eq!(found("", "a/a.seg", "../b.seg"), "b.seg");
        assert_eq!(found("", "a/a.seg", "./../c/.//b.seg"), "c/b.seg");
        assert_eq!(found("", "./x/../a.seg", "./b.seg"), "b.seg");
        assert_eq!(found("shop/", "shop/a.seg", "./b.seg"), "shop/b.seg");
        assert_eq!(found("./shop", "shop/a/b/c.seg", "../../d.seg"), "shop/d.seg");
        assert_eq!(found("/home/shop", "/home/shop/a/a.seg", "../b.seg"), "/home/shop/b.seg");
        assert_eq!(found("../shop", "../shop/a/a.seg", "../b.seg"), "../shop/b.seg");
        assert_eq!(found("", "/home/x/a.seg", "./sub/b.seg"), "/home/x/sub/b.seg");
        assert_eq!(found("", "a.seg", "segmenta/behaviour"), "segmenta/behaviour");
    }

    #[test]
    fn no_path_leads_out_of_the_project() {
        let cases = [
            ("", "a.seg", "../b.seg"),
            ("", "a.seg", "./c/../../b.seg"),
            ("", "a/a.seg", "../../a/b.seg"),
            ("shop", "shop/a.seg", "../b.seg"),
            ("shop", "shop/a.seg", "../shop/b.seg"),
            ("/shop", "/shop/a.seg", "../b.seg"),
            ("../shop", "../shop/a.seg", "../b.seg"),
            // A file of another folder.
            ("shop", "other/a.seg", "../b.seg"),
            ("shop", "shopping/a.seg", "../b.seg"),
            ("", "../other/a.seg", "../b.seg"),
            ("..", "../../other/a.seg", "../b.seg"),
            ("", "/other/a.seg", "../b.seg"),
            ("shop", "/a.seg", "../b.seg"),
        ];
        for (root, from, written) in cases {
            assert_eq!(target(root, from, written), Err("E0214".to_owned()), "{from} {written}");
        }
    }

    #[test]
    fn what_is_no_path() {
        for written in [
            "",
            "/",
            "/b.seg",
            "//b.seg",
            "C:/b.seg",
            "c:b.seg",
            "./C:/b.seg",
            ".\\b.seg",
            "./b",
            "./b.SEG",
            "./.seg",
            "./sub/",
            "./",
            "..",
            ".",
            "./b.seg/",
            "b.seg",
            "sub/b.seg",
            ".b.seg",
            "..b.seg",
            "./b\0.seg",
            "./b\n.seg",
        ] {
            assert_eq!(target("", "a.seg", written), Err("E0214".to_owned()), "{written:?}");
        }
        assert_eq!(target("", "a.seg", "segmenta/behavior"), Err("E0212".to_owned()));
    }

    #[test]
    fn the_nearest_file_is_told_by_its_name() {
        let near = |from, path| {
            nearest_file(
                from,
                path,
                ["vip.seg", "lib/common.seg", "lib/deep/stock.seg"].into_iter(),
            )
        };
        assert_eq!(near("vip.seg", "common.seg").as_deref(), Some("./lib/common.seg"));
        assert_eq!(near("vip.seg", "lib/comon.seg").as_deref(), Some("./lib/common.seg"));
        assert_eq!(near("lib/common.seg", "lib/vip.seg").as_deref(), Some("../vip.seg"));
        assert_eq!(near("lib/deep/stock.seg", "x/common.seg").as_deref(), Some("../common.seg"));
        assert_eq!(near("vip.seg", "vop.seg"), None);
        assert_eq!(near("vip.seg", "zebra.seg"), None);
    }

    #[test]
    fn names_within_the_project() {
        assert_eq!(Root::new("a/b").within("a/b/c.seg"), "c.seg");
        assert_eq!(Root::new("a/b").within("a/bc.seg"), "a/bc.seg");
        assert_eq!(Root::new("").within("a/c.seg"), "a/c.seg");
        assert_eq!(Root::new("/").within("/c.seg"), "/c.seg");
    }
}
