"""The cluster as a test sees it: commands, objects, a way in through the gateway."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, TypeVar

ROOT = Path(__file__).resolve().parent.parent.parent
REGISTRY = os.environ["SOOTH_CLUSTER_REGISTRY"]
KEYS = Path(os.environ["SOOTH_CLUSTER_KEYS"])
GATEWAY = os.environ["SOOTH_CLUSTER_GATEWAY"]
AUTHORITY = str(KEYS / "ca.crt")
# Whose password may do what in the registry.
PUSH = ("push", "push-password")
PULL = ("pull", "pull-password")
CONTEXT = "sooth-cluster"

# Of objects that somebody else makes in every namespace, or that come and go with others.
NOT_OURS = {"Event", "EndpointSlice", "Endpoints", "PodMetrics", "ControllerRevision", "Lease"}

Value = TypeVar("Value")


class Failure(Exception):
    """What a case expected and did not get."""


def expect(condition: bool, message: str) -> None:
    if not condition:
        raise Failure(message)


def until(what: str, seconds: float, probe: Callable[[], Optional[Value]]) -> Value:
    """The first answer that is true; a Failure where none comes in time."""
    end = time.monotonic() + seconds
    while True:
        got = probe()
        if got:
            return got
        if time.monotonic() > end:
            raise Failure(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.2)


@dataclass
class Done:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def run(command: list[str], stdin: str = "", env: Optional[dict[str, str]] = None) -> Done:
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **(env or {})},
    )
    return Done(done.returncode, done.stdout, done.stderr)


def kubectl(*words: str, stdin: str = "") -> str:
    done = run(["kubectl", *words], stdin)
    expect(done.status == 0, f"kubectl {' '.join(words)}: {done.err}")
    return done.out


def get(namespace: str, kind: str, name: str) -> Any:
    return json.loads(kubectl("-n", namespace, "get", kind, name, "-o", "json"))


def pods(namespace: str, endpoint: str) -> list[Any]:
    listed = kubectl("-n", namespace, "get", "pods", "-l", f"sooth/endpoint={endpoint}", "-o", "json")
    return [each for each in json.loads(listed)["items"]]


def objects(namespace: str) -> set[str]:
    """Every object of every kind that the namespace holds."""
    kinds = kubectl("api-resources", "--verbs=list", "--namespaced", "-o", "name").split()
    listed = kubectl("-n", namespace, "get", ",".join(sorted(set(kinds))), "-o", "json")
    return {
        f"{each['kind']}/{each['metadata']['name']}"
        for each in json.loads(listed)["items"]
        if each["kind"] not in NOT_OURS
    }


class Sooth:
    """The program, with a workspace and a folder of credentials of its own."""

    def __init__(self, program: Path, work: Path) -> None:
        self.program = program
        self.work = work
        self.env = {
            "HOME": str(work),
            "DOCKER_CONFIG": str(work / "docker"),
            "SOOTH_WORKSPACE": str(work / "workspace"),
        }

    def run(self, *words: str, stdin: str = "", env: Optional[dict[str, str]] = None) -> Done:
        return run([str(self.program), *words], stdin, {**self.env, **(env or {})})

    def __call__(self, *words: str, stdin: str = "", env: Optional[dict[str, str]] = None) -> str:
        done = self.run(*words, stdin=stdin, env=env)
        expect(done.status == 0, f"sooth {' '.join(words)}: exit {done.status}: {done.said}")
        return done.out

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.program), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **self.env},
        )


class GatewayConnection(http.client.HTTPSConnection):
    """HTTPS to a host behind the cluster's gateway, whatever names say here."""

    def __init__(self, host: str, timeout: float = 20) -> None:
        super().__init__(host, timeout=timeout)
        self.trust = ssl.create_default_context(cafile=AUTHORITY)

    def connect(self) -> None:
        plain = socket.create_connection((GATEWAY, 443), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self.trust.wrap_socket(plain, server_hostname=self.host)


@dataclass
class Answer:
    status: int
    fields: dict[str, str]
    body: str


def ask_on(connection: http.client.HTTPConnection, body: str, fields: dict[str, str]) -> Answer:
    connection.request("POST", "/score", body, {"Content-Type": "application/json", **fields})
    got = connection.getresponse()
    return Answer(got.status, dict(got.getheaders()), got.read().decode())


def ask(host: str, body: str, fields: dict[str, str]) -> Answer:
    connection = GatewayConnection(host)
    try:
        return ask_on(connection, body, fields)
    finally:
        connection.close()


def metrics(host: str, key: str) -> Answer:
    connection = GatewayConnection(host)
    try:
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {key}"})
        got = connection.getresponse()
        return Answer(got.status, dict(got.getheaders()), got.read().decode())
    finally:
        connection.close()


def ask_in_clear(host: str, path: str) -> Answer:
    connection = http.client.HTTPConnection(GATEWAY, 80, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": host})
        got = connection.getresponse()
        return Answer(got.status, dict(got.getheaders()), got.read().decode())
    finally:
        connection.close()
