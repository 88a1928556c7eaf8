//! Room: how many connections a server takes, so that its callers never have the descriptors that its database needs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limit;

/// How many connections each of `workers` may have: `wanted`, or as many as fit. Lets the process have as many descriptors
/// as it may.
pub(super) fn for_each(workers: usize, wanted: usize) -> usize {
    let Some(descriptors) = most_descriptors() else { return wanted };
    let fit = fit(usize::try_from(descriptors).unwrap_or(usize::MAX), workers);
    if fit < wanted {
        tracing::info!(descriptors, workers, connections = fit, "each worker takes fewer connections than it might");
    }
    wanted.min(fit)
}

/// How many connections each of `workers` may have beside what the server needs for itself; one at least.
fn fit(descriptors: usize, workers: usize) -> usize {
    let kept = limit::DESCRIPTORS_KEPT
        + limit::METRICS_CONNECTIONS_MAX
        + workers.saturating_mul(limit::DESCRIPTORS_OF_A_WORKER);
    (descriptors.saturating_sub(kept) / workers).max(1)
}

/// How many descriptors this process may have, from now on all that it may; none when there is no limit.
fn most_descriptors() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current?;
    let raised = Rlimit { current: maximum, maximum };
    if maximum != Some(current) && setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { Some(current) }
}
