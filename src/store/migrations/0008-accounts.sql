-- expand
-- Who may come in: people, their sessions, the keys of programs. Secrets lie here as hashes only.

-- Locked by whoever changes accounts: two administrators who demote each other at once must not both succeed.
CREATE TABLE holdfast.account_head (one boolean PRIMARY KEY DEFAULT true CHECK (one));
INSERT INTO holdfast.account_head DEFAULT VALUES;

CREATE TABLE holdfast.account (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  display_name text NOT NULL,
  roles text[] NOT NULL,
  disabled boolean NOT NULL DEFAULT false,
  password_hash text,
  identity text COLLATE "C" UNIQUE,
  made_at bigint NOT NULL
);

CREATE TABLE holdfast.set_up_link (
  hash text COLLATE "C" PRIMARY KEY,
  ends_at bigint NOT NULL
);

-- An ended one stays for a while: nodes ask which tokens are void.
CREATE TABLE holdfast.session (
  id text COLLATE "C" PRIMARY KEY,
  hash text COLLATE "C" NOT NULL UNIQUE,
  account text COLLATE "C" NOT NULL,
  via text NOT NULL,
  address text NOT NULL,
  browser text NOT NULL,
  made_at bigint NOT NULL,
  seen_at bigint NOT NULL,
  idle_ms bigint NOT NULL,
  ends_at bigint NOT NULL,
  ended_at bigint
);
CREATE INDEX session_account ON holdfast.session (account);
CREATE INDEX session_ended ON holdfast.session (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX session_ends ON holdfast.session (ends_at);

CREATE TABLE holdfast.api_key (
  id text COLLATE "C" PRIMARY KEY,
  hash text COLLATE "C" NOT NULL UNIQUE,
  name text NOT NULL,
  scopes text[] NOT NULL,
  made_by text NOT NULL,
  made_at bigint NOT NULL,
  used_at bigint,
  ends_at bigint,
  revoked_at bigint
);
CREATE INDEX api_key_revoked ON holdfast.api_key (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE holdfast.sign_in_attempt (
  key text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  failures int NOT NULL,
  last_at bigint NOT NULL,
  blocked_until bigint NOT NULL
);
CREATE INDEX sign_in_attempt_last ON holdfast.sign_in_attempt (last_at);

-- change: {displayName, roles, disabled, passwordHash}, each where it shall be otherwise. Answers 'changed', 'unknown'
-- or 'last-admin'.
CREATE FUNCTION holdfast.change_account(which text, change json, removed boolean, kept_session text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  found_one holdfast.account;
  new_roles text[];
  new_disabled boolean;
BEGIN
  PERFORM FROM holdfast.account_head FOR UPDATE;
  SELECT * INTO found_one FROM holdfast.account a WHERE a.id = which;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  new_roles := CASE WHEN change->'roles' IS NULL THEN found_one.roles
                    ELSE ARRAY (SELECT json_array_elements_text(change->'roles')) END;
  new_disabled := coalesce((change->>'disabled')::boolean, found_one.disabled);
  IF 'admin' = ANY (found_one.roles) AND NOT found_one.disabled
     AND (removed OR new_disabled OR NOT 'admin' = ANY (new_roles))
     AND NOT EXISTS (SELECT FROM holdfast.account a WHERE a.id <> which AND 'admin' = ANY (a.roles) AND NOT a.disabled) THEN
    RETURN 'last-admin';
  END IF;
  IF removed THEN
    DELETE FROM holdfast.account a WHERE a.id = which;
  ELSE
    UPDATE holdfast.account a
       SET display_name = coalesce(change->>'displayName', a.display_name), roles = new_roles, disabled = new_disabled,
           password_hash = coalesce(change->>'passwordHash', a.password_hash)
     WHERE a.id = which;
  END IF;
  IF removed OR change->>'passwordHash' IS NOT NULL OR new_disabled <> found_one.disabled OR new_roles <> found_one.roles THEN
    UPDATE holdfast.session s SET ended_at = holdfast.now_ms()
     WHERE s.account = which AND s.ended_at IS NULL AND s.id IS DISTINCT FROM kept_session;
  END IF;
  RETURN 'changed';
END $$;

-- Whether the account stands there by this draft, now or from before.
CREATE FUNCTION holdfast.create_account(draft json) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO holdfast.account (id, name, display_name, roles, password_hash, identity, made_at)
    VALUES (draft->>'id', draft->>'name', draft->>'displayName', ARRAY (SELECT json_array_elements_text(draft->'roles')),
            draft->>'passwordHash', draft->>'identity', holdfast.now_ms())
    ON CONFLICT DO NOTHING;
  RETURN EXISTS (SELECT FROM holdfast.account a WHERE a.id = draft->>'id' AND a.name = draft->>'name');
END $$;

CREATE FUNCTION holdfast.set_up(link text, draft json) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM holdfast.account_head FOR UPDATE;
  IF EXISTS (SELECT FROM holdfast.account a WHERE a.id = draft->>'id') THEN
    RETURN true;
  END IF;
  IF EXISTS (SELECT FROM holdfast.account)
     OR NOT EXISTS (SELECT FROM holdfast.set_up_link l WHERE l.hash = link AND l.ends_at > holdfast.now_ms()) THEN
    RETURN false;
  END IF;
  DELETE FROM holdfast.set_up_link;
  RETURN holdfast.create_account(draft);
END $$;

-- changed: [{key, version, failures, lastAt, blockedUntil}], version as it was read.
CREATE FUNCTION holdfast.put_attempts(changed json) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  -- In one order, so that two sign-ins with the same name and address do not wait for each other.
  PERFORM pg_advisory_xact_lock(hashtext('holdfast.sign-in.' || k.key))
     FROM (SELECT c.key FROM json_to_recordset(changed) AS c(key text) ORDER BY hashtext('holdfast.sign-in.' || c.key)) k;
  IF EXISTS (SELECT FROM json_to_recordset(changed) AS c(key text, version bigint)
               LEFT JOIN holdfast.sign_in_attempt a ON a.key = c.key WHERE coalesce(a.version, 0) <> c.version) THEN
    RETURN false;
  END IF;
  INSERT INTO holdfast.sign_in_attempt AS a (key, version, failures, last_at, blocked_until)
    SELECT c.key, c.version + 1, c.failures, c."lastAt", c."blockedUntil"
      FROM json_to_recordset(changed) AS c(key text, version bigint, failures int, "lastAt" bigint, "blockedUntil" bigint)
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, failures = excluded.failures, last_at = excluded.last_at,
                                    blocked_until = excluded.blocked_until;
  DELETE FROM holdfast.sign_in_attempt a WHERE a.last_at < holdfast.now_ms() - 86400000;
  RETURN true;
END $$;
