#!/bin/sh
# archive_command: copy one finished piece of the write-ahead log away, durably, and never over another.
# $1 the piece, $2 its name, $3 the folder. PostgreSQL keeps the piece and asks again until this ends with 0.
set -eu
umask 077
piece=$1 name=$2 folder=$3
if [ -e "$folder/$name" ]; then
    cmp -s "$piece" "$folder/$name" # a repeated call after a crash is no error, another content is
    exit
fi
cp "$piece" "$folder/.$name.partial"
sync "$folder/.$name.partial"
mv "$folder/.$name.partial" "$folder/$name"
sync "$folder"
