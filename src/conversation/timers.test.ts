import assert from 'node:assert/strict'
import test from 'node:test'
import type { IdleLimits } from './event.ts'
import { CAST, rehearse } from './rehearsal.ts'
import { emptyState, IDLE_DEFAULTS } from './state.ts'
import { nextTimer, sleepAllowed, timerSubmission } from './timers.ts'

const { ann, bob } = CAST

function opened(idle?: IdleLimits) {
  const story = rehearse()
  story.submit({ sender: ann, key: 'open', command: { type: 'open', mode: 'live', ...(idle && { idle }) } }, 1_000)
  return story
}

function timerOf(story: ReturnType<typeof opened>) {
  const timer = nextTimer(story.state)
  assert.ok(timer)
  return timer
}

// Which steps follow each other, with the milliseconds between them.
const COURSES: readonly (readonly [string, IdleLimits, readonly (readonly [string, number])[]])[] = [
  [
    'all three steps',
    { alertMs: 100, secondAlertMs: 50, closeMs: 20 },
    [
      ['idle-alert', 100],
      ['idle-second-alert', 50],
      ['idle-close', 20],
    ],
  ],
  [
    'no second alert',
    { alertMs: 100, secondAlertMs: 0, closeMs: 20 },
    [
      ['idle-alert', 100],
      ['idle-close', 20],
    ],
  ],
  [
    'no first alert',
    { alertMs: 0, secondAlertMs: 50, closeMs: 20 },
    [
      ['idle-second-alert', 50],
      ['idle-close', 20],
    ],
  ],
  ['closing alone', { alertMs: 0, secondAlertMs: 0, closeMs: 20 }, [['idle-close', 20]]],
  ['an alert alone', { alertMs: 100, secondAlertMs: 0, closeMs: 0 }, [['idle-alert', 100]]],
  ['no idle control', { alertMs: 0, secondAlertMs: 0, closeMs: 0 }, []],
]

for (const [title, limits, expected] of COURSES)
  test(`idle control takes its steps in turn: ${title} [CO9]`, () => {
    const story = opened(limits)
    const course: [string, number][] = []
    for (let timer = nextTimer(story.state); timer; timer = nextTimer(story.state)) {
      course.push([timer.kind, timer.dueAt - story.state.lastAt])
      assert.equal(story.submit(timerSubmission(timer), timer.dueAt).kind, 'accepted')
    }
    assert.deepEqual(course, expected)
    assert.equal(story.state.phase, limits.closeMs > 0 ? 'closed' : 'open')
    if (limits.closeMs > 0) assert.equal(story.state.closeReason, 'idle')
  })

test('whoever fires a timer, its effect happens once [CO9]', () => {
  const story = opened()
  const timer = timerOf(story)
  assert.deepEqual(story.submit(timerSubmission(timer), timer.dueAt), {
    kind: 'accepted',
    seq: 3,
    reason: 'gave an idle alert, because nobody wrote for 255000 ms',
    events: story.events.slice(2),
  })
  assert.deepEqual(story.submit(timerSubmission(timer), timer.dueAt + 5), { kind: 'duplicate', seq: 3 })
})

test('a timer that something overtook has no effect [CO9]', () => {
  const story = opened()
  const timer = timerOf(story)
  story.submit({ sender: ann, key: 'k', command: { type: 'message', format: 'text', text: 'here I am' } }, 200_000)
  assert.deepEqual(story.submit(timerSubmission(timer), timer.dueAt), { kind: 'refused', code: 'superseded' })
  assert.equal(timerOf(story).dueAt, 455_000)
})

test('a timer that fires early is told how long to wait [CO9]', () => {
  const story = opened()
  const timer = timerOf(story)
  const early = story.submit(timerSubmission(timer), timer.dueAt - 7)
  assert.ok(early.kind === 'refused' && early.code === 'busy' && early.retryAfterMs === 7)
  assert.equal(story.submit(timerSubmission(timer), timer.dueAt).kind, 'accepted')
})

test('what is hidden does not put idle control off [CO9]', () => {
  const story = opened()
  const { dueAt } = timerOf(story)
  story.submit({ sender: bob, key: 'n', command: { type: 'note', text: 'gone?' } }, 100_000)
  assert.equal(timerOf(story).dueAt, dueAt)
})

test('a closed conversation and one that never began wait for nothing [CO9]', () => {
  const story = opened()
  story.submit({ sender: ann, key: 'c', command: { type: 'close', reason: 'by-visitor' } })
  assert.equal(nextTimer(story.state), undefined)
  assert.equal(nextTimer(emptyState), undefined)
  assert.ok(sleepAllowed(story.state, 0))
  assert.ok(sleepAllowed(emptyState, 0))
})

test('a conversation sleeps once it is quiet, unless it would be woken at once [CO9]', () => {
  const story = rehearse()
  story.submit({ sender: ann, key: 'open', command: { type: 'open', mode: 'async' } }, 1_000)
  assert.ok(!sleepAllowed(story.state, 60_999))
  assert.ok(sleepAllowed(story.state, 61_000))
  const alertAt = 1_000 + IDLE_DEFAULTS.async.alertMs
  assert.ok(sleepAllowed(story.state, alertAt - 30_000))
  assert.ok(!sleepAllowed(story.state, alertAt - 29_999))
})
