#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`slicewise profile` as its users meet it: killed and resumed, interrupted, against emulated endpoints, with processes that
serve and that fail, with a slicewise-replay whose latencies are known.

usage: profile_test.py PROGRAM
"""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE_S = 240

SIMULATED = """name: sim
gpu: a100-sxm4-80gb
mechanism: hami
engine: {max_model_len: 4096, cuda_graphs: false}
prompt_tokens: 256
output_tokens: 64
models: [qwen3-0.6b, qwen3-1.7b, llama-3.2-1b]
alone: {shares: [0.25, 0.5, 1], concurrency: [1, 8]}
together: {pairs: all, triples: all, shares: random, concurrency: [1, 4, 8]}
repeats: 4
duration: {requests: 400, least_s: 60, most_s: 300, warm_up_s: 5}
"""

# Two engines whose steps are host-bound and whose GPU is their own: what one does changes little of the other.
MIX = """gpu: a100-sxm4-80gb
mechanism: mps
tenants:
  - {name: a, model: qwen3-0.6b, share: 0.5, memory_gib: 30, engine: {max_model_len: 4096},
     load: {concurrency: 2, prompt_tokens: 128, output_tokens: 16}}
  - {name: b, model: qwen3-1.7b, share: 0.5, memory_gib: 30, engine: {max_model_len: 4096},
     load: {concurrency: 2, prompt_tokens: 128, output_tokens: 16}}
"""

ENDPOINTS = """name: ends
gpu: a100-sxm4-80gb
mechanism: mps
engine: {max_model_len: 4096}
prompt_tokens: 128
output_tokens: 16
models:
  - {name: a, model: qwen3-0.6b, share: 0.5, memory_gib: 30, url: "%s"}
  - {name: b, model: qwen3-1.7b, share: 0.5, memory_gib: 30, url: "%s/v1"}
together: {pairs: all, concurrency: 2}
repeats: 1
duration: {requests: 1000, least_s: 3, most_s: 3, warm_up_s: 1}
endpoints: {}
metrics: {interval_s: 0.2}
"""

PROCESSES = """name: procs
gpu: a100-sxm4-80gb
mechanism: mps
engine: {max_model_len: 4096}
prompt_tokens: 64
output_tokens: 8
models:
  - {name: good, model: qwen3-0.6b}
  - {name: dies, model: qwen3-0.6b, variables: {then: "(sleep 1.2; kill -9 $$) &"}}
alone: {concurrency: 1}
repeats: 1
duration: {least_s: 1, most_s: 1, warm_up_s: 0.5}
processes:
  command: [sh, -c, '%s exec "$0" emulate "$1" --port {port}', "%s", "%s"]
  ready_s: 20
metrics: {nvml: false}
"""

REPLAY = """name: replay
gpu: a100-sxm4-80gb
mechanism: mps
engine: {max_model_len: 4096}
prompt_tokens: 8
output_tokens: 5
models: [{name: a, model: qwen3-0.6b}, {name: b, model: qwen3-1.7b}]
alone: {shares: [0.1, 0.5], concurrency: 1}
together: {pairs: all, concurrency: 1}
repeats: 1
duration: {least_s: 2, most_s: 2, warm_up_s: 0.5}
replay:
  command: ["%s", "%s"]
  environment: {FAKE_SHARE: "{share}"}
  lead_s: 1
