import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventRecord } from '../../base/event-record.ts'
import { idFromBits, type Owner } from '../../base/ids.ts'
import type { Claimed, Slice } from '../../store/log-store.ts'
import { Ledger } from '../ledger.ts'
import type { AppliedEvent, Observation, PageLoad } from '../observation.ts'
import { Referee } from '../referee.ts'
import { allCheckers } from './all-checkers.ts'

const CONVERSATION = idFromBits(1n)
const STRANGE = idFromBits(2n)
const first: Owner = { node: 'chat-1', incarnation: idFromBits(11n) }
const second: Owner = { node: 'chat-2', incarnation: idFromBits(12n) }
const visitor: PageLoad = {
  client: 'vera',
  load: 1,
  participant: 'vera',
  isStaff: false,
  conversation: CONVERSATION,
}

function record(seq: number, more: Partial<EventRecord> = {}): EventRecord {
  const json = JSON.stringify({ seq, at: 5, type: 'message', from: 'vera', body: { text: `text ${seq}` } })
  return { seq, epoch: 1, at: 5, audience: 'everyone', sender: 'vera', key: `k${seq}`, digest: 'd', json, ...more }
}

function slice(...events: EventRecord[]): Slice {
  return { conversation: CONVERSATION, epoch: events[0]?.epoch ?? 1, expectSeq: (events[0]?.seq ?? 1) - 1, events }
}

/** A conversation of two events at epoch 1, owned by the first node, whose lease was renewed just now. */
class Bench {
  nowMs = 1000
  readonly ledger = new Ledger(() => this.nowMs)
  readonly referee = new Referee(allCheckers(), this.ledger, () => this.nowMs)

  constructor() {
    this.ledger.beaten(first.incarnation)
    this.ledger.beaten(second.incarnation)
    this.own(first, 1)
    this.store(record(1), record(2))
  }

  own(by: Owner, epoch: number, epochBefore = epoch - 1): void {
    this.ledger.owned(CONVERSATION, epoch, by)
    this.see({ kind: 'owned', conversation: CONVERSATION, epoch, epochBefore, by })
  }

  store(...events: EventRecord[]): void {
    const headBefore = this.ledger.headSeq(CONVERSATION)
    this.ledger.stored(slice(...events))
    this.see({ kind: 'stored', slice: slice(...events), headBefore })
  }

  /** Something to be done outside is committed with the next event. */
  post(...ids: readonly string[]): void {
    const seq = this.ledger.headSeq(CONVERSATION) + 1
    const outbox = ids.map((id) => ({ id, lane: 'lane', kind: 'call', body: id }))
    // An event that no command made has no key.
    const { key, ...event } = record(seq, { epoch: this.ledger.epoch(CONVERSATION), sender: 'system' })
    const posted = { ...slice(event), outbox }
    this.ledger.stored(posted)
    this.see({ kind: 'stored', slice: posted, headBefore: seq - 1 })
  }

  effect(id: string, body = id): void {
    this.see({ kind: 'effect', id, lane: 'lane', body })
  }

  see(observation: Observation): void {
    this.referee.see(observation)
  }

  apply(seq: number, more: Partial<AppliedEvent> = {}, page = visitor): void {
    const event = { ...(JSON.parse(record(seq).json) as AppliedEvent), ...more }
    this.see({ kind: 'applied', page, conversation: CONVERSATION, event })
  }

  deliver(page: PageLoad, event: AppliedEvent): void {
    this.see({ kind: 'delivered', page, conversation: CONVERSATION, events: [event] })
  }

  acknowledge(key: string, seq: number): void {
    this.see({ kind: 'acknowledged', page: visitor, conversation: CONVERSATION, key, seq })
  }

  claimed(more: Partial<Claimed>): void {
    const tail = this.ledger.records(CONVERSATION)
    const claimed = { kind: 'claimed', conversation: CONVERSATION, epoch: 2, seq: tail.length, tail, ...more } as const
    this.see({ kind: 'claim-answered', by: second, claimed })
  }

  settled(ownedBy: readonly string[], overdueTimerMs = 0): void {
    this.see({ kind: 'settled', conversation: CONVERSATION, ownedBy, overdueTimerMs })
  }
}

