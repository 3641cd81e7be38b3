import assert from 'node:assert/strict'
import test from 'node:test'
import { beginStartWatch, judgeStart, type StartSight } from './start-decision.ts'

/** Looks once a second until somebody gives up; answers when that was, and when the operator was told. */
function watched(sightAt: (second: number) => { answer: StartSight['answer']; logBytes: number }) {
  let watch = beginStartWatch(0, 0)
  const told: number[] = []
  for (let second = 1; second <= 3600; second++) {
    const judged = judgeStart(watch, { nowMs: second * 1000, ...sightAt(second) })
    if (judged.act === 'give-up') return { gaveUpAfter: second, told }
    if (judged.act === 'tell') told.push(second)
    watch = judged.watch
  }
  return { told }
}

test('[SE20] a server that says it is starting up is waited for as long as it says so, and the operator is told', () => {
  const { gaveUpAfter, told } = watched(() => ({ answer: 'starting-up', logBytes: 0 }))
  assert.equal(gaveUpAfter, undefined)
  assert.deepEqual([told.length, ...told.slice(0, 3)], [360, 10, 20, 30])
})

test('[SE20] a server whose log grows is waited for; one that shows nothing is given up two minutes later', () => {
  const { gaveUpAfter } = watched((second) => ({ answer: 'silent', logBytes: Math.min(second, 600) }))
  assert.equal(gaveUpAfter, 720)
  assert.equal(watched(() => ({ answer: 'silent', logBytes: 0 })).gaveUpAfter, 120)
  const refusing = watched((second) => ({ answer: 'refuses', logBytes: second }))
  assert.equal(refusing.gaveUpAfter, 120, 'what it writes of those it refuses is no progress')
})
