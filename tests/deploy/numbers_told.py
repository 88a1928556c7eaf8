"""What the alerts and the board ask for is what nodes tell, and Prometheus can answer it."""

import json
import re
import urllib.parse
import urllib.request

from machines import wait_until

NAME = re.compile(r"\bhallpass_[a-z_]+")
PROMETHEUS = "http://10.83.0.30:9090"
# What is told from the first sign-in on, and here nobody signs in.
OF_PEOPLE = {"hallpass_sign_ins_total", "hallpass_authorize_refused_total", "hallpass_upstream_logins_total",
             "hallpass_upstream_requests_total", "hallpass_upstream_request_seconds"}


def fetch(address):
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def served(address):
    """The names that a node tells."""
    return set(re.findall(r"^# TYPE (\w+)", fetch(f"http://{address}:9464/metrics"), flags=re.M))


def ask(path, **query):
    return json.loads(fetch(f"{PROMETHEUS}/api/v1/{path}?{urllib.parse.urlencode(query)}"))["data"]


def bare(name, names):
    """The name of a histogram, for its parts."""
    start = re.sub(r"_(bucket|sum|count)$", "", name)
    return start if start in names else name


def board(path):
    """Each query of the board, with its panel."""
    document = json.loads(path.read_text())
    wide = {}
    for panel in document["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m")
        wide.setdefault(panel["id"], panel["title"])
    assert len(wide) == len(document["panels"]), "each panel has an id of its own"


def check(root, nodes, documented):
    """Everything that is asked for is documented and, if somebody ever caused it, told; and Prometheus understands it."""
    told = served(nodes[0])
    unknown = told - documented
    assert not unknown, f"told and on no page: {unknown}"
    queries = list(board(root / "deploy/grafana/hallpass.json"))
    groups = wait_until("Prometheus has the rules", lambda: ask("rules")["groups"])
    rules = [rule for group in groups for rule in group["rules"]]
    queries += [(rule["name"], rule["query"]) for rule in rules]
    asked = {bare(name, documented) for _, query in queries for name in NAME.findall(query)}
    assert asked <= documented, f"asked for and on no page: {asked - documented}"
    assert asked - OF_PEOPLE <= told, f"asked for and not told: {asked - OF_PEOPLE - told}"
    unasked = documented - asked
    assert not unasked, f"on no panel and in no alert: {unasked}"
    wait_until("Prometheus has heard each node twice",
               lambda: all(float(row["value"][1]) >= 2 for row in ask("query", query="count_over_time(up[1m])")["result"])
               and len(ask("query", query="up == 1")["result"]) == len(nodes))
    empty = []
    for title, query in queries:
        result = ask("query", query=query)["result"]
        is_alert = any(rule["name"] == title for rule in rules)
        if not is_alert and not result and not OF_PEOPLE & {bare(name, documented) for name in NAME.findall(query)}:
            empty.append(f"{title}: {query}")
    # A job that never failed has no such row.
    empty = [line for line in empty if 'outcome="failed"' not in line]
    assert not empty, f"the board shows nothing for: {empty}"
    print(f"{len(queries)} queries of the board and the alerts are about numbers that are told")
    return rules


def firing():
    return {alert["labels"]["alertname"] for alert in ask("alerts")["alerts"]}


def quicken(watch):
    """As often as a test wants to be told."""
    watch.do("sed -i 's/: 15s/: 1s/' /etc/prometheus/prometheus.yml; systemctl reload prometheus")
