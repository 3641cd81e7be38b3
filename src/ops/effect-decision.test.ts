import assert from 'node:assert/strict'
import test from 'node:test'
import { afterAttempt, beforeAttempt, RETRY_LIMITS } from './effect-decision.ts'

const LIMITS = { firstMs: 1000, delayMsMax: 8000, attemptsMax: 5 }
const later = { kind: 'later', reason: 'away' } as const

test('[OP12] what failed comes again, later each time, never all at the same moment', () => {
  const delays = [1, 2, 3, 4].map((attempt) =>
    [0, 0.999].map((fraction) => {
      const verdict = afterAttempt(later, attempt, fraction, { ...LIMITS, delayMsMax: 4000 })
      return verdict.kind === 'postpone' ? verdict.delayMs : -1
    }),
  )
  assert.deepEqual(delays, [
    [500, 1000],
    [1000, 1999],
    [2000, 3998],
    [2000, 3998],
  ])
})

test('[OP12] whatever the dice say, what is away for a weekend is waited for', () => {
  const attempts = Array.from({ length: RETRY_LIMITS.attemptsMax - 1 }, (_, index) => index + 1)
  const delays = attempts.map((attempt) => afterAttempt(later, attempt, 0, RETRY_LIMITS))
  const ms = delays.reduce((sum, verdict) => sum + (verdict.kind === 'postpone' ? verdict.delayMs : 0), 0)
  assert.ok(ms > 2 * 86_400_000)
})

test('[OP13] what can never work, or failed too often, is a dead letter with its reason', () => {
  assert.deepEqual(afterAttempt({ kind: 'never', reason: '550' }, 1, 0, LIMITS), { kind: 'bury', reason: '550' })
  assert.deepEqual(afterAttempt(later, 5, 0, LIMITS), {
    kind: 'bury',
    reason: '5 attempts failed, the last one: away',
  })
  assert.equal(afterAttempt({ kind: 'done' }, 5, 0, LIMITS).kind, 'settle')
})

test('[OP13] what kills whoever takes it is given up, too', () => {
  assert.equal(beforeAttempt(5, LIMITS), undefined)
  assert.equal(beforeAttempt(6, LIMITS)?.kind, 'bury')
})
