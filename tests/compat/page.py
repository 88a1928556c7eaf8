"""Writes docs/reference/compatibility.md from what the runs found; where CI is set, holds the page against it instead.

Usage: page.py FOUND_WITH_ONE_NODE FOUND_BEHIND_NGINX
"""

import difflib
import json
import os
import sys
from pathlib import Path

from strangers import CLIENTS, HERE, PROFILES, VERIFIERS

# Of 30 tokens with unknown keys; somebody else may have asked for keys in between.
FEW, MANY = 4, 20
PAGE = HERE.parent.parent / "docs/reference/compatibility.md"
TEXT = """\
# Compatibility

Verifiers and OAuth clients that others wrote, unchanged, against a running Hallpass. `tests/run compat` runs the recipes
of [Verify tokens in other languages](../how-to/verify-elsewhere.md) and
[Get tokens with an OAuth library](../how-to/get-tokens-with-a-library.md) as they stand there, and writes this page from
what it found.

## Verifiers

Each was shown a right token, and tokens of another issuer, for another service, expired, without a signature, with a
changed one, with one of a foreign key under its own and under our name for it, and without the scope; then it lived
through a planned rotation, an outage of the issuer, and two emergencies. **✔** is the [profile](claims.md) to choose
for it, ✔ one that it takes as well, ✘ one that it refuses. Lines are those of the whole service.

{verifiers}

- **At an unknown `kid`**: what it does when a token names a key that it has not read. No library refused a token of ours
  because of a planned rotation, nor afterwards one of the key before.
- **A withdrawn key** is one that left the JWKS in an [emergency](../how-to/rotate-signing-keys.md#in-an-emergency). The
  times are those that the recipes set: 5 min as `Cache-Control` says, and 30 s between two looks for an unknown key. The
  first token of the new key is accepted at once, or after that pause.
- **While the issuer is away**, the tokens that are out are accepted until the keys are 5 min old; then as the table says.
  All come back by themselves.

## Clients

Each gets tokens by `client_credentials` and calls a service, through the same events.

{clients}

An app that is shown a 401 gets a new token and calls again, so an emergency costs it no call.

## Gateways

| | version | what it does |
| --- | --- | --- |
{gateways}
"""


def table(columns, rows) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)


def mark(stranger, profile, accepts) -> str:
    return "✘" if not accepts else "**✔**" if profile == stranger.profile else "✔"


def unknown(asked) -> str:
    if asked == 0:
        return "does not ask"
    if asked <= FEW:
        return "asks again, then not for 30 s"
    return "asks again, ten times a minute at most" if asked < MANY else "asks again, each time"


def withdrawn(found) -> str:
    match found["silent"], found["traffic"]:
        case "its age", "new token":
            return "5 min, or until the first token of the new key"
        case "its age", _:
            return "5 min"
        case _, "new token":
            return "until the first token of the new key"
        case _:
            return "until the first token of the new key, and 5 min longer"


def outage(statuses) -> str:
    return "goes on" if not statuses else f"answers {', '.join(map(str, statuses))}"


def says(its) -> list:
    return [unknown(its["unknown"]), withdrawn(its), outage(its["outage"])]


def verifiers(found) -> str:
    columns = ["library", "version", *PROFILES, "lines", "at an unknown `kid`"]
    columns += ["keeps a withdrawn key", "while the issuer is away", "notes"]
    rows = []
    for one in VERIFIERS:
        its = found[one.name]
        accepts = [mark(one, profile, its["profiles"][profile]) for profile in PROFILES]
        rows.append([one.name, one.version(), *accepts, one.lines(), *says(its), one.notes])
    return table(columns, rows)


def clients(found) -> str:
    columns = ["library", "version", "lines", "tokens for 5 calls", "calls that failed after an emergency"]
    columns += ["says of a wrong key", "notes"]
    rows = []
    for one in CLIENTS:
        its = found[one.name]
        rows.append([one.name, one.version(), one.lines(), its["tokens"], its["failed"], f"`{its['wrong_key']}`", one.notes])
    return table(columns, rows)


def differences(found) -> list:
    """What was found behind nginx and not with one node."""
    one, two = ({name: says(its) for name, its in verifiers.items()} for verifiers in found)
    return [f"{name}: {what}, and not {one[name]}" for name, what in two.items() if what != one[name]]


def gateways(found) -> str:
    names = ", ".join(dict.fromkeys([*found["verifiers"], *found["clients"]]))
    return (
        "| nginx | 1.22 or newer | [in front of two nodes](../how-to/proxy-and-tls.md#several-nodes), by turns: the same was "
        f"found with {names}. It checks no tokens; the services behind it do |"
    )


def main() -> int:
    found = [json.loads(Path(file).read_text()) for file in sys.argv[1:3]]
    if not all(one["whole"] for one in found):
        print(f"{PAGE.name} stays as it is: not every library took part")
        return 0
    if differ := differences([one["verifiers"] for one in found]):
        print("\n".join(["behind nginx it is otherwise:", *differ]))
        return 1
    text = TEXT.format(
        verifiers=verifiers(found[0]["verifiers"]), clients=clients(found[0]["clients"]), gateways=gateways(found[1])
    )
    if os.getenv("CI"):
        committed = PAGE.read_text() if PAGE.exists() else ""
        changes = list(difflib.unified_diff(committed.splitlines(), text.splitlines(), "committed", "found", lineterm=""))
        print("\n".join(changes) or f"{PAGE.name} says what was found")
        return 1 if changes else 0
    PAGE.write_text(text)
    print(f"{PAGE} is written")
    return 0


sys.exit(main())
