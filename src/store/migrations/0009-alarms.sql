-- expand
-- Alarms: one row an episode, from the beginning of a condition to its end. Who is told of it is posted in the outbox in
-- the same transaction, by whoever wins.

CREATE TABLE holdfast.alarm (
  id text COLLATE "C" PRIMARY KEY,
  code text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  severity text NOT NULL,
  sentence text NOT NULL,
  began_at bigint NOT NULL,
  raised_at bigint NOT NULL,
  raised_by text NOT NULL,
  affected bigint NOT NULL,
  told boolean NOT NULL,
  acknowledged_by text,
  acknowledged_at bigint,
  note text,
  ended_at bigint,
  cleared_at bigint,
  cleared_by text
);
CREATE UNIQUE INDEX alarm_open ON holdfast.alarm (code, subject) WHERE ended_at IS NULL;
CREATE INDEX alarm_place ON holdfast.alarm (code, subject, raised_at);
CREATE INDEX alarm_raised ON holdfast.alarm (raised_at, id);
CREATE INDEX alarm_cleared ON holdfast.alarm (cleared_at) WHERE cleared_at IS NOT NULL;

CREATE TABLE holdfast.alarm_silence (
  id text COLLATE "C" PRIMARY KEY,
  -- Empty: whatever it is.
  code text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  until bigint NOT NULL,
  made_by text NOT NULL,
  reason text NOT NULL
);

CREATE FUNCTION holdfast.is_silenced(place_code text, place_subject text) RETURNS boolean LANGUAGE sql VOLATILE
  AS $$ SELECT EXISTS (
    SELECT FROM holdfast.alarm_silence s
     WHERE s.until > holdfast.now_ms() AND s.code IN ('', place_code) AND s.subject IN ('', place_subject)) $$;

CREATE FUNCTION holdfast.post_items(items json) RETURNS void LANGUAGE sql VOLATILE
  AS $$ INSERT INTO holdfast.outbox (id, lane, kind, body)
        SELECT o.id, o.lane, o.kind, o.body FROM json_to_recordset(items) AS o(id text, lane text, kind text, body text)
        ON CONFLICT (id) DO NOTHING $$;

-- A row says that this call began the episode, and whether anybody is told. An episode that ended at `began` or later
-- was the same condition, seen by another node.
CREATE FUNCTION holdfast.raise_alarm(
  alarm_id text, alarm_code text, alarm_subject text, alarm_severity text, alarm_sentence text,
  began bigint, by_node text, conversations bigint, items json)
RETURNS TABLE (told boolean) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  tells boolean;
BEGIN
  -- One after the other for a place, so that each sees what the one before it has written.
  PERFORM pg_advisory_xact_lock(hashtext('holdfast.alarm.' || alarm_code), hashtext(alarm_subject));
  IF EXISTS (
    SELECT FROM holdfast.alarm a
     WHERE a.code = alarm_code AND a.subject = alarm_subject AND (a.ended_at IS NULL OR a.ended_at >= began)
  ) THEN
    RETURN;
  END IF;
  tells := NOT holdfast.is_silenced(alarm_code, alarm_subject);
  INSERT INTO holdfast.alarm (id, code, subject, severity, sentence, began_at, raised_at, raised_by, affected, told)
    VALUES (alarm_id, alarm_code, alarm_subject, alarm_severity, alarm_sentence, began, holdfast.now_ms(), by_node,
            conversations, tells);
  IF tells THEN
    PERFORM holdfast.post_items(items);
  END IF;
  RETURN QUERY SELECT tells;
END $$;

CREATE FUNCTION holdfast.tell_alarm(alarm_id text, items json) RETURNS TABLE (told boolean) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  UPDATE holdfast.alarm a SET told = true
   WHERE a.id = alarm_id AND a.ended_at IS NULL AND NOT a.told AND NOT holdfast.is_silenced(a.code, a.subject);
  IF FOUND THEN
    PERFORM holdfast.post_items(items);
    RETURN QUERY SELECT true;
  END IF;
END $$;

CREATE FUNCTION holdfast.clear_alarm(alarm_id text, ended bigint, by_whom text, conversations bigint, items json)
RETURNS TABLE (told boolean) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  was_told boolean;
BEGIN
  UPDATE holdfast.alarm a
     -- By a clock that is ahead it would end in times to come, and nothing could begin until then.
     SET ended_at = greatest(least(ended, holdfast.now_ms()), a.began_at), cleared_at = holdfast.now_ms(),
         cleared_by = by_whom,
         affected = greatest(a.affected, conversations)
   WHERE a.id = alarm_id AND a.ended_at IS NULL
   RETURNING a.told INTO was_told;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF was_told THEN
    PERFORM holdfast.post_items(items);
  END IF;
  RETURN QUERY SELECT was_told;
END $$;
