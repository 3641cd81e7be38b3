import assert from 'node:assert/strict'
import test from 'node:test'
import type { Audience, EventRecord } from '../base/event-record.ts'
import { type ClientHistory, fingerprintOf, type ReceivedEvent } from '../bench/client-history.ts'
import { type CheckReport, checkLog, checkLogsInTurn, type FaultKind } from './log-checker.ts'

const ROOM = '0000000000001'
const OTHER = '0000000000002'

function record(seq: number, sender: string, key: string, audience: Audience = 'everyone', epoch = 1): EventRecord {
  return { seq, epoch, at: seq, audience, sender, key, digest: 'd', json: JSON.stringify({ seq, from: sender, key }) }
}

function received(one: EventRecord, conversation = ROOM): ReceivedEvent {
  const { seq, sender, key = '' } = one
  return { conversation, seq, sender, key, fingerprint: fingerprintOf(one.json), atMs: seq }
}

/** A visitor who sent v1, v2 and an agent who answered a1, with a note that the visitor may not see. */
const LOG = [record(1, 'v', 'v1'), record(2, 'a', 'n1', 'staff'), record(3, 'v', 'v2'), record(4, 'a', 'a1')]
const VISIBLE = LOG.filter(({ audience }) => audience === 'everyone')

interface WrittenHistory extends ClientHistory {
  readonly received: readonly ReceivedEvent[]
}

function visitor(changes: Partial<WrittenHistory> = {}): WrittenHistory {
  return {
    client: 'visitor',
    sender: 'v',
    audience: 'everyone',
    conversations: [ROOM],
    sent: ['v1', 'v2'].map((key) => ({ conversation: ROOM, key, atMs: 0 })),
    settled: [
      { conversation: ROOM, key: 'v1', atMs: 1, kind: 'ack', seq: 1 },
      { conversation: ROOM, key: 'v2', atMs: 3, kind: 'ack', seq: 3 },
    ],
    received: VISIBLE.map((one) => received(one)),
    stayed: true,
    ...changes,
  }
}

function check(history: ClientHistory, log: readonly EventRecord[] = LOG): CheckReport {
  return checkLog(new Map([[ROOM, log]]), [history])
}

function assertOnly(report: CheckReport, kind: FaultKind, count = 1): void {
  const expected = Object.fromEntries(Object.keys(report.counts).map((name) => [name, name === kind ? count : 0]))
  assert.deepEqual(report.counts, expected, JSON.stringify(report.faults))
  assert.equal(report.holds, false)
}

test('[CA1] a history that agrees with the log has no faults, and is counted', () => {
  const agent = visitor({
    client: 'agent',
    sender: 'a',
    audience: 'staff',
    sent: [],
    settled: [{ conversation: ROOM, key: 'x', atMs: 9, kind: 'refused', code: 'rate-limited', definite: true }],
    received: LOG.map((one) => received(one)),
  })
  const report = checkLog(new Map([[ROOM, LOG]]), [visitor(), agent])
  assert.deepEqual(report.faults, [])
  assert.equal(report.holds, true)
  const { conversations, events, sent, acknowledged, refused, delivered } = report
  assert.deepEqual(
    { conversations, events, sent, acknowledged, refused, delivered },
    {
      conversations: 1,
      events: 4,
      sent: 2,
      acknowledged: 2,
      refused: 1,
      delivered: 7,
    },
  )
})

test('[CA1] a message that nobody sent, under a key of its own, and one with other words are invented', () => {
  const said = (seq: number, key: string, text: string): EventRecord => ({
    ...record(seq, 'v', key),
    json: JSON.stringify({ seq, from: 'v', key, type: 'message', body: { format: 'text', text } }),
  })
  const log = [said(1, 'v1', 'hello'), said(2, 'v2', 'again'), said(3, 'v3', 'hello')]
  const sent = [
    { conversation: ROOM, key: 'v1', words: fingerprintOf('hello'), atMs: 0 },
    { conversation: ROOM, key: 'v2', words: fingerprintOf('once more'), atMs: 0 },
  ]
  const history = visitor({ sent, settled: [], received: log.map((one) => received(one)) })
  const report = check(history, log)
  assertOnly(report, 'invented', 2)
  assert.match(report.faults[0]?.sentence ?? '', /v2 has other words/)
  assert.match(report.faults[1]?.sentence ?? '', /v3 was sent by nobody/)
})

test('[CA1] an acknowledged command that the log does not have is lost', () => {
  const log = [record(1, 'v', 'v1'), record(2, 'a', 'n1', 'staff')]
  assertOnly(check(visitor({ received: [received(log[0] as EventRecord)] }), log), 'lost')
})

test('[CA1] a key that is in the log twice is duplicated', () => {
  const again = record(5, 'v', 'v2')
  assertOnly(check(visitor({ received: [...visitor().received, received(again)] }), [...LOG, again]), 'duplicated')
})

