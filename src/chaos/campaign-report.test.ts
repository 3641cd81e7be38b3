import assert from 'node:assert/strict'
import test from 'node:test'
import { campaignMarkdown } from './campaign-markdown.ts'
import { type CampaignTerms, campaignReport } from './campaign-report.ts'
import type { CampaignResult } from './fault-campaign.ts'
import { cutNodePeers } from './faults/cut-node-peers.ts'
import { killChat } from './faults/kill-chat.ts'
import { killEdge } from './faults/kill-edge.ts'
import { checkLog } from './log-checker.ts'
import type { Trial } from './trial.ts'

const machine = { cpu: 'a processor', cores: 2, memoryGiB: 24, platform: 'linux-x64', node: '24.0.0' }
const shape = { edges: 2, chats: 3, conversations: 100, visitorEveryMs: 150, agentEveryMs: 1000, textLength: 200 }
const terms: CampaignTerms = {
  seed: 7,
  setup: { program: '0.1.0', machine, date: '2026-01-01', ...shape, command: 'npx holdfast chaos campaign --seed 7' },
  faults: [killChat, killEdge],
  leftOut: [],
}
const trial: Trial = {
  fault: 'kill-chat',
  victim: 'n1',
  owned: 3,
  worst: { client: 'visitor-1', gapMs: 400, fromMs: -50 },
  adoptedMs: 100,
  servedMs: 350,
  wholeMs: 2000,
  socketsClosed: 0,
}
const edgeTrial: Trial = { ...trial, fault: 'kill-edge', victim: 'e1', owned: 0 }
const gapped = (gapMs: number): Trial => ({ ...trial, worst: { client: 'agent-2', gapMs, fromMs: 0 } })
const verdict = { check: checkLog(new Map(), []), messagesPerSecond: 700 }
const measured = { database: '18.4', standstills: { p99Ms: 3, maxMs: 21 }, lastedMs: 90_000 }
const reported = (trials: readonly Trial[], more: Partial<CampaignResult> = {}, told = terms) =>
  campaignReport({ trials, verdict, counters: { claims: 3 }, ...measured, ...more }, told)

test('[CA10] a campaign tells each class of faults apart, by its own bar', () => {
  const report = reported([trial, gapped(990), { ...edgeTrial, worst: { client: 'c', gapMs: 1900, fromMs: 0 } }])
  assert.equal(report.passed, true)
  assert.deepEqual(
    report.classes.map(({ faultClass, trials, gaps, bar }) => [faultClass, trials, gaps?.maxMs, bar.most]),
    [
      ['kill-chat', 2, 990, 1000],
      ['kill-edge', 1, 1900, 2000],
    ],
  )
  assert.equal(reported([trial, gapped(1001)]).passed, false)
})

test('[CA10] with trials enough to leave the worst one out, the p99 is held to the bar; with fewer, the maximum', () => {
  const many = (count: number) => [...Array.from({ length: count - 1 }, () => trial), gapped(3000)]
  for (const count of [298, 299, 472]) assert.equal(reported(many(count)).passed, false, `${count} trials`)
  const [figures] = reported(many(473)).classes
  assert.equal(figures?.bar.holds, true)
  assert.deepEqual([figures?.gaps?.p99Ms, figures?.gaps?.maxMs], [400, 3000])
  assert.match(
    campaignMarkdown(reported(many(473))),
    /\| 473 \| 400 ms \| 400 ms \| 3,000 ms \| p99 1,000 ms: holds \|/,
  )
  assert.match(
    campaignMarkdown(reported(many(298))),
    /\| 298 \| 400 ms \| - \| 3,000 ms \| maximum 1,000 ms: \*\*missed/,
  )
})

test('[CA10] a campaign fails by one lost word, a fault that did not heal, or a break before its time', () => {
  const check = { ...verdict.check, counts: { ...verdict.check.counts, lost: 1 }, holds: false }
  assert.equal(reported([trial], { verdict: { ...verdict, check } }).passed, false)
  assert.equal(reported([trial], { verdict: { ...verdict, unsettled: 'a client waits' } }).passed, false)
  assert.equal(reported([trial], { brokenOff: 'after 3 trials' }).passed, false)
  assert.equal(reported([]).passed, false)
  for (const name of ['wholeMs', 'servedMs', 'adoptedMs'] as const) {
    const { [name]: _gone, ...rest } = trial
    assert.equal(reported([trial, rest]).passed, false, name)
  }
  const failed = reported([trial, { ...trial, failure: 'No edge has clients.' }])
  assert.equal(failed.passed, false)
  assert.match(campaignMarkdown(failed), /Trial 2, `kill-chat` of n1, did not heal: No edge has clients\.$/m)
})

test('[CA10] the page says how to repeat it, what was counted, what was left out and what it cannot tell', () => {
  const page = campaignMarkdown(reported([trial, edgeTrial], {}, { ...terms, leftOut: [cutNodePeers] }))
  for (const part of [
    '**Every bar held.**',
    '```sh\nnpx holdfast chaos campaign --seed 7\n```',
    '| **lost** | **0** |',
    '| `kill-edge` | SIGKILL of an edge with clients | 1 | 400 ms | 400 ms |',
    '`cut-node-peers` was left out: it needs linux.',
    'PostgreSQL 18.4',
    'was late by 3 ms (p99) and 21 ms (maximum)',
    'SIGKILL does not test the disk',
    '1 min 30 s of faults, one every 45.0 s.',
    '- kill-edge (kill-edge): longest gap 400 ms (bar 2000 ms): holds',
  ])
    assert.ok(page.includes(part), part)
  assert.match(campaignMarkdown(reported([gapped(5000)])), /\*\*NOT every bar held\.\*\*/)
})
