import assert from 'node:assert/strict'
import test from 'node:test'
import { clientPorts } from '../bench/client-ports-node.ts'
import type { Fault } from './fault.ts'
import { healed } from './fault-campaign.ts'
import { fillDisk } from './faults/fill-disk.ts'
import { hostileFrames } from './faults/hostile-frames.ts'
import { LOSE_APPEND_REPLY } from './faults/lose-append-reply.ts'
import { loseAppendRequest } from './faults/lose-append-request.ts'
import { slowConsumers } from './faults/slow-consumers.ts'
import { slowSync } from './faults/slow-sync.ts'
import { stormEdge } from './faults/storm-edge.ts'
import { LoadedCluster } from './loaded-cluster.ts'
import { SeededDice } from './seeded-dice.ts'
import { trialOf } from './trial.ts'

// Draws short lengths.
const SEED = 991
const FAULTS: readonly Fault[] = [
  ...LOSE_APPEND_REPLY,
  loseAppendRequest,
  slowSync,
  stormEdge,
  slowConsumers,
  hostileFrames,
  fillDisk,
]

// Times are for the campaign on a quiet machine; what must hold on any machine is asserted here.
test('[CA25] lost requests and replies, a slow and a full disk, storms, slow and hostile clients: all heal, and nobody loses a word', {
  timeout: 180_000,
}, async (context) => {
  const running = await LoadedCluster.start({ ports: clientPorts(), conversations: 6, everyMs: 150 })
  try {
    await running.load.begin()
    const ground = { running, dice: new SeededDice(SEED), clock: clientPorts().clock }
    for (const fault of FAULTS) {
      if (fault.needs === 'root' && process.getuid?.() !== 0) {
        context.diagnostic(`${fault.name} is left out: it needs root`)
        continue
      }
      const trial = await trialOf(fault, ground)
      context.diagnostic(JSON.stringify(trial))
      assert.ok(healed(trial), JSON.stringify(trial))
    }
    const { indefinite_appends: indefinite = 0 } = await running.cluster.counters()
    const { check, unsettled } = await running.judge()
    context.diagnostic(JSON.stringify({ ...check.counts, acknowledged: check.acknowledged, indefinite }))
    assert.deepEqual(check.faults, [])
    assert.equal(check.holds, true)
    assert.equal(unsettled, undefined)
    assert.ok(indefinite > LOSE_APPEND_REPLY.length, `${indefinite} lost replies were noticed`)
  } finally {
    await running.stop()
  }
})
