"""Verifiers and OAuth clients that others wrote, against a running Hallpass: what each does, from its first token to an
emergency rotation. What was found goes into a file; page.py makes the table of such files."""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from calling import Calling
from house import APP, House, resource
from running import Caller, Service
from strangers import CLIENTS, LANGUAGES, PROFILES, VERIFIERS
from verifying import MAX_AGE, PAUSE, Verifying


def arguments():
    parser = argparse.ArgumentParser(prog="tests/compat", description=__doc__)
    parser.add_argument("hallpass", help="the program")
    parser.add_argument("packages", type=Path, help="where tests/run installed what the recipes need")
    parser.add_argument("found", type=Path, help="the file for what was found")
    parser.add_argument("--without", action="append", default=[], choices=LANGUAGES, help="a language that is not there")
    parser.add_argument("--behind-nginx", metavar="URL", help="two nodes on this empty PostgreSQL, behind nginx")
    parser.add_argument("--only", action="append", metavar="NAME", help="a library; may be repeated")
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started here ends here
    began = time.monotonic()
    place = "behind nginx" if chosen.behind_nginx else "one node"

    def say(words):
        print(f"[{place}, {time.monotonic() - began:3.0f} s] {words}", flush=True)

    def takes_part(stranger):
        if stranger.language in chosen.without or (chosen.only and stranger.name not in chosen.only):
            return False
        return stranger.often or not chosen.behind_nginx

    verifiers, clients = ([one for one in all_ if takes_part(one)] for all_ in (VERIFIERS, CLIENTS))
    folder = Path(tempfile.mkdtemp(prefix="hallpass-compat."))
    hallpass = str(Path(chosen.hallpass).resolve())
    house = House(hallpass, folder / "house", chosen.behind_nginx, behind_nginx=bool(chosen.behind_nginx))
    running = [house]
    try:
        house.open()
        say(f"Hallpass is at {house.issuer}")
        services = []
        for stranger in verifiers:
            # Behind nginx profiles are no others than elsewhere.
            profiles = [stranger.profile] if chosen.behind_nginx else PROFILES
            for profile, (alg, typ) in ((profile, PROFILES[profile]) for profile in profiles):
                log = folder / f"verify-{stranger.language}-{stranger.program}-{profile}.log"
                variables = {"ISSUER": house.issuer, "AUDIENCE": resource(profile), "ALG": alg, "TYP": typ}
                variables |= {"JWKS_MAX_AGE": str(MAX_AGE), "JWKS_PAUSE": str(PAUSE)}
                services.append(Service(stranger, profile, stranger.command(chosen.packages), log, variables))
                running.append(services[-1])

        def callers(secret):
            for stranger in clients:
                log = folder / f"client-{stranger.language}-{stranger.program}.log"
                variables = {"ISSUER": house.issuer, "CLIENT_ID": APP, "CLIENT_SECRET": secret}
                variables |= {"RESOURCE": resource("standard"), "SERVICE": called.url}
                running.append(Caller(stranger, stranger.command(chosen.packages), log, variables))
                yield running[-1]

        verifying = Verifying(house, services, say)
        verifying.profiles()
        called = next((one for one in verifying.services if one.stranger.name == "go-oidc"), verifying.services[0])
        calling = Calling(house, list(callers(house.key)), say)
        with_a_wrong_key = list(callers(house.key[:-8] + "abcdefgh"))
        verifying.expiring()
        verifying.unknown_keys()
        calling.first_calls(with_a_wrong_key)
        verifying.rotation()
        calling.all_is_well("after a rotation")
        verifying.outage(calling.meanwhile)
        calling.all_is_well("after an outage")
        verifying.expiry()
        verifying.emergency_in_silence()
        verifying.emergency_with_traffic(calling.after_emergency)
    finally:
        for one in reversed(running):
            (one.close if one is house else one.stop)()
    wrong = verifying.wrong + calling.wrong
    say("\n".join(wrong) if wrong else "all is as the docs say")
    chosen.found.parent.mkdir(parents=True, exist_ok=True)
    whole = not chosen.without and not chosen.only and not wrong
    found = {"verifiers": verifying.found, "clients": calling.found, "whole": whole}
    chosen.found.write_text(json.dumps(found, indent=2))
    if not wrong:
        shutil.rmtree(folder)
    return 1 if wrong else 0


sys.exit(main())
