//! A port that is taken before it is listened on.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, getsockname, listen, socket_with};

use crate::limit;

/// Its number is known, and who connects is refused at once: a proxy asks another node meanwhile.
#[derive(Debug)]
pub(super) struct Port {
    socket: OwnedFd,
    address: SocketAddr,
}

impl Port {
    /// Port 0 is any that is free.
    pub(super) fn take(address: SocketAddr) -> io::Result<Self> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        // As the standard library does: who was here before may have left connections that linger.
        set_socket_reuseaddr(&socket, true)?;
        bind(&socket, &address)?;
        let address = getsockname(&socket)?.try_into()?;
        Ok(Self { socket, address })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on who connects is answered.
    pub(super) fn listen(self) -> io::Result<TcpListener> {
        listen(&self.socket, limit::BACKLOG)?;
        Ok(self.socket.into())
    }
}
