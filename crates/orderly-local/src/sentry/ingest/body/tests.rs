use std::io::Write;

use orderly_wire::sentry::envelope::Keep;
use proptest::prelude::*;

use super::*;

const TEXT: &[u8] = b"{}\n{\"type\":\"event\"}\n{\"message\":\"hello\"}\n";

fn pack(encoding: &str, plain: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        "br" => {
            let mut packed = Vec::new();
            brotli::CompressorWriter::new(&mut packed, 4096, 4, 20).write_all(plain).unwrap();
            packed
        }
        "zstd" => zstd::bulk::compress(plain, 1).unwrap(),
        other => panic!("{other}"),
    }
}

const PACKED: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

async fn unpacked(encoding: &'static str, body: Vec<u8>, limit: usize) -> Result<Vec<u8>, Refusal> {
    let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, encoding.parse().unwrap())]);
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
        body.chunks(10_000).map(|part| Ok(part.to_vec())).collect();
    let body = Body::from_stream(stream::iter(pieces));
    read(&headers, body, limit, &Budget::default(), Vec::new).await.map(|(bytes, _)| bytes)
}

#[tokio::test]
async fn every_encoding_unpacks_bodies_of_every_size() {
    // Incompressible bytes: some of the packed bodies are large, too.
    let noise: Vec<u8> =
        (0..400_000_u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u8).collect();
    for encoding in PACKED {
        for plain in [TEXT, &noise[..100_000], &noise, &TEXT.repeat(20_000)] {
            assert_eq!(
                unpacked(encoding, pack(encoding, plain), 1 << 20).await.unwrap(),
                plain,
                "{encoding:?}"
            );
        }
    }
    let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    bare.write_all(TEXT).unwrap();
    assert_eq!(unpacked("deflate", bare.finish().unwrap(), 1000).await.unwrap(), TEXT);
}

#[tokio::test]
async fn a_decompression_bomb_is_cut_off_at_the_limit() {
    let zeros = vec![0; 5 << 20];
    for encoding in PACKED {
        let bomb = pack(encoding, &zeros);
        assert!(bomb.len() < 100_000, "{encoding:?}");
        let refused = unpacked(encoding, bomb.clone(), 1 << 20).await;
        assert!(
            matches!(refused, Err(Refusal::TooLarge { limit: 1_048_576, .. })),
            "{encoding:?}: {refused:?}"
        );
        assert_eq!(unpacked(encoding, bomb, 5 << 20).await.unwrap().len(), 5 << 20, "{encoding:?}");
    }
}

#[tokio::test]
async fn windows_beyond_what_compressors_use_are_refused() {
    let huge_brotli = vec![0x11, 30, 0, 0, 0, 0, 0, 0];
    // A zstd frame that asks for a window of 2^41 bytes.
    let huge_zstd = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8, 1, 0, 0];
    for (encoding, body) in [("br", huge_brotli), ("zstd", huge_zstd)] {
        let refused = unpacked(encoding, body, 1 << 20).await;
        assert!(matches!(refused, Err(Refusal::BadEncoding { .. })), "{encoding}: {refused:?}");
    }
}

#[tokio::test]
async fn a_damaged_body_is_refused_with_its_encoding() {
    for encoding in PACKED {
        for plain in [TEXT.repeat(50), TEXT.repeat(100_000)] {
            let mut packed = pack(encoding, &plain);
            packed.truncate(packed.len() / 2);
            let refused = unpacked(encoding, packed, 10 << 20).await;
            assert!(matches!(refused, Err(Refusal::BadEncoding { .. })), "{encoding:?}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn a_large_file_costs_no_memory() {
    let file = "{}\n{\"type\":\"attachment\",\"length\":20971520}\n".to_owned() + &"x".repeat(20 << 20);
    for encoding in ["identity", "gzip", "br"] {
        let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, encoding.parse().unwrap())]);
        let body =
            if encoding == "identity" { file.clone().into_bytes() } else { pack(encoding, file.as_bytes()) };
        let fresh = || EnvelopeReader::new(|_| Keep::Count);
        let (reader, _) =
            read(&headers, body.into(), LARGEST_ENVELOPE, &Budget::default(), fresh).await.unwrap();
        assert!(reader.held() < 100, "{encoding}: {}", reader.held());
        assert_eq!(reader.finish().unwrap().items[0].size, 20 << 20);
    }
}

#[tokio::test]
async fn what_is_kept_of_an_envelope_is_bounded() {
    let item = format!("{{\"type\":\"session\"}}\n{}\n", "1".repeat(1 << 20));
    let fresh = || EnvelopeReader::new(|_| Keep::UpTo(2 << 20));
    let body = format!("{{}}\n{}", item.repeat(5));
    let refused = read(&HeaderMap::new(), body.into(), LARGEST_ENVELOPE, &Budget::default(), fresh).await;
    assert!(matches!(refused, Err(Refusal::TooLarge { limit: MOST_KEPT, .. })));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), which in 0usize..4) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _ = runtime.block_on(unpacked(PACKED[which], bytes, 10_000));
    }
}
