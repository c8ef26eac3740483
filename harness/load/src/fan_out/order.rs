//! What a receiver has of one sender's messages: new, seen before, or late behind a later one.

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    InOrder,
    /// After one that was sent later.
    OutOfOrder,
    Again,
}

/// The numbers of one sender that a receiver has seen: the greatest, and which of the 64 before it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Order {
    greatest: u32,
    /// Bit i: `greatest − 1 − i` was seen.
    before: u64,
}

impl Order {
    /// A message of this number, from 1 on, has come. One more than 64 behind the greatest counts as out of order, whether or
    /// not it came before.
    pub(crate) fn take(&mut self, sequence: u32) -> Came {
        if sequence > self.greatest {
            let step = sequence - self.greatest;
            let seen_greatest = u64::from(self.greatest > 0);
            self.before = match step {
                1..=63 => self.before << step | seen_greatest << (step - 1),
                64 => seen_greatest << 63,
                _ => 0,
            };
            self.greatest = sequence;
            return Came::InOrder;
        }
        match self.greatest - sequence {
            0 => Came::Again,
            behind @ 1..=64 => {
                let bit = 1 << (behind - 1);
                if self.before & bit != 0 {
                    return Came::Again;
                }
                self.before |= bit;
                Came::OutOfOrder
            }
            _ => Came::OutOfOrder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn agrees_with_a_set_of_all_that_came(steps in prop::collection::vec(1_u32..60, 1..200)) {
            let (mut order, mut seen) = (Order::default(), BTreeSet::new());
            for sequence in steps {
                let expected = match seen.last() {
                    _ if seen.contains(&sequence) => Came::Again,
                    Some(last) if *last > sequence => Came::OutOfOrder,
                    _ => Came::InOrder,
                };
                seen.insert(sequence);
                prop_assert_eq!(order.take(sequence), expected);
            }
        }
    }

    #[test]
    fn far_jumps_forget() {
        let mut order = Order::default();
        assert_eq!(order.take(1), Came::InOrder);
        assert_eq!(order.take(65), Came::InOrder);
        assert_eq!(order.take(1), Came::Again, "64 behind is still known");
        assert_eq!(order.take(1_000), Came::InOrder);
        assert_eq!(order.take(1), Came::OutOfOrder);
    }
}
