"""An nginx of this machine in front of several servers: its settings, started, stopped."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

# As docs/serve.md tells operators, with times that suit a short run: nginx lets go of connections
# that it keeps before a server has drained. Without non_idempotent, which would hide what a server
# loses.
KEPT_S = 1
DRAIN_TIME = f"{2 * KEPT_S}s"

SETTINGS = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  client_body_temp_path {folder}/client_body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;

  map $upstream_addr $handed_on {{ default 0; "~," 1; }}
  log_format handed_on "$status $upstream_addr $upstream_status";
  access_log {folder}/handed_on.log handed_on if=$handed_on;

  upstream sooth {{
{servers}
    keepalive 32;
    keepalive_timeout {kept_s}s;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://sooth;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_connect_timeout 1s;
      proxy_next_upstream error timeout;
    }}
  }}
}}
"""


def find_nginx() -> str | None:
    """The program; where it lies not everybody's PATH leads."""
    return shutil.which("nginx", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Nginx:
    """Shares requests among servers on those ports; a context manager that ends it."""

    def __init__(self, program: str, folder: Path, ports: list[int]) -> None:
        self._folder = folder
        self.port = _free_port()
        servers = "\n".join(f"    server 127.0.0.1:{each} max_fails=0;" for each in ports)
        settings = folder / "nginx.conf"
        settings.write_text(
            SETTINGS.format(folder=folder, servers=servers, port=self.port, kept_s=KEPT_S)
        )
        log = folder / "error.log"
        command = [program, "-p", str(folder), "-e", str(log), "-c", str(settings)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            self._wait_until_it_listens()
        except OSError:
            self.stop()
            raise SystemExit(f"nginx did not start: {log.read_text()}") from None

    def __enter__(self) -> Nginx:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(60)

    def handed_on(self) -> int:
        """How many requests met a server that was gone, and another took."""
        return len((self._folder / "handed_on.log").read_text().splitlines())

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
