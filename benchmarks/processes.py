"""The measured servers: each a process of its own, started, watched and stopped from here.

What a server costs is read from outside: the CPU clock of its process (all threads, user and system
time, in nanoseconds) and its resident memory. Linux only.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["ROOT", "TOKEN", "ServerProcess", "jupyter", "peer"]

ROOT = Path(__file__).parent.parent
TOKEN = "benchmark"  # noqa: S105 - for the loopback, for as long as a measurement takes
_START_S = 60.0
_STOP_S = 20.0
_CPU_CLOCK = 2  # of a process: (~pid << 3) | 2, see clock_getcpuclockid(3)


class ServerProcess:
    """One server. Use as a context manager; it is stopped at the end, whatever happens.

    Parameters
    ----------
    arguments : sequence of str
        What to run, after the interpreter; ``{port}`` stands for a free port.
    folder : Path
        Where its log goes.
    path : str
        Answers a GET once the server is up.
    """

    def __init__(self, arguments: Sequence[str], folder: Path, path: str, **env: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = _free_port()
        self._arguments = [argument.replace("{port}", str(self.port)) for argument in arguments]
        self._log = folder / "server.log"
        self._path = path
        self._env = {**os.environ, "PYTHONPATH": str(ROOT), **env}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ServerProcess:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - what runs is written in this folder
                [sys.executable, *self._arguments],
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None  # noqa: S101 - start() has made it
        return self._process.pid

    def cpu_s(self) -> float:
        """CPU seconds it has used so far."""
        return time.clock_gettime((~self.pid << 3) | _CPU_CLOCK)

    def resident_mb(self) -> float:
        """Its resident memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def get(self, path: str) -> Any:
        """GET a path and read its JSON."""
        return self.request("GET", path, None)

    def request(self, method: str, path: str, body: bytes | None) -> Any:
        """Ask the server over HTTP; blocks."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=body,
            method=method,
            headers={"Authorization": f"token {TOKEN}"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=_START_S) as answer:
            text = answer.read()
        return msgspec.json.decode(text) if text else None

    def _wait(self) -> None:
        until = time.monotonic() + _START_S
        while True:
            assert self._process is not None  # noqa: S101 - start() has made it
            if self._process.poll() is not None or time.monotonic() > until:
                log = self._log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"a server did not come up: {self._arguments}\n{log}")
            try:
                self.get(self._path)
            except urllib.error.HTTPError:
                return  # it answers
            except OSError:
                time.sleep(0.05)
            else:
                return


def jupyter(folder: Path, *extensions: str) -> ServerProcess:
    """Return a Jupyter server with graph_ext in its default configuration.

    The same folder again is the same server, started anew.
    """
    names = ("DATA", "CONFIG", "RUNTIME")
    command = ["-m", "jupyter_server", "--allow-root", "--no-browser", "--log-level=WARN"]
    command += ["--ip=127.0.0.1", "--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"]
    for name in ("graph_ext", *extensions):
        command += [f"--ServerApp.jpserver_extensions={name}=True"]
    return ServerProcess(
        command,
        folder,
        "/graph-ext/api/v1/health",
        **{f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in names},
    )


def peer(name: str, folder: Path, *arguments: str) -> ServerProcess:
    """Return one of the servers in servers/ to compare with."""
    command = ["-m", f"benchmarks.servers.{name}", "--port", "{port}", "--folder", str(folder)]
    return ServerProcess([*command, *arguments], folder, "/stalls")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
