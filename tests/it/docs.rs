//! Every example in the prose is one that the crate accepts.

use std::process::Command;

use segmenta::{
    Rules, Schema,
    config::{Condition, Query, RulesDef, Tree},
};

const LANGUAGE: &str = include_str!("../../src/docs/language.md");
const CONFIG: &str = include_str!("../../src/docs/config.md");
const BEHAVIOUR: &str = include_str!("../../src/library/behaviour.seg");
const README: &str = include_str!("../../README.md");
const SHOP: &str = include_str!("../../examples/shop/segmenta.toml");

/// The texts of the code blocks of one kind.
fn blocks<'a>(prose: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("```{kind}\n");
    let begun = prose.split(&fence).skip(1);
    begun.map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_examples_of_the_language_reference_check() {
    let schema = Schema::from_toml(blocks(LANGUAGE, "toml")[0]).unwrap();
    let files = blocks(LANGUAGE, "seg");
    assert_eq!(files.len(), 2);
    let conditions: Vec<&str> =
        blocks(LANGUAGE, "condition").into_iter().flat_map(str::lines).collect();
    assert!(conditions.len() > 40);
    let mut rules = Rules::builder(&schema);
    for file in files {
        rules = rules.file("language.md", file);
    }
    for (number, condition) in conditions.into_iter().enumerate() {
        rules = rules.condition(format!("example_{number}"), condition);
    }
    rules.build().unwrap();
}

#[test]
fn the_examples_of_other_config_files_say_what_they_claim() {
    let schema = Schema::from_toml(blocks(LANGUAGE, "toml")[0]).unwrap();
    for example in blocks(CONFIG, "toml") {
        let rules: RulesDef = toml::from_str(example).unwrap();
        Rules::builder(&schema).definitions("shop.toml", rules).build().unwrap();
    }
    let trees: Vec<&str> = blocks(CONFIG, "tree").into_iter().flat_map(str::lines).collect();
    assert!(trees.len() > 5);
    for line in trees {
        let (text, tree) = line.split_once("  ").unwrap();
        let condition: Condition = text.parse().unwrap();
        let tree: serde_json::Value = serde_json::from_str(tree).unwrap();
        assert_eq!(serde_json::to_value(condition.tree()).unwrap(), tree);
        assert_eq!(Condition::from(serde_json::from_value::<Tree>(tree).unwrap()), condition);
    }
    for example in blocks(CONFIG, "query") {
        let (query, text) = example.trim().split_once("\n\n").unwrap();
        let query: Query = serde_json::from_str(query).unwrap();
        assert_eq!(query.to_condition(&schema).unwrap().to_string(), text);
    }
}

#[test]
fn each_definition_of_a_library_has_an_example_that_checks() {
    let schema = Schema::from_toml(blocks(LANGUAGE, "toml")[0]).unwrap();
    let mut examples = String::new();
    for line in BEHAVIOUR.lines() {
        if let Some(example) = line.strip_prefix("#   ") {
            examples.push_str(example);
        } else if let Some(definition) = line.strip_prefix("let ") {
            let name = definition.split('(').next().unwrap();
            assert!(examples.starts_with(&format!("{name}(")), "{name}: {examples}");
            Rules::builder(&schema)
                .file("use.seg", "use 'segmenta/behaviour'")
                .condition("example", std::mem::take(&mut examples))
                .build()
                .unwrap();
        }
    }
    assert_eq!(examples, "");
}

#[test]
fn a_library_speaks_of_nothing_but_its_parameters() {
    const WORDS: &[&str] = &[
        "ago",
        "and",
        "between",
        "by",
        "contains",
        "days",
        "days_since",
        "hours",
        "last",
        "not",
        "or",
        "percent",
        "top",
        "within",
    ];
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        parts.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let code = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let code: Vec<&str> = BEHAVIOUR.lines().filter(code).collect();
    // A definition goes on in the lines that are indented.
    for line in code.join("\n").replace("\n  ", " ").lines() {
        let (head, body) = line.split_once(" = ").unwrap();
        let head = words(head);
        assert!(head[0] == "let" && head.len() > 2, "{line}");
        for word in words(body) {
            let known = head[2..].contains(&word) || WORDS.contains(&word.as_str());
            assert!(known || word.parse::<u32>().is_ok(), "{line}: `{word}`");
        }
    }
}

#[test]
fn the_rule_file_of_the_readme_checks() {
    let schema = Schema::from_toml(SHOP).unwrap();
    Rules::parse(&schema, blocks(README, "seg")[0]).unwrap();
}

#[test]
fn every_rule_file_stands_in_canonical_layout() {
    let loyalty = include_str!("../../examples/shop/loyalty.seg");
    let seasons = include_str!("../../examples/shop/seasons.seg");
    let own = [loyalty, seasons, BEHAVIOUR];
    for text in own.into_iter().chain(blocks(README, "seg")).chain(blocks(LANGUAGE, "seg")) {
        assert_eq!(segmenta::format("example.seg", text).unwrap(), text);
    }
}

#[test]
fn the_readme_prints_what_the_command_prints() {
    let (command, table) = blocks(README, "console")[0].split_once('\n').unwrap();
    let (_, arguments) = command.split_once(" -- ").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_segmenta"))
        .args(arguments.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), table);
}
