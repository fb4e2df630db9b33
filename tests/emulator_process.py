"""An emulator in a process of its own, as tests of a whole bot want it.

async with emulator_process(tmp_path, "--no-limits") as base_url:
    ...
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_SECONDS = 20.0
STOP_SECONDS = 10.0


@contextlib.asynccontextmanager
async def emulator_process(tmp_path: Path, *args: str, pids: list[int] | None = None) -> AsyncIterator[str]:
    """Start `python -m bot.emulator --port 0 ...`, yield its address, and see that it ends cleanly.

    Its process id is appended to `pids`.
    """
    log = tmp_path / "emulator.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.emulator",
            "--port",
            "0",
            *args,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    if pids is not None:
        pids.append(process.pid)
    try:
        yield await _address(process, log)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
    assert process.returncode == 0, f"the emulator ended with {process.returncode}: {_end_of(log)}"


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        async for raw in process.stdout:
            line = raw.decode()
            if "emulator ready " in line:
                return line.split("emulator ready ", 1)[1].strip()
    raise AssertionError(f"the emulator did not start: {_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]
