"""A stranger's program while it runs: a service that is asked, or an app that calls one."""

import json
import os
import queue
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

# How long a program may take to begin, on a busy machine.
PATIENCE = 180
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(url, token=None, form=None, timeout=30):
    """The status and the body of an answer; 0 when there is none."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, data=form, headers=headers)
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()
    except OSError:
        return 0, b""


def until(what, condition, patience=PATIENCE):
    """Waits until a condition holds, and returns what it says."""
    ends = time.monotonic() + patience
    while not (said := condition()):
        if time.monotonic() > ends:
            raise TimeoutError(f"{what} did not happen in {patience} s")
        time.sleep(0.05)
    return said


class Process:
    """A program with a log of its own; its environment is ours without the settings of a Hallpass."""

    def __init__(self, command, log, variables, **pipes):
        own = {name: value for name, value in os.environ.items() if not name.startswith("HALLPASS_")}
        self.log = log
        with log.open("ab") as errors:
            self.child = subprocess.Popen(
                command, env=own | variables, **({"stdin": subprocess.DEVNULL, "stdout": errors} | pipes), stderr=errors
            )

    def is_running(self) -> bool:
        return self.child.poll() is None

    def stop(self):
        if self.is_running():
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Service(Process):
    """A verifier as a service for tokens of one profile."""

    def __init__(self, stranger, profile, command, log, variables):
        self.stranger, self.profile = stranger, profile
        self.name = f"{stranger.name} ({profile})"
        self.url = f"http://127.0.0.1:{(port := free_port())}/"
        super().__init__(command, log, variables | {"PORT": str(port)})

    def wait(self) -> bool:
        """Whether it came up."""
        until(f"{self.name}: an answer", lambda: ask(self.url)[0] or not self.is_running())
        return self.is_running()

    def ask(self, token) -> int:
        """What it says to a token: its status."""
        status, body = ask(self.url, token)
        if status == 200 and "client_id" not in json.loads(body):
            return 599
        return status


class Caller(Process):
    """A client that calls a service, once for each line that it reads."""

    def __init__(self, stranger, command, log, variables):
        self.stranger, self.name = stranger, stranger.name
        super().__init__(command, log, variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.child.stdout:
            self.lines.put(line.decode().strip())
        self.lines.put("it ended")

    def call(self) -> str:
        """What it says after a call: a status, or in one word what was wrong."""
        try:
            self.child.stdin.write(b"\n")
            self.child.stdin.flush()
            return self.lines.get(timeout=PATIENCE)
        except (BrokenPipeError, queue.Empty):
            return "it ended"
