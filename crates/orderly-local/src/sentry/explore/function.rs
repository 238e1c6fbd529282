//! Aggregates: `count()`, `p95(span.duration)`, `failure_rate()`, ...

use super::column::{Column, Kind, Source};
use super::dataset::Dataset;
use super::error::ExploreError;
use crate::sentry::search::Fragment;

/// An aggregate over rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// As it was written: the key of its values in an answer.
    pub name: String,
    /// Its value in SQL, before [`Function::finish`].
    pub sql: Fragment,
    /// What is made of the SQL value.
    pub finish: Finish,
}

/// From the value that SQL gives to the value that is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finish {
    /// A whole number.
    Count,
    /// A number as it is.
    Number,
    /// A share between 0 and 1.
    Share,
    /// Microseconds to milliseconds.
    Duration,
    /// A time in microseconds.
    Time,
    /// A text.
    Text,
    /// A count, per so many seconds of the period.
    Rate(f64),
    /// The percentile of a JSON list, between 0 and 1; of durations it is shown in milliseconds.
    Percentile(f64, Kind),
}

/// A transaction counts as failed with any other status.
const FAILED: &str = "event.status NOT IN ('', 'ok', 'cancelled', 'unknown')";

const KNOWN: &str = "use count, count_unique, count_if, sum, avg, min, max, p50, p75, p90, p95, p99, p100, percentile, \
                     failure_rate, failure_count, apdex, epm, eps, tpm, tps, last_seen or latest_event";

impl Function {
    /// Reads `name(arguments)`.
    ///
    /// # Errors
    /// A function or column that does not exist, or has no value in this data set.
    pub fn parse(dataset: Dataset, text: &str) -> Result<Function, ExploreError> {
        let unknown = || ExploreError::UnknownFunction(text.to_owned(), KNOWN);
        let (name, rest) = text.split_once('(').ok_or_else(unknown)?;
        let inside = rest.strip_suffix(')').ok_or_else(unknown)?;
        let arguments = arguments(inside);
        let call = Call { dataset, text, arguments };
        let (sql, finish) = call.compile(name.trim()).ok_or_else(unknown)??;
        Ok(Function { name: text.to_owned(), sql, finish })
    }
}

/// The parts between commas; those in brackets belong to a name such as `tags[size,number]`.
fn arguments(inside: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = inside.split(|c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(|part| part.trim().trim_matches('"')).filter(|part| !part.is_empty()).collect()
}

struct Call<'a> {
    dataset: Dataset,
    text: &'a str,
    arguments: Vec<&'a str>,
}

type Compiled = Result<(Fragment, Finish), ExploreError>;

