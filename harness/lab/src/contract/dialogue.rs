//! A dialogue of the contract: what several connections to a WebSocket path say and hear, step by step. Only its words; `converse` holds it.

use serde::Deserialize;

/// Connections to one path, and what they say and hear.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialogue {
    /// What it shows.
    pub name: String,
    /// Path and query of the handshake; `{fresh}` in it is a name that no other dialogue has.
    pub path: String,
    /// How many connections there are.
    #[serde(default = "one")]
    pub connections: usize,
    /// The status by which the handshake is refused, where it is to be.
    #[serde(default)]
    pub refused: Option<u16>,
    /// What happens, one after the other.
    #[serde(default)]
    pub steps: Vec<Step>,
}

const fn one() -> usize {
    1
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A connection sends a message.
    Say(Say),
    /// The next message of a connection, or of each, is this one.
    Hear(Hear),
    /// A connection sends these bytes, in hexadecimal digits, as they are: frames that no client makes.
    Raw(Raw),
    /// A connection is closed by the server with this code.
    Closed(Closed),
    /// A connection says goodbye, and hears the same.
    Leave(Leave),
}

/// A message that is sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// Which connection, from 0.
    #[serde(default)]
    pub by: usize,
    /// What.
    pub message: Message,
    /// How many times its content is repeated, for long ones.
    #[serde(default = "one")]
    pub repeat: usize,
}

/// A message that is expected.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hear {
    /// Which connection, from 0; each of them where left out.
    #[serde(default)]
    pub by: Option<usize>,
    /// What, exactly.
    pub message: Message,
    /// How many times its content is repeated.
    #[serde(default = "one")]
    pub repeat: usize,
}

/// The content of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Message {
    /// A text.
    Text(String),
    /// Bytes, in hexadecimal digits.
    Binary(Hexadecimal),
}

/// Bytes as they are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    /// Which connection, from 0.
    #[serde(default)]
    pub by: usize,
    /// The bytes.
    pub bytes: Hexadecimal,
    /// How many times they are sent, for frames that make up a long message.
    #[serde(default = "one")]
    pub repeat: usize,
}

/// A connection that the server closes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// Which connection, from 0.
    #[serde(default)]
    pub by: usize,
    /// The code (RFC 6455, section 7.4.1).
    pub code: u16,
}

/// A connection that ends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    /// Which connection, from 0.
    #[serde(default)]
    pub by: usize,
}

/// Bytes, written as hexadecimal digits; blanks between them are left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Hexadecimal(pub Vec<u8>);

impl TryFrom<String> for Hexadecimal {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let byte = |pair: &[char]| {
            let pair: String = pair.iter().collect();
            // `from_str_radix` would also take a sign.
            let plain = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            plain.then(|| u8::from_str_radix(&pair, 16).ok()).flatten()
        };
        let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
        bytes.map(Self).ok_or_else(|| format!("`{text}` is no row of bytes; write two hexadecimal digits for each"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialogue_is_read() {
        let text = "name = 'n'\npath = '/ws/rooms/{fresh}'\nconnections = 2\nsteps = [\n{ say = { by = 1, message = { text = 'hi' } } },\n{ hear = \
                    { message = { text = 'hi' } } },\n{ raw = { bytes = '81 02 68 69' } },\n{ closed = { code = 1002 } },\n{ leave = { by = 1 \
                    } },\n]\n";
        let dialogue: Dialogue = toml::from_str(text).expect("it is right");
        assert_eq!((dialogue.connections, dialogue.refused, dialogue.steps.len()), (2, None, 5));
        let raw = Raw { by: 0, bytes: Hexadecimal(vec![0x81, 2, 0x68, 0x69]), repeat: 1 };
        assert_eq!(dialogue.steps[2], Step::Raw(raw));
        assert!(toml::from_str::<Dialogue>(&text.replace("closed", "close")).is_err());
    }

    #[test]
    fn bytes_are_pairs_of_digits() {
        assert_eq!(Hexadecimal::try_from("00 fF".to_owned()), Ok(Hexadecimal(vec![0, 255])));
        for wrong in ["0", "0g", "+1", "000"] {
            assert!(Hexadecimal::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
