import assert from 'node:assert/strict'
import test from 'node:test'
import { clientPorts } from '../bench/client-ports-node.ts'
import { faultCampaign, healed } from './fault-campaign.ts'
import { cutNodeDatabase } from './faults/cut-node-database.ts'
import { endSessions } from './faults/end-sessions.ts'
import { forgetClients } from './faults/forget-clients.ts'
import { killChat } from './faults/kill-chat.ts'
import type { LoadedCluster } from './loaded-cluster.ts'
import { peersOf } from './peers-of.ts'

// Times are for the campaign on a quiet machine; what must hold on any machine is asserted here.
test('[CA9] a campaign of different faults: each is done and heals, and nobody loses a word', {
  timeout: 120_000,
}, async (context) => {
  const faults = [endSessions, cutNodeDatabase, forgetClients, killChat]
  let running: LoadedCluster | undefined
  const { trials, verdict, brokenOff } = await faultCampaign({
    ports: clientPorts(),
    plan: {
      next(_, { trials: done }) {
        if (done === 0 && running) assertWired(running)
        return faults[done]
      },
      share: () => 0,
    },
    conversations: 10,
    everyMs: 150,
    seed: 20_260_102,
    onStarted(started) {
      running = started
    },
    onProgress() {},
  })
  for (const trial of trials) context.diagnostic(JSON.stringify(trial))
  assert.deepEqual(
    trials.map(({ fault }) => fault),
    faults.map(({ name }) => name),
  )
  assert.deepEqual(
    trials.filter((trial) => !healed(trial)),
    [],
  )
  const [, cut, forgotten] = trials
  assert.ok((cut?.faultMs ?? 0) >= 1000)
  assert.ok((forgotten?.socketsClosed ?? 0) > 0, 'clients noticed that their line was dead')
  assert.deepEqual(verdict.check.faults, [])
  assert.equal(verdict.unsettled, undefined)
  assert.equal(brokenOff, undefined)
  assert.ok(verdict.check.acknowledged > 100)
})

/** Every way leads through a proxy. */
function assertWired({ cluster, wires }: LoadedCluster): void {
  const clients = ['e1', 'e2'].map((edge) => wires.clientsAndEdge(edge).connections)
  assert.deepEqual(clients, [10, 10], 'a visitor and an agent of ten conversations')
  for (const name of cluster.pids.keys()) assert.ok(wires.nodeAndDatabase(name).connections > 0, name)
  if (process.platform !== 'linux') return
  for (const name of cluster.pids.keys())
    assert.equal(wires.nodeAndPeers(name, peersOf({ cluster }, name)).connections, 4)
}
