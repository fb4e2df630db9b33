"""Collect the texts of the code into the catalogues (`make messages`).

A text is what stands in t("..."), t.n("...", "...", n), t.plain("...") and N_("...") in bot/, handlers/ and storage/.
New texts are added without a translation, changed ones lose theirs; nothing is guessed.
"""

import sys

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.i18n import FOLDER
from tests.tidy.tree import ROOT

KEYWORDS = {"t": None, "n": (1, 2), "plain": None, "N_": None}


def collect() -> Catalog:
    """Give a catalogue of every text in the code, without translations."""
    catalog = Catalog(project="microtask-bot", charset="utf-8", fuzzy=False)
    for folder in ("bot", "handlers", "storage"):
        found = extract_from_dir(
            ROOT / folder, method_map=[("emulator/**", "ignore"), ("**.py", "python")], keywords=KEYWORDS
        )
        for filename, _, message, comments, context in found:
            catalog.add(message, None, [(f"{folder}/{filename}", 0)], auto_comments=comments, context=context)
    return catalog


def main() -> int:
    """Bring every catalogue up to date and say what is still to be translated."""
    template = collect()
    missing = 0
    for file in sorted(FOLDER.glob("*.po")):
        with file.open("rb") as source:
            catalog = read_po(source, locale=file.stem)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        with file.open("wb") as target:
            write_po(target, catalog, width=118, omit_header=False, no_location=True, sort_output=True)
        untranslated = [m.id for m in catalog if m.id and not all(_strings(m.string))]
        missing += len(untranslated)
        sys.stdout.write(f"{file.stem}: {len(catalog)} texts, {len(untranslated)} to translate\n")
        for text in untranslated:
            sys.stdout.write(f"  {text!r}\n")
    return 1 if missing else 0


def _strings(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [""])


if __name__ == "__main__":
    sys.exit(main())
