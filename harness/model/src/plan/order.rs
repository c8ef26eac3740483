//! The order of arms: every block holds each arm once, in balanced and shuffled order from the seed.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// For each block the arms' indices in the order in which they run.
///
/// Blocks are taken from Latin squares whose rows and columns are shuffled: over any whole square each arm stands
/// in each place equally often, and over a part of one the counts differ by at most one.
pub(crate) fn balanced_orders(arms: usize, blocks: u32, seed: u64) -> Vec<Vec<usize>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut orders = Vec::new();
    while orders.len() < blocks as usize && arms > 0 {
        let mut labels: Vec<usize> = (0..arms).collect();
        labels.shuffle(&mut random);
        let mut rotations: Vec<usize> = (0..arms).collect();
        rotations.shuffle(&mut random);
        let rows = rotations.iter().map(|rotation| (0..arms).map(|place| labels[(place + rotation) % arms]).collect());
        orders.extend(rows);
    }
    orders.truncate(blocks as usize);
    orders
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_block_holds_each_arm_once_and_places_are_balanced(arms in 1usize..9, blocks in 1u32..30, seed: u64) {
            let orders = balanced_orders(arms, blocks, seed);
            prop_assert_eq!(orders.len(), blocks as usize);
            for order in &orders {
                let mut sorted = order.clone();
                sorted.sort_unstable();
                prop_assert_eq!(sorted, (0..arms).collect::<Vec<_>>());
            }
            let squares = blocks as usize / arms;
            for place in 0..arms {
                for arm in 0..arms {
                    let times = orders.iter().filter(|order| order[place] == arm).count();
                    prop_assert!((squares..=squares + 1).contains(&times));
                }
            }
        }

        #[test]
        fn the_seed_decides(seed: u64) {
            prop_assert_eq!(balanced_orders(4, 8, seed), balanced_orders(4, 8, seed));
        }
    }
}
