//! The command line as a user meets it: right input, wrong input, and the exit code of each.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use tempfile::TempDir;

mod records;

const GOLDEN_RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../model/tests/records/format-1.ndjson");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn claimbench() -> Command {
    let mut command = Command::cargo_bin("claimbench").expect("the binary is built");
    command.env_remove("CLAIMBENCH_ROOT").current_dir(root());
    command
}

/// A copy of the definitions that a test may break.
fn definitions() -> TempDir {
    let copy = tempfile::tempdir().expect("a temporary folder");
    for folder in ["workloads", "workloads/claims"] {
        copy_files(&root().join(folder), &copy.path().join(folder));
    }
    for server in fs::read_dir(root().join("reference-servers")).expect("the servers") {
        let server = server.expect("an entry").path();
        if server.join("server.toml").is_file() {
            let to = copy.path().join("reference-servers").join(server.file_name().expect("a name"));
            fs::create_dir_all(&to).expect("a folder");
            fs::copy(server.join("server.toml"), to.join("server.toml")).expect("a copy");
        }
    }
    copy
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
}

#[test]
fn the_projects_own_definitions_are_right() {
    claimbench().arg("check").assert().success().stdout(contains("no mistake"));
}

#[test]
fn the_schemas_are_up_to_date() {
    claimbench().args(["schema", "--check"]).assert().success();
}

#[test]
fn help_names_every_command_and_exit_code() {
    let commands =
        ["doctor", "list", "check", "plan", "run", "judge", "report", "serve", "drive", "merge", "calibrate", "new"];
    let mut assert = claimbench().arg("--help").assert().success();
    for word in commands.iter().chain(&["64", "69", "70", "130"]) {
        assert = assert.stdout(contains(*word));
    }
}

#[test]
fn a_mistake_in_a_definition_is_shown_with_its_place() {
    let copy = definitions();
    let path = copy.path().join("workloads/claims/gil-threads.toml");
    let text = fs::read_to_string(&path).expect("the claim").replacen("server = \"flask\"", "server = \"flusk\"", 1);
    fs::write(&path, text).expect("a broken claim");
    claimbench().args(["check", "--root"]).arg(copy.path()).assert().code(64).stderr(
        contains("unknown server `flusk`")
            .and(contains("workloads/claims/gil-threads.toml:"))
            .and(contains("did you mean `flask`?")),
    );
}

#[test]
fn templates_pass_check_as_they_are_and_are_not_overwritten() {
    let copy = definitions();
    for kind in ["workload", "claim", "server"] {
        let mut new = claimbench();
        new.args(["new", kind, "brand-new", "--root"]).arg(copy.path());
        new.assert().success();
        new.assert().code(64).stderr(contains("is there already"));
    }
    claimbench().args(["check", "--root"]).arg(copy.path()).assert().success();
    claimbench().args(["new", "claim", "Not A Name", "--root"]).arg(copy.path()).assert().code(64);
}

#[test]
fn a_folder_without_definitions_is_refused() {
    let empty = tempfile::tempdir().expect("a temporary folder");
    claimbench().arg("check").current_dir(empty.path()).assert().code(64).stderr(contains("--root"));
}

#[test]
fn unknown_options_commands_and_claims_are_bad_input() {
    claimbench().arg("fly").assert().code(64);
    claimbench().args(["run", "--profile", "huge"]).assert().code(64).stderr(contains("quick"));
    claimbench().args(["plan", "--claims", "no-such-*"]).assert().code(64).stderr(contains("claimbench list"));
    claimbench().args(["plan", "--claims", "[broken"]).assert().code(64).stderr(contains("is no glob"));
    for price in ["cheap", "-1", "inf"] {
        let mut report = claimbench();
        report.arg("report").arg(GOLDEN_RECORD).arg(format!("--price-per-core-hour={price}"));
        report.assert().code(64).stderr(contains("is no price"));
    }
}

#[test]
fn the_listing_is_the_documented_interface() {
    let output = claimbench().args(["list", "--json"]).assert().success().get_output().stdout.clone();
    let listing: serde_json::Value = serde_json::from_slice(&output).expect("JSON");
    let ids: Vec<&str> =
        listing["claims"].as_array().expect("claims").iter().filter_map(|claim| claim["id"].as_str()).collect();
    let spine = [
        "one-thread",
        "loop-blocking",
        "gil-threads",
        "gil-processes",
        "gil-off",
        "gil-io",
        "gil-released",
        "node-io",
        "v8-speed",
    ];
    for id in spine {
        assert!(ids.contains(&id), "{id} is missing in {ids:?}");
    }
    for claim in listing["claims"].as_array().expect("claims") {
        assert!(claim["family"].is_string() && claim["testable_here"].is_boolean(), "{claim}");
        assert_eq!(claim["testable_here"].as_bool(), Some(claim["why_not"].is_null()), "{claim}");
    }
    assert!(listing["servers"].as_array().expect("servers").iter().all(|server| server["modes"].is_array()));
    assert!(listing["workloads"].as_array().expect("workloads").iter().all(|workload| workload["name"].is_string()));
}

