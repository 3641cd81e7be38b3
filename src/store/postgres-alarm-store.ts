import type { AlarmEpisode, AlarmSilence, AlarmStore, NewAlarm, NewSilence, RaiseOutcome } from './alarm-store.ts'
import type { OutboxItem } from './log-store.ts'
import type { RunStatement } from './postgres-config-store.ts'
import { numberIn, type Row } from './postgres-rows.ts'

const EPISODE = `a.*, (
  SELECT count(*) FROM holdfast.alarm r
   WHERE r.code = a.code AND r.subject = a.subject
     AND (r.ended_at IS NULL OR r.raised_at > (SELECT holdfast.now_ms()) - 86400000)) AS recent
  FROM holdfast.alarm a`

/** Alarms in PostgreSQL; who wins is decided in `holdfast.raise_alarm` and its neighbours. */
export class PostgresAlarmStore implements AlarmStore {
  readonly #run: RunStatement

  constructor(run: RunStatement) {
    this.#run = run
  }

  async raise(alarm: NewAlarm, items: readonly OutboxItem[]): Promise<RaiseOutcome> {
    const { id, code, subject, severity, sentence, beganAt, raisedBy, affected } = alarm
    const [row] = await this.#run(
      'alarm-raise',
      'SELECT * FROM holdfast.raise_alarm($1, $2, $3, $4, $5, $6::bigint, $7, $8::bigint, $9::json)',
      [id, code, subject, severity, sentence, Math.round(beganAt), raisedBy, affected, JSON.stringify(items)],
    )
    return row ? { kind: 'raised', told: row.told === true } : { kind: 'known' }
  }

  async tell(id: string, items: readonly OutboxItem[]): Promise<boolean> {
    const rows = await this.#run('alarm-tell', 'SELECT * FROM holdfast.tell_alarm($1, $2::json)', [
      id,
      JSON.stringify(items),
    ])
    return rows.length > 0
  }

  async clear(id: string, end: { at: number; by: string; affected: number }, items: readonly OutboxItem[]) {
    const rows = await this.#run(
      'alarm-clear',
      'SELECT * FROM holdfast.clear_alarm($1, $2::bigint, $3, $4::bigint, $5::json)',
      [id, Math.round(end.at), end.by, end.affected, JSON.stringify(items)],
    )
    return rows.length > 0
  }

  async open(): Promise<readonly AlarmEpisode[]> {
    const rows = await this.#run(
      'alarms-open',
      `SELECT ${EPISODE} WHERE a.ended_at IS NULL ORDER BY a.raised_at, a.id`,
      [],
    )
    return rows.map(episodeIn)
  }

  async episodes(limit: number): Promise<readonly AlarmEpisode[]> {
    const rows = await this.#run('alarms', `SELECT ${EPISODE} ORDER BY a.raised_at DESC, a.id DESC LIMIT $1`, [limit])
    return rows.map(episodeIn)
  }

  async episode(id: string): Promise<AlarmEpisode | undefined> {
    const [row] = await this.#run('alarm', `SELECT ${EPISODE} WHERE a.id = $1`, [id])
    return row && episodeIn(row)
  }

  async acknowledge(id: string, by: string, note: string): Promise<boolean> {
    const rows = await this.#run(
      'alarm-acknowledge',
      `UPDATE holdfast.alarm SET acknowledged_by = coalesce(acknowledged_by, $2),
              note = CASE WHEN acknowledged_by IS NULL THEN $3 ELSE note END,
              acknowledged_at = coalesce(acknowledged_at, holdfast.now_ms())
        WHERE id = $1 AND ended_at IS NULL RETURNING id`,
      [id, by, note],
    )
    return rows.length > 0
  }

  async silence({ id, code, subject, forMs, by, reason }: NewSilence): Promise<AlarmSilence> {
    // What is there is updated to itself, so that it is answered.
    const [row] = await this.#run(
      'alarm-silence',
      `INSERT INTO holdfast.alarm_silence AS s (id, code, subject, until, made_by, reason)
       VALUES ($1, $2, $3, holdfast.now_ms() + $4::bigint, $5, $6)
       ON CONFLICT (id) DO UPDATE SET id = s.id RETURNING s.*`,
      [id, code, subject, forMs, by, reason],
    )
    return silenceIn(row ?? {})
  }

  async silences(): Promise<readonly AlarmSilence[]> {
    const rows = await this.#run(
      'alarm-silences',
      'SELECT * FROM holdfast.alarm_silence WHERE until > (SELECT holdfast.now_ms()) ORDER BY until, id',
      [],
    )
    return rows.map(silenceIn)
  }

  async unsilence(id: string): Promise<boolean> {
    const rows = await this.#run(
      'alarm-unsilence',
      'DELETE FROM holdfast.alarm_silence WHERE id = $1 AND until > (SELECT holdfast.now_ms()) RETURNING id',
      [id],
    )
    return rows.length > 0
  }

  async forget(olderThanMs: number, limit: number): Promise<number> {
    const rows = await this.#run(
      'alarm-forget',
      `WITH silences AS (DELETE FROM holdfast.alarm_silence WHERE until < (SELECT holdfast.now_ms()) - $1::bigint)
       DELETE FROM holdfast.alarm WHERE id IN (
         SELECT id FROM holdfast.alarm WHERE cleared_at < (SELECT holdfast.now_ms()) - $1::bigint
          ORDER BY cleared_at LIMIT $2)
       RETURNING 1`,
      [olderThanMs, limit],
    )
    return rows.length
  }
}

function episodeIn(row: Row): AlarmEpisode {
  const text = (column: string) => String(row[column] ?? '')
  return {
    id: text('id'),
    code: text('code'),
    subject: text('subject'),
    severity: text('severity'),
    sentence: text('sentence'),
    beganAt: numberIn(row, 'began_at'),
    raisedAt: numberIn(row, 'raised_at'),
    raisedBy: text('raised_by'),
    affected: numberIn(row, 'affected'),
    told: row.told === true,
    recent: numberIn(row, 'recent'),
    ...(row.acknowledged_by !== null && {
      acknowledged: { by: text('acknowledged_by'), at: numberIn(row, 'acknowledged_at'), note: text('note') },
    }),
    ...(row.ended_at !== null && {
      ended: { at: numberIn(row, 'ended_at'), clearedAt: numberIn(row, 'cleared_at'), by: text('cleared_by') },
    }),
  }
}

function silenceIn(row: Row): AlarmSilence {
  return {
    id: String(row.id),
    code: String(row.code),
    subject: String(row.subject),
    until: numberIn(row, 'until'),
    by: String(row.made_by),
    reason: String(row.reason),
  }
}
