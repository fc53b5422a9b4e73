"""A real Jupyter server in a process of its own, which a test can kill and start again."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import IO

__all__ = ["JupyterServer"]

READY = re.compile(r"is running at:")
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 30


class JupyterServer:
    """A server of its own port and folders; the same ones at every start.

    Parameters
    ----------
    root : Path
        An empty folder for its notebooks, data, configuration and log.
    app : str
        ``server``, or ``lab`` for JupyterLab.
    """

    def __init__(self, root: Path, app: str = "server", *arguments: str) -> None:
        self.root = root
        self.token = "secret-of-a-test"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.notebooks = root / "notebooks"
        self.log = root / "server.log"
        self.env = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(root / "config"),
            "JUPYTER_DATA_DIR": str(root / "data"),
            "JUPYTER_RUNTIME_DIR": str(root / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
            "JUPYTER_SERVER_ALLOW_UNAUTHENTICATED_ACCESS": "no",
            "IPYTHONDIR": str(root / "ipython"),
            "NO_PROXY": "127.0.0.1",
            # for what the tests have it load, as tests/named.py
            "PYTHONPATH": os.pathsep.join(
                filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")))
            ),
        }
        self._command = [
            *(sys.executable, "-m", "jupyter", app, "--allow-root", "--no-browser"),
            *("--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.notebooks}"),
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            *arguments,
        ]
        if app == "server":
            self._command = [a for a in self._command if not a.startswith("--LabApp")]
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The process of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it says that it takes requests."""
        self.notebooks.mkdir(parents=True, exist_ok=True)
        # JupyterLab does not ask whether it may show news
        notification = self.root / "settings/@jupyterlab/apputils-extension"
        notification.mkdir(parents=True, exist_ok=True)
        (notification / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        self._process = subprocess.Popen(
            self._command,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        ready = threading.Event()
        assert self._process.stderr is not None
        self._copier = threading.Thread(
            target=self._copy_log, args=(self._process.stderr, ready), daemon=True
        )
        self._copier.start()
        if not ready.wait(START_TIMEOUT_S) or self._process.poll() is not None:
            self.kill()
            raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-4000:]}")
        self._await_port()

    def kill(self) -> None:
        """Kill it and its kernels with SIGKILL, as a crash of the machine would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._ended()

    def kill_server_only(self) -> None:
        """Kill the server with SIGKILL and leave its kernels alive."""
        assert self._process is not None
        self._process.kill()
        self._ended()

    def stop(self) -> None:
        """Ask it to stop and wait."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
        else:
            self._ended()

    def __enter__(self) -> JupyterServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def _await_port(self) -> None:
        """Wait until it listens: it says that it runs a moment before it does."""
        until = time.monotonic() + START_TIMEOUT_S
        pause = threading.Event()
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
            except OSError:
                if time.monotonic() > until:
                    raise
                pause.wait(0.02)
            else:
                return

    def _ended(self) -> None:
        assert self._process is not None
        self._process.wait()
        self._copier.join()
        self._process = None

    def _copy_log(self, source: IO[str], ready: threading.Event) -> None:
        with source, self.log.open("a") as log:
            for line in source:
                log.write(line)
                log.flush()
                if READY.search(line):
                    ready.set()
        ready.set()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
