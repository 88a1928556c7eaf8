//! nginx before several nodes: each request goes to the next one.

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hallpass::flow::Flows;
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::{Reply, within};

/// Where it asks the nodes from: not where those who ask it are, so that a node can tell them apart.
pub(crate) const ADDRESS: &str = "127.0.0.2";

/// How many nodes stand behind each house: one without nginx, unless `TEST_NODES` says otherwise.
pub(crate) fn nodes() -> usize {
    std::env::var("TEST_NODES").map_or(1, |text| text.parse().expect("TEST_NODES is a number"))
}

/// Where it can listen: on an address of its own, where nobody takes a port between now and then.
pub(crate) fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.3:0").and_then(|listener| listener.local_addr()).expect("a port")
}

/// Lets nodes read what was changed elsewhere, since what holds at once where a change was made is asked of all of them.
pub(crate) async fn settle(in_turn: &[Arc<Flows>]) {
    for node in in_turn {
        node.follow().await.expect("a node reads the log");
    }
}

/// Asks once for each node, so that each is asked once when nginx lets them take turns: for what a node counts for itself
/// alone. All must answer alike; gives the last answer.
pub(crate) async fn at_each_node(mut ask: impl AsyncFnMut() -> Reply) -> Reply {
    let mut reply = ask().await;
    for _ in 1..nodes() {
        let next = ask().await;
        assert_eq!(next.status, reply.status, "{next:?}, and before {reply:?}");
        reply = next;
    }
    reply
}

/// A running nginx; killed when dropped.
pub(crate) struct Nginx {
    child: Child,
    _folder: TempDir,
}

impl Nginx {
    /// Listens on `address` and passes on to `nodes` in turn.
    pub(crate) async fn before(address: SocketAddr, nodes: &[SocketAddr]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let nodes = nodes.iter().map(|node| format!("server {node};")).collect::<Vec<_>>().join(" ");
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary = temporary.map(|what| format!("{what}_temp_path {what};")).join(" ");
        let settings = format!(
            "daemon off; master_process off; pid pid; error_log error.log;
            events {{ worker_connections 1024; }}
            http {{
                access_log off; {temporary}
                large_client_header_buffers 8 32k; client_max_body_size 0;
                upstream nodes {{ {nodes} keepalive 16; }}
                server {{
                    listen {address};
                    location / {{
                        proxy_pass http://nodes;
                        proxy_bind {ADDRESS};
                        proxy_http_version 1.1;
                        proxy_request_buffering off;
                        proxy_set_header Connection \"\";
                        proxy_set_header Host $http_host;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header X-Request-Id $request_id;
                        proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 128k;
                    }}
                }}
            }}"
        );
        fs::write(folder.path().join("nginx.conf"), settings).expect("its settings");
        let child = Command::new("nginx")
            .args(["-p", &folder.path().display().to_string(), "-c", "nginx.conf", "-e", "error.log"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx, to stand before several nodes");
        let listens = async || TcpStream::connect(address).await.is_ok();
        let is_there = within(Duration::from_secs(10), listens).await;
        assert!(is_there, "{}", fs::read_to_string(folder.path().join("error.log")).unwrap_or_default());
        Self { child, _folder: folder }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
