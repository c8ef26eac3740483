//! The host as a whole: busy and stolen time of each processor, and CPU pressure.

use std::collections::BTreeMap;
use std::fs;

use crate::platform::CpuTicks;

/// The ticks of each processor.
pub(crate) type HostReading = BTreeMap<u16, CpuTicks>;

/// Reads `/proc/stat`.
pub(crate) fn host_reading() -> Option<HostReading> {
    fs::read_to_string("/proc/stat").ok().map(|text| parse_stat(&text))
}

fn parse_stat(text: &str) -> HostReading {
    text.lines().take_while(|line| line.starts_with("cpu")).filter_map(parse_cpu).collect()
}

/// One line: `cpu0 user nice system idle iowait irq softirq steal …` (proc_stat(5)); guest time is part of user.
fn parse_cpu(line: &str) -> Option<(u16, CpuTicks)> {
    let (name, rest) = line.split_once(' ')?;
    let cpu = name.strip_prefix("cpu")?.parse().ok()?;
    let ticks: Vec<u64> = rest.split_ascii_whitespace().take(8).filter_map(|text| text.parse().ok()).collect();
    let &[user, nice, system, idle, waiting, irq, soft_irq, stolen] = ticks.as_slice() else { return None };
    let busy = user + nice + system + irq + soft_irq;
    Some((cpu, CpuTicks { busy, stolen, total: busy + idle + waiting + stolen }))
}

/// Microseconds since boot in which some task waited for a processor, where the kernel tells.
pub(crate) fn cpu_pressure_us() -> Option<u64> {
    parse_pressure(&fs::read_to_string("/proc/pressure/cpu").ok()?)
}

fn parse_pressure(text: &str) -> Option<u64> {
    let some = text.lines().find(|line| line.starts_with("some "))?;
    some.split(' ').find_map(|part| part.strip_prefix("total="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_stolen_and_total_are_told_apart() {
        let text = "cpu  1 1 1 1 1 1 1 1 0 0\ncpu0 10 1 5 100 4 2 3 7 0 0\ncpu1 0 0 0 50 0 0 0 0 0 0\nintr 5\n";
        let reading = parse_stat(text);
        assert_eq!(reading.len(), 2);
        assert_eq!(reading[&0], CpuTicks { busy: 21, stolen: 7, total: 132 });
    }

    #[test]
    fn pressure_is_the_total_of_some() {
        let text = "some avg10=0.05 avg60=0.10 avg300=0.20 total=1234\nfull avg10=0 avg60=0 avg300=0 total=9\n";
        assert_eq!(parse_pressure(text), Some(1234));
    }
}
