//! Reference prices, and what a million requests would cost at them: derived from CPU time, memory and rate, and never judged.

/// Seconds of an hour.
const HOUR_S: f64 = 3_600.0;
/// MiB of a GiB.
const MIB_PER_GIB: f64 = 1024.0;
/// Requests of a bill.
const MILLION: f64 = 1e6;

/// What a core and memory cost for an hour, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// A core for an hour.
    pub core_hour: f64,
    /// A GiB of memory for an hour.
    pub gib_hour: f64,
}

impl Prices {
    /// A published price that counts CPU and memory apart: AWS Fargate, Linux on x86, us-east-1, on demand, as of 2026. It is there so that
    /// there is a number at all; who pays another price gives that one. Its core is a virtual processor.
    pub const REFERENCE: Self = Self { core_hour: 0.04048, gib_hour: 0.004_445 };

    /// What a million requests cost an arm that needs so much CPU for each and holds so much memory at a rate.
    pub(crate) fn of_million(self, used: Used) -> Bill {
        // µs a request are seconds a million.
        let core_hours = used.cpu_us_per_request / HOUR_S;
        let gib_hours = used.memory_mib / MIB_PER_GIB * (MILLION / used.rate_per_s / HOUR_S);
        Bill { cpu: core_hours * self.core_hour, memory: gib_hours * self.gib_hour }
    }
}

/// What an arm used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    /// CPU of all its processes for each right answer, in µs.
    pub(crate) cpu_us_per_request: f64,
    /// Proportional set size of all its processes, in MiB.
    pub(crate) memory_mib: f64,
    /// Right answers a second.
    pub(crate) rate_per_s: f64,
}

/// What a million requests cost, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bill {
    /// The CPU time.
    pub(crate) cpu: f64,
    /// The memory, for as long as a million requests take.
    pub(crate) memory: f64,
}

impl Bill {
    /// All of it.
    pub(crate) fn sum(self) -> f64 {
        self.cpu + self.memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_core_hours_and_gib_hours_times_their_prices() {
        // 360 µs a request are a tenth of a core hour a million; 500/s take 2,000 s for a million, in which 512 MiB are 1/3.6 GiB hours.
        let used = Used { cpu_us_per_request: 360.0, memory_mib: 512.0, rate_per_s: 500.0 };
        let bill = Prices { core_hour: 0.5, gib_hour: 0.72 }.of_million(used);
        assert!((bill.cpu - 0.05).abs() < 1e-12 && (bill.memory - 0.2).abs() < 1e-12, "{bill:?}");
        assert!((bill.sum() - 0.25).abs() < 1e-12);
    }
}
