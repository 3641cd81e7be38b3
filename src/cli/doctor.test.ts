import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { DEVIATIONS, type Deviation, soundFacts } from '../ops/doctor-stage.ts'
import { httpStage, memberRow, staffToken } from '../server/http-stage.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

/** A cluster of which one node is as the test says; answers how to reach it. */
async function clusterWith(context: TestContext, deviation: Partial<Deviation>) {
  const { app, node, clock } = await httpStage()
  context.after(() => app.close())
  node.members_ = [memberRow('e1', ['edge']), memberRow('n2', ['chat'])]
  node.inspect = async (name, question) => {
    if (question === 'wall-clock') return clock.wallMs()
    return soundFacts(name === 'n2' ? deviation.facts : {})
  }
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { url, token: staffToken('audit') }
}

function directory(context: TestContext): string {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-doctor-'))
  context.after(() => rmSync(data, { recursive: true }))
  return data
}

test('[CI32] doctor shows every check of every node, tells what is wrong and what to do, and fails only where something failed', async (context) => {
  const cases = [
    [{}, EXIT.done, 'ok', /^Everything is as it should be\.$/],
    [DEVIATIONS.time, EXIT.done, 'ok', /^Nothing failed; 1 of \d+ should be looked at\.$/],
    [DEVIATIONS.disk, EXIT.failed, 'FAILED', /^1 of \d+ need something to be done\.$/],
  ] as const
  for (const [deviation, code, disk, summary] of cases) {
    const { url, token } = await clusterWith(context, deviation)
    const outcome = await runVerb(['doctor', '--url', url, '--token', token])
    assert.equal(outcome.code, code, outcome.err.join('\n'))
    assert.match(outcome.out.find((line) => line.startsWith('check ')) ?? '', /^check +e1 +n2$/)
    assert.equal(outcome.out.find((line) => line.startsWith('disk '))?.replace(/ +/g, ' '), `disk ok ${disk}`)
    assert.match(outcome.out.at(-1) ?? '', summary)
    const told = outcome.out.findIndex((line) => / {2}\w+: n2: /.test(line))
    if ('sentence' in deviation) assert.match(outcome.out[told] ?? '', deviation.sentence)
    if ('sentence' in deviation) assert.match(outcome.out[told + 1] ?? '', /^ +-> [A-Z]/)
  }
})

test('[CI32] what doctor finds of a cluster can be read by programs, and nothing of this machine is mixed in', async (context) => {
  const { url, token } = await clusterWith(context, DEVIATIONS.disk)
  const { code, out } = await runVerb(['doctor', '--json'], { env: { HOLDFAST_URL: url, HOLDFAST_TOKEN: token } })
  const { ok, findings, cluster } = JSON.parse(out.join(''))
  assert.deepEqual([code, ok, findings, cluster.node], [EXIT.failed, false, [], 'e1'])
  assert.deepEqual(cluster.nodes[1].facts.disk, DEVIATIONS.disk.facts.disk)
})

test('[CI32] before the first start doctor looks at this machine alone, and beside a cluster that is silent it says so', async (context) => {
  const data = directory(context)
  const names = async () => {
    const { out } = await runVerb(['doctor', '--data', data, '--json'])
    const { findings, cluster } = JSON.parse(out.join(''))
    assert.equal(cluster, undefined)
    return findings.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)
  }
  const before = await names()
  assert.ok(before.includes('runtime ok') && !before.some((each: string) => each.startsWith('cluster')), before.join())
  writeFileSync(join(data, 'admin.token'), 'a token')
  const file = { urls: ['http://127.0.0.1:1'], adminTokenFile: join(data, 'admin.token'), nodes: [] }
  writeFileSync(join(data, 'cluster.json'), JSON.stringify(file))
  assert.ok((await names()).includes('cluster failed'))
  const { url } = await clusterWith(context, {})
  writeFileSync(join(data, 'cluster.json'), JSON.stringify({ ...file, urls: [url] }))
  assert.ok((await names()).includes('cluster unknown'), 'a void token hides nothing of the machine')
  const nowhere = await runVerb(['doctor', '--url', 'http://127.0.0.1:1', '--token', 'x'])
  assert.equal(nowhere.code, EXIT.unreachable)
})
