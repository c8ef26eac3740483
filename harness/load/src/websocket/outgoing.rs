//! Writes the frames of a client, masked as RFC 6455 (section 5.3) wants it.

use super::Kind;

/// The opcode of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// A whole message.
    Message(Kind),
    /// The end.
    Close,
    /// The answer to a ping.
    Pong,
}

/// Appends a whole frame.
///
/// The mask is there for proxies that could be made to see a request in a payload; between a load generator and its own
/// server it protects nothing, but a server has to take it off, so it is any value but zero.
pub fn write_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    let opcode = match opcode {
        Opcode::Message(Kind::Text) => 0x81,
        Opcode::Message(Kind::Binary) => 0x82,
        Opcode::Close => 0x88,
        Opcode::Pong => 0x8a,
    };
    out.push(opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => out.push(0x80 | length),
        (_, Ok(length)) => {
            out.push(0x80 | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard() {
        let mut out = Vec::new();
        write_frame(&mut out, Opcode::Message(Kind::Text), b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(out, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    #[test]
    fn lengths_are_written_in_the_shortest_way() {
        for (length, header) in [(125, 2 + 4), (126, 4 + 4), (65_535, 4 + 4), (65_536, 10 + 4)] {
            let mut out = Vec::new();
            write_frame(&mut out, Opcode::Message(Kind::Binary), &vec![0; length], [1, 2, 3, 4]);
            assert_eq!(out.len(), length + header);
        }
    }
}
