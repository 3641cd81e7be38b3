import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ManualClock } from '../base/manual-clock.ts'
import { refuse } from '../base/refusals.ts'
import type { ReadReply } from '../protocol/conversation-port.ts'
import { RecordRing } from './record-ring.ts'
import { StagedSubscriber, seqsFrom, stagedRecord } from './relay-stage.ts'
import { SubscriberSet } from './subscriber-set.ts'

/** A set whose reads are answered by the test from a log that it lets grow. */
function setOf(options: { events: number; ring?: number; page?: number }) {
  const clock = new ManualClock()
  const log = seqsFrom(1, options.events).map((seq) => stagedRecord(seq, 1))
  const reads: { after: number; answer: (reply?: ReadReply) => Promise<void> }[] = []
  const set = new SubscriberSet({
    conversation: '0000000000001',
    clock,
    limits: { ringRecords: options.ring ?? 4, ringCharacters: 10_000, page: options.page ?? 100, readRetryMs: 50 },
    left: () => {},
    read: (after, limit) =>
      new Promise((resolve) => {
        const headSeq = log.length
        const page: ReadReply = { kind: 'events', headSeq, records: log.slice(after, after + limit) }
        reads.push({
          after,
          answer: async (reply = page) => {
            resolve(reply)
            await clock.advance(0)
          },
        })
      }),
  })
  const join = async (after: number) => {
    const subscriber = new StagedSubscriber()
    const attachment = set.join(after, subscriber)
    await clock.advance(0)
    return Object.assign(subscriber, attachment)
  }
  const happen = (count: number) => {
    const fresh = seqsFrom(log.length + 1, log.length + count).map((seq) => stagedRecord(seq, 1))
    log.push(...fresh)
    return set.append(fresh)
  }
  return { clock, set, log, reads, join, happen }
}

test('All who wait for older events share one read [CL22]', async () => {
  const { reads, join, happen } = setOf({ events: 20 })
  await join(20)
  happen(2)
  const first = await join(5)
  const others = [await join(5), await join(9), await join(3)]
  assert.deepEqual(
    reads.map(({ after }) => after),
    [5],
  )
  await reads[0]?.answer()
  assert.deepEqual(first.seqs, seqsFrom(6, 22))
  // The others joined after that read began: one more serves all of them, the one that stands lowest last.
  await reads[1]?.answer()
  assert.deepEqual(
    others.map(({ seqs }) => seqs),
    [seqsFrom(6, 22), seqsFrom(10, 22), []],
  )
  await reads[2]?.answer()
  assert.deepEqual(others[2]?.seqs, seqsFrom(4, 22))
  assert.equal(reads.length, 3)
})

test('A joiner uses only a read that began after it joined [CL22]', async () => {
  const { reads, join, happen } = setOf({ events: 10 })
  await join(10)
  happen(1)
  await join(2)
  const late = await join(2)
  await reads[0]?.answer()
  assert.deepEqual(late.seqs, [])
  await reads[1]?.answer()
  assert.deepEqual(late.seqs, seqsFrom(3, 11))
})

test('Who is overtaken by the ring while it reads, reads again [CL22]', async () => {
  const { reads, join, happen } = setOf({ events: 10, ring: 3 })
  await join(10)
  const slow = await join(0)
  happen(20)
  await reads[0]?.answer()
  assert.deepEqual(slow.seqs, seqsFrom(1, 10))
  assert.equal(reads[1]?.after, 10)
  await reads[1]?.answer()
  assert.deepEqual(slow.seqs, seqsFrom(1, 30))
  happen(1)
  assert.deepEqual(slow.seqs, seqsFrom(1, 31))
})

test('A long log comes page by page [CL22]', async () => {
  const { reads, join } = setOf({ events: 25, page: 10 })
  await join(25)
  const reader = await join(0)
  for (let page = 0; page < 3; page++) await reads[page]?.answer()
  assert.deepEqual(reader.seqs, seqsFrom(1, 25))
  assert.deepEqual(
    reads.map(({ after }) => after),
    [0, 10, 20],
  )
})

