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

import registering

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
        """As a person calls it, process start to exit."""
        command = [str(self.program), *words, "--workspace", str(self.workspace)]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)
        took = time.perf_counter() - start
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stderr.decode()}")
        return took


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


def measure_first_answer(sooth: Sooth, work: Path) -> list[dict[str, float]] | None:
    """On a cluster that this starts and ends; None where none can run."""
    cluster = str(ROOT / "tools/cluster/cluster.sh")
    check = subprocess.run([cluster, "check"], capture_output=True, text=True, check=False)
    if check.returncode != 0:
        log(f"  {check.stdout.strip()}")
        return None
    try:
        for verb in ("build", "up"):
            subprocess.run([cluster, verb], check=True, stdout=subprocess.DEVNULL)
        command = [cluster, "in", sys.executable, str(ROOT / "bench/first_answer.py")]
        command += [str(sooth.program), str(work / "first-answer")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    finally:
        subprocess.run([cluster, "down"], check=False)
    return json.loads(done.stdout)


def median_ms(seconds: list[float]) -> str:
    ordered = sorted(1000 * each for each in seconds)
    return f"{statistics.median(ordered):.0f} ms ({ordered[0]:.0f}-{ordered[-1]:.0f})"


def mib(count: float) -> str:
    return f"{count / MIB:.1f} MiB"


def verdict(met: bool) -> str:
    return "yes" if met else "**no**"


Row = tuple[str, str, str, bool]


def image_rows(image: dict[str, Any]) -> list[Row]:
    gzipped, rebuild = image["beside"]["gzip"], image["rebuild_s"]
    return [
        ("image beside the model, gzip", "<= 30 MB", mib(gzipped), gzipped <= 30e6),
        (
            "rebuild after a change of the model",
            "< 500 ms",
            median_ms(rebuild),
            statistics.median(rebuild) < 0.5,
        ),
    ]


def register_rows(register: dict[str, Any]) -> list[Row]:
    rows = []
    for title, measured in register.items():
        ratios = registering.ratios(measured)
        ratio = statistics.median(ratios)
        what = f"register a {title}, of the speed of a copy with fsync"
        got = f"{100 * ratio:.0f} % ({100 * min(ratios):.0f}-{100 * max(ratios):.0f})"
        rows.append((what, ">= 60 %", got, ratio >= 0.6))
    return rows


def push_rows(push: dict[str, Any] | None) -> list[Row]:
    if push is None:
        return []
    beside = push["second"] - push["model"]
    got = (
        f"{max(beside, 0)} bytes ({push['second']} sent, the model's layers have {push['model']})"
    )
    what = "push of a new version, beyond the model's bytes"
    return [(what, "<= 10 KB", got, beside <= 10_000)]


def many_rows(many: dict[str, Any]) -> list[Row]:
    return [
        (
            f"models {name}, {many['versions']:,} versions",
            "< 50 ms",
            median_ms(seconds),
            statistics.median(seconds) < 0.05,
        )
        for name, seconds in many["seconds"].items()
    ]


def cluster_rows(rounds: list[dict[str, float]] | None) -> list[Row]:
    if rounds is None:
        return []
    seconds = [each["answered_s"] for each in rounds]
    what = "deploy to the first keyed answer through the gateway, the image on the nodes"
    return [(what, "< 10 s", median_ms(seconds), statistics.median(seconds) < 10)]


ROWS: dict[str, Callable[[Any], list[Row]]] = {
    "image": image_rows,
    "register": register_rows,
    "push": push_rows,
    "many": many_rows,
    "cluster": cluster_rows,
}


def image_section(results: dict[str, Any]) -> list[str]:
    image = results["image"]
    unpacked = mib(image["beside"]["none"])
    return [
        "## What an image holds beside the model",
        "",
        "| image of the FAQ model | packed | unpacked |",
        "| --- | --- | --- |",
        f"| Sooth, gzip (whole: no base image) | {mib(image['beside']['gzip'])} | {unpacked} |",
        f"| Sooth, zstd | {mib(image['beside']['zstd'])} | {unpacked} |",
        *(
            f"| {name}: its Python packages alone, without Python and the base image "
            f"| {mib(size['gzip'])} | {mib(size['raw'])} |"
            for name, size in results.get("peers", {}).items()
        ),
        "",
        "- *Rebuild*: `sooth build` of a version with one other candidate, process start to exit; the",
        "  runtime's packed layer is kept from the build before.",
        "",
    ]


def register_section(results: dict[str, Any]) -> list[str]:
    return [
        "## What registering costs",
        "",
        *registering.table(results["register"]),
        "",
        f"{registering.rounds(results['register'])} rounds in turns, each from process start to exit, all files in the page",
        "cache and all earlier writes on the disk. The copy is `cp` and an fsync of what it made. Register",
        "stores the file, digests it, loads it, compiles and scores it, and syncs what it stored.",
        "",
    ]


def report(results: dict[str, Any]) -> str:
    """What was measured so far: a part that is missing has no rows."""
    rows = [row for part, make in ROWS.items() if part in results for row in make(results[part])]
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
    ]
    if "many" in results:
        lines += ["Versions lie in a workspace in memory; process start to exit.", ""]
    if results.get("cluster"):
        lines += [
            "The cluster is that of `tools/cluster`: two nodes on this machine, with a gateway over TLS.",
            "Counted from the start of `sooth deploy`, which builds the image and asks the registry for",
            "it, to the answer of a client that asks all the while.",
            "",
        ]
    if "register" in results:
        lines += register_section(results)
    if "image" in results:
        lines += image_section(results)
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bench/delivery")
    parser.add_argument("--venvs", type=Path, required=True, help="where the peers are installed")
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
        "register": lambda: registering.measure(sooth.program, sys.executable, options.work),
        "many": lambda: measure_many(sooth, options.work, options.versions),
        "peers": lambda: measure_peers(options.work, options.venvs),
        "cluster": lambda: measure_first_answer(sooth, options.work),
    }
    for name, measure in parts.items():
        if options.only and name not in options.only:
            continue
        log(name)
        results[name] = measure()
        raw.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    (options.results / "delivery.md").write_text(report(results), "utf-8")
    shutil.rmtree(options.work)


if __name__ == "__main__":
    main()
