//! What a server says of itself on /stats, held against what the plan asked for.

use model::plan::Arm;
use serde_json::Value;

/// Every way in which the running server is not the arm; empty when it is.
pub(crate) fn mismatches(stats: &Value, arm: &Arm) -> Vec<String> {
    let text = |pointer: &str| stats.pointer(pointer).and_then(Value::as_str).unwrap_or("nothing").to_owned();
    let number = |pointer: &str| stats.pointer(pointer).map_or_else(|| "nothing".to_owned(), Value::to_string);
    let wanted_gil = gil(arm, &text("/runtime/name"));
    let mut pairs = vec![
        ("processes", arm.processes.to_string(), number("/processes")),
        ("runtime version", version(&arm.runtime_version).to_owned(), version(&text("/runtime/version")).to_owned()),
        ("GIL", wanted_gil.to_owned(), text("/gil")),
    ];
    if let Some(threads) = arm.parameters.get("threads") {
        pairs.push(("threads", threads.to_string(), number("/threads")));
    }
    pairs
        .into_iter()
        .filter(|(_, wanted, said)| wanted != said)
        .map(|(what, wanted, said)| format!("{what}: the plan asks for {wanted}, /stats says {said}"))
        .collect()
}

/// Whether as many processes serve as shall.
pub(crate) fn all_processes_serve(stats: &Value, arm: &Arm) -> Result<(), String> {
    let serving = stats.get("pids").and_then(Value::as_array).map_or(0, Vec::len);
    if u64::try_from(serving).is_ok_and(|serving| serving == u64::from(arm.processes)) {
        Ok(())
    } else {
        Err(format!("{serving} of {} processes serve", arm.processes))
    }
}

/// How many requests it has answered.
pub(crate) fn requests(stats: &Value) -> Option<u64> {
    stats.get("requests").and_then(Value::as_u64)
}

fn gil(arm: &Arm, runtime: &str) -> &'static str {
    match (runtime, arm.runtime_version.ends_with('t')) {
        ("CPython", true) => "disabled",
        ("CPython", false) => "enabled",
        _ => "none",
    }
}

/// x.y.z, without the `v` that Node puts before it or the `t` of free-threaded builds.
fn version(text: &str) -> &str {
    text.trim_start_matches('v').trim_end_matches('t')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use serde_json::json;

    fn stats() -> Value {
        json!({
            "processes": 1, "threads": 4, "gil": "disabled", "pids": [7],
            "runtime": { "name": "CPython", "version": "3.13.5" },
        })
    }

    fn arm() -> Arm {
        let mut arm = testing::arm(&[]);
        arm.runtime_version = "3.13.5t".to_owned();
        arm.parameters = [(model::names::ParameterName::new("threads").expect("a name"), 4)].into();
        arm
    }

    #[test]
    fn a_server_as_asked_for_has_no_mismatch() {
        assert_eq!(mismatches(&stats(), &arm()), Vec::<String>::new());
        assert!(all_processes_serve(&stats(), &arm()).is_ok());
    }

    #[test]
    fn each_difference_is_told() {
        let mut said = stats();
        said["gil"] = json!("enabled");
        said["threads"] = json!(1);
        said["processes"] = json!(2);
        said["runtime"]["version"] = json!("3.14.0");
        let told = mismatches(&said, &arm()).join("\n");
        for what in ["processes", "GIL: the plan asks for disabled", "threads", "3.14.0"] {
            assert!(told.contains(what), "{what} in {told}");
        }
    }

    #[test]
    fn a_server_that_says_nothing_is_not_the_one() {
        assert_eq!(mismatches(&json!({}), &arm()).len(), 4);
        assert!(all_processes_serve(&json!({}), &arm()).is_err());
    }
}
