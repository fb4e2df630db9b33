"""A Telegram on the developer's own machine: the Bot API over HTTP, and a door for scripts that play the people.

It knows nothing of the bot it serves: no module here imports anything of the project outside this package, nor the
library the bot is written with, so that it cannot share their mistakes. The contract is in docs/EMULATOR.md.

    bot  --HTTP /bot<token>/...-->  server -> methods -> world  <- door  <--HTTP /door/...--  a page, a test
"""
