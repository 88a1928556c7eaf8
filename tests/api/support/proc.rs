//! What the kernel says of a process: its time, its memory, its sockets.

use std::fs;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Linux counts processor time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// How long the processors have worked for process `id`.
pub(crate) fn processor_time(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("a process");
    // The name in parentheses may hold anything; behind it the fields are plain.
    let fields: Vec<&str> = stat.rsplit_once(") ").expect("a name").1.split(' ').collect();
    let ticks = |at: usize| fields[at].parse::<u32>().expect("a number");
    (ticks(11) + ticks(12)) * TICK
}

/// The memory that process `id` really has, in bytes.
pub(crate) fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// How many descriptors process `id` has open.
pub(crate) fn descriptors(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/fd")).expect("a process").count()
}

/// How many descriptors this process may have; raised to `wanted` if it may.
pub(crate) fn may_have_descriptors(wanted: u64) -> bool {
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= wanted) {
        return true;
    }
    let maximum = now.maximum.map_or(wanted, |maximum| maximum.max(wanted));
    let raised = [
        Rlimit { current: Some(wanted), maximum: now.maximum },
        Rlimit { current: Some(wanted), maximum: Some(maximum) },
    ];
    raised.into_iter().any(|limit| setrlimit(Resource::Nofile, limit).is_ok())
}
