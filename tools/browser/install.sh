#!/bin/sh
# Installs Chromium for the browser tests, on Debian and its kin, as root. The tests call it when none is there.
set -eu
if ! command -v apt-get > /dev/null; then
  echo "no apt-get here: install Chromium by hand, or name one in CHROMIUM" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "not root: run 'sudo sh tools/browser/install.sh', or name a Chromium in CHROMIUM" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core
