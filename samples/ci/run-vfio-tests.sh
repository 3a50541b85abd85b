#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a VFIO test on an x86 machine and on two POWER machines, each a fresh software host. It needs no IOMMU, no device,
# no VFIO in the kernel and no root.
#
#   run-vfio-tests.sh PROGRAM ARGS…       PROGRAM finds the address of a device to test with in $DEVICE
#
# VFIO names the vfio tool (vfio on PATH otherwise), TRACES a folder for traces, which ui.perfetto.dev opens.
set -u
vfio=${VFIO:-vfio}
traces=${TRACES:-vfio-traces}
if [ $# -eq 0 ]; then
    echo "usage: run-vfio-tests.sh PROGRAM ARGS…" >&2
    exit 2
fi

mkdir -p "$traces" || exit 2
failed=0
# The machine, and its edu device ("vfio show --machine NAME" lists them all).
for choice in x86=0000:03:00.0 pseries=0001:00:01.0 powernv=0001:00:01.0; do
    machine=${choice%%=*}
    echo "== $machine"
    if "$vfio" run --machine "$machine" --explain --trace "$traces/$machine.json" -- env DEVICE="${choice#*=}" "$@"; then
        echo "== $machine: passed"
    else
        echo "== $machine: failed with exit code $?"
        failed=1
    fi
done
exit "$failed"
