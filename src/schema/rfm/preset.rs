//! Groups that ship with the crate. Their files are what a schema file has below `[rfm.groups]`, so that a preset can be
//! taken over and changed. They are read by a reader of their own, since a program may be without the feature `toml`.

use super::{
    super::draft::{Field, Word},
    Rfm,
    draft::{BOX_FIELDS, DraftBox, DraftGroup},
};

/// Groups that ship with the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RfmPreset {
    /// The name, as in `groups = "standard"`.
    pub name: &'static str,
    /// The number of levels that the scores must have.
    pub levels: u8,
    /// The groups as they stand below `[rfm.groups]` in a schema file.
    pub groups: &'static str,
}

impl Rfm {
    /// The presets: `standard`, eleven groups over recency and the mean of frequency and monetary; `ten` over recency and
    /// frequency; `four`, which every introduction has, and who is left; `three`, eight groups of three levels.
    pub const PRESETS: &'static [RfmPreset] = &[
        preset("standard", 5, include_str!("presets/standard.toml")),
        preset("ten", 5, include_str!("presets/ten.toml")),
        preset("four", 5, include_str!("presets/four.toml")),
        preset("three", 3, include_str!("presets/three.toml")),
    ];
}

const fn preset(name: &'static str, levels: u8, groups: &'static str) -> RfmPreset {
    RfmPreset { name, levels, groups }
}

impl RfmPreset {
    /// The groups, as if they were written out. The tests see to it that nothing is left out.
    pub(super) fn read(self) -> Vec<DraftGroup> {
        let mut groups: Vec<DraftGroup> = Vec::new();
        for line in self.groups.lines().filter(|line| !line.starts_with('#')) {
            let mut rest = line;
            if let Some((name, after)) = name_of(line) {
                groups.push(DraftGroup { name: Word::unplaced(name), boxes: Vec::new() });
                rest = after;
            }
            if let (Some(found), Some(group)) = (box_of(rest), groups.last_mut()) {
                group.boxes.push(found);
            }
        }
        groups
    }
}

/// `"NAME" = …`
fn name_of(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('"')?.split_once("\" =")
}

/// `{ recency = 5, frequency = [4, 5] }`, with anything around it.
fn box_of(text: &str) -> Option<DraftBox> {
    let (_, fields) = text.split_once('{')?;
    let mut found = DraftBox::default();
    let mut at = None;
    // A word is the name of a field, or a score of the last one.
    for word in fields.split([' ', ',', '=', '[', ']', '}']).filter(|word| !word.is_empty()) {
        match BOX_FIELDS.iter().position(|field| *field == word) {
            Some(field) => at = Some(field),
            None => {
                let field = at.and_then(|field| found.scores.get_mut(field))?;
                let mut scores = field.given().cloned().unwrap_or_default();
                scores.push(Word::unplaced(word));
                *field = Field::Given(scores);
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{super::groups::settle_groups, Rfm};
    use crate::diagnostic::Span;

    #[test]
    fn each_preset_is_a_partition() {
        for preset in Rfm::PRESETS {
            let mut findings = Vec::new();
            let groups = settle_groups(&preset.read(), Span::NONE, preset.levels, &mut findings);
            assert_eq!(findings, [], "{}", preset.name);
            let groups = groups.expect(preset.name);
            let lines = preset.groups.lines().filter(|line| line.starts_with('"'));
            assert_eq!(groups.names().len(), lines.count(), "{}", preset.name);
            for name in groups.names() {
                assert!(groups.by_scores().any(|other| other == name), "{}: {name}", preset.name);
            }
        }
    }

    /// The program that is without TOML reads what TOML reads.
    #[cfg(feature = "toml")]
    #[test]
    fn each_preset_is_read_as_toml_reads_it() {
        use crate::Schema;

        const SHOP: &str = "[customers]\nkey = \"id\"\n[customers.columns]\nid = \"int\"\n\
            [tables.orders]\ncustomer = \"customer\"\ntime = \"day\"\n[tables.orders.columns]\n\
            customer = \"int\"\nday = \"date\"\ntotal = \"decimal(2)\"\n\
            [rfm]\ntable = \"orders\"\namount = \"total\"\n";
        for preset in Rfm::PRESETS {
            let levels = format!("{SHOP}levels = {}\n", preset.levels);
            let by_name = format!("{levels}groups = \"{}\"\n", preset.name);
            let written = format!("{levels}[rfm.groups]\n{}", preset.groups);
            let [by_name, written] = [by_name, written].map(|text| Schema::from_toml(&text));
            let (by_name, written) = (by_name.expect("a schema"), written.expect("a schema"));
            assert!(by_name.same_as(&written), "{}", preset.name);
        }
    }
}
