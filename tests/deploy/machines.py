"""Machines on a street of their own: namespaces of this kernel, each with its address, its files and a real systemd."""

import os
import subprocess
import time
from pathlib import Path

BOOT = Path(__file__).with_name("boot.sh")
PATIENCE = 60


def wait_until(what, is_so, patience=PATIENCE):
    """Awaits a condition; gives back what it said."""
    end = time.monotonic() + patience
    while True:
        answer = is_so()
        if answer:
            return answer
        if time.monotonic() > end:
            raise SystemExit(f"deploy: {what}: not within {patience} s")
        time.sleep(0.05)


def run(*command, **more):
    return subprocess.run(command, check=True, text=True, **more)


class Street:
    """A bridge to which machines are put. The process that makes it must be in a network namespace of its own."""

    def __init__(self, scratch, checkout):
        self.scratch, self.checkout, self.machines = scratch, checkout, {}
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "street", "type", "bridge")
        run("ip", "address", "add", "10.83.0.1/24", "dev", "street")
        run("ip", "link", "set", "street", "up")
        self.groups = scratch / "cgroup"
        self.groups.mkdir()
        run("mount", "-t", "cgroup2", "cgroup", str(self.groups))

    def put(self, name, address):
        self.machines[name] = Machine(self, name, address)
        return self.machines[name]

    def clear(self):
        for machine in self.machines.values():
            machine.end()
        subprocess.run(["umount", str(self.groups)], check=False)


class Machine:
    def __init__(self, street, name, address):
        self.name, self.address = name, address
        folder = street.scratch / name
        folder.mkdir()
        # A group of its own: systemd believes to be alone in there.
        self.group = street.groups / f"hallpass-{os.getpid()}-{street.scratch.name}-{name}"
        self.group.mkdir()
        enter = f'echo $$ >"{self.group}/cgroup.procs" && exec "$@"'
        new = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child"]
        boot = ["sh", str(BOOT), name, str(folder), str(street.checkout)]
        self.console = open(street.scratch / f"{name}.console", "w+")
        self.outer = subprocess.Popen(["sh", "-c", enter, "sh", *new, *boot], stdin=subprocess.DEVNULL,
                                      stdout=self.console, stderr=subprocess.STDOUT)
        self.pid = wait_until(f"{name} begins", self._first_process)
        run("ip", "link", "add", "name", name, "type", "veth", "peer", "name", "eth0", "netns", str(self.pid))
        run("ip", "link", "set", name, "master", "street", "up")
        wait_until(f"{name} is up: {self.console.name}", self._is_up)
        self.do(f"ip link set lo up; ip address add {address}/24 dev eth0; ip link set eth0 up")

    def _first_process(self):
        if self.outer.poll() is not None:
            raise SystemExit(f"deploy: {self.name} does not begin: {Path(self.console.name).read_text()}")
        children = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def _is_up(self):
        if self.outer.poll() is not None:
            raise SystemExit(f"deploy: {self.name} ended: {Path(self.console.name).read_text()}")
        if Path(f"/proc/{self.pid}/comm").read_text().strip() != "systemd":
            return False
        state = subprocess.run([*self._enter(), "systemctl", "is-system-running"], capture_output=True, text=True)
        return state.stdout.strip() in ("running", "degraded")

    def _enter(self):
        names = ["--mount", "--net", "--pid", "--uts", "--ipc", "--cgroup", "--root"]
        return ["nsenter", "--target", str(self.pid), *names, "--wd=/proc/%d/root/srv/hallpass" % self.pid]

    def do(self, script, given="", is_loud=False, **variables):
        """Runs a script as root, in the checkout; it must succeed. Gives back what it printed."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                       "LC_ALL": "C.UTF-8", **variables}
        done = subprocess.run([*self._enter(), "bash", "-euo", "pipefail", "-c", script], input=given, text=True,
                              capture_output=True, env=environment)
        if done.returncode != 0:
            journal = subprocess.run([*self._enter(), "journalctl", "--no-pager", "--lines=25"], capture_output=True,
                                     text=True)
            console = "\n".join(Path(self.console.name).read_text().splitlines()[-20:])
            raise SystemExit(f"deploy: on {self.name}: {script}\n{done.stdout}{done.stderr}\n{journal.stdout}\n{console}")
        if is_loud:
            print(done.stdout + done.stderr, end="", flush=True)
        return done.stdout

    def end(self):
        self.outer.kill()
        self.outer.wait()
        wait_until(f"{self.name} is gone", lambda: "populated 0" in (self.group / "cgroup.events").read_text())
        for folder, _, _ in os.walk(self.group, topdown=False):
            os.rmdir(folder)
