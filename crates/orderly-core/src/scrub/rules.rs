//! The built-in rules, in order: the more certain first, so that a later, broader rule finds only what is left.

use super::checks;
use regex::{Captures, Regex, RegexSet};
use std::sync::{LazyLock, OnceLock};

/// A pattern, what it stands for, and which part of a match is replaced.
pub struct Rule {
    kind: &'static str,
    pattern: &'static str,
    /// Most rules never meet a text that they match, and compiling is what costs.
    compiled: OnceLock<Regex>,
    part: Part,
    check: fn(&str) -> bool,
}

/// Which part of a match is the secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// The group called `s`.
    Secret,
}

impl Rule {
    /// Replaces every match that passes the check by `[kind]`.
    fn apply(&self, text: &str) -> String {
        self.compiled
            .get_or_init(|| Regex::new(self.pattern).expect(CONSTANT))
            .replace_all(text, |found: &Captures<'_>| {
                let whole = &found[0];
                let secret = match self.part {
                    Part::Whole => found.get(0),
                    Part::Secret => found.name("s"),
                };
                match secret {
                    Some(secret) if (self.check)(secret.as_str()) => {
                        let start = found.get(0).map_or(0, |m| m.start());
                        let (from, to) = (secret.start() - start, secret.end() - start);
                        format!("{}[{}]{}", &whole[..from], self.kind, &whole[to..])
                    }
                    _ => whole.to_owned(),
                }
            })
            .into_owned()
    }

    /// Whether the rule takes out hashes that could as well name a commit.
    pub fn matches_hashes(&self) -> bool {
        matches!(self.kind, "hash" | "key")
    }
}

fn always(_: &str) -> bool {
    true
}

const CONSTANT: &str = "the built-in patterns are constants, compiled by a test";

const fn rule(kind: &'static str, pattern: &'static str, part: Part, check: fn(&str) -> bool) -> Rule {
    Rule { kind, pattern, compiled: OnceLock::new(), part, check }
}

/// Applies the rules that `wanted` names, in order. One pass over the text finds the rules that match it; the others
/// would change nothing.
pub fn apply(mut text: String, wanted: impl Fn(&Rule) -> bool) -> String {
    let mut from = 0;
    while let Some(next) = PATTERNS.matches(&text).iter().find(|&n| n >= from && wanted(&RULES[n])) {
        // What a rule leaves in place of a secret may match a later rule, so the rest is looked at afresh.
        text = RULES[next].apply(&text);
        from = next + 1;
    }
    text
}

/// The patterns of all rules, in their order.
static PATTERNS: LazyLock<RegexSet> =
    LazyLock::new(|| RegexSet::new(RULES.iter().map(|rule| rule.pattern)).expect(CONSTANT));

