//! Pages of connections: order, cursors, sizes.

use apollo_compiler::response::JsonMap;
use jiff::Timestamp;

use super::problem::Problem;

/// The size of a page when the client names none.
pub const DEFAULT_PAGE: u32 = 50;
/// The largest page.
pub const MAX_PAGE: i64 = 250;

/// Which page of a connection is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    window: Window,
    after: Option<Cursor>,
    before: Option<Cursor>,
    pub order: Order,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    First(usize),
    Last(usize),
}

/// By what the newest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    CreatedAt,
    UpdatedAt,
}

/// A place in a connection: the sort key of an item. Lower comes later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    rank: i64,
    id: String,
}

impl Cursor {
    /// The place of an item with this time and id.
    pub fn at(time: Timestamp, id: &str) -> Self {
        Self { rank: time.as_microsecond(), id: id.to_owned() }
    }

    /// The place of the item on this position of a ranking, 0 being the best.
    pub fn ranked(position: usize, id: &str) -> Self {
        Self { rank: -i64::try_from(position).unwrap_or(i64::MAX), id: id.to_owned() }
    }

    fn parse(text: &str) -> Option<Self> {
        let (rank, id) = text.split_once('_')?;
        Some(Self { rank: rank.parse().ok()?, id: id.to_owned() })
    }

    fn text(&self) -> String {
        format!("{}_{}", self.rank, self.id)
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub info: PageInfo,
}

/// Where a page stands in its connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageInfo {
    pub start: Option<String>,
    pub end: Option<String>,
    pub has_next: bool,
    pub has_previous: bool,
}

impl PageRequest {
    /// Reads the arguments every connection has.
    pub fn from_arguments(arguments: &JsonMap) -> Result<Self, Problem> {
        let size = |name: &str| -> Result<Option<usize>, Problem> {
            match arguments.get(name).and_then(|value| value.as_i64()) {
                None => Ok(None),
                Some(size) if (1..=MAX_PAGE).contains(&size) => Ok(usize::try_from(size).ok()),
                Some(size) if size > MAX_PAGE => {
                    Err(Problem::argument(format!("{name} must not be greater than {MAX_PAGE}.")))
                }
                Some(_) => Err(Problem::argument(format!("{name} must not be less than 1."))),
            }
        };
        let cursor = |name: &str| -> Result<Option<Cursor>, Problem> {
            match arguments.get(name).and_then(|value| value.as_str()) {
                None => Ok(None),
                Some(text) => Cursor::parse(text)
                    .map(Some)
                    .ok_or_else(|| Problem::argument(format!("{name} must be a cursor of this connection."))),
            }
        };
        let window = match (size("first")?, size("last")?) {
            (Some(_), Some(_)) => return Err(Problem::argument("Give first or last, not both.")),
            (Some(first), None) => Window::First(first),
            (None, Some(last)) => Window::Last(last),
            (None, None) => Window::First(DEFAULT_PAGE as usize),
        };
        let order = match arguments.get("orderBy").and_then(|value| value.as_str()) {
            Some("updatedAt") => Order::UpdatedAt,
            _ => Order::CreatedAt,
        };
        Ok(Self { window, after: cursor("after")?, before: cursor("before")?, order })
    }

    /// Sorts the items, highest cursor first, and cuts the page out.
    pub fn cut<T>(&self, items: impl IntoIterator<Item = T>, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
        let mut items: Vec<(Cursor, T)> = items.into_iter().map(|item| (cursor(&item), item)).collect();
        items.sort_by(|(a, _), (b, _)| b.cmp(a));
        let start = match &self.after {
            Some(after) => items.partition_point(|(cursor, _)| cursor >= after),
            None => 0,
        };
        let end = match &self.before {
            Some(before) => items.partition_point(|(cursor, _)| cursor > before).max(start),
            None => items.len(),
        };
        let (start, end) = match self.window {
            Window::First(size) => (start, end.min(start.saturating_add(size))),
            Window::Last(size) => (start.max(end.saturating_sub(size)), end),
        };
        let (has_previous, has_next) = (start > 0, end < items.len());
        let page: Vec<(Cursor, T)> = items.into_iter().skip(start).take(end - start).collect();
        let info = PageInfo {
            start: page.first().map(|(cursor, _)| cursor.text()),
            end: page.last().map(|(cursor, _)| cursor.text()),
            has_next,
            has_previous,
        };
        Page { items: page.into_iter().map(|(_, item)| item).collect(), info }
    }
}
