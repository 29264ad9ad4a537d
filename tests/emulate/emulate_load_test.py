#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`slicewise load` against `slicewise emulate`: what the client measured is what the server's metrics say, and what the
simulator says of the same mix.

usage: emulate_load_test.py PROGRAM
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

MIX = """
gpu: l40s
mechanism: mps
tenants:
  - {name: a, model: qwen3-0.6b, share: 0.5, engine: {max_model_len: 4096, gpu_memory_utilization: 0.4},
     load: {rate: 8, prompt_tokens: 400, output_tokens: 40}}
  - {name: b, model: qwen3-1.7b, share: 0.5, engine: {max_model_len: 4096, gpu_memory_utilization: 0.4},
     load: {concurrency: 4, prompt_tokens: 600, output_tokens: 60}}
"""
LOADS = (["--rate", "8", "--prompt-tokens", "400", "--output-tokens", "40"],
         ["--concurrency", "4", "--prompt-tokens", "600", "--output-tokens", "60"])
SECONDS = "6"
# Sending, two threads that wake, and the way back: these machines are noisy. What would be wrong is wrong by a step or more.
SLACK_MS, PART = 8.0, 0.15
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)


def metrics_of(url):
    """Name of a sample without labels, or with le, to its value."""
    with urllib.request.urlopen(url + "/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = {}
    for name, labels, value in re.findall(r"^([\w:]+)\{(.*?)\} (\S+)$", text, re.M):
        bound = re.search(r'le="([^"]+)"', labels)
        key = (name, bound.group(1)) if bound else name
        found[key] = found.get(key, 0.0) + float(value)
    return found


def mean_ms(metrics, name):
    return 1000 * metrics[f"vllm:{name}_seconds_sum"] / metrics[f"vllm:{name}_seconds_count"]


def interval_ms(metrics, name, part):
    """The bucket that this percentile lies in."""
    total, below = metrics[f"vllm:{name}_seconds_count"], 0.0
    bounds = sorted((float(key[1]), value) for key, value in metrics.items()
                    if isinstance(key, tuple) and key[0] == f"vllm:{name}_seconds_bucket")
    for bound, count in bounds:
        if count >= part * total:
            return 1000 * below, 1000 * bound
        below = bound
    return 1000 * below, float("inf")


def near(client_ms, server_ms):
    return abs(client_ms - server_ms) <= SLACK_MS + PART * server_ms


def compare(name, client, metrics):
    done = client["outcomes"]["ok"]
    check(done > 20 and done == metrics["vllm:request_success_total"],
          f"{name}: {done} requests, {metrics['vllm:request_success_total']} by the server")
    for ours, theirs in (("ttft_ms", "time_to_first_token"), ("itl_ms", "inter_token_latency"),
                         ("tpot_ms", "request_time_per_output_token"),
                         ("e2e_ms", "e2e_request_latency")):
        check(near(client[ours]["mean"], mean_ms(metrics, theirs)),
              f"{name}: {ours} mean {client[ours]['mean']}, {mean_ms(metrics, theirs)} by the server")
        low, high = interval_ms(metrics, theirs, 0.95)
        check(low * (1 - PART) - SLACK_MS <= client[ours]["p95"] <= high * (1 + PART) + SLACK_MS,
              f"{name}: {ours} p95 {client[ours]['p95']}, {low} to {high} by the server")


def load(program, url, words):
    return subprocess.Popen([program, "load", url, *words, "--duration", SECONDS, "--token-ids",
                             "100:20000", "--format", "json"], stdout=subprocess.PIPE, text=True)


def run(program, folder):
    path = os.path.join(folder, "mix.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(MIX)
    server = subprocess.Popen([program, "emulate", path, "--port", "0", "--format", "json"],
                              stdout=subprocess.PIPE, text=True)
    try:
        text = ""
        while not text.rstrip().endswith("]\n}"):
            text += server.stdout.readline()
        engines = json.loads(text)["engines"]
        clients = [load(program, e["url"], words) for e, words in zip(engines, LOADS)]
        measured = [json.loads(c.communicate(timeout=60)[0]) for c in clients]
        for engine, client in zip(engines, measured):
            compare(engine["name"], client, metrics_of(engine["url"]))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
    simulated = json.loads(subprocess.run([program, "simulate", path, "--no-slowdown", "--duration", "60",
                                           "--repetitions", "3", "--format", "json"],
                                          capture_output=True, text=True, check=True).stdout)
    for client, tenant in zip(measured, simulated["tenants"]):
        check(near(client["tpot_ms"]["mean"], tenant["tpot_ms"]["mean"]),
              f"{tenant['name']}: TPOT {client['tpot_ms']['mean']}, simulated {tenant['tpot_ms']['mean']}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        run(sys.argv[1], folder)
    for failure in failures:
        print("failed:", failure)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
