//! What a client lists: columns and aggregates, and what it sorts by.

use super::column::Column;
use super::dataset::Dataset;
use super::error::ExploreError;
use super::function::Function;

/// One thing to show.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// A value of each row, or what rows are grouped by.
    Column(Column),
    /// A value of many rows.
    Function(Function),
}

impl Field {
    /// Reads a column or a function call.
    ///
    /// # Errors
    /// Names that do not exist.
    pub fn parse(dataset: Dataset, text: &str) -> Result<Field, ExploreError> {
        let text = text.trim();
        if text.contains('(') {
            Function::parse(dataset, text).map(Field::Function)
        } else {
            Column::find(dataset, text).map(Field::Column)
        }
    }

    /// As it was written.
    pub fn name(&self) -> &str {
        match self {
            Self::Column(column) => &column.name,
            Self::Function(function) => &function.name,
        }
    }
}

/// `count_unique(user)` is also called `count_unique_user`, and `count()` also `count`.
pub fn alias(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// One sort key: the position of the field, and the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Position among the selected fields.
    pub field: usize,
    /// Which way.
    pub direction: Direction,
}

impl Order {
    /// Reads `-count()`, `count` or `-count_unique_user`.
    ///
    /// # Errors
    /// A field that is not among the selected ones.
    pub fn parse(fields: &[Field], text: &str) -> Result<Order, ExploreError> {
        let (direction, name) = split(text);
        let wanted = alias(name);
        let exact = fields.iter().position(|field| field.name() == name);
        let field = exact.or_else(|| fields.iter().position(|field| alias(field.name()) == wanted));
        let field = field.ok_or_else(|| ExploreError::NotSelected(name.to_owned()))?;
        Ok(Order { field, direction })
    }
}

/// Splits a leading `-` off.
pub fn split(text: &str) -> (Direction, &str) {
    match text.strip_prefix('-') {
        Some(name) => (Direction::Descending, name),
        None => (Direction::Ascending, text),
    }
}
