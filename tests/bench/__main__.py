"""The command: python -m tests.bench [--quick]. Prints the table; writes build/bench.json and .svg, and the docs.

    python -m tests.bench scale [N ...]    how cost grows with the marketplace, on both engines: tests/bench/scale.py

Linux only: processor time is read from /proc. Nothing here decides anything: figures are looked at, not asserted.
"""

import argparse
import asyncio
import os
import shutil
import sys
import time

from tests.bench import emulator, plot, report, world
from tests.bench.control import BenchFailed, ceiling, stand
from tests.bench.processes import ROOT
from tests.bench.race import Plan, Race

CEILING_SECONDS = 1.5
EMULATOR_SECONDS = 3.0
BUILD = ROOT / "build"


async def bench(*, quick: bool, rounds: int | None) -> report.Report:
    """Prepare, run the rounds, and write what came of them."""
    started = time.monotonic()
    load = os.getloadavg()[0]

    def say(words: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {words}", file=sys.stderr, flush=True)

    folder = BUILD / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "base").mkdir(parents=True)
    plan = Plan.make(quick=quick, rounds=rounds)
    say("making a marketplace: 1,000 jobs, members, proofs that wait")
    taps = await world.make(folder / "base" / "bot.db", proofs_each=plan.proofs_each)
    synchronous = await world.synchronous_of(folder / "base" / "bot.db")
    async with stand() as server:
        top = await ceiling(server, seconds=CEILING_SECONDS)
    race = Race(folder, taps, plan)
    say("reading what a tap on the list shows")
    await race.capture()
    for number in range(plan.rounds):
        say(f"round {number + 1} of {plan.rounds}")
        await race.round(number)
    say("the emulator alone")
    found = report.summarise(
        race.runs,
        rounds=plan.rounds,
        answered=race.answered,
        synchronous=synchronous,
        ceiling=top,
        load=load,
        emulator=await emulator.bench(seconds=EMULATOR_SECONDS / 3 if quick else EMULATOR_SECONDS),
    )
    (BUILD / "bench.json").write_text(report.as_json(found, race.runs), encoding="utf-8")
    (BUILD / "bench.svg").write_text(plot.draw(found), encoding="utf-8")
    say("done")
    shutil.rmtree(folder)
    return found


def main() -> int:
    """Run the bench; exit code 1 when a bot did not do what was measured."""
    if sys.argv[1:2] == ["scale"]:
        from tests.bench import scale

        return scale.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round (under a minute); docs stay as they are")
    parser.add_argument("--rounds", type=int, help="how many rounds (default 3)")
    arguments = parser.parse_args()
    try:
        found = asyncio.run(bench(quick=arguments.quick, rounds=arguments.rounds))
    except BenchFailed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    table = report.table_of(found)
    if not arguments.quick:
        report.write_into(ROOT / "docs" / "PERFORMANCE.md", table)
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
