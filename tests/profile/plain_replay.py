#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A slicewise-replay without a GPU: the options that profile gives it, and records whose latencies anybody can reckon.

Request i of an engine arrives at i / 10 s; its first token comes after 10 ms, each further one after 2 ms times the engines of
the mix.
"""

import json
import os
import sys
import time


def option(name, otherwise=None):
    words = sys.argv[1:]
    return words[words.index(name) + 1] if name in words else otherwise


def main():
    words = sys.argv[1:]
    if os.environ.get("FAKE_SHARE") == "0.1":
        print("no such slice", file=sys.stderr)
        return 3
    mix = json.load(open(words[0], encoding="utf-8"))
    duration, name = float(option("--duration")), option("--tenant")
    names = [t["name"] for t in mix["tenants"]]
    start = option("--start-at")
    if (start is None) != (len(names) == 1) or name not in names or float(option("--warm-up")) <= 0:
        print(f"odd options: {words}", file=sys.stderr)
        return 1
    if start:
        time.sleep(max(0.0, float(start) - time.time()))
    with open(option("--records"), "w", encoding="utf-8") as file:
        for i in range(int(duration * 10)):
            arrival, tokens = i / 10, 5
            first = arrival + 0.010
            last = first + (tokens - 1) * 0.002 * len(names)
            print(json.dumps({"type": "request", "tenant": name, "id": i + 1, "arrival_s": arrival,
                              "first_token_s": first, "last_token_s": last, "prompt_tokens": 8,
                              "output_tokens": tokens, "cached_tokens": 0, "preemptions": 0}),
                  file=file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
