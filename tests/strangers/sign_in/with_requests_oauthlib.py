"""Signs a person in with requests-oauthlib: prints where their browser goes, reads where it comes back, prints who it is.

The library knows OAuth alone; the ID token is PyJWT's.
"""

import json
import os
import secrets
import sys
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import jwt
import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

ISSUER, CLIENT_ID, REDIRECT_URI = (os.environ[name] for name in ("ISSUER", "CLIENT_ID", "REDIRECT_URI"))
CLIENT_SECRET = os.environ["CLIENT_SECRET"]
if ISSUER.startswith("http:"):
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # an issuer on this very machine

# Once, when the app starts.
metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=5).json()
keys = jwt.PyJWKClient(metadata["jwks_uri"], cache_keys=False, lifespan=300, timeout=5)

# For each sign-in. The session's `_state` and `_code_verifier`, and the nonce, belong to the browser that is sent off.
scope = ["openid", "profile", "email", "offline_access"]
session = OAuth2Session(CLIENT_ID, redirect_uri=REDIRECT_URI, scope=scope, pkce="S256")
nonce = secrets.token_urlsafe()
print(session.authorization_url(metadata["authorization_endpoint"], nonce=nonce)[0], flush=True)


# For each browser that comes back. The library compares `state`; whoever has several providers compares `iss` too.
def callback(url: str) -> dict:
    if parse_qs(urlsplit(url).query).get("iss") != [metadata["issuer"]]:
        raise ValueError("another provider answers")
    # Basic, and nothing in the body, as long as `include_client_id` is not set.
    tokens = session.fetch_token(metadata["token_endpoint"], authorization_response=url, client_secret=CLIENT_SECRET)
    key = keys.get_signing_key_from_jwt(tokens["id_token"])
    required = ["iss", "sub", "aud", "exp", "iat", "nonce"]
    claims = jwt.decode(
        tokens["id_token"],
        key.key,
        algorithms=[key.algorithm_name],
        issuer=metadata["issuer"],
        audience=CLIENT_ID,
        options={"require": required},
    )
    if claims["nonce"] != nonce:
        raise ValueError("the ID token is of another sign-in")
    userinfo = session.get(metadata["userinfo_endpoint"]).json()
    if userinfo["sub"] != claims["sub"]:
        raise ValueError("the userinfo is about somebody else")
    # Later, when the access token has expired: both tokens are new, the old ones are not kept.
    said = {"claims": claims, "userinfo": userinfo, "tokens": dict(tokens)}
    said["refreshed"] = session.refresh_token(metadata["token_endpoint"], auth=(CLIENT_ID, CLIENT_SECRET))
    back = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": urljoin(REDIRECT_URI, "/")}
    return said | {"logout": f"{metadata['end_session_endpoint']}?{urlencode(back)}"}


for line in sys.stdin:
    try:
        print(json.dumps(callback(line.strip())), flush=True)
    except OAuth2Error as error:
        print(json.dumps({"refused": error.error}), flush=True)
    except ValueError as error:
        print(json.dumps({"refused": str(error)}), flush=True)
