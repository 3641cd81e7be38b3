import assert from 'node:assert/strict'
import test from 'node:test'
import { attemptsText, figuresOf, kindText, laneText, letterText, shownText, waitText } from './outbox-facts.ts'

test('lanes and kinds are told in words, and those of another version by their own name', () => {
  const table = [
    ['0wzb8qxf4353x', 'Conversation 0wzb8qxf4353x'],
    ['alarm:0wzb8qxf4353x:mail:ops@example.com', 'Alarm mails to ops@example.com'],
    ['alarm:0wzb8qxf4353x:webhook', 'Alarm calls of the webhook'],
    ['of tomorrow', 'of tomorrow'],
  ] as const
  for (const [lane, text] of table) assert.equal(laneText(lane), text)
  assert.deepEqual(['mail', 'webhook', 'pigeon'].map(kindText), ['Mail', 'Webhook call', 'pigeon'])
  assert.equal(letterText({ kind: 'mail', lane: '0wzb8qxf4353x' }), 'Mail, Conversation 0wzb8qxf4353x')
})

test('a lane tells what its first one waits for', () => {
  const first = { id: 'a', kind: 'mail', attempts: 0, reason: '', dueInMs: 0, held: false }
  const table = [
    [first, 'next in turn'],
    [{ ...first, attempts: 2 }, 'tried again now'],
    [{ ...first, attempts: 2, dueInMs: 90_000 }, 'tried again in 1 min'],
    [{ ...first, attempts: 1, dueInMs: 20_000, held: true }, 'a node is at it'],
  ] as const
  for (const [each, text] of table) assert.equal(waitText({ first: each }), text)
  assert.deepEqual([0, 1, 3].map(attemptsText), ['not tried yet', '1 attempt', '3 attempts'])
})

test('the figures worry where an alarm would, and nothing is told twice', () => {
  const answer = { waiting: 0, dead: 0, oldestMs: 0, lanes: [], deadLetters: [] }
  assert.deepEqual(
    figuresOf(answer).map(({ value, tone }) => [value, tone]),
    [
      ['0', 'plain'],
      ['–', 'plain'],
      ['0', 'plain'],
    ],
  )
  assert.deepEqual(
    figuresOf({ ...answer, waiting: 1, oldestMs: 600_000, dead: 1234 }).map((each) => Object.values(each).join(' ')),
    ['waits 1 plain', 'the oldest waits for 10 min worry', 'dead letters 1,234 bad'],
  )
  assert.equal(shownText(3, 3, 'newest'), undefined)
  assert.equal(shownText(100, 3400, 'newest'), 'The newest 100 of 3,400.')
})