const published = (by: Owner, epoch: number) => ({ kind: 'published', by, conversation: CONVERSATION, epoch }) as const
const sent = (key: string) => ({ kind: 'sent', page: visitor, conversation: CONVERSATION, key }) as const
const refused = (key: string, code: 'not-allowed' | 'owner-unreachable' | 'key-reused') =>
  ({ kind: 'refused', page: visitor, conversation: CONVERSATION, key, code }) as const

/** What breaks each rule, told as shortly as it can be. */
const BREACHES: readonly (readonly [breachOf: string, breach: (bench: Bench) => void])[] = [
  ['[LO1] an acknowledgement of what is not in the log', (bench) => bench.acknowledge('k9', 3)],
  ['[LO1] an acknowledgement at a place where another command is', (bench) => bench.acknowledge('k1', 2)],
  ['[LO2] a refusal of what is in the log', (bench) => bench.see(refused('k2', 'not-allowed'))],
  [
    '[LO2] a command that comes into the log after its refusal',
    (bench) => {
      bench.see(refused('k3', 'not-allowed'))
      bench.store(record(3))
    },
  ],
  ['[LO2] a key that is in the log twice', (bench) => bench.store(record(3, { key: 'k1' }))],
  [
    '[LO4] a claim whose tail begins too late for its snapshot',
    (bench) => bench.claimed({ snapshot: { seq: 0, format: 1, json: '{}' }, tail: [record(2)] }),
  ],
  [
    '[LO4] a claim that misses an event in the middle',
    (bench) => {
      bench.store(record(3))
      bench.claimed({ tail: [record(1), record(3)], seq: 3 })
    },
  ],
  ['[LO4] a hole in the log', (bench) => bench.store(record(4))],
  ['[LO4] time that falls', (bench) => bench.store(record(3, { at: 4 }))],
  ['[LO4] a claim that misses the last event', (bench) => bench.claimed({ seq: 1, tail: [record(1)] })],
  [
    '[LO4] a claim that reads another event',
    (bench) => bench.claimed({ tail: [record(1), record(2, { json: '{}' })] }),
  ],
  [
    '[LO5] messages of one page in another order',
    (bench) => {
      bench.see(sent('k4'))
      bench.see(sent('k3'))
      bench.store(record(3), record(4))
    },
  ],
  ['[LO6] an event left out', (bench) => bench.apply(2)],
  [
    '[LO6] an event given twice',
    (bench) => {
      bench.apply(1)
      bench.apply(1)
    },
  ],
  [
    '[LO6] an event that is not stored',
    (bench) => {
      for (const seq of [1, 2, 3]) bench.apply(seq)
    },
  ],
  ['[LO6] an event with another content', (bench) => bench.apply(1, { body: { text: 'another' } })],
  [
    '[OW1] a write in an epoch that is somebody else’s',
    (bench) =>
      bench.see({ kind: 'append-answered', by: second, slice: slice(record(3)), outcome: { kind: 'ok', seq: 3 } }),
  ],
  [
    '[OW1] a write in an epoch that is over',
    (bench) => {
      bench.own(second, 2)
      bench.store(record(3))
    },
  ],
  ['[OW2] an epoch that was left out', (bench) => bench.own(second, 3, 1)],
  [
    '[OW3] a publication after the lease',
    (bench) => {
      bench.nowMs += 601
      bench.see(published(first, 1))
    },
  ],
  [
    '[OW3] an acknowledgement after the lease',
    (bench) => {
      bench.nowMs += 601
      bench.see({ kind: 'answered', by: first, conversation: CONVERSATION, reply: { kind: 'ack', seq: 2 } })
    },
  ],
  [
    '[OW3] a publication by an owner that was replaced',
    (bench) => {
      bench.own(second, 2)
      bench.see(published(first, 1))
    },
  ],
  ['[OW4] a conversation that nobody owns', (bench) => bench.settled([])],
  ['[OW4] a conversation with two owners', (bench) => bench.settled(['chat-1', 'chat-2'])],
  ['[OW5] a timer that does not fire', (bench) => bench.settled(['chat-1'], 10_000)],
  [
    '[AC1] an event of a conversation that the token does not reach',
    (bench) => {
      const page = { ...visitor, conversation: STRANGE }
      bench.deliver(page, { seq: 1, type: 'message' })
    },
  ],
  [
    '[AC1] a hidden event shown to a visitor',
    (bench) => {
      bench.store(record(3, { audience: 'staff' }))
      bench.deliver(visitor, { seq: 3, type: 'note' })
    },
  ],
  ['[OB1] an effect of what was never committed', (bench) => bench.effect('call-1')],
  [
    '[OB1] an effect with another content',
    (bench) => {
      bench.post('call-1')
      bench.effect('call-1', 'something else')
    },
  ],
  [
    '[OB1] effects of one lane in another order',
    (bench) => {
      bench.post('call-1', 'call-2')
      bench.effect('call-2')
    },
  ],
  [
    '[OB1] a taking of what was settled',
    (bench) => {
      bench.post('call-1')
      bench.see({ kind: 'outbox-settled', id: 'call-1' })
      bench.see({ kind: 'outbox-taken', id: 'call-1' })
    },
  ],
  [
    '[BO1] a queue without a bound',
    (bench) => bench.see({ kind: 'queued', where: 'a link', bytes: 1001, bytesMax: 1000 }),
  ],
]

