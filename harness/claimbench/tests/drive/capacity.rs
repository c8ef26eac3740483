//! `drive --search` and `drive --sweep`.

use serde_json::Value;

use crate::{drive, serve};

#[test]
fn a_search_confirms_what_it_found() {
    // Each answer takes 5 ms on a thread of its own: a low rate holds 500 ms on any machine.
    let options = ["--search", "p90<=500ms", "--quiet"];
    let (_, result) = drive(&serve("200 OK"), &options);
    let steps = result["steps"].as_array().expect("steps");
    assert!(!steps.is_empty() && steps.len() <= 40, "{result}");
    let last = steps.last().expect("a step");
    assert_eq!(last["confirming"], Value::Bool(true), "{result}");
    match result["greatest_per_s"].as_f64() {
        Some(greatest) => {
            assert_eq!((last["held"].as_bool(), last["rate_per_s"].as_f64()), (Some(true), Some(greatest)))
        }
        None => assert_eq!(last["held"].as_bool(), Some(false)),
    }
    assert!(result["last"]["due"].as_u64().is_some_and(|due| due > 0), "{result}");
}

#[test]
fn a_sweep_measures_at_rising_rates() {
    let (_, result) = drive(&serve("200 OK"), &["--sweep", "20..80", "--points", "3", "--quiet"]);
    let offered: Vec<f64> = result["points"]
        .as_array()
        .expect("points")
        .iter()
        .filter_map(|point| point["offered_per_s"].as_f64())
        .collect();
    assert_eq!(offered.iter().map(|rate| rate.round()).collect::<Vec<_>>(), [20.0, 40.0, 80.0]);
    // The test's server is far from its capacity: power rises with the rate.
    assert_eq!(result["knee"], "beyond-last", "{result}");
    let answered = result["points"][2]["answered_per_s"].as_f64().expect("a rate");
    assert!(answered > 60.0, "{result}");
    let (code, _) = crate::run(&serve("200 OK"), &["--sweep", "80..20"]);
    assert_eq!(code, 64);
}
