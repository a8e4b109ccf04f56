#!/bin/sh
# Makes the portal's role and database; the postgres image runs it once, on an empty volume.
#
# The portal must not be superuser: a superuser session can SET session_replication_role = replica, and then
# the triggers that keep versions, decisions and the audit trail append-only are silent. POSTGRES_PASSWORD
# becomes the portal's; the superuser keeps none and is reached only inside the container:
#   docker compose exec postgres psql --username postgres
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
CREATE ROLE portal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE portal OWNER portal;
REVOKE CONNECT, TEMPORARY ON DATABASE portal FROM PUBLIC;
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
