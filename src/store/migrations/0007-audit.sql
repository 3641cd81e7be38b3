-- expand
-- The audit trail: what people did, each record chained to the one before it by its hash. Whoever appends locks the one
-- row of `audit_head`, so the records of all nodes make one chain without holes; readers wait for nobody.

CREATE TABLE holdfast.audit_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  n bigint NOT NULL,
  hash text COLLATE "C" NOT NULL
);
INSERT INTO holdfast.audit_head (n, hash) VALUES (0, '');

CREATE TABLE holdfast.audit_record (
  n bigint PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE,
  at bigint NOT NULL,
  body text NOT NULL,
  hash text COLLATE "C" NOT NULL
);

-- Answers the record: the one that is there, where the key was used before. The hash is what `auditHashText` in
-- `audit-store.ts` says, by SHA-256.
CREATE FUNCTION holdfast.append_audit(record_key text, record_body text)
RETURNS SETOF holdfast.audit_record LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  last holdfast.audit_head;
  made holdfast.audit_record;
BEGIN
  SELECT h.* INTO last FROM holdfast.audit_head h FOR UPDATE;
  SELECT r.* INTO made FROM holdfast.audit_record r WHERE r.key = record_key;
  IF FOUND THEN
    RETURN NEXT made;
    RETURN;
  END IF;
  made.n := last.n + 1;
  made.key := record_key;
  made.at := holdfast.now_ms();
  made.body := record_body;
  made.hash := encode(sha256(convert_to(
    concat_ws(E'\n', last.hash, made.n::text, made.at::text, made.key, made.body), 'UTF8')), 'hex');
  INSERT INTO holdfast.audit_record SELECT made.*;
  UPDATE holdfast.audit_head SET n = made.n, hash = made.hash;
  RETURN NEXT made;
END $$;
