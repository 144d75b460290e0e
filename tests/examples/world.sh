#!/bin/sh
# A docker engine in a world of its own, where `hosts` stands for /etc/hosts: `world.sh DIRECTORY ENGINE-OPTION...`
#
# Its processes and mounts end, and DIRECTORY goes, when standard input does.
set -eu
directory=$1
shift
cd "$directory"
unshare --mount --pid --fork --kill-child --mount-proc sh -eu -c '
    mount --bind hosts /etc/hosts
    SSL_CERT_FILE=$PWD/ca.pem dockerd "$@" >dockerd.log 2>&1 </dev/null &
    cat >/dev/null
' world "$@" || true
cd /
rm -r "$directory"
