#!/usr/bin/env bash
# Find a Chromium for the journeys, or install Debian's where we may; otherwise say loudly that they will be skipped.
set -euo pipefail

found() {
  command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable
}

if path=$(found); then
  echo "journeys run in $path"
  exit 0
fi
if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
  echo "no Chromium found: installing Debian's"
  if apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends chromium fonts-noto-cjk; then
    echo "journeys run in $(found)"
    exit 0
  fi
fi
echo "=================================================================================" >&2
echo " No Chromium: the journeys are skipped. Install one (Debian: apt install chromium)." >&2
echo "=================================================================================" >&2
if [[ ${MATCHHUB_TEST_REQUIRE_CHROMIUM:-} == 1 ]]; then
  exit 1
fi