for (const [breachOf, breach] of BREACHES)
  test(`[SI7] ${breachOf} is a violation`, () => {
    const bench = new Bench()
    breach(bench)
    bench.referee.end()
    const { violation } = bench.referee
    assert.ok(violation && breachOf.startsWith(`[${violation.rule}]`), violation?.sentence)
  })

test('[SI7] [LO3] a retry that gets another seq is a violation', () => {
  const ledger = new Ledger(() => 0)
  const checker = allCheckers().find(({ rule }) => rule === 'LO3')
  const acknowledged = { kind: 'acknowledged', page: visitor, conversation: CONVERSATION, key: 'k1' } as const
  assert.equal(checker?.see({ ...acknowledged, seq: 1 }, ledger), undefined)
  assert.match(checker?.see({ ...acknowledged, seq: 2 }, ledger) ?? '', /at seq 1 and then at seq 2/)
})

test('[SI7] [OW5] a timer that takes effect twice is a violation', () => {
  const bench = new Bench()
  const timer = { sender: 'system', key: 'timer:idle-alert:2' }
  bench.store(record(3, timer))
  bench.store(record(4, timer))
  // The same key twice breaks the general rule first; the timers' own rule says it, too.
  assert.equal(bench.referee.violation?.rule, 'LO2')
  const ledger = new Ledger(() => 0)
  const checker = allCheckers().find(({ rule }) => rule === 'OW5')
  const stored = { kind: 'stored', slice: slice(record(3, timer)), headBefore: 2 } as const
  assert.equal(checker?.see(stored, ledger), undefined)
  assert.match(checker?.see(stored, ledger) ?? '', /took effect again/)
})

test('[SI7] what the rules allow is no violation', () => {
  const bench = new Bench()
  for (const key of ['k1', 'k2', 'k3', 'k7', 'k5', 'k6']) bench.see(sent(key))
  bench.see(refused('k7', 'owner-unreachable'))
  bench.store(record(3), record(4, { key: 'k7' }))
  bench.acknowledge('k3', 3)
  bench.acknowledge('k3', 3)
  bench.see(refused('k3', 'key-reused'))
  bench.store(record(5, { audience: 'staff' }), record(6))
  for (const seq of [1, 2, 3, 4, 6]) bench.apply(seq)
  bench.deliver(visitor, { seq: 5, type: 'skip' })
  bench.deliver({ ...visitor, isStaff: true }, { seq: 5, type: 'note' })
  bench.claimed({})
  bench.see(published(first, 1))
  // A handover: the predecessor learns of its successor a moment later.
  bench.ledger.offered(CONVERSATION, true)
  bench.own(second, 2)
  bench.see(published(first, 1))
  bench.settled(['chat-2'])
  // A call is repeated, also by somebody who stood still meanwhile, after the next one was made.
  bench.post('call-1', 'call-2')
  for (const id of ['call-1', 'call-1', 'call-2', 'call-1']) bench.effect(id)
  bench.see({ kind: 'outbox-taken', id: 'call-1' })
  bench.see({ kind: 'outbox-settled', id: 'call-1' })
  bench.referee.end()
  assert.equal(bench.referee.violation, undefined)
})
