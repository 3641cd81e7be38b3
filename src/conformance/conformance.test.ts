import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { realClock } from '../base/real-clock-node.ts'
import { realRandom } from '../base/real-random-node.ts'
import { waitUntil } from '../bench/wait-until.ts'
import { ClusterUnderTest } from '../chaos/cluster-under-test-node.ts'
import { type Door, runCases } from './case-runner-node.ts'
import { ALL_CASES } from './cases/all-cases.ts'

// One real cluster for the whole file: an edge, whose door it is, and a chat node.
let cluster: ClusterUnderTest
let door: Door
let edgePid: number | undefined

before(async () => {
  cluster = await ClusterUnderTest.start({ edges: 1, chats: 1 })
  const { token } = await cluster.visitorSeat(realRandom.id())
  const { hostname, port } = new URL(cluster.socketAddresses[0] ?? '')
  door = { host: hostname, port: Number(port), token }
  edgePid = [...cluster.pids.values()].find(({ role }) => role === 'edge')?.pid
})

after(() => cluster.stop())

for (const [about, cases] of Object.entries(ALL_CASES))
  test(`[HB1] ${about}: every case ends as RFC 6455 and our protocol say`, async (context) => {
    const verdicts = await runCases(cases, door)
    const faults = verdicts.filter(({ fault }) => fault !== undefined)
    context.diagnostic(`${cases.length} cases`)
    assert.equal(verdicts.length, cases.length)
    const lines = faults.map(({ case: { section, title }, fault }) => `${section}: ${title}: ${fault}`)
    assert.equal(faults.length, 0, lines.join('\n'))
  })

test('[HB2] after all cases the same process serves, and no socket is left', async () => {
  const left = async () => (await cluster.counters()).sockets
  assert.notEqual(await waitUntil(realClock, { patienceMs: 5000 }, async () => (await left()) === 0), undefined)
  const edge = (await cluster.nodes()).find(({ role }) => role === 'edge')
  assert.equal(edge?.pid, edgePid)
  assert.equal(edge?.row?.state, 'live')
})
