-- A sample schema for SQLite, with two people in it: sqlite3 users.db < sqlite.sql
-- The configuration for it is configurations/sql-sqlite.yaml.

CREATE TABLE users (
  login    TEXT    PRIMARY KEY NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1))
);

CREATE TABLE memberships (
  login      TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
  group_name TEXT NOT NULL CHECK (group_name <> ''),
  PRIMARY KEY (login, group_name)
);

CREATE TABLE attributes (
  login TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
  name  TEXT NOT NULL CHECK (name <> ''),
  value TEXT NOT NULL CHECK (value <> ''),
  PRIMARY KEY (login, name, value)
);

INSERT INTO users (login, disabled) VALUES
  ('ada.lovelace@example.com', 0),
  ('charles.babbage@example.com', 1);

INSERT INTO memberships (login, group_name) VALUES
  ('ada.lovelace@example.com', 'analysts'),
  ('ada.lovelace@example.com', 'finance');

INSERT INTO attributes (login, name, value) VALUES
  ('ada.lovelace@example.com', 'department', 'finance'),
  ('ada.lovelace@example.com', 'region', 'emea'),
  ('ada.lovelace@example.com', 'region', 'apac');
