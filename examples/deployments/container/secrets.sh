#!/bin/sh
# Makes the two secrets that compose.yaml mounts: random passwords; the platform's is printed, its hash kept.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
password=$(openssl rand -base64 24)
openssl rand -base64 24 | tr -d '\n' >secrets/ldap.password
printf '%s\n' "$password" | user-info hash-password >secrets/immuta.hash
# The container's user reads them; the folder keeps others out.
chmod 0444 secrets/ldap.password secrets/immuta.hash
printf 'The password of immuta: %s\n' "$password"