impl Call<'_> {
    /// `None` for a function that does not exist.
    fn compile(&self, name: &str) -> Option<Compiled> {
        let share = match name {
            "p50" | "median" => Some(0.5),
            "p75" => Some(0.75),
            "p90" => Some(0.9),
            "p95" => Some(0.95),
            "p99" => Some(0.99),
            "p100" => Some(1.0),
            _ => None,
        };
        if let Some(share) = share {
            return Some(self.percentile(share));
        }
        Some(match name {
            "count" => self.count(),
            "count_unique" => self.over("COUNT(DISTINCT ", Finish::Count),
            "count_if" => self.count_if(),
            "sum" => self.number("COALESCE(SUM("),
            "avg" => self.number("(AVG("),
            "min" => self.number("(MIN("),
            "max" => self.number("(MAX("),
            "percentile" => match self.arguments.get(1).and_then(|text| text.parse::<f64>().ok()) {
                Some(share) if (0.0..=1.0).contains(&share) => self.percentile(share),
                _ => Err(self.refuse("write percentile(column, 0.95) with a share between 0 and 1")),
            },
            "failure_rate" => self.of_timed("AVG(CASE WHEN ", " THEN 1.0 ELSE 0.0 END)", Finish::Share),
            "failure_count" => {
                self.of_timed("COALESCE(SUM(CASE WHEN ", " THEN 1 ELSE 0 END), 0)", Finish::Count)
            }
            "apdex" => self.apdex(),
            "epm" | "tpm" => Ok((Fragment::new("COUNT(*)"), Finish::Rate(60.0))),
            "eps" | "tps" => Ok((Fragment::new("COUNT(*)"), Finish::Rate(1.0))),
            "last_seen" => Ok((Fragment::new("MAX(event.occurred_at)"), Finish::Time)),
            "latest_event" => Ok((
                Fragment::new("substr(MAX(printf('%020d', event.occurred_at) || event.event_id), 21)"),
                Finish::Text,
            )),
            _ => return None,
        })
    }

    fn refuse(&self, why: &'static str) -> ExploreError {
        ExploreError::NotHere(self.text.to_owned(), why)
    }

    fn column(&self) -> Result<Column, ExploreError> {
        let default = self.dataset.is_timed().then_some("span.duration");
        let name = self.arguments.first().copied().or(default);
        Column::find(self.dataset, name.ok_or_else(|| self.refuse("it needs a column"))?)
    }

    fn count(&self) -> Compiled {
        if self.arguments.is_empty() {
            return Ok((Fragment::new("COUNT(*)"), Finish::Count));
        }
        self.over("COUNT(", Finish::Count)
    }

    fn over(&self, open: &'static str, finish: Finish) -> Compiled {
        Ok((Fragment::new(open).then(self.column()?.sql).sql(")"), finish))
    }

    fn number(&self, open: &'static str) -> Compiled {
        let column = self.column()?;
        let finish = match column.kind {
            Kind::Duration => Finish::Duration,
            Kind::Time => Finish::Time,
            Kind::Integer | Kind::Boolean | Kind::Text | Kind::ShortId | Kind::Message => Finish::Number,
        };
        let value = match column.kind {
            Kind::Time => column.sql,
            _ => self.numeric(column)?,
        };
        let close = if open.starts_with("COALESCE") { "), 0)" } else { "))" };
        Ok((Fragment::new(open).then(value).sql(close), finish))
    }

    fn percentile(&self, share: f64) -> Compiled {
        let column = self.column()?;
        let kind = column.kind;
        let list = Fragment::new("json_group_array(").then(self.numeric(column)?).sql(")");
        Ok((list, Finish::Percentile(share, kind)))
    }

    /// The values as numbers: those of text columns are none, but the data of a span may be.
    fn numeric(&self, column: Column) -> Result<Fragment, ExploreError> {
        match column.kind {
            Kind::Duration | Kind::Integer | Kind::Boolean => Ok(column.sql),
            Kind::Text if column.source == Source::Tag && self.dataset.is_timed() => {
                Ok(Fragment::new("CAST(").then(column.sql).sql(" AS REAL)"))
            }
            Kind::Text | Kind::Time | Kind::ShortId | Kind::Message => {
                let function = self.text.split('(').next().unwrap_or_default().trim().to_owned();
                Err(ExploreError::NotNumeric { function, column: column.name })
            }
        }
    }

    /// `count_if(column, equals, value)`
    fn count_if(&self) -> Compiled {
        let [_, operator, value] = self.arguments.as_slice() else {
            return Err(self.refuse("write count_if(column,equals,value)"));
        };
        let column = self.column()?;
        let operator = match *operator {
            "equals" => " = ",
            "notEquals" => " <> ",
            "greater" => " > ",
            "greaterOrEquals" => " >= ",
            "less" => " < ",
            "lessOrEquals" => " <= ",
            _ => {
                return Err(self.refuse(
                    "its operators are equals, notEquals, greater, greaterOrEquals, less, lessOrEquals",
                ));
            }
        };
        let test = match column.kind {
            Kind::Text | Kind::Message => column.sql.sql(operator).text(*value),
            Kind::Duration | Kind::Integer | Kind::Boolean => {
                let number = value.parse::<f64>().map_err(|_| self.refuse("the value must be a number"))?;
                let factor = if column.kind == Kind::Duration { 1000.0 } else { 1.0 };
                column.sql.sql(operator).sql("CAST(").text((number * factor).to_string()).sql(" AS REAL)")
            }
            Kind::Time | Kind::ShortId => return Err(self.refuse("the column cannot be compared")),
        };
        Ok((
            Fragment::new("COALESCE(SUM(CASE WHEN ").then(test).sql(" THEN 1 ELSE 0 END), 0)"),
            Finish::Count,
        ))
    }

    fn of_timed(&self, open: &'static str, close: &'static str, finish: Finish) -> Compiled {
        if !self.dataset.is_timed() {
            return Err(self.refuse("only transactions and spans have a status"));
        }
        Ok((Fragment::new(open).sql(FAILED).sql(close), finish))
    }

    /// Satisfied up to the threshold (milliseconds), tolerated up to four times of it.
    fn apdex(&self) -> Compiled {
        let threshold = self.arguments.first().and_then(|text| text.parse::<i64>().ok());
        let threshold = threshold.filter(|ms| self.dataset.is_timed() && (1..=86_400_000).contains(ms));
        let micros =
            1000 * threshold.ok_or_else(|| self.refuse("write apdex(300), milliseconds, of transactions"))?;
        let score = Fragment::new("AVG(CASE WHEN event.duration <= ")
            .int(micros)
            .sql(" THEN 1.0 WHEN event.duration <= ")
            .int(micros * 4)
            .sql(" THEN 0.5 ELSE 0.0 END)");
        Ok((score, Finish::Number))
    }
}
