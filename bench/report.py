"""results/faq.md from the raw numbers."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

Raw = dict[str, Any]

HEAD = """# The FAQ against Python, measured side by side

Written by `make bench`; the numbers as they came are in `faq.json`. One machine, {runs},
everybody in turns. **A ratio is the median over rounds of what Python took divided by what Sooth
took in the same round**, with its least and greatest; above 1 Sooth is faster. CPU time on one
thread is what to trust: the machine is virtual and shared, wall times suffer from what else runs.
"""

CONDITIONS = """## Conditions
- *Reference*: what the reference application does, a data frame of all pairs through the pipeline's
  `predict_proba`, sorted. *Careful*: candidates' vectors kept as CSR, the query transformed once,
  rows joined by hand, no pandas, `Booster.predict`, `argsort`. Both with one LightGBM, OpenMP and
  BLAS thread. Everybody ranks and returns all candidates.
- 1,000 trees: the demo's model. 8,000 trees: the same trees written eight times with their leaves
  divided by 8, so 8,000 separate trees to walk, and the same answers up to rounding.
- 132 candidates: the demo's questions. 182, 1,820 and 20,000: these, then the demo's training
  duplicates, then splices of halves of two of them, with a fixed seed. Long texts: sentences
  joined to about 435 characters, the mean of the reference application. Queries are held-out
  duplicates; long ones are joined likewise. All words come from the demo's sentences, so most are
  in the vocabulary.
