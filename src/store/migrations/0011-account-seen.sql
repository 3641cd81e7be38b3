-- expand
-- When an account was last in use, also once its sessions are swept. A table of its own: whoever changes an account locks
-- its row before those of its sessions, whoever uses a session the other way round.

CREATE TABLE holdfast.account_seen (
  account text COLLATE "C" PRIMARY KEY,
  seen_at bigint NOT NULL
);
INSERT INTO holdfast.account_seen (account, seen_at)
  SELECT s.account, max(s.seen_at) FROM holdfast.session s JOIN holdfast.account a ON a.id = s.account GROUP BY s.account;
