//! What the server states about itself on `/stats`.

use serde_json::json;

/// The JSON document, given the number of requests answered so far.
pub(crate) fn document(requests: u64) -> String {
    let software = json!({ "name": "hyper", "version": env!("HYPER_VERSION") });
    let pid = std::process::id();
    json!({
        "server": "calibration",
        "mode": "single",
        "framework": software,
        "server_software": software,
        "runtime": { "name": "Rust", "version": env!("RUSTC_VERSION") },
        "gil": "none",
        "free_threaded_build": false,
        "pid": pid,
        "pids": [pid],
        "processes": 1,
        "threads": 1,
        "versions": {},
        "event_loop_delay_ms": null,
        "requests": requests,
    })
    .to_string()
}
