import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Command, Submission } from './command.ts'
import { fold } from './evolve.ts'
import { CAST, type Rehearsal, rehearse } from './rehearsal.ts'
import { fromSnapshot, toSnapshot } from './snapshot.ts'
import { isStaff, SYSTEM_SENDER } from './state.ts'

// fast-check prints the seed and the smallest counterexample of a failure.
const RUNS = { numRuns: 300 }

const text = fc.string({ unit: 'binary', maxLength: 12 })
const someone = fc.constantFrom('ann', 'bob', 'carol', 'sue', 'robo', 'eve')
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constant('open' as const), mode: fc.constantFrom('live', 'async') }),
  fc.record({ type: fc.constant('join' as const) }),
  fc.record({ type: fc.constant('leave' as const) }),
  fc.record({ type: fc.constant('message' as const), format: fc.constant('text' as const), text }),
  fc.record({ type: fc.constant('note' as const), text }),
  fc.record({ type: fc.constant('whisper' as const), to: someone, text }),
  fc.record({ type: fc.constant('notice' as const), notice: text }),
  fc.record({ type: fc.constant('transfer' as const), to: someone, name: text }),
  fc.record({ type: fc.constant('rate' as const), score: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ type: fc.constant('close' as const), reason: fc.constantFrom('by-visitor', 'by-agent', 'by-operator') }),
  fc.record({
    type: fc.constant('timer' as const),
    kind: fc.constantFrom('idle-alert', 'idle-close'),
    armedSeq: fc.integer({ min: 1, max: 20 }),
  }),
)
const origin = fc.option(
  fc.record({
    instance: fc.constantFrom('page', 'old page'),
    n: fc.integer({ min: 1, max: 6 }),
    floor: fc.integer({ min: 1, max: 6 }),
  }),
  { nil: undefined },
)
// Few keys, so that many are used twice.
const submission: fc.Arbitrary<Submission> = fc
  .record({
    sender: fc.constantFrom(...Object.values(CAST), SYSTEM_SENDER),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    origin,
    command,
  })
  .map(({ origin, ...others }) => (origin ? { ...others, origin } : others))
const opening: Submission = { sender: CAST.ann, key: 'open', command: { type: 'open', mode: 'live' } }
const story = fc.array(fc.record({ submission, afterMs: fc.nat(200_000) }), { maxLength: 40 })

function play(steps: readonly { submission: Submission; afterMs: number }[]): Rehearsal {
  const rehearsal = rehearse()
  rehearsal.submit(opening, 1_000)
  for (const { submission, afterMs } of steps) rehearsal.submit(submission, rehearsal.state.lastAt + afterMs)
  return rehearsal
}

test('seqs are dense and time never falls, whatever is submitted [CO4]', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const { events } = play(steps)
      events.forEach((event, index) => {
        assert.equal(event.seq, index + 1)
        assert.ok(event.at >= (events[index - 1]?.at ?? 0))
      })
    }),
    RUNS,
  )
})

test('each key is in the log once, and submitting everything again changes nothing [CO1]', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const rehearsal = rehearse()
      const accepted: { submission: Submission; seq: number }[] = []
      for (const submission of [opening, ...steps.map((step) => step.submission)]) {
        const reply = rehearsal.submit(submission, 1_000)
        if (reply.kind === 'accepted') accepted.push({ submission, seq: reply.seq })
      }
      const keys = rehearsal.events.filter(({ key }) => key !== undefined).map(({ from, key }) => `${from} ${key}`)
      assert.equal(new Set(keys).size, keys.length)
      assert.equal(keys.length, accepted.length)
      const before = rehearsal.state
      for (const { submission, seq } of accepted)
        assert.deepEqual(rehearsal.submit(submission), { kind: 'duplicate', seq })
      assert.equal(rehearsal.state, before)
    }),
    RUNS,
  )
})

test('numbers of an instance rise in the log, and without giving up none is missing [CO2]', () => {
  const attempts = fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 60 })
  fc.assert(
    fc.property(attempts, fc.boolean(), (numbers, givesUp) => {
      const rehearsal = play([])
      for (const n of numbers)
        rehearsal.submit({
          sender: CAST.ann,
          key: `m${n}`,
          origin: { instance: 'page', n, floor: givesUp ? n : 1 },
          command: { type: 'message', format: 'text', text: `${n}` },
        })
      const taken = rehearsal.events.flatMap(({ origin }) => (origin ? [origin.n] : []))
      taken.forEach((n, index) => {
        const last = taken[index - 1] ?? 0
        assert.ok(givesUp ? n > last : n === last + 1)
      })
    }),
    RUNS,
  )
})

test('a prefix and its tail fold to what the whole log folds to, with a snapshot between or without [CO5]', () => {
  fc.assert(
    fc.property(story, fc.nat(), fc.nat(5), (steps, cut, overlap) => {
      const { events, state } = play(steps)
      const at = cut % (events.length + 1)
      const prefix = fold(events.slice(0, at))
      assert.deepEqual(fold(events), state)
      assert.deepEqual(fold(events.slice(at), prefix), state)
      const restored = fromSnapshot(toSnapshot(prefix))
      assert.deepEqual(restored, prefix)
      // The tail of a claim may begin before the end of its snapshot.
      assert.deepEqual(fold(events.slice(Math.max(0, at - overlap)), restored), state)
    }),
    RUNS,
  )
})

test('after `closed` nothing follows but one rating [CO7]', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const { events } = play(steps)
      const end = events.findIndex(({ type }) => type === 'closed')
      const after = end < 0 ? [] : events.slice(end + 1).map(({ type }) => type)
      assert.ok(after.length === 0 || (after.length === 1 && after[0] === 'rated'))
    }),
    RUNS,
  )
})

test('only staff cause hidden events but an address that was left, and all that staff say among themselves is hidden [CO8]', () => {
  const roleOf = (id: string) => Object.values(CAST).find((sender) => sender.id === id)?.role ?? 'supervisor'
  fc.assert(
    fc.property(story, (steps) => {
      for (const { type, audience, from } of play(steps).events) {
        assert.equal(audience === 'staff', type === 'note' || type === 'whisper' || type === 'contact')
        if (audience === 'staff') assert.equal(isStaff(roleOf(from)), type !== 'contact')
      }
    }),
    RUNS,
  )
})

test('who speaks is in the conversation at that moment [CO12]', () => {
  fc.assert(
    fc.property(story, (steps) => {
      const present = new Set<string>()
      for (const { type, from } of play(steps).events) {
        if (type === 'joined') present.add(from)
        if (type === 'left') present.delete(from)
        if (type === 'message' || type === 'notice') assert.ok(present.has(from))
      }
    }),
    RUNS,
  )
})
