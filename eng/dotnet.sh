# SPDX-License-Identifier: MIT
# Sourced by ./vfio and ./test with $root set: leaves in PATH and DOTNET_ROOT a .NET SDK that global.json accepts.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# global.json asks for 10.0; only from inside the repository does dotnet read it.
sdk_fits() { (cd "$root" && "$1" --version) >/dev/null 2>&1; }

use_sdk() {
    DOTNET_ROOT=$(dirname -- "$(readlink -f -- "$1")")
    export DOTNET_ROOT PATH="$DOTNET_ROOT:$PATH"
}

find_sdk() {
    local candidate
    for candidate in "$(command -v dotnet || true)" "$root/.dotnet/dotnet"; do
        if [ -n "$candidate" ] && sdk_fits "$candidate"; then
            use_sdk "$candidate"
            return
        fi
    done
    return 1
}

install_sdk() {
    echo "No .NET 10 SDK here: installing one into .dotnet (once)…" >&2
    mkdir -p "$root/.dotnet"
    curl -fsSL --retry 2 https://dot.net/v1/dotnet-install.sh -o "$root/.dotnet/dotnet-install.sh" &&
        bash "$root/.dotnet/dotnet-install.sh" --channel 10.0 --install-dir "$root/.dotnet" --no-path >"$root/.dotnet/install.log" 2>&1
}

if ! find_sdk; then
    if ! install_sdk || ! find_sdk; then
        echo "No .NET 10 SDK, and dot.net could not be reached: install the package dotnet-sdk-10.0 (https://dotnet.microsoft.com/download), then try again." >&2
        exit 3
    fi
fi
