//! The numbers of one measurement, in the order they are read.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::fmt;
use std::time::Duration;

/// A measurement: a few numbers for all rows, and groups of numbers where a task has parts.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Report {
    /// Over all rows.
    pub metrics: Vec<Metric>,
    /// By part: verdicts, cells of a simulation, functions beside files.
    pub groups: Vec<Group>,
}

/// Numbers about one part of the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What it is about.
    pub name: String,
    /// Its numbers.
    pub metrics: Vec<Metric>,
}

/// A named number.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// As the data's description calls it.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// A number and how it is to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// How many.
    Count(usize),
    /// A share, an area, a mean: printed with four digits. `None`: there was nothing to measure it on.
    Share(Option<f64>),
    /// A time.
    Time(Duration),
}

impl Report {
    /// A report without groups.
    pub const fn of(metrics: Vec<Metric>) -> Self {
        Self { metrics, groups: Vec::new() }
    }

    /// Lines of a table: the group (empty for all rows), the name, the number.
    pub fn lines(&self) -> Vec<[String; 3]> {
        let line =
            |group: &str, metric: &Metric| [group.to_owned(), metric.name.clone(), metric.value.to_string()];
        let all = self.metrics.iter().map(|metric| line("", metric));
        let parts = self.groups.iter().flat_map(|group| group.metrics.iter().map(|m| line(&group.name, m)));
        all.chain(parts).collect()
    }
}

impl Metric {
    /// How many.
    pub fn count(name: impl Into<String>, value: usize) -> Self {
        Self { name: name.into(), value: Value::Count(value) }
    }

    /// A share, an area or a mean.
    pub fn share(name: impl Into<String>, value: Option<f64>) -> Self {
        Self { name: name.into(), value: Value::Share(value) }
    }

    /// A time.
    pub fn time(name: impl Into<String>, value: Duration) -> Self {
        Self { name: name.into(), value: Value::Time(value) }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{n}"),
            Self::Share(Some(share)) => write!(f, "{share:.4}"),
            Self::Share(None) => f.write_str("-"),
            Self::Time(time) => write!(f, "{:.3} ms", time.as_secs_f64() * 1e3),
        }
    }
}

impl Serialize for Value {
    /// A count as it is, a share rounded to four digits or null, a time in milliseconds.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(n) => serializer.serialize_u64(*n as u64),
            Self::Share(Some(share)) => serializer.serialize_f64((share * 1e4).round() / 1e4),
            Self::Share(None) => serializer.serialize_none(),
            Self::Time(time) => serializer.serialize_f64(time.as_secs_f64() * 1e3),
        }
    }
}

struct Named<'a>(&'a [Metric]);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|metric| (&metric.name, metric.value)))
    }
}

impl Serialize for Report {
    /// One flat object; each group is an object in it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for metric in &self.metrics {
            map.serialize_entry(&metric.name, &metric.value)?;
        }
        for group in &self.groups {
            map.serialize_entry(&group.name, &Named(&group.metrics))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_table_for_people_and_one_object_for_programs() {
        let report = Report {
            metrics: vec![
                Metric::count("rows", 3),
                Metric::share("auc", Some(0.123_456)),
                Metric::share("rr@1", None),
            ],
            groups: vec![Group {
                name: "verdicts".into(),
                metrics: vec![Metric::time("p50", Duration::from_micros(1_500))],
            }],
        };
        let lines: Vec<String> = report.lines().iter().map(|line| line.join("|")).collect();
        assert_eq!(lines, ["|rows|3", "|auc|0.1235", "|rr@1|-", "verdicts|p50|1.500 ms"]);
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(json, r#"{"rows":3,"auc":0.1235,"rr@1":null,"verdicts":{"p50":1.5}}"#);
    }
}
