#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the packages, installs each kind from their folder into a temporary place, and uses it there. What is tested is
# that an installed tool finds its machines and a program builds against the libraries; nothing comes from elsewhere.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
. "$root/eng/dotnet.sh"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
packages=$root/artifacts/packages
"$root/pack" >"$place/log" 2>&1 || { cat "$place/log"; exit 3; }

# A cache of its own: the user's may hold other packages of this version.
export NUGET_PACKAGES=$place/cache
cd "$place"

passed=0 failed=0
check() { # what, command
    if "${@:2}" >"$place/log" 2>&1 </dev/null; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$1 failed:"
        cat "$place/log"
    fi
}

install_tool() { dotnet tool install VfioSharp.Tool --tool-path "$place/tool" --source "$packages"; }
# DOTNET_ROOT is set: it is what the tool's launcher looks for.
run_demo() { "$1" demo --machine "$2" | grep -q "each gave what it should"; }
without_dotnet() { env -u DOTNET_ROOT PATH=/usr/bin:/bin "$@"; }

build_program() {
    mkdir -p "$place/program"
    cd "$place/program"
    cat >program.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <RestoreSources>$packages</RestoreSources>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="VfioSharp" Version="*" />
    <PackageReference Include="VfioSharp.Devices" Version="*" />
  </ItemGroup>
  <ItemGroup>
    <Compile Include="$root/samples/EduDriver/*.cs" />
    <None Include="$root/machines/x86.json" Link="x86.json" CopyToOutputDirectory="PreserveNewest" />
  </ItemGroup>
</Project>
XML
    dotnet run -c Release
}

check "installing the tool" install_tool
check "the installed tool's demo" run_demo "$place/tool/vfio" x86
check "the installed tool's demo on POWER" run_demo "$place/tool/vfio" pseries
same_again() {
    "$root/pack" "$place/again"
    for file in "$packages"/VfioSharp*.nupkg "$packages/vfio"; do cmp "$file" "$place/again/$(basename "$file")"; done
}

cp "$packages/vfio" "$place/vfio"
check "the single file's demo, with no .NET" without_dotnet "$place/vfio" demo
check "a program built against the packages" build_program
check "a second pack, of the same bytes" same_again
echo "packages: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
