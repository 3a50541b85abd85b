# SPDX-License-Identifier: MIT
# Sourced by ./vfio and ./test with $root set: dotnet is then an SDK that global.json accepts, and DOTNET_ROOT, where
# built programs look for their runtime, its folder. Nothing else of the environment changes: vfio run passes it on.

# Invariant, for machines without the ICU library.
dotnet() {
    DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$DOTNET_ROOT/dotnet" "$@"
}

# global.json asks for 10.0; only from inside the repository does dotnet read it.
use_sdk() {
    DOTNET_ROOT=$(dirname -- "$(readlink -f -- "$1")")
    export DOTNET_ROOT
    (cd "$root" && dotnet --version) >/dev/null 2>&1
}

# What a failed build says, each error once; the whole log when it says it in no known way.
build_errors() { grep -E ': error|^error' "$1" | sort -u || cat "$1"; }

find_sdk() {
    local candidate
    for candidate in "$(type -P dotnet || true)" "$root/.dotnet/dotnet"; do
        if [ -n "$candidate" ] && use_sdk "$candidate"; then return; fi
    done
    return 1
}

install_sdk() {
    echo "No .NET 10 SDK here: installing one into .dotnet (once)…" >&2
    mkdir -p "$root/.dotnet"
    curl -fsL --retry 2 https://dot.net/v1/dotnet-install.sh -o "$root/.dotnet/dotnet-install.sh" &&
        bash "$root/.dotnet/dotnet-install.sh" --channel 10.0 --install-dir "$root/.dotnet" --no-path >"$root/.dotnet/install.log" 2>&1
}

if ! find_sdk; then
    if ! install_sdk || ! find_sdk; then
        echo "No .NET 10 SDK, and dot.net could not be reached: install the package dotnet-sdk-10.0 (https://dotnet.microsoft.com/download), then try again." >&2
        exit 3
    fi
fi
