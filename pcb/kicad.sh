#!/bin/sh
# Find KiCad 9 and ngspice or install them (KiCad from Debian's backports); print KiCad's version.
#
# usage: pcb/kicad.sh [--check]      --check only looks and never installs
#
# The 3D model package (332 MB to fetch, 4.7 GB on disk) is left out: STEP and pictures then
# show the bare board with its copper, which is what the checks look at.
set -eu

need=9
have() { kicad-cli version 2>/dev/null; }
fits() { case "$(have)" in "$need".*) return 0 ;; *) return 1 ;; esac; }
fail() { echo "pcb: $*" >&2; exit 3; }

if ! fits && [ "${1:-}" != "--check" ]; then
    [ -r /etc/os-release ] && . /etc/os-release
    [ "${VERSION_CODENAME:-}" = bookworm ] || [ "${VERSION_CODENAME:-}" = trixie ] ||
        fail "needs KiCad $need (kicad-cli, pcbnew); this is not Debian 12 or 13: install it from https://www.kicad.org/download/ and run again"
    [ "$(id -u)" = 0 ] || fail "needs KiCad $need; run 'sudo pcb/kicad.sh' once, or install it yourself"
    target=
    if [ "$VERSION_CODENAME" = bookworm ]; then
        target="-t bookworm-backports"
        if ! grep -rqs 'bookworm-backports' /etc/apt/sources.list /etc/apt/sources.list.d; then
            mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
            cat > /etc/apt/sources.list.d/bookworm-backports.sources <<X
Types: deb
URIs: ${mirror:-http://deb.debian.org/debian}
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
X
        fi
    fi
    echo "pcb: installing KiCad $need (about 120 MB, once)" >&2
    apt-get update -qq >&2
    # shellcheck disable=SC2086 -- $target is two words or none
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $target --no-install-recommends \
        kicad kicad-symbols kicad-footprints ngspice >/dev/null 2>&1 ||
        fail "apt-get could not install kicad $target; look at its own message: apt-get install $target kicad"
fi
if [ "${1:-}" != "--check" ] && ! command -v ngspice >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq ngspice; } >/dev/null 2>&1 || fail "needs ngspice: apt-get install ngspice"
fi
fits || fail "needs KiCad $need, found '$(have || echo none)'; run pcb/kicad.sh as root or see https://www.kicad.org/download/"
have
