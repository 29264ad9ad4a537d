#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well `slicewise emulate` holds its own pace: streams on four engines, and the time from a token's due moment to its bytes
being with the kernel, from the program's own histogram. Server and client share the machine's cores.

usage: emulate_pacing.py PROGRAM MIX.yaml RESULT.txt [--streams N] [--tokens N] [--speed X] [--runs N]
"""

import argparse
import http.client
import json
import os
import platform
import selectors
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

NAME = "slicewise_emulate_pacing_error_seconds"
BOUND_S = 0.005
PROMPT_TOKENS = 64


def start(program, mix, speed):
    process = subprocess.Popen([program, "emulate", mix, "--port", "0", "--format", "json",
                                "--speed", str(speed)], stdout=subprocess.PIPE)
    text = b""
    while not text.endswith(b"\n}\n"):
        line = process.stdout.readline()
        if not line:
            sys.exit(f"{program} did not start")
        text += line
    return process, [urllib.parse.urlparse(e["url"]) for e in json.loads(text)["engines"]]


def histogram(url):
    """({bound in seconds: count at or below it}, sum) of one engine."""
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("GET", "/metrics")
    buckets, total = {}, 0.0
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith(NAME + "_bucket"):
            buckets[float(line.split('le="')[1].split('"')[0].replace("+Inf", "inf"))] = float(
                line.rsplit(" ", 1)[1])
        elif line.startswith(NAME + "_sum"):
            total = float(line.rsplit(" ", 1)[1])
    connection.close()
    return buckets, total


def quantile(buckets, q):
    """The bounds between which a quantile lies."""
    below = 0.0
    for bound in sorted(buckets):
        if buckets[bound] >= q * buckets[float("inf")]:
            return below, bound
        below = bound
    return below, float("inf")


def stream_all(urls, streams, tokens):
    """Open the streams evenly over two seconds and read them to their ends."""
    body = json.dumps({"prompt": [1] * PROMPT_TOKENS, "max_tokens": tokens, "ignore_eos": True,
                       "stream": True}).encode()
    request = (b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
               b"Content-Length: %d\r\n\r\n" % len(body)) + body
    selector = selectors.DefaultSelector()
    opened, done, size = 0, 0, 0
    begin = time.monotonic()
    while done < streams:
        if opened < streams and time.monotonic() - begin >= 2.0 * opened / streams:
            url = urls[opened % len(urls)]
            s = socket.create_connection((url.hostname, url.port))
            s.sendall(request)
            s.setblocking(False)
            selector.register(s, selectors.EVENT_READ)
            opened += 1
        for key, _ in selector.select(0.005 if opened < streams else 5):
            data = key.fileobj.recv(1 << 16)
            size += len(data)
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                done += 1
    return time.monotonic() - begin, size


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(l.split(":")[1].strip() for l in file if l.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def cpu_s(process):
    with open(f"/proc/{process.pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def words(bounds):
    return " to ".join(f"{1000 * b:g}" for b in bounds)


def report(args, urls, took_s, used_s):
    buckets, total = {}, 0.0
    for url in urls:
        of_one, sum_one = histogram(url)
        total += sum_one
        for bound, count in of_one.items():
            buckets[bound] = buckets.get(bound, 0) + count
    n = buckets[float("inf")]
    load = os.getloadavg()[0]
    return "\n".join([
        f"{args.streams} streams on {len(urls)} engines of {os.path.basename(args.mix)}, "
        f"{args.tokens} tokens each, {os.path.basename(args.program)} at speed {args.speed:g}",
        f"{len(os.sched_getaffinity(0))} cores of {processor()} with the client on them, "
        f"load average {load:.2f} at the end",
        f"{n:.0f} tokens in {took_s:.1f} s, {n / took_s:.0f} per second; "
        f"{used_s:.1f} s of the server's CPU time, {1e6 * used_s / n:.0f} us a token",
        f"pacing error, ms: mean {1000 * total / n:.3f}, p50 {words(quantile(buckets, 0.5))}, "
        f"p95 {words(quantile(buckets, 0.95))}, p99 {words(quantile(buckets, 0.99))}, "
        f"p99.9 {words(quantile(buckets, 0.999))}",
        f"{100 * buckets[BOUND_S] / n:.3f} % within {1000 * BOUND_S:g} ms",
        ""])


def measure(args):
    process, urls = start(args.program, args.mix, args.speed)
    took_s, _ = stream_all(urls, args.streams, args.tokens)
    text = report(args, urls, took_s, cpu_s(process))
    process.send_signal(signal.SIGTERM)
    process.wait()
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("mix")
    parser.add_argument("result")
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=500)
    parser.add_argument("--speed", type=float, default=1)
    parser.add_argument("--runs", type=int, default=1)
    args = parser.parse_args()
    text = "\n".join(measure(args) for _ in range(args.runs))
    with open(args.result, "w", encoding="utf-8") as file:
        file.write(text)
    print(text, end="")


if __name__ == "__main__":
    main()
