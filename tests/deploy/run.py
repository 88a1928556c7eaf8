"""Deploys two nodes, PostgreSQL, a proxy and Prometheus by the commands of the page, on machines with systemd; then breaks
what may break. Called by run.sh, in namespaces of its own.

Usage: run.py CHECKOUT SCRATCH     CHECKOUT has `deploy` and `target/dist/hallpass`
"""

import json
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import containers
import numbers_told
from load import Apps
from machines import Street, wait_until
from page import Reader, last_line

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/how-to/several-nodes.md"
CHECKOUT, SCRATCH = map(Path, sys.argv[1:])
ADDRESSES = {"proxy": "10.83.0.10", "node-1": "10.83.0.11", "node-2": "10.83.0.12", "database": "10.83.0.20",
             "watch": "10.83.0.30"}
NODES = [ADDRESSES["node-1"], ADDRESSES["node-2"]]
OURS = "hallpass --config /etc/hallpass/hallpass.toml"


def fresh_database(machine):
    """As the package leaves it."""
    machine.do("""
        version=$(ls /usr/lib/postgresql | sort -V | tail -n 1)
        rm -rf /var/lib/postgresql/*/main /etc/postgresql/*/main
        pg_createcluster "$version" main
        systemctl daemon-reload
        systemctl start postgresql
    """)


def on_street(lines, variables):
    """Where callers are: they know the name, and for once believe the proxy's certificate."""
    environment = {**os.environ, **variables, "CURL_CA_BUNDLE": str(SCRATCH / "proxy.pem")}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", lines.replace("curl ", "curl --silent --fail-with-body ")],
                          env=environment, capture_output=True, text=True)
    print(done.stdout, done.stderr)
    if done.returncode != 0 or '"access_token"' not in done.stdout:
        raise SystemExit("deploy: no token on the street")


def issued(address):
    """How many tokens a node says that it issued."""
    text = numbers_told.fetch(f"http://{address}:9464/metrics")
    return sum(float(count) for count in re.findall(r"^hallpass_tokens_issued_total\{.*\} (\S+)$", text, flags=re.M))


def status_at(address, key):
    """What one node says to a key."""
    answer = subprocess.run(
        ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--header", f"Authorization: Bearer {key}",
         "--data", "grant_type=client_credentials", f"http://{address}:8080/oauth/token"], capture_output=True, text=True)
    return int(answer.stdout)


def is_ready(address):
    done = subprocess.run(["curl", "--silent", "--fail", "--max-time", "2", f"http://{address}:8080/readyz"],
                          capture_output=True)
    return done.returncode == 0


def main():
    hosts = SCRATCH / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{ADDRESSES['proxy']} id.example\n")
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)
    street = Street(SCRATCH, CHECKOUT)
    try:
        for name, address in ADDRESSES.items():
            street.put(name, address)
        story(street)
    finally:
        street.clear()


def story(street):
    machines = street.machines
    fresh_database(machines["database"])
    apps = None

    def street_lines(lines, variables):
        nonlocal apps
        (SCRATCH / "proxy.pem").write_text(machines["proxy"].do("cat /etc/nginx/tls/id.example.pem"))
        on_street(lines, variables)
        apps = Apps("id.example", str(SCRATCH / "proxy.pem"))
        apps.key = variables["KEY"]

    def load(is_on):
        return apps.load() if is_on else nullcontext()

    def in_containers(lines):
        containers.check(ROOT, CHECKOUT, SCRATCH, lines, machines["database"], is_ready)

    reader = Reader(street, load, street_lines, in_containers)
    ran = reader.read(PAGE.read_text())
    print(f"{ran} blocks of {PAGE.relative_to(ROOT)} work\n", flush=True)

    holds_the_unit(machines["node-1"])
    dumped(machines)
    in_turn(apps)
    strangers_are_told(apps)
    revoked_everywhere(machines, apps)
    addresses_are_the_proxys_word(machines, apps)
    documented = set(re.findall(r"^\| `(hallpass_\w+)`", (ROOT / "docs/reference/metrics.md").read_text(), flags=re.M))
    numbers_told.quicken(machines["watch"])
    with apps.load():
        numbers_told.check(ROOT, NODES, documented)
    one_node_dies(machines, apps)
    nobody_is_there(machines, apps)


def holds_the_unit(node):
    """systemd finds nothing wrong with the unit, and little that it may do; secrets are nobody else's."""
    said = node.do("systemd-analyze verify /etc/systemd/system/hallpass.service 2>&1")
    assert not said.strip(), said
    rated = node.do("systemd-analyze security --offline=true --no-pager deploy/hallpass.service")
    exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", rated)[1])
    print(f"systemd-analyze security: {exposure}")
    assert exposure <= 2.0, rated
    owner = node.do("ps -o user= -p $(systemctl show --property MainPID --value hallpass)").strip()
    assert owner == "hallpass", owner
    assert node.do("stat -c %a%U /etc/hallpass/keys /etc/hallpass/database-url").split() == ["700root", "600root"]


