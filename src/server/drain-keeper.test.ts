import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { Configuration } from '../config/configuration.ts'
import { DecisionLog } from '../ops/decision-log.ts'
import type { DrainProgress, DrainReport } from '../rollout/drain-driver.ts'
import { DrainKeeper } from './drain-keeper.ts'
import type { NodeSupport } from './node-facade.ts'
import { answerOperators } from './node-questions.ts'

class DrainingNode {
  drains = 0
  #progress: ((progress: DrainProgress) => void) | undefined
  #finish: (report: DrainReport) => void = () => {}

  drain({ onProgress }: { onProgress?: (progress: DrainProgress) => void }): Promise<DrainReport> {
    this.drains += 1
    this.#progress = onProgress
    return new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  progress(total: number, left: number): void {
    this.#progress?.({ total, left, sentence: `${left} left` })
  }

  finish(kind: DrainReport['kind'], moved: number, left: number): void {
    this.#finish({ kind, moved, left, tookMs: 1 })
  }
}

test('[SV32] a drain is one drain however many ask for it, and everybody sees the same state', async () => {
  const node = new DrainingNode()
  let goaways = 0
  const keeper = new DrainKeeper(node, () => goaways++)
  assert.equal(keeper.state().phase, 'none')
  const options = { deadlineMs: 1000, finish: false }
  const both = [keeper.drain(options), keeper.drain(options)]
  assert.deepEqual([node.drains, goaways, keeper.running], [1, 1, true])
  node.progress(10, 4)
  assert.deepEqual(keeper.state(), { phase: 'running', total: 10, left: 4, moved: 6, sentence: '4 left' })
  node.finish('empty', 10, 0)
  const [first, second] = await Promise.all(both)
  assert.deepEqual(first, { phase: 'empty', total: 10, left: 0, moved: 10, sentence: 'The node owns no conversation.' })
  assert.equal(first, second)
  const again = keeper.drain({ deadlineMs: 0, finish: true })
  node.finish('expired', 0, 3)
  assert.equal((await again).phase, 'expired')
  assert.deepEqual([node.drains, goaways], [2, 1], 'a drain that waits sends nobody away')
})

test('questions of other nodes are answered with care for what they hold', async () => {
  const node = new DrainingNode()
  const modes: string[] = []
  const moves: string[] = []
  const answers = new Map<string, (body: unknown) => Promise<unknown>>()
  const decisions = new DecisionLog({ node: 'n1', clock: new ManualClock() })
  decisions.record('adopt', 'because')
  answerOperators(
    {
      onInspect: (question, answer) => answers.set(question, answer),
      setMode: (mode) => modes.push(mode),
      move: async (conversation, to) => moves.push(`${conversation} to ${to}`) > 0,
    },
    {
      drains: new DrainKeeper(node, () => {}),
      decisions,
      metrics: memoryMetrics(),
      startedAt: 7,
      supervised: true,
      config: { configuration: () => new Configuration(3), digest: 'abc' },
      support: () => ({
        ...{ version: '1', runtime: 'v24', startedAt: 7, memoryBytes: 1, settings: {}, log: ['a line'] },
        configuration: { revision: 3, digest: 'abc' },
      }),
    },
  )
  const ask = (question: string, body?: unknown) => answers.get(question)?.(body)
  for (const body of [undefined, null, 5, 'x', { after: 'x', limit: -1 }])
    assert.equal(((await ask('decisions', body)) as unknown[]).length, 1)
  for (const body of [undefined, null, {}, { conversation: 1, to: 'n2' }]) assert.equal(await ask('move', body), false)
  assert.equal(await ask('move', { conversation: 'c', to: 'n2' }), true)
  await ask('disable')
  await ask('enable')
  assert.deepEqual([modes, moves], [['disabled', 'enabled'], ['c to n2']])
  assert.equal(((await ask('drain', { deadlineMs: 5 })) as { phase: string }).phase, 'running')
  node.finish('empty', 0, 0)
  assert.deepEqual(((await ask('support')) as NodeSupport).log, ['a line'])
  assert.deepEqual(await ask('configuration'), { revision: 3, digest: 'abc' })
  assert.deepEqual(await ask('view'), { startedAt: 7, supervised: true, counters: memoryMetrics().read() })
})
