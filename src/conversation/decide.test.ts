import assert from 'node:assert/strict'
import test from 'node:test'
import { refuse } from '../base/refusals.ts'
import type { Command, CommandType, Sender, Submission } from './command.ts'
import { decide } from './decide.ts'
import { CAST, rehearse } from './rehearsal.ts'
import { emptyState, type Phase, SYSTEM_SENDER } from './state.ts'
import { TEXT_LENGTH_MAX } from './text-rule.ts'

const { ann, eve, bob, carol, sue, robo } = CAST
const context = { at: 1_000, textLengthMax: TEXT_LENGTH_MAX }
let made = 0
const by = (sender: Sender, command: Command, key = `k${++made}`): Submission => ({ sender, key, command })
const numbered = (n: number, floor: number, key = `n${n}`, instance = 'page'): Submission => ({
  sender: ann,
  key,
  origin: { instance, n, floor },
  command: { type: 'message', format: 'text', text: `message ${n}` },
})
const say = (text: string): Command => ({ type: 'message', format: 'text', text })

/** Ann, Bob and Robo are in; Sue, Carol and Eve are not. */
function talk() {
  const story = rehearse()
  story.submit(by(ann, { type: 'open', mode: 'live' }), 1_000)
  story.submit(by(bob, { type: 'join' }))
  story.submit(by(robo, { type: 'join' }))
  return story
}

const outcome = (reply: { kind: string; code?: string }) => (reply.kind === 'refused' ? reply.code : reply.kind)

test('a retry gets the seq of its first time, even after the conversation was closed [CO1]', () => {
  const story = talk()
  const hello = by(ann, say('Hello'))
  const first = story.submit(hello)
  assert.equal(first.kind, 'accepted')
  story.submit(by(ann, { type: 'close', reason: 'by-visitor' }))
  assert.deepEqual(story.submit(hello), { kind: 'duplicate', seq: 5 })
  assert.equal(story.state.headSeq, 6)
})

test('a retry is answered while new commands are refused for want of room [CO1]', () => {
  const story = talk()
  const hello = by(ann, say('Hello'))
  story.submit(hello)
  const full = { ...context, admission: refuse('rate-limited', { retryAfterMs: 500 }) }
  assert.equal(decide(story.state, hello, full).kind, 'duplicate')
  assert.deepEqual(decide(story.state, by(ann, say('More')), full), refuse('rate-limited', { retryAfterMs: 500 }))
})

test('a key with another body is refused, and the same key of another sender is another key [CO1]', () => {
  const story = talk()
  story.submit(by(ann, say('Hello'), 'mine'))
  assert.equal(outcome(story.submit(by(ann, say('Goodbye'), 'mine'))), 'key-reused')
  assert.equal(outcome(story.submit(by(bob, say('Goodbye'), 'mine'))), 'accepted')
})

test('fields in another order are the same command [CO1]', () => {
  const story = talk()
  story.submit(by(ann, { type: 'message', format: 'text', text: 'Hello' }, 'k'))
  assert.equal(outcome(story.submit(by(ann, { text: 'Hello', type: 'message', format: 'text' }, 'k'))), 'duplicate')
})

test('every page load may open again, whatever settings its node has by then [CO1]', () => {
  const story = talk()
  const opening = by(eve, { type: 'open', mode: 'live' }, 'open')
  assert.equal(outcome(story.submit(opening)), 'accepted')
  assert.equal(outcome(story.submit({ ...opening, command: { type: 'open', mode: 'async' } })), 'duplicate')
})

test('only the next number of an instance is taken [CO2]', () => {
  const story = talk()
  assert.equal(outcome(story.submit(numbered(2, 1))), 'out-of-order')
  assert.equal(outcome(story.submit(numbered(1, 1))), 'accepted')
  assert.equal(outcome(story.submit(numbered(2, 1))), 'accepted')
  assert.equal(outcome(story.submit(numbered(1, 1))), 'duplicate')
  assert.equal(outcome(story.submit(numbered(1, 1, 'another key'))), 'superseded')
  assert.equal(outcome(story.submit(numbered(4, 3))), 'out-of-order')
})

test('a floor passes over numbers that were given up, and what was given up cannot land later [CO2]', () => {
  const story = talk()
  assert.equal(outcome(story.submit(numbered(3, 3))), 'accepted')
  assert.equal(outcome(story.submit(numbered(1, 1))), 'superseded')
  assert.equal(outcome(story.submit(numbered(2, 1))), 'superseded')
})

