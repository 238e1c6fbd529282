use proptest::prelude::*;
use serde_json::json;

use super::*;

fn kinds(envelope: &Envelope<'_>) -> Vec<String> {
    envelope.items.iter().map(|item| item.headers.kind.as_str().to_owned()).collect()
}

#[test]
fn an_item_without_length_ends_at_the_newline() {
    let envelope = Envelope::parse(b"{}\n{\"type\":\"event\"}\n{\"a\":1}\n{\"type\":\"x\"}\nrest").unwrap();
    assert_eq!(kinds(&envelope), ["event", "x"]);
    assert_eq!(&*envelope.items[0].payload, b"{\"a\":1}");
    assert_eq!(&*envelope.items[1].payload, b"rest");
}

#[test]
fn a_length_may_span_newlines() {
    let bytes = b"{}\n{\"type\":\"attachment\",\"length\":5,\"filename\":\"a.txt\"}\na\nb\nc\n{\"type\":\"event\",\"length\":0}\n";
    let envelope = Envelope::parse(bytes).unwrap();
    assert_eq!(&*envelope.items[0].payload, b"a\nb\nc");
    assert_eq!(envelope.items[0].headers.filename.as_deref(), Some("a.txt"));
    assert_eq!(&*envelope.items[1].payload, b"");
}

#[test]
fn dashed_ids_empty_headers_blank_lines_and_unknown_items_are_read() {
    let bytes = b"{\"event_id\":\"9ec79c33-ec99-42ab-8353-589fcb2e04dc\",\"sdk\":{\"name\":\"s\"}}\r\n\n{\"type\":\"brand_new\",\"length\":2}\n{}\r\n\n\n";
    let envelope = Envelope::parse(bytes).unwrap();
    assert_eq!(envelope.headers.event_id.unwrap().to_string(), "9ec79c33ec9942ab8353589fcb2e04dc");
    assert_eq!(envelope.headers.other["sdk"], json!({"name": "s"}));
    assert_eq!(envelope.items[0].headers.kind, ItemKind::Other("brand_new".into()));
    assert!(Envelope::parse(b"{}").unwrap().items.is_empty());
}

#[test]
fn a_malformed_envelope_says_where() {
    let message = |bytes: &[u8]| Envelope::parse(bytes).unwrap_err().to_string();
    assert_eq!(message(b""), "the envelope is empty");
    assert!(message(b"nonsense\n").starts_with("invalid envelope header"));
    assert!(message(b"{\"event_id\":\"zz\"}\n").starts_with("invalid envelope header"));
    assert!(message(b"{}\n{\"length\":1}\nx").starts_with("invalid header of item 0"));
    assert_eq!(message(b"{}\n{\"type\":\"event\",\"length\":9}\nx"), "item 0 announces 9 bytes, 1 are left");
    assert_eq!(
        message(b"{}\n{\"type\":\"event\",\"length\":1}\nxyz\n"),
        "item 0 does not end after its announced length"
    );
}

#[test]
fn a_body_of_item_headers_only_is_cut_off() {
    let bytes = [b"{}\n".to_vec(), b"{\"type\":\"x\",\"length\":0}\n\n".repeat(MAX_ITEMS + 1)].concat();
    assert!(matches!(Envelope::parse(&bytes), Err(InvalidEnvelope::TooManyItems)));
}

#[test]
fn deep_headers_are_refused_not_followed() {
    let deep = |levels: usize| format!("{{\"x\":{}{}}}\n", "[".repeat(levels), "]".repeat(levels));
    assert!(matches!(Envelope::parse(deep(10_000).as_bytes()), Err(InvalidEnvelope::Headers(_))));
    assert!(matches!(Envelope::parse(deep(100_000).as_bytes()), Err(InvalidEnvelope::HeaderTooLong)));
}

fn item() -> impl Strategy<Value = Item<'static>> {
    let kind = prop_oneof!["event", "attachment", "sessions", "log", "[a-z_]{1,9}"];
    let text = || proptest::option::of("[ -~\\n\"]{0,12}");
    (kind, text(), text(), proptest::collection::vec(any::<u8>(), 0..60)).prop_map(
        |(kind, content_type, filename, payload)| Item {
            size: payload.len(),
            headers: ItemHeaders {
                kind: ItemKind::from(kind.as_str()),
                content_type,
                filename,
                other: Map::new(),
            },
            payload: payload.into(),
        },
    )
}

fn in_pieces(bytes: &[u8], piece: usize) -> Result<Envelope<'static>, InvalidEnvelope> {
    let mut reader = EnvelopeReader::new(|_| Keep::UpTo(usize::MAX));
    for part in bytes.chunks(piece) {
        reader.push(part)?;
    }
    reader.finish()
}

