//! What is spoken: the transport that URL and options ask for.

use anyhow::bail;
use load::events::EventsSpec;
use load::fan_out::form::Form;
use load::fan_out::{Audience, FanOutSpec};
use load::http2::Http2Spec;
use load::transport::Transport;
use load::websocket::{EchoSpec, Kind, Message};

use super::place::{Place, Scheme};
use crate::cli::ProtocolArgs;

/// The transport.
pub(super) fn transport(args: &ProtocolArgs, place: &Place) -> anyhow::Result<Transport> {
    let headers = vec![("host".to_owned(), place.authority.clone())];
    Ok(match (place.scheme, args.rooms) {
        (Scheme::WebSocket, _) if args.http2 || args.events => bail!("--http2 and --events are for http:// URLs"),
        (Scheme::WebSocket, Some(rooms)) => Transport::WebSocketFanOut(FanOutSpec {
            path: place.path.clone(),
            headers,
            rooms,
            senders_per_room: args.senders,
            message_bytes: args.message_bytes,
            kind: Kind::Text,
            form: Form::Message,
            audience: Audience::Everyone,
        }),
        (Scheme::WebSocket, None) => {
            let message = Message { kind: Kind::Text, payload: args.message.clone().into_bytes() };
            Transport::WebSocketEcho(EchoSpec { path: place.path.clone(), headers, messages: vec![message] })
        }
        (Scheme::Http, Some(_)) => bail!("--rooms is for ws:// URLs"),
        (Scheme::Http, None) if args.http2 => {
            Transport::Http2(Http2Spec { streams_per_connection: args.http2_streams })
        }
        (Scheme::Http, None) if args.events => Transport::Events(EventsSpec::default()),
        (Scheme::Http, None) => Transport::Http1,
    })
}
