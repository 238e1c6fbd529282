//! Titles: from Sentry, and from people who copied one.

use super::message;

/// The normal form that titles are compared in: the message's, lower case, without what people and trackers put around
/// it (`[web] Fwd: ... (again)`) and without a word that was cut off.
pub fn normal(title: &str) -> String {
    let lower: String =
        message::normal(without_decoration(title)).chars().flat_map(char::to_lowercase).collect();
    // Lower case shows a few values that mixed case hid.
    without_decoration(&message::normal(&lower)).to_owned()
}

/// Sentry and trackers cut long titles; where they cut depends on what varied before.
fn whole_words(title: &str) -> &str {
    let mut title = title.trim();
    loop {
        // All of them at once: what is before them is searched for a blank once.
        let cut = without_ellipses(title);
        if cut.len() == title.len() {
            return title;
        }
        title = cut.rfind(char::is_whitespace).map_or(cut, |at| cut[..at].trim_end());
    }
}

fn without_ellipses(mut title: &str) -> &str {
    while let Some(less) = title.strip_suffix("...").or_else(|| title.strip_suffix('…')) {
        title = less;
    }
    title
}

/// Tags in square brackets and words of mail in front, full stops and remarks in round brackets behind.
fn without_decoration(title: &str) -> &str {
    const LEADS: [&str; 6] = ["re:", "fwd:", "fw:", "bug:", "sentry:", "error -"];
    const REMARKS: [&str; 5] = ["(again)", "(copy)", "(duplicate)", "(regression)", "(regressed)"];
    let mut title = title;
    // What gets shorter at both ends never has a bracket that it did not have before.
    let mut has_bracket = true;
    loop {
        let mut less = whole_words(title).trim_end_matches(['!', ':', '.']).trim_end();
        if let Some(rest) = less.strip_prefix('[').filter(|_| has_bracket) {
            let end = rest.find(']');
            has_bracket = end.is_some();
            if let Some(end) = end.filter(|end| end + 2 < less.len()) {
                less = &less[end + 2..];
            }
        }
        if let Some(rest) = LEADS.iter().find_map(|lead| less.strip_prefix(lead)) {
            less = rest;
        }
        if let Some(rest) = REMARKS.iter().find_map(|remark| less.strip_suffix(remark)) {
            less = rest;
        }
        if less == title {
            return title;
        }
        title = less;
    }
}

#[cfg(test)]
mod tests {
    use super::normal;
    use proptest::prelude::*;

    #[test]
    fn a_title_is_the_same_from_sentry_and_from_the_person_who_copied_it() {
        let sentry = normal("TypeError: order 7 of jane@shop.example has no price");
        assert_eq!(sentry, "typeerror: order <int> of <email> has no price");
        for copied in [
            "[web] TypeError: order 812 of  joe@shop.example has no price",
            "Fwd: [PLAT][web] typeerror: Order 5 of j@x.example has no price. (again)",
            "BUG: TypeError: order 7 of jane@shop.example has no price!",
        ] {
            assert_eq!(normal(copied), sentry, "{copied}");
        }
    }

    #[test]
    fn a_word_that_was_cut_off_does_not_count() {
        assert_eq!(normal("cannot read propert..."), "cannot read");
        assert_eq!(normal("cannot read propert…"), normal("cannot read pro..."));
    }

    #[test]
    fn a_long_title_is_searched_once_however_often_something_is_taken_off_its_end() {
        // Searched anew each time, these would keep the test busy for minutes.
        for (front, piece) in [("a", "."), ("a", "…"), ("[a", "(again)"), ("re:", "! ")] {
            let title = front.to_owned() + &piece.repeat(300_000 / piece.len());
            assert!(super::without_decoration(&title).len() <= 2, "{front}{piece}");
        }
        assert_eq!(normal("one two......"), "one");
    }

    proptest! {
        #[test]
        fn a_normal_title_stays_as_it_is(title in "(\\[[a-z]{1,3}\\]|re: ?|[a-z0-9 .:!…()\\[\\]]|\\.\\.\\.|\\(again\\)){0,12}") {
            let once = normal(&title);
            prop_assert_eq!(normal(&once), once);
        }
    }
}
