"""An app that calls a service with a token that Authlib gets. It calls once for each line that it reads."""

import os
import sys

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

ISSUER, CLIENT_ID, CLIENT_SECRET = (os.environ[name] for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
RESOURCE, SERVICE = os.environ["RESOURCE"], os.environ["SERVICE"]

# Once, when the app starts. The secret is the API key. The session gets another token when one is about to expire.
metadata = requests.get(f"{ISSUER}/.well-known/oauth-authorization-server", timeout=5).json()
session = OAuth2Session(
    CLIENT_ID,
    CLIENT_SECRET,
    scope="orders:read",
    grant_type="client_credentials",
    token_endpoint=metadata["token_endpoint"],
    leeway=30,
)


def call() -> int:
    if not session.token:
        session.fetch_token(resource=RESOURCE)
    answer = session.get(SERVICE, timeout=5)
    if answer.status_code == 401:  # the signing key was withdrawn, say
        session.fetch_token(resource=RESOURCE)
        answer = session.get(SERVICE, timeout=5)
    return answer.status_code


for _ in sys.stdin:
    try:
        print(call(), flush=True)
    except OAuthError as error:
        print(error.error, flush=True)
    except requests.RequestException as error:
        print(type(error).__name__, flush=True)
