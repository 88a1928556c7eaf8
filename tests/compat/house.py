"""A Hallpass of our own: one node on SQLite, or two behind nginx on PostgreSQL."""

import base64
import json
import os
import re
import sqlite3
import subprocess
import urllib.parse
from contextlib import contextmanager

from running import Process, ask, free_port, until
from strangers import HERE, PROFILES

APP = "shop"
# How long tokens live, in seconds: longer than a phase; as short as can be; and so that apps need another before the
# issuer is away, while the most careful, Spring, still keeps one for some calls.
LIFETIME, SHORT_LIFETIME, CALL_LIFETIME = 300, 60, 75
# What apps call.
CALLED = "https://called.example"


def resource(profile) -> str:
    return f"https://{profile}.example"


def other(profile) -> str:
    """A resource of the same profile that no service here is."""
    return f"https://other-{profile}.example"


def header(token, place=0) -> dict:
    part = token.split(".")[place]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def lives(token) -> int:
    """For how many seconds."""
    claims = header(token, 1)
    return claims["exp"] - claims["nbf"]


class House:
    def __init__(self, hallpass, folder, database=None, issuer=None, behind_nginx=False):
        self.hallpass, self.folder, self.behind_nginx = hallpass, folder, behind_nginx
        folder.mkdir(parents=True)
        self.database = database or f"sqlite:{folder}/hallpass.db"
        self.ports = [free_port() for _ in range(2 if behind_nginx else 1)]
        self.metrics = [free_port() for _ in self.ports]
        self.front = free_port() if behind_nginx else self.ports[0]
        self.issuer = issuer or f"http://127.0.0.1:{self.front}"
        self.nodes, self.nginx = [], None

    def variables(self) -> dict:
        return {
            "HALLPASS_ISSUER": self.issuer,
            "HALLPASS_DATABASE_URL": self.database,
            "HALLPASS_SERVER_TRUSTED_PROXIES": "127.0.0.1",
            "HALLPASS_SERVER_WORKERS": "1",
        }

    def run(self, *arguments) -> str:
        """`hallpass <arguments>` beside the servers."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("HALLPASS_")}
        command = [self.hallpass, "--data", str(self.folder), *arguments]
        ran = subprocess.run(
            command, env=own | self.variables(), cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if ran.returncode:
            raise RuntimeError(f"hallpass {' '.join(arguments)}: {ran.stderr}")
        return ran.stdout.strip()

    def serve(self, port, metrics, **settings) -> Process:
        listen = {"HALLPASS_SERVER_LISTEN": f"127.0.0.1:{port}", "HALLPASS_METRICS_LISTEN": f"127.0.0.1:{metrics}"}
        command = [self.hallpass, "--data", str(self.folder), "serve"]
        node = Process(command, self.folder / f"node-{port}.log", self.variables() | listen | settings)
        until("a node", lambda: ask(f"{self.node(port)}/readyz")[0] == 200 or not node.is_running())
        if not node.is_running():
            raise RuntimeError(f"hallpass serve: {node.log.read_text()}")
        return node

    def open(self):
        """Starts everything, and makes an app with a key and resources of each profile."""
        self.run("root-key", "new")
        self.start()
        scopes = ["--scope", "orders:read", "--scope", "orders:write"]
        resources = [(make(profile), profile, LIFETIME) for make in (resource, other) for profile in PROFILES]
        resources.append((CALLED, "standard", CALL_LIFETIME))
        for identifier, profile, lifetime in resources:
            options = [*scopes, "--profile", profile, "--token-lifetime", f"{lifetime}s"]
            self.run("resources", "create", identifier, *options)
        app = [*scopes, *(f"--resource={identifier}" for identifier, _, _ in resources), "--default-resource", CALLED]
        self.run("apps", "create", APP, *app)
        self.key = self.run("keys", "create", APP, "--name", "compat", *scopes)
        until("a key that signs, of each kind and on every node", self.mints_all, patience=10)

    def mints_all(self) -> bool:
        wishes = ((profile, port) for profile in PROFILES for port in self.ports)
        return all(self.ask_for_token(resource(profile), at=self.node(port))[0] == 200 for profile, port in wishes)

    @staticmethod
    def node(port) -> str:
        return f"http://127.0.0.1:{port}"

    def start(self):
        self.nodes = [self.serve(*ports) for ports in zip(self.ports, self.metrics)]
        if self.behind_nginx and not self.nginx:
            self.nginx = self.start_nginx()
            until("nginx", lambda: ask(f"{self.issuer}/readyz")[0] == 200)

    def start_nginx(self) -> Process:
        """nginx with the file that the docs show, at our ports and in our folder."""
        text = (HERE / "nginx/nginx.conf").read_text()
        for shown, own in zip(("8080", "8081", "8082"), (self.front, *self.ports)):
            text = text.replace(f"127.0.0.1:{shown}", f"127.0.0.1:{own}")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ours = "".join(f"    {kind}_temp_path {self.folder}/{kind};\n" for kind in kinds)
        file = self.folder / "nginx.conf"
        file.write_text(text.replace("http {\n", f"http {{\n{ours}", 1).replace("/var/log/nginx", str(self.folder)))
        own = f"daemon off; pid {self.folder}/nginx.pid; error_log stderr;"
        return Process(["nginx", "-c", str(file), "-g", own], self.folder / "nginx.log", {})

    def stop(self):
        """Stops the nodes, and leaves what is in front."""
        for node in self.nodes:
            node.stop()
        self.nodes = []

    def close(self):
        self.stop()
        if self.nginx:
            self.nginx.stop()

    def ask_for_token(self, audience, scope="orders:read", at=None):
        wish = {"grant_type": "client_credentials", "resource": audience, "scope": scope}
        form = urllib.parse.urlencode(wish | {"client_id": APP, "client_secret": self.key}).encode()
        return ask(f"{at or self.issuer}/oauth/token", form=form)

    def token(self, audience, scope="orders:read", at=None) -> str:
        """A token, from any node or from the one at that address."""
        status, body = self.ask_for_token(audience, scope, at)
        if status != 200:
            raise RuntimeError(f"no token for {audience}: {status} {body.decode()}")
        return json.loads(body)["access_token"]

    def set_lifetime(self, seconds):
        """How long tokens live from now on, on every node."""
        for profile in PROFILES:
            self.run("resources", "update", resource(profile), "--token-lifetime", f"{seconds}s")
        wishes = [(resource(profile), self.node(port)) for profile in PROFILES for port in self.ports]

        def holds() -> bool:
            return all(seconds <= lives(self.token(audience, at=node)) < seconds + 30 for audience, node in wishes)

        until("another lifetime, on every node", holds, patience=10)

    @contextmanager
    def node_with(self, **settings):
        """The address of one more node on the same database, with other settings."""
        node = self.serve(port := free_port(), free_port(), **settings)
        try:
            yield self.node(port)
        finally:
            node.stop()

    def asked_for_keys(self) -> int:
        """How often anybody has asked for the JWKS."""
        return self.counted(r'hallpass_http_requests_total\{route="jwks",[^}]*\} (\d+)')

    def tokens_issued(self) -> int:
        return self.counted(r"hallpass_tokens_issued_total\{[^}]*\} (\d+)")

    def counted(self, pattern) -> int:
        pages = (ask(f"{self.node(port)}/metrics")[1].decode() for port in self.metrics)
        return sum(int(number) for page in pages for number in re.findall(pattern, page))

    def publish_next(self):
        """Makes the keys that will sign, and publishes them."""
        self.run("signing-keys", "rotate")
        self.until_published(lambda kids: len(kids) > len(PROFILES))

    def let_a_day_pass(self):
        """Makes the waiting keys look a day older than they are, so that they may sign."""
        change = "UPDATE signing_key SET created_at = created_at - 86400 WHERE state = 'next'"
        if self.database.startswith("sqlite:"):
            with sqlite3.connect(self.database.removeprefix("sqlite:"), timeout=10) as connection:
                connection.execute(change)
        else:
            subprocess.run(["psql", "--quiet", self.database, "--command", change], check=True)

    def promote_next(self):
        """The waiting keys sign from now on, on every node."""
        before = self.signing()
        self.run("signing-keys", "rotate")
        until("a rotation", lambda: not before & self.signing(), patience=10)

    def emergency(self):
        """What docs/how-to/rotate-signing-keys.md says to do when a key may be in wrong hands."""
        before = self.signing()
        self.run("signing-keys", "rotate", "--emergency")
        self.until_published(lambda kids: not before & kids)

    def signing(self) -> set:
        """The keys that sign, of any node."""
        wishes = ((resource(profile), self.node(port)) for profile in PROFILES for port in self.ports)
        return {header(self.token(audience, at=node))["kid"] for audience, node in wishes}

    def until_published(self, condition):
        def holds(port):
            keys = json.loads(ask(f"{self.node(port)}/.well-known/jwks.json")[1])["keys"]
            return condition({key["kid"] for key in keys})

        until("a change of the JWKS on every node", lambda: all(map(holds, self.ports)), patience=10)