test('A read that brings nothing is tried again in a moment [CL22]', async () => {
  const { clock, reads, join } = setOf({ events: 5 })
  await join(5)
  const reader = await join(0)
  await reads[0]?.answer(refuse('owner-unreachable'))
  assert.equal(reads.length, 1)
  await clock.advance(50)
  await reads[1]?.answer({ kind: 'events', headSeq: 0, records: [] })
  await clock.advance(50)
  // Records that do not follow are no help either.
  await reads[2]?.answer({ kind: 'events', headSeq: 5, records: [stagedRecord(3, 1)] })
  await clock.advance(50)
  await reads[3]?.answer()
  assert.deepEqual(reader.seqs, seqsFrom(1, 5))
})

test('Whatever comes when, each subscriber gets a contiguous range from its position [CL22]', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('join' as const), after: fc.nat(40) }),
    fc.record({ do: fc.constant('happen' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ do: fc.constant('answer' as const) }),
    fc.record({ do: fc.constant('fail' as const) }),
    fc.record({ do: fc.constant('leave' as const), which: fc.nat(5) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, set, log, reads, join, happen } = setOf({ events: 10, page: 5 })
      const joined: { after: number; subscriber: Awaited<ReturnType<typeof join>>; left: boolean }[] = []
      joined.push({ after: 10, subscriber: await join(10), left: false })
      for (const each of steps) {
        if (each.do === 'join') joined.push({ after: each.after, subscriber: await join(each.after), left: false })
        else if (each.do === 'happen') assert.equal(happen(each.count), 'ok')
        else if (each.do === 'answer') await reads.shift()?.answer()
        else if (each.do === 'fail') await reads.shift()?.answer(refuse('busy'))
        else {
          const leaver = joined[each.which]
          leaver?.subscriber.detach()
          if (leaver) leaver.left = true
        }
      }
      for (let round = 0; round < 60 && set.size > 0; round++) {
        await reads.shift()?.answer()
        await clock.advance(50)
      }
      for (const { after, subscriber, left } of joined) {
        const got = subscriber.seqs
        assert.deepEqual(got, seqsFrom(after + 1, after + got.length))
        if (!left) assert.equal(Math.max(after, log.length), after + got.length)
      }
    }),
    { numRuns: 50 },
  )
})

test('The ring keeps the newest records, contiguous and bounded [CL28]', () => {
  const ring = new RecordRing(4, { recordsMax: 3, charactersMax: 200 })
  assert.deepEqual([ring.first, ring.last, ring.empty], [5, 4, true])
  assert.equal(ring.append([stagedRecord(6, 1)]), 'gap')
  assert.deepEqual([ring.first, ring.last], [5, 4])
  ring.append(seqsFrom(3, 9).map((seq) => stagedRecord(seq, 1)))
  assert.deepEqual([ring.first, ring.last], [7, 9])
  assert.deepEqual(
    [6, 7, 9, 12].map((after) => ring.after(after).map(({ seq }) => seq)),
    [[7, 8, 9], [8, 9], [], []],
  )
  ring.append([stagedRecord(10, 1, 'x'.repeat(500))])
  assert.deepEqual([ring.first, ring.last], [10, 10])
  for (let seq = 11; seq < 100; seq++) ring.append([stagedRecord(seq, 1)])
  assert.deepEqual([ring.first, ring.last], [97, 99])
})

test('Who joins is told how far the others have read, and of nothing else that passed [CL34]', async () => {
  const { set, join } = setOf({ events: 3 })
  await join(3)
  set.ephemeral({ type: 'seen', from: 'visitor', seq: 3 })
  set.ephemeral({ type: 'typing', from: 'visitor', on: true })
  const later = await join(3)
  assert.deepEqual(later.lines, ['seen visitor'])
})
