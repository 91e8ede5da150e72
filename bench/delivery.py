"""Measures register, build and push, and writes bench/results/delivery.md.

Started by `make delivery`. What is compared is done in turns; sizes are counted, not estimated.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FAQ = ROOT / "demos/faq"
MIB = 1 << 20
PEERS = {"MLflow": "mlflow.txt", "BentoML": "bentoml.txt"}


def log(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Sooth:
    """The program, with a workspace of its own."""

    def __init__(self, program: Path, workspace: Path) -> None:
        self.program = program
        self.workspace = workspace

    def run(self, *words: str) -> Any:
        command = [str(self.program), *words, "--workspace", str(self.workspace), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout)

    def timed(self, *words: str) -> float:
        start = time.perf_counter()
        self.run(*words)
        return time.perf_counter() - start


def faq_variant(folder: Path, number: int) -> Path:
    """The FAQ's model with one candidate changed: other bytes of the same size."""
    target = folder / f"faq-{number}"
    target.mkdir(parents=True)
    for name in ("model.joblib", "sooth.yaml"):
        shutil.copy(FAQ / name, target / name)
    lines = (FAQ / "questions.tsv").read_text("utf-8").splitlines()
    lines[1] = f"{lines[1]} ({number})"
    (target / "questions.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    return target


def measure_image(sooth: Sooth, work: Path) -> dict[str, Any]:
    sooth.run("register", str(FAQ), "--name", "faq")
    sizes = {
        kind: sooth.run("build", "faq:1", "-o", f"{work}/{kind}.tar", "--compression", kind)
        for kind in ("gzip", "zstd", "none")
    }
    seconds = []
    for number in range(7):
        sooth.run("register", str(faq_variant(work, number)), "--name", "faq")
        seconds.append(sooth.timed("build", "faq", "-o", f"{work}/again.tar"))
    return {
        "beside": {kind: built["other_bytes"] for kind, built in sizes.items()},
        "model": {kind: built["model_bytes"] for kind, built in sizes.items()},
        "rebuild_s": seconds,
    }


def measure_push(sooth: Sooth, work: Path) -> dict[str, Any] | None:
    registry = shutil.which("docker-registry")
    if registry is None:
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    config = work / "registry.yml"
    config.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {work}/registry}}}}\n"
        f"http: {{addr: '{address}'}}\nlog: {{level: error}}\n"
    )
    server = subprocess.Popen([registry, "serve", str(config)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        first = sooth.run("push", "faq:1", f"{address}/team/faq:1")
        second = sooth.run("push", "faq:2", f"{address}/team/faq:2")
    finally:
        server.terminate()
        server.wait()
    return {
        "first": first["pushed"]["uploaded"],
        "second": second["pushed"]["uploaded"],
        "model": second["model_bytes"],
    }


def large_model(python: str, path: Path, gigabytes: float) -> None:
    script = f"""
import joblib, numpy as np
from sklearn.linear_model import LogisticRegression
rows = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 2)
model = LogisticRegression().fit(rows, [0, 1, 2] * 2)
classes, features = 2000, int({gigabytes} * 2**30 / 8 / 2000)
model.coef_ = np.random.default_rng(1).normal(size=(classes, features))
model.intercept_ = np.zeros(classes)
model.classes_ = np.arange(classes)
model.n_features_in_ = features
joblib.dump(model, {str(path)!r})
"""
    subprocess.run([python, "-W", "ignore", "-c", script], check=True)


def measure_register(sooth: Sooth, python: str, work: Path) -> dict[str, Any]:
    model = work / "large.joblib"
    large_model(python, model, 1.0)
    size = model.stat().st_size
    copies, registers = [], []
    for number in range(3):
        start = time.perf_counter()
        target = work / f"copy-{number}"
        with model.open("rb") as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 8 * MIB)
            out.flush()
            os.fsync(out.fileno())
        copies.append(time.perf_counter() - start)
        target.unlink()
        recipe = work / "large.yaml"
        recipe.write_text(f"# {number}\nmodel: large.joblib\n")
        fresh = Sooth(sooth.program, work / f"large-{number}")
        registers.append(fresh.timed("register", str(model), "--recipe", str(recipe)))
        shutil.rmtree(fresh.workspace)
    model.unlink()
    return {"bytes": size, "copy_s": copies, "register_s": registers}


def measure_many(sooth: Sooth, work: Path, count: int) -> dict[str, Any]:
    memory = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else work
    many = Sooth(sooth.program, memory / f"sooth-many-{os.getpid()}")
    model = ROOT / "tests/scenario/data/flowers.joblib"
    recipe = work / "many.yaml"
    try:
        for number in range(count):
            recipe.write_text(f"# {number}\nmodel: flowers.joblib\n")
            many.run("register", str(model), "--recipe", str(recipe), "--name", "flowers")
            if number % 1000 == 999:
                log(f"  {number + 1} versions")
        words = {
            "list": ("models", "list"),
            "list of all versions": ("models", "list", "flowers"),
            "show": ("models", "show", f"flowers:{count // 2}"),
        }
        times = {name: [many.timed(*each) for _ in range(11)] for name, each in words.items()}
    finally:
        shutil.rmtree(many.workspace, ignore_errors=True)
    return {"versions": count, "seconds": times}


class _Counter(io.RawIOBase):
    """Counts what is written to it."""

    size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        return len(data)


def packed_size(folder: Path) -> int:
    counter = _Counter()
    with gzip.GzipFile(fileobj=counter, mode="wb", compresslevel=6, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w|") as tar:
            for each in sorted(folder.rglob("*")):
                if each.is_file() and not each.is_symlink() and "__pycache__" not in each.parts:
                    tar.add(each, arcname=str(each.relative_to(folder)), recursive=False)
    return counter.size


def measure_peers(work: Path, venvs: Path) -> dict[str, Any]:
    sizes = {}
    for name, requirements in PEERS.items():
        venv = venvs / name.lower()
        if not (venv / "complete").exists():
            log(f"  installing {name}")
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
            command = [str(venv / "bin/pip"), "install", "-q", "--disable-pip-version-check"]
            command += ["-r", str(ROOT / "bench/requirements" / requirements)]
            subprocess.run(command, check=True)
            (venv / "complete").touch()
        packages = next((venv / "lib").glob("python*/site-packages"))
        raw = sum(each.stat().st_size for each in packages.rglob("*") if each.is_file())
        sizes[name] = {"gzip": packed_size(packages), "raw": raw}
    return sizes


def median_ms(seconds: list[float]) -> str:
    ordered = sorted(1000 * each for each in seconds)
    return f"{statistics.median(ordered):.0f} ms ({ordered[0]:.0f}-{ordered[-1]:.0f})"


def mib(count: float) -> str:
    return f"{count / MIB:.1f} MiB"


def verdict(met: bool) -> str:
    return "yes" if met else "**no**"


def report(results: dict[str, Any]) -> str:
    image, register, many = results["image"], results["register"], results["many"]
    push = results["push"]
    ratios = [c / r for c, r in zip(register["copy_s"], register["register_s"], strict=True)]
    ratio = statistics.median(ratios)
    rows = [
        (
            "image beside the model, gzip",
            "<= 30 MB",
            mib(image["beside"]["gzip"]),
            image["beside"]["gzip"] <= 30e6,
        ),
        (
            "rebuild after a change of the model",
            "< 500 ms",
            median_ms(image["rebuild_s"]),
            statistics.median(image["rebuild_s"]) < 0.5,
        ),
        (
            f"register {register['bytes'] / 1e9:.2f} GB, of the speed of a copy with fsync",
            ">= 60 %",
            f"{100 * ratio:.0f} % ({100 * min(ratios):.0f}-{100 * max(ratios):.0f})",
            ratio >= 0.6,
        ),
    ]
    if push is not None:
        beside = push["second"] - push["model"]
        rows.append(
            (
                "push of a new version, beyond the model's bytes",
                "<= 10 KB",
                f"{max(beside, 0)} bytes ({push['second']} sent, the model's layers have "
                f"{push['model']})",
                beside <= 10_000,
            )
        )
    for name, seconds in many["seconds"].items():
        rows.append(
            (
                f"models {name}, {many['versions']:,} versions",
                "< 50 ms",
                median_ms(seconds),
                statistics.median(seconds) < 0.05,
            )
        )
    lines = [
        "# From a model to a registry, measured",
        "",
        "Written by `make delivery`; the numbers as they came are in `delivery.json`. One machine,",
        "shared with others; medians, with the least and the greatest.",
        "",
        "| what | target | measured | met |",
        "| --- | --- | --- | --- |",
        *(f"| {what} | {target} | {got} | {verdict(met)} |" for what, target, got, met in rows),
        "",
        "## What an image holds beside the model",
        "",
        "| image of the FAQ model | packed | unpacked |",
        "| --- | --- | --- |",
        f"| Sooth, gzip (whole: no base image) | {mib(image['beside']['gzip'])} "
        f"| {mib(image['beside']['none'])} |",
        f"| Sooth, zstd | {mib(image['beside']['zstd'])} | {mib(image['beside']['none'])} |",
        *(
            f"| {name}: its Python packages alone, without Python and the base image "
            f"| {mib(size['gzip'])} | {mib(size['raw'])} |"
            for name, size in results["peers"].items()
        ),
        "",
        "- *Rebuild*: `sooth build` of a version with one other candidate, process start to exit; the",
        "  runtime's packed layer is kept from the build before.",
        "- *Register*: a logistic regression of 2,000 classes as joblib writes it, loaded, compiled and",
        "  scored; the copy reads the same file and ends with fsync. In turns, three rounds.",
        "- *Versions*: in a workspace in memory, process start to exit.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bench/delivery")
    parser.add_argument("--venvs", type=Path, default=ROOT / "build/bench/venvs")
    parser.add_argument("--results", type=Path, default=ROOT / "bench/results")
    parser.add_argument("--versions", type=int, default=10_000)
    parser.add_argument("--only", nargs="*", help="parts to measure; the others stay as they are")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    sooth = Sooth(options.build / "sooth", options.work / "workspace")
    raw = options.results / "delivery.json"
    results = json.loads(raw.read_text()) if options.only and raw.exists() else {}
    parts: dict[str, Callable[[], Any]] = {
        "image": lambda: measure_image(sooth, options.work),
        "push": lambda: measure_push(sooth, options.work),
        "register": lambda: measure_register(sooth, sys.executable, options.work),
        "many": lambda: measure_many(sooth, options.work, options.versions),
        "peers": lambda: measure_peers(options.work, options.venvs),
    }
    for name, measure in parts.items():
        if options.only and name not in options.only and name in results:
            continue
        log(name)
        results[name] = measure()
        raw.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    (options.results / "delivery.md").write_text(report(results), "utf-8")
    shutil.rmtree(options.work)


if __name__ == "__main__":
    main()
