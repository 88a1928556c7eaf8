//! Servers as processes: started on one core, asked what they used, ended with their owner.

use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, setsid};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::Outcome;

/// The core of the servers that are measured.
pub(crate) const SERVERS: usize = 0;
/// The core of who asks them.
pub(crate) const CLIENT: usize = 1;

/// A server that runs; it ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// Binds this thread, and what it starts from now on, to `core`.
pub(crate) fn pin(core: usize) -> Outcome<()> {
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}

/// Lets this session, and what it starts, give way to other sessions. Each process of PostgreSQL is one of its own. Linux
/// shares cores out by session, and beside a server and a client that saturate a core in turns another session's answer
/// waits for half a second now and then. Two nodes with a core each would hold an idle database for one that is away.
pub(crate) fn give_way() {
    let write = || fs::write("/proc/self/autogroup", "19");
    let given = match write() {
        // What was started without a session is in none; it begins one.
        Err(error) if error.kind() == ErrorKind::InvalidInput => setsid().map_err(Into::into).and_then(|_| write()),
        given => given,
    };
    match given {
        // Not every Linux shares out like that.
        Err(error) if error.kind() != ErrorKind::NotFound => {
            eprintln!("load: POSTGRESQL MAY HAVE TO WAIT BESIDE WHAT IS MEASURED: {error}");
        }
        _ => {}
    }
}

/// A port of this machine that nobody listens on.
pub(crate) fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Server {
    /// Starts `command` on the servers' core and waits until `address` accepts.
    pub(crate) fn start(command: &mut Command, address: SocketAddr) -> Outcome<Self> {
        Self::start_on(SERVERS, command, address)
    }

    /// The same on any core.
    pub(crate) fn start_on(core: usize, command: &mut Command, address: SocketAddr) -> Outcome<Self> {
        let before = sched_getaffinity(None)?;
        pin(core)?;
        let server = Self::start_anywhere(command, address);
        sched_setaffinity(None, &before)?;
        let mut server = server?;
        server.wait()?;
        Ok(server)
    }

    /// Starts `command` wherever it likes, and waits for nothing.
    pub(crate) fn start_anywhere(command: &mut Command, address: SocketAddr) -> Outcome<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        Ok(Self { child, address })
    }

    fn wait(&mut self) -> Outcome<()> {
        let began = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("a server ended at once: {status}").into());
            }
            if began.elapsed() > Duration::from_secs(30) {
                return Err("a server did not start within 30 s".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// The nanoseconds of CPU that its threads used so far.
    pub(crate) fn cpu(&self) -> Outcome<u64> {
        let mut sum = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            // A thread that ended meanwhile did nothing that matters.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            sum += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(sum)
    }

    /// Its resident and its proportional memory, in KiB.
    pub(crate) fn memory(&self) -> Outcome<(u64, u64)> {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let line = |name: &str| {
            let rest = text.lines().find_map(|line| line.strip_prefix(name));
            rest.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).ok_or("no such line in smaps_rollup")
        };
        Ok((line("Rss:")?, line("Pss:")?))
    }

    /// Lets it end by itself.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        self.signal(Signal::TERM);
        self.child.wait()?;
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
