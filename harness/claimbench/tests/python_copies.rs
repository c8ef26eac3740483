//! The Python servers differ in their framework only: what they compute and report comes from files that are copied, since a
//! server's folder stands alone, and the copies must stay equal. So must the network that servers of both languages load.

use std::fs;
use std::path::Path;

/// Each list of servers with the files that all of them have.
const COPIED: [(&[&str], &[&str]); 4] = [
    (
        &["flask", "django", "fastapi"],
        &["kernels.py", "stats.py", "request_count.py", "schemas.py", "credentials.py", "tests/test_shared.py"],
    ),
    (&["django", "fastapi"], &["documents.py"]),
    (&["flask", "fastapi"], &["numeric.py", "numeric_numpy.py", "tests/test_numeric.py"]),
    (&["fastapi", "express"], &["network.onnx"]),
];

#[test]
fn the_copied_files_of_the_servers_are_equal() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference-servers");
    for (servers, files) in COPIED {
        for file in files {
            let read = |server: &str| fs::read(root.join(server).join(file)).expect("every server has a copy");
            let [first, others @ ..] = servers else { panic!("a file is copied from somewhere") };
            for other in others {
                assert!(
                    read(first) == read(other),
                    "{file} differs between {first} and {other}; copy the right one over"
                );
            }
        }
    }
}

/// What Express and a browser say of a body by one module, FastAPI's schemas say of the same body.
#[test]
fn the_cases_of_shared_validation_are_the_same_on_both_sides() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference-servers");
    let read = |file: &str| fs::read_to_string(root.join(file)).expect("the cases");
    assert!(
        read("express/test/shared-validation.json") == read("fastapi/tests/shared-validation.json"),
        "copy one over"
    );
}
