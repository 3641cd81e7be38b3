-- expand
-- The outbox is carried out: who takes an item holds it until `due_at`; what ended keeps its id, so that it is never
-- done again. What an earlier program posts waits like everything else.

ALTER TABLE holdfast.outbox
  ALTER COLUMN lane TYPE text COLLATE "C",
  ADD COLUMN state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'settled', 'dead')),
  -- Not to be taken before: the end of a lease, or of a delay.
  ADD COLUMN due_at bigint NOT NULL DEFAULT 0,
  ADD COLUMN lease bigint,
  ADD COLUMN holder bigint,
  ADD COLUMN attempts int NOT NULL DEFAULT 0,
  ADD COLUMN reason text,
  ADD COLUMN ended_at bigint,
  ADD COLUMN posted_at bigint;
-- Apart from its column: a default that changes with time would be put into each row that is there.
ALTER TABLE holdfast.outbox ALTER COLUMN posted_at SET DEFAULT holdfast.now_ms();

-- A lease has a number of its own, whoever takes whatever.
CREATE SEQUENCE holdfast.outbox_lease;
CREATE INDEX outbox_lane ON holdfast.outbox (lane, position) WHERE state = 'waiting';
CREATE INDEX outbox_due ON holdfast.outbox (due_at, position) WHERE state = 'waiting';
CREATE INDEX outbox_held ON holdfast.outbox (holder) WHERE state = 'waiting' AND holder IS NOT NULL;
CREATE INDEX outbox_ended ON holdfast.outbox (state, ended_at) WHERE state <> 'waiting';
