//! Long answers that are still being read.

use super::answer::Answer;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many answers wait for their next page; the oldest goes first.
const MOST: usize = 32;

/// Answers by number.
#[derive(Debug, Default)]
pub(super) struct KeptAnswers {
    last: u64,
    answers: VecDeque<(u64, Arc<Answer>)>,
}

/// Where a page begins: an answer, and a row or line of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub answer: u64,
    pub line: usize,
}

impl Place {
    /// `3:40`
    pub fn word(self) -> String {
        format!("{}:{}", self.answer, self.line)
    }

    /// Reads it.
    pub fn read(word: &str) -> Option<Self> {
        let (answer, line) = word.split_once(':')?;
        Some(Self { answer: answer.parse().ok()?, line: line.parse().ok()? })
    }
}

impl KeptAnswers {
    /// Keeps an answer, and gives it a number.
    pub fn keep(&mut self, answer: Arc<Answer>) -> u64 {
        self.last += 1;
        self.answers.push_back((self.last, answer));
        if self.answers.len() > MOST {
            self.answers.pop_front();
        }
        self.last
    }

    /// The answer of a number, while it is kept.
    pub fn get(&self, number: u64) -> Option<Arc<Answer>> {
        self.answers.iter().find(|(kept, _)| *kept == number).map(|(_, answer)| answer.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_answers_are_forgotten_and_the_others_are_not() {
        let mut kept = KeptAnswers::default();
        let first = kept.keep(Arc::default());
        let second = kept.keep(Arc::default());
        for _ in 0..MOST - 1 {
            kept.keep(Arc::default());
        }
        assert!(kept.get(first).is_none());
        assert!(kept.get(second).is_some());
    }

    #[test]
    fn a_place_survives_its_word() {
        let place = Place { answer: 3, line: 40 };
        assert_eq!(Place::read(&place.word()), Some(place));
        assert_eq!(Place::read("3"), None);
        assert_eq!(Place::read("x:1"), None);
    }
}
