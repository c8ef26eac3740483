//! Reproducible random numbers for resampling; not for anything that must be unpredictable.
//!
//! Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators" (SplitMix64). It is written out here
//! because the same record must give the same bytes for ever, whichever version of a random-number crate is in use.

/// Where a sequence of random numbers starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct SplitMix {
    state: u64,
}

/// The increment: 2^64 over the golden ratio, made odd (section 3 of the paper).
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

impl SplitMix {
    /// The sequence that belongs to `seed`.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { state: seed.0 }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN_GAMMA);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A random place in a slice of `len` values (`len` > 0), by multiply and shift (Lemire 2019); the bias of at most `len` / 2^64
    /// is far below what any resample can show.
    pub fn index(&mut self, len: usize) -> usize {
        let wide = u128::from(self.bits()) * (len as u128);
        usize::try_from(wide >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_sequence() {
        // The reference implementation (https://prng.di.unimi.it/splitmix64.c) from state 1234567.
        let mut random = SplitMix::new(Seed(1_234_567));
        let first = [random.bits(), random.bits(), random.bits()];
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn every_place_is_reached_about_equally() {
        let mut random = SplitMix::new(Seed(7));
        let mut seen = [0_u32; 5];
        for _ in 0..50_000 {
            seen[random.index(5)] += 1;
        }
        assert!(seen.iter().all(|count| (9_600..10_400).contains(count)), "{seen:?}");
    }
}
