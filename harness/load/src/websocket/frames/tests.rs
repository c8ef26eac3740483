//! Frames as servers send them, cut anywhere, and frames that nobody may send.

use super::*;
use proptest::prelude::*;

/// A server's frame, without a mask.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => bytes.push(length),
        (_, Ok(length)) => {
            bytes.push(126);
            bytes.extend(length.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    [bytes, payload.to_vec()].concat()
}

#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Message(Kind, Vec<u8>),
    Control(Item, Vec<u8>),
}

fn parse(bytes: &[u8], part: usize) -> Result<Vec<Seen>, FrameError> {
    let (mut frames, mut seen, mut message) = (Frames::new(100_000), Vec::new(), None);
    for bytes in bytes.chunks(part) {
        let mut at = 0;
        while let Some(item) = frames.next(bytes, &mut at)? {
            match item {
                Item::Begin(kind) => message = Some((kind, Vec::new())),
                Item::Part { from, to } => message.as_mut().unwrap().1.extend_from_slice(&bytes[from..to]),
                Item::End => seen.extend(message.take().map(|(kind, payload)| Seen::Message(kind, payload))),
                control => seen.push(Seen::Control(control, frames.control().to_vec())),
            }
        }
        assert_eq!(at, bytes.len());
    }
    Ok(seen)
}

proptest! {
    #[test]
    fn messages_come_out_whole_however_they_are_cut(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..5),
        ping in prop::collection::vec(any::<u8>(), 0..=125),
        part in 1_usize..700,
    ) {
        // Each message in two fragments with a ping between them.
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for payload in &payloads {
            let (left, right) = payload.split_at(payload.len() / 3);
            bytes.extend([frame(0x02, left), frame(0x89, &ping), frame(0x80, right)].concat());
            expected.push(Seen::Control(Item::Ping, ping.clone()));
            expected.push(Seen::Message(Kind::Binary, payload.clone()));
        }
        prop_assert_eq!(parse(&bytes, part), Ok(expected));
    }

    #[test]
    fn the_cut_makes_no_difference_to_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), part in 1_usize..50) {
        prop_assert_eq!(parse(&bytes, part).is_ok(), parse(&bytes, 1_000).is_ok());
    }

    #[test]
    fn text_is_valid_where_the_standard_library_says_so(text: Vec<u8>, part in 1_usize..7) {
        let valid = std::str::from_utf8(&text).is_ok();
        prop_assert_eq!(parse(&frame(0x81, &text), part).is_ok(), valid);
    }
}

#[test]
fn long_lengths_are_read() {
    for length in [125, 126, 65_535, 65_536, 100_000] {
        let payload = vec![7; length];
        assert_eq!(parse(&frame(0x82, &payload), 4_096), Ok(vec![Seen::Message(Kind::Binary, payload)]), "{length}");
    }
    assert_eq!(parse(&frame(0x82, &[0; 100_001]), 4_096), Err(FrameError::TooLarge));
    let fragments = [frame(0x02, &[0; 60_000]), frame(0x80, &[0; 60_000])].concat();
    assert_eq!(parse(&fragments, 4_096), Err(FrameError::TooLarge));
}

#[test]
fn what_breaks_the_rules_is_refused() {
    let cases: &[(&str, Vec<u8>)] = &[
        ("a reserved bit", frame(0xc1, b"x")),
        ("an unknown opcode", frame(0x83, b"x")),
        ("an unknown control opcode", frame(0x8b, b"x")),
        ("a mask", vec![0x81, 0x81, 1, 2, 3, 4, 5]),
        ("a ping in fragments", frame(0x09, b"x")),
        ("a long ping", frame(0x89, &[0; 126])),
        ("a continuation of nothing", frame(0x80, b"x")),
        ("a message in a message", [frame(0x01, b"x"), frame(0x81, b"y")].concat()),
        ("a length that is too long by 16 bits", vec![0x82, 126, 0, 5]),
        ("a length that is too long by 64 bits", vec![0x82, 127, 0, 0, 0, 0, 0, 0, 1, 0]),
        ("a length beyond 63 bits", vec![0x82, 127, 128, 0, 0, 0, 0, 0, 1, 0]),
        ("half a close code", frame(0x88, b"\x03")),
        ("a close code that is never sent", frame(0x88, &1005_u16.to_be_bytes())),
        ("a close code of nobody", frame(0x88, &999_u16.to_be_bytes())),
    ];
    for (what, bytes) in cases {
        assert_eq!(parse(bytes, 1), Err(FrameError::Malformed), "{what}");
    }
    assert_eq!(parse(&frame(0x88, b"\x03\xe8\xff"), 1), Err(FrameError::BadUtf8));
    assert_eq!(parse(&frame(0x81, b"\xe2\x82"), 1), Err(FrameError::BadUtf8));
    let closed = Seen::Control(Item::Close, b"\x03\xe8bye".to_vec());
    assert_eq!(parse(&frame(0x88, b"\x03\xe8bye"), 1), Ok(vec![closed]));
}
