-- expand
-- The fenced log, its members and shared documents. Times are milliseconds since 1970 by this server's clock.

CREATE FUNCTION holdfast.now_ms() RETURNS bigint LANGUAGE sql VOLATILE
  AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;

-- One row a conversation, rewritten with every append: short, and with room for updates in place (no index on what an
-- append changes).
CREATE TABLE holdfast.head (
  conversation bigint PRIMARY KEY,
  epoch bigint NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  owner bigint,
  owner_node text,
  offered_to bigint,
  wake_at bigint,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
  summary text NOT NULL DEFAULT '{}',
  opened_at bigint NOT NULL,
  changed_at bigint NOT NULL
) WITH (fillfactor = 60);
CREATE INDEX head_owner ON holdfast.head (owner, conversation) WHERE owner IS NOT NULL;
CREATE INDEX head_wake ON holdfast.head (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX head_changed ON holdfast.head (changed_at DESC, conversation);

CREATE TABLE holdfast.event (
  conversation bigint NOT NULL,
  seq bigint NOT NULL,
  epoch bigint NOT NULL,
  at bigint NOT NULL,
  audience text NOT NULL,
  -- Compared as bytes: an index in a language's order breaks silently when the system's library changes that order.
  sender text COLLATE "C" NOT NULL,
  key text COLLATE "C",
  digest text,
  json text NOT NULL,
  PRIMARY KEY (conversation, seq)
);
CREATE UNIQUE INDEX event_key ON holdfast.event (conversation, sender, key) WHERE key IS NOT NULL;

CREATE TABLE holdfast.snapshot (
  conversation bigint PRIMARY KEY,
  seq bigint NOT NULL,
  format int NOT NULL,
  json text NOT NULL
);

CREATE TABLE holdfast.guard (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);

CREATE TABLE holdfast.outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  lane text NOT NULL,
  kind text NOT NULL,
  body text NOT NULL
);

CREATE TABLE holdfast.member (
  incarnation bigint PRIMARY KEY,
  node text COLLATE "C" NOT NULL,
  facts json NOT NULL,
  beat_at bigint NOT NULL,
  -- Since when it has beaten without a gap longer than the lease.
  steady_since bigint NOT NULL,
  tombstoned_at bigint,
  reason text
) WITH (fillfactor = 50);
-- One living incarnation a name.
CREATE UNIQUE INDEX member_node ON holdfast.member (node) WHERE tombstoned_at IS NULL;

CREATE TABLE holdfast.document (name text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, body text NOT NULL);

