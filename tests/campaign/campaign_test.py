#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole GPU campaign without a GPU: fake programs stand for slicewise-replay and the MPS daemon.

usage: campaign_test.py SLICEWISE
"""

import concurrent.futures
import csv
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.join(HERE, "..", "..", "bench", "gpu")
CAMPAIGN = os.path.join(BENCH, "campaign")
sys.path.insert(0, BENCH)
import experiments  # noqa: E402
import mechanisms  # noqa: E402
import outputs  # noqa: E402

RESULTS = {"steps.csv", "mixes.csv", "requests.csv.gz", "self-test.txt", "summary.txt"}
FIRST = "^steps-qwen3-0.6b-exclusive"
PAIRS = "dynamo-c1-50-50|2048x256-c1-"
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Place:
    """A folder with fakes on PATH, and what they wrote."""

    def __init__(self, slicewise):
        self.folder = tempfile.mkdtemp(prefix="campaign-test-")
        self.slicewise = slicewise
        self.bin, self.tmp, self.out = (os.path.join(self.folder, n) for n in ("bin", "tmp", "out"))
        os.mkdir(self.bin)
        os.mkdir(self.tmp)
        control = os.path.join(self.bin, "nvidia-cuda-mps-control")
        shutil.copy(os.path.join(HERE, "fake_mps_control.sh"), control)
        os.chmod(control, 0o755)
        self.replay = os.path.join(self.folder, "slicewise-replay")
        with open(self.replay, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec {sys.executable} -SEB {HERE}/fake_replay.py \"$@\"\n")
        os.chmod(self.replay, 0o755)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def words(self, *more):
        return [CAMPAIGN, self.out, "--replay", self.replay, "--slicewise", self.slicewise, *more]

    def environment(self, fakes):
        return {**os.environ, "PATH": self.bin + ":" + os.environ["PATH"], "TMPDIR": self.tmp,
                "FAKE_LOG": self.path("log"), "FAKE_MPS_LOG": self.path("mps"), **fakes}

    def run(self, *more, **fakes):
        return subprocess.run(self.words(*more), env=self.environment(fakes), text=True,
                              capture_output=True, timeout=60, check=False)

    def start(self, *more, **fakes):
        return subprocess.Popen(self.words(*more), env=self.environment(fakes), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def log(self):
        if not os.path.exists(self.path("log")):
            return []
        return [json.loads(line) for line in read(self.path("log")).splitlines()]

    def rows(self, name):
        return outputs.read_rows(os.path.join(self.out, name))

    def results(self):
        return set(os.listdir(self.out)) if os.path.exists(self.out) else set()

    def daemons_stopped(self):
        if not os.path.exists(self.path("mps")):
            return True
        pids = [int(w.split()[1]) for w in read(self.path("mps")).splitlines() if "start" in w]
        return bool(pids) and not any(os.path.exists(f"/proc/{pid}") for pid in pids)

    def clean(self):
        return self.daemons_stopped() and os.listdir(self.tmp) == []


def check_whole(place):
    """All mechanisms of one pair: order, surroundings, rows, summary."""
    done = place.run("--samples", "--only", f"^steps-qwen3-0.6b|{PAIRS}")
    check(done.returncode == 0, f"whole: {done.stderr}")
    words = [line["words"] for line in place.log()]
    check(words[:3] == [["--check"], ["--gpus"], ["--self-test"]], "checks come first")
    check(place.results() == RESULTS | {"samples.csv.gz"}, f"files: {place.results()}")
    check("below 70 %" in read(os.path.join(place.out, "self-test.txt")), "a slow engine measures")
    check(place.clean(), "whole: a daemon or a file is left")
    mixes, steps = place.rows("mixes.csv"), place.rows("steps.csv")
    check({r["mechanism"] for r in mixes} == {"exclusive", "mps", "timeslice", "green-context"},
          "mechanisms")
    check(mixes[0]["experiment"].startswith("alone-"), "alone before together")
    check(steps[0]["mechanism"] == "exclusive" and steps[-1]["mechanism"] == "mps", "steps' order")
    check(all(r["gpu"] == "h100-sxm" and r["sm_clock_mhz"] == "1755" and r["power_w"] == "401.5"
              and r["throttled_fraction"] == "1" and r["driver"] == "525.60.13" and
              r["gpu_name"].endswith("HBM3") and len(r["date"]) == 10 for r in mixes + steps),
          f"surroundings: {mixes[0]}")
    check_surroundings(place.log())
    check_watching(place.log()[3:])
    with gzip.open(os.path.join(place.out, "samples.csv.gz"), "rt", encoding="utf-8") as file:
        samples = list(csv.DictReader(file))
    check({s["experiment"] for s in samples} >= {r["experiment"] for r in mixes} and
          samples[-1]["power_w"] == "401.5", "samples of every experiment")
    with gzip.open(os.path.join(place.out, "requests.csv.gz"), "rt", encoding="utf-8") as file:
        requests = list(csv.DictReader(file))
    check(len(requests) == 3 * len(mixes) and requests[-1]["last_token_s"] == "0.7", "requests")
    text = read(os.path.join(place.out, "summary.txt"))
    check("dynamo-c1-50-50-timeslice" in text and "1.41" in text and text.count("MAPE") == 2 and
          "green-context: no prediction; 3 rows not compared" in text and text in done.stdout,
          "summary")


def check_whole_campaign(slicewise):
    with Place(slicewise) as place:
        check_whole(place)
        check_again(place)


def check_surroundings(log):
    """No process may be under a mechanism other than its row's."""
    starts = [line for line in log if "--start-at" in line["words"]]
    check(len(starts) == 4, f"{len(starts)} synchronised processes")
    for line in log[3:]:
        env, capped = line["env"], "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE" in line["env"]
        check(capped == env["CUDA_MPS_PIPE_DIRECTORY"].endswith("mps-pipe") or
              "--check" in line["words"], f"capped without a daemon: {line}")
    pair = [line["env"] for line in starts if "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT" in line["env"]]
    check(len(pair) == 2 and all(e["CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"] == "50" and
                                 e["CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"] == "0=38656M"
                                 for e in pair), f"MPS: {pair}")


