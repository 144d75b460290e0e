#!/bin/sh
# A docker engine in a world of its own, where `hosts` stands for /etc/hosts: `world.sh DIRECTORY ENGINE-OPTION...`
#
# Its processes and mounts end, and DIRECTORY goes, when standard input does. It has a bridge of its own, which nobody uses:
# an engine that is told to have none takes away the one of the machine's engine. It must not find the machine's containerd and
# systemd either: those do not see its mounts and processes.
set -eu
directory=$1
shift
cd "$directory"
bridge=ghcr-$$
ip link add "$bridge" type bridge
unshare --mount --pid --fork --kill-child --mount-proc sh -eu -c '
    mount --bind hosts /etc/hosts
    # A container that ends syncs the file system it lies on: this one has nothing to write.
    mkdir data
    mount -t tmpfs none data
    [ ! -d /run/containerd ] || mount -t tmpfs none /run/containerd
    SSL_CERT_FILE=$PWD/ca.pem dockerd --exec-opt native.cgroupdriver=cgroupfs "$@" >dockerd.log 2>&1 </dev/null &
    cat >/dev/null
' world --bridge="$bridge" "$@" || true
ip link delete "$bridge"
cd /
rm -r "$directory"