test('[CA1] the same key of two senders is two commands', () => {
  const theirs = record(5, 'a', 'v2')
  const report = check(visitor({ received: [...visitor().received, received(theirs)] }), [...LOG, theirs])
  assert.equal(report.holds, true)
})

test('[CA1] an event given twice is duplicated', () => {
  const all = visitor().received
  assertOnly(check(visitor({ received: [...all, ...all.slice(-1)] })), 'duplicated')
})

test('[CA1] commands that the log has in another order than they were sent are reordered', () => {
  const sent = ['v2', 'v1'].map((key) => ({ conversation: ROOM, key, atMs: 0 }))
  assertOnly(check(visitor({ sent })), 'reordered')
})

test('[CA1] an older event given later is reordered', () => {
  const [first, second, third] = visitor().received
  assert.ok(first && second && third)
  assertOnly(check(visitor({ received: [first, third, second] })), 'reordered')
})

test('[CA1] an event of a conversation without a part in it is delivered to a stranger', () => {
  const report = check(visitor({ received: [...visitor().received, received(record(1, 'w', 'w1'), OTHER)] }))
  assertOnly(report, 'crossDelivered')
})

test('[CA1] content of another conversation is delivered to a stranger, whatever its label says', () => {
  const theirs = record(1, 'w', 'w1')
  const logs = new Map([
    [ROOM, LOG],
    [OTHER, [theirs]],
  ])
  const [, ...rest] = visitor().received
  assertOnly(checkLog(logs, [visitor({ received: [received(theirs), ...rest] })]), 'crossDelivered')
})

test('[CA1] a hidden event given to a visitor is delivered to a stranger', () => {
  assertOnly(check(visitor({ received: LOG.map((one) => received(one)) })), 'crossDelivered')
})

test('[CA1] an event left out between others is a hole, a hidden one is not', () => {
  const [first, , third] = visitor().received
  assert.ok(first && third)
  assertOnly(check(visitor({ received: [first, third] })), 'holes')
})

test('[CA1] an event missing at the end is a hole for those who stayed only', () => {
  const received = visitor().received.slice(0, 1)
  assertOnly(check(visitor({ received })), 'holes', 2)
  assert.equal(check(visitor({ received, stayed: false })).holds, true)
})

test('[CA1] a number that the log leaves out is a hole', () => {
  const [first, , third, fourth] = LOG
  assert.ok(first && third && fourth)
  assertOnly(check(visitor(), [first, third, fourth]), 'holes')
})

test('[CA1] an acknowledgement at another place than the log has is misplaced', () => {
  const settled = [{ conversation: ROOM, key: 'v1', atMs: 1, kind: 'ack', seq: 2 } as const]
  assertOnly(check(visitor({ settled })), 'misplaced')
})

test('[CA1] what a zombie published and the log does not have is misplaced', () => {
  const [first, second] = visitor().received
  assert.ok(first && second)
  const ghost = { ...received(record(4, 'a', 'a1')), fingerprint: 1 }
  assertOnly(check(visitor({ received: [first, second, ghost] })), 'misplaced')
})

test('[CA1] a definite refusal that is in the log is revived, an indefinite one may be there', () => {
  const refused = { conversation: ROOM, key: 'v1', atMs: 1, kind: 'refused', code: 'busy' } as const
  assertOnly(check(visitor({ settled: [{ ...refused, definite: true }] })), 'revived')
  assert.equal(check(visitor({ settled: [{ ...refused, definite: false }] })).holds, true)
})

test('[CA1] an epoch that falls is found', () => {
  const log = [record(1, 'v', 'v1', 'everyone', 2), ...LOG.slice(1)]
  assertOnly(check(visitor(), log), 'epochsFallen')
})

test('[CA1] many faults are all counted, and the first ones told', () => {
  const settled = Array.from(
    { length: 100 },
    (_, n) => ({ conversation: ROOM, key: `x${n}`, atMs: n, kind: 'ack', seq: n + 10 }) as const,
  )
  const report = check(visitor({ settled }))
  assertOnly(report, 'lost', 100)
  assert.equal(report.faults.length, 20)
})

test('[CA1] logs that are read one after the other are judged alike, whichever comes first', async () => {
  const logs = new Map([
    [ROOM, LOG],
    [OTHER, [record(1, 'w', 'w1')]],
  ])
  const stray = received(record(1, 'w', 'w1'), ROOM)
  const histories = [visitor({ received: [stray] }), visitor({ client: 'w', sender: 'w', conversations: [OTHER] })]
  for (const rooms of [
    [ROOM, OTHER],
    [OTHER, ROOM],
  ]) {
    const inTurn = rooms.map((room) => histories.find(({ conversations }) => conversations.includes(room)))
    const known = inTurn.flatMap((history) => history ?? [])
    const report = await checkLogsInTurn((room) => Promise.resolve(logs.get(room) ?? []), known)
    assert.deepEqual(report.counts, checkLog(logs, known).counts)
    assert.equal(report.counts.crossDelivered, 1 + VISIBLE.length)
  }
})
