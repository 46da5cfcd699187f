-- Users, groups and attributes for the endpoints with SQLite: sqlite3 users.db < users.sql
CREATE TABLE users (userid TEXT PRIMARY KEY);
CREATE TABLE user_groups (userid TEXT, name TEXT);
CREATE TABLE attributes (userid TEXT, name TEXT, value TEXT);

INSERT INTO users VALUES ('ada@example.com'), ('grace@example.com'), ('o''neill+test@example.com'), ('jörg müller');
INSERT INTO user_groups VALUES
  ('ada@example.com', 'analysts'),
  ('ada@example.com', 'Zürich'),
  ('o''neill+test@example.com', 'R&D <core>'),
  ('jörg müller', 'analysts');
INSERT INTO attributes VALUES
  ('ada@example.com', 'region', 'emea'),
  ('ada@example.com', 'region', 'apac'),
  ('ada@example.com', 'clearance', 'internal'),
  ('o''neill+test@example.com', 'site', 'Köln/Süd'),
  ('jörg müller', 'region', 'emea');
