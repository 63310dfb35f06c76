#!/bin/sh
# Find a Chromium for the browser tests, or install one where that is allowed; say so loudly if there is none.
set -u

found() {
    .venv/bin/python -m tests.browser.chromium >/dev/null 2>&1
}

# Where every test must run, the quick one is worth a download even beside another.
enough() {
    found && { [ -z "${REQUIRE_BROWSER:-}" ] || [ "$(id -u)" != 0 ] || command -v chromium-headless-shell >/dev/null; }
}

# Ubuntu's chromium is another package, which only fetches a snap: no browser in a container.
install_by_apt() {
    command -v apt-get >/dev/null && apt-get update -qq || return
    for name in chromium-headless-shell chromium; do
        apt-get install --simulate "$name" 2>/dev/null | grep -q "^Inst $name (" &&
            apt-get install -y -qq "$name" >/dev/null 2>&1 && return
    done
}

enough && exit 0
echo "Installing Chromium for the browser tests …"
if [ "$(id -u)" = 0 ]; then
    install_by_apt || found || .venv/bin/playwright install --with-deps chromium >/dev/null 2>&1
else
    .venv/bin/playwright install chromium >/dev/null 2>&1
fi
found && exit 0
cat >&2 <<'END'
************************************************************************
  NO CHROMIUM: the browser tests are LEFT OUT.
  Install it (sudo apt install chromium) or name one: CHROMIUM=/path
************************************************************************
END
[ -z "${REQUIRE_BROWSER:-}" ]
