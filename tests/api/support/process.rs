//! The program itself: one command run to its end, or a server that is ended with the test.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::{Ask, House, Reply, TestDatabase, send};

/// How long a process may take to say that it is ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// A command of `hallpass`, to be run in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    binary: PathBuf,
    folder: PathBuf,
    arguments: Vec<String>,
    variables: BTreeMap<String, String>,
    input: Vec<u8>,
    descriptors: Option<u64>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A server process; killed when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: Option<SocketAddr>,
    /// What it said when it was ready.
    pub(crate) ready: Value,
    child: Child,
    output: Arc<Mutex<String>>,
}

impl Program {
    /// `hallpass <arguments>` with its data in `folder`.
    pub(crate) fn new(folder: &Path, arguments: &[&str]) -> Self {
        let data = folder.display().to_string();
        let mut arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        arguments.extend(["--data".to_owned(), data]);
        let binary = env!("CARGO_BIN_EXE_hallpass").into();
        let variables = BTreeMap::new();
        Self { binary, folder: folder.to_owned(), arguments, variables, input: vec![], descriptors: None }
    }

    /// The same on the database and folder of a house.
    pub(crate) fn beside(house: &House, arguments: &[&str]) -> Self {
        Self::new(house.path(), arguments).on(&house.database)
    }

    /// `hallpass serve` on any port.
    pub(crate) fn serve(folder: &Path) -> Self {
        Self::new(folder, &["serve"])
            .variable("HALLPASS_ISSUER", "http://localhost")
            .variable("HALLPASS_SERVER_LISTEN", "127.0.0.1:0")
            .variable("HALLPASS_SERVER_WORKERS", "1")
            .variable("HALLPASS_METRICS_LISTEN", "127.0.0.1:0")
    }

    /// `hallpass dev --json` on any port.
    pub(crate) fn dev(folder: &Path) -> Self {
        Self::new(folder, &["dev", "--json", "--listen", "127.0.0.1:0"])
    }

    /// The same by another version of the program.
    pub(crate) fn by(mut self, binary: &Path) -> Self {
        binary.clone_into(&mut self.binary);
        self
    }

    pub(crate) fn on(self, database: &TestDatabase) -> Self {
        self.variable("HALLPASS_DATABASE_URL", database.url())
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With the certificate in its folder.
    pub(crate) fn with_tls(self) -> Self {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let (chain, key) = (file("tls.pem"), file("tls.key"));
        self.variable("HALLPASS_TLS_CERTIFICATE_FILE", &chain).variable("HALLPASS_TLS_KEY_FILE", &key)
    }

    pub(crate) fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    pub(crate) fn input(mut self, input: &str) -> Self {
        self.input = input.as_bytes().to_vec();
        self
    }

    /// Lets it have so many descriptors at most.
    pub(crate) fn descriptors(mut self, most: u64) -> Self {
        self.descriptors = Some(most);
        self
    }

    /// Runs it to its end.
    pub(crate) async fn run(&self) -> Outcome {
        let program = self.clone();
        tokio::task::spawn_blocking(move || program.run_blocking()).await.expect("the program runs")
    }

    /// Runs it to its end; it must succeed.
    pub(crate) async fn good(&self) -> Outcome {
        let outcome = self.run().await;
        assert_eq!(outcome.code, Some(0), "{:?}: {}{}", self.arguments, outcome.stdout, outcome.stderr);
        outcome
    }

    fn run_blocking(&self) -> Outcome {
        let mut child = self.command().stdin(Stdio::piped()).spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("an input");
        // Who does not read its input may be gone before it is written.
        let _ = stdin.write_all(&self.input);
        drop(stdin);
        let output = child.wait_with_output().expect("the program ends");
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Starts it without waiting; its output is for who wants to read it.
    pub(crate) fn spawn(&self) -> Child {
        self.command().stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    }

    /// Starts it and waits until it is ready.
    pub(crate) async fn start(&self) -> Server {
        let program = self.clone();
        tokio::task::spawn_blocking(move || program.start_blocking()).await.expect("the server starts")
    }

    fn start_blocking(&self) -> Server {
        let mut child = self.command().stdin(Stdio::null()).spawn().expect("the program starts");
        let output = Arc::new(Mutex::new(String::new()));
        let (told, ready) = std::sync::mpsc::channel();
        let pipes: [Box<dyn Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("an output")),
            Box::new(child.stderr.take().expect("a second output")),
        ];
        for pipe in pipes {
            let (output, told) = (Arc::clone(&output), told.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if let Some(ready) = as_ready(&line) {
                        let _ = told.send(ready);
                    }
                    let mut output = output.lock().expect("the output");
                    output.push_str(&line);
                    output.push('\n');
                }
            });
        }
        drop(told);
        let Ok(ready) = ready.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{:?} is not ready: {}", self.arguments, output.lock().expect("the output"));
        };
        let (address, metrics) = addresses(&ready);
        Server { address, metrics, ready, child, output }
    }

    /// The process as it would start, for a test that wants something else of its output.
    pub(crate) fn command(&self) -> Command {
        let mut command = match self.descriptors {
            None => Command::new(&self.binary),
            Some(most) => {
                let mut command = Command::new("sh");
                command.args(["-c", &format!("ulimit -n {most} && exec \"$0\" \"$@\"")]).arg(&self.binary);
                command
            }
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HALLPASS_") {
                command.env_remove(name);
            }
        }
        command
            .args(&self.arguments)
            .envs(&self.variables)
            .current_dir(&self.folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// The line of `dev --json`, or the log line of `serve`.
fn as_ready(line: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(line).ok()?;
    (value["message"] == "ready" || value["access_token"].is_string()).then_some(value)
}

fn addresses(ready: &Value) -> (SocketAddr, Option<SocketAddr>) {
    let text = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
    if ready["message"] == "ready" {
        let metrics = text("metrics");
        let metrics = metrics.trim_start_matches("Some(").trim_end_matches(')').parse().ok();
        return (text("address").parse().expect("an address"), metrics);
    }
    let address = text("issuer").trim_start_matches("http://").parse().expect("an address");
    let metrics = text("metrics_url");
    (address, metrics.trim_start_matches("http://").trim_end_matches("/metrics").parse().ok())
}

impl Server {
    pub(crate) async fn send(&self, ask: &Ask) -> Reply {
        send(self.address, ask).await
    }

    /// What it has said so far, on both outputs.
    pub(crate) fn output(&self) -> String {
        self.output.lock().expect("the output").clone()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, and its exit code once it has ended.
    pub(crate) async fn stop(self) -> Option<i32> {
        self.end("TERM").await
    }

    /// The same with a signal of one's own choice.
    pub(crate) async fn end(mut self, signal_name: &str) -> Option<i32> {
        signal(self.child.id(), signal_name);
        for _ in 0..800 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not stop: {}", self.output());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The standard library only knows SIGKILL.
pub(crate) fn signal(id: u32, name: &str) {
    let _ = Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status();
}

impl Outcome {
    /// What stands on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}
