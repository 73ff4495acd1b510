#!/bin/sh
# A base backup for point-in-time recovery, as the account postgres: $1 is the folder on the backups' disk.
# The two newest stay, and the pieces of the log that neither needs go.
set -eu
umask 077
folder=$1
programs=${PROGRAMS:-/usr/lib/postgresql/15/bin}
mkdir -p "$folder/base" "$folder/wal"
rm -rf "$folder"/base/*.partial
name=$(date -u +%Y%m%dT%H%M%SZ)
"$programs/pg_basebackup" --pgdata="$folder/base/$name.partial" --format=plain --wal-method=stream \
    --checkpoint=fast --manifest-checksums=SHA256 --no-password
"$programs/pg_verifybackup" --quiet "$folder/base/$name.partial"
sync
mv "$folder/base/$name.partial" "$folder/base/$name"
ls -1d "$folder"/base/*Z | sort -r | tail -n +3 | while read -r old; do rm -rf "$old"; done
oldest=$(ls -1d "$folder"/base/*Z | sort | head -n 1)
# backup_label names the first piece that the oldest base backup needs.
first=$(sed -n 's/^START WAL LOCATION: .*file \([0-9A-F]*\)).*/\1/p' "$oldest/backup_label")
"$programs/pg_archivecleanup" "$folder/wal" "$first"
echo "base backup $folder/base/$name"
