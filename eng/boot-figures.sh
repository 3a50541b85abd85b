#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How long the pseries guest of the end-to-end tests (eng/guests.sh) boots: QEMU alone, below vfio run, and with edu
# assigned. Boots of each kind take turns, so that all have the same computer. Argument: how many of each; 3.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
runs=${1:-3}
guest=$root/artifacts/guests/ppc64-4k
vfio=$root/artifacts/bin/VfioSharp.Cli/release/vfio
longest=300
[ -e "$guest/stamp" ] || { echo "boot-figures: the guest is not made: eng/guests.sh" >&2; exit 3; }
[ -e "$vfio" ] || { echo "boot-figures: the tool is not built: ./vfio --version" >&2; exit 3; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/console"

qemu=(qemu-system-ppc64 -accel tcg -M pseries -vga none -m "1G,slots=1,maxmem=2G" -display none -nic none -monitor none
    -kernel "$guest/kernel" -initrd "$guest/initrd" -append "console=hvc0 quiet" -serial stdio)
device=(-device "vfio-pci,host=0001:00:01.0")

# Milliseconds from the command to the guest's first program.
boot() { # command…
    local begun program code=0
    begun=$(date +%s%N)
    timeout "$longest" "$@" </dev/null >"$work/console" 2>"$work/error" &
    program=$!
    grep -q -m 1 "@ready" <"$work/console" || code=1
    echo "$((($(date +%s%N) - begun) / 1000000))" >"$work/took"
    kill "$program" 2>/dev/null || true
    wait "$program" 2>/dev/null || true
    [ "$code" -eq 0 ] || { cat "$work/error" >&2; echo "boot-figures: the guest did not boot: $*" >&2; exit 1; }
}

echo "load at the beginning: $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) cores"
for ((run = 0; run < runs; run++)); do
    boot "${qemu[@]}" && cat "$work/took" >>"$work/bare"
    boot "$vfio" run --machine pseries -- "${qemu[@]}" && cat "$work/took" >>"$work/without"
    boot "$vfio" run --machine pseries -- "${qemu[@]}" "${device[@]}" && cat "$work/took" >>"$work/pseries"
    boot "$vfio" run --machine powernv -- "${qemu[@]}" "${device[@]}" && cat "$work/took" >>"$work/powernv"
done

row() { # file, what
    sort -n "$work/$1" | awk -v what="$2" '{ t[NR] = $1 } END { printf "%-42s median %5.1f s   %5.1f to %5.1f s\n", what, t[int((NR + 1) / 2)] / 1000, t[1] / 1000, t[NR] / 1000 }'
}
row bare "QEMU alone"
row without "below vfio run, without a device"
row pseries "edu assigned, host pseries"
row powernv "edu assigned, host powernv"
echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"
