-- The table of S and S'. `key` makes a second try harmless, the index serves the catch-up.
CREATE TABLE message (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  room text NOT NULL,
  sender text NOT NULL,
  key text NOT NULL,
  text text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (room, key)
);
CREATE INDEX message_room ON message (room, id);
