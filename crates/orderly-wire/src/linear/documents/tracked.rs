//! The text that looks for several Sentry issues at once, one group of aliases (a slot) each.
//!
//! | Alias | Variables | Asks for |
//! |---|---|---|
//! | `k0` | `$k0` (`IssueFilter`), `$a0` (`AttachmentFilter`), `$c0` (`CommentFilter`) | items that hold a hard key or a signature of slot 0, with the attachments and comments that may be why |
//! | `u0_0` … | `$u0_0` … | attachments with one spelling of the permalink of slot 0 |
//! | `s0` | `$s0` (`IssueFilter`), `$a0` | items with a similar title, or about the same culprit |
//! | `own` | `$own` (`[ID!]`) | items by derived id, for all slots |
//! | `linked` | `$linked` (`IssueFilter`) | items by key, for all slots: what Sentry says it is linked to |

/// Most ids that `own` of one text can answer.
pub const OWN_LIMIT: usize = 100;
/// Most keys that `linked` of one text can answer.
pub const LINKED_LIMIT: usize = 25;

/// How many items an alias may answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// 10: enough for nearly all.
    Usual,
    /// 200: asked when the usual page was not all.
    Wide,
}

/// Whether a part is in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It is.
    Asked,
    /// There is nothing to ask.
    Left,
}

/// What one slot asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotShape {
    /// How many spellings of the permalink.
    pub spellings: u8,
    /// Whether title or culprit are asked.
    pub soft: Part,
}

/// What a whole text asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackedShape {
    /// The slots, in order; at most 255.
    pub slots: Vec<SlotShape>,
    /// Page of `k…` and `s…`.
    pub page: Page,
    /// Whether `own` is asked.
    pub own: Part,
    /// Whether `linked` is asked.
    pub linked: Part,
}

/// Names of the aliases; the variables have the same.
pub mod alias {
    /// Items by derived id.
    pub const OWN: &str = "own";
    /// Items by key.
    pub const LINKED: &str = "linked";

    /// Items by hard key.
    pub fn keys(slot: u8) -> String {
        numbered("k", slot)
    }

    /// Attachments by one spelling of the permalink.
    pub fn spelling(slot: u8, spelling: u8) -> String {
        let mut name = numbered("u", slot);
        name.push('_');
        name.push_str(&spelling.to_string());
        name
    }

    /// Items by title and culprit.
    pub fn soft(slot: u8) -> String {
        numbered("s", slot)
    }

    /// The variable that says which attachments of a hit are answered.
    pub fn attachments(slot: u8) -> String {
        numbered("a", slot)
    }

    /// The variable that says which comments of a hit are answered.
    pub fn comments(slot: u8) -> String {
        numbered("c", slot)
    }

    fn numbered(letter: &str, slot: u8) -> String {
        let mut name = letter.to_owned();
        name.push_str(&slot.to_string());
        name
    }
}

const HIT: &str = "fragment hit on Issue { id identifier title url description archivedAt trashed createdAt updatedAt \
                   completedAt state { type } team { key } }\n";

const KEYS: &str = "  k#: issues(first: @, includeArchived: true, filter: $k#) { nodes { ...hit \
                    attachments(first: 5, includeArchived: true, filter: $a#) { nodes { url } } \
                    comments(first: 5, includeArchived: true, filter: $c#) { nodes { body } } \
                    } pageInfo { hasNextPage } }\n";

const SPELLING: &str = "  u#_%: attachmentsForURL(first: 5, includeArchived: true, url: $u#_%) \
                        { nodes { url issue { ...hit } } pageInfo { hasNextPage } }\n";

const SOFT: &str = "  s#: issues(first: @, includeArchived: true, filter: $s#) { nodes { ...hit \
                    attachments(first: 5, includeArchived: true, filter: $a#) { nodes { url } } \
                    } pageInfo { hasNextPage } }\n";

const OWN: &str = "  own: issues(first: 100, includeArchived: true, filter: { id: { in: $own } }) { nodes { ...hit \
                   attachments(first: 5, includeArchived: true) { nodes { url } } } pageInfo { hasNextPage } }\n";

const LINKED: &str = "  linked: issues(first: 25, includeArchived: true, filter: $linked) { nodes { ...hit \
                      attachments(first: 10, includeArchived: true) { nodes { url } } } pageInfo { hasNextPage } }\n";

/// The text for a shape: fixed pieces, in which `#` is the slot, `%` the spelling and `@` the size of a page.
pub fn tracked(shape: &TrackedShape) -> String {
    let page = match shape.page {
        Page::Usual => "10",
        Page::Wide => "200",
    };
    let mut variables = String::new();
    let mut body = String::new();
    for (slot, asked) in (0..=u8::MAX).zip(&shape.slots) {
        let piece = |text: &str| text.replace('#', &slot.to_string()).replace('@', page);
        variables.push_str(&piece("$k#: IssueFilter!, $a#: AttachmentFilter!, $c#: CommentFilter!, "));
        body.push_str(&piece(KEYS));
        for spelling in 0..asked.spellings {
            let spelling = spelling.to_string();
            variables.push_str(&piece("$u#_%: String!, ").replace('%', &spelling));
            body.push_str(&piece(SPELLING).replace('%', &spelling));
        }
        if asked.soft == Part::Asked {
            variables.push_str(&piece("$s#: IssueFilter!, "));
            body.push_str(&piece(SOFT));
        }
    }
    for (part, variable, text) in
        [(shape.own, "$own: [ID!]!, ", OWN), (shape.linked, "$linked: IssueFilter!, ", LINKED)]
    {
        if part == Part::Asked {
            variables.push_str(variable);
            body.push_str(text);
        }
    }
    let variables = variables.trim_end_matches(", ");
    [HIT, "query tracked(", variables, ") {\n", &body, "}"].concat()
}
