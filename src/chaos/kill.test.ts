import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import test from 'node:test'
import { clientPorts } from '../bench/client-ports-node.ts'
import type { ClusterUnderTest } from './cluster-under-test-node.ts'
import { type CampaignResult, faultCampaign, timesPlan } from './fault-campaign.ts'
import { killChat } from './faults/kill-chat.ts'
import { killLines, killReport } from './kill-report.ts'
import type { LoadedCluster } from './loaded-cluster.ts'

// Times are for the campaign on a quiet machine; what must hold on any machine is asserted here.
test('[CA5] owners are killed under load: nobody loses a word, every conversation is adopted, no socket closes', {
  timeout: 120_000,
}, async (context) => {
  const seed = 20_260_101
  let running: LoadedCluster | undefined
  const result: CampaignResult = await faultCampaign({
    ports: clientPorts(),
    plan: timesPlan(killChat, 2),
    conversations: 10,
    everyMs: 150,
    seed,
    onStarted: (started) => {
      running = started
    },
    onProgress() {},
  })
  for (const line of killLines(killReport(result, killChat, seed))) context.diagnostic(line)
  const { trials, verdict } = result
  assert.deepEqual(verdict.check.faults, [])
  assert.equal(verdict.check.holds, true)
  assert.equal(verdict.unsettled, undefined)
  assert.ok(verdict.check.acknowledged > 100)
  assert.equal(trials.length, 2)
  for (const trial of trials) {
    assert.ok(trial.owned > 0)
    assert.ok(trial.adoptedMs !== undefined && trial.servedMs !== undefined && trial.wholeMs !== undefined)
    assert.equal(trial.socketsClosed, 0)
  }
  assert.ok(running)
  assertNothingLeft(running.cluster, [...running.cluster.pids.values()])
})

test('[CA6] a campaign that is interrupted ends at once, and leaves no process and no directory', {
  timeout: 60_000,
}, async () => {
  let running: LoadedCluster | undefined
  let nodes: readonly { readonly pid: number }[] = []
  const campaign = faultCampaign({
    ports: clientPorts(),
    plan: timesPlan(killChat, 1000),
    conversations: 2,
    everyMs: 150,
    seed: 1,
    onStarted(started) {
      running = started
      const { cluster } = started
      nodes = [...cluster.pids.values()]
      assert.equal(
        [cluster, ...nodes].every(({ pid }) => isAlive(pid)),
        true,
      )
      // One that is stopped cannot end by itself.
      cluster.signal('n1', 'SIGSTOP')
      void started.stop()
    },
    onProgress() {},
  })
  await assert.rejects(campaign)
  assert.ok(running)
  assertNothingLeft(running.cluster, nodes)
})

function assertNothingLeft(cluster: ClusterUnderTest, nodes: readonly { readonly pid: number }[]): void {
  assert.deepEqual(
    [cluster, ...nodes].filter(({ pid }) => isAlive(pid)),
    [],
  )
  assert.equal(existsSync(cluster.dataDir), false)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
