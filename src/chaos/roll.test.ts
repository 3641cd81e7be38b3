import assert from 'node:assert/strict'
import test from 'node:test'
import { clientPorts } from '../bench/client-ports-node.ts'
import { rollCampaign } from './roll-campaign.ts'
import { rollLines, rollReport } from './roll-report.ts'

test('[CA7] all chat nodes are replaced one by one under load: 0 refused, 0 lost, no socket closed behind an edge', {
  timeout: 120_000,
}, async (context) => {
  const result = await rollCampaign({
    ports: clientPorts(),
    conversations: 10,
    everyMs: 150,
    onStarted() {},
    onProgress() {},
  })
  for (const line of rollLines(rollReport(result))) context.diagnostic(line)
  const { replacements, verdict, refusals, socketsClosed } = result
  assert.deepEqual(verdict.check.faults, [])
  assert.equal(verdict.check.counts.lost, 0)
  assert.equal(verdict.unsettled, undefined)
  assert.equal(refusals, 0)
  assert.equal(socketsClosed, 0)
  assert.deepEqual(
    replacements.map(({ node }) => node),
    ['n1', 'n2', 'n3'],
  )
  for (const { moved, owned, drainedMs, replacedMs } of replacements) {
    assert.ok(drainedMs !== undefined && replacedMs !== undefined)
    assert.ok(moved >= owned, `${moved} of ${owned} were handed over`)
  }
  assert.ok(replacements.some(({ owned }) => owned > 0))
})
