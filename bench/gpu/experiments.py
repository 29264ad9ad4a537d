# SPDX-License-Identifier: Apache-2.0
"""Which experiments there are, in the order of what they teach, and how long each takes.

A round is a useful whole: whoever stops after the first has the ends of every range, the second fills the middle, the third adds
what says least. Before engines are measured together, each is measured alone on the same slice, for the slowdown.
"""

import dataclasses
import itertools

SMALL, SECOND, MIDDLE, LARGE, LARGEST = ("qwen3-0.6b", "qwen3-1.7b", "qwen3-4b", "llama-3.1-8b",
                                         "qwen3-14b")
MODELS = (SMALL, LARGE, MIDDLE, SECOND)  # the ends first

STEPS_S = 6.0
# Set-up of one engine on a GPU: process, context, libraries and graphs, then weights and cache. Guessed; what the first runs
# take replaces it (Ledger.factor).
SETUP_S, SETUP_S_PER_GIB = 4.0, 0.3
ENDING_S = 1.5
SWITCH_S = 3.0  # an MPS daemon started, one client served, stopped
# Of a GPU's memory, what engines may have together: contexts of other processes and the driver's own take the rest.
USABLE = 0.95
UTILIZATION = 0.9  # of memory_gib, by default
SPACE_GIB = 2.5  # an engine's workspace, and a cache worth having

SERVING = {"max_num_seqs": 32, "max_num_batched_tokens": 2048, "max_model_len": 8192,
           "cuda_graphs": True}
STEPPING = {"max_num_seqs": 256, "max_num_batched_tokens": 8192, "max_model_len": 16384,
            "cuda_graphs": True}


@dataclasses.dataclass(frozen=True)
class Experiment:
    name: str
    kind: str  # steps, alone or together
    mechanism: str
    tenants: tuple  # dictionaries, as in a mix file
    duration_s: float
    warm_up_s: float = 0.0

    @property
    def processes(self):
        return 1 if self.mechanism == "green-context" else len(self.tenants)


class Machine:
    """What the plan must know of the GPU and of the models."""

    def __init__(self, catalogue, gpu_id):
        gpu = next(g for g in catalogue["gpus"] if g["id"] == gpu_id)
        self.gpu_id = gpu_id
        self.usable_gib = gpu["dram_gib"] * USABLE
        self.speed = gpu["dram_gb_s"] / 3352  # of an H100, whose rates of arrival are below
        self.weights = {m["id"]: m["parameters"] * 2 / 2**30 for m in catalogue["models"]}

    def least_gib(self, model):
        return self.weights[model] / UTILIZATION + SPACE_GIB

    def setup_s(self, model):
        return SETUP_S + SETUP_S_PER_GIB * self.weights[model]

    def fits(self, experiment):
        return sum(self.least_gib(t["model"]) for t in experiment.tenants) <= self.usable_gib


def lead_s(machine, experiment):
    """From the start of the processes to the beginning of the load."""
    setups = sorted((machine.setup_s(t["model"]) for t in experiment.tenants), reverse=True)
    if experiment.processes < len(setups):
        return sum(setups)
    return setups[0] + 0.5 * sum(setups[1:])


def engine(model, prompt, output, share, concurrency=None, rate=None, **settings):
    load = {"concurrency": concurrency} if rate is None else {"rate": rate}
    load.update(prompt_tokens=prompt, output_tokens=output)
    return {"model": model, "share": share, "engine": dict(SERVING, **settings), "load": load}


def steps(model, mechanism, share):
    tenant = {"name": "a", "model": model, "share": share, "engine": STEPPING,
              "load": {"concurrency": 1, "prompt_tokens": 128, "output_tokens": 128}}
    return Experiment(f"steps-{model}-{mechanism}-{share:g}", "steps", mechanism, (tenant,),
                      STEPS_S)


def divided(machine, engines):
    """Each engine's memory: what it needs at least, and an equal part of the rest."""
    rest = machine.usable_gib - sum(machine.least_gib(e["model"]) for e in engines)
    for name, e in zip("abcdefgh", engines):
        memory = machine.least_gib(e["model"]) + max(rest, 0) / len(engines)
        yield dict(e, name=name, memory_gib=int(memory * 4) / 4)


