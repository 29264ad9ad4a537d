#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`slicewise load` on a real engine: what it measures and counts is what the engine measured and counted.

usage: load_real_test.py PROGRAM LLAMA_SERVER
"""

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from engine import Engine  # noqa: E402

SLOTS = 4
CLIENT_MAX_S = 300
# Between the engine's clock for a request and ours lie HTTP, a queue of tasks between its threads, and a machine that others
# use too: a few ms, sometimes a time slice of the scheduler. Medians are compared.
TTFT_TOLERANCE_MS, TPOT_TOLERANCE = 8, 0.10

failures = []


def check(condition, *what):
    print("ok    " if condition else "FAILED", *what)
    if not condition:
        failures.append(what)


def load(program, engine, folder, *arguments):
    """The results and the rows of requests."""
    path = os.path.join(folder, "requests.csv")
    done = subprocess.run(
        [program, "load", engine.url, "--token-ids", "0:94", "--timeout", "120", "--format", "json",
         "--requests-out", path, *arguments],
        stdout=subprocess.PIPE, timeout=CLIENT_MAX_S, check=False, text=True)
    check(done.returncode == 0, "exit status", done.returncode)
    with open(path, encoding="utf-8") as file:
        return json.loads(done.stdout), list(csv.DictReader(file))


def check_counts(name, rows, before, after):
    """Every request went well, with the lengths that were asked for; the engine computed as many tokens."""
    check(rows and all(row["status"] == "ok" for row in rows), f"{name}: {len(rows)} requests are ok")
    for what in ("prompt_tokens", "output_tokens"):
        check(all(row[what] == row[what + "_asked"] for row in rows), f"{name}: {what} as asked for")
    computed = sum(int(row["prompt_tokens"]) - int(row["cached_tokens"]) for row in rows)
    made = sum(int(row["output_tokens"]) for row in rows)
    check(after[0] - before[0] == computed,
          f"{name}: prompt tokens: the engine {after[0] - before[0]}, load {computed}")
    check(after[1] - before[1] == made,
          f"{name}: output tokens: the engine {after[1] - before[1]}, load {made}")


def check_summary(name, document, rows):
    counted = [float(row["ttft_ms"]) for row in rows if row["counted"] == "1"]
    check(abs(document["ttft_ms"]["mean"] - statistics.mean(counted)) < 1e-3,
          f"{name}: TTFT is the mean of {len(counted)} requests")
    lag = document["send_lag_ms"]["p50"]
    check(lag >= 0, f"{name}: nothing sent before its time; median send lag {lag:.3f} ms")


def check_times(name, rows):
    """One request at a time: TTFT is the engine's prompt time, TPOT its time per token."""
    ttft = statistics.median(float(r["ttft_ms"]) - float(r["server_prompt_ms"]) for r in rows)
    tpot = statistics.median(float(r["tpot_ms"]) * (int(r["output_tokens"]) - 1) /
                             float(r["server_output_ms"]) for r in rows)
    check(0 <= ttft < TTFT_TOLERANCE_MS, f"{name}: TTFT {ttft:.2f} ms above the engine's (median)")
    check(abs(tpot - 1) < TPOT_TOLERANCE, f"{name}: TPOT {tpot:.3f} of the engine's (median)")


RUNS = {
    "closed loop, 1 client": ("--concurrency", "1", "--requests", "24", "--prompt-tokens", "150",
                              "--output-tokens", "40"),
    "closed loop, 4 clients": ("--concurrency", "4", "--duration", "8", "--warm-up", "1",
                               "--prompt-tokens", "60:120", "--output-tokens", "20:40"),
    "open loop": ("--rate", "2", "--duration", "12", "--warm-up", "1", "--prompt-tokens", "60:120",
                  "--output-tokens", "20:40"),
    "open loop, half of every prompt shared": (
        "--rate", "2", "--requests", "16", "--prompt-tokens", "100", "--output-tokens", "10",
        "--prefix-hit-ratio", "0.5"),
}


def main(arguments):
    program, server = arguments
    with tempfile.TemporaryDirectory() as folder, Engine(server, folder, SLOTS) as engine:
        for name, options in RUNS.items():
            before = engine.counters()
            document, rows = load(program, engine, folder, *options)
            check_counts(name, rows, before, engine.counters())
            check_summary(name, document, rows)
            if "1 client" in name:
                check_times(name, rows)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
