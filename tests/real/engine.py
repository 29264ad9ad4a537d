# SPDX-License-Identifier: Apache-2.0
"""llama-server on loopback with a model of random weights: started, asked, stopped."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
START_MAX_S = 60
STOP_MAX_S = 10


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Engine:
    """`with Engine(program, folder, slots) as engine:` is ready at engine.url."""

    def __init__(self, program, folder, slots):
        model = os.path.join(folder, "tiny.gguf")
        subprocess.run([sys.executable, os.path.join(HERE, "tiny_model.py"), model], check=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = os.path.join(folder, "engine.log")
        # More threads than one make a model this small slower by far.
        self.command = [program, "-m", model, "--host", "127.0.0.1", "--port", str(port), "-t", "1",
                        "-tb", "1", "-np", str(slots), "-c", str(4096 * slots), "--metrics"]

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        deadline = time.monotonic() + START_MAX_S
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                with open(self.log, encoding="utf-8", errors="replace") as log:
                    raise RuntimeError("llama-server does not start:\n" + log.read()[-2000:])
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read().decode()

    def is_ready(self):
        try:
            return json.loads(self.get("/health"))["status"] == "ok"
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def counters(self):
        """Prompt and output tokens that the engine has computed so far."""
        text = self.get("/metrics")
        return tuple(int(float(re.search(rf"^llamacpp:{name} (\S+)$", text, re.M).group(1)))
                     for name in ("prompt_tokens_total", "tokens_predicted_total"))
