//! The files for other tools, read by other implementations: JSON and XML checked by their schemas, histograms read by HdrHistogram's
//! Python implementation. Needs Python with `venv` and the registry; `CLAIMBENCH_TEST_OFFLINE=1` leaves it out.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::canonical;
use tempfile::TempDir;

/// What reads them, each the newest of its kind when this was written.
const PACKAGES: [&str; 4] =
    ["fastjsonschema==2.22.3", "xmlschema==4.3.2", "elementpath==5.1.4", "hdrhistogram==0.10.8"];

/// A Python with the packages, or why there is none.
fn python(folder: &Path) -> Result<PathBuf, &'static str> {
    if std::env::var_os("CLAIMBENCH_TEST_OFFLINE").is_some_and(|set| set == "1") {
        return Err("CLAIMBENCH_TEST_OFFLINE=1 is set, and the readers come from PyPI");
    }
    let (venv, python) = (folder.join("venv"), folder.join("venv/bin/python"));
    let succeeds = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let installed = succeeds(Command::new("python3").args(["-m", "venv"]).arg(&venv))
        && succeeds(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES));
    if installed { Ok(python) } else { Err("the readers cannot be installed from PyPI") }
}

fn write(site: &TempDir) {
    for artifact in canonical().render() {
        let path = site.path().join(&artifact.path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, &artifact.bytes).expect("a file");
    }
}

fn read(python: &Path, site: &TempDir) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/consumers/read.py");
    Command::new(python).arg(script).arg(site.path()).output().expect("Python runs")
}

#[test]
fn others_read_what_is_written_for_them_and_would_see_a_mistake() {
    let (tools, site) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let python = match python(tools.path()) {
        Ok(python) => python,
        Err(why) => return println!("skipped: {why}"),
    };
    write(&site);
    let output = read(&python, &site);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let numbers: Vec<u32> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [files, intervals, percentiles] = numbers[..] else { panic!("{text}") };
    assert!(files == 4 && intervals > 50 && percentiles > 200, "{text}");

    let change = |name: &str, from: &str, to: &str| {
        let path = site.path().join(name);
        let whole = fs::read_to_string(&path).expect("a file");
        assert!(whole.contains(from), "{name} has no {from}");
        fs::write(path, whole.replacen(from, to, 1)).expect("it can be written");
    };
    change("bencher.json", "\"value\": ", "\"worth\": ");
    change("benchmark-bigger.json", "\"unit\": \"", "\"unit\": \"\", \"was\": \"");
    change("benchmark-smaller.json", "\"name\"", "\"title\"");
    change("junit.xml", "errors=\"0\"", "errors=\"0\" skipped=\"0\"");
    let has_median = |found: &&report::Artifact| {
        found.path.ends_with(".hgrm") && String::from_utf8_lossy(&found.bytes).contains("0.500000000000")
    };
    let artifacts = canonical().render();
    let table = &artifacts.iter().find(has_median).expect("a table").path;
    change(table, "0.500000000000", "0.900000000000");
    let output = read(&python, &site);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let stem = table.rsplit('/').next().expect("a name").trim_end_matches(".hgrm");
    for name in ["bencher.json", "benchmark-bigger.json", "benchmark-smaller.json", "junit.xml", stem] {
        assert!(text.lines().any(|line| line.starts_with(name)), "nobody saw the mistake in {name}: {text}");
    }
}
