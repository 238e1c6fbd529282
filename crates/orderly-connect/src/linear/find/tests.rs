use super::*;
use crate::linear::items::tests::node;
use orderly_engine::ports::tracker::TitleWanted;
use orderly_wire::linear::complexity::{BUDGET, points};
use orderly_wire::linear::reply::PageInfo;

const HOST: &str = "api.linear.app";

fn wanted(id: u64) -> Wanted {
    Wanted {
        short_id: format!("API-{id}"),
        permalinks: vec![
            format!("https://sentry.io/organizations/acme/issues/{id}/"),
            format!("https://acme.sentry.io/issues/{id}/"),
        ],
        permalink_tail: format!("/issues/{id}"),
        title: Some(TitleWanted { fingerprint: "0123456789ab".into(), needle: "is not a function".into() }),
        stack: Some("ba9876543210".into()),
        culprit: Some("checkout.pay".into()),
        own: vec![ItemId(uuid::Uuid::from_u128(u128::from(id)))],
        linked_urls: Vec::new(),
    }
}

fn team() -> TeamKey {
    TeamKey::new("PLAT")
}

fn page<T>(nodes: Vec<T>) -> Connection<T> {
    Connection { nodes, page_info: Some(PageInfo { has_next_page: false, end_cursor: None }) }
}

fn more<T>(nodes: Vec<T>) -> Connection<T> {
    Connection { nodes, page_info: Some(PageInfo { has_next_page: true, end_cursor: Some("c".into()) }) }
}

fn slot(keys: Vec<IssueNode>, soft: Vec<IssueNode>) -> SlotReply {
    SlotReply { keys: page(keys), spellings: vec![page(vec![]), page(vec![])], soft: Some(page(soft)) }
}

fn request() -> RequestRef {
    RequestRef {
        what: "POST /graphql tracked(c0..c0)".into(),
        at: "2026-11-21T09:15:00Z".parse().expect("a time"),
    }
}

fn found(wanted: &Wanted, slot: SlotReply) -> FoundItems {
    sort::found(&team(), wanted, slot, Some(&page(vec![])), Vec::new(), &[request()])
}

fn keys(look: &Look<TrackedItem>) -> Vec<&str> {
    look.answer.saw().expect("it could look").iter().map(|item| item.key.as_str()).collect()
}

#[test]
fn twenty_issues_take_two_requests_within_the_complexity_budget() {
    let questions: Vec<Question> = (0..20).map(|id| Question::of(&team(), &wanted(id), HOST)).collect();
    let batches = batches(&questions);
    assert_eq!(batches, [0..10, 10..20]);
    for batch in batches {
        assert!(points(&tracked(&shape(&questions[batch], Page::Usual))) <= BUDGET);
    }
    let wide = &questions[..1];
    assert!(points(&tracked(&shape(wide, Page::Wide))) <= BUDGET);
}

#[test]
fn requests_are_about_equally_full_and_many_ids_or_links_make_more_of_them() {
    let sizes = |questions: &[Question]| batches(questions).iter().map(|b| b.len()).collect::<Vec<_>>();
    let plain = |n| (0..n).map(|id| Question::of(&team(), &wanted(id), HOST)).collect::<Vec<_>>();
    assert_eq!(sizes(&plain(0)), [0_usize; 0]);
    assert_eq!(sizes(&plain(1)), [1]);
    assert_eq!(sizes(&plain(12)), [6, 6]);
    assert_eq!(sizes(&plain(21)), [7, 7, 7]);
    let many_ids = |id| {
        let own = (0..40_u128).map(|n| ItemId(uuid::Uuid::from_u128(u128::from(id) << 64 | n))).collect();
        Question::of(&team(), &Wanted { own, ..wanted(id) }, HOST)
    };
    assert_eq!(sizes(&(0..4).map(many_ids).collect::<Vec<_>>()), [2, 2]);
}

