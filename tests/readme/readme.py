#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of README.md and docs/ are run and their output compared.

In a block that begins with ```console, a line "$ command" is run and the lines up to the next one are what it prints, both
streams as they come. A block that begins with ```console no-output is run and only its exit status is looked at.

usage: readme.py [--update] PROGRAM [FILE...]
"""

import difflib
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import run as golden  # noqa: E402


def documents():
    found = [os.path.join(golden.ROOT, "README.md")]
    for folder, _, names in sorted(os.walk(os.path.join(golden.ROOT, "docs"))):
        found += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".md")]
    return [path for path in found if os.path.exists(path)]


def run_command(command, folder, env):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=golden.TIMEOUT_S, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace").split("\n")[:-1]


def is_run(command):
    """make and friends are shown to readers, not run here: they would run this very test."""
    return command.split()[0] in ("slicewise", "cat", "cp")


def play(lines, folder, env):
    out, failures, block = [], [], None
    skipping = False
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            block = line[3:] if block is None else None
            skipping = False
        if block and block.startswith("console") and line.startswith("$ "):
            out.append(line)
            skipping = is_run(line[2:])
            if skipping:
                status, printed = run_command(line[2:], folder, env)
                if status and "no-output" in block:
                    failures.append(f"line {number}: exit status {status}: {line[2:]}")
                out += [] if "no-output" in block else printed
        elif not (skipping and block and block.startswith("console") and not line.startswith("```")):
            out.append(line)
    return out, failures


def check(path, program, update):
    with open(path, encoding="utf-8") as file:
        before = file.read().split("\n")[:-1]
    with tempfile.TemporaryDirectory() as tools, tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.join(golden.ROOT, "examples"), os.path.join(folder, "examples"))
        after, failures = play(before, folder, golden.environment(program, tools))
    for failure in failures:
        print(f"{path}: {failure}")
    if before == after:
        return not failures
    if update:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(after) + "\n")
        print(f"updated {path}")
        return not failures
    sys.stdout.writelines(line + "\n" for line in difflib.unified_diff(
        before, after, path, "today", lineterm=""))
    return False


def main(arguments):
    update = "--update" in arguments
    program, *files = [a for a in arguments if a != "--update"]
    files = files or documents()
    failed = [path for path in files if not check(path, program, update)]
    print(f"{len(files) - len(failed)} documents as expected, {len(failed)} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