/// All rules.
static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    use Part::{Secret, Whole};
    let token = |pattern: &'static str| rule("token", pattern, Whole, always);
    vec![
        rule(
            "private key",
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
            Whole,
            always,
        ),
        // Keys that say by their prefix what they are.
        token(r"\b(?:sntrys|sntryu|sntrya)_[A-Za-z0-9_+/=.-]{8,}"),
        token(r"\blin_(?:api|oauth|wh)_[A-Za-z0-9]{8,}"),
        token(r"\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{16,}|\bgithub_pat_[A-Za-z0-9_]{16,}"),
        token(r"\bgl(?:pat|ptt|rt|dt|soat|ft|cbt)-[A-Za-z0-9_=.-]{12,}"),
        token(r"\bxox[abeoprs]-[A-Za-z0-9-]{8,}|\bxapp-[A-Za-z0-9-]{8,}"),
        token(r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]+"),
        token(r"\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|\bwhsec_[A-Za-z0-9]{8,}"),
        token(r"\bsk-(?:ant-|proj-|svcacct-|admin-|or-)?[A-Za-z0-9_-]{16,}"),
        token(r"\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA)[A-Z0-9]{16}\b"),
        token(r"\bAIza[A-Za-z0-9_-]{30,}|\bya29\.[A-Za-z0-9_-]{16,}|\bGOCSPX-[A-Za-z0-9_-]{16,}"),
        token(
            r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_-]{16,}|\bdckr_pat_[A-Za-z0-9_-]{16,}|\brubygems_[a-f0-9]{32,}",
        ),
        token(
            r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|\bkey-[a-f0-9]{32}\b|\b[a-f0-9]{32}-us[0-9]{1,2}\b",
        ),
        token(
            r"\b(?:AC|SK)[a-f0-9]{32}\b|\b(?:dop|doo|dor)_v1_[a-f0-9]{32,}|\bhvs\.[A-Za-z0-9_-]{16,}|\bhvb\.[A-Za-z0-9_-]{16,}",
        ),
        token(
            r"\b(?:shpat|shpca|shppa|shpss)_[A-Fa-f0-9]{16,}|\bEAA[A-Za-z0-9]{30,}|\bsq0(?:atp|csp)-[A-Za-z0-9_-]{16,}",
        ),
        token(
            r"\bdapi[a-f0-9]{32}|\bATATT3[A-Za-z0-9_=-]{20,}|\bPMAK-[a-f0-9-]{20,}|\bNRAK-[A-Z0-9]{20,}|\bglsa_[A-Za-z0-9_]{20,}|\bhf_[A-Za-z0-9]{20,}",
        ),
        token(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?"),
        // Credentials inside a URL, of a header, of a key-value pair.
        rule("credentials", r"(?i)\b[a-z][a-z0-9+.-]*://(?P<s>[^\s/@:]*:[^\s/@]+)@", Secret, always),
        rule("credentials", r"(?i)\b[a-z][a-z0-9+.-]*://(?P<s>[^\s/@:\[]{8,})@", Secret, always),
        rule("token", r"(?i)\b(?:bearer|basic)\s+(?P<s>[A-Za-z0-9._~+/=-]{8,})", Secret, checks::is_value),
        rule(
            "secret",
            r#"(?i)\b(?:[a-z0-9]+[_-])*(?:password|passwd|passphrase|pwd|secret|credentials?|private[_-]?key|session[_-]?id|sessionid|csrf[a-z_-]*|auth[_-]?token|access[_-]?token|refresh[_-]?token|api[_-]?key|apikey|access[_-]?key|client[_-]?secret)["']?\s*(?:=>|[=:])\s*(?P<s>"[^"]*"|'[^']*'|[^\s,;&)}\]"'\[]+)"#,
            Secret,
            always,
        ),
        rule(
            "secret",
            r#"(?i)\b(?:token|auth|authorization|cookie|signature|sig|key|sid|otp|pin|cvv|ssn)["']?\s*=\s*(?P<s>"[^"]*"|'[^']*'|[^\s,;&)}\]"'\[]+)"#,
            Secret,
            always,
        ),
        rule(
            "secret",
            r#"(?i)\b(?:token|authorization|cookie|signature|otp|pin|cvv|ssn)["']?\s*:\s*(?P<s>"[^"]*"|'[^']*'|[^\s,;&)}\]"'\[]+)"#,
            Secret,
            checks::is_value,
        ),
        // People and machines.
        rule(
            "email",
            r"(?i)\b[a-z0-9._%+'-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b",
            Whole,
            always,
        ),
        rule(
            "iban",
            r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b",
            Whole,
            checks::is_iban,
        ),
        rule("card", r"\b[0-9](?:[ -]?[0-9]){12,18}\b", Whole, checks::is_card),
        rule("ssn", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", Whole, always),
        rule(
            "ip",
            r"\b(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\b",
            Whole,
            always,
        ),
        rule(
            "ip",
            r"(?i)(?:\b[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b|\b(?:[0-9a-f]{1,4}:){2,6}:(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,4})?",
            Whole,
            always,
        ),
        rule(
            "user",
            r"(?i)(?:/home/|/users/|\\users\\|\\documents and settings\\)(?P<s>[^/\\\s:\]\[]+)",
            Secret,
            always,
        ),
        rule(
            "phone",
            r"\+[0-9]{1,3}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9]{2,4}(?:[ .-]?[0-9]{2,4}){2,3}\b",
            Whole,
            always,
        ),
        // What is left and looks drawn at random.
        rule("hash", r"(?i)\b[0-9a-f]{32,}\b", Whole, checks::is_hash),
        rule("key", r"[A-Za-z0-9+/_-]{24,}={0,2}", Whole, checks::is_random),
    ]
});
