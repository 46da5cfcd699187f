#!/bin/sh
# Creates the files that compose.yaml mounts: certificates and two random passwords. Prints the platform's password and keeps its hash.
set -eu
umask 077
cd "$(dirname "$0")"
user-info certs create certs >/dev/null
mkdir -p secrets
password=$(openssl rand -base64 24)
openssl rand -base64 24 | tr -d '\n' >secrets/ldap.password
printf '%s\n' "$password" | user-info hash-password >secrets/immuta.hash
# The container's user, 65532, reads these files. The directories are closed to other users of this machine.
chmod 0700 certs secrets
chmod 0444 certs/server.pem certs/server-key.pem secrets/ldap.password secrets/immuta.hash
printf 'The password of immuta: %s\n' "$password"