def check_watching(log):
    """One process of an experiment looks at the GPU; strangers are refused unless engines come to each other or MPS is there."""
    for line in log:
        words, mps = line["words"], line["env"]["CUDA_MPS_PIPE_DIRECTORY"].endswith("mps-pipe")
        if "--check" in words:
            continue
        looks, second = "--samples" in words, "--start-at" in words and "b" in words
        check(looks == (not second) == ("none" not in words), f"who looks: {words}")
        check(not looks or ("--busy" in words) == (mps or "--start-at" in words), f"busy: {words}")


def check_again(place):
    """A second campaign into the same folder adds repeats."""
    place.run("--only", "alone-qwen3-4b-2048x256-c1-exclusive")
    rows = [r for r in place.rows("mixes.csv") if r["mechanism"] == "exclusive"]
    check([r["repeat"] for r in rows] == ["1", "2"], "repeats")


def check_refusals(slicewise):
    cases = [((), {"FAKE_GPU": "none"}, 77, "no GPU answers"),
             ((), {"FAKE_CHECK": "fails"}, 1, "--check failed"),
             ((), {"FAKE_OTHERS": "pid 77"}, 4, "GPU busy: pid 77. Measure beside them with --busy"),
             ((), {"FAKE_NAME": "NVIDIA B300"}, 3, "NVIDIA B300"),
             (("--gpu-id", "b300"), {}, 3, "b300")]
    for more, fakes, status, part in cases:
        with Place(slicewise) as place:
            done = place.run(*more, **fakes)
            check(done.returncode == status and part in done.stderr, f"{fakes}: {done.stderr}")
            check(place.results() == set() and place.clean(), f"{fakes}: nothing is written")
            if status == 77:
                check(done.stdout == "" and done.stderr.count("\n") == 1 and
                      len(place.log()) == 1, "one sentence without a GPU")


def check_accepted(slicewise):
    with Place(slicewise) as place:
        done = place.run("--busy", "--gpu-id", "h200-sxm", "--only", FIRST, FAKE_OTHERS="pid 77",
                         FAKE_NAME="NVIDIA B300")
        check(done.returncode == 0 and place.rows("steps.csv")[0]["gpu"] == "h200-sxm" and
              "pid 77: measured beside them" in read(os.path.join(place.out, "summary.txt")), "busy")


