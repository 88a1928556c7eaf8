//! What runs by itself while the server does, and how often.

use std::convert::Infallible;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Notify;

use crate::config::Settings;
use crate::flow::{Declined, Flows};
use crate::http::{Certificate, Pace};
use crate::jobs::Jobs;
use crate::{limit, telemetry};

/// Starts all of it.
pub(super) fn start(
    flows: &Arc<Flows>,
    settings: &Settings,
    pace: Arc<Pace>,
    certificate: Option<Arc<Certificate>>,
    metrics: Option<PrometheusHandle>,
) -> Jobs {
    let mut jobs = Jobs::default();
    macro_rules! every {
        ($name:literal, $span:expr, $verb:ident) => {
            let flows = Arc::clone(flows);
            jobs.every($name, $span, move || {
                let flows = Arc::clone(&flows);
                async move { flows.$verb().await }
            });
        };
    }
    every!("flush", limit::FLUSH_EVERY, flush_uses);
    every!("chores", limit::LEASE_RENEWED_EVERY, hold_chores);
    every!("signing_keys", limit::RING_EVERY, keep_ring);
    every!("sweep", limit::CHANGE_KEPT / 24, sweep_changes_for_all);
    every!("sweep_journeys", limit::SWEEP_EVERY, sweep_journeys_for_all);
    jobs.every("pace", limit::REFUSAL_BEAT, move || {
        pace.beat();
        std::future::ready(Ok::<_, Infallible>(()))
    });
    let beaten = Arc::clone(flows);
    jobs.every("reach", limit::REACH_BEAT, move || {
        beaten.store().reach().beat();
        std::future::ready(Ok::<_, Infallible>(()))
    });
    if let Some(certificate) = certificate {
        jobs.every("certificate", limit::CERTIFICATE_EVERY, move || std::future::ready(certificate.refresh()));
    }
    if let Some(handle) = metrics {
        let flows = Arc::clone(flows);
        jobs.every("upkeep", telemetry::UPKEEP_EVERY, move || {
            flows.measure();
            handle.run_upkeep();
            std::future::ready(Ok::<_, Infallible>(()))
        });
    }
    follow(&mut jobs, flows, settings.database.notify);
    jobs
}

/// Follows the change log: every so often for certain, and at once when the database says that there is something new.
fn follow(jobs: &mut Jobs, flows: &Arc<Flows>, may_listen: bool) {
    let heard = Arc::new(Notify::new());
    let follower = Arc::clone(flows);
    jobs.every_or_when("follow", limit::FOLLOW_EVERY, Arc::clone(&heard), move || {
        let flows = Arc::clone(&follower);
        async move { flows.follow().await }
    });
    if !may_listen || !flows.store().can_listen() {
        return;
    }
    let flows = Arc::clone(flows);
    jobs.keep_up("listen", limit::LISTEN_PAUSE_MIN..=limit::LISTEN_PAUSE_MAX, move || {
        let (flows, heard) = (Arc::clone(&flows), Arc::clone(&heard));
        async move {
            let mut listener = flows.listen().await?;
            // What was said before is in the log.
            heard.notify_one();
            Ok::<_, Declined>(async move {
                loop {
                    if let Err(error) = listener.heard().await {
                        return Declined::from(error);
                    }
                    metrics::counter!("hallpass_change_log_heard_total").increment(1);
                    heard.notify_one();
                }
            })
        }
    });
}
