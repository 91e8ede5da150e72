"""results/image.md from the raw numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from table import Figures, machine_section, spread, table

Raw = dict[str, Any]

HEAD = """# Networks of pictures, measured

Written by `make image-bench`; the numbers as they came are in `image.json`. One machine, {runs}.
A figure is the median over rounds, with its least and greatest; what is compared takes turns, a ratio
is that of one round, and every answer is compared with the right one. Everybody computes with the same
library of ONNX Runtime.
"""

NOTES = """## How it was measured
- **Start**: from the exec of `sooth serve squeezenet`, a registered SqueezeNet 1.1, to the first answer
  to a posted JPEG, which must be right; a new process each time, asked every 2 ms.
- **Load**: ResNet-152, 240 MB of float32, in a new process each time: one calls ONNX Runtime's C API by
  hand (`bench/image/bare_session.cc`), one `engine_onnx`. The files are in the page cache. Memory as
  the kernel counts it for the process, mapped files included: resident when the network is loaded, and
  its greatest (`VmHWM`) until the first answer is there. `sooth serve` computes the version's four
  golden rows before.
- **Preparation**: a JPEG of 640 x 480 decoded, resized, normalised: float32 [1, 3, 224, 224]. One thread
  each; eight pictures; CPU time. Pillow and NumPy as in `bench/image/peers/preparing.py`; every byte of
  every tensor is the same.
- **Overhead**: one process, both with one thread, run by run in turns, who comes first changing; a
  round's figure is the median of the ratios of its pairs. Their answers are the same bits.
- **HTTP**: ResNet-152 with seeded weights, JPEGs of 640 x 480 as they are in the body, the best three
  categories in JSON out. Closed loop on kept connections; the load generator runs where it finds room,
  and takes next to nothing. FastAPI has two workers of uvicorn on two processors, and the threads that
  its libraries choose; *tuned*, a worker has one thread and computes one picture at a time. torch is
  eager, under `inference_mode`. Sooth is as `sooth serve` starts it, but for `--queue-time-max`: by
  default what would wait for more than half a second is refused, and nobody here is. Its threads that
  compute are nice, so that whatever else the machine does costs it more than the others. Between
  rounds every server becomes idle.
- **Precisions**: with OpenVINO the answers of the seeded network are others than in float32, whose
  rounding runs away through 152 layers that nothing was trained in; they are held to be the same each
  time. The targets are of processors with AMX; others compute bf16 and int8 with AVX-512, and on those
  that are not Intel's by the build of ONNX Runtime with OpenVINO inside (`--openvino-any`).
- **On a GPU**: one batch after the other, from tensors in memory to tensors in memory, in a process of
  each; the same pictures. Sooth by its engine with the provider `cuda` in float32; torch eager in
  float32 and bfloat16 and compiled in bfloat16, `channels_last`, under `inference_mode`, warmed up.
