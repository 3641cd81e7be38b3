import assert from 'node:assert/strict'
import test from 'node:test'
import { checkLog } from './log-checker.ts'
import type { Replacement } from './roll-campaign.ts'
import { rollReport } from './roll-report.ts'

const replaced: Replacement = {
  node: 'n1',
  owned: 4,
  moved: 4,
  drainedMs: 60,
  replacedMs: 900,
  worst: { client: 'visitor-1', gapMs: 170, fromMs: 5 },
}
const verdict = { check: checkLog(new Map(), []), messagesPerSecond: 60 }
const missed = (...replacements: readonly Replacement[]) =>
  rollReport({ replacements, verdict, refusals: 0, socketsClosed: 0 })
    .bars.filter(({ holds }) => !holds)
    .map(({ name }) => name)

test('[CA7] a replacement that left a conversation to be adopted fails, whatever the others moved', () => {
  const idle = { ...replaced, owned: 0, moved: 0 }
  assert.deepEqual(missed(replaced, replaced), [])
  assert.deepEqual(missed({ ...replaced, moved: 3 }, { ...replaced, moved: 5 }), ['conversations not handed over'])
  assert.deepEqual(missed(idle, replaced), [], 'one node may own nothing')
  assert.deepEqual(missed(idle), ['conversations not handed over'], 'where nobody owns anything nothing was tried')
})

test('[CA7] a replacement that did not end, or that nobody could time, fails', () => {
  const { drainedMs: _, ...undrained } = replaced
  const { worst: __, ...untimed } = replaced
  assert.deepEqual(missed(undrained), ['nodes not replaced'])
  assert.deepEqual(missed(untimed), ['worst handover gap'])
})
