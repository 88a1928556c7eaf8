"""Exchanges through the proxy, again and again on kept connections, as apps make them. None may fail."""

import http.client
import json
import ssl
import threading
import urllib.parse
from contextlib import contextmanager

BODY = urllib.parse.urlencode({"grant_type": "client_credentials"})


class Apps:
    def __init__(self, host, certificate):
        self.host = host
        self.tls = ssl.create_default_context(cafile=certificate)
        self.key = None

    def connect(self):
        return http.client.HTTPSConnection(self.host, timeout=30, context=self.tls)

    def exchange(self, connection=None, key=None, more=None):
        """The answer's status, head and body."""
        own = connection or self.connect()
        head = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/x-www-form-urlencoded",
                **(more or {})}
        own.request("POST", "/oauth/token", BODY, head)
        answer = own.getresponse()
        body = answer.read()
        if connection is None:
            own.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    @contextmanager
    def load(self, apps=6):
        """Exchanges go on while the block runs."""
        stop, wrong, counts = threading.Event(), [], [0] * apps
        began = threading.Barrier(apps + 1)

        def app(at):
            connection = self.connect()
            is_first = True
            while not stop.is_set():
                try:
                    status, _, body = self.exchange(connection)
                    if status != 200 or "access_token" not in json.loads(body):
                        wrong.append(f"{status} {body!r}")
                    counts[at] += 1
                except (OSError, http.client.HTTPException) as error:
                    wrong.append(repr(error))
                    connection.close()
                if is_first:
                    is_first = False
                    began.wait()
            connection.close()

        threads = [threading.Thread(target=app, args=(at,), daemon=True) for at in range(apps)]
        for thread in threads:
            thread.start()
        began.wait()
        try:
            yield counts
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        if wrong:
            raise SystemExit(f"deploy: {len(wrong)} of {sum(counts)} exchanges failed: {wrong[:5]}")
        print(f"{sum(counts)} exchanges meanwhile, none failed", flush=True)
