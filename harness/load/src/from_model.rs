//! From a workload's streams as defined to what the generator runs.

use std::collections::BTreeMap;
use std::time::Duration;

use model::define::protocol::{self, Protocol};
use model::define::workload::{self, Load, SearchLoad, Step};

use crate::arrival::{Arrival, Spacing};
use crate::error::RunError;
use crate::events::EventsSpec;
use crate::fan_out::form::Form;
use crate::fan_out::{Audience, FanOutSpec};
use crate::http2::Http2Spec;
use crate::request::RequestSpec;
use crate::search::Objective;
use crate::stream::StreamSpec;
use crate::transport::Transport;
use crate::verify::{BodyCheck, Expect, JsonCheck, json_right};
use crate::websocket::{EchoSpec, Kind, Message};

/// A stream's load, as a run or a search needs it.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamPlan {
    /// It runs as it is.
    Fixed(StreamSpec),
    /// Its rate is searched for.
    Search {
        /// The stream, at the rate of one request a second: see [`at_rate`].
        stream: StreamSpec,
        /// What a rate must hold.
        objective: Objective,
        /// How long each rate is held.
        step: Duration,
    },
}

/// What a defined stream is to the generator.
///
/// # Errors
/// When what it expects contradicts itself.
pub fn stream_plan(stream: &workload::Stream) -> Result<StreamPlan, RunError> {
    Ok(match &stream.load {
        Load::Closed(load) => {
            let arrival = Arrival::Closed { think: load.think.duration() };
            StreamPlan::Fixed(stream_spec(stream, load.connections, arrival)?)
        }
        Load::Open(load) => {
            let arrival = Arrival::Open { rate_per_s: load.rate.get(), spacing: spacing(load.arrival) };
            StreamPlan::Fixed(stream_spec(stream, load.connections, arrival)?)
        }
        Load::Search(load) => {
            let arrival = Arrival::Open { rate_per_s: 1.0, spacing: spacing(load.arrival) };
            StreamPlan::Search {
                stream: stream_spec(stream, load.connections, arrival)?,
                objective: objective(load),
                step: load.step.duration(),
            }
        }
    })
}

/// The same stream with its open-loop requests due at another rate.
#[must_use]
pub fn at_rate(stream: &StreamSpec, rate_per_s: f64) -> StreamSpec {
    let arrival = match stream.arrival {
        Arrival::Open { spacing, .. } | Arrival::Staged { spacing, .. } => Arrival::Open { rate_per_s, spacing },
        Arrival::Closed { think } => Arrival::Closed { think },
    };
    StreamSpec { arrival, ..stream.clone() }
}

const fn spacing(spacing: workload::Spacing) -> Spacing {
    match spacing {
        workload::Spacing::Constant => Spacing::Constant,
        workload::Spacing::Poisson => Spacing::Poisson,
    }
}

fn objective(load: &SearchLoad) -> Objective {
    Objective {
        quantile: load.objective.quantile.get(),
        at_most: load.objective.at_most.duration(),
        errors_at_most: load.objective.errors_at_most,
    }
}

fn stream_spec(stream: &workload::Stream, connections: u32, arrival: Arrival) -> Result<StreamSpec, RunError> {
    let bad = |detail| RunError::BadStream { stream: stream.name.to_string(), detail };
    let steps: Result<_, _> = stream.steps.iter().map(request_spec).collect();
    let transport = transport(&stream.protocol);
    let mut steps: Vec<RequestSpec> = steps.map_err(bad)?;
    if let Transport::Events(_) = transport {
        // What else an answer with events in it would be.
        for step in steps.iter_mut().filter(|step| step.expect.content_type.is_none()) {
            step.expect.content_type = Some("text/event-stream".to_owned());
        }
    }
    let spec = StreamSpec::new(stream.name.as_str(), connections, arrival, steps).over(transport);
    Ok(StreamSpec { timeout: stream.timeout.duration(), ..spec })
}

