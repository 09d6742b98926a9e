#!/bin/sh
# Installs what builds, runs and tests the cart's firmware, on Debian and its kin, as root. The tests call it when
# something is missing; about 1.2 GB on disk, most of it clang.
set -eu
if ! command -v apt-get > /dev/null; then
  echo "no apt-get here: see tools/cart-fw/toolchain.ts for the programs that the firmware needs" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "not root: run 'sudo sh tools/cart-fw/install.sh'" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
echo "firmware toolchain: reading package lists" >&2
# A mirror may be in the middle of an update.
tries=0
until apt-get update -qq; do
  tries=$((tries + 1))
  [ "$tries" -lt 3 ] || exit 1
  sleep 5
done
# One group a line, so that a long fetch shows where it is.
for group in \
  "gcc libc6-dev cmake ninja-build" \
  "gcc-riscv64-unknown-elf qemu-system-misc gdb-multiarch" \
  "clang-19 llvm-19 libclang-rt-19-dev" \
  "libssl-dev libbearssl-dev cppcheck"; do
  echo "firmware toolchain: installing $group" >&2
  # shellcheck disable=SC2086
  apt-get install -y -qq --no-install-recommends $group > /dev/null
done
echo "firmware toolchain: installed" >&2
