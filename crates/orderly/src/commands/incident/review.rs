//! `orderly incident review`, `learn`: what an incident took and what it taught.

use super::desk::{Desk, or};
use crate::cli::incident::{Learn, LessonWord, Review as Asked};
use crate::failure::{Failure, Kind};
use crate::output::printer::{Format, Printer};
use orderly_core::incident::review::Review;
use orderly_core::incident::{Lesson, What};
use orderly_core::untrusted::Untrusted;
use serde_json::json;
use std::process::ExitCode;

/// `orderly incident learn`
pub(super) async fn learn(desk: &Desk, learn: Learn, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&learn.of.incident)?;
    let lesson = match learn.kind {
        LessonWord::Factor => Lesson::Factor,
        LessonWord::Gap => Lesson::Gap,
        LessonWord::WentWell => Lesson::WentWell,
    };
    let what = What::Learned { lesson, text: Untrusted::new(learn.text), confirms: learn.confirms };
    super::record(desk, &key, what, None, printer).await
}

/// `orderly incident review`
pub(super) async fn review(desk: &Desk, asked: &Asked, printer: Printer) -> Result<ExitCode, Failure> {
    let key = desk.key(&asked.incident)?;
    let log = or(desk.job().log(&key).await)?;
    let evidence = desk.job().evidence(log.incident()).await;
    desk.close().await;
    let listener = asked.hearing.audience();
    let review = Review::of(&log, &evidence, desk.clock(), desk.scrubber(), (desk.now(), listener));
    if let Some(file) = &asked.html {
        std::fs::write(file, review.html(&log, desk.scrubber())).map_err(|error| {
            Failure::new(Kind::Incomplete, format!("the page {} could not be written", file.display()))
                .because(&error)
        })?;
        printer.note(&format!("written: {}", file.display()));
    }
    match printer.format() {
        Format::Json => {
            let timeline = log.timeline(desk.scrubber(), listener);
            printer.json(&json!({"review": review, "timeline": timeline}))?;
        }
        Format::Text => printer.data(&review.markdown(&log, desk.scrubber()))?,
    }
    for missing in &review.missing {
        printer.note(&format!("missing: {missing}"));
    }
    Ok(ExitCode::SUCCESS)
}