fn transport(protocol: &Protocol) -> Transport {
    let pairs = |headers: &BTreeMap<String, String>| headers.clone().into_iter().collect();
    match protocol {
        Protocol::Http1 => Transport::Http1,
        Protocol::Http2(http2) => Transport::Http2(Http2Spec { streams_per_connection: http2.streams }),
        Protocol::WebsocketEcho(echo) => Transport::WebSocketEcho(EchoSpec {
            path: echo.path.clone(),
            headers: pairs(&echo.headers),
            messages: echo
                .messages
                .iter()
                .map(|text| Message { kind: Kind::Text, payload: text.clone().into() })
                .collect(),
        }),
        Protocol::WebsocketFanOut(rooms) => Transport::WebSocketFanOut(FanOutSpec {
            path: rooms.path.clone(),
            headers: pairs(&rooms.headers),
            rooms: rooms.rooms,
            senders_per_room: rooms.senders_per_room,
            message_bytes: rooms.message_bytes,
            kind: Kind::Text,
            form: Form::Message,
            audience: match rooms.audience {
                protocol::Audience::Everyone => Audience::Everyone,
                protocol::Audience::Others => Audience::Others,
            },
        }),
        Protocol::WebsocketDocument(documents) => Transport::WebSocketFanOut(FanOutSpec {
            path: documents.path.replace("{document}", "{room}"),
            headers: pairs(&documents.headers),
            rooms: documents.documents,
            senders_per_room: documents.writers_per_document,
            message_bytes: documents.edit_bytes,
            kind: Kind::Text,
            form: Form::Edit,
            audience: Audience::Everyone,
        }),
        Protocol::Events(events) => Transport::Events(EventsSpec { event_bytes_max: events.event_bytes_max }),
    }
}

/// A defined step as a request; the error says what contradicts itself.
///
/// # Errors
/// When what it expects contradicts itself.
pub fn request_spec(step: &Step) -> Result<RequestSpec, String> {
    let body = body_check(&step.expect).map_err(|detail| format!("{}: {detail}", step.path))?;
    Ok(RequestSpec {
        method: step.method.as_str().to_owned(),
        path: step.path.clone(),
        headers: step.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        body: match step.body_bytes {
            Some(length) => pattern(length),
            None => step.body.clone().unwrap_or_default().into_bytes(),
        },
        expect: Expect { status: step.expect.status, content_type: step.expect.content_type.clone(), body },
    })
}

/// The first bytes of the pattern that bodies of a given length are made of.
fn pattern(length: u64) -> Vec<u8> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    b"0123456789abcdef".iter().copied().cycle().take(length).collect()
}

/// The bytes of a hash from its hexadecimal digits.
fn hash(digits: &str) -> Result<[u8; 32], String> {
    let wrong = || format!("`{digits}` is no SHA-256 in hexadecimal digits");
    let mut bytes = [0; 32];
    let pairs = digits.as_bytes().chunks(2);
    if digits.len() != 64 {
        return Err(wrong());
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let text = std::str::from_utf8(pair).map_err(|_| wrong())?;
        *byte = u8::from_str_radix(text, 16).map_err(|_| wrong())?;
    }
    Ok(bytes)
}

