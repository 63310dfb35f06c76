#!/bin/sh
# Find a Chromium for the browser tests, or install one where that is allowed; say so loudly if there is none.
set -u
.venv/bin/python -m tests.browser.chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests …"
    apt-get update -qq && apt-get install -y -qq chromium >/dev/null 2>&1
else
    echo "Downloading Chromium for the browser tests …"
    .venv/bin/playwright install chromium >/dev/null 2>&1
fi
.venv/bin/python -m tests.browser.chromium >/dev/null 2>&1 && exit 0
cat >&2 <<'END'
************************************************************************
  NO CHROMIUM: the browser tests are LEFT OUT.
  Install it (sudo apt install chromium) or name one: CHROMIUM=/path
************************************************************************
END
[ -z "${REQUIRE_BROWSER:-}" ]