#[test]
fn every_variable_of_the_text_is_filled_and_no_other() {
    let odd = Wanted {
        title: None,
        culprit: None,
        linked_urls: vec!["https://linear.app/a/issue/P-1".into()],
        ..wanted(2)
    };
    let questions = [Question::of(&team(), &wanted(1), HOST), Question::of(&team(), &odd, HOST)];
    for page in [Page::Usual, Page::Wide] {
        let text = tracked(&shape(&questions, page));
        let head =
            text.split_once("query tracked(").and_then(|(_, rest)| rest.split_once(')')).expect("a head").0;
        let declared: Vec<&str> = head.split('$').skip(1).filter_map(|part| part.split(':').next()).collect();
        let mut filled: Vec<String> = variables(&questions, page).keys().cloned().collect();
        let mut declared: Vec<String> = declared.into_iter().map(str::to_owned).collect();
        filled.sort();
        declared.sort();
        assert_eq!(filled, declared);
    }
}

#[test]
fn the_text_is_the_same_whatever_the_data_holds() {
    let hostile = "\"}) { __schema { types { name } } } #";
    let one = Question::of(&team(), &wanted(1), HOST);
    let other = Wanted {
        short_id: hostile.into(),
        title: Some(TitleWanted { fingerprint: hostile.into(), needle: hostile.into() }),
        culprit: Some(hostile.into()),
        ..wanted(1)
    };
    let other = Question::of(&team(), &other, HOST);
    assert_eq!(tracked(&shape(&[one], Page::Usual)), tracked(&shape(&[other], Page::Usual)));
}

#[test]
fn a_hit_counts_for_the_prover_whose_key_it_holds() {
    let id = |n: u128| json!(uuid::Uuid::from_u128(n));
    let hits = vec![
        node(json!({"id": id(1), "identifier": "PLAT-1", "title": "API-3 breaks"})),
        node(
            json!({"id": id(2), "identifier": "PLAT-2", "description": "see https://acme.sentry.io/issues/3/?x=1"}),
        ),
        node(json!({"id": id(3), "identifier": "PLAT-3",
            "attachments": {"nodes": [{"url": "https://sentry.io/organizations/acme/issues/3/"}]}})),
        node(
            json!({"id": id(4), "identifier": "PLAT-4", "comments": {"nodes": [{"body": "same as API-3"}]}}),
        ),
        node(
            json!({"id": id(5), "identifier": "PLAT-5", "description": "Tracked by Orderly: X-1 acme/9 g0 k:000000000000 t:0123456789ab s:ba9876543210"}),
        ),
        // Found by the tracker, and not what was asked: the core sets them aside by their texts.
        node(json!({"id": id(6), "identifier": "PLAT-6", "title": "API-3F breaks"})),
        node(
            json!({"id": id(7), "identifier": "PLAT-7", "description": "https://github.com/acme/api/issues/3"}),
        ),
    ];
    let found = found(&wanted(3), slot(hits, vec![]));
    assert_eq!(keys(&found.short_id), ["PLAT-1", "PLAT-4", "PLAT-6"]);
    assert_eq!(keys(&found.permalink), ["PLAT-2", "PLAT-3", "PLAT-7"]);
    assert_eq!(keys(&found.title), ["PLAT-5"]);
    assert_eq!(keys(&found.stack), ["PLAT-5"]);
    assert_eq!(keys(&found.own), [""; 0]);
    assert_eq!(found.permalink.requests, [request()]);
    assert_eq!(found.permalink.looked_for.len(), 3);
    let texts: Vec<usize> =
        found.permalink.answer.saw().expect("seen").iter().map(|item| item.texts.len()).collect();
    assert_eq!(texts, [1, 0, 1]);
}

