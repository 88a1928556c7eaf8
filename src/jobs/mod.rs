//! Jobs: what runs by itself, again and again, until the server stops.
//!
//! In:    a name, a span, a piece of work.
//! Out:   the work, done on time; a log line when it begins to fail and when it works again; numbers for both.
//! Never: knows what the work is; stops because it failed once.

use std::cell::Cell;
use std::fmt::Display;
use std::time::Duration;

use actix_web::rt;
use tokio::sync::watch;

/// The running jobs.
#[derive(Debug)]
pub struct Jobs {
    stop: watch::Sender<bool>,
    tasks: Vec<rt::task::JoinHandle<()>>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { stop: watch::channel(false).0, tasks: Vec::new() }
    }
}

impl Jobs {
    /// Does `work` now and then every `span`, one after the other.
    pub fn every<W, F, T, E>(&mut self, name: &'static str, span: Duration, work: W)
    where
        W: Fn() -> F + 'static,
        F: Future<Output = Result<T, E>>,
        E: Display,
    {
        let mut stopped = self.stop.subscribe();
        self.tasks.push(rt::spawn(async move {
            let is_failing = Cell::new(false);
            let mut ticks = rt::time::interval(span);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    _ = stopped.wait_for(|is_stopped| *is_stopped) => return,
                }
                // Once begun it is finished: a stop waits for it.
                report(name, &work().await, &is_failing);
            }
        }));
    }

    /// Lets each job finish what it is at, and no more.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

fn report<T, E: Display>(name: &'static str, outcome: &Result<T, E>, is_failing: &Cell<bool>) {
    let word = if outcome.is_ok() { "ok" } else { "failed" };
    metrics::counter!("hallpass_job_runs_total", "job" => name, "outcome" => word).increment(1);
    match outcome {
        Ok(_) if is_failing.replace(false) => tracing::info!(job = name, "works again"),
        Err(error) if !is_failing.replace(true) => tracing::error!(job = name, %error, "fails; it is tried again"),
        _ => {}
    }
    metrics::gauge!("hallpass_job_failing", "job" => name).set(if is_failing.get() { 1.0 } else { 0.0 });
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[actix_web::test]
    async fn a_job_goes_on_after_it_failed_and_ends_when_it_is_stopped() {
        let (mut jobs, runs) = (Jobs::default(), Rc::new(Cell::new(0)));
        let counted = Rc::clone(&runs);
        jobs.every("test", Duration::from_millis(1), move || {
            counted.set(counted.get() + 1);
            let outcome = if counted.get() == 1 { Err("broken") } else { Ok(()) };
            async move { outcome }
        });

        while runs.get() < 3 {
            rt::time::sleep(Duration::from_millis(1)).await;
        }
        jobs.stop().await;
        let at_stop = runs.get();
        rt::time::sleep(Duration::from_millis(20)).await;

        assert_eq!(runs.get(), at_stop);
    }
}
