import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventRecord } from '../base/event-record.ts'
import type { OwnerSink } from '../protocol/conversation-port.ts'
import { Attachments } from './attachments.ts'

const record = (seq: number): EventRecord => ({
  seq,
  epoch: 1,
  at: seq,
  audience: 'everyone',
  sender: 'v',
  json: `{"seq":${seq}}`,
})
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => record(first + i))

function sinkOf(seen: number[]): OwnerSink {
  return {
    events: (_conversation, _epoch, records) => seen.push(...records.map(({ seq }) => seq)),
    ephemeral() {},
    status() {},
    moved: () => seen.push(-1),
    ended: () => seen.push(-2),
  }
}

/** A log whose reads answer when the test lets them. */
function slowLog(head: () => number) {
  const waiting: (() => void)[] = []
  return {
    read: (after: number, limit: number) =>
      new Promise<readonly EventRecord[]>((resolve) => {
        waiting.push(() => resolve(range(after + 1, Math.min(head(), after + limit))))
      }),
    async answer() {
      waiting.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    },
    waiting,
  }
}

test('[SV9] [LO6] a sink behind the hot tail gets the older events first, and what came meanwhile after them', async () => {
  let head = 300
  const log = slowLog(() => head)
  const attachments = new Attachments('c', 1, 300, range(290, 300), log.read)
  const seen: number[] = []
  attachments.attach('edge', 0, sinkOf(seen))
  assert.deepEqual(seen, [], 'nothing is given before the read is done')
  head = 301
  attachments.publish(range(301, 301), 1)
  while (log.waiting.length > 0) await log.answer()
  assert.deepEqual(
    seen,
    range(1, 301).map(({ seq }) => seq),
  )
})

test('[SV9] a sink that is up to date gets live events at once', () => {
  const attachments = new Attachments('c', 1, 10, range(5, 10), async () => [])
  const seen: number[] = []
  attachments.attach('edge', 8, sinkOf(seen))
  attachments.publish(range(11, 12), 1)
  assert.deepEqual(seen, [9, 10, 11, 12])
})

test('[SV9] a sink that attaches again starts where it says, and the old one hears nothing more', () => {
  const attachments = new Attachments('c', 1, 10, range(1, 10), async () => [])
  const old: number[] = []
  const seen: number[] = []
  attachments.attach('edge', 0, sinkOf(old))
  attachments.attach('edge', 10, sinkOf(seen))
  attachments.publish(range(11, 11), 1)
  assert.equal(old.length, 10)
  assert.deepEqual(seen, [11])
})

test('a read that was under way when the conversation moved is not delivered', async () => {
  const log = slowLog(() => 300)
  const attachments = new Attachments('c', 1, 300, range(290, 300), log.read)
  const seen: number[] = []
  attachments.attach('edge', 0, sinkOf(seen))
  attachments.moved({ kind: 'moved' })
  await log.answer()
  assert.deepEqual(seen, [-1])
})

test('[BO1] the hot tail is bounded by events', () => {
  const attachments = new Attachments('c', 1, 0, [], async () => [])
  for (let seq = 1; seq <= 1000; seq++) attachments.publish([record(seq)], 1)
  assert.equal(attachments.recent(0, 10), undefined)
  assert.equal(attachments.recent(990, 100)?.length, 10)
})
