"""A service that checks tokens with PyJWT, and answers with their claims."""

import os

import jwt
import requests
from flask import Flask, abort, request

ISSUER, AUDIENCE, PORT = (os.environ[name] for name in ("ISSUER", "AUDIENCE", "PORT"))
ALG, TYP = os.getenv("ALG", "ES256"), os.getenv("TYP", "at+jwt")
JWKS_MAX_AGE, JWKS_PAUSE = int(os.getenv("JWKS_MAX_AGE", "300")), int(os.getenv("JWKS_PAUSE", "30"))  # in seconds

# Once, when the service starts. The client keeps the keys, and asks again for one that it does not know.
metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=5).json()
keys = jwt.PyJWKClient(metadata["jwks_uri"], lifespan=JWKS_MAX_AGE, cooldown_duration=JWKS_PAUSE, timeout=5)
app = Flask(__name__)


# For each request.
def verify(token: str) -> dict:
    if jwt.get_unverified_header(token).get("typ", "").lower() != TYP.lower():
        raise jwt.InvalidTokenError("not an access token")
    key = keys.get_signing_key_from_jwt(token)
    required = ["iss", "aud", "exp", "iat", "sub", "jti", "client_id"]
    return jwt.decode(
        token,
        key.key,
        algorithms=[ALG],
        issuer=ISSUER,
        audience=AUDIENCE,
        options={"require": required},
    )


@app.get("/")
def claims():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        abort(401)
    try:
        claims = verify(token)
    except jwt.PyJWKClientConnectionError:
        abort(503)  # the keys can't be had
    except jwt.PyJWTError:
        abort(401)
    if "orders:read" not in claims.get("scope", "").split(" "):
        abort(403)
    return claims


if __name__ == "__main__":
    app.run(port=int(PORT))
