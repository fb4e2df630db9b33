"""The start of the whole bot against a Telegram that comes and goes."""

from pathlib import Path

from aiohttp import web

from tests.bot_process import TOKEN, BotProcess

ME = {"id": int(TOKEN.split(":")[0]), "is_bot": True, "first_name": "Jobs", "username": "JobsBot"}


async def test_telegram_may_go_away_again_after_its_first_answer(tmp_path: Path) -> None:
    """Proves that one answered getMe is enough to be ready; whatever else fails then is waited for."""
    asked = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked == 1:
            return web.json_response({"ok": True, "result": ME})
        return web.Response(status=502, text="Bad Gateway")

    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        bot = BotProcess(tmp_path, f"http://127.0.0.1:{port}")
        await bot.start()
        assert await bot.stop() == 0
    finally:
        await runner.cleanup()
