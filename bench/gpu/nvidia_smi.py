# SPDX-License-Identifier: Apache-2.0
"""What nvidia-smi says: which GPU, who is on it, and what its clocks do while an experiment runs. Unknown stays unknown."""

import subprocess
import threading
import time

PERIOD_S = 0.5
REASONS = ("clocks_event_reasons.active", "clocks_throttle_reasons.active")  # renamed in 535
# Power cap, hardware slowdown, sync boost, temperature by software and hardware, power brake; as in src/observe/clock_reasons.c.
HELD_BACK = 0x4 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80


def ask(*words, gpu=None):
    """Lines of cells; None where nvidia-smi is missing or refuses."""
    command = ["nvidia-smi", *words, "--format=csv,noheader,nounits"]
    if gpu is not None:
        command += ["-i", str(gpu)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    return [[c.strip() for c in line.split(",")] for line in done.stdout.splitlines() if line]


def gpus():
    """Dictionaries of name, driver and uuid, one a GPU; None where nothing answers."""
    rows = ask("--query-gpu=name,driver_version,uuid")
    return rows and [dict(zip(("name", "driver", "uuid"), row)) for row in rows]


def processes(gpu):
    """(pid, name) of compute processes; None where it is not known."""
    rows = ask("--query-compute-apps=pid,process_name", gpu=gpu)
    return None if rows is None else [(row[0], ",".join(row[1:])) for row in rows]


def number(text, base=10):
    try:
        return int(text, 16) if base == 16 else float(text)
    except ValueError:
        return None


def mean(values):
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


class Sampler:
    """Clocks, power and throttling about twice a second, between with and its end."""

    def __init__(self, gpu):
        self.gpu, self.reasons, self.samples = gpu, None, []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.loop, daemon=True)

    def query(self, reasons):
        fields = "clocks.sm,power.draw" + ("," + reasons if reasons else "")
        rows = ask("--query-gpu=" + fields, gpu=self.gpu)
        return rows[0] if rows else None

    def sample(self):
        candidates = (*REASONS, "") if self.reasons is None else (self.reasons,)
        for reasons in candidates:
            cells = self.query(reasons)
            if cells:
                self.reasons = reasons
                mask = number(cells[2], 16) if len(cells) > 2 else None
                held = None if mask is None else float(bool(mask & HELD_BACK))
                self.samples.append((time.monotonic(), number(cells[0]), number(cells[1]), held))
                return True
        return False

    def loop(self):
        while not self.stopping.is_set():
            began = time.monotonic()
            if not self.sample():
                return  # what does not answer now will not answer later
            self.stopping.wait(max(0.0, began + PERIOD_S - time.monotonic()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.stopping.set()
        self.thread.join()

    def means(self, window_s):
        """Of the last window_s seconds: SM clock in MHz, power in W, the fraction of moments with clocks held back."""
        now = time.monotonic()
        recent = [s for s in self.samples if s[0] >= now - window_s]
        return tuple(mean([s[i] for s in recent]) for i in (1, 2, 3))
