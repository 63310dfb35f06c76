#!/bin/sh
# Install what tests need from npm, as package-lock.json has it, and Node and Java where that is allowed.
# Says loudly what is left out when there are none.
set -u
cd "$(dirname "$0")" || exit 1
done=node_modules/.installed

lacking() {
    command -v node >/dev/null && command -v npm >/dev/null || echo nodejs npm
    command -v java >/dev/null || echo default-jre-headless
}

missing=$(lacking)
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing" $missing "for the measuring tests …"
    # shellcheck disable=SC2086
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1
    missing=$(lacking)
fi
if [ -z "$missing" ] && ! cmp -s package-lock.json "$done"; then
    echo "Installing Lighthouse, the HTML checker and axe …"
    npm ci --ignore-scripts --no-audit --no-fund --omit=optional --loglevel=error >/dev/null &&
        cp package-lock.json "$done"
fi
[ -z "$missing" ] && cmp -s package-lock.json "$done" && exit 0
cat >&2 <<END
************************************************************************
  NO NODE, NPM OR JAVA: Lighthouse and the HTML checker are LEFT OUT.
  Install them: sudo apt install ${missing:-nodejs npm default-jre-headless}
************************************************************************
END
[ -z "${REQUIRE_BROWSER:-}" ]