test('a refused number is not used up [CO2]', () => {
  const story = talk()
  const tooLong = { ...numbered(1, 1), command: say('x'.repeat(TEXT_LENGTH_MAX + 1)) }
  assert.equal(outcome(story.submit(tooLong)), 'too-large')
  assert.equal(outcome(story.submit(numbered(2, 1))), 'out-of-order')
  assert.equal(outcome(story.submit(numbered(2, 2))), 'accepted')
})

test('instances of one sender are numbered apart [CO2]', () => {
  const story = talk()
  assert.equal(outcome(story.submit(numbered(1, 1, 'a', 'first tab'))), 'accepted')
  assert.equal(outcome(story.submit(numbered(1, 1, 'b', 'second tab'))), 'accepted')
})

test('the first event of a command carries its key, digest and origin, and its seq is the answer [CO3]', () => {
  const story = talk()
  const transfer: Command = { type: 'transfer', to: 'carol', name: 'Carol' }
  const reply = story.submit({ sender: bob, key: 't', origin: { instance: 'desk', n: 1, floor: 1 }, command: transfer })
  assert.ok(reply.kind === 'accepted')
  assert.deepEqual(
    reply.events.map(({ type, from, key }) => [type, from, key]),
    [
      ['transferred', 'bob', 't'],
      ['left', 'bob', undefined],
      ['joined', 'carol', undefined],
    ],
  )
  assert.equal(reply.seq, 5)
  assert.deepEqual(reply.events[0]?.origin, { instance: 'desk', n: 1 })
  assert.match(reply.events[0]?.digest ?? '', /^[0-9a-f]{16}$/)
})

// One row for each command; `open` is the conversation of `talk`, with Ann, Bob and Robo in it.
const PHASES: readonly (readonly [Sender, Command, Record<Phase, string>])[] = [
  [ann, { type: 'open', mode: 'live' }, { absent: 'accepted', open: 'already-joined', closed: 'conversation-closed' }],
  [bob, { type: 'join' }, { absent: 'unknown-conversation', open: 'already-joined', closed: 'conversation-closed' }],
  [carol, { type: 'join' }, { absent: 'unknown-conversation', open: 'accepted', closed: 'conversation-closed' }],
  [bob, { type: 'leave' }, { absent: 'unknown-conversation', open: 'accepted', closed: 'conversation-closed' }],
  [carol, { type: 'leave' }, { absent: 'unknown-conversation', open: 'not-joined', closed: 'conversation-closed' }],
  [ann, say('Hi'), { absent: 'unknown-conversation', open: 'accepted', closed: 'conversation-closed' }],
  [carol, say('Hi'), { absent: 'unknown-conversation', open: 'not-joined', closed: 'conversation-closed' }],
  [
    sue,
    { type: 'note', text: 'n' },
    { absent: 'unknown-conversation', open: 'accepted', closed: 'conversation-closed' },
  ],
  [
    sue,
    { type: 'whisper', to: 'bob', text: 'w' },
    { absent: 'unknown-conversation', open: 'accepted', closed: 'conversation-closed' },
  ],
  [
    ann,
    { type: 'notice', notice: 'page' },
    { absent: 'unknown-conversation', open: 'accepted', closed: 'conversation-closed' },
  ],
  [
    bob,
    { type: 'transfer', to: 'carol', name: 'Carol' },
    { absent: 'unknown-conversation', open: 'accepted', closed: 'conversation-closed' },
  ],
  [ann, { type: 'rate', score: 5 }, { absent: 'unknown-conversation', open: 'accepted', closed: 'accepted' }],
  [
    ann,
    { type: 'close', reason: 'by-visitor' },
    { absent: 'unknown-conversation', open: 'accepted', closed: 'conversation-closed' },
  ],
  [
    SYSTEM_SENDER,
    { type: 'timer', kind: 'idle-alert', armedSeq: 1 },
    { absent: 'unknown-conversation', open: 'superseded', closed: 'superseded' },
  ],
]

test('each command has its answer in each phase [CO7]', () => {
  const open = talk()
  const closed = talk()
  closed.submit(by(ann, { type: 'close', reason: 'by-visitor' }))
  const states = { absent: emptyState, open: open.state, closed: closed.state }
  const tested = new Set<CommandType>()
  for (const [sender, command, expected] of PHASES) {
    tested.add(command.type)
    for (const phase of ['absent', 'open', 'closed'] as const) {
      const found = outcome(decide(states[phase], by(sender, command), context))
      assert.equal(found, expected[phase], `${sender.id} ${command.type} in ${phase}`)
    }
  }
  assert.equal(tested.size, 11)
})

