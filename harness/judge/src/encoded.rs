//! Reads an HdrHistogram's V2 DEFLATE encoding straight into steps, without the histogram.
//!
//! The library's own reader makes an array of all buckets, hundreds of kilobytes of which a few are used, and a record holds thousands of
//! histograms. The format: Gil Tene's `V2EncodingFormat` (big-endian header; counts as zig-zag LEB128 in at most nine bytes, negative ones a run
//! of empty buckets). A test holds what is read here against the library.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// First words of the outer and the inner form.
const COMPRESSED: u32 = 0x1c84_9314;
const PLAIN: u32 = 0x1c84_9313;
/// Bytes of the inner header after its first word.
const HEADER: usize = 36;
/// The most that a payload may come to: five digits over all 64 bits have fewer buckets than this has bytes.
const PAYLOAD_MAX: usize = 1 << 26;
/// The most digits that the format knows.
const DIGITS_MAX: u32 = 5;

/// A bucket that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// The least value in it.
    pub(crate) lowest: u64,
    /// How many neighbouring values it holds.
    pub(crate) width: u64,
    pub(crate) count: u64,
}

/// The buckets that are not empty, rising. The error says what is wrong with the bytes.
pub(crate) fn buckets(bytes: &[u8]) -> Result<Vec<Bucket>, &'static str> {
    if word(bytes, 0)? != COMPRESSED {
        return Err("it does not begin as one");
    }
    let length = word(bytes, 4)? as usize;
    let packed = bytes.get(8..8_usize.saturating_add(length)).ok_or("it ends too early")?;
    let mut plain = Vec::new();
    let limit = (PAYLOAD_MAX + HEADER + 4) as u64;
    ZlibDecoder::new(packed).take(limit).read_to_end(&mut plain).map_err(|_| "it does not unpack")?;
    if word(&plain, 0)? != PLAIN {
        return Err("what is packed does not begin as one");
    }
    let scale = Scale::of(&plain)?;
    let length = word(&plain, 4)? as usize;
    let payload = plain.get(HEADER + 4..(HEADER + 4).saturating_add(length)).ok_or("its counts end too early")?;
    scale.counted(payload)
}

/// How values fall into buckets.
struct Scale {
    /// Powers of two in the width of the first buckets.
    unit_bits: u32,
    /// Powers of two in half of the buckets of one width.
    half_bits: u32,
}

impl Scale {
    fn of(plain: &[u8]) -> Result<Self, &'static str> {
        let (offset, digits) = (word(plain, 8)?, word(plain, 12)?);
        let lowest = u64::from(word(plain, 16)?) << 32 | u64::from(word(plain, 20)?);
        let ratio = u64::from(word(plain, 32)?) << 32 | u64::from(word(plain, 36)?);
        if offset != 0 || f64::from_bits(ratio) != 1.0 || digits > DIGITS_MAX || lowest == 0 {
            return Err("it is of a kind that is not read");
        }
        // Buckets are so fine that twice the digits' range fits into those of one width.
        let count_bits = u64::BITS - (2 * 10_u64.pow(digits) - 1).leading_zeros();
        Ok(Self { unit_bits: lowest.ilog2(), half_bits: count_bits - 1 })
    }

    fn counted(&self, payload: &[u8]) -> Result<Vec<Bucket>, &'static str> {
        let (mut found, mut index, mut rest) = (Vec::new(), 0_u64, payload);
        while !rest.is_empty() {
            let number = signed(&mut rest).ok_or("a count ends too early")?;
            if number <= 0 {
                index = index.checked_add(number.unsigned_abs().max(1)).ok_or("a run of empty buckets is too long")?;
                continue;
            }
            let (lowest, width) = self.bucket(index).ok_or("a bucket lies beyond all values")?;
            found.push(Bucket { lowest, width, count: number.unsigned_abs() });
            index += 1;
        }
        Ok(found)
    }

    /// The least value and the width of the bucket with this index.
    fn bucket(&self, index: u64) -> Option<(u64, u64)> {
        let half = 1_u64 << self.half_bits;
        // The first two halves have the same width, each further one twice that of the one before.
        let doublings = u32::try_from((index >> self.half_bits).saturating_sub(1)).ok()?;
        let within = index - u64::from(doublings) * half;
        let bits = doublings.checked_add(self.unit_bits).filter(|bits| *bits + self.half_bits + 1 < u64::BITS)?;
        Some((within << bits, 1 << bits))
    }
}

fn word(bytes: &[u8], at: usize) -> Result<u32, &'static str> {
    let word = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    word.map(u32::from_be_bytes).ok_or("it ends too early")
}

/// Takes a zig-zag number off the front.
fn signed(rest: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for at in 0..9 {
        let byte = *rest.get(at)?;
        // The ninth byte has no bit that says whether more follow.
        let (bits, more) = if at == 8 { (byte, false) } else { (byte & 0x7f, byte & 0x80 != 0) };
        value |= u64::from(bits) << (7 * at);
        if !more {
            *rest = &rest[at + 1..];
            break;
        }
    }
    // Zig-zag puts the sign into the lowest bit.
    Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}
