//! Room: how many connections a server takes, so that its callers never have the descriptors that its database needs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limit;

/// How many connections each of `workers` may have: `wanted`, or as many as fit. Lets the process have as many descriptors
/// as it may.
pub(super) fn for_each(workers: usize, wanted: usize) -> usize {
    let Some(descriptors) = most_descriptors() else { return wanted };
    let fit = usize::try_from(descriptors.saturating_sub(limit::DESCRIPTORS_KEPT)).unwrap_or(usize::MAX) / workers;
    let fit = fit.max(1);
    if fit < wanted {
        tracing::info!(descriptors, workers, connections = fit, "each worker takes fewer connections than it might");
    }
    wanted.min(fit)
}

/// How many descriptors this process may have, from now on all that it may; none when there is no limit.
fn most_descriptors() -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current?;
    let raised = Rlimit { current: maximum, maximum };
    if maximum != Some(current) && setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { Some(current) }
}