const REFUSED: readonly (readonly [string, Sender, Command, string])[] = [
  ['a visitor makes no notes', ann, { type: 'note', text: 'n' }, 'not-allowed'],
  ['a visitor does not whisper', ann, { type: 'whisper', to: 'bob', text: 'w' }, 'not-allowed'],
  ['nobody whispers to a visitor', sue, { type: 'whisper', to: 'ann', text: 'w' }, 'not-allowed'],
  ['nobody whispers to the absent', sue, { type: 'whisper', to: 'carol', text: 'w' }, 'not-joined'],
  ['a visitor pushes no address', ann, { type: 'notice', notice: 'push', url: 'https://a.example' }, 'not-allowed'],
  ['a visitor does not transfer', ann, { type: 'transfer', to: 'carol', name: 'Carol' }, 'not-allowed'],
  ['an outsider does not transfer', carol, { type: 'transfer', to: 'carol', name: 'Carol' }, 'not-joined'],
  ['nobody transfers to themselves', bob, { type: 'transfer', to: 'bob', name: 'Bob' }, 'already-joined'],
  ['nobody transfers to a visitor', bob, { type: 'transfer', to: 'ann', name: 'Ann' }, 'not-allowed'],
  ['nobody transfers to the system', bob, { type: 'transfer', to: 'system', name: 'X' }, 'not-allowed'],
  ['staff do not rate', bob, { type: 'rate', score: 5 }, 'not-allowed'],
  ['a stranger does not rate', eve, { type: 'rate', score: 5 }, 'not-joined'],
  ['a visitor does not close as agent', ann, { type: 'close', reason: 'by-agent' }, 'not-allowed'],
  ['an agent does not close as visitor', bob, { type: 'close', reason: 'by-visitor' }, 'not-allowed'],
  ['an agent does not close as operator', bob, { type: 'close', reason: 'by-operator' }, 'not-allowed'],
  ['an agent who is not here does not close', carol, { type: 'close', reason: 'by-agent' }, 'not-joined'],
  ['only a timer closes for idleness', bob, { type: 'close', reason: 'idle' }, 'not-allowed'],
  ['only the system closes for the store', sue, { type: 'close', reason: 'store-failure' }, 'not-allowed'],
  ['only the system fires timers', bob, { type: 'timer', kind: 'idle-alert', armedSeq: 4 }, 'not-allowed'],
  ['a participant id is a name', bob, { type: 'transfer', to: '', name: 'X' }, 'malformed'],
]

for (const [title, sender, command, code] of REFUSED)
  test(`${title} [CO12]`, () => {
    assert.equal(outcome(talk().submit(by(sender, command))), code)
  })

test('a visitor whose token calls it `system` may do nothing [CO12]', () => {
  const impostor: Sender = { id: 'system', role: 'visitor', name: 'Ann' }
  assert.equal(outcome(talk().submit(by(impostor, { type: 'join' }))), 'not-allowed')
})

test('nobody passes as the other side by having the same id [CO12]', () => {
  assert.equal(outcome(talk().submit(by({ ...ann, id: 'bob' }, say('I am Bob')))), 'not-allowed')
  assert.equal(outcome(talk().submit(by({ ...bob, id: 'ann' }, { type: 'note', text: 'n' }))), 'not-allowed')
})

test('an operator closes without taking part, and so does the system [CO12]', () => {
  assert.equal(outcome(talk().submit(by(sue, { type: 'close', reason: 'by-operator' }))), 'accepted')
  assert.equal(outcome(talk().submit(by(SYSTEM_SENDER, { type: 'close', reason: 'store-failure' }))), 'accepted')
})

test('a bot hands over to an agent and is gone; the agent has the conversation [CO12]', () => {
  const story = rehearse()
  story.submit(by(ann, { type: 'open', mode: 'live' }))
  story.submit(by(robo, { type: 'join' }))
  story.submit(by(robo, { type: 'transfer', to: 'bob', name: 'Bob' }))
  assert.equal(story.state.agent, 'bob')
  assert.equal(outcome(story.submit(by(robo, say('Still here')))), 'not-joined')
  assert.equal(outcome(story.submit(by(bob, say('My turn')))), 'accepted')
})

