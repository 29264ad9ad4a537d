#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the program says of the GPU that it measures on: the emulated GPU, and a library that pretends to be NVML.

usage: replay_watch_test.py PROGRAM FAKE_NVML
"""

import csv
import json
import os
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True
from replay_serve_test import MIX, TINY, check, failures, run, write  # noqa: E402

UNKNOWN = "clocks, power and others on the GPU are not known: "
SERVE = ("mix.yaml", "--tenant", "a", "--duration", "2.5", "--warm-up", "0.5", "--rows", "rows.csv",
         "--records", "records.jsonl", "--samples", "samples.csv", "--processes", "processes.csv")
STEPS = ("mix.yaml", "--tenant", "a", "--steps", "--duration", "2", "--rows", "rows.csv")
BUSY = "GPU busy: pid 41 uses 893 MiB"
WRITTEN = ("rows.csv", "records.jsonl", "samples.csv", "processes.csv")


class Place:
    """A folder with a mix of a tiny model; what the program wrote there."""

    def __init__(self, program, nvml):
        self.program, self.nvml = program, nvml
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name

    def __enter__(self):
        write(self.folder, "tiny.json", json.dumps(TINY))
        write(self.folder, "mix.yaml", MIX % "qwen3-0.6b")
        return self

    def __exit__(self, *unused):
        self.temporary.cleanup()

    def run(self, *words, **environment):
        return run(self.program, self.folder, *words, **environment)

    def has(self, name):
        return os.path.exists(os.path.join(self.folder, name))

    def rows(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def gpu_record(self):
        with open(os.path.join(self.folder, "records.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        check([line["type"] for line in lines].count("gpu") == 1, "one line about the GPU")
        return lines[-1]


def check_marks(place):
    """Rows say what the GPU did meanwhile, and how often its clocks were held back."""
    done = place.run(*SERVE, "--nvml", place.nvml, FAKE_NVML_REASONS="0x24")
    check(done.returncode == 0 and "a: clocks were held back in 100 % of the samples: power cap, "
          "temperature (software)" in done.stderr, f"throttled: {done.stderr}")
    row, record = place.rows("rows.csv")[0], place.gpu_record()
    check((row["sm_clock_mhz"], row["power_w"], row["throttled_fraction"]) ==
          ("1755", "512.3", "1"), f"marks: {row}")
    check(record["sm_clock_mhz"] == 1755 and record["throttled_fraction"] == 1 and
          record["clock_reasons"].startswith("power cap") and
          1.5 < record["to_s"] - record["from_s"] < 5, f"record: {record}")
    check_samples(place, record)


def check_samples(place, record):
    samples, processes = place.rows("samples.csv"), place.rows("processes.csv")
    times = [float(s["time_s"]) for s in samples]
    between = [b - a for a, b in zip(times, times[1:])]
    check(len(samples) >= 20 and abs(statistics.median(between) - 0.1) < 0.03,
          f"ten a second: {times}")
    check(times[0] < record["from_s"] and times[-1] > record["to_s"] - 1, "the whole load")
    check(all(s["sm_percent"] == "87" and s["held_back"] == "1" and s["processes"] == "0"
              for s in samples) and processes == [], f"samples: {samples[0]}")
    check(sorted(os.listdir(place.folder)) == sorted([*WRITTEN, "mix.yaml", "tiny.json"]),
          "no temporary file is left")


def check_steps(place):
    """The shortest steps take less than the time between two samples and are marked all the same."""
    done = place.run(*STEPS, "--nvml", place.nvml, FAKE_NVML_REASONS="0x1")
    rows = place.rows("rows.csv")
    check(done.returncode == 0 and len(rows) > 1 and all(
        r["sm_clock_mhz"] == "1755" and r["throttled_fraction"] == "0" for r in rows),
          f"steps: {done.stderr} {rows}")


def check_busy(place):
    done = place.run(*SERVE, "--nvml", place.nvml, FAKE_NVML_PID="41")
    check(done.returncode == 5 and BUSY + ". Measure beside them with --busy" in done.stderr,
          f"refused: {done.returncode} {done.stderr}")
    check(not any(place.has(name) for name in WRITTEN), "nothing is written beside others")
    done = place.run(*SERVE, "--nvml", place.nvml, "--busy", FAKE_NVML_PID="41")
    processes = place.rows("processes.csv")
    check(done.returncode == 0 and BUSY + ": measured beside them" in done.stderr,
          f"beside others: {done.stderr}")
    check(len(processes) == len(place.rows("samples.csv")) and
          all(p["pid"] == "41" and p["memory_mib"] == "893" for p in processes), "who was there")


def check_absent(place):
    """Nothing is known, which is said once; everything is measured."""
    done = place.run(*SERVE, "--nvml", "./none.so")
    row, record = place.rows("rows.csv")[0], place.gpu_record()
    check(done.returncode == 0 and done.stderr.count(UNKNOWN + "no NVML") == 1,
          f"absent: {done.stderr}")
    check(row["sm_clock_mhz"] == row["power_w"] == row["throttled_fraction"] == "" and
          float(row["tpot_mean_ms"]) > 0, f"absent: {row}")
    check(record["power_w"] is None and record["clock_reasons"] is None, f"absent: {record}")
    check(place.rows("samples.csv") == [] and place.has("processes.csv"), "headers alone")
    done = place.run(*STEPS, "--nvml", "none", FAKE_NVML_PID="41")
    check(done.returncode == 0 and "not known" not in done.stderr, f"none: {done.stderr}")


def check_unwritable(place):
    done = place.run(*SERVE[:-1], "no/such/file", "--nvml", place.nvml)
    check(done.returncode == 4 and "no/such/file" in done.stderr and not place.has("rows.csv"),
          f"told before the load: {done.stderr}")


def check_list(place):
    done = place.run("--gpus", "--nvml", place.nvml, FAKE_NVML_PID="41")
    gpus = json.loads(done.stdout)
    check(done.returncode == 0 and len(gpus) == 2 and gpus[0] == {
        "name": "NVIDIA H100 80GB HBM3", "uuid": "GPU-00000000-0000-0000-0000-000000000000",
        "driver": "550.54.15", "busy": BUSY}, f"list: {gpus}")
    done = place.run("--gpus", "--nvml", "./none.so")
    check(done.returncode == 77 and done.stdout == "" and "no NVML" in done.stderr, "no driver")


def main(program, nvml):
    for test in (check_marks, check_steps, check_busy, check_absent, check_unwritable, check_list):
        with Place(program, nvml) as place:
            test(place)
    for failure in failures:
        print("failed:", failure)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
