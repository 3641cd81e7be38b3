import { bitsFromId } from '../base/ids.ts'
import { bigintArray, intArray, textArray } from './binary-array.ts'
import type { Slice } from './log-store.ts'

/**
 * The append: many slices, one statement, carried out wholly or not at all. Every slice whose epoch and head fit moves
 * its head; once all of them did, their events are written. One that does not fit refuses the statement
 * (`SLICE_MISFITS`), and the store looks which: that is rare, and to look for it each time was measured to cost a fifth.
 *
 * Heads are locked in the order of their ids (unordered ones deadlock, which stalls a second): the slices are sorted, and
 * connections for appends join by looking up one slice's head after the other (`APPEND_SESSION`). Both uses of
 * `num_nonnulls` steer the planner, which makes its plan once: it expects few slices, and leaves the index of owners
 * alone (`postgres-append.test.ts` holds the plan). A head that changed while its lock was awaited is compared anew by
 * PostgreSQL (`EvalPlanQual`), so nobody passes by an older epoch.
 *
 * One parameter a column, as binary arrays: measured to cost client and server the least.
 */
const APPEND = (guarded: boolean) => `
WITH slice AS MATERIALIZED (
  SELECT * FROM ROWS FROM (
    unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::int[]), unnest($5::text[]), unnest($6::text[])
  ) AS s(conversation, epoch, expect, events, status, summary)
   WHERE num_nonnulls(conversation, epoch, expect, events) = 4 ORDER BY conversation
)${guarded ? GUARDS : ''}, moved AS (
  UPDATE holdfast.head h
     SET seq = h.seq + s.events, status = coalesce(s.status, h.status), summary = coalesce(s.summary, h.summary),
         changed_at = CASE WHEN s.status IS NULL AND s.summary IS NULL THEN h.changed_at ELSE holdfast.now_ms() END
    FROM slice s
   WHERE h.conversation = s.conversation AND h.epoch = s.epoch AND h.seq = s.expect AND num_nonnulls(h.owner) = 1
  RETURNING h.conversation
)${guarded ? GUARDED_EFFECTS : ''}
INSERT INTO holdfast.event (conversation, seq, epoch, at, audience, sender, key, digest, json)
SELECT * FROM ROWS FROM (
    unnest($7::bigint[]), unnest($8::bigint[]), unnest($9::bigint[]), unnest($10::bigint[]), unnest($11::text[]),
    unnest($12::text[]), unnest($13::text[]), unnest($14::text[]), unnest($15::text[])
  ) AS e(conversation, seq, epoch, at, audience, sender, key, digest, json)
 WHERE (SELECT holdfast.all_fit(count(*), cardinality($1::bigint[])) FROM moved)
   ${guarded ? 'AND (SELECT holdfast.all_fit(count(*), 0) FROM mismatch)' : ''}`

const GUARDS = `, guard AS MATERIALIZED (
  SELECT * FROM json_to_recordset($16::json) AS g(name text, expect text, set text)
), held AS MATERIALIZED (
  SELECT v.name, v.value FROM holdfast.guard v
   WHERE v.name IN (SELECT name FROM guard) ORDER BY v.name FOR UPDATE
), mismatch AS MATERIALIZED (
  SELECT g.name FROM guard g LEFT JOIN held h USING (name) WHERE g.expect IS DISTINCT FROM h.value
)`

// A guard that two batches create at the same moment is a unique violation: nothing of the later one is applied.
const GUARDED_EFFECTS = `, guard_created AS (
  INSERT INTO holdfast.guard (name, value) SELECT name, set FROM guard WHERE expect IS NULL AND set IS NOT NULL
), guard_changed AS (
  UPDATE holdfast.guard v SET value = g.set FROM guard g
   WHERE v.name = g.name AND g.expect IS NOT NULL AND g.set IS NOT NULL
), guard_removed AS (
  DELETE FROM holdfast.guard v USING guard g WHERE v.name = g.name AND g.expect IS NOT NULL AND g.set IS NULL
), posted AS (
  INSERT INTO holdfast.outbox (id, lane, kind, body)
  SELECT * FROM json_to_recordset($17::json) AS o(id text, lane text, kind text, body text)
)`

const PLAIN = APPEND(false)
const GUARDED = APPEND(true)

/** The refusal of a whole statement because the epoch, the head or a guard of some slice is not what it expects. */
export const SLICE_MISFITS = 'HF001'

/** What keeps the order of locks: no join but by looking up, one after the other. */
export const APPEND_SESSION = ['enable_hashjoin=off', 'enable_mergejoin=off', 'enable_bitmapscan=off']

export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

/**
 * Runs of slices that may share a statement. Two that change the same guard may not: within one statement neither sees
 * the other's change, and both would pass.
 */
export function independentBatches(slices: readonly Slice[]): readonly (readonly Slice[])[] {
  const batches: Slice[][] = []
  let names = new Set<string>()
  for (const slice of slices) {
    const current = batches.at(-1)
    const own = (slice.guards ?? []).map(({ name }) => name)
    if (current && !own.some((name) => names.has(name))) current.push(slice)
    else {
      batches.push([slice])
      names = new Set()
    }
    for (const name of own) names.add(name)
  }
  return batches
}

/** The statement that appends `slices`; the one with guards and outbox only where there are some. */
export function appendStatement(slices: readonly Slice[]): Statement {
  const ids = slices.map(({ conversation }) => bitsFromId(conversation))
  const events = slices.flatMap((slice) => slice.events)
  const columns = [
    bigintArray(ids),
    bigintArray(slices.map(({ epoch }) => epoch)),
    bigintArray(slices.map(({ expectSeq }) => expectSeq)),
    intArray(slices.map((slice) => slice.events.length)),
    textArray(slices.map(({ head }) => head?.status)),
    textArray(slices.map(({ head }) => head?.summary)),
    bigintArray(slices.flatMap((slice, index) => slice.events.map(() => ids[index] ?? 0n))),
    bigintArray(events.map(({ seq }) => seq)),
    bigintArray(slices.flatMap((slice) => slice.events.map(() => slice.epoch))),
    bigintArray(events.map(({ at }) => at)),
    textArray(events.map(({ audience }) => audience)),
    textArray(events.map(({ sender }) => sender)),
    textArray(events.map(({ key }) => key)),
    textArray(events.map(({ digest }) => digest)),
    textArray(events.map(({ json }) => json)),
  ]
  const guards = slices.flatMap((slice) => slice.guards ?? [])
  const outbox = slices.flatMap((slice) => slice.outbox ?? [])
  if (guards.length + outbox.length === 0) return { name: 'append', text: PLAIN, values: columns }
  return { name: 'append-guarded', text: GUARDED, values: [...columns, JSON.stringify(guards), JSON.stringify(outbox)] }
}
