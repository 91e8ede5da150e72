"""A server that runs while a `with` block does."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from types import TracebackType
from typing import IO, Any, List, Optional, Sequence, Type, Union

from ._errors import SoothError
from ._program import find_program, message_of, run
from ._results import Registered
from ._score import score

_STOP_SECONDS = 40.0  # The program gives requests in flight 30.
_SAID_BYTES_MAX = 64 << 10


class Server:
    """`with sooth.serve("faq:3") as server: server.score({"input": "..."})`

    Leaving the block stops it: requests in flight are answered first.
    """

    url: str
    key: Optional[str]

    def __init__(
        self, command: Sequence[str], key: Optional[str], needs_key: bool, ready_seconds: float
    ) -> None:
        self._command = list(command)
        self._needs_key = needs_key
        self._ready_seconds = ready_seconds
        self._folder: Optional[tempfile.TemporaryDirectory[str]] = None
        self._process: Optional[subprocess.Popen[str]] = None
        self._said = ""
        self._ready = threading.Event()
        self._readers: List[threading.Thread] = []
        self.url = ""
        self.key = key

    def __enter__(self) -> Server:
        command = self._command + (self._make_key() if self._needs_key else [])
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        for stream in (self._process.stdout, self._process.stderr):
            reader = threading.Thread(target=self._follow, args=(stream,), daemon=True)
            reader.start()
            self._readers.append(reader)
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()

    def score(self, data: Any, **options: Any) -> Any:
        """As `sooth.score`, of this server and with its key."""
        options.setdefault("key", self.key)
        return score(self.url, data, **options)

    def stop(self) -> None:
        """Ends it; nothing where it has ended."""
        process, self._process = self._process, None
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for reader in self._readers:
            reader.join(_STOP_SECONDS)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def _make_key(self) -> List[str]:
        """A key of this server alone, made in a workspace of its own: the options for it."""
        self._folder = tempfile.TemporaryDirectory(prefix="sooth-keys-")
        made = run(["keys", "create", "*", "--client", "python"], self._folder.name)
        path = os.path.join(self._folder.name, "keys.json")
        run(["keys", "export", "*", "-o", path], self._folder.name)
        self.key = str(made[0]["key"])
        return ["--keys", path]

    def _follow(self, stream: Optional[IO[str]]) -> None:
        """Reads what it says to the end, so that it never waits for somebody to read."""
        for line in stream or ():
            if len(self._said) < _SAID_BYTES_MAX:
                self._said += line
            if self._ready.is_set():
                continue
            url = _ready_url(line)
            if url:
                self.url = url
                self._ready.set()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        end = time.monotonic() + self._ready_seconds
        while not self._ready.wait(0.02):
            code = self._process.poll()
            if code is not None:
                for reader in self._readers:
                    reader.join(_STOP_SECONDS)
                if self._ready.is_set():
                    break
                raise SoothError(message_of(self._said, code), exit_code=code)
            if time.monotonic() > end:
                raise SoothError(f"serve: expected it to be ready within {self._ready_seconds:g} s")


def _ready_url(line: str) -> str:
    if '"ready"' not in line:
        return ""
    try:
        event = json.loads(line)
    except ValueError:
        return ""
    return str(event.get("url", "")) if event.get("message") == "ready" else ""


def serve(
    *models: Union[str, Registered, "os.PathLike[str]"],
    port: int = 0,
    open: bool = False,
    keys: Optional[str] = None,
    key: Optional[str] = None,
    options: Sequence[str] = (),
    workspace: Optional[str] = None,
    ready_seconds: float = 120.0,
) -> Server:
    """Versions, files or folders, served on this machine while a `with` block runs.

    port: 0 takes a free one; `url` of what the block is given says which.
    open: asks for no key. Otherwise a key is made for this server alone, and is its `key`; or
        those of the file `keys` are asked for, as `sooth keys export` writes it, and `key` is one.
    options: more options of `sooth serve`, such as ("--queue-max", "16").
    """
    if open and keys is not None:
        raise SoothError("serve: expected `open` or `keys`, got both")
    named = [each.reference if isinstance(each, Registered) else os.fspath(each) for each in models]
    command = [find_program(), "serve", *named, "--port", str(port), *options]
    if workspace is not None:
        command += ["--workspace", os.fspath(workspace)]
    if open:
        command += ["--open"]
    elif keys is not None:
        command += ["--keys", keys]
    return Server(command, key, not open and keys is None, ready_seconds)
