#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house keeps its order: floors, names, sizes, licence lines, tests beside the code.

Every rule is a function that yields complaints "FILE:LINE: ...". The program prints them all and fails where there is one.

usage: layout.py [ROOT]
"""

import collections
import os
import re
import sys

# From the bottom up. A folder of src/ may include headers of its own floor's folder and of those below.
FLOORS = ["base", "math", "formats", "net", "catalog", "serving", "observe", "drive", "sharing",
          "step", "predict", "sim", "emulate", "dataset", "fit", "profile", "plan", "validate", "compare",
          "apply", "control"]

# The floor of each public header. slicewise.h holds all of them: for programs, and for src/base, which makes what it
# declares itself.
HEADER_FLOORS = {"status.h": "base", "types.h": "base", "catalog.h": "catalog",
                 "observe.h": "observe", "apply.h": "apply", "drive.h": "drive", "step.h": "step",
                 "predict.h": "predict", "simulate.h": "sim", "emulate.h": "emulate",
                 "dataset.h": "dataset", "fit.h": "fit", "profile.h": "profile",
                 "plan.h": "plan", "replan.h": "plan",
                 "validate.h": "validate", "compare.h": "compare"}
UMBRELLA = "slicewise.h"

# Folders that know nothing of one another although their floors would let them: the simulator judges the predictor.
STRANGERS = {("sim", "predict"), ("predict", "sim")}

# Names that every folder may have.
COMMON_NAMES = {"CMakeLists.txt", "README.md", "main.c", "run", ".gitignore"}

LINES_MAX = 600
SOURCES = (".c", ".h", ".py", ".cmake", ".sh")

# Library code has no voice, no exit and no surroundings. (snprintf and friends only fill memory.)
FORBIDDEN = re.compile(r"\b(printf|vprintf|puts|putchar|perror|exit|_exit|abort|getenv|secure_getenv|"
                       r"setlocale|fprintf|fputs|fputc)\s*\(")

# Code without a test of its own name: what tests it instead.
TESTED_ELSEWHERE = {
    "src/formats/fields.c": "document_test.c",
    "src/formats/json_reader.c": "document_test.c",
    "src/formats/tree.c": "document_test.c",
    "src/formats/yaml_reader.c": "document_test.c",
    "src/net/http_transfer.c": "http_client_test.c",
    # A server is tested as a client meets it.
    "src/net/http_exchange.c": "http_server_test.c",
    "src/net/http_watch.c": "http_server_test.c",
    "src/emulate/calls.c": "emulate_test.c",
    "src/emulate/served_engine.c": "emulate_test.c",
    "src/emulate/region_keeper.c": "region_share_test.c",
    "src/emulate/replies.c": "emulate_test.c",
    "src/emulate/routes.c": "emulate_test.c",
    "src/sharing/hami_layout.c": "hami_region_test.c",
    # The search is judged as a whole, against a second implementation that tries every plan.
    "src/plan/assemble.c": "plan_test.c",
    "src/plan/change_price.c": "replan_test.c",
    "src/plan/kept.c": "running_test.c",
    "src/plan/slot_choose.c": "slots_test.c",
    "src/plan/bound.c": "plan_test.c",
    "src/plan/explain.c": "plan_test.c",
    "src/plan/greedy.c": "plan_test.c",
    "src/plan/improve.c": "plan_test.c",
    "src/plan/oracle.c": "plan_test.c",
    "src/plan/state.c": "plan_test.c",
    "src/plan/strategies.c": "plan_test.c",
    "src/plan/trials.c": "plan_test.c",
    "src/plan/relax_gpus.c": "relax_test.c",
    "src/plan/relax_turn.c": "relax_test.c",
    "src/plan/relax_wish.c": "relax_test.c",
    "src/plan/relaxed.c": "relax_test.c",
    "src/plan/relaxing.c": "relax_test.c",
    "src/plan/plan_json_why.c": "plan_json_test.c",
    "src/plan/plan_words.c": "plan_json_test.c",
    "src/plan/verify_figures.c": "verify_mutation_test.c",
    "src/plan/idle.c": "settings_test.c",
    "src/plan/sizing.c": "settings_test.c",
    "src/plan/rules.c": "together_test.c",
    # Parts of a fit: found again in worlds whose coefficients are known.
    "src/fit/fit_advice.c": "fit_make_test.c",
    "src/fit/fit_cases.c": "fit_make_test.c",
    "src/fit/fit_descent.c": "fit_make_test.c",
    "src/fit/fit_predict.c": "fit_make_test.c",
    "src/fit/fit_solve.c": "fit_make_test.c",
    "src/fit/fit_vector.c": "fit_make_test.c",
    "src/predict/fit_coefficients.c": "fit_read_test.c",
    "src/predict/fit_known.c": "fit_read_test.c",
    "src/predict/load_read.c": "mix_read_test.c",
    # Runs are tested as a campaign makes them: here, and in tests/profile/profile_test.py.
    "src/profile/backend_endpoints.c": "profiler_test.c",
    "src/profile/backend_processes.c": "profiler_test.c",
    "src/profile/backend_replay.c": "profiler_test.c",
    "src/profile/backend_simulator.c": "profiler_test.c",
    "src/profile/driven.c": "profiler_test.c",
    "src/profile/surroundings.c": "profiler_test.c",
    "src/validate/row_engines.c": "mixes_predict_test.c",
    "src/dataset/mix_rows.c": "runs_test.c",
    "src/dataset/row_cells.c": "runs_test.c",
    "src/predict/tenant_read.c": "mix_read_test.c",
    "src/compare/contest.c": "compare_test.c",
}


def files(root):
    skipped = {".git", "build", "__pycache__", "node_modules"}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in skipped)
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def folder_of(path):
    """The folder of src/ that a file belongs to, or its top folder."""
    parts = path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0]


def is_test(path):
    return path.endswith(("_test.c", "_fixture.h"))


def without_comments(text):
    blank = lambda match: re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def includes(text):
    for match in re.finditer(r'^\s*#\s*include\s+["<]([^">]+)[">]', text, re.M):
        yield text.count("\n", 0, match.start()) + 1, match.group(1)


def floor_of_header(header, folder):
    """The index of the floor a header stands on; None where it is none of ours."""
    parts = header.split("/")
    if parts[0] == "slicewise" and len(parts) == 2:
        if parts[1] == UMBRELLA:
            return FLOORS.index("base") if folder == "base" else len(FLOORS)
        return FLOORS.index(HEADER_FLOORS[parts[1]]) if parts[1] in HEADER_FLOORS else len(FLOORS)
    return FLOORS.index(parts[0]) if parts[0] in FLOORS and len(parts) > 1 else None


def check_floors(root, path):
    folder = folder_of(path)
    if not path.startswith("src/") or not path.endswith((".c", ".h")):
        return
    if folder not in FLOORS:
        yield f"{path}:1: folder {folder} has no floor; tests/layout/layout.py lists them"
        return
    for line, header in includes(read(root, path)):
        floor = floor_of_header(header, folder)
        if floor is not None and floor > FLOORS.index(folder):
            yield f"{path}:{line}: {folder} uses {header}, which is above it"
        if (folder, header.split("/")[0]) in STRANGERS:
            yield f"{path}:{line}: {folder} uses {header}; the two share no formula"


def check_program(root, path):
    """The program sees the public interface only."""
    if not path.startswith("cli/") or not path.endswith((".c", ".h")):
        return
    for line, header in includes(read(root, path)):
        if header.split("/")[0] in FLOORS and "/" in header:
            yield f"{path}:{line}: the program uses {header}, which is not public"


def check_public(root, path):
    """Public headers stand on public headers."""
    if not path.startswith("include/"):
        return
    for line, header in includes(read(root, path)):
        if "/" in header and not header.startswith("slicewise/"):
            yield f"{path}:{line}: a public header uses {header}"


def check_licence(root, path):
    if not path.endswith(SOURCES) and os.path.basename(path) != "CMakeLists.txt":
        return
    head = read(root, path).split("\n")[:2]
    if not any("SPDX-License-Identifier: Apache-2.0" in line for line in head):
        yield f"{path}:1: no SPDX-License-Identifier line"


def check_size(root, path):
    if path.endswith((".c", ".h", ".py")):
        lines = read(root, path).count("\n")
        if lines > LINES_MAX:
            yield f"{path}:{lines}: longer than {LINES_MAX} lines"


def check_voice(root, path):
    if not path.startswith("src/") or not path.endswith((".c", ".h")) or is_test(path):
        return
    text = without_comments(read(root, path))
    for match in FORBIDDEN.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield f"{path}:{line}: library code calls {match.group(1)}"


def tests_of(path):
    """Where the test of a file may be: beside it under its own name, or under the name of what it is a part of."""
    stem = path[:-2]
    words = os.path.basename(stem).split("_")
    for n in range(len(words), 0, -1):
        yield os.path.join(os.path.dirname(stem), "_".join(words[:n]) + "_test.c")


def check_tested(root, path):
    if not path.startswith("src/") or not path.endswith(".c") or path.endswith("_test.c"):
        return
    test = TESTED_ELSEWHERE.get(path)
    places = list(tests_of(path)) if test is None else [os.path.join(os.path.dirname(path), test)]
    if not any(os.path.exists(os.path.join(root, place)) for place in places):
        yield f"{path}:1: no {os.path.basename(places[0])} beside it"


RULES = [check_floors, check_program, check_public, check_licence, check_size, check_voice,
         check_tested]


def check_names(paths):
    places = collections.defaultdict(list)
    for path in paths:
        if path.startswith("data/"):
            continue  # called by the id of what they describe
        places[os.path.basename(path)].append(path)
    for name, found in sorted(places.items()):
        if len(found) > 1 and name not in COMMON_NAMES:
            yield f"{found[0]}:1: the name {name} is used again: {', '.join(found[1:])}"


def check_exemptions(root):
    for path in sorted(TESTED_ELSEWHERE):
        if not os.path.exists(os.path.join(root, path)):
            yield f"tests/layout/layout.py:1: exemption for {path}, which does not exist"


def complaints_of(root):
    paths = list(files(root))
    found = [c for path in paths for rule in RULES for c in rule(root, path)]
    return found + list(check_names(paths)) + list(check_exemptions(root))


def main(arguments):
    here = os.path.dirname(os.path.abspath(__file__))
    found = complaints_of(arguments[0] if arguments else os.path.dirname(os.path.dirname(here)))
    for complaint in found:
        print(complaint)
    print(f"{len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
