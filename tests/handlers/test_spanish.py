"""A phone that speaks Spanish: every screen on the way is Spanish, and the language can be changed at any time."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.emulator.running import running
from bot.i18n import Translator, in_every_language, languages
from handlers.conversation import Conversation
from handlers.features import FEATURES, renderers
from handlers.routes import MENU_WORDS
from tests.browse_world import BrowseWorld
from tests.messages import collect
from tests.phone import Phone, Telegram
from tests.spine.sample import sample_bot, utc_now

TOLD_APART = 10  # characters without a field; shorter pieces may be the same word in both languages


@pytest.fixture
async def ana(tmp_path: Path) -> AsyncIterator[Phone]:
    """Give the phone of somebody in Mexico before the whole bot, with two jobs whose titles are Spanish."""
    rows = [handler for feature in FEATURES for handler in feature.HANDLERS]
    handlers = sorted(rows, key=lambda handler: not isinstance(handler, Conversation))  # as features.register
    async with running(port=0, limits=False) as url, Telegram(url) as telegram:
        phone = await telegram.person("Ana", language_code="es-MX", role="worker")
        async with sample_bot(tmp_path, url, handlers=handlers, notices=renderers()) as bot:
            world = BrowseWorld(bot.database, utc_now())
            employer = await world.someone()
            for n, reward in enumerate((500, 15_000), 1):
                at = world.now - timedelta(hours=n)
                await world.offer(employer, title=f"Encuesta {n}", reward=reward, published_at=at)
            yield phone
        assert await telegram.problems() == []


async def test_a_spanish_phone_reads_spanish(ana: Phone) -> None:
    """Proves that from the welcome over the first Apply to every command no sentence is left in English."""
    await ana.send("/start")
    await ana.wait_for("así va tu día")
    assert await ana.reply_keyboard() == ["🔎 Trabajos", "📋 Mi trabajo", "💰 Saldo", "🏠 Inicio"]
    await _tap(ana, "Ver el mejor trabajo", "Puedes tomar este trabajo")
    await _tap(ana, "✅ Tomar", "¿En qué país vives?")
    await _say(ana, "xyzzy", "No conozco ese país")
    await _say(ana, "México", "Lee esto y toca “Acepto”")
    await _tap(ana, "Acepto", "Qué hacer")
    await _tap(ana, "Enviar prueba", "Prueba 1 de")
    await _tap(ana, "Cancelar", "Qué hacer")
    for command, expected in (
        ("🔎 Trabajos", "Elige un tipo de trabajo"),
        ("/mywork", "En curso"),
        ("/balance", "Disponible: 0,00"),
        ("/withdraw", "El retiro más pequeño"),
        ("/alerts", "Avisos de trabajos"),
        ("/myjobs", "Todavía no publicaste trabajos"),
        ("/review", "Ninguna prueba espera tu revisión"),
        ("/help", "Cómo funciona"),
        ("/terms", "Reglas"),
        ("/privacy", "Privacidad"),
        ("/paysupport", "¿Una pregunta sobre dinero?"),
        ("/nonsense", "No conozco ese comando"),
        ("/settings", "Idioma: Español"),
        ("/admin", "Solo los operadores"),
        ("/deposit", "Agrega dinero para tus trabajos"),
        ("/cancel", "Tu saldo"),
        ("/newjob", "¿Qué tipo de trabajo es?"),
        ("/cancel", "No se publicó ningún trabajo"),
    ):
        await _say(ana, command, expected)
    english = _english_pieces()
    for message in await ana.chat():
        for text in (message.text, *message.buttons):
            assert [piece for piece in english if piece in text] == [], text


async def test_the_language_changes_with_its_menu(ana: Phone) -> None:
    """Proves that the new language is spoken at once, and that the old menu's words are still understood."""
    await ana.send("/language")
    await ana.wait_for("¿En qué idioma te hablo?")
    await ana.press("English")
    await ana.wait_for("I speak English now.")
    assert await ana.reply_keyboard() == ["🔎 Jobs", "📋 My work", "💰 Balance", "🏠 Home"]
    await _say(ana, "💰 Saldo", "Your balance")


def test_the_words_of_the_menu_are_told_apart() -> None:
    """Proves that in no language two words of the menu are the same, nor one of another language's."""
    words = [word for text in MENU_WORDS for word in in_every_language(text)]
    assert len(words) == len(set(words)) == len(MENU_WORDS) * len(languages())


async def _say(phone: Phone, typed: str, expected: str) -> None:
    await phone.send(typed)
    await phone.wait_for(expected)


async def _tap(phone: Phone, words: str, expected: str) -> None:
    await phone.press(words)
    await phone.wait_for(expected)


def _english_pieces() -> list[str]:
    """Give the longest piece between the fields of each English text whose translation does not hold it too."""
    spanish, found = Translator("es"), []
    for message in collect():
        forms = [message.id] if isinstance(message.id, str) else list(message.id)
        one, many = forms[0], forms[-1]
        fields = dict.fromkeys(re.findall(r"\{(\w+)\}", many), "")
        told = spanish(one, **fields) if len(forms) == 1 else spanish.n(one, many, 2, **fields)
        piece = max(re.split(r"\{\w+\}|\n", re.sub(r"<[^>]*>", "", many)), key=len).strip()
        if len(piece) >= TOLD_APART and piece not in told:
            found.append(piece)
    return found
