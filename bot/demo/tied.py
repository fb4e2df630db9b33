"""A process that ends when whoever started it is gone: `python -m bot.demo.tied MODULE ...` runs the module.

Its standard input is a pipe that nobody writes to. The system closes it with the parent, however that ended, kill -9
included, and on every system; what is running then is asked to end as by a signal. It imports nothing of ours.
"""

import os
import runpy
import signal
import sys
import threading
import time

INPUT, OUTPUTS = 0, (1, 2)
LAST_SECONDS = 15.0


def main() -> None:
    """Run the module that the first argument names, tied to the parent."""
    threading.Thread(target=_watch, name="parent", daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _watch() -> None:
    try:
        while os.read(INPUT, 4096):
            pass
    except OSError:
        pass
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in OUTPUTS:
        os.dup2(nowhere, output)  # the parent read them: the last words must not fail
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