- **Every probability of every pair that was timed is compared with both Python ways: the same bits,
  in the same order**, or the run stops. Over HTTP every answer is checked likewise. (Ties stand in
  the order of the file; Python's sorts are asked to be stable for that.)
- HTTP: 4 keep-alive connections, closed loop, answers of all 182 candidates. The load generator
  shares the cores with the server, which costs Sooth more than it costs the others.
  azureml-inference-server-http closes the connection after every answer and is connected to again.
  Python servers run two workers of one LightGBM thread each, Sooth one thread for each core.
"""


PACKAGES = ("scikit-learn", "lightgbm", "numpy", "scipy", "pandas", "fastapi", "uvicorn")


def describe_machine(packages: tuple[str, ...] = PACKAGES) -> Raw:
    """Processor, cores and versions; no names."""
    info = Path("/proc/cpuinfo").read_text()
    model = next(line.split(":")[1].strip() for line in info.splitlines() if "model name" in line)
    return {
        "processor": model,
        "avx512": "avx512f" in info,
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "kernel": platform.release().split("-")[0],
        "versions": {"Python": platform.python_version()} | {p: version(p) for p in packages},
    }


def write_report(results: Raw, path: Path) -> None:
    runs = "one run" if results["one_run"] else "each part in one run"
    sections = [HEAD.replace("{runs}", runs), _machine(results["machine"])]
    heads = ("what", "target", "measured", "rounds", "met")
    sections.append("## Targets\n" + _table(_targets(results), *heads))
    if "in_process" in results:
        sections.append(_in_process(results["in_process"]))
    if "over_http" in results:
        sections.append(_over_http(results["over_http"]))
    if "other_models" in results:
        sections.append(_other_models(results["other_models"]))
    if "loading" in results:
        sections.append(_loading(results["loading"]))
    sections.append(CONDITIONS)
    path.write_text("\n".join(sections), "utf-8")


def _machine(machine: Raw) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    load = ", ".join(f"{one:.1f}" for one in machine["load"])
    instructions = "with" if machine["avx512"] else "without"
    return (
        f"{machine['processor']}, {machine['cores']} virtual cores, {instructions} AVX-512; load "
        f"averages at the end of the run {load}; well above {machine['cores']} means that others "
        f"were at work on the machine. {versions}, azureml-inference-server-http 1.5.1.\n"
    )


def _targets(results: Raw) -> list[list[str]]:
    rows: list[list[str]] = []

    def at_least(what: str, target: float, spread: Raw) -> None:
        met = "yes" if spread["median"] >= target else "**no**"
        rows.append([what, f"≥ {target:.0f}x", _times(spread), str(spread["rounds"]), met])

    def below(what: str, target: float, unit: str, value: float, rounds: int) -> None:
        met = "yes" if value < target else "**no**"
        rows.append([what, f"< {target:.0f} {unit}", f"{value:.1f} {unit}", str(rounds), met])

    sets = {
        (one["trees"], one["candidates"]): one["ratios"]
        for one in results.get("in_process", [])
        if one["text_length"] < 300
    }
    for way, trees, candidates, target in (
        ("reference", 1000, 182, 200),
        ("reference", 8000, 182, 200),
        ("reference", 8000, 1820, 400),
        ("careful", 1000, 182, 100),
        ("careful", 8000, 182, 200),
    ):
        if (trees, candidates) in sets:
            what = f"CPU, {way}, {trees:,} trees, {candidates:,} candidates"
            at_least(what, target, sets[trees, candidates][way]["cpu"])
    servers = results.get("over_http", {}).get("servers", {})
    for name, server in servers.items():
        if name != "sooth":
            target = 150 if "reference" in name else 100
            at_least(f"requests per second, {name}", target, server["rate_ratio"])
    for name, what, target in (
        ("forest", "CPU, one row of a forest of 100", 300),
        ("columns", "CPU, 31 columns, JSON to JSON", 500),
        ("text", "CPU, text of 1000 classes", 15),
    ):
        if name in results.get("other_models", {}):
            at_least(what, target, results["other_models"][name]["ratios"]["cpu"])
    if "start" in results:
        start = results["start"]
        seconds, memory = start["seconds"], start["memory_mb"]
        below("exec to first right answer", 150, "ms", 1e3 * seconds["median"], seconds["rounds"])
        least = min((s["memory_mb"] for n, s in servers.items() if n != "sooth"), default=None)
        if least is not None:
            what = "memory then (a tenth of the leanest Python server)"
            below(what, least / 10, "MB", memory["median"], memory["rounds"])
    for one in results.get("loading", []):
        if (one["trees"], one["candidates"]) == (8000, 182):
            wall = one["wall_s"]
            what = "loading 8,000 trees and 182 candidates"
            below(what, 1000, "ms", 1e3 * wall["median"], wall["rounds"])
    return rows


def _in_process(sets: list[Raw]) -> str:
    rows = []
    for one in sets:
        costs, ratios = one["costs"], one["ratios"]
        rows.append(
            [f"{one['trees']:,}", f"{one['candidates']:,}"]
            + [f"{one['text_length']:.0f} / {one['query_length']:.0f}"]
            + [_microseconds(costs[who]) for who in ("sooth", "reference", "careful")]
            + [_times(ratios["reference"]["cpu"]), f"{ratios['reference']['wall']['median']:.0f}x"]
            + [_times(ratios["careful"]["cpu"]), f"{ratios['careful']['wall']['median']:.0f}x"]
            + [f"{one['rounds']} x {one['queries']}", f"{one['compared']:,}"]
        )
    table = _table(
        rows,
        "trees",
        "candidates",
        "characters (candidate / query)",
        "Sooth us CPU / wall",
        "reference us",
        "careful us",
        "reference : Sooth, CPU",
        "wall",
        "careful : Sooth, CPU",
        "wall",
        "rounds x queries",
        "probabilities equal",
    )
    return "## One query, in process\nMedians for one query.\n\n" + table


def _over_http(http: Raw) -> str:
    rows = []
    for name, one in http["servers"].items():
        ours = name == "sooth"
        rows.append(
            [name, f"{one['per_s']:,.0f}", f"{one['p50_ms']:.2f} / {one['p99_ms']:.2f}"]
            + [f"{one['cpu_ms']:.3f}"]
            + ["" if ours else _times(one["rate_ratio"])]
            + ["" if ours else _times(one["cpu_ratio"])]
            + [f"{one['start_s']:.2f}", f"{one['memory_mb']:.0f}"]
        )
    table = _table(
        rows,
        "server",
        "requests/s",
        "p50 / p99 ms",
        "CPU ms a request",
        "Sooth's rate : its rate",
        "its CPU : Sooth's CPU",
        "start s",
        "memory MB (PSS)",
    )
    words = (
        f"1,000 trees, 182 candidates, {http['connections']} connections, {http['rounds']} rounds "
        f"of {http['seconds']} s each; Python servers with two workers. Medians. Start: exec to "
        "first right answer, once, the servers before it running idle.\n\n"
    )
    return "## Over HTTP\n" + words + table


def _other_models(models: Raw) -> str:
    names = {
        "forest": "random forest, 100 trees of unlimited depth, 20,000 x 30; the row in hand",
        "columns": "ColumnTransformer (30 numbers, 1 category) + LogisticRegression; JSON to JSON",
        "text": "tf-idf (22,000 words) + LogisticRegression, 1000 classes; the text in hand",
    }
    rows = []
    for name, words in names.items():
        one = models[name]
        rows.append(
            [words, *(_microseconds(one["costs"][who]) for who in ("sooth", "sklearn"))]
            + [_times(one["ratios"]["cpu"]), f"{one['ratios']['wall']['median']:.0f}x"]
            + [str(one["rounds"]), f"{one['difference']:.0e}"]
        )
    heads = ("Sooth us CPU / wall", "scikit-learn us", "CPU", "wall", "rounds")
    return "## One row of other models\n" + _table(
        rows, "model", *heads, "largest relative difference"
    )


def _loading(loads: list[Raw]) -> str:
    rows = [
        [f"{one['trees']:,}", f"{one['candidates']:,}"]
        + [f"{1e3 * one['cpu_s']['median']:.0f}", _milliseconds(one["wall_s"])]
        + [f"{one['peak_mb']:.0f}"]
        + [f"{1e3 * one['python_cpu_s']:.0f} / {1e3 * one['python_wall_s']:.0f}"]
        for one in loads
    ]
    heads = ("trees", "candidates", "CPU ms", "wall ms", "peak MB", "Python ms CPU / wall")
    words = "A fresh process each, 5 rounds; Python once, imports not counted."
    return f"## Loading\n{words}\n\n" + _table(rows, *heads)


def _table(rows: list[list[str]], *heads: str) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _times(spread: Raw) -> str:
    digits = 0 if spread["median"] >= 100 else 1
    least, greatest = (f"{spread[k]:,.{digits}f}" for k in ("least", "greatest"))
    return f"**{spread['median']:,.{digits}f}x** ({least}–{greatest})"


def _milliseconds(spread: Raw) -> str:
    middle, least, greatest = (1e3 * spread[key] for key in ("median", "least", "greatest"))
    return f"{middle:.0f} ({least:.0f}–{greatest:.0f})"


def _microseconds(cost: Raw) -> str:
    digits = 1 if cost["cpu"] < 1e-4 else 0
    return f"{1e6 * cost['cpu']:,.{digits}f} / {1e6 * cost['wall']:,.{digits}f}"
