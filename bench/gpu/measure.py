# SPDX-License-Identifier: Apache-2.0
"""One experiment: its mix file, its processes, its rows."""

import datetime
import json
import os
import re
import time

import mechanisms
import outputs

TOO_LATE = re.compile(r"were ready ([0-9.]+) s too late")
SERVED = re.compile(r"requests in ([0-9.]+) s")
LEAVING_S = 2.0  # a driver may list a process for a moment after it has ended


class Bench:
    """What all experiments of a campaign have in common."""

    def __init__(self, options, folder, surroundings, ledger, results, gpu):
        self.options, self.folder, self.surroundings = options, folder, surroundings
        self.ledger, self.results, self.gpu = ledger, results, gpu

    def path(self, name):
        return os.path.join(self.folder, name)

    def duration_s(self, experiment):
        return experiment.duration_s * self.ledger.stretch


def write_mix(bench, experiment):
    """JSON, which is YAML."""
    mix = {"gpu": bench.gpu["id"], "mechanism": mechanisms.mix_mechanism(experiment.mechanism),
           "tenants": list(experiment.tenants)}
    with open(bench.path("mix.yaml"), "w", encoding="utf-8") as file:
        json.dump(mix, file, indent=1)


def words_of(bench, experiment, name, repeat):
    words = [bench.options.replay, bench.path("mix.yaml"), "--duration",
             f"{bench.duration_s(experiment):g}", "--rows", bench.path(f"rows-{name}.csv"),
             "--unchecked"]  # the campaign began with --check
    if experiment.mechanism != "green-context":
        words += ["--tenant", name]
    words += ["--warm-up", f"{experiment.warm_up_s * bench.ledger.stretch:g}"]
    if experiment.kind == "steps":
        return words + ["--steps"]
    return words + ["--experiment", experiment.name, "--repeat", str(repeat),
                    "--records", bench.path(f"records-{name}.jsonl")]


def watching(bench, experiment, first):
    """One process looks at the GPU for all of them. An MPS server has a context of its own, and HAMi's library makes one before
    anybody looks: nobody is a stranger then."""
    if not first:
        return ["--nvml", "none"]
    alone = experiment.processes == 1 and experiment.mechanism not in ("mps", "hami")
    words = ["--samples", bench.path("samples.csv")]
    return words if alone and not bench.options.busy else words + ["--busy"]


def commands_of(bench, experiment, repeat, lead_s):
    """A process each; green contexts: one for all, named after the first."""
    for i, tenant in enumerate(experiment.tenants[:experiment.processes]):
        words = words_of(bench, experiment, tenant["name"], repeat)
        words += watching(bench, experiment, i == 0)
        if experiment.processes > 1:
            words += ["--start-at", f"{time.time() + lead_s:.3f}"]
        yield words, bench.surroundings.environment(experiment.mechanism, tenant)


def clean(bench):
    for name in os.listdir(bench.folder):
        if name.startswith(("rows-", "records-", "stderr-", "samples")):
            os.unlink(bench.path(name))


def failure(ended):
    """The worst of several processes: what failed by itself rather than what was ended for it."""
    bad = [(status, text) for status, text in ended if status != 0]
    own = [(status, text) for status, text in bad if status > 0]
    if not own:
        return mechanisms.Failed(f"not done in time, or killed (status {bad[0][0]})", bad[0][0])
    status, text = own[0]
    lines = text.split("\n")
    return mechanisms.Failed(lines[-1] if text else f"ended with status {status}", status)


def attempt(bench, experiment, repeat, lead_s):
    """Run it once."""
    clean(bench)
    commands = list(commands_of(bench, experiment, repeat, lead_s))
    limit = 2 * bench.ledger.estimate_s(experiment) + 20
    began = time.monotonic()
    ended = mechanisms.run_all(commands, bench.folder, limit)
    took = time.monotonic() - began
    if any(status != 0 for status, _ in ended):
        raise failure(ended)
    bench.surroundings.verify(experiment.mechanism, experiment.tenants)
    learn(bench, experiment, took, ended)


def learn(bench, experiment, took, ended):
    if experiment.processes > 1 or experiment.kind == "steps":
        return
    served = SERVED.search(ended[0][1])
    if served:
        bench.ledger.learn(experiment, took - float(served.group(1)))


def attempt_twice(bench, experiment, repeat):
    """Engines that were not ready in time get the time they lacked; engines of the last experiment, time to leave."""
    lead_s, more = bench.ledger.lead_s(experiment), 0.0
    try:
        attempt(bench, experiment, repeat, lead_s)
        return
    except mechanisms.Failed as error:
        late = TOO_LATE.search(str(error))
        if not late and error.status != mechanisms.BUSY:
            raise
        if late:
            more = float(late.group(1)) + 2.0
            bench.ledger.factor = min(bench.ledger.factor * (lead_s + more) / lead_s, 10.0)
        else:
            time.sleep(LEAVING_S)
    attempt(bench, experiment, repeat, lead_s + more)


def rows_of(bench, experiment):
    """What all processes wrote; the first one's marks for all, whose loads began together and lasted as long."""
    rows = [row for tenant in experiment.tenants[:experiment.processes]
            for row in outputs.read_rows(bench.path(f"rows-{tenant['name']}.csv"))]
    if not rows:
        raise mechanisms.Failed("no rows")
    marks = {k: rows[0][k] for k in outputs.MARKS}
    return [{**row, **marks} for row in rows] if experiment.processes > 1 else rows


def run(bench, experiment):
    """Measure and keep. Raises Unavailable or Failed; then nothing is kept."""
    bench.surroundings.prepare(experiment.mechanism)
    repeat = bench.results.repeat_of(experiment.name)
    write_mix(bench, experiment)
    attempt_twice(bench, experiment, repeat)
    surroundings = {"gpu_name": bench.gpu["name"], "driver": bench.gpu["driver"],
                    "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")}
    rows = rows_of(bench, experiment)
    kept = bench.results.add_rows("steps.csv" if experiment.kind == "steps" else "mixes.csv",
                                  rows, surroundings)
    labels = {"experiment": experiment.name, "repeat": repeat, "mechanism": experiment.mechanism}
    if kept and bench.options.samples:
        bench.results.add_samples(bench.path("samples.csv"), labels)
    if kept and experiment.kind != "steps":
        bench.results.add_requests([bench.path(f"records-{t['name']}.jsonl") for t in
                                    experiment.tenants[:experiment.processes]], labels)
    return len(rows)