- A percentile of a round is that of {answers} answers: with so few, p99 is almost the slowest of them.
"""

FASTAPI = "FastAPI, ONNX Runtime"
TORCH = "FastAPI, torch"
# Of the connections of which the targets speak.
AT = "4"
UNTUNED = {FASTAPI: 1.7, TORCH: 4}
TUNED = (FASTAPI + ", tuned", TORCH + ", tuned")
PRECISIONS = {"bf16": 5, "int8": 7}
NOT_MEASURED = "not measured"


def start_figures(figures: Figures, raw: Raw) -> None:
    figures.at_most("SqueezeNet: from exec to the first right answer", 0.5, raw, " s")


def load_figures(figures: Figures, raw: Raw) -> None:
    for form, one in raw.items():
        what = f"ResNet-152, weights {form}: "
        ratio = one["ratio"]
        figures.at_most(what + "time to load, of the runtime's own", 1.2, ratio["load_s"])
        figures.at_most(what + "memory when loaded, of its", 1.1, ratio["resident_kb"])
        figures.at_most(what + "peak of memory, of its", 1.1, ratio["run_peak_kb"])


def preparation_figures(figures: Figures, raw: Raw) -> None:
    for preset, one in raw.items():
        figures.at_least(f"preparation, {preset}: times Pillow and NumPy", 2.5, one["ratio"]["cpu"])


def overhead_figures(figures: Figures, raw: Raw) -> None:
    for name, one in raw.items():
        what = f"{name}: the engine over a bare call of the runtime"
        figures.at_most(what, 3, one["overhead_percent"], " %")


def http_figures(figures: Figures, raw: Raw) -> None:
    for name, least in UNTUNED.items():
        what = f"images/s at {AT} connections, times {name}"
        if name in raw["ratio"]:
            figures.at_least(what, least, raw["ratio"][name][AT])
        else:
            figures.rows.append([what, f">= {least}", raw["skipped"][name], NOT_MEASURED])
    for name in TUNED:
        for connections, ratio in raw["ratio"].get(name, {}).items():
            figures.at_least(f"images/s at {connections} connections, times {name}", 1, ratio)
    for connections, one in raw["servers"]["sooth"].items():
        figures.at_most(f"Sooth at {connections} connections: p99, of p50", 1.5, one["tail"])


def precision_figures(figures: Figures, raw: Raw) -> None:
    for precision, least in PRECISIONS.items():
        what = f"OpenVINO at {precision}: images/s at {AT} connections, times {FASTAPI}, tuned"
        one = raw[precision]
        if "skipped" in one:
            figures.rows.append([what, f">= {least}", one["skipped"], NOT_MEASURED])
            continue
        ratio = one["ratio"][FASTAPI + ", tuned"][AT]
        if one["amx"]:
            figures.at_least(what, least, ratio)
        else:
            figures.rows.append([what, f">= {least}, with AMX", spread(ratio, 2), "no AMX here"])


FIGURES = {
    "start": start_figures,
    "load": load_figures,
    "preparation": preparation_figures,
    "overhead": overhead_figures,
    "http": http_figures,
    "precisions": precision_figures,
}


def http_section(raw: Raw) -> str:
    rows = [
        [connections, name]
        + [spread(one["per_s"], 1), spread(one["p50_ms"], 0), spread(one["p99_ms"], 0)]
        + [f"{one['tail']['median']:.2f}"]
        for connections in raw["servers"]["sooth"]
        for name, of in raw["servers"].items()
        for one in [of[connections]]
    ]
    heads = ("connections", "server", "images/s", "p50 ms", "p99 ms", "p99/p50")
    starts = [
        [name, f"{raw['start_s'][name]:.1f}", f"{raw['memory_mb'][name]:,.0f}"]
        for name in raw["servers"]
    ]
    text = "## ResNet-152 behind HTTP\n" + table(rows, *heads)
    text += "\n" + table(starts, "server", "s to the first right answer", "MB after the load")
    for name, reason in raw["skipped"].items():
        text += f"\n{name}: skipped, {reason}.\n"
    return text


def gpu_section(raw: Raw) -> str:
    rows = [
        [batch, name]
        + [spread(one["per_s"], 0), spread(one["p50_ms"], 2), spread(one["p99_ms"], 2)]
        for batch in next(iter(raw["servers"].values()))
        for name, of in raw["servers"].items()
        for one in [of[batch]]
    ]
    text = f"## ResNet-152 in batches on {raw['device']}\n"
    text += table(rows, "batch", "who", "images/s", "p50 ms", "p99 ms") + "\n"
    apart = (f"{name} {value:.2g}" for name, value in raw["apart"].items())
    return text + f"Apart from torch eager in float32, of the largest number: {', '.join(apart)}.\n"


def load_section(raw: Raw) -> str:
    rows = [
        [form, who, spread(one["load_s"], 2), *(f"{one[key]['median'] / 1024:,.0f}" for key in keys)]
        for form, of in raw.items()
        for who, one in of.items()
        if who in ("runtime", "engine")
        for keys in [("resident_kb", "peak_kb", "run_peak_kb")]
    ]
    heads = ("weights", "who", "s", "MiB loaded", "MiB at most", "MiB at most, with a first run")
    served = [
        [form, spread(one["answer_s"], 2)]
        + [f"{one[key]['median'] / 1024:,.0f}" for key in ("run_resident_kb", "run_peak_kb")]
        for form, of in raw.items()
        for one in [of["served"]]
    ]
    served_heads = ("weights", "`sooth serve`: s to the first answer", "MiB then", "MiB at most")
    text = "## Loading ResNet-152\n" + table(rows, *heads)
    return text + "\n" + table(served, *served_heads)


def computing_section(results: Raw) -> str:
    rows = []
    for preset, one in results.get("preparation", {}).items():
        for who, cost in one["cpu_ms"].items():
            rows.append([f"prepare, {preset}", who, spread(cost, 2)])
    for name, one in results.get("overhead", {}).items():
        rows.append([f"run {name}", "runtime", spread(one["bare_ms"], 2)])
        rows.append([f"run {name}", "engine", spread(one["engine_ms"], 2)])
    return "## One picture on one thread\n" + table(rows, "what", "who", "ms")


def write(results: Raw, path: Path) -> None:
    skipped = {name: raw for name, raw in results.items() if name_is_skipped(raw)}
    measured = {name: raw for name, raw in results.items() if name not in skipped}
    figures = Figures()
    for name, add in FIGURES.items():
        if name in measured:
            add(figures, measured[name])
    runs = "one run" if results["one_run"] else "each part in one run"
    sections = [HEAD.replace("{runs}", runs), machine_section(results["machine"])]
    sections.append("## Targets\n" + table(figures.rows, "figure", "target", "measured", "met"))
    for name, raw in skipped.items():
        sections.append(f"{name}: skipped, {raw['skipped']}.\n")
    if "http" in measured:
        sections.append(http_section(measured["http"]))
    for precision, raw in measured.get("precisions", {}).items():
        if "skipped" not in raw:
            section = http_section(raw | {"skipped": {}})
            sections.append(section.replace("behind HTTP", f"with OpenVINO at {precision}"))
    if "gpu" in measured:
        sections.append(gpu_section(measured["gpu"]))
    if "load" in measured:
        sections.append(load_section(measured["load"]))
    if {"preparation", "overhead"} & measured.keys():
        sections.append(computing_section(measured))
    sections.append(NOTES.replace("{answers}", answers_of(measured.get("http"))))
    path.write_text("\n".join(sections), "utf-8")


def name_is_skipped(raw: Any) -> bool:
    return isinstance(raw, dict) and "skipped" in raw and isinstance(raw["skipped"], str)


def answers_of(raw: Raw | None) -> str:
    if raw is None:
        return "few"
    counts = [one["answers"] for of in raw["servers"].values() for one in of.values()]
    return f"{min(counts):.0f} to {max(counts):.0f}"
