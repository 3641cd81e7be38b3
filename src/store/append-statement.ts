import { bitsFromId } from '../base/ids.ts'
import type { Slice } from './log-store.ts'

/**
 * The append: many slices, one statement. Heads are locked in the order of their ids (unordered ones deadlock), a slice
 * whose epoch and head fit moves its head and writes its events, guards and outbox rows; one that does not leaves no
 * trace. Only slices that do not fit are answered, with what they found: silence is success.
 *
 * One parameter a column: numbers as arrays, texts as JSON arrays. That was measured to cost client and server the
 * least, and JSON carries every text unharmed or is refused, where an array would silently replace half a surrogate.
 */
const APPEND = (guarded: boolean) => `
WITH slice AS MATERIALIZED (
  SELECT * FROM ROWS FROM (
    unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::int[]),
    json_array_elements_text($5::json), json_array_elements_text($6::json)
  ) WITH ORDINALITY AS s(conversation, epoch, expect, events, status, summary, slice)
), locked AS MATERIALIZED (
  SELECT h.conversation, h.epoch, h.seq, h.owner, h.owner_node FROM holdfast.head h
   WHERE h.conversation = ANY ($1::bigint[]) ORDER BY h.conversation FOR UPDATE
)${guarded ? GUARDS : ''}, fit AS MATERIALIZED (
  SELECT s.* FROM slice s JOIN locked l USING (conversation)
   WHERE l.epoch = s.epoch AND l.seq = s.expect AND l.owner IS NOT NULL
   ${guarded ? 'AND NOT EXISTS (SELECT FROM mismatch m WHERE m.slice = s.slice)' : ''}
), moved AS (
  UPDATE holdfast.head h
     SET seq = h.seq + f.events, status = coalesce(f.status, h.status), summary = coalesce(f.summary, h.summary),
         changed_at = CASE WHEN f.status IS NULL AND f.summary IS NULL THEN h.changed_at ELSE holdfast.now_ms() END
    FROM fit f WHERE h.conversation = f.conversation
), written AS (
  INSERT INTO holdfast.event (conversation, seq, epoch, at, audience, sender, key, digest, json)
  SELECT f.conversation, e.seq, f.epoch, e.at, e.audience, e.sender, e.key, e.digest, e.json
    FROM ROWS FROM (
      unnest($7::int[]), unnest($8::bigint[]), unnest($9::bigint[]), json_array_elements_text($10::json),
      json_array_elements_text($11::json), json_array_elements_text($12::json), json_array_elements_text($13::json),
      json_array_elements_text($14::json)
    ) AS e(slice, seq, at, audience, sender, key, digest, json)
    JOIN fit f USING (slice)
)${guarded ? GUARDED_EFFECTS : ''}
SELECT s.slice, l.conversation IS NOT NULL AS known, l.epoch, l.seq, l.owner, l.owner_node
       ${guarded ? ', (SELECT row_to_json(m) FROM mismatch m WHERE m.slice = s.slice LIMIT 1) AS mismatch' : ''}
  FROM slice s LEFT JOIN locked l USING (conversation)
 WHERE NOT EXISTS (SELECT FROM fit f WHERE f.slice = s.slice)`

const GUARDS = `, guard AS MATERIALIZED (
  SELECT * FROM json_to_recordset($15::json) AS g(slice int, name text, expect text, set text)
), held AS MATERIALIZED (
  SELECT v.name, v.value FROM holdfast.guard v
   WHERE v.name IN (SELECT name FROM guard) ORDER BY v.name FOR UPDATE
), mismatch AS MATERIALIZED (
  SELECT g.slice, g.name, h.value AS found FROM guard g LEFT JOIN held h USING (name)
   WHERE g.expect IS DISTINCT FROM h.value
)`

// A guard that two batches create at the same moment is a unique violation: nothing of the later one is applied.
const GUARDED_EFFECTS = `, guard_created AS (
  INSERT INTO holdfast.guard (name, value)
  SELECT g.name, g.set FROM guard g JOIN fit USING (slice) WHERE g.expect IS NULL AND g.set IS NOT NULL
), guard_changed AS (
  UPDATE holdfast.guard v SET value = g.set FROM guard g JOIN fit USING (slice)
   WHERE v.name = g.name AND g.expect IS NOT NULL AND g.set IS NOT NULL
), guard_removed AS (
  DELETE FROM holdfast.guard v USING guard g JOIN fit USING (slice)
   WHERE v.name = g.name AND g.expect IS NOT NULL AND g.set IS NULL
), posted AS (
  INSERT INTO holdfast.outbox (id, lane, kind, body)
  SELECT o.id, o.lane, o.kind, o.body
    FROM json_to_recordset($16::json) AS o(slice int, id text, lane text, kind text, body text) JOIN fit USING (slice)
)`

const PLAIN = APPEND(false)
const GUARDED = APPEND(true)

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

/** The statement that appends `slices`, which it counts from 1; the one with guards and outbox only where there are some. */
export function appendStatement(slices: readonly Slice[]): Statement {
  const events = slices.flatMap((slice) => slice.events)
  const columns = [
    numbers(slices.map(({ conversation }) => bitsFromId(conversation))),
    numbers(slices.map(({ epoch }) => epoch)),
    numbers(slices.map(({ expectSeq }) => expectSeq)),
    numbers(slices.map((slice) => slice.events.length)),
    texts(slices.map(({ head }) => head?.status)),
    texts(slices.map(({ head }) => head?.summary)),
    numbers(slices.flatMap((slice, index) => slice.events.map(() => index + 1))),
    numbers(events.map(({ seq }) => seq)),
    numbers(events.map(({ at }) => at)),
    texts(events.map(({ audience }) => audience)),
    texts(events.map(({ sender }) => sender)),
    texts(events.map(({ key }) => key)),
    texts(events.map(({ digest }) => digest)),
    texts(events.map(({ json }) => json)),
  ]
  if (!slices.some(({ guards, outbox }) => guards?.length || outbox?.length))
    return { name: 'append', text: PLAIN, values: columns }
  const guards = slices.flatMap((slice, index) => (slice.guards ?? []).map((guard) => ({ slice: index + 1, ...guard })))
  const outbox = slices.flatMap((slice, index) => (slice.outbox ?? []).map((item) => ({ slice: index + 1, ...item })))
  return { name: 'append-guarded', text: GUARDED, values: [...columns, JSON.stringify(guards), JSON.stringify(outbox)] }
}

const numbers = (values: readonly (number | bigint)[]) => `{${values.join(',')}}`
// A column without any value is no column: its rows are null all the same.
const texts = (values: readonly (string | undefined)[]) =>
  values.every((value) => value === undefined) ? null : JSON.stringify(values)
