#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden command-line tests: what the program prints, on which stream, with which exit status.

A case is a text file:

    # a comment
    @ mix.yaml              a file of the case's own empty folder begins; its lines follow
    | gpu: l4
    $ slicewise predict mix.yaml
    > a line of standard output
    ! a line of standard error
    = 2                     the exit status, where it is not 0
    ? terminal true         the case is skipped (exit status 77) where this command fails

Commands are run by bash with pipefail; `slicewise` is the program under test, and the folder bin/ beside this file holds
what else a case may call. With --update the expected lines are written anew.

usage: run.py [--update] PROGRAM CASE...
"""

import difflib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TIMEOUT_S = 60
SKIPPED = 77  # what CTest takes for a test that was skipped


def environment(program, folder):
    """Nothing of the caller's but the search path: the same output for everybody."""
    os.symlink(os.path.abspath(program), os.path.join(folder, "slicewise"))
    path = os.pathsep.join([folder, os.path.join(HERE, "bin"), os.environ.get("PATH", "")])
    return {"PATH": path, "LC_ALL": "C.UTF-8", "SOURCE": ROOT, "HOME": folder}


def marked(mark, text):
    """The lines of a stream as they stand in a case. A missing newline at the end is said."""
    lines = [(mark + " " + line).rstrip(" ") if not line else mark + " " + line
             for line in text.split("\n")[:-1]]
    if text and not text.endswith("\n"):
        lines.append(mark + "\\ " + text.split("\n")[-1])
    return lines


def run_command(command, folder, env):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S,
                          check=False)
    result = marked(">", done.stdout.decode("utf-8", "replace"))
    result += marked("!", done.stderr.decode("utf-8", "replace"))
    if done.returncode:
        result.append(f"= {done.returncode}")
    return result


def is_result(line):
    return line[:1] in (">", "!", "=")


def play(lines, program):
    """The case as it comes out today; None where it cannot be played here."""
    out = []
    name = None
    with tempfile.TemporaryDirectory() as tools, tempfile.TemporaryDirectory() as folder:
        env = environment(program, tools)
        for line in lines:
            if is_result(line):
                continue
            out.append(line)
            if line.startswith("@ "):
                name = os.path.join(folder, line[2:].strip())
                os.makedirs(os.path.dirname(name), exist_ok=True)
                open(name, "w", encoding="utf-8").close()
            elif line.startswith("|"):
                with open(name, "a", encoding="utf-8") as file:
                    file.write(line[2:] + "\n")
            elif line.startswith("? ") and run_command(line[2:], folder, env):
                return None
            elif line.startswith("$ "):
                out += run_command(line[2:], folder, env)
    return out


def check(path, program, update):
    with open(path, encoding="utf-8") as file:
        before = file.read().split("\n")[:-1]
    after = play(before, program)
    if after is None:
        print(f"{path}: cannot be played here")
        return SKIPPED
    if before == after:
        return True
    if update:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(after) + "\n")
        print(f"updated {path}")
        return True
    sys.stdout.writelines(line + "\n" for line in difflib.unified_diff(
        before, after, path, "today", lineterm=""))
    return False


def main(arguments):
    update = "--update" in arguments
    program, *cases = [a for a in arguments if a != "--update"]
    if not cases or not shutil.which("bash"):
        print(__doc__)
        return 1
    results = [check(case, program, update) for case in cases]
    print(f"{results.count(True)} cases as expected, {results.count(False)} not")
    if False in results:
        return 1
    return 0 if True in results else SKIPPED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
