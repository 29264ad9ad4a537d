#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages agree with the program, are well formed, and their examples work.

SYNOPSIS and OPTIONS of slicewise-COMMAND.1 must be what `slicewise --manual COMMAND` prints from the option tables;
--update puts them in. Lines "$ slicewise ..." under EXAMPLES are run and must succeed.

usage: manual.py [--update] PROGRAM
"""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import run as golden  # noqa: E402

PAGES = os.path.join(golden.ROOT, "docs", "man")
GENERATED = ("SYNOPSIS", "OPTIONS")


def sections(text):
    """The page in parts: [name, text], the part before the first section under the name ""."""
    parts = [["", ""]]
    for line in text.splitlines(keepends=True):
        if line.startswith(".Sh "):
            parts.append([line[4:].strip(), ""])
        parts[-1][1] += line
    return parts


def ask(program, *arguments):
    return subprocess.run([program, "--manual", *arguments], check=True, capture_output=True,
                          text=True).stdout


def check_tables(path, program, command, update):
    with open(path, encoding="utf-8") as file:
        before = file.read()
    tables = dict(sections(ask(program, command)))
    after = "".join(tables.get(name, text) if name in GENERATED else text
                    for name, text in sections(before))
    missing = [name for name in GENERATED if name not in dict(sections(before))]
    if missing:
        print(f"{path}: no section {missing[0]}")
        return False
    if before == after:
        return True
    if update:
        with open(path, "w", encoding="utf-8") as file:
            file.write(after)
        print(f"updated {path}")
        return True
    sys.stdout.writelines(difflib.unified_diff(before.splitlines(keepends=True),
                                               after.splitlines(keepends=True), path,
                                               "the option table"))
    return False


def check_lint(path):
    """mandoc judges the page; where it is not installed that is said."""
    if not shutil.which("mandoc"):
        print("mandoc is not installed: the form of the pages was not looked at")
        return True
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", path], capture_output=True, text=True,
                          check=False)
    if done.stdout:
        print(done.stdout, end="")
    return done.returncode == 0


def check_examples(path, program):
    with open(path, encoding="utf-8") as file:
        page = dict(sections(file.read()))
    commands = re.findall(r"^(?:\.Dl )?\$ (.*)$", page.get("EXAMPLES", ""), re.M)
    good = bool(commands)
    if not commands:
        print(f"{path}: no examples")
    with tempfile.TemporaryDirectory() as tools, tempfile.TemporaryDirectory() as folder:
        for name in ("examples", "tests"):
            os.symlink(os.path.join(golden.ROOT, name), os.path.join(folder, name))
        env = golden.environment(program, tools)
        for command in commands:
            result = golden.run_command(command.replace("\\e", "\\").replace("\\-", "-"), folder, env)
            if result[-1:] and result[-1].startswith("="):
                print(f"{path}: {command}\n" + "\n".join(result))
                good = False
    return good


def main(arguments):
    update = "--update" in arguments
    program = os.path.abspath([a for a in arguments if a != "--update"][0])
    good = True
    listed = ask(program).split()
    pages = {f"slicewise-{command}.1" for command in listed} | {"slicewise.1"}
    present = {name for name in os.listdir(PAGES) if name.endswith(".1")}
    for name in sorted(pages ^ present):
        print(f"docs/man/{name}: " + ("missing" if name in pages else "of a command that is not there"))
        good = False
    for command in listed:
        path = os.path.join(PAGES, f"slicewise-{command}.1")
        good = os.path.exists(path) and check_tables(path, program, command, update) and good
    for name in sorted(pages & present):
        path = os.path.join(PAGES, name)
        good = check_lint(path) and good
        good = check_examples(path, program) and good
    print("manual pages " + ("agree" if good else "DIFFER"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
