//! The shop of `examples/shop` through the API: who is in which segment, and who came and went in a month.
//!
//! `cargo run --example quickstart`

use std::{error::Error, fs, path::Path};

use segmenta::{AsOf, Engine, Rules, Schema, Snapshot};

fn main() -> Result<(), Box<dyn Error>> {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/shop");
    let schema = Schema::from_toml(&fs::read_to_string(shop.join("segmenta.toml"))?)?;

    let mut data = Snapshot::builder(&schema);
    data.csv_file("customers", shop.join("customers.csv"))?;
    data.csv_file("orders", shop.join("orders.csv"))?;
    data.csv_file("items", shop.join("items.csv.gz"))?;
    data.csv_file("products", shop.join("products.csv"))?;

    let rules = Rules::builder(&schema)
        .file("loyalty.seg", fs::read_to_string(shop.join("loyalty.seg"))?)
        .file("seasons.seg", fs::read_to_string(shop.join("seasons.seg"))?)
        .build()?;

    let mut engine = Engine::new(rules, data.build()?)?;
    engine.refresh("2011-11-10".parse::<AsOf>()?)?;
    let month = engine.refresh("2011-12-10".parse::<AsOf>()?)?;

    println!("{:20}{:>10}{:>10}{:>10}", "10 December 2011", "members", "entered", "left");
    for change in month.changes() {
        let (entered, left) = (change.entered.len(), change.left.len());
        println!("{:20}{:>10}{:>10}{:>10}", change.segment, change.members, entered, left);
    }

    // Set algebra, and customers by their keys.
    if let (Some(loyal), Some(christmas)) = (engine.select("loyal"), engine.select("christmas")) {
        let both = &loyal & &christmas;
        let keys: Vec<String> = both.keys().iter().map(ToString::to_string).collect();
        println!("\nloyal, and orders around Christmas: {}", keys.join(", "));
        println!("loyal, but not around Christmas: {}", (&loyal - &christmas).len());
    }
    Ok(())
}