-- What a new owner needs, read in a statement of its own after the heads were locked: a tail read in the statement that
-- locks has the snapshot of before the wait and misses the event that committed beside it.
CREATE FUNCTION holdfast.tails(ids bigint[]) RETURNS TABLE (
  conversation bigint, epoch bigint, seq bigint,
  snapshot_seq bigint, snapshot_format int, snapshot_json text, tail json
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN QUERY
    SELECT h.conversation, h.epoch, h.seq, s.seq, s.format, s.json, t.events
      FROM holdfast.head h
      LEFT JOIN holdfast.snapshot s ON s.conversation = h.conversation
      CROSS JOIN LATERAL (
        SELECT coalesce(json_agg(json_build_array(e.seq, e.epoch, e.at, e.audience, e.sender, e.key, e.digest, e.json) ORDER BY e.seq), '[]'::json) AS events,
               coalesce(max(e.seq), 0) AS last
          FROM holdfast.event e
         WHERE e.conversation = h.conversation
           AND e.seq > least(coalesce(s.seq, 0), greatest(h.seq - 32, 0))
      ) t
     WHERE h.conversation = ANY (ids);
  IF EXISTS (
    SELECT FROM holdfast.head h
     WHERE h.conversation = ANY (ids)
       AND h.seq <> (SELECT coalesce(max(e.seq), 0) FROM holdfast.event e WHERE e.conversation = h.conversation)
  ) THEN
    RAISE 'the log of a conversation does not end at its head';
  END IF;
END $$;

-- Whether an incarnation may own anything: joined, not declared dead, within its lease.
CREATE FUNCTION holdfast.may_own(claimer bigint, lease_ms bigint) RETURNS boolean LANGUAGE sql VOLATILE
  AS $$ SELECT EXISTS (SELECT FROM holdfast.member m WHERE m.incarnation = claimer AND m.tombstoned_at IS NULL AND holdfast.now_ms() - m.beat_at <= lease_ms) $$;

CREATE FUNCTION holdfast.is_dead(who bigint) RETURNS boolean LANGUAGE sql VOLATILE
  AS $$ SELECT NOT EXISTS (SELECT FROM holdfast.member m WHERE m.incarnation = who AND m.tombstoned_at IS NULL) $$;

-- requests: [{conversation, epoch?, incarnation?}]. Answers the claimed ones with their tails, the others with their
-- owners; a conversation that is missing is unknown.
CREATE FUNCTION holdfast.claim(requests json, claimer bigint, claimer_node text, lease_ms bigint, steady_ms bigint)
RETURNS TABLE (
  kind text, conversation bigint, epoch bigint, seq bigint, owner bigint, owner_node text,
  snapshot_seq bigint, snapshot_format int, snapshot_json text, tail json
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  ids bigint[];
  claimed bigint[];
BEGIN
  SELECT array_agg(r.conversation ORDER BY r.conversation) INTO ids FROM json_to_recordset(requests) AS r(conversation bigint);
  PERFORM FROM holdfast.head h WHERE h.conversation = ANY (ids) ORDER BY h.conversation FOR UPDATE;
  -- Asked after the locks: the wait for them may have been longer than the claimer's own life.
  IF NOT holdfast.may_own(claimer, lease_ms) THEN
    RETURN QUERY SELECT 'claimer-dead', unnest(ids), NULL::bigint, NULL::bigint, NULL::bigint, NULL::text, NULL::bigint, NULL::int, NULL::text, NULL::json;
    RETURN;
  END IF;
  -- A silent owner is declared dead by the claim that replaces it: it comes back as another incarnation or not at all.
  IF EXISTS (SELECT FROM holdfast.member m WHERE m.incarnation = claimer AND holdfast.now_ms() - m.steady_since >= steady_ms) THEN
    UPDATE holdfast.member m
       SET tombstoned_at = holdfast.now_ms(), reason = 'silent past its lease when ' || claimer_node || ' claimed from it'
     WHERE m.tombstoned_at IS NULL
       AND m.incarnation <> claimer
       AND holdfast.now_ms() - m.beat_at > lease_ms
       AND m.incarnation IN (
         SELECT h.owner FROM holdfast.head h JOIN json_to_recordset(requests) AS r(conversation bigint, epoch bigint, incarnation bigint) USING (conversation)
          WHERE h.offered_to IS DISTINCT FROM claimer
            AND (r.epoch IS NULL OR (h.epoch = r.epoch AND (r.incarnation IS NULL OR h.owner = r.incarnation))));
  END IF;
  WITH taken AS (
    UPDATE holdfast.head h
       SET epoch = h.epoch + 1, owner = claimer, owner_node = claimer_node, offered_to = NULL, wake_at = NULL
      FROM json_to_recordset(requests) AS r(conversation bigint, epoch bigint, incarnation bigint)
     WHERE h.conversation = r.conversation
       AND (h.owner IS NULL
            OR ((r.epoch IS NULL OR (h.epoch = r.epoch AND (r.incarnation IS NULL OR h.owner = r.incarnation)))
                AND (h.owner = claimer OR h.offered_to = claimer OR holdfast.is_dead(h.owner))))
    RETURNING h.conversation
  )
  SELECT array_agg(t.conversation) INTO claimed FROM taken t;
  RETURN QUERY
    SELECT 'claimed', t.conversation, t.epoch, t.seq, claimer, claimer_node, t.snapshot_seq, t.snapshot_format, t.snapshot_json, t.tail
      FROM holdfast.tails(claimed) t;
  RETURN QUERY
    SELECT 'alive', h.conversation, h.epoch, h.seq, h.owner, h.owner_node, NULL::bigint, NULL::int, NULL::text, NULL::json
      FROM holdfast.head h
     WHERE h.conversation = ANY (ids) AND NOT h.conversation = ANY (coalesce(claimed, '{}'));
END $$;

CREATE FUNCTION holdfast.adopt(dead bigint[], adopter bigint, adopter_node text, most int, lease_ms bigint)
RETURNS TABLE (
  conversation bigint, epoch bigint, seq bigint,
  snapshot_seq bigint, snapshot_format int, snapshot_json text, tail json
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  ids bigint[] := '{}';
  who bigint;
BEGIN
  IF NOT holdfast.may_own(adopter, lease_ms) THEN
    RETURN;
  END IF;
  -- One dead owner after the other, by the index: thousands of heads that wait for the next call cost this one nothing.
  FOR who IN SELECT d FROM unnest(dead) AS d WHERE holdfast.is_dead(d) LOOP
    EXIT WHEN cardinality(ids) >= most;
    ids := ids || ARRAY (
      SELECT h.conversation FROM holdfast.head h
       WHERE h.owner = who ORDER BY h.conversation LIMIT most - cardinality(ids) FOR UPDATE SKIP LOCKED);
  END LOOP;
  UPDATE holdfast.head h
     SET epoch = h.epoch + 1, owner = adopter, owner_node = adopter_node, offered_to = NULL, wake_at = NULL
   WHERE h.conversation = ANY (ids);
  RETURN QUERY SELECT * FROM holdfast.tails(ids);
END $$;

-- NULL: joined. Else the living member that has the name. An older one past its lease gives the name up.
CREATE FUNCTION holdfast.join_member(self bigint, self_node text, self_facts json, lease_ms bigint)
RETURNS SETOF holdfast.member LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  taken holdfast.member;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('holdfast.join.' || self_node));
  UPDATE holdfast.member m SET tombstoned_at = holdfast.now_ms(), reason = 'another process took its name'
   WHERE m.node = self_node AND m.incarnation <> self AND m.tombstoned_at IS NULL AND holdfast.now_ms() - m.beat_at > lease_ms;
  SELECT * INTO taken FROM holdfast.member m WHERE m.node = self_node AND m.incarnation <> self AND m.tombstoned_at IS NULL;
  IF FOUND THEN
    RETURN NEXT taken;
    RETURN;
  END IF;
  -- Long dead and without anything to adopt.
  DELETE FROM holdfast.member m
   WHERE m.tombstoned_at < holdfast.now_ms() - 60000 AND NOT EXISTS (SELECT FROM holdfast.head h WHERE h.owner = m.incarnation);
  INSERT INTO holdfast.member AS m (incarnation, node, facts, beat_at, steady_since)
    VALUES (self, self_node, self_facts, holdfast.now_ms(), holdfast.now_ms())
    ON CONFLICT (incarnation) DO NOTHING;
END $$;

-- No row: the incarnation is dead or unknown.
CREATE FUNCTION holdfast.beat(self bigint, self_facts json, lease_ms bigint)
RETURNS TABLE (store_now bigint, incarnation bigint, node text, facts json, beat_age bigint, tombstoned boolean)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  now_is bigint := holdfast.now_ms();
BEGIN
  UPDATE holdfast.member m
     SET beat_at = now_is, facts = self_facts,
         steady_since = CASE WHEN now_is - m.beat_at > lease_ms THEN now_is ELSE m.steady_since END
   WHERE m.incarnation = self AND m.tombstoned_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT now_is, m.incarnation, m.node, m.facts, greatest(now_is - m.beat_at, 0), m.tombstoned_at IS NOT NULL
      FROM holdfast.member m
     WHERE m.tombstoned_at IS NULL OR m.tombstoned_at > now_is - 60000
        OR EXISTS (SELECT FROM holdfast.head h WHERE h.owner = m.incarnation);
END $$;
