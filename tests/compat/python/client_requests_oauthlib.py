"""An app that calls a service with a token that requests-oauthlib gets. It calls once for each line that it reads."""

import os
import sys

import requests
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error, TokenExpiredError
from requests_oauthlib import OAuth2Session

ISSUER, CLIENT_ID, CLIENT_SECRET = (os.environ[name] for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
RESOURCE, SERVICE = os.environ["RESOURCE"], os.environ["SERVICE"]
if ISSUER.startswith("http:"):
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # an issuer on this very machine

# Once, when the app starts. The secret is the API key.
metadata = requests.get(f"{ISSUER}/.well-known/oauth-authorization-server", timeout=5).json()
session = OAuth2Session(client=BackendApplicationClient(CLIENT_ID, scope="orders:read"))


def fetch():
    session.fetch_token(metadata["token_endpoint"], client_secret=CLIENT_SECRET, resource=RESOURCE, timeout=5)


# The library says when a token has expired; to get another one is left to the app.
def call() -> int:
    if not session.authorized:
        fetch()
    try:
        answer = session.get(SERVICE, timeout=5)
    except TokenExpiredError:
        answer = None
    if answer is None or answer.status_code == 401:  # the signing key was withdrawn, say
        fetch()
        answer = session.get(SERVICE, timeout=5)
    return answer.status_code


for _ in sys.stdin:
    try:
        print(call(), flush=True)
    except OAuth2Error as error:
        print(error.error, flush=True)
    except requests.RequestException as error:
        print(type(error).__name__, flush=True)