def check_missing(slicewise):
    """What a machine lacks is said once and never measured under its name."""
    cases = [({"FAKE_MPS": "refuses"}, "mps is skipped: MPS refuses: Operation not permitted"),
             ({"FAKE_MPS": "idle"}, "mps is skipped: MPS does not serve"),
             ({"FAKE_GREEN": "none"}, "green-context is skipped: the driver knows no green")]
    for fakes, part in cases:
        with Place(slicewise) as place:
            done = place.run("--only", "^steps-qwen3-0.6b-.*-(0.5|0.25)", **fakes)
            lacking = part.split()[0]
            check(done.returncode == 0 and done.stdout.split("\n\n")[0].count(part) == 1,
                  f"{fakes}: {done.stdout}")
            check({r["mechanism"] for r in place.rows("steps.csv")} ==
                  {"mps", "green-context"} - {lacking}, f"{fakes}: mechanisms")
            check(place.clean(), f"{fakes}: clean")


def check_failures(slicewise):
    with Place(slicewise) as place:  # a model that does not fit after all
        done = place.run("--only", "^steps-(qwen3-0.6b|llama-3.1-8b)-mps-0.5",
                         FAKE_NO_MEMORY="llama")
        check("left out: slicewise-replay: not enough memory" in done.stdout and
              len(place.rows("steps.csv")) == 2 and place.clean(), f"no memory: {done.stdout}")
    with Place(slicewise) as place:  # engines that start late get more time, once
        done = place.run("--only", "^dynamo-c1-50-50-timeslice", FAKE_LATE="14")
        check(done.returncode == 0 and len(place.rows("mixes.csv")) == 2, f"late: {done.stdout}")


def check_comers(slicewise):
    """Who comes in the middle costs the experiments that would have been alone."""
    with Place(slicewise) as place:
        done = place.run("--only", "^steps-qwen3-0.6b-(exclusive-1|mps-0.5)$", FAKE_COMES="1")
        check(done.returncode == 0 and {r["mechanism"] for r in place.rows("steps.csv")} == {"mps"}
              and "left out: slicewise-replay: GPU busy: pid 41" in done.stdout,
              f"comers: {done.stdout}")


def check_hami(slicewise):
    with Place(slicewise) as place:
        place.run("--only", "^dynamo.*hami", "--hami-core", place.replay)
        env = [line["env"] for line in place.log() if "--tenant" in line["words"]]
        check(len(env) == 8 and all(e["LD_PRELOAD"] == place.replay and
                                    e["GPU_CORE_UTILIZATION_POLICY"] == "force" and
                                    e["CUDA_DEVICE_MEMORY_LIMIT_0"].endswith("m") for e in env) and
              {e["CUDA_DEVICE_SM_LIMIT"] for e in env} == {"30", "50", "70"}, f"hami: {env}")
        looking = [line["words"] for line in place.log() if "--samples" in line["words"]]
        check(looking and all("--busy" in words for words in looking), "HAMi's library is nobody")
        check(len({e["CUDA_DEVICE_MEMORY_SHARED_CACHE"] for e in env}) == 2 and place.clean(),
              "a region each")


