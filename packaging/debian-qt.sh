#!/bin/sh
# Installs the system libraries that Qt loads and that a small Debian or Ubuntu lacks. Does nothing where all are there.
# --screen: also a virtual screen and a mouse for it, for tests of a window that is really shown.
set -eu

wanted="
  libegl1 libgl1 libglib2.0-0 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libxcb-cursor0
  libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0
  libxcb-xkb1 fonts-dejavu-core
"
case "${1:-}" in
  "") ;;
  --screen) wanted="$wanted xvfb xdotool" ;;
  *) echo "usage: sh packaging/debian-qt.sh [--screen]" >&2; exit 2 ;;
esac

# Debian 13 and Ubuntu 24.04 renamed some libraries to NAMEt64; asking apt for NAME still finds them.
is_installed() {
  for name in "$1" "$1t64"; do
    if dpkg -s "$name" 2>/dev/null | grep -q '^Status: .* installed$'; then return 0; fi
  done
  return 1
}

if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
  echo "debian-qt.sh: no apt-get here, so nothing was installed. If Qt does not start, install with this system's" \
    "own tool what Debian calls:" $wanted >&2
  exit 0
fi

missing=""
for package in $wanted; do
  is_installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
  echo "debian-qt.sh: every library that Qt needs is installed"
  exit 0
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "debian-qt.sh: run this as root, it has no sudo: apt-get update && apt-get install$missing" >&2
    exit 1
  fi
  as_root="sudo"
fi
echo "debian-qt.sh: installing$missing"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
