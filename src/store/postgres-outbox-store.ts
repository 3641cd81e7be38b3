import { bitsFromId } from '../base/ids.ts'
import type { OutboxItem } from './log-store.ts'
import type {
  DeadLetter,
  LeasedItem,
  OutboxBacklog,
  OutboxStore,
  PostedItem,
  TakenItem,
  TakeQuery,
  WaitingLane,
} from './outbox-store.ts'
import type { RunStatement } from './postgres-config-store.ts'
import { numberIn, type Row } from './postgres-rows.ts'

/**
 * The outbox in PostgreSQL. The order of a lane is that of `position`, which is given out while the head of the
 * conversation is locked: no smaller one appears after a larger one was seen. Two takers do not wait for each other over
 * what they take; one that sees a head which another has just taken finds it locked, or not due any more.
 */
export class PostgresOutboxStore implements OutboxStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async post(items: readonly OutboxItem[]): Promise<void> {
    await this.#run(
      'outbox-post',
      `INSERT INTO holdfast.outbox (id, lane, kind, body)
       SELECT * FROM json_to_recordset($1::json) AS o(id text, lane text, kind text, body text)
       ON CONFLICT (id) DO NOTHING`,
      [JSON.stringify(items)],
    )
  }

  async take(query: TakeQuery): Promise<readonly TakenItem[]> {
    // The planner makes its plan once, when the table may be empty: the time is asked in a query of its own, the head of a
    // lane by the order of its index, what is held by an index that has nothing else (`due_at + 0` is in none), and what is
    // changed by an array, so that no plan walks along all that wait. What the dead held is let go for the next look:
    // within one statement nobody sees it yet.
    const rows = await this.#run(
      'outbox-take',
      `WITH clock AS MATERIALIZED (SELECT holdfast.now_ms() AS now), freed AS (
         UPDATE holdfast.outbox h SET due_at = 0, lease = NULL, holder = NULL
          WHERE h.state = 'waiting' AND h.holder >= 0 AND h.due_at + 0 > (SELECT now FROM clock)
            AND holdfast.is_dead(h.holder)
       ), first AS (
         SELECT o.position FROM holdfast.outbox o
          WHERE o.state = 'waiting' AND o.due_at <= (SELECT now FROM clock) AND o.kind = ANY ($2::text[])
            AND o.position = (
              SELECT e.position FROM holdfast.outbox e
               WHERE e.lane = o.lane AND e.state = 'waiting' ORDER BY e.lane, e.position LIMIT 1)
          ORDER BY o.due_at, o.position LIMIT $3 FOR UPDATE OF o SKIP LOCKED)
       UPDATE holdfast.outbox o
          SET due_at = holdfast.now_ms() + $4::bigint, lease = nextval('holdfast.outbox_lease'), holder = $1::bigint,
              attempts = o.attempts + 1
        WHERE o.position = ANY (ARRAY (SELECT first.position FROM first))
       RETURNING o.id, o.lane, o.kind, o.body, o.lease, o.attempts`,
      [bitsFromId(query.by).toString(), query.kinds, query.limit, query.leaseMs],
    )
    return rows.map(takenIn)
  }

  async settle({ id, lease }: LeasedItem): Promise<boolean> {
    // Once more after a lost reply: it is as it was wanted.
    const rows = await this.#run(
      'outbox-settle',
      `UPDATE holdfast.outbox SET state = 'settled', ended_at = holdfast.now_ms(), body = '', reason = NULL
        WHERE id = $1 AND lease = $2 AND state <> 'dead' RETURNING id`,
      [id, lease],
    )
    return rows.length > 0
  }

  async postpone({ id, lease }: LeasedItem, delayMs: number, reason: string): Promise<boolean> {
    const rows = await this.#run(
      'outbox-postpone',
      `UPDATE holdfast.outbox SET due_at = holdfast.now_ms() + $3::bigint, lease = NULL, holder = NULL, reason = $4
        WHERE id = $1 AND lease = $2 AND state = 'waiting' RETURNING id`,
      [id, lease, Math.round(delayMs), reason],
    )
    return rows.length > 0
  }

  async bury({ id, lease }: LeasedItem, reason: string): Promise<boolean> {
    const rows = await this.#run(
      'outbox-bury',
      `UPDATE holdfast.outbox SET state = 'dead', ended_at = holdfast.now_ms(), lease = NULL, holder = NULL, reason = $3
        WHERE id = $1 AND lease = $2 AND state = 'waiting' RETURNING id`,
      [id, lease, reason],
    )
    return rows.length > 0
  }

  async backlog(): Promise<OutboxBacklog> {
    const [row] = await this.#run(
      'outbox-backlog',
      `SELECT count(*) AS waiting, (SELECT count(*) FROM holdfast.outbox WHERE state = 'dead') AS dead,
              greatest(coalesce(holdfast.now_ms() - min(posted_at), 0), 0) AS oldest
         FROM holdfast.outbox WHERE state = 'waiting'`,
      [],
    )
    return row
      ? { waiting: numberIn(row, 'waiting'), dead: numberIn(row, 'dead'), oldestMs: numberIn(row, 'oldest') }
      : { waiting: 0, dead: 0, oldestMs: 0 }
  }

  async lanes(limit: number): Promise<readonly WaitingLane[]> {
    const rows = await this.#run(
      'outbox-lanes',
      `WITH clock AS MATERIALIZED (SELECT holdfast.now_ms() AS now), lanes AS (
         SELECT lane, count(*) AS waiting, min(position) AS first, min(posted_at) AS since
           FROM holdfast.outbox WHERE state = 'waiting' GROUP BY lane ORDER BY since, first LIMIT $1)
       SELECT l.lane, l.waiting, greatest(coalesce(now - l.since, 0), 0) AS oldest, o.id, o.kind, o.attempts, o.reason,
              greatest(o.due_at - now, 0) AS due_in, o.lease IS NOT NULL AND o.due_at > now AS held
         FROM lanes l JOIN holdfast.outbox o ON o.position = l.first, clock ORDER BY l.since, l.first`,
      [limit],
    )
    return rows.map((row) => ({
      lane: String(row.lane),
      waiting: numberIn(row, 'waiting'),
      oldestMs: numberIn(row, 'oldest'),
      first: {
        id: String(row.id),
        kind: String(row.kind),
        attempts: numberIn(row, 'attempts'),
        reason: String(row.reason ?? ''),
        dueInMs: numberIn(row, 'due_in'),
        held: row.held === true,
      },
    }))
  }

  async posted(prefix: string, limit: number): Promise<readonly PostedItem[]> {
    // A dropped one kept its reason when it was settled, one that was done has none. The last character that there is
    // ends the range, so that the index of the ids is walked.
    const rows = await this.#run(
      'outbox-posted',
      `SELECT id, kind, attempts, reason,
              CASE WHEN state <> 'settled' THEN state WHEN reason IS NULL THEN 'done' ELSE 'dropped' END AS state
         FROM holdfast.outbox WHERE id >= $1::text AND id < $1::text || chr(1114111) ORDER BY id LIMIT $2`,
      [prefix, limit],
    )
    return rows.map((row) => ({
      id: String(row.id),
      kind: String(row.kind),
      state: row.state as PostedItem['state'],
      attempts: numberIn(row, 'attempts'),
      reason: String(row.reason ?? ''),
    }))
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    const rows = await this.#run(
      'outbox-dead',
      `SELECT id, lane, kind, attempts, reason, ended_at FROM holdfast.outbox
        WHERE state = 'dead' ORDER BY ended_at DESC, position DESC LIMIT $1`,
      [limit],
    )
    return rows.map((row) => ({
      id: String(row.id),
      lane: String(row.lane),
      kind: String(row.kind),
      attempts: numberIn(row, 'attempts'),
      reason: String(row.reason ?? ''),
      diedAt: numberIn(row, 'ended_at'),
    }))
  }

  async replay(id: string): Promise<boolean> {
    // A new position: at its old one it would stand before what is under way in its lane.
    const rows = await this.#run(
      'outbox-replay',
      `UPDATE holdfast.outbox SET position = DEFAULT, state = 'waiting', due_at = 0, attempts = 0, ended_at = NULL
        WHERE id = $1 AND state = 'dead' RETURNING id`,
      [id],
    )
    return rows.length > 0
  }

  async drop(id: string): Promise<boolean> {
    const rows = await this.#run(
      'outbox-drop',
      `UPDATE holdfast.outbox SET state = 'settled', ended_at = holdfast.now_ms(), body = ''
        WHERE id = $1 AND state = 'dead' RETURNING id`,
      [id],
    )
    return rows.length > 0
  }

  async forget(olderThanMs: number, limit: number): Promise<number> {
    const rows = await this.#run(
      'outbox-forget',
      `DELETE FROM holdfast.outbox WHERE position IN (
         SELECT position FROM holdfast.outbox
          WHERE state = 'settled' AND ended_at < (SELECT holdfast.now_ms()) - $1::bigint ORDER BY ended_at LIMIT $2)
       RETURNING 1`,
      [olderThanMs, limit],
    )
    return rows.length
  }
}

function takenIn(row: Row): TakenItem {
  return {
    id: String(row.id),
    lane: String(row.lane),
    kind: String(row.kind),
    body: String(row.body),
    lease: numberIn(row, 'lease'),
    attempt: numberIn(row, 'attempts'),
  }
}
