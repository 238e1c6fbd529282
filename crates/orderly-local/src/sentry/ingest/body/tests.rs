use std::io::Write;

use proptest::prelude::*;

use super::*;

const TEXT: &[u8] = b"{}\n{\"type\":\"event\"}\n{\"message\":\"hello\"}\n";

fn pack(encoding: Encoding, plain: &[u8]) -> Vec<u8> {
    match encoding {
        Encoding::Plain => plain.to_vec(),
        Encoding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Deflate => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(plain).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Brotli => {
            let mut packed = Vec::new();
            brotli::CompressorWriter::new(&mut packed, 4096, 4, 20).write_all(plain).unwrap();
            packed
        }
        Encoding::Zstd => zstd::bulk::compress(plain, 1).unwrap(),
    }
}

const PACKED: [Encoding; 4] = [Encoding::Gzip, Encoding::Deflate, Encoding::Brotli, Encoding::Zstd];

#[test]
fn every_encoding_unpacks() {
    for encoding in PACKED {
        assert_eq!(unpack(&pack(encoding, TEXT), encoding, 1000).unwrap(), TEXT, "{encoding:?}");
    }
    let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    bare.write_all(TEXT).unwrap();
    assert_eq!(unpack(&bare.finish().unwrap(), Encoding::Deflate, 1000).unwrap(), TEXT);
}

#[test]
fn a_decompression_bomb_is_cut_off_at_the_limit() {
    let zeros = vec![0; 5 << 20];
    for encoding in PACKED {
        let bomb = pack(encoding, &zeros);
        assert!(bomb.len() < 100_000, "{encoding:?}");
        let refused = unpack(&bomb, encoding, 1 << 20);
        assert!(
            matches!(refused, Err(Refusal::TooLarge { limit: 1_048_576, .. })),
            "{encoding:?}: {refused:?}"
        );
        assert_eq!(unpack(&bomb, encoding, 5 << 20).unwrap().len(), 5 << 20, "{encoding:?}");
    }
}

#[test]
fn a_damaged_body_is_refused_with_its_encoding() {
    for encoding in PACKED {
        let mut packed = pack(encoding, &TEXT.repeat(50));
        packed.truncate(packed.len() / 2);
        let refused = unpack(&packed, encoding, 1 << 20);
        assert!(matches!(refused, Err(Refusal::BadEncoding { .. })), "{encoding:?}: {refused:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), which in 0usize..4) {
        let _ = unpack(&bytes, PACKED[which], 10_000);
    }
}