def load_name(tenant):
    load = tenant["load"]
    arrivals = f"c{load['concurrency']}" if "concurrency" in load else f"r{load['rate']:g}"
    eager = "" if tenant["engine"]["cuda_graphs"] else "-eager"
    return f"{load['prompt_tokens']}x{load['output_tokens']}-{arrivals}{eager}"


def duration_of(engines):
    """A request counts when it begins after the warm-up and ends in time: big batches go round slowly."""
    most = max(e["load"].get("concurrency", 0) for e in engines)
    if any("rate" in e["load"] for e in engines):
        return 20.0, 4.0
    return (12.0, 3.0) if most <= 4 else (16.0, 3.0) if most <= 8 else (24.0, 3.0)


def alone(tenant, mechanism, times):
    """The same engine with the same slice and nobody beside it. Time-slicing alone is the whole GPU."""
    if mechanism == "timeslice":
        mechanism, tenant = "exclusive", dict(tenant, share=1.0)
    name = (f"alone-{tenant['model']}-{load_name(tenant)}-{mechanism}-{tenant['share']:g}"
            f"-{tenant['memory_gib']:g}g")
    return Experiment(name, "alone", mechanism, (dict(tenant, name="a"),), *times)


def together(machine, label, mechanism, engines):
    times = duration_of(engines)
    tenants = tuple(divided(machine, engines))
    for tenant in tenants:
        yield alone(tenant, mechanism, times)
    yield Experiment(f"{label}-{mechanism}", "together", mechanism, tenants, *times)


def dynamo(machine, mechanism, concurrency, shares=(0.5, 0.5), **settings):
    """NVIDIA Dynamo's study of a shared GPU: two Qwen3-4B, 2048 tokens in and 256 out."""
    label = f"dynamo-c{concurrency}-{shares[0] * 100:g}-{shares[1] * 100:g}"
    if settings:
        label += "-eager"
    return together(machine, label, mechanism,
                    [engine(MIDDLE, 2048, 256, s, concurrency, **settings) for s in shares])


def phases(machine, mechanism):
    return together(machine, "prompts-decodes-50-50", mechanism,
                    [engine(MIDDLE, 4000, 16, 0.5, 4), engine(MIDDLE, 128, 512, 0.5, 8)])


def small_large(machine, mechanism, share=0.3):
    return together(machine, f"small-large-{share * 100:g}-{100 - share * 100:g}", mechanism,
                    [engine(SMALL, 512, 128, share, 4),
                     engine(LARGE, 1024, 256, round(1 - share, 2), 4)])


def triple(machine, mechanism):
    return together(machine, "triple", mechanism,
                    [engine(SMALL, 512, 128, 0.2, 4), engine(SECOND, 512, 128, 0.3, 4),
                     engine(MIDDLE, 2048, 256, 0.5, 4)])


def quadruple(machine, mechanism):
    return together(machine, "quadruple", mechanism,
                    [engine(SECOND, 1024, 128, 0.25, 4) for _ in range(4)])


def poisson(machine, mechanism):
    """Open loops: requests come whether or not the last one is done."""
    rate = lambda x: float(f"{x * machine.speed:.2g}")
    return together(machine, "poisson-50-50", mechanism,
                    [engine(MIDDLE, 800, 200, 0.5, rate=rate(3)),
                     engine(SMALL, 800, 200, 0.5, rate=rate(6))])


def hami(machine):
    """HAMi's limit binds launches, not graphs: both ways."""
    yield from dynamo(machine, "hami", 1, cuda_graphs=False)
    yield from dynamo(machine, "hami", 1)
    yield from dynamo(machine, "hami", 16, cuda_graphs=False)
    yield from dynamo(machine, "hami", 8, (0.7, 0.3), cuda_graphs=False)


