//! A small shop with a column of every type and rows of rows.

use std::sync::OnceLock;

use segmenta::{Schema, Snapshot};

const SCHEMA: &str = include_str!("../shop/segmenta.toml");
const TABLES: [(&str, &str); 6] = [
    ("customers", include_str!("../shop/customers.csv")),
    ("orders", include_str!("../shop/orders.csv")),
    ("items", include_str!("../shop/items.csv")),
    ("notes", include_str!("../shop/notes.csv")),
    ("products", include_str!("../shop/products.csv")),
    ("stores", include_str!("../shop/stores.csv")),
];

pub(super) fn shop() -> &'static (Schema, Snapshot) {
    static SHOP: OnceLock<(Schema, Snapshot)> = OnceLock::new();
    SHOP.get_or_init(|| {
        let schema = Schema::from_toml(SCHEMA).expect("a schema");
        let mut data = Snapshot::builder(&schema);
        for (table, rows) in TABLES {
            data.csv_reader(table, table, rows.as_bytes()).expect("rows");
        }
        let data = data.build().expect("data");
        (schema, data)
    })
}
