//! The one approval gate: what a person types or selects becomes an approved selection, or is refused.

use super::selection::{ApprovedSelection, SELECTION_VERSION, Selection};
use super::table::{Repair, Row, Table};
use super::unit::units;
use crate::ids::Digest;
use crate::time::Now;
use std::collections::BTreeSet;

/// What was chosen from a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Every row that a repair may work on.
    All,
    /// The first so many of them.
    Top(u32),
    /// These rows.
    Numbers(BTreeSet<u32>),
    /// Nothing.
    Skip,
}

/// Why a text is no choice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` chooses nothing: write numbers of the table (`1,2,5` or `1-3`), `all`, `top 3` or `skip`")]
pub struct NotAChoice {
    /// The text, made visible.
    pub text: String,
}

/// Why nothing was approved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceRefused {
    /// A number that the table does not have.
    #[error("the table has no row {number}; its rows are {rows}")]
    NoSuchRow {
        /// The number.
        number: u32,
        /// `1 to 7`.
        rows: String,
    },
    /// Configuration leaves it to a person.
    #[error("row {number} ({short_id}) is on the do-not-fix list: {reason}")]
    DoNotFix {
        /// Its number.
        number: u32,
        /// Short id.
        short_id: String,
        /// Why.
        reason: String,
    },
    /// The table is another one by now.
    #[error("the table changed since: it is {found} now, not {wanted}; look at it again")]
    OtherTable {
        /// What the choice was made from.
        wanted: String,
        /// What there is now.
        found: String,
    },
}

impl Choice {
    /// Reads `1,2,5`, `1-3 7`, `all`, `top 3`, `skip`.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse(text: &str) -> Result<Self, NotAChoice> {
        let wrong = || NotAChoice { text: crate::encode::one_line(text) };
        let words = text.trim().to_ascii_lowercase();
        match words.as_str() {
            "all" => return Ok(Self::All),
            "skip" | "none" => return Ok(Self::Skip),
            _ => {}
        }
        if let Some(count) = words.strip_prefix("top") {
            return match count.trim().parse() {
                Ok(count) if count > 0 => Ok(Self::Top(count)),
                _ => Err(wrong()),
            };
        }
        let mut numbers = BTreeSet::new();
        for part in words.split([',', ' ', ';']).filter(|part| !part.is_empty()) {
            let part = part.trim_start_matches('#');
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to): (u32, u32) =
                (from.parse().map_err(|_| wrong())?, to.parse().map_err(|_| wrong())?);
            if from == 0 || to < from || to - from > MOST {
                return Err(wrong());
            }
            numbers.extend(from..=to);
        }
        if numbers.is_empty() { Err(wrong()) } else { Ok(Self::Numbers(numbers)) }
    }
}

/// Largest span that a choice may name at once.
const MOST: u32 = 10_000;

impl Table {
    /// The approval: the chosen rows as a plan with a digest. Issues on the do-not-fix list are passed over by `all` and
    /// `top`, and refused by number. `None`: nothing was chosen.
    ///
    /// # Errors
    /// When a number is not in the table or is left to a person. Then nothing is approved.
    pub fn approve(&self, choice: &Choice, now: Now) -> Result<Option<ApprovedSelection>, ChoiceRefused> {
        let free = |row: &&Row| row.repair == Repair::Anyone;
        let rows: Vec<&Row> = match choice {
            Choice::Skip => Vec::new(),
            Choice::All => self.rows.iter().filter(free).collect(),
            Choice::Top(count) => self.rows.iter().filter(free).take(*count as usize).collect(),
            Choice::Numbers(numbers) => numbers.iter().map(|n| self.row(*n)).collect::<Result<_, _>>()?,
        };
        if rows.is_empty() {
            return Ok(None);
        }
        let chosen = rows.into_iter().map(|row| (row.issue.clone(), row.crash.clone())).collect();
        Ok(Some(ApprovedSelection::seal(Selection {
            version: SELECTION_VERSION,
            made_at: now.0,
            site: self.site.clone(),
            table: Some(self.digest()),
            units: units(chosen),
        })))
    }

    /// Checks that this is still the table that a choice was made from; `wanted` is its digest or the beginning of it.
    ///
    /// # Errors
    /// When it is another one.
    pub fn still(&self, wanted: &str) -> Result<(), ChoiceRefused> {
        let found = self.digest();
        if is(&found, wanted) { Ok(()) } else { Err(other(wanted, &found)) }
    }

    /// The table that a choice was made from, of which people may have been shown the first rows only; `wanted` is its
    /// digest or the beginning of it.
    ///
    /// # Errors
    /// When no first rows of this table have that digest.
    pub fn as_shown(self, wanted: &str) -> Result<Self, ChoiceRefused> {
        match (1..=self.rows.len()).find(|first| is(&self.digest_of(*first), wanted)) {
            Some(first) => Ok(self.top(first)),
            None => Err(other(wanted, &self.digest())),
        }
    }

    fn row(&self, number: u32) -> Result<&Row, ChoiceRefused> {
        let row = self.rows.iter().find(|row| row.issue.number == number).ok_or_else(|| {
            let rows = match self.rows.len() {
                0 => "none".to_owned(),
                1 => "1".to_owned(),
                last => format!("1 to {last}"),
            };
            ChoiceRefused::NoSuchRow { number, rows }
        })?;
        match &row.repair {
            Repair::Anyone => Ok(row),
            Repair::Person { reason } => Err(ChoiceRefused::DoNotFix {
                number,
                short_id: row.issue.short_id.to_string(),
                reason: reason.clone(),
            }),
        }
    }
}

/// Whether a digest is the wanted one, of which people quote the beginning.
fn is(found: &Digest, wanted: &str) -> bool {
    wanted.len() >= DIGITS && found.as_str().starts_with(&wanted.to_ascii_lowercase())
}

fn other(wanted: &str, found: &Digest) -> ChoiceRefused {
    let short = |text: &str| text.chars().take(DIGITS).collect();
    ChoiceRefused::OtherTable {
        wanted: short(&crate::encode::one_line(wanted)),
        found: short(found.as_str()),
    }
}

/// Digits of a digest that people quote.
pub const DIGITS: usize = 12;
