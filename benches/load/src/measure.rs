//! Measuring: contenders take turns, round by round, so that whatever drifts drifts for all of them.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::child::{self, Server};
use crate::client::{self, Order, Request};
use crate::{Outcome, quiet};

/// A slot is measured again at most so often before it is believed anyway.
const TRIES: usize = 40;

/// A server, and what it is asked.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    pub(crate) request: Request,
}

/// How long, and how often.
#[derive(Clone, Copy)]
pub(crate) struct Rounds {
    pub(crate) count: usize,
    pub(crate) slot: Duration,
    pub(crate) warm_up: Duration,
    /// Whether a slot is measured again when something else was busy.
    pub(crate) is_patient: bool,
}

/// What was measured: for each round the nanoseconds of CPU per answer, contender by contender.
pub(crate) struct Measured {
    names: Vec<&'static str>,
    rounds: Vec<Vec<f64>>,
    /// Slots that were thrown away.
    pub(crate) discarded: usize,
}

/// A ratio over all rounds.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// The median of `values`, with the lowest and the highest.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Self { low: at(0), median: at(values.len() / 2), high: at(values.len().saturating_sub(1)) }
    }

    /// A figure that was measured once.
    pub(crate) const fn one(value: f64) -> Self {
        Self { low: value, median: value, high: value }
    }

    /// The same in a unit `size` times as large.
    pub(crate) fn per(self, size: f64) -> Self {
        Self { low: self.low / size, median: self.median / size, high: self.high / size }
    }
}

/// Lets `contenders` take turns; the order moves on with each round.
pub(crate) async fn rounds(contenders: &[Contender], plan: Rounds) -> Outcome<Measured> {
    child::pin(child::CLIENT)?;
    let names = contenders.iter().map(|contender| contender.name).collect();
    let mut measured = Measured { names, rounds: Vec::new(), discarded: 0 };
    // One round that does not count: caches, allocators' pages, and compilers that work while the program runs.
    for contender in contenders {
        client::ask(contender.server.address, &contender.request, Order::Random(plan.warm_up)).await?;
    }
    (measured.rounds, measured.discarded) =
        in_turns(contenders.len(), plan, async |which| slot(&contenders[which], plan.slot).await).await?;
    Ok(measured)
}

/// Lets `count` contenders take turns; `slot` measures one, and says what share of a core others used meanwhile. Gives, round
/// by round, what each cost, and how many slots were thrown away.
pub(crate) async fn in_turns<T>(
    count: usize,
    plan: Rounds,
    mut slot: impl AsyncFnMut(usize) -> Outcome<(T, f64)>,
) -> Outcome<(Vec<Vec<T>>, usize)> {
    let (mut rounds, mut discarded) = (Vec::new(), 0);
    for round in 0..plan.count {
        let mut costs: Vec<Option<T>> = (0..count).map(|_| None).collect();
        for turn in 0..count {
            let which = (round + turn) % count;
            for _ in 0..TRIES {
                let (cost, others) = slot(which).await?;
                costs[which] = Some(cost);
                if !plan.is_patient || quiet::is_quiet(others) {
                    break;
                }
                discarded += 1;
                if !quiet::wait()? {
                    break;
                }
            }
        }
        rounds.push(costs.into_iter().flatten().collect());
    }
    Ok((rounds, discarded))
}

/// The nanoseconds of CPU per answer in one slot, and the share of a core that others used in it.
async fn slot(contender: &Contender, span: Duration) -> Outcome<(f64, f64)> {
    let server = &contender.server;
    let (moment, own, before) = (quiet::Moment::now()?, cpu(ClockId::ProcessCPUTime), server.cpu()?);
    let count = client::ask(server.address, &contender.request, Order::Random(span)).await?;
    let used = seconds(server.cpu()? - before);
    let others = moment.others_since(used + cpu(ClockId::ProcessCPUTime) - own)?;
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let cost = used * 1e9 / count as f64;
    Ok((cost, others))
}

/// The seconds of CPU on one of this process's own clocks.
pub(crate) fn cpu(clock: ClockId) -> f64 {
    let used = clock_gettime(clock);
    #[expect(clippy::cast_precision_loss, reason = "the seconds of a process")]
    let whole = used.tv_sec as f64;
    whole + Duration::from_nanos(used.tv_nsec.unsigned_abs()).as_secs_f64()
}

pub(crate) fn seconds(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

impl Measured {
    /// The nanoseconds per answer of `name`.
    pub(crate) fn cost(&self, name: &str) -> Spread {
        Spread::of(self.column(name))
    }

    /// What `name` costs beside `other` in the same round; `more` is added to what `other` costs.
    pub(crate) fn ratio(&self, name: &str, other: &str, more: f64) -> Spread {
        let pairs = self.column(name).into_iter().zip(self.column(other));
        Spread::of(pairs.map(|(own, other)| own / (other + more)).collect())
    }

    fn column(&self, name: &str) -> Vec<f64> {
        let Some(at) = self.names.iter().position(|own| *own == name) else { return vec![] };
        self.rounds.iter().map(|costs| costs[at]).collect()
    }
}