test('a supervisor transfers from the present agent and stays [CO12]', () => {
  const story = talk()
  story.submit(by(sue, { type: 'join' }))
  story.submit(by(sue, { type: 'transfer', to: 'carol', name: 'Carol' }))
  assert.equal(story.state.agent, 'carol')
  assert.equal(outcome(story.submit(by(bob, say('?')))), 'not-joined')
  assert.equal(outcome(story.submit(by(sue, say('!')))), 'accepted')
})

test('the first agent keeps the conversation while others look in [CO12]', () => {
  const story = talk()
  story.submit(by(carol, { type: 'join' }))
  assert.equal(story.state.agent, 'bob')
  story.submit(by(carol, { type: 'leave' }))
  assert.equal(story.state.agent, 'bob')
})

test('who comes back joins again, but a conversation takes 200 participants at most [CO12]', () => {
  const story = talk()
  story.submit(by(bob, { type: 'leave', reason: 'lunch' }))
  assert.equal(story.state.agent, undefined)
  assert.equal(outcome(story.submit(by(bob, { type: 'join' }))), 'accepted')
  for (let index = 4; index <= 200; index++)
    story.submit(by({ id: `agent-${index}`, role: 'agent', name: 'A' }, { type: 'join' }))
  assert.equal(outcome(story.submit(by(carol, { type: 'join' }))), 'busy')
  assert.equal(outcome(story.submit(by(bob, { type: 'transfer', to: 'carol', name: 'Carol' }))), 'busy')
})

test('a conversation is rated once, before or after its end [CO7]', () => {
  const story = talk()
  story.submit(by(ann, { type: 'close', reason: 'by-visitor' }))
  assert.equal(outcome(story.submit(by(ann, { type: 'rate', score: 4, comment: 'fine' }))), 'accepted')
  assert.equal(outcome(story.submit(by(ann, { type: 'rate', score: 1 }))), 'conversation-closed')
  const other = talk()
  other.submit(by(ann, { type: 'rate', score: 4 }))
  assert.equal(outcome(other.submit(by(ann, { type: 'rate', score: 1 }))), 'not-allowed')
})

test('names that no log could hold are malformed [CO10]', () => {
  const story = talk()
  const bad: Submission[] = [
    by(ann, say('x'), ''),
    by(ann, say('x'), 'k'.repeat(65)),
    by(ann, say('x'), 'a\u0000b'),
    by({ ...ann, id: '' }, say('x')),
    { ...numbered(1, 1), origin: { instance: '', n: 1, floor: 1 } },
    { ...numbered(1, 1), origin: { instance: 'page', n: 0, floor: 1 } },
    { ...numbered(1, 1), origin: { instance: 'page', n: 1.5, floor: 1 } },
    { ...numbered(1, 1), origin: { instance: 'page', n: 1, floor: Number.NaN } },
  ]
  for (const submission of bad) assert.equal(outcome(story.submit(submission)), 'malformed')
  assert.equal(outcome(story.submit(by({ ...ann, name: 'A\ud800' }, say('x')))), 'bad-text')
})

test('an address that a visitor leaves is seen by staff alone, and only while every node reads it [CO8] [CO11]', () => {
  const rehearsal = rehearse()
  const vera = { id: 'vera', role: 'visitor', name: 'Vera' } as const
  const open = { type: 'open', mode: 'live', email: 'vera@example.com' } as const
  rehearsal.submit({ sender: vera, key: 'open', command: open })
  assert.deepEqual(
    rehearsal.events.map(({ type, audience }) => `${type} ${audience}`),
    ['opened everyone', 'joined everyone', 'contact staff'],
  )
  assert.equal(rehearsal.state.participants.get('vera')?.email, 'vera@example.com')
  const everyone = rehearsal.records.filter(({ audience }) => audience === 'everyone')
  assert.ok(!JSON.stringify(everyone).includes('example.com'))
  const before = { at: 1, textLengthMax: 1000, format: 1 }
  const early = decide(emptyState, { sender: vera, key: 'open', command: open }, before)
  assert.ok(early.kind === 'accepted')
  assert.deepEqual(
    early.events.map(({ type }) => type),
    ['opened', 'joined'],
  )
  const staff = { id: 'ann', role: 'agent', name: 'Ann' } as const
  const byStaff = decide(emptyState, { sender: staff, key: 'open', command: open }, { ...before, format: 2 })
  assert.ok(byStaff.kind === 'accepted')
  assert.equal(byStaff.events.length, 2)
})
