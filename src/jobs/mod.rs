//! Jobs: what runs by itself, again and again, until the server stops.
//!
//! In:    a name, a span, a piece of work.
//! Out:   the work, done on time; a log line when it begins to fail and when it works again; numbers for both.
//! Never: knows what the work is; stops because it failed once, or panicked.

use std::cell::Cell;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use futures_util::FutureExt;
use tokio::sync::{Notify, watch};

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
        self.every_or_when(name, span, Arc::default(), work);
    }

    /// The same, and also whenever `woken`; once more when that happens while it is at work.
    pub fn every_or_when<W, F, T, E>(&mut self, name: &'static str, span: Duration, woken: Arc<Notify>, work: W)
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
                    () = woken.notified() => {}
                    _ = stopped.wait_for(|is_stopped| *is_stopped) => return,
                }
                // Once begun it is finished: a stop waits for it.
                report(name, &outcome(async { work().await }).await, &is_failing);
            }
        }));
    }

    /// Begins something that lasts, and begins it again when it has broken off: after a pause that doubles while it can't
    /// be begun. A stop ends it where it is.
    pub fn keep_up<B, F, L, E>(&mut self, name: &'static str, pauses: RangeInclusive<Duration>, begin: B)
    where
        B: Fn() -> F + 'static,
        F: Future<Output = Result<L, E>>,
        L: Future<Output = E>,
        E: Display,
    {
        let mut stopped = self.stop.subscribe();
        self.tasks.push(rt::spawn(async move {
            let is_failing = Cell::new(false);
            let mut pause = *pauses.start();
            loop {
                let turn = async {
                    let broken = match outcome(async { begin().await }).await {
                        Err(error) => Err(error),
                        Ok(lasting) => {
                            pause = *pauses.start();
                            report(name, &Ok(()), &is_failing);
                            outcome(lasting.map(Err::<(), E>)).await
                        }
                    };
                    report(name, &broken, &is_failing);
                    rt::time::sleep(pause).await;
                    pause = (pause * 2).min(*pauses.end());
                };
                tokio::select! {
                    () = turn => {}
                    _ = stopped.wait_for(|is_stopped| *is_stopped) => return,
                }
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

/// What comes of it: a panic is a failure like another. Where it was has been said already.
async fn outcome<T, E: Display>(work: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err("it panicked".to_owned()),
    }
}

fn report<T>(name: &'static str, outcome: &Result<T, String>, is_failing: &Cell<bool>) {
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

    #[actix_web::test]
    async fn a_job_goes_on_after_it_panicked() {
        let (mut jobs, runs) = (Jobs::default(), Rc::new(Cell::new(0)));
        let counted = Rc::clone(&runs);
        jobs.every("test", Duration::from_millis(1), move || {
            counted.set(counted.get() + 1);
            let run = counted.get();
            assert!(run != 1, "before it has begun");
            async move {
                assert!(run != 2, "at work");
                Ok::<_, &str>(())
            }
        });

        while runs.get() < 3 {
            rt::time::sleep(Duration::from_millis(1)).await;
        }
        jobs.stop().await;
    }

    #[actix_web::test]
    async fn a_job_that_is_woken_does_not_wait_for_its_time() {
        let (mut jobs, runs, woken) = (Jobs::default(), Rc::new(Cell::new(0)), Arc::new(Notify::new()));
        let counted = Rc::clone(&runs);
        jobs.every_or_when("test", Duration::from_hours(1), Arc::clone(&woken), move || {
            counted.set(counted.get() + 1);
            std::future::ready(Ok::<_, &str>(()))
        });

        for woken_so_far in 1..5 {
            while runs.get() < woken_so_far {
                tokio::task::yield_now().await;
            }
            woken.notify_one();
        }

        jobs.stop().await;
        assert!(runs.get() >= 4);
    }

    #[actix_web::test]
    async fn what_lasts_is_begun_again_when_it_panicked() {
        let (mut jobs, begun) = (Jobs::default(), Rc::new(Cell::new(0)));
        let counted = Rc::clone(&begun);
        let pause = Duration::from_millis(1);
        jobs.keep_up("test", pause..=pause, move || {
            counted.set(counted.get() + 1);
            let turn = counted.get();
            assert!(turn != 1, "before it has begun");
            std::future::ready(Ok::<_, &str>(async move {
                assert!(turn != 2, "while it lasts");
                std::future::pending().await
            }))
        });

        while begun.get() < 3 {
            rt::time::sleep(pause).await;
        }
        jobs.stop().await;
    }

    #[actix_web::test]
    async fn what_lasts_is_begun_again_when_it_breaks_off_and_ended_by_a_stop() {
        let (mut jobs, begun) = (Jobs::default(), Rc::new(Cell::new(0)));
        let counted = Rc::clone(&begun);
        let pause = Duration::from_millis(1);
        jobs.keep_up("test", pause..=pause, move || {
            counted.set(counted.get() + 1);
            let turn = counted.get();
            std::future::ready(match turn {
                1 => Err("it can't be begun"),
                _ => Ok(async move {
                    if turn > 2 {
                        std::future::pending::<()>().await;
                    }
                    "it broke off"
                }),
            })
        });

        while begun.get() < 3 {
            rt::time::sleep(pause).await;
        }
        rt::time::sleep(20 * pause).await;

        assert_eq!(begun.get(), 3, "what lasts is left alone");
        jobs.stop().await;
    }
}
