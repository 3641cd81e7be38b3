-- expand
-- A conversation that cannot be restored is set apart: nobody owns it, and those that are claimed with it go on. A claim
-- tries it again, whenever somebody asks for it.

ALTER TABLE holdfast.head ADD COLUMN damage text;
CREATE INDEX head_damage ON holdfast.head (conversation) WHERE damage IS NOT NULL;

-- Of heads that were locked and taken, those whose log does not end there are given up again. Answers them.
CREATE FUNCTION holdfast.set_apart(ids bigint[]) RETURNS bigint[] LANGUAGE sql VOLATILE AS $$
  WITH apart AS (
    UPDATE holdfast.head h
       SET owner = NULL, owner_node = NULL, damage = 'its log ends at ' || l.last || ', its head is at ' || h.seq
      FROM (SELECT c AS conversation, (SELECT coalesce(max(e.seq), 0) FROM holdfast.event e WHERE e.conversation = c) AS last
              FROM unnest(ids) AS c) l
     WHERE h.conversation = l.conversation AND h.seq <> l.last
    RETURNING h.conversation
  )
  SELECT coalesce(array_agg(a.conversation), '{}') FROM apart a
$$;

CREATE OR REPLACE FUNCTION holdfast.claim(requests json, claimer bigint, claimer_node text, lease_ms bigint, steady_ms bigint)
RETURNS TABLE (
  kind text, conversation bigint, epoch bigint, seq bigint, owner bigint, owner_node text,
  snapshot_seq bigint, snapshot_format int, snapshot_json text, tail json
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  ids bigint[];
  claimed bigint[];
  damaged bigint[];
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
       SET epoch = h.epoch + 1, owner = claimer, owner_node = claimer_node, offered_to = NULL, wake_at = NULL, damage = NULL
      FROM json_to_recordset(requests) AS r(conversation bigint, epoch bigint, incarnation bigint)
     WHERE h.conversation = r.conversation
       AND (h.owner IS NULL
            OR ((r.epoch IS NULL OR (h.epoch = r.epoch AND (r.incarnation IS NULL OR h.owner = r.incarnation)))
                AND (h.owner = claimer OR h.offered_to = claimer OR holdfast.is_dead(h.owner))))
    RETURNING h.conversation
  )
  SELECT array_agg(t.conversation) INTO claimed FROM taken t;
  damaged := holdfast.set_apart(claimed);
  RETURN QUERY
    SELECT 'claimed', t.conversation, t.epoch, t.seq, claimer, claimer_node, t.snapshot_seq, t.snapshot_format, t.snapshot_json, t.tail
      FROM holdfast.tails(ARRAY (SELECT unnest(claimed) EXCEPT SELECT unnest(damaged))) t;
  RETURN QUERY
    SELECT CASE WHEN h.conversation = ANY (damaged) THEN 'damaged' ELSE 'alive' END,
           h.conversation, h.epoch, h.seq, h.owner, h.owner_node, NULL::bigint, NULL::int, NULL::text, NULL::json
      FROM holdfast.head h
     WHERE h.conversation = ANY (ids) AND (NOT h.conversation = ANY (coalesce(claimed, '{}')) OR h.conversation = ANY (damaged));
END $$;

-- What `adopt` was, and which of them were found damaged: its rows have no place for that, and an earlier program reads them.
CREATE FUNCTION holdfast.adopt_sound(dead bigint[], adopter bigint, adopter_node text, most int, lease_ms bigint)
RETURNS TABLE (
  kind text, conversation bigint, epoch bigint, seq bigint,
  snapshot_seq bigint, snapshot_format int, snapshot_json text, tail json
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  ids bigint[] := '{}';
  damaged bigint[];
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
     SET epoch = h.epoch + 1, owner = adopter, owner_node = adopter_node, offered_to = NULL, wake_at = NULL, damage = NULL
   WHERE h.conversation = ANY (ids);
  damaged := holdfast.set_apart(ids);
  RETURN QUERY
    SELECT 'claimed', t.* FROM holdfast.tails(ARRAY (SELECT unnest(ids) EXCEPT SELECT unnest(damaged))) t;
  RETURN QUERY
    SELECT 'damaged', h.conversation, h.epoch, h.seq, NULL::bigint, NULL::int, NULL::text, NULL::json
      FROM holdfast.head h WHERE h.conversation = ANY (damaged);
END $$;

-- An earlier program adopts by this one: it gets the sound ones, and the others are set apart.
CREATE OR REPLACE FUNCTION holdfast.adopt(dead bigint[], adopter bigint, adopter_node text, most int, lease_ms bigint)
RETURNS TABLE (
  conversation bigint, epoch bigint, seq bigint,
  snapshot_seq bigint, snapshot_format int, snapshot_json text, tail json
) LANGUAGE sql VOLATILE AS $$
  SELECT a.conversation, a.epoch, a.seq, a.snapshot_seq, a.snapshot_format, a.snapshot_json, a.tail
    FROM holdfast.adopt_sound(dead, adopter, adopter_node, most, lease_ms) a WHERE a.kind = 'claimed'
$$;
