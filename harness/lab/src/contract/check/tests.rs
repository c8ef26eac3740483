//! Which cases are chosen, what they send, and how a check ends.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Instant;

use model::define::workload::Service;

use super::*;
use crate::testing::arm;

fn case(text: &str) -> Case {
    toml::from_str(&format!("name = 'n'\n{text}")).expect("a case")
}

/// The names of the cases that are chosen for the toy server.
fn chosen(contract: &Contract, routes: &[&str], upstream: Option<u16>) -> Vec<String> {
    let routes: Vec<String> = routes.iter().map(|route| (*route).to_owned()).collect();
    let (arm, services) = (arm(&[]), Addresses { upstream, ..Addresses::default() });
    let server = Subject { port: 0, arm: &arm, routes: &routes, services: &services };
    contract.cases_for(&server).map(|case| case.name.clone()).collect()
}

#[test]
fn cases_are_chosen_by_what_the_server_offers() {
    let case = |path: &str| Case { name: path.to_owned(), path: path.to_owned(), ..case("path = '/'\nexpect = { }") };
    let contract = Contract {
        routes: ["/plain", "/cpu", "/cpu-released", "/upstream"].map(str::to_owned).to_vec(),
        cases: ["/plain", "/cpu/x?n=1", "/cpu-released", "/upstream?calls=2", "/nowhere"].map(case).to_vec(),
        dialogues: Vec::new(),
        needs: [("/upstream".to_owned(), vec![Service::Upstream])].into(),
        ..Contract::default()
    };
    let chosen = |upstream| chosen(&contract, &["/cpu", "/upstream"], upstream);
    assert_eq!(chosen(None), ["/cpu/x?n=1", "/nowhere"]);
    assert_eq!(chosen(Some(80)), ["/cpu/x?n=1", "/upstream?calls=2", "/nowhere"]);
}

#[test]
fn a_case_whose_answer_others_use_comes_along() {
    let text = "## POST /login\n## GET /tasks\n```toml\n[[case]]\nname = 'in'\npath = '/login'\nkeep = { token = 't' }\nexpect = { \
                }\n[[case]]\nname = 'wrong'\npath = '/login'\nexpect = { }\n[[case]]\nname = 'tasks'\npath = '/tasks'\nheaders = { \
                a = 'Bearer {token}' }\nexpect = { }\n```\n";
    let contract = Contract::parse("CONTRACT.md", text).expect("it is right");
    assert_eq!(chosen(&contract, &["/tasks"], None), ["in", "tasks"]);
    assert_eq!(chosen(&contract, &["/other"], None), Vec::<String>::new());
}

#[test]
fn a_case_may_leave_modes_out() {
    let of = |mode: &str| case(&format!("path = '/'\nnot_on = ['{mode}']\nexpect = {{ }}"));
    let contract = |mode| Contract { cases: vec![of(mode)], ..Contract::default() };
    assert_eq!(chosen(&contract("toy:single"), &[], None), Vec::<String>::new());
    assert_eq!(chosen(&contract("toy:other"), &[], None), ["n"]);
}

#[test]
fn what_a_case_keeps_is_filled_into_later_ones() {
    let case = case("path = '/'\nkeep = { id = 'n' }\nexpect = { }");
    let answer = |body: &str| Answer { status: 200, content_type: None, headers: Vec::new(), body: body.into() };
    let mut kept = BTreeMap::new();
    assert_eq!(keep(&case, &answer(r#"{"n":7}"#), &mut kept), None);
    assert_eq!(filled("/items/{id}?x={other}", &kept), "/items/7?x={other}");
    assert!(keep(&case, &answer("{}"), &mut kept).is_some_and(|text| text.contains("`n`")));
}

#[test]
fn blanks_follow_what_is_repeated() {
    let case = case("path = '/'\nbody = 'a{id}'\nrepeat = 2\nblanks = 3\nexpect = { }");
    assert_eq!(body(&case, &[("id".to_owned(), "7".to_owned())].into()).as_deref(), Some("a7a7   "));
}

/// Answers each connection once, after its head has come, and hears what was asked; or never answers.
fn serving(answer: Option<&'static str>) -> (u16, &'static Mutex<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let heard: &'static Mutex<Vec<String>> = Box::leak(Box::default());
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 1024];
            let count = stream.read(&mut buffer).unwrap_or(0);
            heard.lock().expect("no panic").push(String::from_utf8_lossy(&buffer[..count]).into_owned());
            if let Some(answer) = answer {
                let _ = stream.write_all(answer.as_bytes());
            } else {
                open.push(stream);
            }
        }
    });
    (port, heard)
}

fn checked(text: &str, port: u16, patience: Patience<'_>) -> Result<Checked, Interrupted> {
    checked_for(&Contract { cases: vec![case(text); 3], ..Contract::default() }, port, patience)
}

fn checked_for(contract: &Contract, port: u16, patience: Patience<'_>) -> Result<Checked, Interrupted> {
    let (arm, services) = (arm(&[]), Addresses::default());
    contract.check_with(&Subject { port, arm: &arm, routes: &[], services: &services }, patience)
}

#[test]
fn headers_of_answers_are_looked_at_after_what_is_kept() {
    let made = "HTTP/1.1 201 Created\r\nlocation: /tasks/7\r\ncontent-length: 8\r\nconnection: close\r\n\r\n{\"id\":7}";
    let (port, heard) = serving(Some(made));
    let right =
        "path = '/tasks'\nkeep = { made = 'id' }\nexpect = { status = 201, headers = { location = '/tasks/{made}' } }";
    assert_eq!(checked(right, port, Patience::default()), Ok(Checked { cases: 3, failures: Vec::new() }));
    assert!(heard.lock().expect("no panic")[0].contains("accept-encoding: gzip"));
    let found = checked(&right.replace("{made}", "8"), port, Patience::default()).expect("no interrupt");
    assert!(found.failures[0].contains("`location` is `/tasks/7` instead of `/tasks/8`"), "{found:?}");
}

#[test]
fn a_header_that_no_answer_has_is_a_failure_where_that_is_asked() {
    let (port, _) = serving(Some("HTTP/1.1 200 OK\r\netag: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
    let failures = |not_on: &str| {
        let nowhere = [("etag".to_owned(), vec![not_on.to_owned()])].into();
        let cases = vec![case("path = '/'\nexpect = { }")];
        let contract = Contract { cases, nowhere, ..Contract::default() };
        checked_for(&contract, port, Patience::default()).expect("no interrupt").failures
    };
    assert!(failures("toy:other")[0].contains("`etag: x`"));
    assert_eq!(failures("toy:single"), Vec::<String>::new());
}

#[test]
fn a_server_that_hangs_is_given_up_in_the_end() {
    let (port, _) = serving(None);
    let patience = Patience::default().at_most(Duration::from_millis(200));
    let found = checked("path = '/'\nexpect = { }", port, patience).expect("no interrupt");
    assert_eq!((found.cases, found.failures.len()), (1, 2), "{found:?}");
    assert!(found.failures[1].contains("2 of 3 cases did not run"), "{found:?}");
}

#[test]
fn an_interrupt_ends_a_check_and_is_no_fault_of_the_server() {
    let (port, _) = serving(None);
    let interrupted = AtomicBool::new(false);
    let began = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            interrupted.store(true, Ordering::Relaxed);
        });
        let patience = Patience::until_interrupted(&interrupted);
        assert_eq!(checked("path = '/'\nexpect = { }", port, patience), Err(Interrupted));
    });
    assert!(began.elapsed() < CASE_LIMIT);
}
