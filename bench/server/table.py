"""results/server.md from the raw numbers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from rounds import Spread

Raw = dict[str, Any]

HEAD = """# The server, measured

Written by `make server-bench`; the numbers as they came are in `server.json`. One machine, {runs}.
A figure is the median over rounds, with its least and greatest; what is compared takes turns, and
a ratio is that of one round. The server has one processor to itself and the load generator
another; everything is on loopback, and every answer is compared with the right one.
"""

NOTES = """## How it was measured
- **CPU per request**: 16 keep-alive connections, closed loop; CPU time of all of a server's
  processes (`/proc/PID/stat`), divided by its answers. The model gives back the number it is sent,
  `{"data": [[1.5]]}` and `[[1.5]]`, for Triton and MLServer as a tensor of the Open Inference
  Protocol; Sooth gets the same bytes. Sooth runs a StandardScaler that neither shifts nor scales,
  the others a Python function that returns its argument. One worker each; FastAPI with the `def`
  that its documents recommend for models, and with `async def`.
- **p50**: one connection; the other server is `bench/server/epoll_server.cc`, one blocking epoll
  loop that finds Content-Length and answers the same bytes, head and body.
- **Overload**: an open loop with latencies from the moment that was meant. Capacity: closed loop,
  two at a time. Of the model of 10 us, what is done faster the more comes at once: the most that
  was answered in a closed loop of 256 or with one and a half or three times that offered. The
  generator never sleeps, so that the server does not pay for waking it. Half the capacity, then the overload, then half again.
  The capacity and the unloaded p99 are the means of what they are just before and just after.
  Answers within the overload are its goodput; of requests from 100 ms after it on it counts how
  many are answered. The model of 5 ms is a forest of 5,000 trees with as many rows as take so
  long, that of 10 us a forest of 50. Unloaded is the p99 of one connection.
- At random moments (Poisson), a single worker that lets nobody wait for longer than one request
  takes is idle for 6.3 % of the time at twice the capacity: nothing waits when it is done, and 0.95
  cannot be had with twice the unloaded p99. Ours lets nobody wait for longer than 0.85 of one there,
  which makes it 8.4 %. The arithmetic is in `src/serve/admission.h`. With even gaps it need not be
  idle, and with more offered one does not wait as long.
- A goodput above 1.1 says that what found the capacity did not keep the server busy: it is no
  evidence, and does not count as met.
- The model of 10 us is scored where it is read. Nothing is refused: to refuse costs what it costs
  to answer. What more is offered than 64 connections can carry is not sent, and a latency is that
  of a closed loop of 64, which it is compared with.
- Python servers under overload compute for 5 ms in Python; clients wait for 1 s.
- **Attacks**: 500 requests a second at random moments while the attackers are at work and just
  before; eight attackers send as fast as the server reads and come again 100 ms after they were cut
  off, at the lowest priority on the generator's processor. Slow: 2,000 connections, of which 200
  send a byte every 100 ms. Memory: growth of the peak, as a share of 8 bytes for each byte sent and
  64 KiB for each connection.
- **Large bodies**: 1,000 rows of 2,000 numbers, from the first byte sent to the whole answer;
  Sooth's model is a LogisticRegression, the others compute the same with numpy. Memory: growth of
  the peak of all processes of a new server with its first such request, in sizes of the body.
- **Hot swaps**: four connections ask without pause while two versions of one small model are loaded
  in turn by the API; an answer counts as right if it has the bytes of a version that may serve
  between what was acknowledged before the request and what was ordered before its answer. The
  server, its loader too, has one processor and who asks has the other. Memory is resident, of one server, before the first and after the
  last swap. Twenty rounds with swaps, each before up to two seconds without.
- **Restarts**: eight Python clients on kept connections. The listening socket is inherited; the
  next server is ready before the one before gets SIGTERM. Each round begins with 3 s without.
- **Restarts behind nginx**: the same clients ask nginx, with the settings of `docs/serve.md`, in
  front of two servers. In turn each gets SIGTERM, ends, and starts anew on its port with the other
  of two versions. An answer counts as right if it has the bytes of a version that a server had
  between the request and its answer. Without `non_idempotent`: nginx sends no request again that a
  server may have read, which would hide what a server loses. Each round begins with 4 s
  without restarts, which is about as long as its restarts take.