/// A server that lacks routes is *not tested* with the workloads that need them, and the listing says where.
#[test]
fn the_listing_says_what_a_server_does_not_offer() {
    let copy = definitions();
    let claimbench_there = |arguments: &[&str]| {
        let mut command = claimbench();
        command.args(arguments).arg("--root").arg(copy.path());
        String::from_utf8(command.assert().success().get_output().stdout.clone()).expect("text")
    };
    claimbench_there(&["new", "server", "brand-new"]);
    let path = copy.path().join("reference-servers/brand-new/server.toml");
    let text = fs::read_to_string(&path).expect("the template");
    let kind = "kind = \"cpython\"\nversion = \">=3.11\"\n";
    let other =
        format!("default_runtime = \"python\"\n[runtimes.other]\n{kind}lacks = [\"/bystander\"]\n[runtimes.python]");
    let adding = "[modes.adding]\nabout = \"It.\"\nprocesses = \"1\"\ncommand = [\"{python}\"]\nadds = [\"/events\"]\n[modes.single]";
    let text = text.replace("[runtimes.python]", &other).replace("[modes.single]", adding);
    fs::write(&path, text).expect("a changed server");

    let listing: serde_json::Value = serde_json::from_str(&claimbench_there(&["list", "--json"])).expect("JSON");
    let servers = listing["servers"].as_array().expect("servers");
    let server = servers.iter().find(|server| server["name"] == "brand-new").expect("it is listed");
    assert_eq!(server["adds"], serde_json::json!({"adding": ["/events"]}));
    assert_eq!(server["lacks"], serde_json::json!({"other": ["/bystander"]}));
    let gap = |route: &str| {
        let gaps = server["not_offered"].as_array().expect("a list").iter();
        let mut of_route = gaps.filter(|gap| gap["route"] == route);
        (of_route.next().unwrap_or_else(|| panic!("no {route} in {server}")).clone(), of_route.next().is_some())
    };
    for (route, workload, modes, not_on) in [
        ("/json", "steady-json", &[][..], &[][..]),
        ("/events", "events", &["adding"], &[]),
        ("/bystander", "bystander-python", &["adding", "single"], &["other"]),
    ] {
        let (found, again) = gap(route);
        assert!(found["workloads"].as_array().expect("a list").iter().any(|name| name == workload), "{found}");
        assert_eq!((&found["modes"], &found["not_on"]), (&serde_json::json!(modes), &serde_json::json!(not_on)));
        assert!(!again, "{route} stands twice");
    }
    assert!(!server["not_offered"].to_string().contains("\"/plain\""), "it offers that everywhere: {server}");

    let text = claimbench_there(&["list"]);
    assert!(text.contains("offers /events only in the mode `adding`; not tested without: events"), "{text}");
    assert!(
        text.contains("offers /bystander everywhere but on the runtime `other`; not tested without: bystander-node,"),
        "{text}"
    );
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let plan = || {
        claimbench().args(["plan", "--claims", "gil-*", "--seed", "3"]).assert().success().get_output().stdout.clone()
    };
    let text = String::from_utf8(plan()).expect("text");
    assert_eq!(text.as_bytes(), plan());
    assert!(text.contains("seed 3") && text.contains("flask:threads"), "{text}");
}

#[test]
fn load_goes_to_this_machine_only() {
    claimbench().args(["drive", "http://192.0.2.1/", "--rate", "1"]).assert().code(64).stderr(contains("--allow-host"));
    claimbench().args(["drive", "ftp://127.0.0.1/", "--rate", "1"]).assert().code(64).stderr(contains("http://"));
}

#[test]
fn a_port_where_nobody_listens_is_something_missing() {
    // Port 1 is reserved and nobody listens there on a machine that can run this test.
    claimbench()
        .args(["drive", "http://127.0.0.1:1/", "--connections", "1", "--duration", "100ms", "--warm-up", "0s"])
        .assert()
        .code(69)
        .stderr(contains("127.0.0.1:1"));
}

#[test]
fn what_cannot_be_served_is_refused_before_anything_is_set_up() {
    for (arguments, says) in [
        (&["expres"][..], "did you mean `express`?"),
        (&["express:clustr"], "did you mean `cluster`?"),
        (&["express:cluster", "--set", "worker=2"], "did you mean `workers`?"),
        (&["express:cluster", "--set", "workers"], "--set threads=4"),
        (&["express:cluster", "--set", "workers=two"], "is no whole number"),
        (&["express:cluster", "--set", "workers=0"], "out of bounds"),
        (&["flask", "--runtime", "gll"], "did you mean `gil`?"),
    ] {
        claimbench().arg("serve").args(arguments).assert().code(64).stderr(contains(says)).stdout("");
    }
}

