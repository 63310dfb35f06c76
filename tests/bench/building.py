"""A cold build of 1,000 letters beside plain Pelican's `simple` theme on the same letters."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.row import Row, at_most
from tests.running import ROOT

LETTERS, ROUNDS = 1000, 3

PARAGRAPH = (
    "Vi lovade att göra det enklare att lämna synpunkter, och i dag kan vi visa vad som har hänt. "
    "Förvaltningarna har svarat på 1 200 frågor, och de flesta fick svar inom en arbetsdag. "
    "Det är *bra*, men inte **bra nog**. Läs mer om [kommentarerna](/kommentarsregler/).\n\n"
)
PLAIN = """
PATH = {content!r}
ARTICLE_PATHS = ["letters"]
SITENAME = "Plain"
THEME = "simple"
TIMEZONE = "Europe/Stockholm"
DEFAULT_LANG = "sv"
PLUGINS = []
"""


def write_letters(folder: Path, number: int) -> None:
    """Letters of some 350 words, in the shape of ours."""
    letters = folder / "letters"
    letters.mkdir(parents=True)
    shutil.copytree(ROOT / "content" / "images", folder / "images")
    for n in range(number):
        head = f"Title: Brev nummer {n}\nDate: {2016 + n % 10}-{1 + n % 12:02}-{1 + n % 28:02} 09:00\n"
        head += (
            f"Author: Stadsdirektören\nSlug: brev-{n}\nTags: tillit, ämne {n % 7}\nSummary: Brev {n}, kort sagt.\n\n"
        )
        body = PARAGRAPH * 3 + "## Vad vi har lärt oss\n\n" + PARAGRAPH * 3
        end = "***\n\n**Stadsdirektören**  \nLindhamns stad\n\nPS. Skriv gärna en rad.\n"
        (letters / f"brev-{n}.md").write_text(head + body + end, encoding="utf-8")
    page = "Title: Kommentarsregler\nSlug: kommentarsregler\n\nRegler.\n"
    (folder / "pages").mkdir()
    (folder / "pages" / "kommentarsregler.md").write_text(page, encoding="utf-8")


def seconds(command: list[str], **environment: str) -> float:
    """Wall time of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
    return time.perf_counter() - start


def measure(folder: Path) -> Iterator[Row]:
    """Both in turn; each into an empty folder, each a process of its own."""
    write_letters(folder / "content", LETTERS)
    (folder / "plain.py").write_text(PLAIN.format(content=str(folder / "content")), encoding="utf-8")
    plain, ours = [], []
    for turn in range(ROUNDS):
        out = folder / f"plain{turn}"
        plain.append(seconds([sys.executable, "-m", "pelican", "-s", str(folder / "plain.py"), "-o", str(out)]))
        places = {"CONTENT": str(folder / "content"), "OUTPUT": str(folder / f"ours{turn}")}
        ours.append(seconds([sys.executable, "-m", "builder", "html"], DATA=str(folder / "var"), **places))
    yield Row("cold build, 1,000 letters, plain Pelican", f"{statistics.median(plain):.1f} s")
    yield Row("cold build, 1,000 letters, ours", f"{statistics.median(ours):.1f} s")
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, plain, strict=True))
    yield at_most("cold build, ours against plain Pelican", round(ratio, 2), 1, "×")