"""


def table(rows: list[list[str]], *heads: str) -> str:
    lines = [list(heads), ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def spread(raw: Raw, digits: int = 2, unit: str = "") -> str:
    median, least, greatest = (f"{raw[k]:,.{digits}f}" for k in ("median", "least", "greatest"))
    if raw["rounds"] == 1:
        return f"**{median}{unit}** (1 round)"
    return f"**{median}{unit}** ({least}–{greatest}, {raw['rounds']} rounds)"


def middle(value: Any) -> float:
    """Of rounds, or of the one that there was."""
    return value["median"] if isinstance(value, dict) else value


def verdict(met: bool) -> str:
    return "yes" if met else "**no**"


# More than that of what a server can do, it cannot do.
EVIDENT_MAX = 1.1


class Figures:
    """Rows of the table of targets."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []

    def at_most(self, what: str, limit: float, raw: Raw, unit: str = "", digits: int = 2) -> None:
        met = raw["median"] <= limit
        self._add(what, f"<= {limit:g}{unit}", spread(raw, digits, unit), met)

    def at_least(self, what: str, limit: float, raw: Raw, unit: str = "", digits: int = 2) -> None:
        met = raw["median"] >= limit
        self._add(what, f">= {limit:g}{unit}", spread(raw, digits, unit), met)

    def none(self, what: str, count: int) -> None:
        self._add(what, "0", f"**{count}**", count == 0)

    def missing(self, what: str, target: str, why: str) -> None:
        self._add(what, target, why, met=False)

    def goodput(self, what: str, raw: Raw) -> None:
        if raw["median"] > EVIDENT_MAX:
            self.missing(what, ">= 0.95", f"{spread(raw)}: the capacity was not found")
        else:
            self.at_least(what, 0.95, raw)

    def _add(self, what: str, target: str, measured: str, met: bool) -> None:
        self.rows.append([what, target, measured, verdict(met)])


CPU_SHARES = {
    "FastAPI + uvicorn": 1 / 10,
    "azureml-inference-server-http": 1 / 20,
    "mosec": 1 / 5,
    "Triton, Python backend": 1 / 5,
}


def cpu_figures(figures: Figures, raw: Raw) -> None:
    for name, limit in CPU_SHARES.items():
        share = raw["servers"][name]["share"]
        figures.at_most(f"CPU per request, of that of {name}", limit, share, digits=3)


def latency_figures(figures: Figures, raw: Raw) -> None:
    figures.at_most("p50 of one connection, of that of a minimal epoll server", 1.3, raw["ratio"])


def overload_figures(figures: Figures, raw: Raw) -> None:
    for name, one in raw["overloads"].items():
        times, gaps = name.split()
        what = f"5 ms, {times} times the capacity, {'even' if gaps == 'even' else 'random'} gaps: "
        figures.goodput(what + "goodput, of the capacity", one["goodput"])
        figures.at_most(what + "p99 of the accepted, of the unloaded", 2, one["p99_ratio"])
        if one["refused"]["least"] == 0:
            figures.missing(what + "p99 of refusals", "<= 5 ms", "a round without any")
        else:
            figures.at_most(what + "p99 of refusals", 5, one["refusal_p99_ms"], " ms")
        figures.at_least(what + "answered from 100 ms after it on", 0.99, one["recovered"])


def small_figures(figures: Figures, raw: Raw) -> None:
    for name, one in raw["overloads"].items():
        what = f"10 us, {name.split()[0]} times the capacity, {raw['pool']} connections: "
        figures.goodput(what + "goodput, of the capacity", one["goodput"])
        figures.at_most(what + "p99, of that at the capacity", 2, one["p99_ratio"])


def attack_figures(figures: Figures, raw: Raw) -> None:
    for kind, one in raw.items():
        figures.at_most(f"{kind}: p99 of others, of that without", 1.2, one["p99_ratio"])
        figures.at_most(f"{kind}: memory, of what is allowed", 1, one["memory_share"], digits=3)


