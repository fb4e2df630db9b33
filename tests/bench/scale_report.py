"""What the sizes say: what each question costs at each, what a member weighs, and what of it grew."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.bench.report import markdown
from tests.bench.scale_measure import UNITS, Cost
from tests.bench.scale_process import Running

#: The goal of lists, cards and slices from a thousand jobs to a million.
WANTED = 2.0
HEAVIEST = 12
MB = 1024**2


@dataclass(slots=True)
class Place:
    """One marketplace: where it is, and what was found out about it as a whole."""

    engine: str
    members: int
    url: str
    made_seconds: float = 0.0
    verified_seconds: float = 0.0
    recent_seconds: float = 0.0
    sizes: dict[str, int] = field(default_factory=dict)
    running: Running | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question costs at each size on one engine."""

    screen: str
    key: str
    engine: str
    costs: dict[int, Cost]

    def growth(self) -> float:
        """How many times the work of the smallest size the largest is."""
        return self.costs[max(self.costs)].work / max(1, self.costs[min(self.costs)].work)

    def slower(self) -> float:
        """How many times the time of the smallest size the largest takes."""
        return self.costs[max(self.costs)].microseconds / self.costs[min(self.costs)].microseconds


@dataclass(frozen=True, slots=True)
class Found:
    """All that a run found out."""

    machine: str
    load: float
    places: list[Place]
    answers: list[Answer]


def as_json(found: Found) -> dict[str, Any]:
    """Give everything."""
    return asdict(found)


def table_of(found: Found, *, short: bool = False) -> str:
    """Give the run in Markdown; short, each screen has the question that is the most work at the largest size."""
    engines = list(dict.fromkeys(place.engine for place in found.places))
    parts = [_places([one for one in found.places if one.engine == engine]) for engine in engines]
    for engine in engines:
        answers = [one for one in found.answers if one.engine == engine]
        parts.append(_answers(_heaviest(answers) if short else answers))
        parts.append(_weights([one for one in found.places if one.engine == engine]))
    told = f"On {found.machine}; the load average from other work was {found.load:.1f} at the start."
    return "\n\n".join([*parts, told])


def _places(places: Sequence[Place]) -> str:
    """Lay out what concerns the whole of each marketplace."""
    rows = [[f"on {places[0].engine}", *(f"{place.members:,}" for place in places)]]
    rows.append(["megabytes", *(f"{sum(place.sizes.values()) / MB:,.0f}" for place in places)])
    rows.append(["bytes a member", *(f"{sum(place.sizes.values()) / place.members:,.0f}" for place in places)])
    rows.append(["`verify`, seconds", *(_figure(place.verified_seconds) for place in places)])
    rows.append(["the minute's audit, seconds", *(_figure(place.recent_seconds) for place in places)])
    ran = [place.running for place in places]
    for name, words in (
        ("ready_seconds", "`run` is ready after, seconds"),
        ("ready_cpu_seconds", "of them on the processor"),
        ("ready_mb", "its memory then, MB"),
        ("working_mb", "after half a minute of work, MB"),
        ("most_mb", "at most, MB"),
    ):
        rows.append([words, *(_figure(getattr(one, name)) if one else "" for one in ran)])
    return markdown(rows)


def _figure(measured: float) -> str:
    """Write a figure down; one that was not measured stays empty."""
    return f"{measured:,.1f}" if measured else ""


def _heaviest(answers: Sequence[Answer]) -> list[Answer]:
    """Give each screen's heaviest question for somebody usual, and for the busy ones."""
    found: dict[tuple[str, bool], Answer] = {}
    for one in answers:
        key = (one.screen, "busy" in one.key or "big" in one.key)
        most = found.get(key)
        if most is None or one.costs[max(one.costs)].work > most.costs[max(most.costs)].work:
            found[key] = one
    return list(found.values())


def _answers(answers: Sequence[Answer]) -> str:
    """Lay out what each question costs; what grew by more than the goal is marked."""
    sizes = sorted(answers[0].costs)
    unit = UNITS[answers[0].engine]
    head = ["question", *(f"{size:,}" for size in sizes), "work", "time", ""]
    rows = [[f"{answers[0].engine}, {unit}", *head[1:]]]
    for one in answers:
        work = [f"{one.costs[size].work:,}" for size in sizes]
        grown = "grows" if one.growth() > WANTED and one.costs[sizes[-1]].work > len(sizes) * 50 else ""
        rows.append([f"{one.screen}: {one.key}", *work, f"x {one.growth():.1f}", f"x {one.slower():.1f}", grown])
    return markdown(rows)


def _weights(places: Sequence[Place]) -> str:
    """Lay out the heaviest tables."""
    heaviest = sorted(places[-1].sizes, key=lambda name: -places[-1].sizes[name])[:HEAVIEST]
    rows = [[f"{places[0].engine}, MB with indexes", *(f"{place.members:,}" for place in places)]]
    rows += [[name, *(f"{place.sizes.get(name, 0) / MB:,.1f}" for place in places)] for name in heaviest]
    return markdown(rows)
