#!/bin/sh
# Puts the C library and the compiler's builtins of another machine into a folder, from Debian's packages, without
# installing them. sysroot.sh aarch64 FOLDER: FOLDER/lib then holds crt1.o, libc.a … and builtins.a, FOLDER/include
# musl's headers. Does nothing if they are there.
set -e
machine=$1
folder=$2
[ -f "$folder/lib/builtins.a" ] && exit 0
case $machine in
aarch64) architecture=arm64 ;;
*)
    echo "sysroot.sh: no packages known for $machine" >&2
    exit 1
    ;;
esac
if ! dpkg --print-foreign-architectures | grep -qx "$architecture"; then
    dpkg --add-architecture "$architecture"
    apt-get update -qq
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "musl-dev:$architecture" "libclang-rt-22-dev:$architecture")
for package in "$work"/*.deb; do
    dpkg -x "$package" "$work/root"
done
mkdir -p "$folder"
rm -rf "$folder/lib" "$folder/include"
cp -r "$work/root/usr/lib/$machine-linux-musl" "$folder/lib"
cp -r "$work/root/usr/include/$machine-linux-musl" "$folder/include"
cp "$work/root/usr/lib/llvm-22/lib/clang/22/lib/linux/libclang_rt.builtins-$machine.a" "$folder/lib/builtins.a"