#[test]
fn what_is_only_counted_takes_no_memory_and_what_is_too_large_is_refused_as_soon_as_it_shows() {
    let keep = |kind: &ItemKind| match kind {
        ItemKind::Event => Keep::UpTo(10),
        ItemKind::Session => Keep::OrCount(4),
        _ => Keep::Count,
    };
    let mut reader = EnvelopeReader::new(keep);
    reader.push(b"{}\n{\"type\":\"attachment\",\"length\":1048576}\n").unwrap();
    let before = reader.held();
    for _ in 0..1024 {
        reader.push(&[b'x'; 1024]).unwrap();
        assert_eq!(reader.held(), before);
    }
    reader.push(b"\n{\"type\":\"session\"}\n12345\n{\"type\":\"session\"}\n1234\n").unwrap();
    let mut refused = EnvelopeReader::new(keep);
    assert!(refused.push(b"{}\n{\"type\":\"event\"}\n0123456789\n{\"type\":\"event\"}\n01234").is_ok());
    assert!(matches!(refused.push(b"567890"), Err(InvalidEnvelope::ItemTooLarge { limit: 10, .. })));
    let mut announced = EnvelopeReader::new(keep);
    let header = b"{}\n{\"type\":\"event\",\"length\":11}\n";
    assert!(matches!(announced.push(header), Err(InvalidEnvelope::ItemTooLarge { limit: 10, .. })));
    let items = reader.finish().unwrap().items;
    let shown: Vec<(usize, &[u8])> = items.iter().map(|item| (item.size, &*item.payload)).collect();
    assert_eq!(shown, [(1_048_576, &b""[..]), (5, b""), (4, b"1234")]);
}

#[test]
fn header_lines_are_bounded_together() {
    let line = format!("{{\"type\":\"x\",\"length\":0,\"pad\":\"{}\"}}\n\n", "p".repeat(30_000));
    let bytes = format!("{{}}\n{}", line.repeat(9));
    assert!(matches!(Envelope::parse(bytes.as_bytes()), Err(InvalidEnvelope::HeaderTooLong)));
}

proptest! {
    #[test]
    fn pieces_of_any_size_read_the_same(
        items in proptest::collection::vec(item(), 0..4), piece in 1_usize..40,
        at in any::<proptest::sample::Index>(), byte: u8,
    ) {
        let mut bytes = Envelope { headers: EnvelopeHeaders::default(), items }.to_bytes();
        let whole = |bytes: &[u8]| Envelope::parse(bytes).map_err(|error| error.to_string());
        let parts = |bytes: &[u8]| in_pieces(bytes, piece).map_err(|error| error.to_string());
        prop_assert_eq!(whole(&bytes), parts(&bytes));
        let index = at.index(bytes.len());
        bytes[index] = byte;
        prop_assert_eq!(whole(&bytes), parts(&bytes));
    }

    #[test]
    fn what_is_written_reads_back(
        id in proptest::option::of(any::<[u8; 16]>()),
        dsn in proptest::option::of("[ -~]{0,30}"),
        items in proptest::collection::vec(item(), 0..6),
    ) {
        let headers = EnvelopeHeaders {
            event_id: id.map(EventId::from_bytes), dsn, sent_at: None, other: Map::new(),
        };
        let envelope = Envelope { headers, items };
        let bytes = envelope.to_bytes();
        prop_assert_eq!(Envelope::parse(&bytes).unwrap(), envelope);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Envelope::parse(&bytes);
    }

    #[test]
    fn no_damaged_envelope_panics(
        items in proptest::collection::vec(item(), 0..4), at in any::<proptest::sample::Index>(), byte: u8,
    ) {
        let mut bytes = Envelope { headers: EnvelopeHeaders::default(), items }.to_bytes();
        let index = at.index(bytes.len());
        bytes[index] = byte;
        let _ = Envelope::parse(&bytes);
        let _ = Envelope::parse(&bytes[..index]);
    }
}

#[test]
fn a_header_that_comes_twice_is_refused() {
    for envelope in [
        "{\"dsn\":\"a\",\"dsn\":\"b\"}\n{\"type\":\"event\"}\n{}\n",
        "{}\n{\"type\":\"event\",\"length\":2,\"length\":3}\n{}\n",
        "{}\n{\"type\":\"event\",\"type\":\"log\"}\n{}\n",
    ] {
        let refused = Envelope::parse(envelope.as_bytes()).unwrap_err();
        assert!(format!("{refused}").contains("duplicate field"), "{refused}");
    }
}
