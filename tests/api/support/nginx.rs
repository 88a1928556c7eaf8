//! nginx before several nodes: each request goes to the next one.

use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::within;

/// How many nodes stand behind each house: one without nginx, unless `TEST_NODES` says otherwise.
pub(crate) fn nodes() -> usize {
    std::env::var("TEST_NODES").map_or(1, |text| text.parse().expect("TEST_NODES is a number"))
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
                large_client_header_buffers 8 32k; client_max_body_size 64k;
                upstream nodes {{ {nodes} keepalive 16; }}
                server {{
                    listen {address};
                    location / {{
                        proxy_pass http://nodes;
                        proxy_http_version 1.1;
                        proxy_set_header Connection \"\";
                        proxy_set_header Host $http_host;
                        proxy_set_header X-Forwarded-For $remote_addr;
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
