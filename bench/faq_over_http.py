"""The FAQ over HTTP: 4 keep-alive connections, closed loop, everybody returns all candidates."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from corpus import FaqSet
from peers.faq_scoring import as_reference
from rounds import Spread
from servers import Answer, Server, read_answer

HERE = Path(__file__).resolve().parent
CONNECTIONS = 4


@dataclass(frozen=True)
class Programs:
    """What run.sh has built and installed."""

    sooth: Path
    score_bench: Path
    load: Path
    venvs: Path


@dataclass(frozen=True)
class Slice:
    """One round of load on one server."""

    per_s: float
    cpu_ms: float  # of the server, for one request
    p50_ms: float
    p99_ms: float


def sooth_server(programs: Programs, folder: Path) -> Server:
    command = [str(programs.sooth), "serve", str(folder), "--port", "{port}", "--open"]
    return Server("sooth", command, poll_s=0.001)


def make_servers(programs: Programs, faq: FaqSet) -> list[Server]:
    """Sooth, and each Python server with each way of scoring; two workers, one thread each."""
    azureml = "azmlinfsrv --entry_script azureml_score.py --port {port} --worker_count 2"
    fastapi = "uvicorn fastapi_app:app --workers 2 --port {port} --log-level warning"
    servers = [sooth_server(programs, faq.folder)]
    for way in ("reference", "careful"):
        for venv, words in (("azureml", azureml.split()), ("fastapi", fastapi.split())):
            program = programs.venvs / venv / "bin" / words[0]
            environment = {
                "FAQ_WAY": way,
                "FAQ_FOLDER": str(faq.folder),
                "PATH": f"{program.parent}:/usr/bin:/bin",
            }
            command = [str(program), *words[1:]]
            servers.append(Server(f"{venv}, {way}", command, environment, HERE / "peers"))
    return servers


def load_slice(
    server: Server, load: Path, faq: FaqSet, seconds: float, expected: list[Answer]
) -> Slice:
    """Loads a server, and checks every answer it gave."""
    answers = faq.folder / "answers.jsonl"
    words = [server.port, "/score", faq.folder / "bodies.jsonl", CONNECTIONS, seconds, answers]
    cpu = server.cpu_s()
    done = subprocess.run(
        [str(word) for word in (load, *words)], check=True, capture_output=True, text=True
    )
    cpu = server.cpu_s() - cpu
    told = json.loads(done.stdout)
    if told["errors"] or told["different"] or told["answers"] == 0:
        raise SystemExit(f"{server.name}, {seconds} s of load: {done.stdout}")
    given = answers.read_text("utf-8").splitlines()
    if any(read_answer(g) != e for g, e in zip(given, expected, strict=True) if g):
        raise SystemExit(f"{server.name}: an answer is not the right one")
    return Slice(told["per_s"], 1e3 * cpu / told["answers"], told["p50_ms"], told["p99_ms"])


def measure(
    programs: Programs, faq: FaqSet, logs: Path, rounds: int, seconds: float
) -> dict[str, object]:
    """All servers run; one is loaded at a time, in turns."""
    score = as_reference(faq.folder)
    expected = [score(query) for query in faq.queries]
    bodies = [json.dumps({"input": query}) + "\n" for query in faq.queries]
    (faq.folder / "bodies.jsonl").write_text("".join(bodies), "utf-8")
    servers = make_servers(programs, faq)
    starts, memory = {}, {}
    slices: dict[str, list[Slice]] = {server.name: [] for server in servers}
    try:
        for server in servers:
            log = logs / f"{server.name.replace(', ', '-')}.log"
            starts[server.name] = server.start(faq.queries[0], expected[0], log)
        for server in servers:  # Until every worker has answered.
            load_slice(server, programs.load, faq, 3, expected)
            memory[server.name] = server.memory_mb()
        for _ in range(rounds):
            for server in servers:
                one = load_slice(server, programs.load, faq, seconds, expected)
                slices[server.name].append(one)
                time.sleep(0.2)
    finally:
        for server in servers:
            server.stop()
    return {
        "connections": CONNECTIONS,
        "rounds": rounds,
        "seconds": seconds,
        "servers": {
            name: _summary(taken, slices["sooth"])
            | {"start_s": starts[name], "memory_mb": memory[name]}
            for name, taken in slices.items()
        },
    }


def _summary(theirs: list[Slice], ours: list[Slice]) -> dict[str, object]:
    pairs = list(zip(theirs, ours, strict=True))
    kinds = ("per_s", "cpu_ms", "p50_ms", "p99_ms")
    medians = {kind: median(getattr(one, kind) for one in theirs) for kind in kinds}
    return medians | {
        "rate_ratio": asdict(Spread.of([o.per_s / t.per_s for t, o in pairs])),
        "cpu_ratio": asdict(Spread.of([t.cpu_ms / o.cpu_ms for t, o in pairs])),
    }


def measure_start(programs: Programs, demo: Path, logs: Path, rounds: int) -> dict[str, object]:
    """From exec to the first right answer, and the memory then; the demo's own folder."""
    query = "how do I copy an object"
    expected = as_reference(demo)(query)
    seconds, memory = [], []
    for _ in range(rounds):
        server = sooth_server(programs, demo)
        try:
            seconds.append(server.start(query, expected, logs / "start.log"))
            memory.append(server.memory_mb())
        finally:
            server.stop()
    return {"seconds": asdict(Spread.of(seconds)), "memory_mb": asdict(Spread.of(memory))}
