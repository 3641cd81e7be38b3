import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { realClock } from '../base/real-clock-node.ts'
import { waitUntil } from '../bench/wait-until.ts'
import { ClusterUnderTest } from '../chaos/cluster-under-test-node.ts'
import type { RehearsalReport } from '../chaos/rehearsal-report.ts'
import { run } from './main.ts'
import { EXIT, type VerbIo } from './verb.ts'
import { runVerb, stageIo } from './verb-stage.ts'

// One real cluster for the whole file: one edge, two chat nodes. Times are for `chaos kill`; what must hold on any
// machine is asserted here.
let cluster: ClusterUnderTest

before(async () => {
  cluster = await ClusterUnderTest.start({ chats: 2, edges: 1 })
  // That a node serves does not say yet that every other one has heard of it.
  await whole()
})

after(() => cluster.stop())

test('[CA22] drain, kill and cut on a running cluster lose nothing, and leave it as it was', async (context) => {
  const file = join(cluster.dataDir, 'rehearsal.md')
  const { out, err } = await rehearse('--yes', '--node', 'n2', '--canaries', '3', '--report', file, '--json')
  context.diagnostic(err.join('\n'))
  const report: RehearsalReport = JSON.parse(out.join('\n'))
  assert.deepEqual(
    report.steps.map(({ step, node, outcome, faults }) => ({ step, node, outcome, faults })),
    [
      { step: 'drain', node: 'n2', outcome: 'done', faults: [] },
      { step: 'kill', node: 'n2', outcome: 'done', faults: [] },
      { step: 'cut', node: undefined, outcome: 'done', faults: [] },
    ],
  )
  for (const step of report.steps) {
    assert.ok(step.acknowledged > 0, step.step)
    assert.equal(step.unsettled, undefined)
    assert.deepEqual(new Set(Object.values(step.counts ?? { none: 1 })), new Set([0]))
  }
  const [drain, kill, cut] = report.steps
  for (const step of [drain, kill]) {
    assert.ok(step?.takeovers.some(({ from, to }) => from === 'n2' && to === 'n1'))
    assert.ok(step?.takenOverMs !== undefined)
    assert.equal(step?.socketsClosed, 0)
  }
  assert.equal(cut?.socketsClosed, 6)
  assert.match(readFileSync(file, 'utf8'), /^# Rehearsal of a failover\n/)
  await assertAsBefore()
})

test('[CA22] an interruption in the middle of a drain enables the node again and closes the canaries', async () => {
  const interruption = new AbortController()
  const { io, err } = stageIo({ clock: realClock })
  const interrupting: VerbIo = {
    ...io,
    interrupted: interruption.signal,
    err(line) {
      io.err(line)
      if (line.endsWith('n1 is asked to drain.')) interruption.abort()
    },
  }
  const words = ['chaos', 'rehearse', '--yes', '--node', 'n1', '--canaries', '2', '--data', cluster.dataDir]
  assert.equal(await run(words, interrupting), EXIT.interrupted)
  assert.match(err.join('\n'), /n1 is enabled again/)
  await assertAsBefore()
})

test('[CA22] each step is asked for on a terminal; what was not said yes to is not done', async () => {
  const { io, out, err } = stageIo({ clock: realClock, lines: ['n', ' No', 'Yes'] })
  const words = ['chaos', 'rehearse', '--canaries', '1', '--data', cluster.dataDir, '--json']
  await run(words, { ...io, interactive: true })
  const report: RehearsalReport = JSON.parse(out.join('\n'))
  assert.deepEqual(
    report.steps.map(({ outcome }) => outcome),
    ['declined', 'declined', 'done'],
  )
  assert.equal(err.filter((line) => line.endsWith('[y/N]')).length, 3)
  await assertAsBefore()
})

test('[CA22] without a terminal, a cluster, a good token or a known node nothing is done, and a sentence says why', async () => {
  const strange = ['--cluster', 'http://127.0.0.1:9', '--token', 'x', '--yes']
  const table: readonly (readonly [number, readonly string[], RegExp])[] = [
    [EXIT.usage, [], /there is no terminal to ask on. --yes/],
    [EXIT.usage, ['--yes', '--steps', 'drain,kil'], /not "kil". Did you mean kill/],
    [EXIT.usage, ['--yes', '--canaries', '0'], /--canaries must be/],
    [EXIT.usage, ['--yes', '--cluster', 'here'], /--cluster must be an address/],
    [EXIT.unreachable, strange, /No node of the cluster answers/],
    [EXIT.failed, ['--yes', '--token', 'x'], /refused the token: .*--scopes admin,tokens/],
    [EXIT.failed, ['--yes', '--node', 'n9'], /No living node is called n9. There are e1, n1, n2/],
    [EXIT.failed, ['--yes', '--node', 'e1'], /too small: e1 is its only edge/],
  ]
  for (const [code, words, message] of table) {
    const outcome = await rehearse(...words)
    assert.equal(outcome.code, code, `${words.join(' ')}: ${outcome.err.join('\n')}`)
    assert.match(outcome.err.join('\n'), message, words.join(' '))
    assert.deepEqual(outcome.out, [])
  }
  await assertAsBefore()
})

function rehearse(...words: readonly string[]) {
  return runVerb(['chaos', 'rehearse', '--data', cluster.dataDir, ...words], { clock: realClock })
}

/** A node's view follows a change by a beat. */
function whole(): Promise<number | undefined> {
  return waitUntil(realClock, { patienceMs: 10_000 }, () => cluster.whole())
}

/** Every node is in service, and no canary is left. */
async function assertAsBefore(): Promise<void> {
  assert.notEqual(await whole(), undefined)
  const { out } = await runVerb(['status', '--json', '--data', cluster.dataDir], { clock: realClock })
  assert.equal(JSON.parse(out.join('')).openConversations, 0)
}
