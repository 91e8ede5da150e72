"""results/sklearn.md from the raw numbers; holds the targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Raw = dict[str, Any]

HEAD = """# Estimators against scikit-learn, measured side by side

Written by `make sklearn-bench`, and the last part of `make bench`; the numbers as they came are in `sklearn.json`. One machine, {runs},
everybody in turns, one thread each, in three passes over all models. A ratio is the median over the
rounds of all of them of the CPU time that the other took divided by what Sooth took in the same round, with its
least and greatest; above 1 Sooth is faster. Sooth is `Plan::run` over rows that lie in memory, scikit-learn its method on an array of
NumPy's or a data frame of as many rows, ONNX Runtime a session of what skl2onnx or onnxmltools makes of
the model, in float32. Models of 30 columns, fitted with 1,000 rows; the answers to all of them are
compared before anything is timed, and a wrong one stops the run.
"""


def write_report(results: Raw, path: Path) -> None:
    runs = "one run" if results["one_run"] else "each part in one run"
    machine = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    load = ", ".join(f"{one:.1f}" for one in machine["load"])
    lines = [
        HEAD.replace("{runs}", runs),
        f"{machine['processor']}, {machine['cores']} virtual cores, kernel {machine['kernel']}; load "
        f"averages at the end {load}. {versions}.",
        "",
    ]
    for rows, title in (("1", "One row"), ("1000", "1,000 rows")):
        lines += [f"## {title}", *table(results["subjects"], rows), ""]
    if "loading" in results:
        lines += ["## Loading", *loading(results["loading"]), ""]
    if "survey" in results:
        lines += ["## Every estimator", *survey(results["survey"]), ""]
    refused = {name: each["refused"] for name, each in results["subjects"].items() if "refused" in each}
    if refused:
        lines += ["## Refused", *(f"- {name}: {why}" for name, why in refused.items()), ""]
    path.write_text("\n".join(lines), "utf-8")


def table(subjects: Raw, rows: str) -> list[str]:
    lines = [
        "| model | Sooth, µs | the library, µs | times | target | met | ONNX Runtime, µs | times | target | met |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: | --- |",
    ]
    group = ""
    for name, subject in sorted(subjects.items(), key=lambda each: order(each[1])):
        if rows not in subject:
            continue
        if subject["group"]["title"] != group:
            group = subject["group"]["title"]
            lines.append(f"| **{group}** | | | | | | | | | |")
        measured = subject[rows]
        other = "pandas" if subject["frame"] else "numpy"
        # 1,000 rows are never to be slower than the library.
        target = subject["group"][other] if rows == "1" else 1.0
        shown = f"{name}{', pandas' if subject['frame'] else ''}"
        words = [shown, number(measured["us"]["sooth"]), number(measured["us"][other])]
        words += compared(measured[other], target)
        if "onnx" in measured:
            words.append(number(measured["us"]["onnx"]))
            words += compared(measured["onnx"], subject["group"]["onnx"] if rows == "1" else 0.0)
        else:
            words += ["", "", "", ""]
        lines.append("| " + " | ".join(words) + " |")
    return lines


def survey(found: Raw) -> list[str]:
    lines = [
        "Those of the agreement tests, fitted with 1,000 rows of 30 columns, or of what they take; shorter",
        "rounds, and fewer. What is slower than the library at 1,000 rows stands first.",
        "",
        "| model | method | one row: Sooth, µs | the library, µs | times | 1,000 rows: Sooth, µs | the library, µs | times |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    measured = {name: each for name, each in found.items() if "refused" not in each}
    slower = [name for name, each in measured.items() if each["1000"]["times"]["median"] < 1]
    for name in slower + [name for name in measured if name not in slower]:
        each = measured[name]
        words = [f"**{name}**" if name in slower else name, each["method"]]
        for rows in ("1", "1000"):
            took = each[rows]
            words += [number(took["us"]["sooth"]), number(took["us"]["library"]), times(took["times"]["median"])]
        lines.append("| " + " | ".join(words) + " |")
    return lines


GROUPS = ("linear", "forests", "gradient", "SVC", "others")


def order(subject: Raw) -> int:
    title = subject["group"]["title"]
    return next(i for i, start in enumerate(GROUPS) if title.startswith(start))


def compared(ratio: Raw, target: float) -> list[str]:
    shown = f"**{times(ratio['median'])}** ({times(ratio['least'])}–{times(ratio['greatest'])})"
    if target == 0:
        return [shown, "", ""]
    met = "yes" if ratio["median"] >= target else "**no**"
    return [shown, f"≥ {target:g}", met]


def times(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.2f}"


def number(microseconds: float) -> str:
    return f"{microseconds:,.0f}" if microseconds >= 100 else f"{microseconds:.3g}"


def loading(raw: Raw) -> list[str]:
    speed, memory = raw["mb_per_s"], raw["memory"]
    size = raw["bytes"] / 1e6
    return [
        "| a random forest, as joblib writes it | target | measured | met |",
        "| --- | --- | --- | --- |",
        f"| {size:,.0f} MB: MB/s | >= 500 | **{speed['median']:,.0f}** ({speed['least']:,.0f}–"
        f"{speed['greatest']:,.0f}) | {'yes' if speed['median'] >= 500 else '**no**'} |",
        f"| its peak of memory, of the file | <= 1.3 | **{memory['median']:.2f}** | "
        f"{'yes' if memory['median'] <= 1.3 else '**no**'} |",
    ]
