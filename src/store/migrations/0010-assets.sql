-- expand
-- Files that all nodes share. A row is an upload until it is finished; then it has a file, which is its name for ever.

CREATE TABLE holdfast.asset (
  upload text COLLATE "C" PRIMARY KEY,
  begun_at bigint NOT NULL,
  file text COLLATE "C" UNIQUE,
  source text COLLATE "C",
  bytes bigint,
  author text,
  at bigint,
  -- When a change was judged that speaks of it.
  wanted_at bigint
);
CREATE INDEX asset_source ON holdfast.asset (source);

CREATE TABLE holdfast.asset_chunk (
  upload text COLLATE "C" NOT NULL REFERENCES holdfast.asset ON DELETE CASCADE,
  index int NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (upload, index)
);
-- Images are compressed already.
ALTER TABLE holdfast.asset_chunk ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE holdfast.asset_name (
  name text COLLATE "C" PRIMARY KEY,
  file text COLLATE "C" NOT NULL REFERENCES holdfast.asset (file) ON DELETE CASCADE
);
CREATE INDEX asset_name_file ON holdfast.asset_name (file);

-- What a text says of assets.
CREATE FUNCTION holdfast.asset_words(said text) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
  SELECT m[1] FROM regexp_matches(
    said, '(?:/assets/|/Chime/Content/images/)([A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?)', 'g') AS m
$$;

CREATE FUNCTION holdfast.name_asset(named_file text, given_name text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE holdfast.asset SET at = holdfast.now_ms() WHERE file = named_file;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO holdfast.asset_name AS n (name, file) VALUES (given_name, named_file)
    ON CONFLICT (name) DO UPDATE SET file = excluded.file;
  RETURN true;
END $$;

CREATE FUNCTION holdfast.finish_asset(
  own_upload text, own_file text, own_source text, own_bytes bigint, own_author text, own_name text)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  outcome text := 'stored';
  present text;
BEGIN
  -- Two uploads of the same file are finished one after the other.
  PERFORM pg_advisory_xact_lock(hashtextextended(own_file, 0));
  SELECT upload INTO present FROM holdfast.asset WHERE file = own_file FOR UPDATE;
  IF FOUND THEN
    IF present <> own_upload THEN
      DELETE FROM holdfast.asset WHERE upload = own_upload;
      outcome := 'known';
    END IF;
  ELSE
    PERFORM FROM holdfast.asset WHERE upload = own_upload FOR UPDATE;
    IF (SELECT sum(octet_length(body)) FROM holdfast.asset_chunk WHERE upload = own_upload)
       IS DISTINCT FROM own_bytes THEN
      RETURN 'incomplete';
    END IF;
    UPDATE holdfast.asset SET file = own_file, source = own_source, bytes = own_bytes, author = own_author
     WHERE upload = own_upload;
  END IF;
  PERFORM holdfast.name_asset(own_file, own_name);
  RETURN outcome;
END $$;

-- A change is judged before it is stored, and what it speaks of was wanted then: whoever removes looks at that time
-- again in the very statement that removes, so that no change is stored which speaks of what is gone.
CREATE FUNCTION holdfast.remove_asset(gone_file text, grace_ms bigint)
RETURNS TABLE (kind text, document text) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM holdfast.asset WHERE file = gone_file FOR UPDATE;
  IF NOT FOUND THEN
    RETURN QUERY SELECT 'unknown', NULL::text;
    RETURN;
  END IF;
  RETURN QUERY
    SELECT DISTINCT 'in-use', d.name::text
      FROM holdfast.config_document d, holdfast.asset_words(d.body) AS said(word)
     WHERE word = gone_file OR word IN (SELECT n.name FROM holdfast.asset_name n WHERE n.file = gone_file);
  IF FOUND THEN
    RETURN;
  END IF;
  DELETE FROM holdfast.asset
   WHERE file = gone_file AND (wanted_at IS NULL OR wanted_at <= holdfast.now_ms() - grace_ms);
  RETURN QUERY SELECT CASE WHEN FOUND THEN 'removed' ELSE 'in-use' END, NULL::text;
END $$;

CREATE FUNCTION holdfast.collect_assets(older_ms bigint, at_most int) RETURNS SETOF text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  before_ms bigint := holdfast.now_ms() - older_ms;
  unsaid text[];
BEGIN
  DELETE FROM holdfast.asset WHERE file IS NULL AND begun_at <= before_ms;
  IF NOT EXISTS (SELECT FROM holdfast.asset WHERE file IS NOT NULL AND greatest(at, wanted_at) <= before_ms) THEN
    RETURN;
  END IF;
  WITH said AS MATERIALIZED (
    SELECT DISTINCT word
      FROM (SELECT body FROM holdfast.config_document UNION ALL SELECT edits::text FROM holdfast.config_change) AS t(body),
           holdfast.asset_words(t.body) AS w(word)),
  kept AS MATERIALIZED (
    SELECT word AS file FROM said UNION SELECT n.file FROM holdfast.asset_name n JOIN said ON said.word = n.name)
  SELECT array_agg(a.file) INTO unsaid
    FROM (SELECT a.file FROM holdfast.asset a
           WHERE a.file IS NOT NULL AND greatest(a.at, a.wanted_at) <= before_ms
             AND NOT EXISTS (SELECT FROM kept WHERE kept.file = a.file)
           ORDER BY a.file LIMIT at_most) a;
  RETURN QUERY
    DELETE FROM holdfast.asset a
     WHERE a.file = ANY (unsaid) AND greatest(a.at, a.wanted_at) <= before_ms
    RETURNING a.file::text;
END $$;