def large_figures(figures: Figures, raw: Raw) -> None:
    for form, contest in raw.items():
        for name, one in contest.items():
            if name.startswith("sooth"):
                what = f"2 million numbers, {form}, {name}: memory, of the body"
                figures.at_most(what, 3, one["memory"])
            else:
                what = f"2 million numbers, {form}: speed, of that of {name}"
                figures.at_least(what, 10, one["speed"], "x", 1)


def swap_figures(figures: Figures, raw: Raw) -> None:
    what = f"{raw['swaps']:,} hot swaps, {raw['requests']:,} requests: "
    figures.none(what + "failed", raw["failed"])
    figures.none(what + "answers of neither version, or of one that cannot serve", raw["wrong"])
    figures.at_most(what + "p99, of that without", 1.1, asdict(Spread.of(raw["p99_ratios"])))


def restart_figures(figures: Figures, raw: Raw) -> None:
    what = f"{raw['restarts']} restarts, {raw['requests']:,} requests: "
    figures.none(what + "failed", raw["failed"])
    figures.none(what + "wrong", raw["wrong"])
    figures.at_most(what + "p99, of that without", 1.1, asdict(restarted_ratios(raw)))


def restarted_ratios(raw: Raw) -> Spread:
    pairs = zip(raw["p99_ms"], raw["p99_calm_ms"], strict=True)
    return Spread.of([restarted / calm for restarted, calm in pairs])


def nginx_figures(figures: Figures, raw: Raw) -> None:
    if "skipped" in raw:
        figures.missing("restarts behind nginx", "no request failed", f"skipped: {raw['skipped']}")
        return
    what = f"{raw['restarts']} restarts behind nginx, {raw['requests']:,} requests: "
    figures.none(what + "failed", raw["failed"])
    figures.none(what + "answers of a version that neither server had", raw["wrong"])
    figures.at_most(what + "p99, of that without", 1.1, asdict(restarted_ratios(raw)))


FIGURES = {
    "cpu": cpu_figures,
    "latency": latency_figures,
    "overload": overload_figures,
    "small": small_figures,
    "attacks": attack_figures,
    "large": large_figures,
    "swaps": swap_figures,
    "restarts": restart_figures,
    "nginx": nginx_figures,
}


def cpu_section(raw: Raw) -> str:
    rows = [
        [name, f"{one['cpu_us']:.1f}", f"{one['per_s']:,.0f}", f"{one['p50_us']:,.0f}"]
        for name, one in raw["servers"].items()
    ]
    heads = ("server", "CPU us a request", "requests/s on one processor", "p50 us, 16 connections")
    return "## The least that a request costs\n" + table(rows, *heads)


def latency_section(raw: Raw) -> str:
    rows = [
        [name, f"{raw['p50_us'][name]:.1f}", f"{raw['cpu_us'][name]:.1f}"] for name in raw["p50_us"]
    ]
    return "## One connection\n" + table(rows, "server", "p50 us", "CPU us a request")


def overload_section(raw: Raw, peers: Raw) -> str:
    def row(name: str, one: Raw) -> list[str]:
        def number(field: str, digits: int = 1) -> str:
            value = one[field]
            counted = "refused" if field == "refusal_p99_ms" else "goodput"
            if field.endswith("_ms") and middle(one[counted]) == 0:
                return "none"
            return f"{middle(value):,.{digits}f}"

        goodput = f"{100 * float(number('goodput', 4)):.1f} %"
        recovered = f"{100 * float(number('recovered', 4)):.0f} %"
        return [name, goodput, number("p50_ms"), number("p99_ms")] + [
            number("refused", 0),
            number("refusal_p99_ms", 2),
            number("given_up", 0),
            recovered,
        ]

    rows = [row(f"Sooth, {name} gaps", one) for name, one in raw["overloads"].items()]
    rows += [row(f"{name}, 2 random gaps", one) for name, one in peers.items()]
    heads = (
        "server, times its capacity",
        "goodput",
        "p50 ms",
        "p99 ms",
        "refused",
        "p99 of refusals ms",
        "given up",
        "answered from 100 ms after it on",
    )
    words = (
        f"One request takes {raw['model_us'] / 1e3:.2f} ms; capacity "
        f"{raw['capacity_per_s']['median']:.0f} a second, unloaded p99 "
        f"{raw['calm_p99_ms']['median']:.2f} ms.\n\n"
    )
    return "## A model of 5 ms under overload\n" + words + table(rows, *heads)


