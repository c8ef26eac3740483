//! Tries a stream's attacks: each once, one after the other, with the number of those that were answered as a safe server answers.
//!
//! It goes through the client of the contract's checks and not through the load generator: what is asked is what was answered, not when.

use std::time::Duration;

use model::define::attack::{Attack, SafeAnswer};
use model::define::workload::{Stream, json_contains};
use model::record::StreamObservation;

use super::drive::{Drive, Driven};
use super::fault::Fault;
use crate::http::{Answer, Client, Request};

/// The longest wait for an answer; an injected wait in the database is longer.
const ANSWER_LIMIT: Duration = Duration::from_secs(4);

impl Drive<'_> {
    /// Tries every attack of a stream.
    pub(super) fn attack(&self, stream: &Stream) -> Result<Driven, Fault> {
        let began = crate::platform::monotonic();
        let mut seen = load::observe::untimed(stream.name.clone());
        let mut answered = 0;
        for attack in &stream.attacks {
            if self.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(Fault::Interrupted);
            }
            let answer = tried(attack, self.port);
            answered += u64::from(answer.is_ok());
            count(&mut seen, attack, answer.as_ref());
        }
        let measured = began..crate::platform::monotonic();
        seen.window_s = measured.end.saturating_sub(measured.start).as_secs_f64();
        let (streams, alone) = (vec![seen], Vec::new());
        Ok(Driven { streams, alone, search: None, last: None, measured, answered, warm_up_s: 0.0, drain_s: 0.0 })
    }
}

/// One attack on a connection of its own: what it leaves behind must not meet the next.
fn tried(attack: &Attack, port: u16) -> Result<Answer, String> {
    let blanks = " ".repeat(attack.blanks.unwrap_or(0) as usize);
    let body = attack.body.as_ref().map(|body| body.repeat(attack.repeat.unwrap_or(1) as usize) + &blanks);
    let headers = attack.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request =
        Request { method: attack.method, path: &attack.path, headers, body: body.as_deref(), ..Request::default() };
    Client::new(port, ANSWER_LIMIT).ask(&request).map_err(|error| error.to_string())
}

fn count(seen: &mut StreamObservation, attack: &Attack, answer: Result<&Answer, &String>) {
    seen.due += 1;
    seen.sent += 1;
    let fault = match answer {
        Ok(answer) => unsafe_part(answer, &attack.safe),
        Err(error) => Some(format!("no answer ({error})")),
    };
    match fault {
        None => seen.completed += 1,
        Some(fault) => *seen.errors.entry(format!("{}: {fault}", attack.name)).or_default() += 1,
    }
}

/// In what an answer is not what a safe server gives.
fn unsafe_part(answer: &Answer, safe: &SafeAnswer) -> Option<String> {
    if !safe.status.is_empty() && !safe.status.contains(&answer.status) {
        return Some(format!("status {}", answer.status));
    }
    let has = |name: &String| answer.headers.iter().any(|(found, _)| found.eq_ignore_ascii_case(name));
    if !safe.one_header_of.is_empty() && !safe.one_header_of.iter().any(has) {
        return Some(format!("no header {}", safe.one_header_of.join(" or ")));
    }
    let text = String::from_utf8_lossy(&answer.body);
    if safe.lacks.as_ref().is_some_and(|lacking| text.contains(lacking.as_str())) {
        return Some("the body holds what was sent".to_owned());
    }
    let json = || serde_json::from_slice(&answer.body).ok();
    let wrong = safe.json.as_ref().is_some_and(|wanted| !json().is_some_and(|found| json_contains(&found, wanted)));
    wrong.then(|| "another body".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Answer { status, content_type: None, headers, body: body.into() }
    }

    #[test]
    fn each_part_of_what_is_safe_must_hold() {
        let safe = SafeAnswer { status: vec![400, 403], ..SafeAnswer::default() };
        assert_eq!(unsafe_part(&answer(403, &[], ""), &safe), None);
        assert_eq!(unsafe_part(&answer(200, &[], ""), &safe).as_deref(), Some("status 200"));
        let framed = SafeAnswer { one_header_of: vec!["x-frame-options".to_owned()], ..SafeAnswer::default() };
        assert_eq!(unsafe_part(&answer(200, &[("X-Frame-Options", "DENY")], ""), &framed), None);
        assert!(unsafe_part(&answer(200, &[], ""), &framed).is_some());
        let script = SafeAnswer { lacks: Some("<script>".to_owned()), ..SafeAnswer::default() };
        assert_eq!(unsafe_part(&answer(200, &[], "&lt;script&gt;"), &script), None);
        assert!(unsafe_part(&answer(200, &[], "hello <script>"), &script).is_some());
        let nothing = SafeAnswer { json: Some(serde_json::json!({ "count": 0 })), ..SafeAnswer::default() };
        assert_eq!(unsafe_part(&answer(200, &[], r#"{"count":0,"rows":[]}"#), &nothing), None);
        assert!(unsafe_part(&answer(200, &[], r#"{"count":9}"#), &nothing).is_some());
        assert!(unsafe_part(&answer(200, &[], "no JSON"), &nothing).is_some());
    }
}
