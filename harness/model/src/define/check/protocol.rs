//! Checks the protocol of a stream against its steps and its connections.

use super::Findings;
use crate::define::protocol::{Protocol, STAMP_BYTES, WebsocketDocument, WebsocketFanOut};
use crate::define::workload::{Stream, Workload};

/// Most requests at once over one connection; what servers allow is a few hundred at most.
const STREAMS_MAX: u32 = 1_024;

/// Longest text of an edit that CONTRACT.md allows.
const EDIT_BYTES_MAX: u32 = 1_024;

pub(super) fn check_protocol(findings: &mut Findings<'_, '_, Workload>, at: &str, stream: &Stream) {
    let protocol = ["stream", at, "protocol"];
    let mut report = |message: String, help: &str| findings.report(&protocol, message, help);
    match (stream.protocol.sends_steps(), stream.steps.is_empty()) {
        (true, true) if !stream.attacks.is_empty() => {}
        (true, true) => {
            findings.report(
                &["stream", at],
                "a stream without steps".to_owned(),
                "add `[[stream.step]]` with a `path`",
            );
            return;
        }
        (false, false) => {
            let name = stream.protocol.name();
            report(
                format!("a `{name}` stream has no steps"),
                "say in the protocol what is sent, and leave the steps out",
            );
        }
        _ => {}
    }
    if let Some(path) = stream.protocol.path()
        && (!path.starts_with('/') || path.contains(char::is_whitespace))
    {
        report(format!("`{path}` is no path"), "begin it with `/` and encode spaces as `%20`");
    }
    match &stream.protocol {
        Protocol::Http1 => {}
        Protocol::Http2(http2) if !(1..=STREAMS_MAX).contains(&http2.streams) => {
            report(format!("{} streams on a connection", http2.streams), "take 1 to 1024");
        }
        Protocol::WebsocketEcho(echo) if echo.messages.is_empty() => {
            report("an echo of nothing".to_owned(), "write `messages = [\"hello\"]`");
        }
        Protocol::WebsocketFanOut(rooms) => {
            for (message, help) in wrong_rooms(rooms, stream.load.connections()) {
                report(message, help);
            }
        }
        Protocol::WebsocketDocument(documents) => {
            for (message, help) in wrong_documents(documents, stream.load.connections()) {
                report(message, help);
            }
        }
        Protocol::Events(events) if events.event_bytes_max == 0 => {
            report("events of no bytes".to_owned(), "leave `event_bytes_max` out");
        }
        Protocol::Http2(_) | Protocol::WebsocketEcho(_) | Protocol::Events(_) => {}
    }
}

fn wrong_rooms(rooms: &WebsocketFanOut, connections: u32) -> Vec<(String, &'static str)> {
    let mut wrong = Vec::new();
    let senders = u64::from(rooms.rooms) * u64::from(rooms.senders_per_room);
    if senders == 0 || senders > u64::from(connections) {
        let counts = format!("{} rooms with {} senders each", rooms.rooms, rooms.senders_per_room);
        wrong.push((format!("{counts} among {connections} connections"), "the senders are among the connections"));
    }
    if rooms.message_bytes < STAMP_BYTES {
        wrong.push((format!("messages of {} bytes", rooms.message_bytes), "the sender's stamp alone needs 53"));
    }
    if rooms.rooms > 1 && !rooms.path.contains("{room}") {
        wrong.push((format!("`{}` is the same for all rooms", rooms.path), "write `{room}` where its number goes"));
    }
    wrong
}

fn wrong_documents(documents: &WebsocketDocument, connections: u32) -> Vec<(String, &'static str)> {
    let mut wrong = Vec::new();
    let writers = u64::from(documents.documents) * u64::from(documents.writers_per_document);
    if writers == 0 || writers > u64::from(connections) {
        let counts = format!("{} documents with {} writers each", documents.documents, documents.writers_per_document);
        wrong.push((format!("{counts} among {connections} connections"), "the writers are among the connections"));
    }
    if !(STAMP_BYTES..=EDIT_BYTES_MAX).contains(&documents.edit_bytes) {
        let message = format!("edits of {} bytes", documents.edit_bytes);
        wrong.push((message, "take 53, for the writer's stamp, to 1024, which the contract allows"));
    }
    if documents.documents > 1 && !documents.path.contains("{document}") {
        let message = format!("`{}` is the same for all documents", documents.path);
        wrong.push((message, "write `{document}` where its number goes"));
    }
    wrong
}
