#!/usr/bin/env bash
# Run once by the postgres image, on an empty data folder: a role and a database a service, each closed to the others.
# <SERVICE>_DATABASE names the database and <SERVICE>_POSTGRES_PASSWORD is the role's password; the role bears the
# service's name.
set -euo pipefail

for variable in $(compgen -e | grep '_POSTGRES_PASSWORD$'); do
  SERVICE=${variable%_POSTGRES_PASSWORD}
  database_variable=${SERVICE}_DATABASE
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v role="${SERVICE,,}" -v password="${!variable}" -v database="${!database_variable:-${SERVICE,,}}" <<'SQL'
create role :"role" login password :'password';
create database :"database" owner :"role";
revoke connect on database :"database" from public;
SQL
done
