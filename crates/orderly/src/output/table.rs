//! Tables that fit the terminal.

use comfy_table::{ContentArrangement, Table, presets};

/// A table without lines, its heads first. Wraps to the terminal's width; as wide as it needs in a pipe.
pub fn table(heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(heads.to_vec());
    for row in rows {
        table.add_row(row);
    }
    // Cells are padded on both sides; nothing stands before the first column.
    table
        .to_string()
        .lines()
        .map(|line| line.trim_end().strip_prefix(' ').unwrap_or(line.trim_end()))
        .collect::<Vec<_>>()
        .join("\n")
}