def first_round(m):
    yield from (steps(model, "exclusive", 1.0) for model in (SMALL, LARGE, MIDDLE))
    yield steps(LARGE, "green-context", 0.25)
    yield steps(MIDDLE, "green-context", 0.5)
    yield steps(SMALL, "green-context", 0.1)
    yield from dynamo(m, "mps", 1)
    yield steps(LARGE, "mps", 0.25)
    yield from dynamo(m, "mps", 16)
    yield from dynamo(m, "timeslice", 1)
    yield from dynamo(m, "timeslice", 16)
    yield from dynamo(m, "green-context", 1)
    yield from phases(m, "mps")


def second_round(m):
    yield from dynamo(m, "green-context", 16)
    yield from dynamo(m, "timeslice", 4)
    yield from phases(m, "timeslice")
    yield from small_large(m, "timeslice")
    yield from small_large(m, "mps")
    yield from dynamo(m, "mps", 4)
    yield from dynamo(m, "mps", 8, (0.7, 0.3))
    yield from triple(m, "mps")
    yield from quadruple(m, "mps")
    yield steps(SECOND, "exclusive", 1.0)
    for share in (0.5, 0.25, 0.75, 0.1):
        yield from (steps(model, "green-context", share) for model in MODELS)


def third_round(m):
    yield from poisson(m, "mps")
    yield from small_large(m, "mps", 0.7)
    for share in (0.5, 0.25, 0.75, 0.1):
        yield from (steps(model, "mps", share) for model in MODELS)
    yield steps(LARGEST, "exclusive", 1.0)
    yield from poisson(m, "timeslice")
    for concurrency in (8, 32):
        yield from dynamo(m, "mps", concurrency)
    yield from dynamo(m, "mps", 8, (0.3, 0.7))
    for concurrency in (8, 32):
        yield from dynamo(m, "timeslice", concurrency)
    for concurrency in (4, 8, 32):
        yield from dynamo(m, "green-context", concurrency)
    yield from dynamo(m, "green-context", 8, (0.7, 0.3))
    yield from phases(m, "green-context")
    for mechanism in ("timeslice", "green-context"):
        yield from triple(m, mechanism)
        yield from quadruple(m, mechanism)
    yield from (steps(LARGEST, "green-context", share) for share in (0.5, 0.25, 0.75))


def plan(machine, with_hami=False):
    """Every experiment once, in order. Those that memory forbids are among them: Machine.fits()."""
    seen = {}
    rounds = [first_round(machine), hami(machine) if with_hami else (), second_round(machine),
              third_round(machine)]
    for experiment in itertools.chain(*rounds):
        seen.setdefault(experiment.name, experiment)
    return list(seen.values())


class Ledger:
    """The time that is left, and what an experiment takes of it."""

    def __init__(self, machine, clock, budget_s, spent_s=0.0, stretch=1.0):
        self.machine, self.clock, self.stretch = machine, clock, stretch
        self.ends = clock() + budget_s - spent_s
        self.factor = 1.0  # set-up as measured over set-up as guessed

    def left_s(self):
        return self.ends - self.clock()

    def lead_s(self, experiment):
        return (self.factor * lead_s(self.machine, experiment) + 1.0) * self.stretch

    def estimate_s(self, experiment, switching=False):
        fixed = ENDING_S + (SWITCH_S if switching else 0.0)
        return (self.lead_s(experiment) +
                (experiment.duration_s + fixed) * self.stretch)

    def learn(self, experiment, setup_s):
        """One process was ready after setup_s: a third more than that is what the next one gets."""
        guess = lead_s(self.machine, experiment) * self.stretch
        if guess > 0:
            self.factor = min(max(1.33 * setup_s / guess, 0.3), 10.0)


def play(experiments, ledger, run):
    """Run what fits, in order; a long one that does not fit leaves room for shorter ones behind it. Names of the skipped."""
    skipped, before = [], None
    for experiment in experiments:
        switching = experiment.mechanism == "mps" and before != "mps"
        if ledger.estimate_s(experiment, switching) > ledger.left_s():
            skipped.append(experiment.name)
            continue
        run(experiment)
        before = experiment.mechanism
    return skipped
