"""What the runs say: medians, spread and ratios as a table, as JSON, and between the markers of docs/PERFORMANCE.md."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.control import Ceiling
from tests.bench.emulator import Speed
from tests.bench.processes import PEERS
from tests.bench.race import Run

BEGIN, END = "<!-- last run -->", "<!-- end of last run -->"
WHAT_WAS_TAPPED = {"browse": "browse", "apply": "Apply", "approve": "Approve"}


@dataclass(frozen=True, slots=True)
class Line:
    """One bot on one part: medians over the rounds, and the span between the slowest and the fastest."""

    name: str
    peer: str
    part: str
    delay_ms: int
    rate: float
    slowest: float
    fastest: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio that the design asks for. Each is taken within a round, and its median over the rounds counts."""

    words: str
    ratio: float
    wanted: float
    at_most: bool = False

    @property
    def reached(self) -> bool:
        """Whether it is as wanted."""
        return self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted


@dataclass(frozen=True, slots=True)
class Report:
    """All that a bench found out."""

    lines: list[Line]
    goals: list[Goal]
    rounds: int
    answered: int
    synchronous: int
    ceiling: Ceiling
    busiest: float
    load: float
    emulator: list[Speed]


def summarise(
    runs: Sequence[Run],
    *,
    rounds: int,
    answered: int,
    synchronous: int,
    ceiling: Ceiling,
    load: float,
    emulator: list[Speed],
) -> Report:
    """Boil the runs down."""
    lines = []
    for delay_ms, part in ((0, "browse"), (50, "browse"), (0, "apply"), (0, "approve")):
        for peer in PEERS:
            of = [run for run in runs if (run.peer, run.part, run.delay_ms) == (peer.key, part, delay_ms)]
            if not of:
                continue
            rates = [run.rate for run in of]
            cpu = statistics.median(run.cpu_us for run in of)
            name = peer.name if part == "browse" else f"{peer.name}: {WHAT_WAS_TAPPED[part]}"
            rate = statistics.median(rates)
            lines.append(Line(name, peer.key, part, delay_ms, rate, min(rates), max(rates), cpu))
    busiest = max(run.server_cpu_us * run.rate / 1e6 for run in runs)
    return Report(lines, _goals(runs), rounds, answered, synchronous, ceiling, busiest, load, emulator)


def _goals(runs: Sequence[Run]) -> list[Goal]:
    def ratio(ours: tuple[str, int], other: tuple[str, str, int], what: str) -> float:
        """Give the median over the rounds of ours over the other; the n-th runs of both are of the same round."""
        above = [getattr(run, what) for run in runs if (run.peer, run.part, run.delay_ms) == ("ours", *ours)]
        below = [getattr(run, what) for run in runs if (run.peer, run.part, run.delay_ms) == other]
        return float(statistics.median(a / b for a, b in zip(above, below, strict=True)))

    quick, slow = ("browse", 0), ("browse", 50)
    return [
        Goal("updates/s over stock python-telegram-bot's", ratio(quick, ("stock", "browse", 0), "rate"), 3.0),
        Goal("processor time over aiogram's", ratio(quick, ("aiogram", "browse", 0), "cpu_us"), 0.6, at_most=True),
        Goal("50 ms a call: updates/s over stock's", ratio(slow, ("stock", "browse", 50), "rate"), 40.0),
        Goal("50 ms a call: updates/s over aiogram's", ratio(slow, ("aiogram", "browse", 50), "rate"), 1.2),
        Goal("Apply over browse, updates/s", ratio(("apply", 0), ("ours", "browse", 0), "rate"), 0.6),
        Goal("Approve over browse, updates/s", ratio(("approve", 0), ("ours", "browse", 0), "rate"), 0.6),
    ]


def table_of(report: Report) -> str:
    """Give the report in Markdown, which can be read in a terminal as well."""
    rows = [["answering a tap", "ms a call", "updates/s", "slowest to fastest", "CPU us an update"]]
    for line in report.lines:
        span = f"{line.slowest:,.0f} to {line.fastest:,.0f}"
        rows.append([line.name, str(line.delay_ms), f"{line.rate:,.0f}", span, f"{line.cpu_us:,.0f}"])
    goals = [["this bot", "ratio", "goal", ""]]
    for goal in report.goals:
        wanted = f"{'at most' if goal.at_most else 'at least'} {goal.wanted:g}"
        goals.append([goal.words, f"{goal.ratio:.2f}", wanted, "yes" if goal.reached else "no"])
    return "\n\n".join(
        [
            markdown(rows),
            markdown(goals),
            markdown(rows_of(report.emulator)),
            f"Medians of {report.rounds} interleaved rounds on {machine()}; the load average from other work was "
            f"{report.load:.1f} at the start. This bot got {report.answered:,} taps and "
            f"has as many `answered` rows in its inbox; `PRAGMA synchronous` is {report.synchronous} (2 is FULL); all "
            f"edits of a browse tap had the same text and keyboard. The server alone answers "
            f"{report.ceiling.calls_a_second:,.0f} calls/s ({report.ceiling.cpu_us_a_call:.0f} us each) and was "
            f"at most {report.busiest:.0%} busy.",
        ]
    )


def rows_of(speeds: Sequence[Speed]) -> list[list[str]]:
    """Give the emulator's speeds as the rows of a table."""
    rows = [["the emulator alone, headless", "a second", "goal", "CPU us each", "longest ms"]]
    for speed in speeds:
        goal = f"{speed.wanted:,}" if speed.wanted else ""
        rows.append([speed.name, f"{speed.rate:,.0f}", goal, f"{speed.cpu_us:,.0f}", f"{speed.longest_ms:,.0f}"])
    return rows


def machine() -> str:
    """Describe the machine without saying which it is."""
    version = ".".join(map(str, sys.version_info[:2]))
    return f"{os.cpu_count()} cores, {platform.system()}, Python {version}, loopback"


def as_json(report: Report, runs: Sequence[Run]) -> str:
    """Give everything, every single run too."""
    whole: dict[str, Any] = {
        "machine": machine(),
        "load": report.load,
        "rounds": report.rounds,
        "synchronous": report.synchronous,
        "answered": report.answered,
        "server": {**asdict(report.ceiling), "busiest": report.busiest},
        "lines": [asdict(line) for line in report.lines],
        "emulator": [asdict(speed) for speed in report.emulator],
        "goals": [{**asdict(goal), "reached": goal.reached} for goal in report.goals],
        "runs": [{**asdict(run), "rate": run.rate} for run in runs],
    }
    return json.dumps(whole, indent=1)


def write_into(document: Path, table: str) -> None:
    """Put a table between the markers of a document, in place of the last one."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    assert found, f"{document} has no place for the last run"
    document.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def markdown(rows: list[list[str]]) -> str:
    """Lay rows out under their heading: the first column to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rule = [("-" * width, "-" * (width - 1) + ":") for width in widths]
    whole = [rows[0], [left if n == 0 else right for n, (left, right) in enumerate(rule)], *rows[1:]]
    lines = []
    for row in whole:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
