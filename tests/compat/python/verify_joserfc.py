"""A service that checks tokens with joserfc, and answers with their claims."""

import os
import threading
import time

import requests
from flask import Flask, abort, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ISSUER, AUDIENCE, PORT = (os.environ[name] for name in ("ISSUER", "AUDIENCE", "PORT"))
ALG, TYP = os.getenv("ALG", "ES256"), os.getenv("TYP", "at+jwt")
JWKS_MAX_AGE, JWKS_PAUSE = int(os.getenv("JWKS_MAX_AGE", "300")), int(os.getenv("JWKS_PAUSE", "30"))  # in seconds


class Keys:
    """The library fetches no keys, so the service does: when they are old, and for one that it does not know."""

    def __init__(self, uri: str):
        self.uri, self.turn, self.kept = uri, threading.Lock(), None
        self.good_until = self.ask_after = float("-inf")

    def find(self, token) -> KeySet:
        kid = token.headers().get("kid")
        with self.turn:
            now = time.monotonic()
            if now > self.ask_after and (now > self.good_until or not self.has(kid)):
                self.ask_after = now + JWKS_PAUSE
                answer = requests.get(self.uri, timeout=5)
                answer.raise_for_status()
                self.kept, self.good_until = KeySet.import_key_set(answer.json()), now + JWKS_MAX_AGE
            if now > self.good_until:
                raise requests.ConnectionError("the keys are too old, and there are no others")
        if not self.has(kid):
            raise JoseError("an unknown key")
        return self.kept

    def has(self, kid) -> bool:
        return self.kept is not None and any(key.kid == kid for key in self.kept.keys)


# Once, when the service starts.
metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=5).json()
keys = Keys(metadata["jwks_uri"])
needed = {name: {"essential": True} for name in ("exp", "iat", "sub", "jti", "client_id")}
rules = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    **needed,
)
app = Flask(__name__)


# For each request.
def verify(value: str) -> dict:
    token = jwt.decode(value, keys.find, algorithms=[ALG])
    if token.header.get("typ", "").lower() != TYP.lower():
        raise JoseError("not an access token")
    rules.validate(token.claims)
    return token.claims


@app.get("/")
def claims():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        abort(401)
    try:
        claims = verify(token)
    except requests.RequestException:
        abort(503)  # the keys can't be had
    except (JoseError, ValueError):
        abort(401)
    if "orders:read" not in claims.get("scope", "").split(" "):
        abort(403)
    return claims


if __name__ == "__main__":
    app.run(port=int(PORT))