#[test]
fn a_culprit_counts_only_on_open_items_of_the_team_and_a_title_anywhere() {
    let id = |n: u128| json!(uuid::Uuid::from_u128(n));
    let title = "x IS NOT A FUNCTION in checkout.pay";
    let hits = vec![
        node(json!({"id": id(1), "identifier": "PLAT-1", "title": title})),
        node(json!({"id": id(2), "identifier": "WEB-2", "title": title, "team": {"key": "WEB"}})),
        node(json!({"id": id(3), "identifier": "PLAT-3", "title": title, "state": {"type": "completed"}})),
        node(json!({"id": id(4), "identifier": "PLAT-4", "description": "in checkout.pay"})),
    ];
    let found = found(&wanted(3), slot(vec![], hits));
    assert_eq!(keys(&found.title), ["PLAT-1", "WEB-2", "PLAT-3"]);
    assert_eq!(keys(&found.culprit), ["PLAT-1", "PLAT-4"]);
}

#[test]
fn more_pages_are_no_proof() {
    let cause = |look: &Look<TrackedItem>| look.answer.cause().cloned();
    let keys_cut = found(&wanted(3), SlotReply { keys: more(vec![]), ..slot(vec![], vec![]) });
    for look in [&keys_cut.short_id, &keys_cut.permalink, &keys_cut.title, &keys_cut.stack] {
        assert_eq!(cause(look), Some(Cause::MorePages));
    }
    assert_eq!(cause(&keys_cut.culprit), None);
    let soft_cut = found(&wanted(3), SlotReply { soft: Some(more(vec![])), ..slot(vec![], vec![]) });
    assert_eq!(
        (cause(&soft_cut.title), cause(&soft_cut.culprit)),
        (Some(Cause::MorePages), Some(Cause::MorePages))
    );
    assert_eq!((cause(&soft_cut.short_id), cause(&soft_cut.stack)), (None, None));
    let urls_cut = found(&wanted(3), SlotReply { spellings: vec![more(vec![])], ..slot(vec![], vec![]) });
    assert_eq!((cause(&urls_cut.permalink), cause(&urls_cut.short_id)), (Some(Cause::MorePages), None));
    let nothing = found(&wanted(3), SlotReply::default());
    assert_eq!(cause(&nothing.short_id), Some(Cause::MorePages));
}

#[test]
fn an_item_whose_matching_comments_were_not_all_answered_proves_nothing_unless_it_names_the_issue() {
    let with = |body: &str, n: usize| {
        let hit = node(json!({"comments": {"nodes": vec![json!({"body": body}); n]}}));
        found(&wanted(3), slot(vec![hit], vec![])).short_id.answer
    };
    assert_eq!(with("API-3F again", 5), Looked::CouldNotLook(Cause::MorePages));
    assert!(matches!(with("API-3F again", 4), Looked::Saw(items) if items.len() == 1));
    assert!(matches!(with("API-3 again", 5), Looked::Saw(items) if items.len() == 1));
}

#[test]
fn what_cannot_be_looked_for_says_so() {
    let bare = Wanted { title: None, stack: None, culprit: Some("x".into()), own: vec![], ..wanted(3) };
    let reply = SlotReply { soft: None, ..slot(vec![], vec![]) };
    let found = sort::found(&team(), &bare, reply, None, Vec::new(), &[request()]);
    for look in [&found.title, &found.stack, &found.culprit] {
        assert!(matches!(look.answer, Looked::CouldNotLook(Cause::NoInput(_))), "{look:?}");
    }
    assert_eq!(found.own.answer, Looked::Saw(vec![]));
}

#[test]
fn an_item_that_several_aliases_answer_is_one_item_with_all_its_attachments() {
    let url = "https://acme.sentry.io/issues/3/";
    let by_text = node(
        json!({"title": "API-3", "attachments": {"nodes": [{"url": "https://sentry.io/organizations/acme/issues/3/"}]}}),
    );
    let by_url =
        AttachmentNode { id: None, url: url.into(), issue: Some(Box::new(node(json!({"title": "API-3"})))) };
    let reply = SlotReply { spellings: vec![page(vec![by_url])], ..slot(vec![by_text], vec![]) };
    let found = found(&wanted(3), reply);
    let items = found.permalink.answer.saw().expect("it could look");
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].attachments.len(), 2);
}