fn body_check(expect: &workload::Expect) -> Result<BodyCheck, String> {
    let members = expect.json_types.iter().map(|(name, is)| JsonCheck::Member { name: name.clone(), is: *is });
    let mut checks: Vec<JsonCheck> = expect.json.iter().cloned().map(JsonCheck::Contains).chain(members).collect();
    let is_json = !checks.is_empty();
    if let Some(exact) = &expect.body {
        if expect.length.is_some_and(|length| length != exact.len() as u64) {
            return Err(format!("the expected body has {} bytes, not the expected length", exact.len()));
        }
        if is_json && !json_right(exact.as_bytes(), &checks) {
            return Err("the expected body does not hold what is expected of its JSON".to_owned());
        }
        return Ok(BodyCheck::Exact(exact.clone().into_bytes()));
    }
    if let Some(digits) = &expect.sha256 {
        if is_json {
            return Err("a hash stands for the whole body; leave what is expected of its JSON out".to_owned());
        }
        return Ok(BodyCheck::Sha256(hash(digits)?));
    }
    Ok(match (is_json, expect.length) {
        (false, None) => BodyCheck::Any,
        (false, Some(length)) => BodyCheck::Length(length),
        (true, length) => {
            checks.extend(length.map(JsonCheck::Length));
            BodyCheck::Json(checks)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn expected(expect: serde_json::Value) -> Result<BodyCheck, String> {
        body_check(&serde_json::from_value(expect).unwrap())
    }

    #[test]
    fn every_part_that_is_given_must_hold() {
        assert_eq!(expected(json!({})), Ok(BodyCheck::Any));
        assert_eq!(expected(json!({"length": 3})), Ok(BodyCheck::Length(3)));
        assert_eq!(expected(json!({"body": "ok", "length": 2})), Ok(BodyCheck::Exact(b"ok".to_vec())));
        let checks = vec![JsonCheck::Contains(json!({"a": 1})), JsonCheck::Length(7)];
        assert_eq!(expected(json!({"json": {"a": 1}, "length": 7})), Ok(BodyCheck::Json(checks)));
    }

    #[test]
    fn what_can_never_hold_is_refused() {
        assert!(expected(json!({"body": "ok", "length": 3})).is_err());
        assert!(expected(json!({"body": "{\"a\":2}", "json": {"a": 1}})).is_err());
        assert!(expected(json!({"body": "{\"a\":1}", "json": {"a": 1}})).is_ok());
    }

    #[test]
    fn a_hash_is_read_from_its_digits() {
        let digits = format!("00ff{}", "1a".repeat(30));
        let Ok(BodyCheck::Sha256(bytes)) = expected(json!({"sha256": digits})) else { panic!("a hash") };
        assert_eq!((bytes[0], bytes[1], bytes[31]), (0, 255, 26));
        assert!(expected(json!({"sha256": "00ff"})).is_err());
        assert!(expected(json!({"sha256": digits, "json": {}})).is_err());
    }

    #[test]
    fn each_protocol_has_its_transport() {
        let stream = |protocol: serde_json::Value, steps: serde_json::Value| -> StreamSpec {
            let load = json!({"closed": {"connections": 8}});
            let stream = json!({"name": "main", "load": load, "protocol": protocol, "step": steps});
            let stream: workload::Stream = serde_json::from_value(stream).unwrap();
            match stream_plan(&stream).unwrap() {
                StreamPlan::Fixed(stream) => stream,
                StreamPlan::Search { .. } => panic!("no search"),
            }
        };
        let step = json!([{"path": "/events", "body_bytes": 20}]);
        let events = stream(json!({"events": {}}), step.clone());
        assert_eq!(events.transport, Transport::Events(EventsSpec::default()));
        assert_eq!(events.steps[0].expect.content_type.as_deref(), Some("text/event-stream"));
        assert_eq!(events.steps[0].body, b"0123456789abcdef0123");
        let http2 = stream(json!({"http2": {"streams": 9}}), step);
        assert_eq!(http2.transport, Transport::Http2(Http2Spec { streams_per_connection: 9 }));
        let rooms = json!({"websocket-fan-out": {"path": "/r/{room}", "rooms": 2, "senders_per_room": 1}});
        let Transport::WebSocketFanOut(rooms) = stream(rooms, json!([])).transport else { panic!("rooms") };
        assert_eq!((rooms.rooms, rooms.message_bytes, rooms.path_of(1).as_str()), (2, 128, "/r/1"));
        let echo = json!({"websocket-echo": {"path": "/e", "messages": ["a", "b"]}});
        let Transport::WebSocketEcho(echo) = stream(echo, json!([])).transport else { panic!("an echo") };
        assert_eq!(echo.messages[1], Message { kind: Kind::Text, payload: b"b".to_vec() });
    }

    #[test]
    fn a_searched_stream_takes_any_rate() {
        let stream: workload::Stream = serde_json::from_value(json!({
            "name": "main",
            "load": {"search": {
                "objective": {"quantile": 0.99, "at_most": "50ms", "errors_at_most": 0.001},
                "connections": 8,
            }},
            "step": [{"path": "/plain"}],
        }))
        .unwrap();
        let StreamPlan::Search { stream, objective, .. } = stream_plan(&stream).unwrap() else { panic!("a search") };
        assert_eq!(objective.at_most, Duration::from_millis(50));
        let faster = at_rate(&stream, 250.0);
        assert_eq!(faster.arrival, Arrival::Open { rate_per_s: 250.0, spacing: Spacing::Constant });
        assert_eq!(faster.timeout, Duration::from_secs(10));
    }
}