def attack_section(raw: Raw) -> str:
    rows = [
        [kind, f"{one['alone_p99_ms']['median']:.2f}", f"{one['attacked_p99_ms']['median']:.2f}"]
        + [f"{one['grown_kib']['median']:,.0f}", str(one["lost"])]
        for kind, one in raw.items()
    ]
    heads = ("attack", "p99 ms without", "p99 ms under it", "memory KiB", "requests not answered")
    return "## Hostile clients\n" + table(rows, *heads)


def large_section(raw: Raw) -> str:
    rows = [
        [form, name, f"{one['wall_ms']:.0f}", f"{one['cpu_ms']:.0f}"]
        + [f"{one['memory']['median']:.1f}", f"{one['body_bytes'] / 1e6:.1f}"]
        for form, contest in raw.items()
        for name, one in contest.items()
    ]
    heads = ("form", "server", "ms", "CPU ms", "memory, in bodies", "body MB")
    return "## Two million numbers in a request\n" + table(rows, *heads)


def restarted_rows(what: str, raw: Raw) -> list[list[str]]:
    p99, calm = (Spread.of(raw[name]) for name in ("p99_ms", "p99_calm_ms"))
    return [
        [f"{what}: p99 of requests", spread(asdict(p99), unit=" ms")],
        ["the same clients without restarts", spread(asdict(calm), unit=" ms")],
    ]


def change_section(results: Raw) -> str:
    """What clients see of exchanges, and what they cost."""
    rows = []
    if "swaps" in results:
        raw = results["swaps"]
        rows += [
            ["hot swaps: p99 of requests", f"{raw['p99_us']:.0f} us"],
            ["the same connections without swaps", f"{raw['p99_without_us']:.0f} us"],
            ["longest load, from the order to the answer", f"{raw['longest_load_ms']:.1f} ms"],
            ["memory before", f"{raw['memory_before_mb']} MB"],
            ["memory after", f"{raw['memory_after_mb']} MB"],
        ]
    if "restarts" in results:
        raw = results["restarts"]
        rows += restarted_rows("restarts", raw)
    if "p99_ms" in results.get("nginx", {}):
        raw = results["nginx"]
        rows += restarted_rows("restarts behind nginx", raw)
        rows += [
            ["requests that nginx took from a server that was gone to the other"]
            + [f"{raw['handed_on']:,}"],
        ]
    if "many" in results:
        one, many = results["many"]["one"], results["many"]["many"]
        rows += [
            [f"{many['models']:,} models: until ready", f"{many['start_s']} s"],
            ["memory, all asked", f"{many['memory_asked_mb']} MB"],
            ["memory of a server of one", f"{one['memory_asked_mb']} MB"],
            ["p50 of a request", f"{many['p50_us']} us"],
            ["p50 in a server of one", f"{one['p50_us']} us"],
        ]
    return "## Models exchanged, servers restarted, many models\n" + table(rows, "what", "measured")


def machine_section(machine: Raw) -> str:
    loads = ", ".join(f"{one:.1f}" for one in machine["load"])
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['processor']}, {machine['cores']} virtual cores, kernel {machine['kernel']}; "
        f"load averages at the end {loads}. {versions}.\n"
    )


def write(results: Raw, path: Path) -> None:
    figures = Figures()
    for name, add in FIGURES.items():
        if name in results:
            add(figures, results[name])
    runs = "one run" if results["one_run"] else "each part in one run"
    sections = [HEAD.replace("{runs}", runs), machine_section(results["machine"])]
    heads = ("figure", "target", "measured", "met")
    sections.append("## Targets\n" + table(figures.rows, *heads))
    if "cpu" in results:
        sections.append(cpu_section(results["cpu"]))
    if "latency" in results:
        sections.append(latency_section(results["latency"]))
    if "overload" in results:
        sections.append(overload_section(results["overload"], results.get("peers", {})))
    if "attacks" in results:
        sections.append(attack_section(results["attacks"]))
    if "large" in results:
        sections.append(large_section(results["large"]))
    if {"swaps", "restarts", "nginx", "many"} & results.keys():
        sections.append(change_section(results))
    sections.append(NOTES)
    path.write_text("\n".join(sections), "utf-8")
