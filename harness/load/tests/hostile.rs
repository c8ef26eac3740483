//! What the fuzzers run, on stable: the corpus, and tens of thousands of mutations of it from a fixed seed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use load::hostile::TARGETS;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Mutations of each file of the corpus.
const MUTATIONS: u32 = 3_000;
/// Bytes that mean something to one of the parsers.
const TELLING: &[u8] = b"\r\n:; \0\x7f\x80\xff\xef0123456789abcdef";

fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    usize::try_from(random.next_u64() % (bound.max(1) as u64)).unwrap()
}

fn mutate(random: &mut ChaCha8Rng, bytes: &mut Vec<u8>) {
    for _ in 0..=below(random, 4) {
        let at = below(random, bytes.len() + 1);
        let byte = TELLING[below(random, TELLING.len())];
        match below(random, 6) {
            0 if at < bytes.len() => bytes[at] = byte,
            1 if at < bytes.len() => bytes[at] ^= 1 << below(random, 8),
            2 => bytes.insert(at, byte),
            3 if at < bytes.len() => {
                bytes.remove(at);
            }
            4 => bytes.truncate(at),
            _ => {
                let piece = bytes[at.min(bytes.len() / 2)..at].to_vec();
                bytes.extend(piece);
            }
        }
    }
}

#[test]
fn no_bytes_break_a_parser() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in TARGETS {
        let mut files: Vec<_> =
            std::fs::read_dir(corpus.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "{name} has a corpus");
        for file in files {
            let seed = std::fs::read(&file).unwrap();
            target(&seed);
            let mut random = ChaCha8Rng::seed_from_u64(seed.len() as u64);
            for _ in 0..MUTATIONS {
                let mut bytes = seed.clone();
                mutate(&mut random, &mut bytes);
                target(&bytes);
            }
        }
    }
}
