"""From exec to the first right answer, and what loading a large network takes."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import asdict
from http.client import HTTPConnection, HTTPException
from typing import Any

import serving
from images import Images, agree, read_answer
from rounds import Spread
from servers import Server, free_port

Raw = dict[str, Any]
POLL_S = 0.002
ANSWER_S_MAX = 60.0


def measure_start(images: Images, rounds: int) -> Raw:
    """`sooth serve` of a registered SqueezeNet, each time a new process."""
    images.register("squeezenet")
    picture = images.picture_files()[0].read_bytes()
    expected = images.expected("squeezenet")[0]
    return asdict(Spread.of([start_once(images, picture, expected) for _ in range(rounds)]))


def start_once(images: Images, picture: bytes, expected: list[tuple[str, float]]) -> float:
    port = free_port()
    words = [images.sooth, "serve", "squeezenet", "--port", str(port), "--open"]
    server = Server("sooth", words)
    started = time.perf_counter()
    server.process = subprocess.Popen(
        words,
        env=os.environ | images.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while (answer := ask(port, picture)) is None:
            if time.perf_counter() > started + ANSWER_S_MAX:
                raise SystemExit("sooth serve squeezenet did not answer")
            time.sleep(POLL_S)
        took = time.perf_counter() - started
    finally:
        server.stop()
    if not agree(read_answer(answer), expected):
        raise SystemExit(f"squeezenet: expected {expected}, got {answer!r}")
    return took


def ask(port: int, picture: bytes) -> bytes | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Content-Type": "image/jpeg"}
        connection.request("POST", "/score", picture, headers)
        response = connection.getresponse()
        body = response.read()
        return body if response.status == 200 else None
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


FORMS = {"inside": "resnet152", "in a file of their own": "resnet152-external"}
FIGURES = ("load_s", "resident_kb", "peak_kb", "run_resident_kb", "run_peak_kb")


SERVED_ROUNDS = 3


def measure_served(images: Images, name: str, rounds: int) -> Raw:
    """The whole of `sooth serve`, to its first right answer: golden rows and all."""
    expected = images.expected(name)
    seconds, resident, peak = [], [], []
    for _ in range(rounds):
        server = serving.sooth(images, name)
        try:
            seconds.append(serving.start(images, server, expected)[0])
            resident.append(server.resident_bytes() / 1024)
            peak.append(server.peak_bytes() / 1024)
        finally:
            server.stop()
    return {
        "answer_s": asdict(Spread.of(seconds)),
        "run_resident_kb": asdict(Spread.of(resident)),
        "run_peak_kb": asdict(Spread.of(peak)),
    }


def measure_load(images: Images, rounds: int) -> Raw:
    """The engine and the bare runtime in turns, each time a new process, the file in the page cache."""
    result: Raw = {}
    for form, name in FORMS.items():
        folder = images.network(name)
        contenders = {
            "runtime": [images.program("sooth_bare_load"), images.library, folder / "model.onnx"],
            "engine": [images.program("sooth_engine_load"), images.library, folder, "model.onnx"],
        }
        runs: dict[str, list[Raw]] = {who: [] for who in contenders}
        for number in range(rounds + 1):
            for who, words in contenders.items():
                told = json.loads(subprocess.check_output(list(map(str, words))))
                if number > 0:  # The first brings the files into memory.
                    runs[who].append(told)
        result[form] = {
            who: {each: asdict(Spread.of([run[each] for run in told])) for each in FIGURES}
            for who, told in runs.items()
        }
        result[form]["served"] = measure_served(images, name, SERVED_ROUNDS)
        pairs = list(zip(runs["engine"], runs["runtime"], strict=True))
        result[form]["ratio"] = {
            each: asdict(Spread.of([ours[each] / theirs[each] for ours, theirs in pairs]))
            for each in FIGURES
        }
    return result
