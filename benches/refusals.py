#!/usr/bin/env python3
"""Whether the time of a refusal tells what is wrong with a key.

Usage: benches/refusals.py target/release/hallpass [SAMPLES]

Starts `hallpass dev` in a folder of its own, shows it malformed, unknown, wrong, disabled and revoked keys in random order
over one connection, and compares the times of each two kinds (two-sample Kolmogorov-Smirnov). A ratio is the distance over
the one that chance alone exceeds in one of twenty comparisons: above 1 for a few of ten pairs is chance, far above is a leak.
"""

import itertools
import json
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BODY = "grant_type=client_credentials"


def letters(count):
    return "".join(random.choices(ALPHABET, k=count))


def key_text(key_id, secret):
    covered = f"hp_live_{key_id}_{secret}"
    check, rest = "", zlib.crc32(covered.encode())
    for _ in range(6):
        check, rest = ALPHABET[rest % 62] + check, rest // 62
    return covered + check


def distance(one, other):
    """The largest gap between two distributions."""
    one, other = sorted(one), sorted(other)
    at, beside, widest = 0, 0, 0.0
    while at < len(one) and beside < len(other):
        if one[at] <= other[beside]:
            at += 1
        else:
            beside += 1
        widest = max(widest, abs(at / len(one) - beside / len(other)))
    return widest


def measure(program, folder, samples):
    def command(*arguments):
        done = subprocess.run([program, *arguments, "--data", folder], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    server = subprocess.Popen(
        [program, "dev", "--json", "--data", folder, "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        host, port = json.loads(server.stdout.readline())["issuer"].removeprefix("http://").split(":")
        known, disabled, revoked = (command("keys", "create", "demo", "--name", name) for name in ("k", "d", "r"))
        command("keys", "disable", disabled.split("_")[2])
        command("keys", "revoke", revoked.split("_")[2], "--reason", "measured")
        time.sleep(1)
        kinds = {
            "malformed": lambda: f"hp_live_{letters(55)}",
            "unknown": lambda: key_text(letters(16), letters(32)),
            "wrong": lambda: key_text(known.split("_")[2], letters(32)),
            "disabled": lambda: disabled,
            "revoked": lambda: revoked,
        }
        wire = socket.create_connection((host, int(port)))
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = {kind: [] for kind in kinds}
        order = [kind for kind in kinds for _ in range(samples)]
        random.shuffle(order)
        for kind in order:
            time.sleep(random.random() * 0.004)
            request = (
                f"POST /oauth/token HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kinds[kind]()}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(BODY)}\r\n\r\n{BODY}"
            )
            began = time.perf_counter()
            wire.sendall(request.encode())
            answer = wire.recv(65536)
            times[kind].append(time.perf_counter() - began)
            assert b" 401 " in answer, answer
        return times
    finally:
        server.terminate()
        server.wait()


def main():
    program, samples = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1500
    with tempfile.TemporaryDirectory() as folder:
        times = measure(program, folder, samples)
    by_chance = 1.36 * (2 / samples) ** 0.5
    for kind, spans in times.items():
        print(f"{kind:10} median {statistics.median(spans) * 1000:.2f} ms")
    for one, other in itertools.combinations(times, 2):
        print(f"{one:10} {other:10} {distance(times[one], times[other]) / by_chance:.2f}")


if __name__ == "__main__":
    main()
