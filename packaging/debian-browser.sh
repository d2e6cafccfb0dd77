#!/bin/sh
# Installs Debian's Chromium, in which a test opens the HTML report. Does nothing where a browser is there already.
# Never fails: without a browser that test is skipped, and says so.
set -u

for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then
    echo "debian-browser.sh: $name is installed"
    exit 0
  fi
done
if ! command -v apt-get >/dev/null; then
  echo "debian-browser.sh: no apt-get here, so no browser was installed; the test of the report in a browser is skipped"
  exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
    echo "debian-browser.sh: run this as root to test the report in a browser: apt-get update && apt-get install chromium"
    exit 0
  fi
  as_root="sudo"
fi
echo "debian-browser.sh: installing chromium"
if $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends chromium </dev/null >/dev/null; then
  echo "debian-browser.sh: done"
else
  echo "debian-browser.sh: chromium could not be installed; the test of the report in a browser is skipped"
fi
exit 0
