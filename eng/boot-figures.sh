#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How long the pseries guest of the end-to-end tests (eng/guests.sh) boots: QEMU alone, below vfio run, and with edu
# assigned, and what processor time that takes (the supervisor's included; other work on the computer disturbs it less).
# Boots of each kind take turns, so that all have the same computer. Argument: how many of each; 3.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
processor=0
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

# Milliseconds of processor time of all children that ended, in "processor": a shell's child would tell of its own.
count_processor() { times >"$work/times"; processor=$(awk 'NR == 2 { split($1, u, /[ms]/); split($2, s, /[ms]/); printf "%d\n", ((u[1] + s[1]) * 60 + u[2] + s[2]) * 1000 }' "$work/times"); }

# Notes the milliseconds from the command to the guest's first program, and of processor time.
boot() { # file, command…
    local kind=$1 begun program code=0 used took
    shift
    count_processor
    used=$processor
    begun=$(date +%s%N)
    timeout "$longest" "$@" </dev/null >"$work/console" 2>"$work/error" &
    program=$!
    grep -q -m 1 "@ready" <"$work/console" || code=1
    took=$((($(date +%s%N) - begun) / 1000000))
    kill "$program" 2>/dev/null || true
    wait "$program" 2>/dev/null || true
    [ "$code" -eq 0 ] || { cat "$work/error" >&2; echo "boot-figures: the guest did not boot: $*" >&2; exit 1; }
    count_processor
    echo "$took $((processor - used))" >>"$work/$kind"
}

echo "load at the beginning: $(cut -d' ' -f1-3 /proc/loadavg), $(nproc) cores"
for ((run = 0; run < runs; run++)); do
    boot bare "${qemu[@]}"
    boot without "$vfio" run --machine pseries -- "${qemu[@]}"
    boot pseries "$vfio" run --machine pseries -- "${qemu[@]}" "${device[@]}"
    boot powernv "$vfio" run --machine powernv -- "${qemu[@]}" "${device[@]}"
done

row() { # file, what
    local boot
    boot=$(cut -d' ' -f1 "$work/$1" | sort -n | tr '\n' ' ')
    processor=$(cut -d' ' -f2 "$work/$1" | sort -n | tr '\n' ' ')
    awk -v what="$2" -v boot="$boot" -v processor="$processor" 'BEGIN {
        n = split(boot, t, " "); split(processor, p, " "); middle = int((n + 1) / 2)
        printf "%-36s boot: median %5.1f s (%.1f to %.1f)   processor: median %5.1f s (%.1f to %.1f)\n",
            what, t[middle] / 1000, t[1] / 1000, t[n] / 1000, p[middle] / 1000, p[1] / 1000, p[n] / 1000 }'
}
row bare "QEMU alone"
row without "below vfio run, without a device"
row pseries "edu assigned, host pseries"
row powernv "edu assigned, host powernv"
echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"