metrics: {nvml: false}
"""

failures = []


def check(condition, *what):
    if not condition:
        failures.append(what)
        print("FAILED", *what)


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def rows(path, columns, order="experiment, repeat, place"):
    """Of runs joined with their engines, read as anybody would."""
    with sqlite3.connect(path) as db:
        return db.execute(f"SELECT {columns} FROM runs JOIN engines ON engines.run = runs.id "
                          f"ORDER BY {order}").fetchall()


def count_runs(path):
    """0 also where a kill came before the file, or its tables, were there. (To look for tables makes an empty file.)"""
    if not os.path.exists(path):
        return 0
    with sqlite3.connect(path) as db:
        there = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'engines'").fetchone()[0]
    return len(rows(path, "runs.id")) if there else 0


def profile(program, *words, patience=PATIENCE_S):
    return subprocess.run([program, "profile", *words], capture_output=True, text=True,
                          timeout=patience, check=False)


RESULTS = ("experiment, repeat, seed, mix, tenant, ttft_mean_ms, ttft_p99_ms, tpot_mean_ms, "
           "output_tok_s, requests, running, kv_used")


def check_killed(program, folder):
    """Killed without warning again and again, then resumed: the same data set, run for run."""
    campaign = write(folder, "sim.yaml", SIMULATED)
    whole, broken = (os.path.join(folder, name) for name in ("whole.db", "broken.db"))
    done = profile(program, campaign, "-o", whole, "-j", "2")
    check(done.returncode == 0, "uninterrupted", done.stderr)
    kills, kept, patience = 0, 0, 0.3
    for _ in range(40):
        process = subprocess.Popen([program, "profile", campaign, "-o", broken, "-j", "2"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(patience)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            patience *= 1.3  # a slow machine, or a sanitizer, must come to an end too
        now = count_runs(broken)
        check(now >= kept, "no run is lost", kept, now)
        kept = now
    check(kills > 0, "it was killed", kills)
    done = profile(program, campaign, "-o", broken, "--format", "json")
    said = json.loads(done.stdout)["runs"]
    check(said == {"planned": 88, "kept_before": 88, "done": 0, "failed": 0}, said)
    check(rows(whole, RESULTS) == rows(broken, RESULTS), f"killed {kills} times: the same")


def check_interrupted(program, folder):
    """Ctrl-C: what is kept is said, how to go on too, and the exit status tells."""
    campaign = write(folder, "sim.yaml", SIMULATED)
    data = os.path.join(folder, "interrupted.db")
    process = subprocess.Popen([program, "profile", campaign, "-o", data, "-j", "1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(0.6)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_S)
    match = re.search(r"stopped with (\d+) of 88 runs kept; the same command goes on", said)
    check(process.returncode == 4 and match, "interrupted", process.returncode, said)
    if match:
        with sqlite3.connect(data) as db:
            kept = db.execute("SELECT count(*) FROM runs").fetchone()[0]
        check(kept == int(match.group(1)), "kept as said", kept, said)


class Emulated:
    """Endpoints of a mix, while this lives."""

    def __init__(self, program, mix):
        self.process = subprocess.Popen([program, "emulate", mix, "--port", "0", "--format", "csv"],
                                        stdout=subprocess.PIPE, text=True)
        lines = [self.process.stdout.readline() for _ in range(3)]
        self.urls = [line.split(",")[2].strip() for line in lines[1:]]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def check_endpoints(program, folder):
    """Beside the simulator that paces them: TPOT and rates agree; the engines' own metrics are there."""
    mix = write(folder, "mix.yaml", MIX)
    data = os.path.join(folder, "ends.db")
    with Emulated(program, mix) as emulated:
        done = profile(program, write(folder, "ends.yaml", ENDPOINTS % tuple(emulated.urls)), "-o", data)
    check(done.returncode == 0, "endpoints", done.stderr)
    said = subprocess.run([program, "simulate", mix, "--no-slowdown", "--format", "json"],
                          capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    simulated = json.loads(said.stdout)["tenants"]
    measured = rows(data, "tenant, tpot_p50_ms, output_tok_s, running, kv_used, preemptions, "
                          "requests, source, started_s, duration_s")
    check([m[0] for m in measured] == ["a", "b"], measured)
    for m, s in zip(measured, simulated):
        check(abs(m[1] / s["tpot_ms"]["p50"] - 1) < 0.15, "TPOT", m, s["tpot_ms"])
        check(abs(m[2] / s["output_tokens_per_s"] - 1) < 0.25, "rate", m, s["output_tokens_per_s"])
        check(0.5 < m[3] <= 2 and 0 < m[4] < 0.1 and m[5] == 0, "the engine's own", m)
        check(abs(m[6] - 3 * m[2] / 16) < 12, "requests of the window", m)
        check(m[7] == "endpoints" and abs(m[8] - time.time()) < 120 and m[9] == 3, "when", m)
    with sqlite3.connect(data) as db:
        of = db.execute("SELECT entity, count(*), min(time_s), max(time_s) FROM samples WHERE "
                        "metric = 'vllm:num_requests_running' GROUP BY entity ORDER BY 1").fetchall()
    check([x[0] for x in of] == ["a", "b"] and all(x[1] >= 15 and x[2] < 0 and x[3] > 3 for x in of),
          "samples before, in and after the window", of)


def check_nobody(program, folder):
    """Endpoints that are not there: rows that say so, and a failure."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        data = os.path.join(folder, "nobody.db")
        done = profile(program, write(folder, "nobody.yaml", ENDPOINTS % (url, url)), "-o", data)
    check(done.returncode == 4 and "every run failed" in done.stderr, "nobody there", done)
    check(all(url in r[0] for r in rows(data, "runs.failed")), "why", rows(data, "runs.failed"))


def check_processes(program, folder):
    """One serves, one dies in the middle: a row with numbers and a row with a reason. Nobody is left."""
    mix = write(folder, "alone.yaml", MIX.split("  - {name: b")[0])
    data = os.path.join(folder, "procs.db")
    text = PROCESSES % ("{then}", program, mix)
    text = text.replace("{name: good, model: qwen3-0.6b}",
                        "{name: good, model: qwen3-0.6b, variables: {then: ''}}")
    done = profile(program, write(folder, "procs.yaml", text), "-o", data)
    check(done.returncode == 0 and "1 of 2 runs failed" in done.stderr, "processes", done)
    found = rows(data, "tenant, tpot_mean_ms, runs.failed", "tenant")
    check(found[1][0] == "good" and found[1][1] > 0 and found[1][2] is None, found)
    check(found[0][1] is None and "dies: it was ended by signal 9" in found[0][2], found)
    left = subprocess.run(["pgrep", "-f", mix], capture_output=True, text=True, check=False).stdout
    check(left == "", "nobody is left", left)


def check_disturbed(program, folder):
    """A program that is none of the mix keeps the engine's CPU busy: what it took is told, and more than is allowed is a failed run."""
    cpu = min(os.sched_getaffinity(0))
    if not os.path.exists("/proc/self/schedstat"):
        return
    mix = write(folder, "disturbed-mix.yaml", MIX.split("  - {name: b")[0])
    text = PROCESSES.split("  - {name: dies")[0] + PROCESSES[PROCESSES.index("alone:"):]
    text = (text % ("", program, mix)).replace("ready_s: 20", f"cpus: [{cpu}]")
    strict = text.replace(f"cpus: [{cpu}]", f"cpus: [{cpu}]\n  others_most: 0.00001")
    with subprocess.Popen(["taskset", "-c", str(cpu), sys.executable, "-c", "while True: pass"]) as busy:
        done = [profile(program, write(folder, name + ".yaml", t), "-o", os.path.join(folder, name + ".db"))
                for name, t in (("told", text), ("strict", strict))]
        busy.kill()
    check(done[0].returncode == 0 and "failed" not in done[0].stderr, "told", done[0])
    with sqlite3.connect(os.path.join(folder, "told.db")) as db:
        found = dict(db.execute("SELECT metric, value FROM samples WHERE source = 'host'"))
    check(sorted(found) == ["others", "speed_gb_s", "taken", "waited"] and found["speed_gb_s"] > 0 and found["others"] > 0.05 and
          found["taken"] == min(found["others"], found["waited"]), "what others took", found)
    why = rows(os.path.join(folder, "strict.db"), "runs.failed")
    check(len(why) == 1 and "disturbed: other programs took up to" in str(why[0][0]), "strict", done[1], why)


def check_replay(program, folder):
    data = os.path.join(folder, "replay.db")
    text = REPLAY % (sys.executable, os.path.join(HERE, "plain_replay.py"))
    done = profile(program, write(folder, "replay.yaml", text), "-o", data)
    check(done.returncode == 0 and "2 of 5 runs failed" in done.stderr, "replay", done)
    for tenant, engines, share, ttft, tpot, requests, rate, failed in rows(
            data, "tenant, engines, share, ttft_mean_ms, tpot_p50_ms, requests, requests_per_s, "
                  "runs.failed"):
        if share == 0.1:
            check(failed == f"{tenant}: it ended with status 3: no such slice", failed)
            continue
        check(failed is None and abs(ttft - 10) < 1e-6 and abs(tpot - 2 * engines) < 1e-6 and
              requests == 20 and abs(rate - 10) < 1e-9, "replay", tenant, ttft, tpot, requests)


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="slicewise-profile-") as folder:
        for part in (check_killed, check_interrupted, check_endpoints, check_nobody, check_processes,
                     check_disturbed, check_replay):
            part(program, folder)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
