-- expand
-- The open ones are listed all the time, and soon they are few among very many closed ones.

CREATE INDEX head_status_changed ON holdfast.head (status, changed_at DESC, conversation);
