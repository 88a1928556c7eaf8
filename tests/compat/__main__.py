"""Verifiers and OAuth clients that others wrote, against a running Hallpass: what each does, from its first token to an
emergency rotation. What was found goes into a file; page.py makes the table of such files."""

import argparse
import json
import shutil
import signal
import sys
import time
from pathlib import Path

from calling import Calling
from house import APP, CALLED, House, resource
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
    folder = chosen.found.resolve().with_suffix("")  # it stays, with what everybody said, when something is wrong
    shutil.rmtree(folder, ignore_errors=True)
    hallpass = str(Path(chosen.hallpass).resolve())
    house = House(hallpass, folder / "house", chosen.behind_nginx, behind_nginx=bool(chosen.behind_nginx))
    running = [house]
    try:
        house.open()
        say(f"Hallpass is at {house.issuer}")

        def service(stranger, audience, profile):
            alg, typ = PROFILES[profile]
            log = folder / f"verify-{stranger.language}-{stranger.program}-{profile}.log"
            variables = {"ISSUER": house.issuer, "AUDIENCE": audience, "ALG": alg, "TYP": typ}
            variables |= {"JWKS_MAX_AGE": str(MAX_AGE), "JWKS_PAUSE": str(PAUSE)}
            running.append(Service(stranger, profile, stranger.command(chosen.packages), log, variables))
            return running[-1]

        def caller(stranger, key):
            log = folder / f"client-{stranger.language}-{stranger.program}.log"
            variables = {"ISSUER": house.issuer, "CLIENT_ID": APP, "CLIENT_SECRET": key}
            variables |= {"RESOURCE": CALLED, "SERVICE": called.url}
            running.append(Caller(stranger, stranger.command(chosen.packages), log, variables))
            return running[-1]

        # Behind nginx profiles are no others than elsewhere.
        tried = ((one, [one.profile] if chosen.behind_nginx else PROFILES) for one in verifiers)
        services = [service(one, resource(profile), profile) for one, profiles in tried for profile in profiles]
        verifying = Verifying(house, services, say)
        verifying.profiles()
        called = service(next((one for one in verifiers if one.name == "go-oidc"), verifiers[0]), CALLED, "standard")
        called.wait()
        calling = Calling(house, [caller(one, house.key) for one in clients], say)
        with_a_wrong_key = [caller(one, f"{house.key[:-8]}abcdefgh") for one in clients]
        verifying.expiring()
        verifying.unknown_keys()
        calling.first_calls(with_a_wrong_key)
        verifying.rotation()
        calling.all_is_well("after a rotation")
        verifying.expiry()
        verifying.outage(calling.meanwhile)
        calling.all_is_well("after an outage")
        verifying.emergency_in_silence()
        calling.all_is_well("after an emergency rotation")
        verifying.emergency_with_traffic(calling.all_is_well, calling.after_emergency)
    finally:
        for one in reversed(running):
            (one.close if one is house else one.stop)()
    wrong = verifying.wrong + calling.wrong
    say("\n".join(wrong) if wrong else "all is as the docs say")
    whole = not chosen.without and not chosen.only and not wrong
    found = {"verifiers": verifying.found, "clients": calling.found, "whole": whole}
    chosen.found.write_text(json.dumps(found, indent=2))
    if not wrong:
        shutil.rmtree(folder)
    return 1 if wrong else 0


sys.exit(main())