#[test]
fn a_run_enters_a_history_once_and_its_trends_enter_the_site() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let history = folder.path().join("deep/history.ndjson");
    let append = || claimbench().args(["history", GOLDEN_RECORD, "--into"]).arg(&history).assert().success();
    append();
    append().stdout(contains("already"));
    assert_eq!(fs::read_to_string(&history).expect("a history").lines().count(), 1);

    let draw = |with: &[&str], to: &str| {
        let site = folder.path().join(to);
        claimbench().args(["report", GOLDEN_RECORD, "--out"]).arg(&site).args(with).assert().success();
        site
    };
    let named = history.to_string_lossy().into_owned();
    assert!(!draw(&[], "plain").join("trends.html").exists());
    let line = fs::read_to_string(&history).expect("a history");
    let mut known: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    known["claims"][0]["effect"] = serde_json::json!(1.5);
    fs::write(&history, format!("{known}\n")).expect("a history");
    let page = fs::read_to_string(draw(&["--history", &named], "with").join("trends.html")).expect("a page of trends");
    assert!(page.contains("1.50 times"), "{page}");

    fs::write(&history, "{\"format\":1\n").expect("a damaged history");
    let damaged = claimbench().args(["history", GOLDEN_RECORD, "--into"]).arg(&history).assert().code(64);
    damaged.stderr(contains("line 1 is no line of a history"));
}

#[test]
fn a_matrix_names_every_claim_in_exactly_one_family() {
    let output = claimbench().args(["list", "--matrix"]).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let json = text.trim().strip_prefix("families=").expect("a line for $GITHUB_OUTPUT");
    let entries: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let mut claims: Vec<String> = Vec::new();
    for entry in entries.as_array().expect("an array") {
        let glob = entry["claims"].as_str().expect("a glob");
        claims.extend(glob.trim_matches(['{', '}']).split(',').map(str::to_owned));
    }
    let mut files: Vec<String> = fs::read_dir(root().join("workloads/claims"))
        .expect("the claims")
        .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    claims.sort();
    files.sort();
    assert_eq!(claims, files);
}

#[test]
fn a_step_summary_is_appended_and_its_absence_is_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (site, summary) = (folder.path().join("site"), folder.path().join("summary.md"));
    fs::write(&summary, "before\n").expect("a file");
    let report = || {
        let mut command = claimbench();
        command.args(["report", GOLDEN_RECORD, "--step-summary", "--out"]).arg(&site);
        command
    };
    report().env("GITHUB_STEP_SUMMARY", &summary).assert().success();
    let text = fs::read_to_string(&summary).expect("a summary");
    assert!(text.starts_with("before\n") && text.contains("| verdict | claim |"), "{text}");
    report().env_remove("GITHUB_STEP_SUMMARY").assert().code(64).stderr(contains("GITHUB_STEP_SUMMARY is not set"));
}

#[test]
fn only_servers_that_differ_are_paired_and_the_pairs_are_right_definitions() {
    let (base, head) = (definitions(), definitions());
    let temp = tempfile::tempdir().expect("a temporary folder");
    let pair = |out: &str| {
        let mut command = claimbench();
        command.arg("--root").arg(head.path()).arg("pair").arg("--base").arg(base.path());
        command.arg("--out").arg(temp.path().join(out)).assert()
    };
    pair("same").success().stdout("pairs=0\n").stderr(contains("no server differs"));

    let toml = base.path().join("reference-servers/flask/server.toml");
    let text = fs::read_to_string(&toml).expect("a server");
    fs::write(&toml, text.replace("title = \"Flask\"", "title = \"Older Flask\"")).expect("a change");
    pair("pairs")
        .success()
        .stdout(contains("pairs=").and(contains("pairs=0").not()))
        .stderr(contains("paired: flask;"));
    let out = temp.path().join("pairs");
    claimbench().arg("--root").arg(&out).arg("check").assert().success();
    let listed = claimbench().arg("--root").arg(&out).args(["list", "--json"]).output().expect("it runs").stdout;
    let listed: serde_json::Value = serde_json::from_slice(&listed).expect("JSON");
    assert!(
        listed["servers"].as_array().expect("servers").iter().any(|server| server["title"] == "Older Flask before")
    );
    for claim in listed["claims"].as_array().expect("claims") {
        let text =
            fs::read_to_string(out.join(format!("workloads/claims/{}.toml", claim["id"].as_str().expect("an id"))));
        let text = text.expect("a claim");
        assert!(text.contains("server = \"base-flask\"") && text.contains("server = \"flask\""), "{text}");
        let of_cost = [
            "response-time",
            "acknowledgement-time",
            "delivery-time",
            "event-gap",
            "memory",
            "start-up",
            "cpu-per-request",
        ];
        let is_cost = of_cost.iter().any(|metric| text.contains(&format!("metric.{metric}")));
        let slower_is = if is_cost { "at-most" } else { "non-inferior" };
        assert!(text.contains(&format!("region = \"{slower_is}\"")), "{text}");
    }
    pair("pairs").code(64).stderr(contains("is there already"));
}
