//! What the machine is: processors and their cores, model, memory, kernel, hypervisor.

use std::fs;
use std::path::Path;

use model::machine::Cpu;

use crate::platform::{Facts, host_reading};

/// The processors this process may be scheduled on, with the cores and sockets they belong to.
pub(crate) fn cpus() -> Vec<Cpu> {
    allowed().into_iter().map(|id| Cpu { id, core: topology(id, "core_id", id), socket: socket(id) }).collect()
}

fn allowed() -> Vec<u16> {
    let Ok(mask) = nix::sched::sched_getaffinity(nix::unistd::Pid::from_raw(0)) else { return Vec::new() };
    (0..nix::sched::CpuSet::count())
        .filter(|&cpu| mask.is_set(cpu).unwrap_or(false))
        .filter_map(|cpu| u16::try_from(cpu).ok())
        .collect()
}

fn socket(cpu: u16) -> u16 {
    topology(cpu, "physical_package_id", 0)
}

fn topology(cpu: u16, file: &str, otherwise: u16) -> u16 {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/{file}");
    fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(otherwise)
}

/// Model, memory, kernel and hypervisor, with a doubt for each thing that the kernel does not tell.
pub(crate) fn facts() -> Facts {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Facts {
        cpu_model: cpu_model(&cpuinfo),
        memory_bytes: memory_bytes(&fs::read_to_string("/proc/meminfo").unwrap_or_default()),
        os: format!("Linux {}", release.trim()),
        virtual_machine: is_virtual(&cpuinfo),
        doubts: doubts(),
    }
}

/// The processor's name with its family and model where the kernel tells them: a cloud may name all its generations alike ("AMD EPYC"), and one of
/// them may run one language half as fast again as another does while a second language stays as it was.
fn cpu_model(cpuinfo: &str) -> String {
    let name = field(cpuinfo, "model name").unwrap_or("unknown processor");
    match (field(cpuinfo, "cpu family"), field(cpuinfo, "model")) {
        (Some(family), Some(model)) => format!("{name} family {family} model {model}"),
        _ => name.to_owned(),
    }
}

fn is_virtual(cpuinfo: &str) -> bool {
    let flagged = field(cpuinfo, "flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"));
    flagged || Path::new("/sys/hypervisor/type").exists()
}

fn memory_bytes(meminfo: &str) -> u64 {
    let kib = field(meminfo, "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.split_once(':').filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim()))
}

fn doubts() -> Vec<String> {
    let mut doubts = Vec::new();
    if !Path::new("/proc/pressure/cpu").exists() {
        doubts.push("the kernel tells no pressure (PSI); waiting for a processor is not recorded".to_owned());
    }
    if host_reading().is_none_or(|reading| reading.is_empty()) {
        doubts.push("/proc/stat cannot be read; busy and stolen time of processors are not recorded".to_owned());
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_files_are_read_by_field() {
        let cpuinfo = "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu hypervisor sse\n";
        assert_eq!(cpu_model(cpuinfo), "AMD EPYC");
        let generation = "cpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nstepping\t: 1\n";
        assert_eq!(cpu_model(generation), "AMD EPYC family 25 model 1");
        assert!(is_virtual(cpuinfo));
        assert!(!is_virtual("flags\t\t: fpu sse\n") || Path::new("/sys/hypervisor/type").exists());
        assert_eq!(memory_bytes("MemTotal:       2048 kB\nMemFree: 1 kB\n"), 2048 * 1024);
    }

    #[test]
    fn this_machine_has_processors() {
        assert!(!cpus().is_empty());
        assert!(facts().memory_bytes > 0);
    }
}
