//! Fan-out: senders send to rooms, everyone in a room receives, and each delivery is measured.
//!
//! A request of such a stream is one message; it is answered once every member who was connected when it was sent has it.
//! So its response time is that of the last delivery, and its first byte is the first delivery.

pub mod form;
pub(crate) mod order;
pub mod outcome;
pub(crate) mod room;
pub mod stamp;

use crate::stream::CONNECTIONS_MAX;
use crate::websocket::Kind;
use form::Form;
use stamp::STAMP_BYTES;

/// Most messages of a stream that are under way at once; beyond it the oldest is given up.
pub(crate) const UNDER_WAY_MAX: usize = 1 << 14;
/// What stands in a path for the number of the room.
const PLACE_OF_ROOM: &str = "{room}";

/// Rooms, their members, and what is sent to them. The stream's connections are the members, dealt to the rooms in turn; the
/// first ones of each room are its senders, who are members too.
#[derive(Clone, Debug, PartialEq)]
pub struct FanOutSpec {
    /// Path of the handshake, with `{room}` for the number of the room, from 0.
    pub path: String,
    /// Further headers of the handshake.
    pub headers: Vec<(String, String)>,
    /// Rooms.
    pub rooms: u32,
    /// Senders in each room.
    pub senders_per_room: u32,
    /// Length of each message, in bytes; at least [`STAMP_BYTES`]. Of an edit, that of its text.
    pub message_bytes: u32,
    /// What the messages hold.
    pub kind: Kind,
    /// What they are to the server.
    pub form: Form,
    /// Who gets a message.
    pub audience: Audience,
}

/// Who gets a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// All members of the room, its sender too.
    #[default]
    Everyone,
    /// All but its sender.
    Others,
}

impl FanOutSpec {
    pub(crate) fn check(&self, connections: u32) -> Result<(), String> {
        let Self { rooms, senders_per_room, message_bytes, .. } = self;
        let senders = u64::from(*rooms) * u64::from(*senders_per_room);
        if senders == 0 || senders > u64::from(connections) {
            return Err(format!("{rooms} rooms with {senders_per_room} senders each need 1 to {connections} senders"));
        }
        let orders = u64::from(connections) * u64::from(*senders_per_room);
        if orders > u64::from(CONNECTIONS_MAX) * 256 {
            return Err(format!(
                "{connections} members times {senders_per_room} senders are more than can be kept track of"
            ));
        }
        if (*message_bytes as usize) < STAMP_BYTES {
            return Err(format!("a message needs {STAMP_BYTES} bytes for its stamp, not {message_bytes}"));
        }
        if *rooms > 1 && !self.path.contains(PLACE_OF_ROOM) {
            return Err("more than one room needs `{room}` in its path".to_owned());
        }
        Ok(())
    }

    /// The path of one room.
    #[must_use]
    pub fn path_of(&self, room: u32) -> String {
        self.path.replace(PLACE_OF_ROOM, &room.to_string())
    }

    /// Senders in all.
    #[must_use]
    pub const fn senders(&self) -> u32 {
        self.rooms.saturating_mul(self.senders_per_room)
    }
}
