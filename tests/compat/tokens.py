"""Tokens that must be accepted, got by curl, and tokens that must be refused: made from good ones, or by servers that are
not the issuer."""

import base64
import json
import subprocess

from house import APP, House, header, other, resource
from running import free_port
from strangers import PROFILES


def encoded(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def with_header(token, **changed) -> str:
    _, _, rest = token.partition(".")
    return f"{encoded(header(token) | changed)}.{rest}"


def changed(token) -> str:
    """Another signature: as long, and not the right one."""
    body, _, signature = token.rpartition(".")
    return f"{body}.{'AB'[signature[9] == 'A'].join((signature[:9], signature[10:]))}"


def unsigned(token) -> str:
    return with_header(token, alg="none").rpartition(".")[0] + "."


def by_curl(house, audience) -> list:
    """Good tokens, the key shown in each of the ways that there are."""
    ways = (
        ("-u", f"{APP}:{house.key}"),
        ("-d", f"client_id={APP}", "-d", f"client_secret={house.key}"),
        ("-H", f"Authorization: Bearer {house.key}"),
        ("-H", f"X-API-Key: {house.key}"),
    )
    command = ("curl", "--silent", "--show-error", "--fail-with-body", "--max-time", "20", f"{house.issuer}/oauth/token")
    wish = ("-d", "grant_type=client_credentials", "-d", "scope=orders:read", "--data-urlencode", f"resource={audience}")
    answers = (subprocess.run(command + wish + way, check=True, capture_output=True).stdout for way in ways)
    return [json.loads(answer)["access_token"] for answer in answers]


def bad_tokens(house) -> dict:
    """For each profile: what is wrong, the token, and what a service says to it."""
    bad = {profile: [] for profile in PROFILES}
    another = f"http://127.0.0.1:{free_port()}"
    with house.node_with(HALLPASS_ISSUER=another) as node:
        for profile, list_ in bad.items():
            list_.append(("of another issuer", house.token(resource(profile), at=node), 401))
    forger = House(house.hallpass, house.folder / "forger", issuer=house.issuer)
    try:
        forger.open()
        for profile, list_ in bad.items():
            forged = forger.token(resource(profile), at=forger.node(forger.ports[0]))
            list_.append(("signed with a key of its own", forged, 401))
            known = header(house.token(resource(profile)))["kid"]
            list_.append(("signed with a key of its own that it calls ours", with_header(forged, kid=known), 401))
    finally:
        forger.close()
    for profile, list_ in bad.items():
        good = house.token(resource(profile))
        list_.append(("for another service", house.token(other(profile)), 401))
        list_.append(("with another signature", changed(good), 401))
        list_.append(("without a signature", unsigned(good), 401))
        list_.append(("without the scope", house.token(resource(profile), scope="orders:write"), 403))
        list_.append(("nothing", None, 401))
        list_.append(("no token", f"{APP}.a.token", 401))
    return bad
