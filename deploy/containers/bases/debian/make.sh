#!/bin/sh
# A Debian with Python as an image, from the distribution's packages alone: make.sh <image> [docker command…]
# For machines whose engine reaches no image registry; needs root and debootstrap.
set -eu
image=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$root" >&2
# What this machine trusts and where it finds Python packages holds for the builds as well.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
if [ -e /etc/pip.conf ]; then cp /etc/pip.conf "$root/etc/"; fi
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/*
tar -C "$root" -c . | docker import --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' --change 'LABEL org.shipei.made-from-packages=true' --change 'CMD ["python3"]' - "$image"
