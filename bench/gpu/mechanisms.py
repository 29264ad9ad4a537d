# SPDX-License-Identifier: Apache-2.0
"""How engines share a GPU: which processes, in which surroundings. What a machine does not offer raises Unavailable."""

import os
import re
import shutil
import signal
import subprocess
import time

MPS_CONTROL = "nvidia-cuda-mps-control"
PATIENCE_S = 10.0
NO_SUCH_MIX = (2, 3)  # exit statuses of slicewise-replay: refused, does not fit
BUSY = 5  # the same: others are on the GPU


class Unavailable(Exception):
    """This machine has no such mechanism."""


class Failed(Exception):
    """An experiment went wrong; the mechanism may be well."""

    def __init__(self, text, status=1):
        super().__init__(text)
        self.status = status


def end(process):
    """Ask, then insist; its whole group, for what it started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            pass
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            continue


def run_all(commands, folder, timeout_s):
    """Run [(words, environment)] at once. Status and standard error of each; whatever happens none outlives this call."""
    running, says = [], []
    try:
        for i, (words, environment) in enumerate(commands):
            path = os.path.join(folder, f"stderr-{i}")
            says.append(path)
            with open(path, "w", encoding="utf-8") as err:
                running.append(subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL,
                                                stderr=err, stdin=subprocess.DEVNULL,
                                                start_new_session=True))
        wait_all(running, time.monotonic() + timeout_s)
    finally:
        for process in running:
            end(process)
    texts = [open(path, encoding="utf-8", errors="replace").read().strip() for path in says]
    return [(p.returncode, text) for p, text in zip(running, texts)]


def wait_all(running, deadline):
    """Until all are done, one failed (the others would measure something else) or time is up."""
    while time.monotonic() < deadline:
        states = [p.poll() for p in running]
        if all(s is not None for s in states) or any(s for s in states):
            return
        time.sleep(0.02)


class Mps:
    """A control daemon of our own, in directories of our own."""

    def __init__(self, folder):
        self.pipe, self.log = (os.path.join(folder, name) for name in ("mps-pipe", "mps-log"))
        self.daemon, self.proven, self.logged = None, False, 0

    def environment(self):
        return {"CUDA_MPS_PIPE_DIRECTORY": self.pipe, "CUDA_MPS_LOG_DIRECTORY": self.log}

    def control(self, word):
        """What the daemon answers; None where none listens."""
        try:
            done = subprocess.run([MPS_CONTROL], input=word + "\n", capture_output=True, text=True,
                                  env={**os.environ, **self.environment()}, timeout=PATIENCE_S,
                                  check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode == 0 else None

    def serves(self):
        """A client without a daemon runs all the same, without MPS: its rows would lie."""
        if self.daemon is None or self.daemon.poll() is not None:
            return False
        return self.log_size() > self.logged or bool(
            re.search(r"\d", self.control("get_server_list") or ""))

    def log_size(self):
        """The server, not the daemon, writes there when a client comes or goes."""
        path = os.path.join(self.log, "server.log")
        return os.path.getsize(path) if os.path.exists(path) else 0

    def start(self, probe):
        """probe(environment) runs a small client; true where it worked."""
        self.logged = self.log_size()
        if self.daemon is not None:
            return
        if not shutil.which(MPS_CONTROL):
            raise Unavailable(f"there is no {MPS_CONTROL}")
        for folder in (self.pipe, self.log):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(os.path.join(self.log, "daemon"), "w", encoding="utf-8") as said:
            self.daemon = subprocess.Popen([MPS_CONTROL, "-f"], stdin=subprocess.DEVNULL,
                                           stdout=said, stderr=said, start_new_session=True,
                                           env={**os.environ, **self.environment()})
        self.wait_ready()
        if self.proven:
            return
        self.proven = probe(self.environment()) and self.serves()
        if not self.proven:
            reason = self.last_words()
            self.stop()
            raise Unavailable("MPS does not serve" + (": " + reason if reason else ""))

    def wait_ready(self):
        """Until it answers: a client that comes earlier would run without it."""
        deadline = time.monotonic() + PATIENCE_S / 2
        while time.monotonic() < deadline and self.daemon.poll() is None:
            if any(os.listdir(self.pipe)) and self.control("get_server_list") is not None:
                return
            time.sleep(0.02)
        if self.daemon.poll() is not None:
            reason = self.last_words()
            self.stop()
            raise Unavailable("MPS refuses" + (": " + reason if reason else ""))

    def last_words(self):
        for name in ("daemon", "server.log", "control.log"):
            path = os.path.join(self.log, name)
            if os.path.exists(path):
                lines = open(path, encoding="utf-8", errors="replace").read().split("\n")
                lines = [line.strip() for line in lines if line.strip()]
                if lines:
                    return lines[-1]
        return ""

    def stop(self):
        daemon, self.daemon = self.daemon, None
        if daemon is None:
            return
        if daemon.poll() is None:
            self.daemon_quits(daemon)
        end(daemon)
        for folder in (self.pipe, self.log):
            shutil.rmtree(folder, ignore_errors=True)

    def daemon_quits(self, daemon):
        self.control("quit")
        try:
            daemon.wait(PATIENCE_S / 2)
        except subprocess.TimeoutExpired:
            pass


def mix_mechanism(mechanism):
    """In a mix file. Green contexts are what slicewise-replay does with all engines in one process."""
    return "mps" if mechanism == "green-context" else mechanism


def hami_environment(tenant, library, folder):
    """As HAMi starts a container; a region of its own, for two processes with one region share one limit."""
    region = os.path.join(folder, f"region-{tenant['name']}.cache")
    return {"LD_PRELOAD": library, "CUDA_DEVICE_SM_LIMIT": f"{tenant['share'] * 100:.0f}",
            "CUDA_DEVICE_MEMORY_LIMIT_0": f"{tenant['memory_gib'] * 1024:.0f}m",
            "CUDA_DEVICE_MEMORY_SHARED_CACHE": region, "GPU_CORE_UTILIZATION_POLICY": "force"}


def mps_environment(tenant, mps):
    found = {**mps.environment(),
             "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE": f"{tenant['share'] * 100:g}"}
    if "memory_gib" in tenant:
        found["CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"] = f"0={tenant['memory_gib'] * 1024:.0f}M"
    return found


class Surroundings:
    """The environment of each process, and what must be there before it starts."""

    def __init__(self, folder, replay, library=None, uuid=None):
        self.folder, self.replay, self.library = folder, replay, library
        self.mps, self.missing = Mps(folder), {}
        self.base = {k: v for k, v in os.environ.items()
                     if not k.startswith("CUDA_MPS_") and k != "LD_PRELOAD"}
        if uuid:
            self.base["CUDA_VISIBLE_DEVICES"] = uuid
        # Somebody else's daemon must not be found by processes that are to run without one.
        self.base["CUDA_MPS_PIPE_DIRECTORY"] = os.path.join(folder, "no-mps")

    def probe(self, environment):
        with open(os.path.join(self.folder, "probe"), "w", encoding="utf-8") as out:
            return subprocess.run([self.replay, "--check"], env={**self.base, **environment},
                                  stdout=out, stderr=out, timeout=120,
                                  check=False).returncode == 0

    def prepare(self, mechanism):
        if mechanism in self.missing:
            raise Unavailable("")
        if mechanism != "mps":
            self.mps.stop()
        else:
            self.mps.start(self.probe)
        if mechanism == "hami" and not os.path.exists(self.library or ""):
            raise Unavailable(f"there is no {self.library}")

    def environment(self, mechanism, tenant):
        if mechanism == "mps":
            return {**self.base, **mps_environment(tenant, self.mps)}
        if mechanism == "hami":
            return {**self.base, **hami_environment(tenant, self.library, self.folder)}
        return self.base

    def verify(self, mechanism, tenants):
        """After the run: whether the mechanism was at work at all."""
        if mechanism == "mps" and not self.mps.serves():
            raise Failed("MPS stopped serving: the rows are dropped")
        for tenant in tenants if mechanism == "hami" else ():
            region = os.path.join(self.folder, f"region-{tenant['name']}.cache")
            if not os.path.exists(region):
                raise Failed(f"{self.library} made no region: the rows are dropped")
            os.unlink(region)
