import assert from 'node:assert/strict'
import test from 'node:test'
import type { WireEvent } from '../protocol/client-frames.ts'
import { EMPTY_TIMELINE, type Entry, entriesWith, extend, nameOf, unreadAfter } from './timeline.ts'

const event = (seq: number, type: string, from: string, body: Record<string, unknown>, key?: string): WireEvent => ({
  seq,
  at: 1_000 * seq,
  type,
  from,
  body,
  ...(key !== undefined && { key }),
})
const message = (seq: number, from: string, text: string, key: string) =>
  event(seq, 'message', from, { format: 'text', text }, key)

const OPENING = [
  event(1, 'opened', 'v', { mode: 'live', idle: {}, subject: 'Shoes' }),
  event(2, 'joined', 'v', { role: 'visitor', name: 'Vera' }),
  message(3, 'v', 'hello', 'k1'),
  event(4, 'joined', 'a', { role: 'agent', name: 'Ada' }),
]

const texts = (entries: readonly Entry[]) =>
  entries.map((entry) => (entry.kind === 'line' ? `- ${entry.text}` : `${entry.from}: ${JSON.stringify(entry.blocks)}`))

test('[WE22] a timeline takes each event once, whatever is given again', () => {
  const once = extend(EMPTY_TIMELINE, OPENING)
  const again = extend(extend(once, OPENING.slice(1)), [...OPENING, message(5, 'a', 'hi', 'k1')])
  assert.equal(again.headSeq, 5)
  assert.equal(again.entries.length, 4)
  assert.equal(again.subject, 'Shoes')
  assert.equal(nameOf(again, 'a'), 'Ada')
  assert.equal(again.agent, 'a')
  assert.deepEqual([...again.present], ['v', 'a'])
})

test('[WE22] a message keeps its identity from the outbox to the log', () => {
  const timeline = extend(EMPTY_TIMELINE, OPENING)
  const unsent = [
    { key: 'k1', command: { type: 'message', format: 'text', text: 'hello' } as const, refused: false },
    { key: 'k2', command: { type: 'message', format: 'text', text: 'and?' } as const, refused: false },
    { key: 'k3', command: { type: 'close', reason: 'by-visitor' } as const, refused: false },
  ]
  const before = entriesWith(timeline, 'v', unsent)
  assert.equal(before.length, 4, 'k1 is in the log already, closing is no message')
  assert.equal(before[3]?.kind !== 'line' && before[3]?.state, 'waiting')
  const after = entriesWith(extend(timeline, [message(5, 'v', 'and?', 'k2')]), 'v', unsent)
  assert.equal(after.length, 4)
  assert.equal(after[3]?.id, before[3]?.id)
})

test('keys of two participants are not confused', () => {
  const timeline = extend(EMPTY_TIMELINE, OPENING)
  const unsent = [{ key: 'k1', command: { type: 'message', format: 'text', text: 'x' } as const, refused: true }]
  assert.equal(entriesWith(timeline, 'a', unsent).length, 4)
})

test('an address that a visitor left is a quiet line for who may see it, and nothing for others', () => {
  const left = event(5, 'contact', 'v', { email: 'vera@example.com' })
  const staff = extend(EMPTY_TIMELINE, [...OPENING, left])
  assert.equal(texts(staff.entries).at(-1), '- Vera left an address: vera@example.com')
  const visitor = extend(EMPTY_TIMELINE, [...OPENING, { type: 'skip', seq: 5 }])
  assert.deepEqual([visitor.headSeq, visitor.entries.length], [5, 3])
})

test('what happened is told in quiet lines, and unknown types leave none', () => {
  const timeline = extend(extend(EMPTY_TIMELINE, OPENING), [
    { type: 'skip', seq: 5 },
    event(6, 'transferred', 'a', { from: 'a', to: 'b', name: 'Ben' }),
    event(7, 'notice', 'a', { notice: 'Look here', url: 'javascript:alert(1)' }),
    event(8, 'from-the-future', 'a', {}),
    event(9, 'left', 'a', { reason: 'transferred' }),
    event(10, 'closed', 'b', { reason: 'by-agent' }),
  ])
  assert.deepEqual(texts(timeline.entries).slice(2), [
    '- Ada joined',
    '- Ada handed the conversation to Ben',
    '- Look here',
    '- Ben ended the conversation',
  ])
  assert.equal(timeline.agent, 'b')
  assert.equal(timeline.closed, 'by-agent')
  assert.equal(timeline.headSeq, 10)
  assert.ok(timeline.entries.every((entry) => !('href' in entry)))
})

test('unread are the messages of others', () => {
  const timeline = extend(extend(EMPTY_TIMELINE, OPENING), [message(5, 'a', 'hi', 'x'), message(6, 'v', 'ho', 'k2')])
  assert.equal(unreadAfter(timeline, 'v', 0), 1)
  assert.equal(unreadAfter(timeline, 'a', 3), 1)
  assert.equal(unreadAfter(timeline, 'v', 5), 0)
})
