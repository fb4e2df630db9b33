"""The demo's processes: started apart from the terminal, watched for their line of readiness, ended in good time."""

import asyncio
import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_SECONDS = 30.0
ROOT = Path(__file__).parents[2]


class ChildFailed(Exception):
    """A process ended by itself, or never became ready; the text is one line for the person at the terminal."""


@dataclass(slots=True)
class Child:
    """One process of the demo. Everything it says goes to its log."""

    name: str
    log: Path
    process: asyncio.subprocess.Process
    _ready: "asyncio.Future[str]"
    _listening: "asyncio.Task[None]"

    @classmethod
    async def start(
        cls, name: str, arguments: Sequence[str], *, ready: str, log: Path, environment: Mapping[str, str]
    ) -> "Child":
        """Start `python -m …`, tied to this process; its line of readiness is the one that `ready` is found in.

        It gets a session of its own, so that Ctrl-C in the terminal reaches the demo only, which ends its parts in
        order; and it works in the folder of its log, where there is no `.env`.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.demo.tied",
            *arguments,
            cwd=log.parent,
            env={**environment, "PYTHONPATH": _python_path(), "PYTHONUNBUFFERED": "1"},
            stdin=asyncio.subprocess.PIPE,  # closed with this process, which ends the child
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )
        found: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        assert process.stdout is not None
        listening = asyncio.create_task(_listen(process.stdout, re.compile(ready), found, log))
        return cls(name, log, process, found, listening)

    async def ready(self) -> str:
        """Wait for the line of readiness and give it.

        Raises:
            ChildFailed: the process ended before, or takes too long.
        """
        either: set[asyncio.Future[Any]] = {self._ready, self._listening}
        await asyncio.wait(either, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if self._ready.done():
            return self._ready.result()
        if self._listening.done():
            raise ChildFailed(await self.died())
        raise ChildFailed(f"the {self.name} did not get ready in {START_SECONDS:.0f} s; its log is {self.log}")

    async def died(self) -> str:
        """Wait until the process has ended, and say so in one line."""
        await asyncio.shield(self._listening)
        code = await self.process.wait()
        return f"the {self.name} ended by itself (exit code {code}); its log is {self.log}"

    async def end(self, *, seconds: float) -> None:
        """Ask the process to end, and make it when it takes longer than that."""
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            async with asyncio.timeout(seconds):
                await self.process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
        await asyncio.wait({self._listening}, timeout=1.0)
        self._listening.cancel()


async def _listen(
    stream: asyncio.StreamReader, ready: "re.Pattern[str]", found: "asyncio.Future[str]", log: Path
) -> None:
    """Copy what a process says to its log until it ends."""
    with log.open("wb") as file:
        while line := await _next_line(stream):
            file.write(line)
            file.flush()
            text = line.decode(errors="replace").strip()
            if not found.done() and ready.search(text):
                found.set_result(text)


async def _next_line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readuntil()
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as long:
        return await stream.readexactly(long.consumed)


def _python_path() -> str:
    before = os.environ.get("PYTHONPATH")
    return f"{ROOT}{os.pathsep}{before}" if before else str(ROOT)
