//! An open loop: requests come at their own pace, whether those before them were answered or not.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::rt;
use tokio::net::TcpStream;

use crate::Outcome;
use crate::client::{self, Plain};

/// How much is offered.
#[derive(Clone, Copy)]
pub(crate) struct Offer {
    /// Requests a second.
    pub(crate) rate: f64,
    /// For how long.
    pub(crate) span: Duration,
    /// How many requests are under way at most.
    pub(crate) connections: usize,
    /// How long one waits for its answer.
    pub(crate) patience: Duration,
}

/// What became of the requests.
#[derive(Default)]
pub(crate) struct Fates {
    /// The seconds from when each was due until it was answered as it should be.
    pub(crate) accepted: Vec<f64>,
    /// How many of them were answered while there still were offers.
    pub(crate) in_time: u64,
    /// How many were answered otherwise or not at all, by how.
    pub(crate) refused: BTreeMap<String, u64>,
    /// How many found no connection free, and were never sent.
    pub(crate) unsent: u64,
}

/// A connection that waits for its next request.
struct Line {
    stream: TcpStream,
    buffer: Box<[u8]>,
}

struct Crowd {
    address: SocketAddr,
    patience: Duration,
    end: Instant,
    idle: RefCell<Vec<Line>>,
    under_way: Cell<usize>,
    fates: RefCell<Fates>,
}

/// Offers a request again and again at a steady rate, and waits for the last answers.
pub(crate) async fn offer(address: SocketAddr, mut request: Plain, offer: Offer) -> Outcome<Fates> {
    let began = Instant::now();
    let crowd = Rc::new(Crowd {
        address,
        patience: offer.patience,
        end: began + offer.span,
        idle: RefCell::default(),
        under_way: Cell::new(0),
        fates: RefCell::default(),
    });
    let mut count = 0;
    while began.elapsed() < offer.span {
        let due = offer.rate * began.elapsed().as_secs_f64();
        while f64::from(count) < due {
            count += 1;
            if crowd.under_way.get() == offer.connections {
                crowd.fates.borrow_mut().unsent += 1;
                continue;
            }
            crowd.under_way.set(crowd.under_way.get() + 1);
            let crowd = Rc::clone(&crowd);
            let bytes = request.next().to_vec();
            let at = began + Duration::from_secs_f64(f64::from(count) / offer.rate);
            rt::spawn(async move { crowd.ask(bytes, at).await });
        }
        rt::time::sleep(Duration::from_millis(1)).await;
    }
    while crowd.under_way.get() > 0 {
        rt::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(crowd.fates.take())
}

impl Crowd {
    async fn ask(&self, bytes: Vec<u8>, due: Instant) {
        let left = self.patience.saturating_sub(due.elapsed());
        let fate = tokio::time::timeout(left, self.trade(&bytes)).await;
        let mut fates = self.fates.borrow_mut();
        match fate {
            Ok(Ok(None)) => {
                fates.accepted.push(due.elapsed().as_secs_f64());
                fates.in_time += u64::from(Instant::now() < self.end);
            }
            Ok(Ok(Some(status))) => *fates.refused.entry(status).or_default() += 1,
            Ok(Err(error)) => *fates.refused.entry(error.kind().to_string()).or_default() += 1,
            Err(_) => {
                *fates.refused.entry(format!("no answer within {} s", self.patience.as_secs())).or_default() += 1;
            }
        }
        self.under_way.set(self.under_way.get() - 1);
    }

    /// Asks once; `None` for the answer that was expected, else its status. A connection that failed is not used again.
    async fn trade(&self, bytes: &[u8]) -> std::io::Result<Option<String>> {
        let idle = self.idle.borrow_mut().pop();
        let mut line = match idle {
            Some(line) => line,
            None => Line { stream: client::connect(self.address).await?, buffer: vec![0; 8 * 1024].into() },
        };
        client::write(&line.stream, bytes).await?;
        let answer = client::read(&line.stream, &mut line.buffer).await?;
        let status = if answer.starts_with(b"HTTP/1.1 200 ") {
            None
        } else {
            let status = String::from_utf8_lossy(&answer[..answer.len().min(12)]);
            let hint = if client::has(answer, b"retry-after") { ", with Retry-After" } else { "" };
            Some(format!("{}{hint}", status.trim_start_matches("HTTP/1.1 ")))
        };
        self.idle.borrow_mut().push(line);
        Ok(status)
    }
}
