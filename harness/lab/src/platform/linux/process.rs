//! Processes from outside: who belongs to a server, and what each of them uses.

use std::collections::BTreeSet;
use std::fs;

use nix::time::ClockId;
use nix::unistd::Pid;

/// What a process used and has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct ProcessReading {
    /// CPU seconds of all its threads, those that ended included.
    pub(crate) cpu_s: f64,
    /// Resident memory.
    pub(crate) resident_bytes: u64,
    /// Threads.
    pub(crate) threads: u32,
}

/// The lines of `/proc/<pid>/stat` that matter here (proc_pid_stat(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    pid: i32,
    state: u8,
    parent: i32,
    group: i32,
    session: i32,
    threads: u32,
    resident_pages: u64,
}

/// The processes that still run of some leaders: their groups, their sessions, and every descendant of these, wherever
/// it went.
pub(crate) fn members(leaders: &[i32]) -> Vec<i32> {
    let mut alive = all();
    alive.retain(|stat| !matches!(stat.state, b'Z' | b'X'));
    let mut found: BTreeSet<i32> = alive
        .iter()
        .filter(|stat| [stat.pid, stat.group, stat.session].iter().any(|id| leaders.contains(id)))
        .map(|stat| stat.pid)
        .collect();
    loop {
        let before = found.len();
        let children: Vec<i32> =
            alive.iter().filter(|stat| found.contains(&stat.parent)).map(|stat| stat.pid).collect();
        found.extend(children);
        if found.len() == before {
            return found.into_iter().collect();
        }
    }
}

fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter_map(stat).collect()
}

fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse_stat(text: &str) -> Option<Stat> {
    // The second field is the program's name in brackets, which may itself hold brackets and spaces.
    let (pid, _) = text.split_once(' ')?;
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|text| text.parse::<i64>().ok());
    let id = |at: usize| number(at).and_then(|id| i32::try_from(id).ok());
    Some(Stat {
        pid: pid.parse().ok()?,
        state: *fields.first()?.as_bytes().first()?,
        parent: id(1)?,
        group: id(2)?,
        session: id(3)?,
        threads: u32::try_from(number(17)?).ok()?,
        resident_pages: u64::try_from(number(21)?).ok()?,
    })
}

/// The processes of some leaders by their lists of children alone: far cheaper than [`members`], and blind to what left its
/// parent. For looking again and again at a server that is known to run.
pub(crate) fn descendants(leaders: &[i32]) -> Vec<i32> {
    let mut found = leaders.to_vec();
    let mut at = 0;
    while let Some(&pid) = found.get(at) {
        for task in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(children.split_ascii_whitespace().filter_map(|text| text.parse::<i32>().ok()));
        }
        at += 1;
    }
    found
}

/// Reads one process; `None` once it is gone.
pub(crate) fn read_process(pid: i32) -> Option<ProcessReading> {
    // The clock counts nanoseconds; the times in `stat` are whole ticks, a tenth of a sampling interval.
    let used = ClockId::pid_cpu_clock_id(Pid::from_raw(pid)).and_then(ClockId::now).ok()?;
    let stat = stat(pid)?;
    Some(ProcessReading {
        cpu_s: seconds(used),
        resident_bytes: stat.resident_pages * page_bytes(),
        threads: stat.threads,
    })
}

fn seconds(time: nix::sys::time::TimeSpec) -> f64 {
    time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9
}

fn page_bytes() -> u64 {
    /// The page size of every x86-64 and most other kernels, should it not be told.
    const USUAL: u64 = 4096;
    let told = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok().flatten();
    told.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(USUAL)
}

/// Context switches of all threads of a process, voluntary and not; each thread has a file of its own.
pub(crate) fn switches(pid: i32) -> Option<u64> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let of_task =
        |path: std::path::PathBuf| fs::read_to_string(path.join("status")).ok().map(|text| switches_in(&text));
    Some(tasks.flatten().filter_map(|task| of_task(task.path())).sum())
}

fn switches_in(status: &str) -> u64 {
    let counts = status.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.ends_with("voluntary_ctxt_switches").then(|| value.trim().parse::<u64>().ok())?
    });
    counts.sum()
}

/// Proportional set size of a process, where the kernel tells.
pub(crate) fn proportional_bytes(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let kib = text.lines().find_map(|line| line.strip_prefix("Pss:"))?.trim().split(' ').next()?.parse::<u64>().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let text = "42 (a) b (c) S 1 40 39 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 12 0 100 4096 77 18446744073709551615\n";
        let stat = parse_stat(text).expect("it is a stat line");
        assert_eq!((stat.pid, stat.state, stat.parent, stat.group, stat.session), (42, b'S', 1, 40, 39));
        assert_eq!((stat.threads, stat.resident_pages), (12, 77));
    }

    #[test]
    fn switches_of_both_kinds_are_added() {
        assert_eq!(switches_in("Threads:\t1\nvoluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t2\n"), 7);
    }

    #[test]
    fn this_process_uses_time_and_memory() {
        let own = i32::try_from(std::process::id()).expect("a pid fits");
        let reading = read_process(own).expect("it runs");
        assert!(reading.cpu_s > 0.0 && reading.resident_bytes > 0 && reading.threads > 0);
        assert!(members(&[own]).contains(&own));
        assert_eq!(descendants(&[own])[0], own);
        assert!(switches(own).is_some_and(|count| count > 0));
    }
}
