-- expand
-- The central configuration. A change locks the one row of `config_head`, so changes follow each other and revisions
-- have no gaps; readers wait for nobody.

CREATE TABLE holdfast.config_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  revision bigint NOT NULL
);
INSERT INTO holdfast.config_head (revision) VALUES (0);

CREATE TABLE holdfast.config_document (
  name text COLLATE "C" PRIMARY KEY,
  revision bigint NOT NULL,
  body text NOT NULL
);

CREATE TABLE holdfast.config_change (
  revision bigint PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE,
  at bigint NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  names text[] COLLATE "C" NOT NULL,
  -- [{name, before, after}]
  edits json NOT NULL
);
CREATE INDEX config_change_names ON holdfast.config_change USING gin (names);

-- edits: [{name, expect, body}]. Answers one row (kind 'stored', revision), or a row for each stale edit (kind
-- 'conflict', with what is there).
CREATE FUNCTION holdfast.change_config(change_key text, change_author text, change_reason text, changes json)
RETURNS TABLE (kind text, revision bigint, name text, body text) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head bigint;
  known bigint;
BEGIN
  SELECT c.revision INTO head FROM holdfast.config_head c FOR UPDATE;
  SELECT c.revision INTO known FROM holdfast.config_change c WHERE c.key = change_key;
  IF FOUND THEN
    RETURN QUERY SELECT 'stored', known, NULL::text, NULL::text;
    RETURN;
  END IF;
  RETURN QUERY
    SELECT 'conflict', d.revision, e.name, d.body
      FROM json_to_recordset(changes) AS e(name text, expect bigint)
      LEFT JOIN holdfast.config_document d ON d.name = e.name
     WHERE coalesce(d.revision, 0) <> e.expect;
  IF FOUND THEN
    RETURN;
  END IF;
  head := head + 1;
  UPDATE holdfast.config_head SET revision = head;
  INSERT INTO holdfast.config_change (revision, key, at, author, reason, names, edits)
    SELECT head, change_key, holdfast.now_ms(), change_author, change_reason, array_agg(e.name),
           json_agg(json_build_object('name', e.name, 'before', d.body, 'after', e.body))
      FROM json_to_recordset(changes) AS e(name text, body text)
      LEFT JOIN holdfast.config_document d ON d.name = e.name;
  DELETE FROM holdfast.config_document d USING json_to_recordset(changes) AS e(name text, body text)
   WHERE d.name = e.name AND e.body IS NULL;
  INSERT INTO holdfast.config_document AS d (name, revision, body)
    SELECT e.name, head, e.body FROM json_to_recordset(changes) AS e(name text, body text) WHERE e.body IS NOT NULL
    ON CONFLICT ON CONSTRAINT config_document_pkey DO UPDATE SET revision = head, body = excluded.body;
  RETURN QUERY SELECT 'stored', head, NULL::text, NULL::text;
END $$;
