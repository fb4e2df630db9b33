"""The picture of a report: two groups of bars, drawn as SVG by hand, so that the bench needs no plotting library."""

from collections.abc import Callable, Sequence
from html import escape

from tests.bench.report import Line, Report

WIDTH, BAR, GAP, NAME, FIGURE = 720, 22, 8, 230, 70
COLOURS = {"stock": "#9aa5b1", "aiogram": "#6c8ebf", "ours": "#2f9e6e"}


def draw(report: Report) -> str:
    """Give the SVG: updates a second at 0 and at 50 ms a call, and the processor time of an update at 0 ms."""
    browse = [line for line in report.lines if line.part == "browse"]
    quick, slow = ([line for line in browse if line.delay_ms == delay] for delay in (0, 50))
    groups = (
        ("updates a second (more is better)", quick, lambda line: line.rate),
        ("updates a second, 50 ms a call", slow, lambda line: line.rate),
        ("CPU microseconds an update (less is better)", quick, lambda line: line.cpu_us),
    )
    parts: list[str] = []
    top = 16
    for title, lines, value in groups:
        group, height = _group(title, lines, value, top)
        parts.append(group)
        top += height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" font-size="13">'
        f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _group(title: str, lines: Sequence[Line], value: Callable[[Line], float], top: int) -> tuple[str, int]:
    """Draw bars under a title; gives them and their height."""
    longest = max(map(value, lines))
    parts = [f'<text x="8" y="{top + 14}" font-weight="bold">{escape(title)}</text>']
    for number, line in enumerate(lines):
        y = top + 26 + number * (BAR + GAP)
        width = value(line) / longest * (WIDTH - NAME - FIGURE)
        parts.append(
            f'<text x="8" y="{y + 15}">{escape(line.name)}</text>'
            f'<rect x="{NAME}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{COLOURS[line.peer]}"/>'
            f'<text x="{NAME + width + 6:.1f}" y="{y + 15}">{value(line):,.0f}</text>'
        )
    return "".join(parts), 26 + len(lines) * (BAR + GAP) + 18
