"""The console's words: both languages say the same things."""

from __future__ import annotations

import re

from docs.api.describe import CONSOLE

KEY = re.compile(r'^  (\w+):\s+"(.*)",$', re.MULTILINE)


def words(language: str) -> dict[str, list[str]]:
    """Each text of a language, and the gaps in it."""
    text = (CONSOLE / "js" / f"words-{language}.js").read_text(encoding="utf-8")
    return {key: sorted(re.findall(r"\{\w+\}", said)) for key, said in KEY.findall(re.sub(r":\n\s+", ": ", text))}


def test_english_and_spanish_have_the_same_texts_with_the_same_gaps() -> None:
    assert words("en") == words("es")
    assert len(words("en")) > 50


def test_every_text_that_the_page_names_is_there() -> None:
    named = set(re.findall(r'data-(?:t|label)="(\w+)"', (CONSOLE / "index.html").read_text(encoding="utf-8")))
    for module in (CONSOLE / "js").glob("*.js"):
        named |= set(re.findall(r'\bt\(\s*"(\w+)"', module.read_text(encoding="utf-8")))

    assert named <= set(words("en"))
