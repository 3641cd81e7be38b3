import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import type { EventRecord } from '../base/event-record.ts'
import type { EventType } from './event.ts'
import { EVENT_FORMAT, fromRecord, toRecord } from './event-json.ts'
import { fold } from './evolve.ts'
import { fromSnapshot, SNAPSHOT_FORMAT, toSnapshot } from './snapshot.ts'

// These files are never written anew: they stand for logs in databases that we cannot change. A new format gets
// files of its own beside them.
const recorded = (name: string) => readFileSync(join(import.meta.dirname, 'recorded', name), 'utf8')
const history = (name: string) =>
  recorded(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as EventRecord)
const records = history('v1.jsonl')
const later = history('v2.jsonl')

for (const [format, log] of [
  ['v1', records],
  ['v2', later],
] as const)
  test(`the history recorded under event format ${format} still folds to the same state [CO11]`, () => {
    const state = fold(log.map(fromRecord))
    assert.deepEqual(JSON.parse(toSnapshot(state).json), JSON.parse(recorded(`${format}.state.json`)))
  })

test('the recorded histories have every event type of their formats [CO11]', () => {
  const types: Readonly<Record<EventType, true>> = {
    opened: true,
    joined: true,
    left: true,
    contact: true,
    message: true,
    note: true,
    whisper: true,
    notice: true,
    transferred: true,
    'idle-alert': true,
    rated: true,
    closed: true,
  }
  assert.equal(EVENT_FORMAT, 2)
  const recordedTypes = new Set([...records, ...later].map((record) => fromRecord(record).type))
  assert.deepEqual([...recordedTypes].sort(), Object.keys(types).sort())
})

test('writing a recorded event again gives the same bytes [CO11]', () => {
  for (const record of [...records, ...later]) assert.deepEqual(toRecord(fromRecord(record), record), record)
})

test('the recorded snapshot can be read, one of an earlier shape is folded anew [CO5] [CO11]', () => {
  assert.equal(SNAPSHOT_FORMAT, 2)
  assert.deepEqual(fromSnapshot({ format: 2, json: recorded('v2.state.json') }), fold(later.map(fromRecord)))
  assert.equal(fromSnapshot({ format: 1, json: recorded('v1.state.json') }), undefined)
})

test('an event of a newer version takes its place and its key, and means nothing else [CO11]', () => {
  const before = fold(records.map(fromRecord))
  const record: EventRecord = {
    seq: before.headSeq + 1,
    epoch: 9,
    at: before.lastAt + 1,
    audience: 'everyone',
    sender: 'ann',
    key: 'of tomorrow',
    digest: '0123456789abcdef',
    json: '{"type":"teleported","body":{"to":"the moon"}}',
  }
  const after = fold([fromRecord(record)], before)
  assert.deepEqual({ ...after, headSeq: before.headSeq, lastAt: before.lastAt, keys: before.keys }, before)
  assert.equal(after.headSeq, record.seq)
})

test('an event that does not follow stops the process [CO4]', () => {
  const [first, , third] = records
  assert.ok(first && third)
  assert.throws(() => fold([fromRecord(first), fromRecord(third)]), /event 3 does not follow 1/)
  assert.throws(() => toRecord(fromRecord(first), { seq: 1, epoch: 1, at: 1.5 }), /whole millisecond/)
})
