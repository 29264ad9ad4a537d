#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`slicewise load` against servers that misbehave: every failure is counted as what it is, and nothing hangs or swells.

usage: load_test.py PROGRAM
"""

import asyncio
import csv
import json
import os
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bad_server import BadServer  # noqa: E402

REQUESTS = 6
TIMEOUT_S = 1.0
# Of a run, however the server behaves; sanitizers and busy machines included.
WALL_MAX_S = 20
RESIDENT_MAX_KIB = 600 * 1024

# Behaviour: the outcome of every request.
OUTCOMES = {
    "good": "ok", "short": "ok", "cut": "cut", "no_end": "cut", "empty": "cut",
    "garbage": "garbage", "html": "garbage", "not_json": "garbage", "error_event": "error",
    "status_404": "http_4xx", "status_503": "http_5xx", "endless_503": "http_5xx",
    "redirect": "http_3xx", "never": "timed_out", "slow_header": "timed_out",
    "endless_headers": "garbage", "endless_line": "endless", "endless_stream": "endless",
    "endless_body": "endless", "drip": "too_slow", "hangs_in_the_middle": "too_slow",
}

failures = []


def check(condition, *what):
    if not condition:
        failures.append(" ".join(str(w) for w in what))
        print("FAILED:", *what)


async def load(program, *arguments):
    """Exit status, both streams, the largest resident size in KiB."""
    process = await asyncio.create_subprocess_exec(
        program, "load", *arguments, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE)
    peak = 0

    async def watch():
        nonlocal peak
        while process.returncode is None:
            try:
                with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
                    peak = max([peak] + [int(line.split()[1]) for line in file
                                         if line.startswith("VmHWM")])
            except OSError:
                pass
            await asyncio.sleep(0.02)

    watching = asyncio.create_task(watch())
    out, err = await asyncio.wait_for(process.communicate(), WALL_MAX_S)
    watching.cancel()
    return process.returncode, out.decode(), err.decode(), peak


def common(url, *more):
    return [url, "--model", "m", "--prompt-tokens", "20", "--output-tokens", "5", "--timeout",
            str(TIMEOUT_S), "--format", "json", *more]


async def check_behaviour(program, server, name, outcome, *loop):
    began = time.monotonic()
    status, out, err, peak = await load(
        program, *common(f"{server.url}/{name}", "--requests", str(REQUESTS), *loop))
    took = time.monotonic() - began
    document = json.loads(out)
    counts = {key: n for key, n in document["outcomes"].items() if n}
    check(counts == {outcome: REQUESTS}, name, loop, counts, document["messages"])
    check(status == (0 if outcome == "ok" else 4), name, "exit status", status)
    check((err == "") == (outcome == "ok"), name, "standard error:", err)
    check(took < WALL_MAX_S, name, "took", took)
    check(peak < RESIDENT_MAX_KIB, name, "took", peak, "KiB")
    if outcome == "ok":
        check(document["ttft_ms"]["n"] == REQUESTS, name, document["ttft_ms"])
        check(document["prompt_tokens"]["mean"] == 20, name, document["prompt_tokens"])
    else:
        check(document["ttft_ms"]["mean"] is None, name, document["ttft_ms"])


async def check_behaviours(program, server):
    open_loop = ("--rate", "100", "--burstiness", "0")
    for name, outcome in OUTCOMES.items():
        await check_behaviour(program, server, name, outcome, *open_loop)
    for name in ("good", "cut", "status_503", "never"):
        await check_behaviour(program, server, name, OUTCOMES[name], "--concurrency", "3")


async def check_others_go_on(program, server):
    """Requests are sent while others hang, in an open loop at their moments."""
    server.count = 0
    _, out, _, _ = await load(program, *common(
        f"{server.url}/one_in_three_hangs", "--rate", "60", "--burstiness", "0", "--duration", "1",
        "--timeout", "3"))
    document = json.loads(out)
    check(document["outcomes"]["ok"] == 40, "going on:", document["outcomes"])
    check(document["outcomes"]["timed_out"] == 19, "going on:", document["outcomes"])
    # Whoever waited for those that hang would send the last of them seconds late.
    check(0 <= document["send_lag_ms"]["p50"] < 1e3, "send lag", document["send_lag_ms"])


async def check_waiting_is_measured(program, server):
    """A server of 10 requests a second gets 20: the wait of a request counts from when it was due."""
    _, out, _, _ = await load(program, *common(
        f"{server.url}/one_at_a_time", "--rate", "20", "--burstiness", "0", "--requests", "20",
        "--timeout", "30"))
    document = json.loads(out)
    # The last of 20 is due after 1 s and served after 2.05 s.
    check(0.9e3 < document["ttft_ms"]["max"] < 3e3, "waiting:", document["ttft_ms"])
    check(0.4e3 < document["ttft_ms"]["p50"] < 2e3, "waiting:", document["ttft_ms"])


async def check_interrupt(program, server):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "requests.csv")
        process = await asyncio.create_subprocess_exec(
            program, "load", *common(f"{server.url}/good", "--concurrency", "2", "--duration",
                                     "1000", "--requests-out", path),
            stdout=asyncio.subprocess.PIPE)
        await asyncio.sleep(1.5)
        process.send_signal(signal.SIGINT)
        out, _ = await asyncio.wait_for(process.communicate(), WALL_MAX_S)
        document = json.loads(out)
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    check(process.returncode == 0, "interrupted: exit status", process.returncode)
    check(document["stopped"] is True, "interrupted:", document["stopped"])
    check(document["outcomes"]["ok"] > 2, "interrupted:", document["outcomes"])
    check(len(rows) == sum(document["outcomes"].values()), "interrupted:", len(rows), "rows")
    good = [float(row["ttft_ms"]) for row in rows if row["status"] == "ok"]
    check(len(good) == document["ttft_ms"]["n"], "rows that are ok:", len(good))
    check(abs(sum(good) / len(good) - document["ttft_ms"]["mean"]) < 1e-3, "mean of the rows")


async def check_forms(program, server):
    _, out, _, _ = await load(program, *common(f"{server.url}/good", "-n", "3", "-c", "1", "--chat"))
    check(json.loads(out)["outcomes"]["ok"] == 3, "chat:", out)
    _, out, _, _ = await load(program, *common(f"{server.url}/good", "-n", "3", "-c", "1",
                                               "--token-ids", "100:200"))
    check(json.loads(out)["prompt_tokens"]["mean"] == 20, "token ids:", out)
    _, out, _, _ = await load(program, *common(f"{server.url}/short", "-n", "3", "-c", "1"))
    check(json.loads(out)["short_outputs"] == 3, "short:", out)


async def check_nobody_there(program):
    async with BadServer() as server:
        url = server.url
    status, out, err, _ = await load(program, *common(url, "-n", "3", "-c", "1"))
    check(status == 4 and out == "" and url in err, "nobody there:", status, out, err)


async def main(arguments):
    program = os.path.abspath(arguments[0])
    async with BadServer() as server:
        await check_behaviours(program, server)
        await check_others_go_on(program, server)
        await check_waiting_is_measured(program, server)
        await check_interrupt(program, server)
        await check_forms(program, server)
    await check_nobody_there(program)
    print(f"{len(failures)} failures")
    # Connections that would be talked on for ever end with the process.
    sys.stdout.flush()
    os._exit(1 if failures else 0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
