"""The demo: an emulator, the bot and believable data on one machine, with no token.

    folder   where its state lives, one demo at a time
    stage    the processes: emulator, bot, and the door through which the four people come to life
    bot      the bot's process: its clock goes with the emulator's   (tied: each process ends with the demo)
    seed     the history that is there before the bot starts   (cast: who, catalogue: which jobs, timeline: when)

Only bot/__main__.py and tests import it. It speaks to the emulator over HTTP only.
"""

from bot.demo.stage import play

__all__ = ["play"]
