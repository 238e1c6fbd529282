//! The services of the shop, and which of them answer which request.

use crate::traffic::{Crash, Language};

/// A service.
pub(super) struct Service {
    /// Slug of its project.
    pub slug: &'static str,
    /// Its first version; later ones count up the second number.
    pub minor: u32,
}

/// All services, in the order in which requests pass them.
pub(super) const SERVICES: [Service; 7] = [
    Service { slug: "storefront", minor: 30 },
    Service { slug: "gateway", minor: 11 },
    Service { slug: "checkout-api", minor: 4 },
    Service { slug: "payments", minor: 17 },
    Service { slug: "search", minor: 8 },
    Service { slug: "accounts", minor: 21 },
    Service { slug: "mailer", minor: 2 },
];

/// A kind of request.
pub(super) struct Route {
    /// How many of a hundred requests are of this kind.
    pub percent: u64,
    /// Who works on it: each calls the next.
    pub legs: &'static [Leg],
}

/// One service's part of a request.
pub(super) struct Leg {
    pub service: &'static str,
    pub language: Language,
    /// Name of the transaction.
    pub transaction: &'static str,
    /// Operation of the transaction.
    pub op: &'static str,
    /// Usual milliseconds of its own work.
    pub millis: u64,
    /// What its own work waits for: operation and description of spans.
    pub waits: &'static [(&'static str, &'static str)],
    /// What it reports now and then.
    pub hiccup: Crash,
    /// What it reports when the service it calls fails.
    pub passes_on: Option<Crash>,
}

const fn storefront(transaction: &'static str, call: &'static str) -> Leg {
    Leg {
        service: "storefront",
        language: Language::Browser,
        transaction,
        op: "pageload",
        millis: 180,
        waits: &[("resource.script", "/assets/app.js")],
        hiccup: Crash {
            project: "storefront",
            language: Language::Browser,
            kind: "TypeError",
            message: "Cannot read properties of undefined (reading 'width') in card {n}",
            level: "error",
            transaction,
            frames: &[("src/layout/Card.tsx", "measure", 52, "const width = node.rect.width")],
        },
        passes_on: Some(Crash {
            project: "storefront",
            language: Language::Browser,
            kind: "ApiError",
            message: call,
            level: "error",
            transaction,
            frames: &[
                ("src/app/Page.tsx", "load", 31, "const reply = await api.call(request)"),
                ("src/api/client.ts", "call", 77, "throw new ApiError(reply)"),
            ],
        }),
    }
}

const fn gateway(transaction: &'static str) -> Leg {
    Leg {
        service: "gateway",
        language: Language::Go,
        transaction,
        op: "http.server",
        millis: 6,
        waits: &[("cache.get", "route table")],
        hiccup: Crash {
            project: "gateway",
            language: Language::Go,
            kind: "gateway.ClientGone",
            message: "client closed request {n} before the reply",
            level: "warning",
            transaction,
            frames: &[("gateway/proxy/reply.go", "writeReply", 118, "return ErrClientGone")],
        },
        passes_on: None,
    }
}

/// The usual requests.
pub(super) const ROUTES: [Route; 4] = [
    Route {
        percent: 45,
        legs: &[
            storefront("/product/:id", "GET /search answered with an error"),
            gateway("GET /search"),
            Leg {
                service: "search",
                language: Language::Go,
                transaction: "GET /search",
                op: "http.server",
                millis: 40,
                waits: &[("db.redis", "GET product cache"), ("search.query", "products index")],
                hiccup: Crash {
                    project: "search",
                    language: Language::Go,
                    kind: "search.SlowShard",
                    message: "shard {n} answered late",
                    level: "warning",
                    transaction: "GET /search",
                    frames: &[("search/shard/client.go", "Query", 71, "log.Warn(slow)")],
                },
                passes_on: None,
            },
        ],
    },
    Route {
        percent: 30,
        legs: &[
            storefront("/checkout", "POST /api/checkout answered with an error"),
            gateway("POST /api/checkout"),
            Leg {
                service: "checkout-api",
                language: Language::Python,
                transaction: "POST /api/checkout",
                op: "http.server",
                millis: 70,
                waits: &[
                    ("db", "SELECT * FROM cart WHERE user_id = %s"),
                    ("db", "INSERT INTO orders VALUES (%s, %s)"),
                ],
                hiccup: Crash {
                    project: "checkout-api",
                    language: Language::Python,
                    kind: "ReadTimeout",
                    message: "tax service did not answer within 2 s for order {n}",
                    level: "warning",
                    transaction: "POST /api/checkout",
                    frames: &[
                        ("checkout/api/orders.py", "create_order", 88, "tax = await quote_tax(order)"),
                        ("checkout/tax.py", "quote_tax", 41, "reply = await client.post(url, json=lines)"),
                    ],
                },
                passes_on: None,
            },
            Leg {
                service: "payments",
                language: Language::Java,
                transaction: "POST /charge",
                op: "http.server",
                millis: 120,
                waits: &[
                    ("db", "UPDATE ledger SET held = held + ?"),
                    ("http.client", "POST https://provider.example/v2/charges"),
                ],
                hiccup: Crash {
                    project: "payments",
                    language: Language::Java,
                    kind: "CardDeclinedException",
                    message: "issuer declined charge {n}",
                    level: "warning",
                    transaction: "POST /charge",
                    frames: &[(
                        "com/shop/payments/Charge.java",
                        "submit",
                        64,
                        "throw new CardDeclinedException(reply)",
                    )],
                },
                passes_on: None,
            },
        ],
    },
    Route {
        percent: 20,
        legs: &[
            storefront("/login", "POST /api/login answered with an error"),
            gateway("POST /api/login"),
            Leg {
                service: "accounts",
                language: Language::Python,
                transaction: "POST /api/login",
                op: "http.server",
                millis: 55,
                waits: &[("db", "SELECT * FROM account WHERE email = %s")],
                hiccup: Crash {
                    project: "accounts",
                    language: Language::Python,
                    kind: "InvalidCredentials",
                    message: "wrong password for account {n}",
                    level: "warning",
                    transaction: "POST /api/login",
                    frames: &[("accounts/login.py", "verify", 37, "raise InvalidCredentials(account)")],
                },
                passes_on: None,
            },
        ],
    },
    Route {
        percent: 5,
        legs: &[Leg {
            service: "mailer",
            language: Language::Python,
            transaction: "send_receipt",
            op: "queue.task",
            millis: 300,
            waits: &[("smtp", "DATA")],
            hiccup: Crash {
                project: "mailer",
                language: Language::Python,
                kind: "SMTPGreylisted",
                message: "451 try again later, message {n}",
                level: "info",
                transaction: "send_receipt",
                frames: &[("mailer/smtp.py", "send_message", 81, "raise SMTPGreylisted(reply)")],
            },
            passes_on: None,
        }],
    },
];
