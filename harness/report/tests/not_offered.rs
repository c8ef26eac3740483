//! Where servers do not offer the routes of the workloads, the pages say that they are not tested there.

mod support;

use report::Artifact;
use support::canonical;

/// The part of a page between a heading's id and the end of its section.
fn section(artifacts: &[Artifact], path: &str, id: &str) -> Option<String> {
    let page = artifacts.iter().find(|artifact| artifact.path == path).unwrap_or_else(|| panic!("no {path}"));
    let text = std::str::from_utf8(&page.bytes).expect("UTF-8");
    let (_, section) = text.split_once(&format!("<h2 id=\"{id}\">"))?;
    section.split("</section>").next().map(str::to_owned)
}

/// The rows of a section's table, without its head.
fn rows(section: &str) -> Vec<&str> {
    section.split("<tr>").filter(|row| row.starts_with("<th scope=\"row\">")).collect()
}

#[test]
fn a_servers_page_says_what_it_is_not_tested_with() {
    let artifacts = canonical().render();
    let django = section(&artifacts, "servers/django.html", "not-tested").expect("a section");
    let [nowhere, partly] = rows(&django)[..] else { panic!("{django}") };
    assert!(nowhere.contains(">Nowhere</th>") && nowhere.contains("<code>/upstream</code>: "), "{nowhere}");
    for (workload, title) in
        [("upstream-wait", "Awaited upstream call of 50 ms"), ("upstream-capacity", "Greatest rate of awaited calls")]
    {
        assert!(nowhere.contains(&format!("<a href=\"../workloads/{workload}.html\">{title}</a>")), "{nowhere}");
    }
    assert!(partly.contains(">Only in the mode <code>asgi</code></th>"), "{partly}");
    assert!(partly.contains("<code>/bystander</code>: <a href=\"../workloads/bystander.html\">"), "{partly}");

    let flask = section(&artifacts, "servers/flask.html", "not-tested").expect("a section");
    let [row] = rows(&flask)[..] else { panic!("{flask}") };
    assert!(row.contains(">Everywhere but on the runtime <code>free-threaded</code></th>"), "{row}");

    let express = section(&artifacts, "servers/express.html", "not-tested").expect("a section");
    assert!(rows(&express).is_empty() && express.contains("Nothing: it offers every route"), "{express}");
}

#[test]
fn a_workloads_page_names_the_servers_that_it_is_not_tested_on() {
    let artifacts = canonical().render();
    let waiting = section(&artifacts, "workloads/upstream-wait.html", "not-tested").expect("a section");
    let lines: Vec<&str> = waiting.split("<li>").skip(1).collect();
    let [django, flask] = lines[..] else { panic!("{waiting}") };
    let route = ": offers <code>/upstream</code>";
    assert!(django.starts_with(&format!("<a href=\"../servers/django.html\">Django</a>{route} nowhere")), "{django}");
    assert!(flask.contains(&format!("Flask</a>{route} everywhere but on the runtime <code>free-")), "{flask}");
    assert_eq!(section(&artifacts, "workloads/cpu-sieve.html", "not-tested"), None, "all servers offer its route");
}

#[test]
fn the_page_on_what_was_not_tested_lists_all_servers_that_lack_a_route() {
    let mut run = canonical();
    let table = section(&run.render(), "not-tested.html", "not-offered").expect("a section");
    let servers: Vec<&str> =
        rows(&table).iter().filter_map(|row| row.split("</a>").next()?.rsplit('>').next()).collect();
    assert_eq!(servers, ["Django", "Django", "Flask"]);
    assert!(table.contains("<a href=\"workloads/upstream-wait.html\">"), "{table}");

    // A run without the workload that needs a route says nothing of it.
    run.record.header.plan.experiments.retain(|experiment| experiment.workload.name.as_str() == "cpu-sieve");
    let table = section(&run.render(), "not-tested.html", "not-offered").expect("a section");
    assert!(rows(&table).is_empty() && table.contains("None that a workload of this run needs."), "{table}");
}
