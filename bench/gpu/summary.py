# SPDX-License-Identifier: Apache-2.0
"""What a folder of results says: a table per mechanism, and the errors of the predictions beside it."""

import os
import subprocess

import outputs

METRICS = ("ttft_p50_ms", "tpot_p50_ms")
LOAD = ("model", "max_num_seqs", "max_num_batched_tokens", "cuda_graphs", "memory_gib", "rate",
        "concurrency", "prompt_tokens", "output_tokens")
# A share of green contexts is what whole units of SMs came to, and so differs a little between alone and together.
SAME_SHARE = 0.04
HEADER = ["experiment", "tenant", "model", "share", "TTFT alone", "together", "slowdown",
          "TPOT alone", "together", "slowdown", "held back"]


def value(row, key):
    try:
        return float(row.get(key) or "nan")
    except ValueError:
        return float("nan")


def alone_mechanism(row):
    return "exclusive" if row["mechanism"] == "timeslice" else row["mechanism"]


def share_of(row):
    return 1.0 if row["mechanism"] in ("timeslice", "exclusive") else value(row, "share")


def is_alone(row):
    return row["experiment"].startswith("alone-")


def find_alone(rows, row):
    """The newest run of the same engine under the same load with the same slice and nobody beside it."""
    for other in reversed(rows):
        if (is_alone(other) and other["mechanism"] == alone_mechanism(row) and
                all(other[k] == row[k] for k in LOAD) and
                abs(share_of(other) - share_of(row)) <= SAME_SHARE):
            return other
    return None


def shown(x, digits=1):
    return "-" if x != x else f"{x:.{digits}f}"


def line_of(rows, row):
    before = find_alone(rows, row) or {}
    cells = [row["experiment"], row["tenant"], row["model"], f"{share_of(row):.2f}"]
    for metric in METRICS:
        first, now = value(before, metric), value(row, metric)
        ratio = now / first if first > 0 else float("nan")
        cells += [shown(first), shown(now), shown(ratio, 2)]
    return cells + [shown(100 * value(row, "throttled_fraction"), 0)]


def table(lines):
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    left = {0, 1, 2}
    return "\n".join("  ".join(c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in
                               enumerate(zip(line, widths))).rstrip() for line in lines)


def slowdowns(rows):
    """Text; one table per mechanism that has engines together."""
    out = []
    for mechanism in ("mps", "timeslice", "green-context", "hami"):
        found = [r for r in rows if r["mechanism"] == mechanism and not is_alone(r)]
        if found:
            out.append(f"{mechanism} (p50, ms; held back: % of moments)\n\n" +
                       table([HEADER] + [line_of(rows, r) for r in found]))
    return "\n\n".join(out) if out else "No engines were measured together."


def alone_table(rows):
    found = [r for r in rows if is_alone(r)]
    if not found:
        return ""
    lines = [["experiment", "TTFT p50", "TPOT p50", "tok/s"]]
    lines += [[r["experiment"], *(shown(value(r, k)) for k in (*METRICS, "output_tok_s"))]
              for r in found]
    widths = [max(len(line[i]) for line in lines) for i in range(4)]
    return "alone (ms)\n\n" + "\n".join(
        "  ".join([line[0].ljust(widths[0])] + [c.rjust(w) for c, w in
                                               zip(line[1:], widths[1:])]) for line in lines)


def steps_count(rows):
    counts = {}
    for row in rows:
        key = (row["model"], row["mechanism"], f"{value(row, 'share'):.2f}")
        counts[key] = counts.get(key, 0) + 1
    if not counts:
        return ""
    return "steps\n\n" + table([["model", "mechanism", "share", "rows"]] +
                               [[*key, str(n)] for key, n in sorted(counts.items())])


def validate(slicewise, folder, name):
    """What `slicewise validate` says of a file; empty where there is none, or where it does not work on these rows."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return ""
    try:
        done = subprocess.run([slicewise, "validate", path], capture_output=True, text=True,
                              timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.replace(path, name).strip() if done.returncode == 0 else ""


def summarize(folder, slicewise, notes):
    mixes = outputs.read_rows(os.path.join(folder, "mixes.csv"))
    steps = outputs.read_rows(os.path.join(folder, "steps.csv"))
    parts = ["\n".join(notes), slowdowns(mixes), alone_table(mixes), steps_count(steps)]
    parts += [validate(slicewise, folder, name) for name in ("steps.csv", "mixes.csv")]
    return "\n\n".join(p for p in parts if p) + "\n"
