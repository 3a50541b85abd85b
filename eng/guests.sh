#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the guests of the end-to-end tests: artifacts/guests/{x86,ppc64-4k,ppc64-64k}/{kernel,initrd}. Kernels, the
# tools in the guest and the cross compiler are Debian's packages, fetched by name with an apt configuration of our
# own: no root, and the machine's own packages stay as they are. Made once; again when the guest's sources change.
# "eng/guests.sh all" makes ppc64-64k too. Exit code 3, with the reason, where it cannot be done.
set -euo pipefail
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
source=$root/tests/VfioSharp.EndToEnd.Tests/guest
out=$root/artifacts/guests
work=$out/work
suite=bookworm
keys=/usr/share/keyrings/debian-archive-keyring.gpg

cannot() {
    echo "guests: $1" >&2
    exit 3
}

guests="x86 ppc64-4k"
if [ "${1:-}" = all ]; then guests="$guests ppc64-64k"; fi

architecture_of() { case $1 in x86) echo amd64 ;; *) echo ppc64el ;; esac; }
flavour_of() { case $1 in x86) echo amd64 ;; ppc64-4k) echo powerpc64le ;; *) echo powerpc64le-64k ;; esac; }

# What a guest is made of: when it changes, the guest is made again.
stamp=$(cat "$source"/* "${BASH_SOURCE[0]}" | sha256sum | cut -c1-16)
missing=
for guest in $guests; do
    [ "$(cat "$out/$guest/stamp" 2>/dev/null)" = "$stamp" ] || missing="$missing $guest"
done
[ -n "$missing" ] || exit 0

for tool in apt-get dpkg-deb gcc make cpio xz; do
    command -v "$tool" >/dev/null || cannot "$tool is missing: end-to-end tests need a Debian with the packages gcc, make, cpio, xz-utils"
done
[ -e "$keys" ] || cannot "$keys is missing (package debian-archive-keyring)"

mirror=$(sed -n 's/^URIs: *\([^ ]*\/debian\)\/\{0,1\}$/\1/p; s/^deb .*\(http[^ ]*\/debian\)\/\{0,1\} .*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1 || true)
mirror=${mirror:-http://deb.debian.org/debian}

prepare_apt() {
    mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work"/deb
    : >"$work/apt/status"
    {
        echo "deb [signed-by=$keys] $mirror $suite main"
        echo "deb [signed-by=$keys] $mirror $suite-backports main"
    } >"$work/apt/sources.list"
    cat >"$work/apt/apt.conf" <<EOF
APT::Architecture "amd64";
APT::Architectures { "amd64"; "ppc64el"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::State::lists "$work/apt/lists";
Dir::State::status "$work/apt/status";
Dir::Cache "$work/apt/cache";
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "-";
EOF
    export APT_CONFIG=$work/apt/apt.conf
    echo "guests: lists of packages from $mirror…"
    apt-get update -qq || cannot "apt-get update failed: $mirror could not be reached"
}

# The newest kernel of backports: its ppc64el has flavours of both page sizes, and takes devices that are plugged in.
kernel_version() { apt-cache depends "linux-headers-$(flavour_of x86)/$suite-backports" | sed -n 's/.*Depends: linux-headers-\(.*\)-amd64$/\1/p' | head -1; }

fetch() { (cd "$work/deb" && apt-get download -qq "$@") || cannot "apt-get could not download $*"; }

unpack() { # folder, package…
    local folder=$1 name
    shift
    mkdir -p "$folder"
    for name in "$@"; do dpkg-deb -x "$work"/deb/"$name"_*.deb "$folder"; done
}

fetch_build_tools() {
    local tools="cpp-12-powerpc64le-linux-gnu gcc-12-powerpc64le-linux-gnu binutils-powerpc64le-linux-gnu"
    local kernel="linux-headers-$version-common linux-kbuild-$version"
    echo "guests: headers of Linux $version, cross compiler…"
    fetch $tools $kernel
    unpack "$work/root" $tools $kernel
}

build_modules() { # guest, module…
    local guest=$1 flavour headers arch=x86 compiler=gcc
    flavour=$(flavour_of "$guest")
    headers=$work/root/usr/src/linux-headers-$version-$flavour
    [ "$guest" = x86 ] || arch=powerpc compiler=powerpc64le-linux-gnu-gcc-12
    shift
    fetch "linux-headers-$version-$flavour:$(architecture_of "$guest")"
    unpack "$work/root" "linux-headers-$version-$flavour"
    sed -i "s|^include /usr/src|include $work/root/usr/src|" "$headers/Makefile"
    # Without it no type information is made, which would need pahole.
    rm -f "$headers/vmlinux"
    rm -rf "$work/module" && mkdir "$work/module"
    for module; do cp "$source/$module.c" "$work/module"; done
    echo "obj-m := ${*/%/.o}" >"$work/module/Makefile"
    LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu PATH=$work/root/usr/bin:$PATH make -s -C "$headers" M="$work/module" ARCH="$arch" CC="$compiler" modules >"$work/module-$guest.log" 2>&1 ||
        cannot "the guest's modules do not build; $work/module-$guest.log has what was said"
}

# lspci with the libraries it names, where its interpreter looks for them.
add_lspci() { # architecture, tree
    local packages="pciutils libpci3 libkmod2 libc6 zlib1g libudev1 libzstd1 liblzma5 libssl3" package folder=$work/lspci file
    rm -rf "$folder"
    fetch $(for package in $packages; do echo "$package:$1"; done)
    for package in $packages; do dpkg-deb -x "$work"/deb/"$package"_*_"$1".deb "$folder"; done
    cp "$folder/usr/bin/lspci" "$2/bin"
    mkdir -p "$2/lib" "$2/lib64"
    for file in libpci.so.3 libkmod.so.2 libc.so.6 libz.so.1 libudev.so.1 libzstd.so.1 liblzma.so.5 libcrypto.so.3; do
        cp -L "$(find "$folder" -name $file)" "$2/lib"
    done
    cp -L "$(find "$folder" -name 'ld*.so.?' -type f)" "$2/lib64"
}

make_guest() { # guest
    local flavour arch modules tree=$work/tree package
    flavour=$(flavour_of "$1")
    arch=$(architecture_of "$1")
    package=linux-image-$version-$flavour
    echo "guests: $1 (Linux $version-$flavour)…"
    fetch "$package:$arch" "busybox-static:$arch"
    rm -rf "$tree" && mkdir -p "$tree/bin" "$out/$1"
    dpkg-deb --fsys-tarfile "$work"/deb/busybox-static_*_"$arch".deb | tar -xO --wildcards '*bin/busybox' >"$tree/bin/busybox"
    chmod +x "$tree/bin/busybox"
    dpkg-deb --fsys-tarfile "$work"/deb/"$package"_*.deb | tar -xO --wildcards './boot/vmlinu*' >"$out/$1/kernel"
    if [ "$1" = x86 ]; then modules=edu; else modules="edu connector"; fi
    build_modules "$1" $modules
    cp "$source/init" "$tree/init"
    chmod +x "$tree/init"
    cp "$work"/module/*.ko "$tree"
    add_lspci "$arch" "$tree"
    (cd "$tree" && find . | cpio -o -H newc --quiet -R 0:0 | gzip) >"$out/$1/initrd"
    rm -f "$work"/deb/"$package"_*.deb
    echo "$stamp" >"$out/$1/stamp"
}

prepare_apt
version=$(kernel_version)
[ -n "$version" ] || cannot "$mirror $suite-backports has no linux-headers-amd64"
fetch_build_tools
for guest in $missing; do make_guest "$guest"; done
