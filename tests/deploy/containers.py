"""The image and the compose file. The image's last stage is built from its file, out of a program that is there already:
its first stage would fetch another image. Where no engine is at hand that runs it, a node is started in its files as image
and compose file say: its account, its environment, its secrets, a read-only disk. With an engine: engine.py.
"""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import yaml

from machines import wait_until

# The street's own address: it listens on all of them.
HERE = "10.83.0.1"


def stages(text):
    """The instructions of a container file, stage by stage."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    found = []
    for word, rest in (line.split(maxsplit=1) for line in text.splitlines() if line.strip()):
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


class Image:
    """The image as its file makes it, and what it says of itself."""

    def __init__(self, root, checkout, scratch):
        self.store = ["--storage-driver", "vfs", "--root", str(scratch / "store"), "--runroot", str(scratch / "runroot")]
        build, final = stages((root / "deploy/Containerfile").read_text())
        rust = tomllib.loads((root / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
        assert build[0] == ("FROM", f"docker.io/library/rust:{rust}-bookworm AS build"), build[0]
        made = next(rest for word, rest in build if word == "RUN")
        assert "cargo build --locked" in made and "deploy/rootfs.sh target/dist/hallpass /rootfs" in made, made
        files = scratch / "build/rootfs"
        (scratch / "build/state").mkdir(parents=True)
        subprocess.run([checkout / "deploy/rootfs.sh", checkout / "target/dist/hallpass", files], check=True)
        self.buildah("build", "--isolation", "chroot", "--build-context", f"build={scratch / 'build'}", "--format", "docker",
                     "--file", str(checkout / "deploy/Containerfile"), "--tag", "hallpass", str(checkout))
        self.says = json.loads(self.buildah("inspect", "--type", "image", "hallpass"))["Docker"]["config"]
        self.files = Path(self.buildah("mount", self.buildah("from", "--pull-never", "hallpass")))
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", self.says["User"]), "a number, so that it is known not to be root's"
        assert f"{(self.files / 'var/lib/hallpass').stat().st_uid}" == self.says["User"].partition(":")[0], "its own folder"
        kind, *self.healthcheck = self.says["Healthcheck"]["Test"]
        assert kind == "CMD" and final[0] == ("FROM", "scratch")
        programs = [path for path in self.files.rglob("*") if path.is_file() and path.parent.name in ("bin", "sbin")]
        assert [path.name for path in programs] == ["hallpass"], programs
        size = sum(path.lstat().st_size for path in self.files.rglob("*") if path.is_file())
        print(f"the image: {size / 2**20:.0f} MiB, one program")

    def buildah(self, *command):
        done = subprocess.run(["buildah", *self.store, *command], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"deploy: buildah {' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()


def check_compose(folder, healthcheck):
    """What the compose file says, held against the files beside it. Gives back a node."""
    compose = yaml.safe_load((folder / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == {"node-1", "node-2", "proxy", "database"}, set(services)
    addresses = {name: service["networks"]["inside"]["ipv4_address"] for name, service in services.items()}
    nginx = (folder / "nginx.conf").read_text()
    assert re.findall(r"server (\S+):8080", nginx) == [addresses["node-1"], addresses["node-2"]] * 2
    settings = tomllib.loads((folder / "hallpass.toml").read_text())
    assert settings["server"]["trusted_proxies"] == [addresses["proxy"]]
    assert f"@{addresses['database']}/" in (folder / "secrets/database-url").read_text()
    for name, service in services.items():
        assert service["restart"] == "unless-stopped", name
        for volume in service.get("volumes", []):
            source, _, rest = volume.partition(":")
            assert not source.startswith(".") or ((folder / source).exists() and rest.endswith(":ro")), volume
        for secret in service.get("secrets", []):
            file = folder / compose["secrets"][secret]["file"]
            assert file.stat().st_mode & 0o077 == 0, file
            written = [str(value) for value in service["environment"].values()]
            assert file.read_text().strip() not in " ".join(written), secret
    node, other = services["node-1"], services["node-2"]
    alike = {**node, "networks": None}
    assert alike == {**other, "networks": None}, "the nodes differ in their address alone"
    assert node["read_only"] and node["cap_drop"] == ["ALL"] and node["security_opt"] == ["no-new-privileges:true"]
    assert node["healthcheck"]["test"] == ["CMD", *healthcheck]
    assert node["depends_on"]["database"]["condition"] == "service_healthy" and "healthcheck" in services["database"]
    assert int(node["stop_grace_period"].rstrip("s")) > 30, "requests that were accepted are finished"
    return node, compose["secrets"]


class Box:
    """A container as an engine would make it of the image and of what the compose file says."""

    def __init__(self, image, node, secrets, folder):
        self.files, self.says, files = image.files, image.says, image.files
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **node["environment"]}
        binds = [volume.split(":")[:2] for volume in node["volumes"]]
        binds += [[secrets[name]["file"], f"/run/secrets/{name}"] for name in node["secrets"]]
        mounts = ["set -e", f"mount --bind {files} {files}"]
        for source, target in binds:
            place = files / target.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
            mounts.append(f"mount --bind {folder / source} {place}")
        for place in ("proc", "dev"):
            (files / place).mkdir(exist_ok=True)
        mounts += [f"mount -o remount,bind,ro {files}", f"mount -t proc proc {files}/proc", f"mount -t tmpfs dev {files}/dev"]
        for device in ("null", "urandom"):
            mounts.append(f"touch {files}/dev/{device}; mount --bind /dev/{device} {files}/dev/{device}")
        self.mounts = "\n".join(mounts)

    def start(self, command):
        enter = f'exec chroot --userspec={self.says["User"]} --groups= {self.files} "$@"'
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child=TERM", "bash", "-c", f"{self.mounts}\n{enter}", "bash",
             *command], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def check(root, checkout, scratch, lines, database, is_ready):
    image = Image(root, checkout, scratch)
    place = scratch / "containers"
    shutil.copytree(checkout, place)
    subprocess.run(["bash", "-euo", "pipefail", "-c", lines], cwd=place, check=True, stderr=subprocess.DEVNULL)
    node, secrets = check_compose(place / "deploy", image.healthcheck)

    # An empty database of its own, on the machine that is there.
    url = place / "deploy/secrets/database-url"
    password = (place / "deploy/secrets/database-password").read_text().strip()
    database.do(f"""
        cd /
        runuser -u postgres -- psql -qc "CREATE ROLE boxed LOGIN PASSWORD '{password}'"
        runuser -u postgres -- createdb --owner boxed boxed
        echo 'host boxed boxed 10.83.0.0/24 scram-sha-256' >>"$(runuser -u postgres -- psql -Atc 'SHOW hba_file')"
        systemctl reload postgresql
    """)
    text = url.read_text().replace("//hallpass:", "//boxed:").replace("/hallpass", "/boxed")
    url.chmod(0o600)
    url.write_text(text)
    url.chmod(0o400)
    box = Box(image, node, secrets, place / "deploy")
    server = box.start(image.says["Entrypoint"] + image.says["Cmd"])
    try:
        wait_until("the container is ready", lambda: server.poll() is not None or is_ready(HERE))
        assert server.poll() is None, server.stdout.read()
        asked = box.start(image.healthcheck)
        assert asked.wait() == 0, asked.stdout.read()
        user = image.says["User"].partition(":")[0]
        owned = subprocess.run(["pgrep", "--uid", user, "--exact", "hallpass"], capture_output=True, text=True).stdout.split()
        assert owned, "it runs as the image's account"
        subprocess.run(["kill", "-TERM", *owned], check=True)
        assert server.wait(timeout=60) == 0, server.stdout.read()
    finally:
        server.kill()
    print("a node starts in it, is healthy, and ends when it is asked to")
