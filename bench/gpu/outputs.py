# SPDX-License-Identifier: Apache-2.0
"""The folder with the results: rows of steps and mixes, requests, samples, the self-test, the summary."""

import csv
import gzip
import io
import json
import os

CAP_BYTES = 16_000_000
MARKS = ("sm_clock_mhz", "power_w", "throttled_fraction")  # slicewise-replay's own
REQUEST = ["id", "arrival_s", "first_token_s", "last_token_s", "prompt_tokens", "output_tokens",
           "cached_tokens", "preemptions"]


def read_rows(path):
    """Dictionaries; none where there is no file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_csv(rows, columns, header):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


class Results:
    def __init__(self, folder, say):
        self.folder, self.say, self.full = folder, say, set()
        os.makedirs(folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text[:CAP_BYTES // 2])

    def repeat_of(self, experiment):
        """The next one, where the folder has rows of an earlier campaign."""
        rows = read_rows(self.path("mixes.csv"))
        return 1 + max((int(r["repeat"]) for r in rows if r["experiment"] == experiment), default=0)

    def append(self, name, data):
        """All of it or nothing; flushed, for whatever comes may be the end."""
        path = self.path(name)
        size = os.path.getsize(path) if os.path.exists(path) else 0
        if name in self.full or size + len(data) >= CAP_BYTES:
            if name not in self.full:
                self.say(f"{name} is near {CAP_BYTES // 1_000_000} MB: no more is added to it")
            self.full.add(name)
            return False
        with open(path, "ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return True

    def add_rows(self, name, rows, surroundings):
        rows = [{**row, **surroundings} for row in rows]
        known = read_header(self.path(name))
        columns = known or list(rows[0])
        return self.append(name, as_csv(rows, columns, not known))

    def add_requests(self, records, labels):
        """Requests of --records files; steps stay behind."""
        rows = []
        for path in records:
            with open(path, encoding="utf-8") as file:
                lines = [json.loads(line) for line in file if '"request"' in line]
            rows += [{**labels, **line} for line in lines if line.get("type") == "request"]
        self.compress("requests.csv.gz", rows, [*labels, "tenant", *REQUEST])

    def add_samples(self, path, labels):
        rows = [{**labels, **row} for row in read_rows(path)]
        self.compress("samples.csv.gz", rows, list(rows[0]) if rows else [])

    def compress(self, name, rows, columns):
        if rows:
            self.append(name, gzip.compress(
                as_csv(rows, columns, not os.path.exists(self.path(name)))))


def read_header(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8", newline="") as file:
        return next(csv.reader(file), None)
