//! What is shown of statements that cannot be measured is there to be seen, and the proxies can be counted of every server.

use std::path::Path;

use assert_cmd::Command;
use claimbench::definitions::Root;
use serde_json::Value;

fn root() -> Root {
    Root::find(Some(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))).expect("the project")
}

#[test]
fn every_file_that_shows_something_is_there() {
    let catalog = root().catalog().expect("the definitions are right");
    let shown: Vec<_> =
        catalog.untestable.values().filter_map(|found| Some((&found.id, found.shown.as_ref()?))).collect();
    assert!(shown.len() >= 2, "{shown:?}");
    for (id, shown) in shown {
        for file in &shown.files {
            assert!(root().path().join(file).is_file(), "{id}: {file}");
        }
    }
}

#[test]
fn the_proxies_of_every_server_can_be_counted() {
    let root = root();
    let mut command = Command::cargo_bin("claimbench").expect("the binary is built");
    let output = command.args(["proxies", "--json", "--root"]).arg(root.path()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listing: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let of = |server: &str| {
        let all = listing["proxies"].as_array().expect("a list");
        all.iter().find(|found| found["server"] == server).unwrap_or_else(|| panic!("{server} has none")).clone()
    };
    for server in ["express", "fastapi", "django", "flask"] {
        let found = of(server);
        let number = |pointer: &str| found.pointer(pointer).and_then(Value::as_u64).expect("a number");
        let (logical, lines, tokens) =
            (number("/source/logical_lines"), number("/source/lines"), number("/source/tokens"));
        // A line holds about one statement and, of these languages, some five to twenty tokens.
        assert!(logical > 200 && lines > logical / 2 && tokens > lines * 3, "{server}: {found}");
        assert!(number("/dependencies/direct") > 2 && number("/dependencies/transitive") > 2, "{server}: {found}");
    }
}
