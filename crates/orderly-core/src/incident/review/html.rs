//! The review as one file for a browser: no script, nothing from elsewhere, every text escaped.

use super::decide::Review;
use super::page::EMPTY;
use crate::encode::html::escaped;
use crate::incident::audience::Audience;
use crate::incident::log::Log;
use crate::scrub::Scrubber;

const STYLE: &str = include_str!("review.css");

impl Review {
    /// The review as one file.
    pub fn html(&self, log: &Log, scrubber: &Scrubber) -> String {
        let title = escaped(&format!("Review of {}: {}", self.id, self.title));
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
             </head>\n<body>\n<h1>{title}</h1>\n<p><strong>{}</strong> at its worst.</p>\n",
            self.worst
        );
        self.draw(&mut page);
        page.push_str("<h2>How long it took</h2>\n");
        let rows = self.metrics.rows().into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        table(&mut page, &[], rows);
        if log.incident().audience().tells_details_to(self.audience) {
            self.detail(&mut page);
        } else {
            page.push_str(&format!("<p>The {}.</p>\n", Audience::WITHHELD));
        }
        let lacks = self.lacks();
        if !lacks.is_empty() {
            page.push_str("<h2>What this review lacks</h2>\n");
            list(&mut page, lacks.iter().map(String::as_str));
        }
        page.push_str("<h2>Timeline</h2>\n");
        let rows = log.timeline(scrubber, self.audience).into_iter().map(|entry| {
            let at = entry.at.strftime("%F %T").to_string();
            let kind = entry.kind.word().to_owned();
            vec![
                entry.sequence.to_string(),
                at,
                kind,
                entry.text,
                entry.author,
                entry.source.unwrap_or_default(),
            ]
        });
        table(&mut page, &["#", "Time (UTC)", "Kind", "What", "Who", "Source"], rows);
        page.push_str(&format!(
            "<footer>{} entries, digest {}</footer>\n</body>\n</html>\n",
            log.entries().len(),
            log.last().digest
        ));
        page
    }

    /// Everything that is not for everybody while the incident is restricted.
    fn detail(&self, page: &mut String) {
        for (name, lines) in self.lists() {
            page.push_str(&format!("<h2>{name}</h2>\n"));
            list(page, lines.into_iter());
            if name == Self::PATTERNS_AFTER && !self.patterns.is_empty() {
                page.push_str("<h2>Error patterns</h2>\n");
                table(page, &Self::PATTERN_HEADS, self.pattern_rows());
            }
        }
        page.push_str("<h2>Actions</h2>\n");
        if self.actions.is_empty() {
            page.push_str(&format!("<p>{EMPTY}</p>\n"));
        } else {
            table(page, &Self::ACTION_HEADS, self.action_rows());
        }
    }

    /// The chart, and what its lines and marks are.
    fn draw(&self, page: &mut String) {
        let Some(svg) = self.chart.svg() else { return };
        page.push_str(&format!("<figure>\n{svg}<figcaption>Errors an hour (UTC):"));
        for (at, series) in self.chart.series.iter().enumerate() {
            let name = escaped(series.project.as_str());
            page.push_str(&format!(" <span class=\"k k{}\">{name}</span>", at % 5));
        }
        page.push_str("<ol>\n");
        for mark in &self.chart.marks {
            let at = mark.at.strftime("%F %R");
            page.push_str(&format!("<li>{at} {}</li>\n", escaped(&mark.text)));
        }
        page.push_str("</ol></figcaption>\n</figure>\n");
    }
}

fn list<'l>(page: &mut String, lines: impl Iterator<Item = &'l str>) {
    let items: String = lines.map(|line| format!("<li>{}</li>\n", escaped(line))).collect();
    if items.is_empty() {
        page.push_str(&format!("<p>{EMPTY}</p>\n"));
    } else {
        page.push_str(&format!("<ul>\n{items}</ul>\n"));
    }
}

fn table(page: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    page.push_str("<table>\n");
    if !heads.is_empty() {
        let heads: String = heads.iter().map(|head| format!("<th>{head}</th>")).collect();
        page.push_str(&format!("<tr>{heads}</tr>\n"));
    }
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        page.push_str(&format!("<tr>{cells}</tr>\n"));
    }
    page.push_str("</table>\n");
}
