//! What goes wrong in each story, and what people do about it. Minutes count from the moment it starts.

use super::Scenario;
use super::truth::Measure;
use crate::traffic::{Crash, Language};

/// One thing that goes wrong.
pub(super) struct Trouble {
    /// Why.
    pub blame: Blame,
    /// Where.
    pub service: &'static str,
    /// For whom.
    pub reach: Reach,
    /// How badly, oldest first; the last phase is the end.
    pub phases: &'static [Phase],
    /// What the service reports when a request fails.
    pub crash: Crash,
    /// What a slow request waits for: operation and description of a span, and how many of them share the time.
    pub wait: (&'static str, &'static str, u64),
    /// What people did.
    pub mitigations: &'static [Mitigation],
}

/// Why something goes wrong.
#[derive(Clone, Copy)]
pub(super) enum Blame {
    /// The newest release of the service.
    Deploy,
    /// A feature flag.
    Flag(&'static str),
    /// Something else.
    Outside(&'static str),
    /// An attack from so many addresses, so many attempts an hour.
    Attack { sources: u64, attempts: u64 },
}

/// For whom requests fail.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// Everyone, by chance.
    Everyone,
    /// The users of two cells of five.
    TwoCells,
    /// Those who have the flag.
    WithFlag(&'static str),
}

/// From a minute on, so many of a hundred requests in reach fail, and the others take so much longer.
#[derive(Clone, Copy)]
pub(super) struct Phase {
    pub minute: i64,
    pub fails: u64,
    pub slow_millis: u64,
}

/// Something that people did about it.
pub(super) struct Mitigation {
    pub minute: i64,
    pub what: &'static str,
    pub effect: Measure,
}

/// Something that changes in production, guilty or not.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// The next release of a service goes out.
    Deploy { minute: i64, service: &'static str, file: &'static str, why: &'static str },
    /// The release before the newest one of a service goes out again.
    RollBack { minute: i64, service: &'static str },
    /// A flag is changed.
    Flag { minute: i64, flag: &'static str, percent: u64 },
}

/// Flags that exist in every story, with the percentage of users who have them at the beginning.
pub(super) const FLAGS: [(&str, u64); 3] =
    [("express-checkout", 0), ("new-search-ranking", 20), ("dark-mode", 100)];

const DAY: i64 = 24 * 60;

/// Changes of the days before, and those around the trouble.
pub(super) fn changes(scenario: Scenario) -> Vec<Change> {
    use Change::{Deploy, Flag, RollBack};
    let mut changes = vec![
        Deploy {
            minute: -DAY - 320,
            service: "storefront",
            file: "src/layout/Card.tsx",
            why: "Cards in two columns",
        },
        Deploy {
            minute: -DAY - 190,
            service: "accounts",
            file: "accounts/profile.py",
            why: "Profile pictures",
        },
        Flag { minute: -DAY - 75, flag: "new-search-ranking", percent: 50 },
        Deploy {
            minute: -DAY + 25,
            service: "mailer",
            file: "mailer/templates.py",
            why: "Receipts in Dutch",
        },
        Deploy {
            minute: -590,
            service: "gateway",
            file: "gateway/config/limits.go",
            why: "Higher limits for search",
        },
        Deploy {
            minute: -250,
            service: "payments",
            file: "com/shop/payments/Refund.java",
            why: "Refund reasons",
        },
    ];
    changes.extend_from_slice(match scenario {
        Scenario::BadDeploy => &[
            Flag { minute: -48, flag: "new-search-ranking", percent: 75 },
            Deploy {
                minute: -21,
                service: "search",
                file: "search/rank/weights.go",
                why: "Weights of the new ranking",
            },
            Deploy { minute: -1, service: "checkout-api", file: "checkout/tax.py", why: "Tax by region" },
            RollBack { minute: 55, service: "checkout-api" },
        ],
        Scenario::BadFlag => &[
            Deploy {
                minute: -34,
                service: "checkout-api",
                file: "checkout/api/orders.py",
                why: "Order notes",
            },
            Flag { minute: 0, flag: "express-checkout", percent: 50 },
            Deploy {
                minute: 18,
                service: "search",
                file: "search/rank/weights.go",
                why: "Weights of the new ranking",
            },
            Flag { minute: 50, flag: "express-checkout", percent: 0 },
        ],
        Scenario::PoolExhaustion => &[Deploy {
            minute: -140,
            service: "search",
            file: "search/index/merge.go",
            why: "Merge at night",
        }],
        Scenario::AuthAttack => &[Deploy {
            minute: -95,
            service: "storefront",
            file: "src/app/Login.tsx",
            why: "Larger login button",
        }],
        Scenario::Quiet => &[
            Deploy {
                minute: 180,
                service: "search",
                file: "search/rank/weights.go",
                why: "Weights of the new ranking",
            },
            Flag { minute: DAY + 30, flag: "new-search-ranking", percent: 100 },
            Deploy {
                minute: DAY + 200,
                service: "checkout-api",
                file: "checkout/tax.py",
                why: "Rounding of taxes",
            },
            Deploy {
                minute: 2 * DAY + 90,
                service: "storefront",
                file: "src/app/Page.tsx",
                why: "Faster first page",
            },
            Flag { minute: 3 * DAY + 10, flag: "express-checkout", percent: 10 },
            Deploy {
                minute: 3 * DAY + 240,
                service: "accounts",
                file: "accounts/login.py",
                why: "Longer sessions",
            },
            Deploy {
                minute: 4 * DAY - 60,
                service: "gateway",
                file: "gateway/proxy/reply.go",
                why: "Fewer copies",
            },
        ],
        Scenario::ApiOutage | Scenario::Shop => &[],
    });
    changes
}

/// What goes wrong in a story; nothing in a quiet one.
pub(super) const fn trouble(scenario: Scenario) -> Option<&'static Trouble> {
    match scenario {
        Scenario::ApiOutage => Some(&API_OUTAGE),
        Scenario::PoolExhaustion => Some(&POOL_EXHAUSTION),
        Scenario::BadDeploy => Some(&BAD_DEPLOY),
        Scenario::BadFlag => Some(&BAD_FLAG),
        Scenario::AuthAttack => Some(&AUTH_ATTACK),
        Scenario::Quiet | Scenario::Shop => None,
    }
}

const OVER: Phase = Phase { minute: i64::MAX, fails: 0, slow_millis: 0 };

const fn over(minute: i64) -> Phase {
    Phase { minute, ..OVER }
}

const API_OUTAGE: Trouble = Trouble {
    blame: Blame::Outside("the network between the gateway and two of five cells loses packets"),
    service: "gateway",
    reach: Reach::TwoCells,
    phases: &[
        Phase { minute: 0, fails: 97, slow_millis: 10_000 },
        Phase { minute: 60, fails: 30, slow_millis: 2_000 },
        over(75),
    ],
    crash: Crash {
        project: "gateway",
        language: Language::Go,
        kind: "gateway.UpstreamTimeout",
        message: "context deadline exceeded: upstream did not answer request {n} within 10 s",
        level: "error",
        transaction: "proxy",
        frames: &[
            ("gateway/proxy/forward.go", "Forward", 92, "reply, err := upstream.RoundTrip(request)"),
            ("gateway/proxy/upstream.go", "RoundTrip", 140, "return nil, ErrUpstreamTimeout"),
        ],
    },
    wait: ("http.client", "upstream of cell", 1),
    mitigations: &[
        Mitigation { minute: 22, what: "the gateway was restarted", effect: Measure::No },
        Mitigation {
            minute: 60,
            what: "half of the traffic went to the other cells",
            effect: Measure::Partly,
        },
        Mitigation { minute: 75, what: "both cells were drained", effect: Measure::Worked },
    ],
};

const POOL_EXHAUSTION: Trouble = Trouble {
    blame: Blame::Outside("a reporting job holds connections to the orders database"),
    service: "checkout-api",
    reach: Reach::Everyone,
    phases: &[
        Phase { minute: 0, fails: 3, slow_millis: 400 },
        Phase { minute: 10, fails: 12, slow_millis: 1_500 },
        Phase { minute: 20, fails: 35, slow_millis: 4_000 },
        Phase { minute: 30, fails: 65, slow_millis: 8_000 },
        over(85),
    ],
    crash: Crash {
        project: "checkout-api",
        language: Language::Python,
        kind: "PoolTimeout",
        message: "QueuePool limit of size 20 overflow 10 reached, connection timed out, timeout 8.00, order {n}",
        level: "error",
        transaction: "POST /api/checkout",
        frames: &[
            ("checkout/api/orders.py", "create_order", 61, "async with store.session() as session:"),
            ("checkout/store.py", "session", 28, "connection = await pool.acquire()"),
        ],
    },
    wait: ("db.pool", "wait for a connection", 1),
    mitigations: &[
        Mitigation { minute: 52, what: "the service was restarted", effect: Measure::No },
        Mitigation { minute: 85, what: "the reporting job was stopped", effect: Measure::Worked },
    ],
};

const BAD_DEPLOY: Trouble = Trouble {
    blame: Blame::Deploy,
    service: "checkout-api",
    reach: Reach::Everyone,
    phases: &[Phase { minute: 0, fails: 45, slow_millis: 900 }, over(55)],
    crash: Crash {
        project: "checkout-api",
        language: Language::Python,
        kind: "KeyError",
        message: "'tax_region'",
        level: "error",
        transaction: "POST /api/checkout",
        frames: &[
            ("checkout/api/orders.py", "create_order", 90, "tax = await quote_tax(order)"),
            (
                "checkout/tax.py",
                "quote_tax",
                52,
                "rates = [await rate(line, order['tax_region']) for line in lines]",
            ),
        ],
    },
    wait: ("db", "SELECT * FROM tax_rate WHERE region = %s AND product_id = %s", 24),
    mitigations: &[Mitigation { minute: 55, what: "the release was rolled back", effect: Measure::Worked }],
};

const BAD_FLAG: Trouble = Trouble {
    blame: Blame::Flag("express-checkout"),
    service: "checkout-api",
    reach: Reach::WithFlag("express-checkout"),
    phases: &[Phase { minute: 0, fails: 70, slow_millis: 0 }, over(50)],
    crash: Crash {
        project: "checkout-api",
        language: Language::Python,
        kind: "ValueError",
        message: "express order {n} has no delivery slot",
        level: "error",
        transaction: "POST /api/checkout",
        frames: &[
            ("checkout/api/orders.py", "create_order", 72, "if flags.on('express-checkout', user):"),
            (
                "checkout/express.py",
                "reserve",
                33,
                "raise ValueError(f'express order {order.id} has no delivery slot')",
            ),
        ],
    },
    wait: ("function", "reserve", 1),
    mitigations: &[Mitigation { minute: 50, what: "the flag was switched off", effect: Measure::Worked }],
};

const AUTH_ATTACK: Trouble = Trouble {
    blame: Blame::Attack { sources: 14, attempts: 1_300 },
    service: "accounts",
    reach: Reach::Everyone,
    // Who wants to log in is locked out now and then, because somebody tried that account's password too often.
    phases: &[
        Phase { minute: 0, fails: 8, slow_millis: 120 },
        Phase { minute: 25, fails: 35, slow_millis: 200 },
        over(70),
    ],
    crash: Crash {
        project: "accounts",
        language: Language::Python,
        kind: "AccountLocked",
        message: "account {n} is locked after too many attempts",
        level: "error",
        transaction: "POST /api/login",
        frames: &[
            ("accounts/login.py", "login", 21, "guard.check(account)"),
            ("accounts/guard.py", "check", 44, "raise AccountLocked(account)"),
        ],
    },
    wait: ("db", "SELECT count(*) FROM attempt WHERE account_id = %s", 1),
    mitigations: &[Mitigation {
        minute: 70,
        what: "the addresses were blocked at the edge",
        effect: Measure::Worked,
    }],
};

/// What an attacker's attempts raise, and how many of a hundred.
pub(super) const ATTEMPTS: [(u64, Crash); 2] = [
    (
        92,
        Crash {
            project: "accounts",
            language: Language::Python,
            kind: "InvalidCredentials",
            message: "wrong password for account {n}",
            level: "warning",
            transaction: "POST /api/login",
            frames: &[("accounts/login.py", "verify", 37, "raise InvalidCredentials(account)")],
        },
    ),
    (
        8,
        Crash {
            project: "accounts",
            language: Language::Python,
            kind: "TokenSignatureInvalid",
            message: "signature of session token {n} does not match",
            level: "error",
            transaction: "POST /api/session",
            frames: &[("accounts/tokens.py", "read", 58, "raise TokenSignatureInvalid(token)")],
        },
    ),
];
