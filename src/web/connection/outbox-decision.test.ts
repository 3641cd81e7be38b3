import assert from 'node:assert/strict'
import test from 'node:test'
import { REFUSALS, type RefusalCode } from '../../base/refusals.ts'
import type { ClientCommand } from '../../protocol/client-frames.ts'
import {
  consequenceOf,
  emptyOutbox,
  floorOf,
  markSent,
  nextUnsent,
  type Outbox,
  put,
  settle,
  storedEntries,
  unsend,
} from './outbox-decision.ts'

const say = (text: string): ClientCommand => ({ type: 'message', format: 'text', text })
const always = () => true

function filled(instance: string, ...places: readonly [conversation: string, key: string][]): Outbox {
  let outbox = emptyOutbox(instance)
  for (const [conversation, key] of places) outbox = put(outbox, conversation, key, say(key))
  return outbox
}

/** Sends all that may go now. */
function sendAll(
  outbox: Outbox,
  ready: (conversation: string) => boolean = always,
): { outbox: Outbox; keys: string[] } {
  const keys: string[] = []
  for (let entry = nextUnsent(outbox, ready); entry; entry = nextUnsent(outbox, ready)) {
    keys.push(entry.key)
    outbox = markSent(outbox, entry)
  }
  return { outbox, keys }
}

test('[WE5] numbers are dense for each conversation, and the floor is the lowest that has no answer', () => {
  const outbox = filled('i', ['c', 'a'], ['d', 'b'], ['c', 'e'], ['c', 'f'])
  assert.deepEqual(
    outbox.entries.map(({ conversation, n }) => `${conversation}${n}`),
    ['c1', 'd1', 'c2', 'c3'],
  )
  const after = settle(outbox, 'c', 'a')
  assert.deepEqual(
    after.entries.map((entry) => floorOf(after, entry)),
    [1, 2, 2],
  )
  const gap = settle(after, 'c', 'e')
  assert.deepEqual(
    gap.entries.map((entry) => floorOf(gap, entry)),
    [1, 3],
  )
})

test('[WE5] what was refused for good leaves no hole: the next number and floor go on', () => {
  const outbox = put(settle(filled('i', ['c', 'a']), 'c', 'a'), 'c', 'b', say('b'))
  const [entry] = outbox.entries
  assert.ok(entry)
  assert.deepEqual([entry.n, floorOf(outbox, entry)], [2, 2])
})

test('[WE6] an earlier page load has all its answers before a later one speaks in the same conversation', () => {
  const left = filled('old', ['c', 'o1'], ['c', 'o2']).entries
  let outbox = put(put(emptyOutbox('new', left), 'c', 'n1', say('n1')), 'd', 'n2', say('n2'))
  const first = sendAll(outbox)
  assert.deepEqual(first.keys, ['o1', 'o2', 'n2'])
  assert.deepEqual(
    first.outbox.entries.map(({ instance }) => instance),
    ['old', 'old', 'new', 'new'],
  )
  outbox = settle(settle(first.outbox, 'c', 'o1'), 'c', 'o2')
  assert.deepEqual(sendAll(outbox).keys, ['n1'])
})

test('[WE7] a conversation that waits holds up no other, and a long outbox goes out a window at a time', () => {
  const outbox = filled('i', ['c', 'a'], ['d', 'b'])
  assert.deepEqual(sendAll(outbox, (conversation) => conversation !== 'c').keys, ['b'])
  const long = filled('i', ...Array.from({ length: 100 }, (_, index) => ['c', `k${index}`] as [string, string]))
  const sent = sendAll(long)
  assert.equal(sent.keys.length, 32)
  assert.deepEqual(sendAll(settle(sent.outbox, 'c', 'k0')).keys, ['k32'])
})

test('[WE5] what goes again goes in its old order, under its old key and number', () => {
  const sent = sendAll(filled('i', ['c', 'a'], ['d', 'b'], ['c', 'e'])).outbox
  assert.deepEqual(sendAll(unsend(sent, 'c')).keys, ['a', 'e'])
  assert.deepEqual(sendAll(unsend(sent)).keys, ['a', 'b', 'e'])
  assert.deepEqual(unsend(sent).entries, filled('i', ['c', 'a'], ['d', 'b'], ['c', 'e']).entries)
})

test('[WE8] each refusal is final or worth another try, and all that are not definite are tried again', () => {
  const again: readonly RefusalCode[] = [
    ...(['out-of-order', 'rate-limited', 'at-capacity', 'draining', 'store-unavailable', 'busy'] as const),
    ...(['owner-unreachable', 'server-fault', 'conversation-damaged'] as const),
  ]
  for (const [code, { definite }] of Object.entries(REFUSALS) as [RefusalCode, { definite: boolean }][]) {
    assert.equal(consequenceOf(code, definite, undefined).kind, again.includes(code) ? 'again' : 'failed', code)
    assert.equal(consequenceOf(code, false, undefined).kind, 'again', code)
  }
})

test('[WE8] the wait before another try is the one that the server named, within reason', () => {
  const waitMs = (code: RefusalCode, retryAfterMs?: number) => {
    const consequence = consequenceOf(code, true, retryAfterMs)
    return consequence.kind === 'again' ? consequence.afterMs : undefined
  }
  assert.equal(waitMs('busy'), 250)
  assert.equal(waitMs('rate-limited', 700), 700)
  assert.equal(waitMs('rate-limited', 0), 20)
  assert.equal(waitMs('rate-limited', 1e15), 60_000)
  assert.equal(waitMs('out-of-order', 9000), 20)
})

test('[WE6] of a stored outbox only what is an entry is used, and no more than an outbox may hold', () => {
  const [good] = filled('i', ['c', 'a']).entries
  const bad = [null, 7, 'x', [], {}, { ...good, key: 3 }, { ...good, n: 1.5 }, { ...good, command: null }]
  assert.deepEqual(storedEntries([...bad, good]), [good])
  for (const stored of [null, undefined, {}, 'text', 3]) assert.deepEqual(storedEntries(stored), [])
  assert.equal(storedEntries(Array(2000).fill(good)).length, 1000)
})
