import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { DecisionLog, rememberingLog } from './decision-log.ts'

const clock = { monotonicMs: () => 0, wallMs: () => 1234, after: () => () => {} }

function filled(count: number, capacity: number): DecisionLog {
  const decisions = new DecisionLog({ node: 'n1', clock, capacity })
  for (let n = 1; n <= count; n++) decisions.record('adopt', `reason ${n}`)
  return decisions
}

const numbers = (decisions: DecisionLog, after: number, limit: number) =>
  decisions.after(after, limit).map((decision) => decision.n)

test('[OP4] decisions are numbered, bounded, and read after the last one seen', () => {
  assert.deepEqual(numbers(filled(0, 4), 0, 10), [])
  assert.deepEqual(numbers(filled(3, 4), 0, 10), [1, 2, 3])
  assert.deepEqual(numbers(filled(3, 4), 2, 10), [3])
  assert.deepEqual(numbers(filled(3, 4), 3, 10), [])
  assert.deepEqual(numbers(filled(3, 4), 99, 10), [])
  for (const count of [4, 5, 7, 8, 9, 100]) {
    assert.deepEqual(numbers(filled(count, 4), 0, 10), [count - 3, count - 2, count - 1, count], `${count} recorded`)
    assert.deepEqual(numbers(filled(count, 4), 0, 2), [count - 1, count], 'the newest where more are left')
  }
})

test('a remembering log passes decisions on and keeps them', () => {
  const decisions = new DecisionLog({ node: 'n1', clock })
  const passed: string[] = []
  const log = rememberingLog({ ...silentLog, decision: (what) => passed.push(what) }, decisions)
  log.decision('adopt', 'because', { conversation: 'c' })
  log.info('not a decision')
  assert.deepEqual(passed, ['adopt'])
  assert.deepEqual(decisions.after(0, 10), [
    { n: 1, at: 1234, node: 'n1', what: 'adopt', reason: 'because', conversation: 'c' },
  ])
})
