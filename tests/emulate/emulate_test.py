#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`slicewise emulate` as its clients meet it, on a fake GPU whose steps take 20 ms over the engine's share.

usage: emulate_test.py PROGRAM [TEST...]
"""

import http.client
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

PROGRAM = None
STEP_S, PROMPT_STEPS, START_S = 0.02, 2, 0.5
DOOMED_PROMPT = 666  # the fake GPU gives such a request up after two tokens
PATIENCE_S = 10

MIX = """
gpu: a100-sxm4-80gb
mechanism: %s
tenants:
  - {name: one, model: qwen3-0.6b, share: 0.5, memory_gib: 10,
     engine: {max_num_seqs: 4, max_model_len: 4096, cuda_graphs: false},
     load: {rate: 1, prompt_tokens: 100, output_tokens: 20, prefix_hit_ratio: 0.5}}
  - {name: two, model: qwen3-1.7b, share: 0.25, memory_gib: 12,
     engine: {max_num_seqs: 32, max_model_len: 8192, cuda_graphs: false},
     load: {rate: 1, prompt_tokens: 100, output_tokens: {mean: 30, p95: 60}}}
"""

LATENCY = ["0.3", "0.5", "0.8", "1.0", "1.5", "2.0", "2.5", "5.0", "10.0", "15.0", "20.0", "30.0",
           "40.0", "50.0", "60.0", "120.0", "240.0", "480.0", "960.0", "1920.0", "7680.0", "+Inf"]
TTFT = ["0.001", "0.005", "0.01", "0.02", "0.04", "0.06", "0.08", "0.1", "0.25", "0.5", "0.75", "1.0",
        "2.5", "5.0", "7.5", "10.0", "20.0", "40.0", "80.0", "160.0", "640.0", "2560.0", "+Inf"]
ITL = ["0.01", "0.025", "0.05", "0.075", "0.1", "0.15", "0.2", "0.3", "0.4", "0.5", "0.75", "1.0", "2.5",
       "5.0", "7.5", "10.0", "20.0", "40.0", "80.0", "+Inf"]
ITERATION = [f"{2.0 ** i}" for i in (0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)] + ["+Inf"]
TOKENS = [f"{float(m * 10 ** e)}" for e in range(4) for m in (1, 2, 5) if m * 10 ** e <= 4096] + ["+Inf"]

HISTOGRAMS = {
    "vllm:time_to_first_token_seconds": TTFT,
    "vllm:inter_token_latency_seconds": ITL,
    "vllm:request_time_per_output_token_seconds": ITL,
    "vllm:e2e_request_latency_seconds": LATENCY,
    "vllm:request_queue_time_seconds": LATENCY,
    "vllm:request_inference_time_seconds": LATENCY,
    "vllm:request_prefill_time_seconds": LATENCY,
    "vllm:request_decode_time_seconds": LATENCY,
    "vllm:request_prompt_tokens": TOKENS,
    "vllm:request_generation_tokens": TOKENS,
    "vllm:iteration_tokens_total": ITERATION,
}
COUNTERS = ["vllm:prompt_tokens_total", "vllm:generation_tokens_total", "vllm:request_success_total",
            "vllm:num_preemptions_total", "vllm:prefix_cache_queries_total",
            "vllm:prefix_cache_hits_total"]
GAUGES = ["vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc",
          "vllm:cache_config_info"]


class Emulation:
    """The program while it runs."""

    def __init__(self, *options, mechanism="hami"):
        self.folder = tempfile.mkdtemp()
        mix = os.path.join(self.folder, "mix.yaml")
        with open(mix, "w", encoding="utf-8") as file:
            file.write(MIX % mechanism)
        self.process = subprocess.Popen(
            [PROGRAM, "emulate", mix, "--port", "0", "--format", "json", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = b""
        while not text.endswith(b"\n}\n"):
            line = self.process.stdout.readline()
            if not line:
                said = self.process.communicate()[1].decode()
                shutil.rmtree(self.folder)
                raise RuntimeError(f"exit status {self.process.returncode}: {said}")
            text += line
        self.endpoints = json.loads(text)["engines"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE_S)
        said = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        shutil.rmtree(self.folder)
        if status != 0 or said:
            raise RuntimeError(f"exit status {status}: {said}")

    def connect(self, engine=0):
        url = urllib.parse.urlparse(self.endpoints[engine]["url"])
        return http.client.HTTPConnection(url.hostname, url.port, timeout=PATIENCE_S)

    def socket(self, engine=0):
        url = urllib.parse.urlparse(self.endpoints[engine]["url"])
        return socket.create_connection((url.hostname, url.port), timeout=PATIENCE_S)

    def ask(self, method, path, body=None, engine=0):
        connection = self.connect(engine)
        try:
            connection.request(method, path, None if body is None else
                               body if isinstance(body, bytes) else json.dumps(body))
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def complete(self, engine=0, path="/v1/completions", **body):
        status, text = self.ask("POST", path, body, engine)
        return status, json.loads(text)

    def stream(self, engine=0, path="/v1/completions", **body):
        """Yields (seconds since the request, event or "[DONE]")."""
        connection = self.connect(engine)
        try:
            begin = time.monotonic()
            connection.request("POST", path, json.dumps(dict(body, stream=True)))
            response = connection.getresponse()
            assert response.status == 200, response.read()
            assert response.headers["Content-Type"].startswith("text/event-stream")
            while True:
                line = response.readline()
                if not line:
                    return
                if line.startswith(b"data: "):
                    text = line[6:].strip().decode()
                    yield (time.monotonic() - begin,
                           text if text == "[DONE]" else json.loads(text))
        finally:
            connection.close()

    def metrics(self, engine=0):
        status, text = self.ask("GET", "/metrics", engine=engine)
        assert status == 200
        return parse_metrics(text)

    def value(self, name, engine=0, **labels):
        samples = self.metrics(engine)[1]
        found = [v for n, l, v in samples if n == name and labels.items() <= l.items()]
        assert len(found) == 1, (name, labels, found)
        return found[0]


def parse_metrics(text):
    """({family: type}, [(name, labels, value)]) of the text format."""
    types, samples = {}, []
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            types[name] = kind
        elif not line.startswith("#"):
            name, _, rest = line.partition("{")
            inside, _, value = rest.rpartition("} ")
            labels = dict(part.split("=", 1) for part in inside.split(",") if part)
            samples.append((name, {k: v.strip('"') for k, v in labels.items()}, float(value)))
    return types, samples


def wait_until(condition, patience_s=PATIENCE_S):
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


class Answers(unittest.TestCase):
    def test_an_answer_in_one_piece(self):
        with Emulation() as e:
            status, answer = e.complete(model="qwen3-0.6b", prompt=[1] * 100, max_tokens=7)
            self.assertEqual(status, 200)
            self.assertEqual(answer["usage"], {"prompt_tokens": 100, "completion_tokens": 7,
                                               "total_tokens": 107})
            self.assertEqual(answer["object"], "text_completion")
            self.assertEqual(len(answer["choices"][0]["text"].split()), 7)
            self.assertEqual(answer["choices"][0]["finish_reason"], "length")
            status, answer = e.complete(prompt="abcdefghi", max_tokens=50)
            self.assertEqual(answer["usage"]["prompt_tokens"], 3)
            self.assertEqual(answer["usage"]["completion_tokens"], 20)  # the mix's output_tokens
            self.assertEqual(answer["choices"][0]["finish_reason"], "stop")
            status, answer = e.complete(prompt="a", max_tokens=50, ignore_eos=True)
            self.assertEqual(answer["usage"]["completion_tokens"], 50)
            status, answer = e.complete(path="/v1/chat/completions", max_completion_tokens=3,
                                        messages=[{"role": "user", "content": "12345678"}])
            self.assertEqual(answer["usage"]["prompt_tokens"], 2 + 4)
            self.assertEqual(answer["choices"][0]["message"]["role"], "assistant")
            self.assertEqual(len(answer["choices"][0]["message"]["content"].split()), 3)

    def test_a_stream_comes_at_the_simulators_pace(self):
        with Emulation() as e:
            events = list(e.stream(prompt="x" * 40, max_tokens=10,
                                   stream_options={"include_usage": True}))
            self.assertEqual(events[-1][1], "[DONE]")
            self.assertEqual(events[-2][1]["choices"], [])
            self.assertEqual(events[-2][1]["usage"], {"prompt_tokens": 10, "completion_tokens": 10,
                                                      "total_tokens": 20})
            tokens = events[:-2]
            self.assertEqual(len(tokens), 10)
            finishes = [event["choices"][0]["finish_reason"] for _, event in tokens]
            self.assertEqual(finishes, [None] * 9 + ["length"])
            self.assertEqual(len({event["id"] for _, event in events[:-1]}), 1)
            step_s = STEP_S / 0.5
            for n, (at_s, _) in enumerate(tokens):
                due_s = (PROMPT_STEPS + n) * step_s
                self.assertGreaterEqual(at_s, due_s - 0.001)
                self.assertLess(at_s, due_s + 1)  # a busy machine is late, never early

    def test_a_chat_stream_begins_with_its_role(self):
        with Emulation() as e:
            events = [event for _, event in e.stream(
                path="/v1/chat/completions", messages=[{"role": "user", "content": "x"}],
                max_tokens=3)]
            self.assertEqual(events[0]["choices"][0]["delta"], {"role": "assistant", "content": ""})
            words = [event["choices"][0]["delta"]["content"] for event in events[1:-1]]
            self.assertEqual(len("".join(words).split()), 3)
            self.assertNotIn("usage", events[1])
            self.assertEqual(events[-1], "[DONE]")

    def test_speed_is_time_divided(self):
        with Emulation("--speed", "10") as e:
            begin = time.monotonic()
            e.complete(prompt="x", max_tokens=100, ignore_eos=True)
            took_s = time.monotonic() - begin
            due_s = 101 * STEP_S / 0.5 / 10
            self.assertGreaterEqual(took_s, due_s - 0.001)
            self.assertLess(took_s, 101 * STEP_S / 0.5)

    def test_models_and_health(self):
        with Emulation() as e:
            self.assertEqual(e.ask("GET", "/health"), (200, ""))
            status, text = e.ask("GET", "/v1/models", engine=1)
            model = json.loads(text)["data"][0]
            self.assertEqual((model["id"], model["max_model_len"]), ("qwen3-1.7b", 8192))


class Errors(unittest.TestCase):
    def check(self, answer, status, kind):
        self.assertEqual(answer[0], status, answer)
        error = json.loads(answer[1])["error"]
        self.assertEqual((error["code"], error["type"]), (status, kind))
        self.assertTrue(error["message"])

    def test_bad_requests_are_refused_in_openais_form(self):
        post = "/v1/completions"
        with Emulation() as e:
            self.check(e.ask("POST", post, b"{nonsense"), 400, "BadRequestError")
            self.check(e.ask("POST", post, b"[" * 100000), 400, "BadRequestError")
            self.check(e.ask("POST", post, b"\xff\xfe"), 400, "BadRequestError")
            self.check(e.ask("POST", post, {}), 400, "BadRequestError")
            self.check(e.ask("POST", post, {"prompt": "x", "n": 2}), 400, "BadRequestError")
            self.check(e.ask("POST", post, {"prompt": [1] * 5000}), 400, "BadRequestError")
            self.check(e.ask("POST", post, {"prompt": "x", "max_tokens": 4096}), 400,
                       "BadRequestError")
            self.check(e.ask("POST", post, {"prompt": "x", "model": "gpt-4"}), 404, "NotFoundError")
            self.check(e.ask("GET", "/v1/engines"), 404, "NotFoundError")
            self.check(e.ask("GET", post), 405, "MethodNotAllowedError")
            self.check(e.ask("POST", post, b" " * (5 << 20)), 413, "RequestEntityTooLargeError")
            self.assertEqual(e.complete(prompt="x", max_tokens=1)[0], 200)

    def test_nonsense_harms_nobody(self):
        pieces = [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n",
                  b"GET /" + b"a" * 100000, b"POST /v1/completions HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                  b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                  b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                  b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 20000]
        with Emulation() as e:
            for piece in pieces:
                s = e.socket()
                s.settimeout(0.3)  # some wait for more
                try:
                    s.sendall(piece)
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(65536):
                        pass
                except OSError:
                    pass
                s.close()
            half = [e.socket() for _ in range(20)]
            for s in half:
                s.sendall(b"POST /v1/completions HTTP/1.1\r\nContent-Le")
            self.assertEqual(e.complete(prompt="x", max_tokens=1)[0], 200)
            for s in half:
                s.close()

    def test_what_the_engine_gives_up_is_an_error(self):
        with Emulation() as e:
            doomed = {"prompt": [1] * DOOMED_PROMPT, "max_tokens": 5}
            self.check(e.ask("POST", "/v1/completions", doomed), 500, "InternalServerError")
            events = [event for _, event in e.stream(**doomed)]
            self.assertEqual(events[-2]["error"]["code"], 500)
            self.assertEqual(e.value("vllm:request_success_total", finished_reason="error"), 2)


class Metrics(unittest.TestCase):
    def test_names_types_labels_and_buckets_are_vllms(self):
        with Emulation() as e:
            types, samples = e.metrics()
            for name in COUNTERS:
                self.assertEqual(types[name], "counter", name)
            for name in GAUGES:
                self.assertEqual(types[name], "gauge", name)
            for name, bounds in HISTOGRAMS.items():
                self.assertEqual(types[name], "histogram", name)
                buckets = [l for n, l, _ in samples if n == name + "_bucket"]
                self.assertEqual([l["le"] for l in buckets], bounds, name)
                for suffix in ("_sum", "_count"):
                    self.assertEqual(len([1 for n, _, _ in samples if n == name + suffix]), 1)
            for name, labels, _ in samples:
                self.assertEqual(labels["engine"], "0")
                if name != "vllm:cache_config_info":
                    self.assertEqual(labels["model_name"], "qwen3-0.6b")
            config = next(l for n, l, _ in samples if n == "vllm:cache_config_info")
            self.assertEqual((config["num_gpu_blocks"], config["block_size"]), ("4096", "16"))

    def test_everything_is_counted_once(self):
        with Emulation() as e:
            e.complete(prompt=[1] * 100, max_tokens=5)
            list(e.stream(prompt=[1] * 50, max_tokens=1))
            list(e.stream(prompt=[1] * 40, max_tokens=50))
            expect = {"vllm:prompt_tokens_total": 190, "vllm:generation_tokens_total": 26,
                      "vllm:prefix_cache_queries_total": 190,
                      "vllm:prefix_cache_hits_total": 48 + 16 + 16,  # whole blocks of half the prompt
                      "vllm:num_requests_running": 0, "vllm:num_requests_waiting": 0,
                      "vllm:time_to_first_token_seconds_count": 3,
                      "vllm:inter_token_latency_seconds_count": 23,
                      "vllm:request_time_per_output_token_seconds_count": 3,
                      "vllm:e2e_request_latency_seconds_count": 3,
                      "vllm:request_queue_time_seconds_count": 3,
                      "vllm:request_prompt_tokens_sum": 190,
                      "vllm:request_generation_tokens_sum": 26,
                      "vllm:iteration_tokens_total_sum": 216,
                      "vllm:iteration_tokens_total_count": 26}
            for name, value in expect.items():
                self.assertEqual(e.value(name), value, name)
            finished = {reason: e.value("vllm:request_success_total", finished_reason=reason)
                        for reason in ("stop", "length", "abort", "error")}
            self.assertEqual(finished, {"stop": 1, "length": 2, "abort": 0, "error": 0})
            self.assertAlmostEqual(e.value("vllm:inter_token_latency_seconds_sum"), 23 * 0.04, 6)
            self.assertAlmostEqual(e.value("vllm:time_to_first_token_seconds_sum"), 3 * 0.08, 6)
            self.assertTrue(wait_until(lambda: e.value(
                "slicewise_emulate_pacing_error_seconds_count") == 21))
            for name in ("vllm:prompt_tokens_total", "vllm:generation_tokens_total"):
                self.assertEqual(e.value(name, engine=1), 0)

    def test_requests_beyond_max_num_seqs_wait(self):
        with Emulation() as e:
            sockets = [e.socket() for _ in range(6)]
            body = json.dumps({"prompt": "x", "max_tokens": 20, "ignore_eos": True}).encode()
            for s in sockets:
                s.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                          % len(body) + body)
            self.assertTrue(wait_until(lambda: (e.value("vllm:num_requests_running"),
                                                e.value("vllm:num_requests_waiting")) == (4, 2)))
            self.assertGreater(e.value("vllm:kv_cache_usage_perc"), 0)
            for s in sockets:
                s.recv(65536)
                s.close()
            self.assertTrue(wait_until(lambda: e.value("vllm:e2e_request_latency_seconds_count") == 6))
            waited = e.value("vllm:request_queue_time_seconds_sum")
            self.assertGreater(waited, 1.2)  # two of them, for 21 steps of 40 ms less one
            self.assertLess(waited, 6)

    def test_promtool_reads_them(self):
        promtool = shutil.which("promtool")
        if not promtool:
            self.skipTest("promtool is not installed")
        with Emulation() as e:
            e.complete(prompt="x", max_tokens=5)
            _, text = e.ask("GET", "/metrics")
        done = subprocess.run([promtool, "check", "metrics"], input=text.encode(), check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        complaints = [line for line in done.stdout.decode().splitlines()
                      if not ("vllm:" in line and ("contain ':'" in line or
                                                   "iteration_tokens_total" in line))]
        self.assertEqual(complaints, [])  # but for names that are vLLM's own
        self.assertIn(done.returncode, (0, 3))


class Ends(unittest.TestCase):
    def test_a_restart_cuts_and_comes_back(self):
        with Emulation() as e:
            e.complete(prompt="x", max_tokens=2)
            events = e.stream(prompt="x", max_tokens=1000, ignore_eos=True)
            next(events)
            waiting = e.socket()
            body = b'{"prompt": "x", "max_tokens": 1000, "ignore_eos": true}'
            waiting.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                            % len(body) + body)
            self.assertTrue(wait_until(lambda: e.value("vllm:num_requests_running") == 2))
            begin = time.monotonic()
            self.assertEqual(e.ask("POST", "/restart")[0], 202)
            self.assertEqual(e.ask("GET", "/health")[0], 503)
            self.assertEqual(e.complete(prompt="x")[0], 503)
            self.assertEqual(e.ask("GET", "/health", engine=1)[0], 200)
            with self.assertRaises((http.client.HTTPException, ConnectionError)):
                for _ in events:
                    pass
                raise ConnectionError("a stream that ends without its mark")
            self.assertEqual(waiting.recv(100), b"")
            waiting.close()
            self.assertTrue(wait_until(lambda: e.ask("GET", "/health")[0] == 200))
            self.assertGreaterEqual(time.monotonic() - begin, START_S - 0.001)
            self.assertEqual(e.value("vllm:generation_tokens_total"), 0)
            self.assertEqual(e.complete(prompt="x", max_tokens=3)[0], 200)
            self.assertEqual(e.value("vllm:generation_tokens_total"), 3)

    def test_a_client_that_leaves_ends_its_request(self):
        with Emulation() as e:
            events = e.stream(prompt="x", max_tokens=3000, ignore_eos=True)
            next(events)
            events.close()
            s = e.socket()
            body = b'{"prompt": "x", "max_tokens": 3000, "ignore_eos": true}'
            s.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                      % len(body) + body)
            time.sleep(0.1)
            s.close()
            self.assertTrue(wait_until(lambda: e.value("vllm:num_requests_running") == 0))
            self.assertTrue(wait_until(lambda: e.value("vllm:request_success_total",
                                                       finished_reason="abort") == 2))

    def test_a_reader_that_does_not_read_stalls_nobody(self):
        with Emulation("--speed", "50") as e:
            s = e.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            body = b'{"prompt": "x", "max_tokens": 4000, "ignore_eos": true, "stream": true}'
            s.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                      % len(body) + body)
            begin = time.monotonic()
            events = list(e.stream(prompt="x", max_tokens=500, ignore_eos=True))
            self.assertEqual(len(events), 501)
            self.assertLess(time.monotonic() - begin, PATIENCE_S)
            s.close()

    def test_a_duration_ends_it(self):
        with Emulation("--duration", "0.3") as e:
            self.assertEqual(e.process.wait(PATIENCE_S), 0)

    def test_streams_in_flight_do_not_keep_it(self):
        with Emulation() as e:
            held = [e.stream(prompt="x", max_tokens=3000, ignore_eos=True) for _ in range(4)]
            for events in held:
                next(events)
            e.process.send_signal(signal.SIGINT)
            self.assertEqual(e.process.wait(PATIENCE_S), 0)
            for events in held:
                events.close()

    def fails(self, status, words, *options, mechanism="hami"):
        with self.assertRaises(RuntimeError) as caught, Emulation(*options, mechanism=mechanism):
            pass
        self.assertIn(f"exit status {status}: ", str(caught.exception))
        self.assertIn(words, str(caught.exception))

    def test_what_cannot_be_started_says_why(self):
        with Emulation() as e:
            port = e.endpoints[0]["url"].rpartition(":")[2]
            self.fails(4, "cannot listen: Address already in use", "--port", port)
        self.fails(2, "regions belong to mechanism hami; the mix has mps", "--regions", "/tmp/x",
                   mechanism="mps")
        self.fails(1, "--live needs --regions", "--live")
        self.fails(4, "cannot make the folder", "--regions", "/proc/none")


SM_LIMIT_AT, LIMIT_AT, SLOT_AT = 1728, 1600, 1856


class Region:
    def __init__(self, path):
        self.path = path

    def read(self, at, form):
        with open(self.path, "rb") as file:
            file.seek(at)
            return struct.unpack("<" + form, file.read(struct.calcsize(form)))[0]

    def set_sm_limit(self, percent):
        with open(self.path, "r+b") as file:
            file.seek(SM_LIMIT_AT)
            file.write(struct.pack("<Q", percent))


class Regions(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()

    def tearDown(self):
        shutil.rmtree(self.folder)

    def share(self, e):
        return e.value("slicewise_emulate_share_ratio")

    def test_a_region_is_as_hamis(self):
        with Emulation("--regions", self.folder) as e:
            path = e.endpoints[0]["region"]
            self.assertEqual(path, os.path.join(self.folder, "emulate_one", "one.cache"))
            region = Region(path)
            self.assertEqual(os.path.getsize(path), 2008953)
            self.assertEqual(region.read(0, "i"), 19920718)
            self.assertEqual((region.read(4, "I"), region.read(8, "I")), (1, 2))
            self.assertEqual(region.read(56, "Q"), 1)
            self.assertEqual(region.read(LIMIT_AT, "Q"), 10 << 30)
            self.assertEqual(region.read(SM_LIMIT_AT, "Q"), 50)
            events = e.stream(prompt="x", max_tokens=3000, ignore_eos=True)
            next(events)
            util = SLOT_AT + 1160 + 16
            self.assertTrue(wait_until(lambda: region.read(util, "Q") > 0))
            self.assertLessEqual(region.read(util, "Q"), 100)
            self.assertEqual(region.read(SLOT_AT, "i"), e.process.pid)
            self.assertEqual(region.read(2008896, "i"), 1)
            self.assertEqual(region.read(SLOT_AT + 8 + 32, "Q"), 9 << 30)  # 0.9 of 10 GiB
            events.close()

    def test_a_changed_limit_binds_at_the_next_start(self):
        with Emulation("--regions", self.folder) as e:
            self.assertEqual(self.share(e), 0.5)
            Region(e.endpoints[0]["region"]).set_sm_limit(20)
            time.sleep(0.4)
            self.assertEqual(self.share(e), 0.5)
            self.assertEqual(e.ask("POST", "/restart")[0], 202)
            self.assertTrue(wait_until(lambda: self.share(e) == 0.2))
            self.assertEqual(e.value("slicewise_emulate_share_ratio", engine=1), 0.25)
        with Emulation("--regions", self.folder) as e:  # an initialised region wins
            self.assertEqual(self.share(e), 0.2)

    def test_live_binds_at_once(self):
        with Emulation("--regions", self.folder, "--live") as e:
            region = Region(e.endpoints[0]["region"])
            region.set_sm_limit(100)
            self.assertTrue(wait_until(lambda: self.share(e) == 1))
            region.set_sm_limit(0)  # no limit
            time.sleep(0.3)
            self.assertEqual(self.share(e), 1)
            region.set_sm_limit(10)
            self.assertTrue(wait_until(lambda: self.share(e) == 0.1))
            region.set_sm_limit(1 << 40)  # not a percentage: as if nothing had been written
            time.sleep(0.3)
            self.assertEqual(self.share(e), 0.1)
            os.truncate(region.path, 100)
            time.sleep(0.3)
            self.assertEqual(e.ask("GET", "/health")[0], 200)
            self.assertEqual(e.ask("POST", "/restart")[0], 500)

    def test_a_file_that_is_no_region_is_left_alone(self):
        os.makedirs(os.path.join(self.folder, "emulate_one"))
        path = os.path.join(self.folder, "emulate_one", "one.cache")
        with open(path, "w", encoding="utf-8") as file:
            file.write("precious")
        with self.assertRaises(RuntimeError) as caught, Emulation("--regions", self.folder):
            pass
        self.assertIn("not a HAMi region", str(caught.exception))
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main(warnings="ignore")