def dumped(machines):
    """A dump is nobody else's; and so it goes by the page about it, with the password in no command."""
    database = machines["database"]
    assert database.do("stat -c %a%U /var/lib/postgresql/hallpass.dump").strip() == "600postgres"
    url = machines["node-1"].do("cat /etc/hallpass/database-url")
    user, password, host = re.search(r"//(\w+):(\w+)@([\d.]+)/", url).groups()
    page = (ROOT / "docs/how-to/back-up.md").read_text().partition("\n## PostgreSQL\n")[2]
    (service,) = re.findall(r"^```ini\n(.*?)^```$", page, flags=re.M | re.S)
    for shown, ours in (("db.example", host), ("…", password), ("verify-full", "require")):
        assert shown in service, shown
        service = service.replace(shown, ours)
    database.do("umask 077; cat >~/.pg_service.conf", service)
    database.do(f"""
        cd /
        runuser -u postgres -- createdb --owner {user} hallpass_again
        echo 'hostssl hallpass_again {user} 10.83.0.0/24 scram-sha-256' >>"$(runuser -u postgres -- psql -Atc 'SHOW hba_file')"
        systemctl reload postgresql
    """)
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, flags=re.M | re.S)
    assert len(blocks) == 2, blocks
    for lines in blocks:
        assert password not in lines
        database.do(f"cd ~\n{lines}")
    assert database.do("stat -c %a ~/hallpass.dump").strip() == "600"
    tables = "SELECT count(*) FROM pg_tables WHERE tableowner = current_user"
    was, again = (int(database.do(f"psql 'service=hallpass dbname={name}' -Atc '{tables}'"))
                  for name in ("hallpass", "hallpass_again"))
    assert was == again > 10, (was, again)


def in_turn(apps):
    before = [issued(address) for address in NODES]
    for _ in range(20):
        assert apps.exchange()[0] == 200
    grown = [issued(address) - was for address, was in zip(NODES, before)]
    print(f"of 20 exchanges, the nodes made {grown[0]:.0f} and {grown[1]:.0f}")
    assert sum(grown) == 20 and min(grown) >= 5, grown


def strangers_are_told(apps):
    """Refusals are the nodes' own, through the proxy too; what comes from where is what the nodes know."""
    status, head, body = apps.exchange(key="hp_live_0123456789ABCDEF_GHIJKLMNOPQRSTUVWXYZabcdefghijkl1JIdWn")
    assert status == 401 and b"invalid_client" in body, body
    assert head["x-request-id"] and "max-age" in head["strict-transport-security"], head
    connection = apps.connect()
    connection.request("POST", "/oauth/token", "x" * 20_000, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 413 and b"16 KiB" in body, body


def revoked_everywhere(machines, apps):
    """Made at one node, revoked at the other; the one that did neither knows both."""
    key = last_line(machines["node-1"].do(f"{OURS} keys create billing --name second --scope orders:read"))
    ident = key.split("_")[2]
    for address in NODES:
        assert status_at(address, key) == 200, address
    machines["node-2"].do(f"{OURS} keys revoke {ident} --reason test")
    for address in NODES:
        wait_until(f"{address} refuses what was revoked", lambda: status_at(address, key) == 401, 10)
    assert apps.exchange(key=key)[0] == 401


def addresses_are_the_proxys_word(machines, apps):
    """Where a key was used from is what the proxy saw, whatever the caller says."""
    key = last_line(machines["node-1"].do(f"{OURS} keys create billing --name third --scope orders:read"))
    assert apps.exchange(key=key, more={"X-Forwarded-For": "192.0.2.7"})[0] == 200
    show = f"{OURS} --json keys show {key.split('_')[2]}"
    place = wait_until("the use is written down", lambda: json.loads(machines["node-2"].do(show))["last_used_from"], 30)
    assert place == "10.83.0.1", place


def one_node_dies(machines, apps):
    node = machines["node-1"]
    pid = node.do("systemctl show --property MainPID --value hallpass")
    with apps.load() as counts:
        node.do("systemctl kill --signal=KILL hallpass")
        wait_until("systemd has started it again",
                   lambda: node.do("systemctl show --property MainPID --value hallpass") not in (pid, "0\n"))
        wait_until("it is ready", lambda: is_ready(NODES[0]))
        # Its machine is cut off: nothing is refused there, it is silent.
        before = sum(counts)
        subprocess.run(["ip", "link", "set", "node-2", "down"], check=True)
        wait_until("the other one goes on", lambda: sum(counts) > before + 200)
        wait_until("Prometheus sees it", lambda: "HallpassNodeDown" in numbers_told.firing())
        subprocess.run(["ip", "link", "set", "node-2", "up"], check=True)
        wait_until("it is back", lambda: is_ready(NODES[1]))
    print("one node was killed, and one cut off")


def nobody_is_there(machines, apps):
    """The proxy says it as a node would."""
    for name in ("node-1", "node-2"):
        machines[name].do("systemctl stop hallpass")
    status, head, body = apps.exchange()
    assert (status, head["retry-after"], head["cache-control"]) == (503, "2", "no-store"), (status, head)
    assert b"temporarily_unavailable" in body, body
    returning = apps.connect()
    returning.request("GET", "/login/callback?code=c0de-of-somebody")
    assert returning.getresponse().status == 503
    machines["node-1"].do("systemctl start hallpass")
    assert apps.exchange()[0] == 200
    logs = machines["proxy"].do("cat /var/log/nginx/*.log")
    assert "/oauth/token" in logs and "/login/callback" in logs
    assert "hp_live_" not in logs and "c0de-of-somebody" not in logs


main()
print("deployed by the page, and held")
