import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { Interrupted, RehearsalActs } from './rehearsal-acts.ts'
import { RehearsedCluster, type RestCalls } from './rehearsed-cluster.ts'

test('[CA22] a node counts as enabled again only when the cluster sees it in service', async () => {
  const clock = new ManualClock()
  const interruption = new AbortController()
  const told: string[] = []
  // A view follows what a node says of itself by a beat: two views after `enable` still show it draining.
  let viewsUntilSeen = Number.POSITIVE_INFINITY
  const calls: RestCalls = {
    async get<Answer>(path: string) {
      if (path.endsWith('/drain')) return { phase: 'running', moved: 0, sentence: '' } as Answer
      const mode = viewsUntilSeen-- > 0 ? 'draining' : 'enabled'
      return { nodes: [{ name: 'n1', mode, state: 'live' }] } as Answer
    },
    async post<Answer>(path: string) {
      if (path.endsWith('/drain')) interruption.abort()
      if (path.endsWith('/enable')) viewsUntilSeen = Math.min(viewsUntilSeen, 2)
      return {} as Answer
    },
  }
  const acts = new RehearsalActs({
    cluster: new RehearsedCluster(() => calls),
    clock,
    drainDeadlineMs: 1000,
    watchMs: 1000,
    onLine: ({ sentence }) => told.push(sentence),
    interrupted: interruption.signal,
  })
  await assert.rejects(acts.drain('n1'), Interrupted)
  let leftBehind: readonly string[] | undefined
  const undone = acts.undo().then((left) => {
    leftBehind = left
  })
  await clock.advance(200)
  assert.equal(leftBehind, undefined)
  assert.equal(told.includes('n1 is enabled again.'), false)
  await clock.advance(200)
  await undone
  assert.deepEqual(leftBehind, [])
  assert.equal(told.at(-1), 'n1 is enabled again.')
})
