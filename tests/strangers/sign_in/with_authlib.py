"""A web app that signs people in with Authlib: `/login` sends a browser off, `/callback` says who came back."""

import os
from urllib.parse import urljoin, urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, request

ISSUER, REDIRECT_URI = os.environ["ISSUER"], os.environ["REDIRECT_URI"]

# Once, when the app starts.
app = Flask(__name__)
app.secret_key = os.urandom(32)
oauth = OAuth(app)
hallpass = oauth.register(
    "hallpass",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email offline_access", "code_challenge_method": "S256"},
)


# State, nonce and verifier are kept in the session, which is a signed cookie.
@app.get("/login")
def login():
    return hallpass.authorize_redirect(REDIRECT_URI)


# The library compares `state` and verifies the ID token; whoever has several providers compares `iss` too.
@app.get("/callback")
def callback():
    if request.args.get("iss") != hallpass.load_server_metadata()["issuer"]:
        return {"refused": "another provider answers"}, 400
    tokens = hallpass.authorize_access_token()
    userinfo = hallpass.userinfo(token=tokens)
    # Later, when the access token has expired: both tokens are new, the old ones are not kept.
    refreshed = hallpass.fetch_access_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    home = urljoin(REDIRECT_URI, "/")
    logout = hallpass.create_logout_url(post_logout_redirect_uri=home, id_token_hint=tokens["id_token"])
    claims = tokens["userinfo"]
    return {"claims": claims, "userinfo": userinfo, "tokens": tokens, "refreshed": refreshed, "logout": logout["url"]}


@app.errorhandler(OAuthError)
def refused(error: OAuthError):
    return {"refused": error.error}, 400


if __name__ == "__main__":
    app.run(port=urlsplit(REDIRECT_URI).port)
