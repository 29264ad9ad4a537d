# SPDX-License-Identifier: Apache-2.0
"""A slicewise-replay without a GPU: the same options, plausible rows, no time. What it is to do wrong stands in FAKE_* variables.

Every run adds a line to $FAKE_LOG: its words and the surroundings that mechanisms are made of.
"""

import json
import os
import sys
import time

STEPS = "gpu,model,mechanism,share,phase,batch,seq_len,latency_ms,sms,cuda_graphs"
MARKS = "sm_clock_mhz,power_w,throttled_fraction"
MIXES = ("experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,"
         "max_num_batched_tokens,cuda_graphs,rate,concurrency,prompt_tokens,output_tokens,"
         "ttft_mean_ms,ttft_p50_ms,ttft_p95_ms,ttft_p99_ms,tpot_mean_ms,tpot_p50_ms,tpot_p95_ms,"
         "tpot_p99_ms,output_tok_s")
SAMPLES = "time_s,sm_clock_mhz,power_w"
CHECKED = "NVIDIA H100 80GB HBM3, compute capability 9.0, 132 SMs\nkernel by kernel PASS"
SLOW = "decode    1 x 512        9.000 ms    1500.0 GB/s     53.6 % of copy     below 70 %"
WATCHED = ("CUDA_MPS", "CUDA_DEVICE", "GPU_CORE", "LD_PRELOAD")


def log(words):
    seen = {k: v for k, v in os.environ.items() if k.startswith(WATCHED)}
    with open(os.environ["FAKE_LOG"], "a", encoding="utf-8") as file:
        file.write(json.dumps({"words": words, "env": seen}) + "\n")


def check(word):
    if os.environ.get("FAKE_GPU") == "none":
        print("slicewise-replay: no GPU answers: no CUDA driver is installed", file=sys.stderr)
        return 77
    print(CHECKED)
    if word == "--self-test":
        print(f"\n{SLOW}")
    if word == "--self-test" and os.environ.get("FAKE_GREEN") == "none":
        print("\nnot split: the driver knows no green contexts")
    return 1 if os.environ.get("FAKE_CHECK") == "fails" else 0


def list_gpus():
    """On an old driver."""
    others = os.environ.get("FAKE_OTHERS")
    json.dump([{"name": os.environ.get("FAKE_NAME", "NVIDIA H100 80GB HBM3"), "uuid": "GPU-0",
                "driver": "525.60.13", "busy": f"GPU busy: {others}" if others else ""}], sys.stdout)
    return 0


def marks(words):
    """Of who looks at the GPU; for others they are not known."""
    return ",," if option(words, "--nvml") == "none" else "1755,401.5,1"


def meet_daemon():
    """A client makes the daemon start a server."""
    pipe = os.environ.get("CUDA_MPS_PIPE_DIRECTORY", "/none")
    if os.path.exists(os.path.join(pipe, "listens")):
        open(os.path.join(pipe, "served"), "w", encoding="utf-8").close()


def option(words, name, default=None):
    return words[words.index(name) + 1] if name in words else default


def append(path, header, lines):
    new = not os.path.exists(path)
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in ([header] if new else []) + lines))


def step_lines(words, mix, mechanism, tenant):
    share = tenant["share"]
    for phase, batch, length, ms in (("prefill", 1, 2048, 60), ("decode", 1, 512, 6)):
        yield (f"{mix['gpu']},{tenant['model']},{mechanism},{share},{phase},{batch},{length},"
               f"{ms / share ** 0.5:.4g},66,true,{marks(words)}")


def mix_line(words, mix, mechanism, tenant):
    load, engine = tenant["load"], tenant["engine"]
    slow = len(mix["tenants"]) ** 0.5
    cells = [option(words, "--experiment"), option(words, "--repeat"), mix["gpu"], mechanism,
             tenant["name"], tenant["model"], tenant["share"], tenant["memory_gib"],
             engine["max_num_seqs"], engine["max_num_batched_tokens"],
             "true" if engine["cuda_graphs"] else "false", load.get("rate", ""),
             load.get("concurrency", ""), load["prompt_tokens"], load["output_tokens"]]
    cells += [100 * slow] * 4 + [10 * slow] * 4 + [500]
    return ",".join(str(c) for c in cells) + "," + marks(words)


def records(path, tenant):
    lines = [{"type": "request", "tenant": tenant["name"], "id": i, "arrival_s": 0.1 * i,
              "first_token_s": 0.1 * i + 0.05, "last_token_s": 0.1 * i + 0.5, "prompt_tokens": 10,
              "output_tokens": 5, "cached_tokens": 0, "preemptions": 0} for i in range(3)]
    lines.append({"type": "step", "tenant": tenant["name"], "start_s": 0})
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))


def serve(words):
    with open(words[0], encoding="utf-8") as file:
        mix = json.load(file)
    name = option(words, "--tenant")
    tenants = [t for t in mix["tenants"] if name in (None, t["name"])]
    mechanism = mix["mechanism"] if name else "green-context"
    if float(option(words, "--warm-up", "10")) >= float(option(words, "--duration", "60")):
        print("slicewise-replay: --warm-up: expected less than --duration", file=sys.stderr)
        return 1
    time.sleep(float(os.environ.get("FAKE_TAKES", "0")))
    if os.environ.get("FAKE_NO_MEMORY", "nothing") in tenants[0]["model"]:
        print("slicewise-replay: not enough memory", file=sys.stderr)
        return 3
    if os.environ.get("FAKE_COMES") and "--busy" not in words:
        print("slicewise-replay: GPU busy: pid 41 uses 893 MiB", file=sys.stderr)
        return 5
    if "--samples" in words:
        append(option(words, "--samples"), SAMPLES, ["0.1,1755,401.5", "0.2,1755,401.5"])
    if "CUDA_DEVICE_MEMORY_SHARED_CACHE" in os.environ:
        open(os.environ["CUDA_DEVICE_MEMORY_SHARED_CACHE"], "w", encoding="utf-8").close()
    if "--start-at" in words and os.environ.get("FAKE_LATE"):
        if float(option(words, "--start-at")) < time.time() + float(os.environ["FAKE_LATE"]):
            print("slicewise-replay: --start-at: the engines were ready 5.0 s too late",
                  file=sys.stderr)
            return 4
    for tenant in tenants:
        if "--steps" in words:
            append(option(words, "--rows"), STEPS + "," + MARKS,
                   list(step_lines(words, mix, mechanism, tenant)))
        else:
            append(option(words, "--rows"), MIXES + "," + MARKS,
                   [mix_line(words, mix, mechanism, tenant)])
            records(option(words, "--records"), tenant)
    print(f"{tenants[0]['name']}: 3 requests in 0.0 s, 0 unfinished", file=sys.stderr)
    return 0


def main(words):
    log(words)
    if words == ["--gpus"]:
        return list_gpus()
    meet_daemon()
    return check(words[0]) if words[0] in ("--check", "--self-test") else serve(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
