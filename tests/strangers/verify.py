"""Verifies tokens on standard input, one a line, as a service in Python does. Prints the claims of each."""

import json
import sys
import urllib.request

import jwt

issuer, audience = sys.argv[1:3]
typ = sys.argv[3] if len(sys.argv) > 3 else "at+jwt"

# Once, when the service starts. The client keeps the keys, and asks again for one that it does not know.
with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5) as answer:
    keys = jwt.PyJWKClient(json.load(answer)["jwks_uri"], cache_keys=False, lifespan=300, timeout=5)


# For each request.
def verify(token: str) -> dict:
    if jwt.get_unverified_header(token).get("typ", "").lower() != typ.lower():
        raise jwt.InvalidTokenError("not an access token")
    key = keys.get_signing_key_from_jwt(token)
    required = ["iss", "aud", "exp", "iat", "sub", "jti", "client_id"]
    # The algorithm is the key's, never the one that the token asks for.
    return jwt.decode(
        token,
        key.key,
        algorithms=[key.algorithm_name],
        issuer=issuer,
        audience=audience,
        options={"require": required},
    )


for line in sys.stdin:
    print(json.dumps(verify(line.strip())))
