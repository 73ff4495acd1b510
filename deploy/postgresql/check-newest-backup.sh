#!/bin/sh
# Read the newest backup whole and compare it with its manifest. Ends with 1 when there is none, it is damaged or old.
set -eu
folder=$1
newest=$(ls -1d "$folder"/*Z 2>/dev/null | sort | tail -n 1)
[ -n "$newest" ] || { echo "no backup in $folder" >&2; exit 1; }
[ -n "$(find "$newest" -maxdepth 0 -mtime -2)" ] || { echo "the newest backup is older than two days" >&2; exit 1; }
exec "$(dirname "$0")/../../bin/yzt" restore "$newest" --check
