# SPDX-License-Identifier: Apache-2.0
"""One experiment: its mix file, its processes, its rows."""

import datetime
import json
import os
import re
import time

import mechanisms
import nvidia_smi
import outputs

TOO_LATE = re.compile(r"were ready ([0-9.]+) s too late")
SERVED = re.compile(r"requests in ([0-9.]+) s")


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
             f"{bench.duration_s(experiment):g}", "--rows", bench.path(f"rows-{name}.csv")]
    if experiment.mechanism != "green-context":
        words += ["--tenant", name]
    words += ["--warm-up", f"{experiment.warm_up_s * bench.ledger.stretch:g}"]
    if experiment.kind == "steps":
        return words + ["--steps"]
    return words + ["--experiment", experiment.name, "--repeat", str(repeat),
                    "--records", bench.path(f"records-{name}.jsonl")]


def commands_of(bench, experiment, repeat, lead_s):
    """A process each; green contexts: one for all, named after the first."""
    for tenant in experiment.tenants[:experiment.processes]:
        words = words_of(bench, experiment, tenant["name"], repeat)
        if experiment.processes > 1:
            words += ["--start-at", f"{time.time() + lead_s:.3f}"]
        yield words, bench.surroundings.environment(experiment.mechanism, tenant)


def clean(bench):
    for name in os.listdir(bench.folder):
        if name.startswith(("rows-", "records-", "stderr-")):
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
    """Run it once. Means of clocks, power and throttling while the load lasted."""
    clean(bench)
    commands = list(commands_of(bench, experiment, repeat, lead_s))
    limit = 2 * bench.ledger.estimate_s(experiment) + 20
    began = time.monotonic()
    with nvidia_smi.Sampler(bench.options.gpu) as sampler:
        ended = mechanisms.run_all(commands, bench.folder, limit)
    took = time.monotonic() - began
    if any(status != 0 for status, _ in ended):
        raise failure(ended)
    bench.surroundings.verify(experiment.mechanism, experiment.tenants)
    learn(bench, experiment, took, ended)
    return sampler.means(bench.duration_s(experiment) - experiment.warm_up_s *
                         bench.ledger.stretch)


def learn(bench, experiment, took, ended):
    if experiment.processes > 1 or experiment.kind == "steps":
        return
    served = SERVED.search(ended[0][1])
    if served:
        bench.ledger.learn(experiment, took - float(served.group(1)))


def attempt_twice(bench, experiment, repeat):
    """Engines that were not ready in time get the time they lacked."""
    lead_s = bench.ledger.lead_s(experiment)
    try:
        return attempt(bench, experiment, repeat, lead_s)
    except mechanisms.Failed as error:
        late = TOO_LATE.search(str(error))
        if not late:
            raise
        more = float(late.group(1)) + 2.0
        bench.ledger.factor = min(bench.ledger.factor * (lead_s + more) / lead_s, 10.0)
        return attempt(bench, experiment, repeat, lead_s + more)


def run(bench, experiment):
    """Measure and keep. Raises Unavailable or Failed; then nothing is kept."""
    bench.surroundings.prepare(experiment.mechanism)
    repeat = bench.results.repeat_of(experiment.name)
    write_mix(bench, experiment)
    clock, power, throttled = attempt_twice(bench, experiment, repeat)
    surroundings = dict(zip(outputs.SURROUNDINGS, (
        bench.gpu["name"], bench.gpu["driver"], clock, power, throttled,
        datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"))))
    rows = [row for tenant in experiment.tenants[:experiment.processes]
            for row in outputs.read_rows(bench.path(f"rows-{tenant['name']}.csv"))]
    if not rows:
        raise mechanisms.Failed("no rows")
    kept = bench.results.add_rows("steps.csv" if experiment.kind == "steps" else "mixes.csv",
                                  rows, surroundings)
    if kept and experiment.kind != "steps":
        labels = {"experiment": experiment.name, "repeat": repeat,
                  "mechanism": experiment.mechanism}
        bench.results.add_requests([bench.path(f"records-{t['name']}.jsonl") for t in
                                    experiment.tenants[:experiment.processes]], labels)
    return len(rows)
