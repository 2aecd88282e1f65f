#!/bin/bash
# Runs once, when the database folder is new: the owner of the tables, and the role that owns nothing.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
  --set owner_password="$OWNER_PASSWORD" --set app_password="$APP_PASSWORD" << 'SQL'
CREATE ROLE hiu_owner LOGIN CREATEROLE PASSWORD :'owner_password';
CREATE ROLE hiu_app LOGIN PASSWORD :'app_password';
GRANT hiu_app TO hiu_owner WITH ADMIN OPTION;
CREATE DATABASE hiu OWNER hiu_owner TEMPLATE template0;
SQL
