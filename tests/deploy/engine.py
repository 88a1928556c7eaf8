"""Starts the compose file on an engine, by the page's own lines; then a node is killed, and all of it goes down and up again.
Called by engine.sh, with files of its own under /etc/hosts.

Usage: engine.py CHECKOUT     a copy that may be written to
"""

import os
import subprocess
import sys
from pathlib import Path

from load import Apps
from page import ENGINE, blocks, last_line

PAGE = Path("docs/how-to/several-nodes.md")
CHECKOUT = Path(sys.argv[1])
DEPLOY = CHECKOUT / "deploy"


def do(lines, folder=DEPLOY, **variables):
    """Runs lines of bash, which must succeed. Gives back what they printed."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", lines], cwd=folder, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, **variables})
    print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        subprocess.run(["docker", "compose", "logs", "--tail=20"], cwd=DEPLOY)
        raise SystemExit(f"containers: {lines}")
    return done.stdout


def by_the_page():
    """Gives back apps with a key."""
    ran, printed, apps = 0, "", Apps("id.example", None)
    for note, lines in blocks((CHECKOUT / PAGE).read_text()):
        if note != "in containers" and not note.startswith(ENGINE):
            continue
        print(f"-- {note}:\n{lines}", end="", flush=True)
        if note == "in containers":
            do(lines, CHECKOUT)
        elif note.endswith("with KEY from it"):
            apps = Apps("id.example", str(DEPLOY / "secrets/tls/id.example.pem"))
            apps.key = last_line(printed)
            assert '"access_token"' in do(lines, KEY=apps.key)
        elif note.endswith("under load"):
            upgrade(apps, lines)
        else:
            printed = do(lines)
        ran += 1
    print(f"{ran} blocks of {PAGE} work\n", flush=True)
    return apps


def upgrade(apps, lines):
    """To an image that is another one, of the same program: building it twice takes too long."""
    before = containers()
    with (DEPLOY / "Containerfile").open("a") as file:
        file.write("LABEL upgraded=yes\n")
    with apps.load():
        do(lines)
    stayed = before & containers()
    assert len(before) == 4 and len(stayed) == 2, "the nodes are others, database and proxy are not"


def containers():
    return set(do("docker compose ps --quiet").split())


def one_node_is_killed(apps):
    for node in ("node-1", "node-2"):
        with apps.load() as counts:
            do(f"docker compose kill {node}")
            before = sum(counts)
            do(f"docker compose up --detach --wait --no-deps {node}")
            assert sum(counts) > before, "the other one goes on"


def down_and_up(apps):
    """The database stays, and so does what it knows."""
    do("docker compose down\ndocker compose up --detach --wait")
    assert apps.exchange()[0] == 200


def told(apps):
    """What was asked stands in the proxy's log, and no key does."""
    said = subprocess.run(["docker", "compose", "logs"], cwd=DEPLOY, capture_output=True, text=True, check=True).stdout
    assert "POST /oauth/token 200" in said and apps.key not in said
    assert (DEPLOY / "hallpass.dump").read_bytes().startswith(b"PGDMP")


apps = by_the_page()
told(apps)
one_node_is_killed(apps)
down_and_up(apps)
print("started on an engine by the page, and held")
