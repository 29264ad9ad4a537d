#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program from a mix file to rows, records and refusals, on the emulated GPU.

usage: replay_serve_test.py PROGRAM
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

TINY = {"model_type": "llama", "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 64, "vocab_size": 64,
        "max_position_embeddings": 256, "torch_dtype": "bfloat16"}
MIX = """gpu: l4
mechanism: mps
tenants:
  - {name: a, model: ./tiny.json, share: 0.5, memory_gib: 0.9, engine: {max_num_seqs: 4,
     max_num_batched_tokens: 32, max_model_len: 128, cuda_graphs: false, kv_cache_tokens: 1600},
     load: {concurrency: 2, prompt_tokens: 20, output_tokens: 4}}
  - {name: b, model: %s, share: 0.5, memory_gib: 20, engine: {max_model_len: 128},
     load: {rate: 1, prompt_tokens: 20, output_tokens: 4}}
"""
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)


def run(program, folder, *words, **environment):
    # The check that comes before everything takes the CPU seconds: one of the runs below does not leave it out.
    first = [] if words[:1] != ("mix.yaml",) or "--checked" in words else ["--unchecked"]
    words = [w for w in words if w != "--checked"]
    return subprocess.run([program, *words, *first], cwd=folder, capture_output=True, text=True,
                          timeout=120, check=False, env={**os.environ, **environment})


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def check_serving(program, folder):
    words = ("mix.yaml", "--tenant", "a", "--duration", "3", "--warm-up", "0.1", "--experiment",
             "e1", "--records", "r.jsonl", "--rows", "rows.csv")
    for more in (("--checked",), ()):
        done = run(program, folder, *words, *more)
        check(done.returncode == 0, f"serving: {done.stderr}")
    rows = list(csv.DictReader(open(os.path.join(folder, "rows.csv"), encoding="utf-8")))
    check(len(rows) == 2, f"{len(rows)} rows of two runs")
    check(all(r["experiment"] == "e1" and r["tenant"] == "a" and r["mechanism"] == "mps" and
              float(r["ttft_p50_ms"]) > 0 and float(r["tpot_mean_ms"]) > 0 and
              float(r["output_tok_s"]) > 0 for r in rows), f"rows: {rows}")
    lines = [json.loads(x) for x in open(os.path.join(folder, "r.jsonl"), encoding="utf-8")]
    requests = [x for x in lines if x["type"] == "request"]
    steps = [x for x in lines if x["type"] == "step"]
    check(len(requests) > 1 and len(steps) > 4, f"{len(requests)} requests, {len(steps)} steps")
    check(all(x["arrival_s"] <= x["first_token_s"] <= x["last_token_s"] for x in requests),
          "times of requests are in order")
    check({x["phase"] for x in steps} <= {"decode", "prefill", "mixed"}, "phases")
    check(sum(x["decodes"] for x in steps) >= 3 * len(requests), "three decodes a request")


def check_steps(program, folder):
    done = run(program, folder, "mix.yaml", "--tenant", "a", "--steps", "--duration", "9",
               "--rows", "steps.csv")
    check(done.returncode == 0, f"steps: {done.stderr}")
    rows = list(csv.DictReader(open(os.path.join(folder, "steps.csv"), encoding="utf-8")))
    check({r["phase"] for r in rows} == {"decode"} and len(rows) > 3, f"steps: {rows}")
    check(all(float(r["latency_ms"]) > 0 and r["share"] == "0.5" for r in rows), "step rows")


def check_refusals(program, folder):
    cases = [
        (("mix.yaml", "--tenant", "c"), 1, "the mix has none"),
        (("mix.yaml", "--tenant", "a", "--warm-up", "60"), 1, "less than --duration"),
        (("mix.yaml", "--tenant", "b"), 3, "for weights"),
        (("none.yaml",), 4, "none.yaml"),
        (("mix.yaml", "--tenant", "a", "--gpu", "1"), 77, "GPU 1"),
        (("mix.yaml", "--frob"), 1, "frob"),
        ((), 1, "MIX.yaml"),
        (("mix.yaml", "--tenant", "a", "--start-at", "5"), 4, "too late"),
        (("mix.yaml", "--tenant", "a", "--records", "no/such/file"), 4, "no/such/file"),
    ]
    for words, status, part in cases:
        done = run(program, folder, *words)
        check(done.returncode == status and part in done.stderr,
              f"{words}: {done.returncode}, {done.stderr}")
        check(done.stdout == "", f"{words}: nothing on standard output")


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "tiny.json", json.dumps(TINY))
        write(folder, "mix.yaml", MIX % "qwen3-0.6b")
        check_serving(program, folder)
        check_steps(program, folder)
        check_refusals(program, folder)
        check("--duration" in run(program, folder, "--help").stdout, "help")
    for failure in failures:
        print("failed:", failure)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