def check_interruption(slicewise):
    """In the middle of an MPS experiment."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with Place(slicewise) as place:
            process = place.start("--only", "^steps-.*-mps-0.5", FAKE_TAKES="0.15")
            deadline = time.monotonic() + 10
            while len(place.rows("steps.csv")) < 2 and time.monotonic() < deadline:
                time.sleep(0.02)
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
            check(process.returncode == 130, f"interrupted: {process.returncode} {err}")
            check(2 <= len(place.rows("steps.csv")) < 8 and "Interrupted" in
                  read(os.path.join(place.out, "summary.txt")), f"kept: {out}")
            check(place.clean(), "interrupted: a daemon or a file is left")


def check_budget(slicewise, catalogue):
    """On a clock of its own: what is run fits, and what fits is run."""
    machine, now = experiments.Machine(catalogue, "h100-sxm"), [0.0]
    plan, played = experiments.plan(machine), []
    ledger = experiments.Ledger(machine, lambda: now[0], 480, 60)

    def run(experiment):
        played.append(experiment)
        now[0] += ledger.estimate_s(experiment, True)

    skipped = experiments.play(plan, ledger, run)
    check(now[0] <= 420 + experiments.SWITCH_S and len(played) + len(skipped) == len(plan) and
          ledger.left_s() < 15, f"budget: {now[0]} s, {len(played)} played")
    kinds = {(e.kind, e.mechanism) for e in played}
    check({("steps", "exclusive"), ("steps", "green-context"), ("together", "mps"),
           ("together", "timeslice")} <= kinds, f"a useful subset: {kinds}")
    with Place(slicewise) as place:
        done = place.run("--budget", "5.1")
        check(done.returncode == 0 and place.results() == {"self-test.txt", "summary.txt"} and
              "The budget left out" in done.stdout, f"no budget: {done.stdout}")


def check_plan(slicewise, catalogue):
    """Every mix of the plan is one that the program accepts; small GPUs get a plan too."""
    machine = experiments.Machine(catalogue, "l4")
    plan = experiments.plan(machine, True)
    fitting = [e for e in plan if machine.fits(e)]
    check(len({e.name for e in plan}) == len(plan) and 10 < len(fitting) < len(plan), "plan")
    shapes = {}
    for gpu in ("h100-sxm", "l4"):
        machine = experiments.Machine(catalogue, gpu)
        for e in experiments.plan(machine, True):
            if machine.fits(e) and e.kind == "together":
                shapes[gpu, e.name] = {"gpu": gpu, "tenants": list(e.tenants),
                                       "mechanism": mechanisms.mix_mechanism(e.mechanism)}
    chosen = sorted(shapes)[::4]
    with tempfile.TemporaryDirectory() as folder:
        for key in chosen:
            path = os.path.join(folder, "mix.yaml")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(shapes[key], file, indent=1)
            done = subprocess.run([slicewise, "predict", path], capture_output=True, text=True,
                                  check=False)
            check(done.returncode == 0, f"{key}: {done.stderr}")


def check_deaf(slicewise):
    """A daemon that does not hear is ended."""
    with Place(slicewise) as place:
        before, mechanisms.PATIENCE_S = mechanisms.PATIENCE_S, 0.4
        surroundings = dict(os.environ)
        os.environ.update(place.environment({"FAKE_MPS": "deaf"}))
        mps, refused = mechanisms.Mps(place.tmp), False
        try:
            mps.start(lambda environment: False)
        except mechanisms.Unavailable:
            refused = True
        os.environ.clear()
        os.environ.update(surroundings)
        mechanisms.PATIENCE_S = before
        check(refused and os.path.exists(place.path("mps")) and place.clean(), "deaf daemon")


def check_caps():
    said = []
    with tempfile.TemporaryDirectory() as folder:
        results = outputs.Results(folder, said.append)
        outputs.CAP_BYTES, before = 100, outputs.CAP_BYTES
        kept = [results.append("requests.csv.gz", b"x" * 40) for _ in range(4)]
        outputs.CAP_BYTES = before
        check(kept == [True, True, False, False] and len(said) == 1 and
              os.path.getsize(results.path("requests.csv.gz")) == 80, f"cap: {kept} {said}")


def check_list(slicewise):
    with Place(slicewise) as place:
        done = place.run("--list")
        check(done.returncode == 0 and "dynamo-c1-50-50-mps" in done.stdout and
              [line["words"] for line in place.log()] == [["--gpus"]] and place.results() == set(),
              f"list: {done.stderr}")


def main(slicewise):
    catalogue = json.loads(subprocess.run([slicewise, "catalog", "--format", "json"], check=True,
                                          capture_output=True, text=True).stdout)
    check_caps()
    check_deaf(slicewise)
    check_budget(slicewise, catalogue)
    tests = (check_whole_campaign, check_interruption, check_refusals, check_accepted,
             check_missing, check_failures, check_comers, check_hami, check_list)
    # Mostly waiting, each in a folder of its own.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(test, slicewise) for test in tests]
        waiting.append(pool.submit(check_plan, slicewise, catalogue))
        for each in waiting:
            each.result()
    for failure in failures:
        print("failed:", failure)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
