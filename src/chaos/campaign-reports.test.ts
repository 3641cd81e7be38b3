import assert from 'node:assert/strict'
import test from 'node:test'
import { barLine, faultBar } from './fault-bars.ts'
import type { CampaignResult } from './fault-campaign.ts'
import { killChat } from './faults/kill-chat.ts'
import { killEdge } from './faults/kill-edge.ts'
import { pauseChat } from './faults/pause-chat.ts'
import { restartDatabase } from './faults/restart-database.ts'
import { killLines, killReport } from './kill-report.ts'
import { checkLog } from './log-checker.ts'
import type { RollResult } from './roll-campaign.ts'
import { rollLines, rollReport } from './roll-report.ts'
import { SeededDice } from './seeded-dice.ts'
import type { Trial } from './trial.ts'

const verdict = { check: checkLog(new Map(), []), messagesPerSecond: 100 }
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
const without = (name: keyof Trial): Trial => {
  const { [name]: _gone, ...rest } = trial
  return rest as Trial
}
const measured = { database: '18.4', standstills: { p99Ms: 3, maxMs: 21 }, lastedMs: 9000 }
const killed = (trials: readonly Trial[], more: Partial<CampaignResult> = {}) =>
  killReport({ trials, verdict, counters: { adoptions: 3 }, ...measured, ...more }, killChat, 7)

test('[CA3] a bar that was not measured does not hold', () => {
  assert.equal(faultBar('gap', undefined, 10).holds, false)
  assert.equal(barLine(faultBar('gap', undefined, 10, 'ms')), 'gap not measured (bar 10 ms): MISSED')
  assert.equal(barLine(faultBar('gap', 10.4, 10, 'ms')), 'gap 10 ms (bar 10 ms): holds')
})

test('[CA3] a kill campaign passes when every bar holds, and tells the figure last', () => {
  const report = killed([trial, { ...trial, worst: { client: 'agent-2', gapMs: 1000, fromMs: -20 } }])
  assert.equal(report.passed, true)
  const lines = killLines(report)
  assert.equal(
    lines[1],
    '1. n1, gap 400 ms from -50 ms on (visitor-1), 3 conversations adopted after 100 ms, whole after 2000 ms, 0 sockets closed',
  )
  assert.equal(
    lines.at(-1),
    "lost 0, duplicated 0, reordered 0, cross delivered 0, holes 0, misplaced 0, revived 0, epochs fallen 0, invented 0; worst client's gap p50 400 ms, maximum 1000 ms over 2 faults",
  )
})

test('[CA3] a kill campaign fails by the worst client, slow adoption, or what did not heal', () => {
  const worst = { client: 'visitor-1', gapMs: 1001, fromMs: -50 }
  assert.equal(killed([trial, { ...trial, worst }]).passed, false)
  assert.equal(killed([{ ...trial, adoptedMs: 5001 }]).passed, false)
  for (const name of ['adoptedMs', 'servedMs', 'wholeMs', 'worst'] as const)
    assert.equal(killed([without(name)]).passed, false, name)
  assert.equal(killed([]).passed, false)
  assert.equal(killed([trial], { verdict: { ...verdict, unsettled: 'a client waits' } }).passed, false)
})

test('[CA3] a kill campaign fails when one acknowledged word is lost', () => {
  const check = { ...verdict.check, counts: { ...verdict.check.counts, lost: 1 }, holds: false }
  const report = killed([trial], { verdict: { ...verdict, check } })
  assert.equal(report.passed, false)
  assert.match(killLines(report).join('\n'), /^lost 1 \(bar 0\): MISSED$/m)
})

test('[CA3] faults have bars of their own', () => {
  const slow = { ...trial, worst: { client: 'visitor-1', gapMs: 1900, fromMs: 0 } }
  const result = { trials: [slow], verdict, counters: {}, ...measured }
  for (const fault of [killEdge, pauseChat, restartDatabase])
    assert.equal(killReport(result, fault, 1).passed, true, fault.name)
  assert.equal(killReport(result, killChat, 1).passed, false)
})

const rolled: RollResult = {
  replacements: [
    {
      node: 'n1',
      owned: 5,
      moved: 5,
      drainedMs: 200,
      replacedMs: 1500,
      worst: { client: 'agent-1', gapMs: 300, fromMs: 0 },
    },
  ],
  refusals: 0,
  socketsClosed: 0,
  verdict,
}

test('[CA3] a roll passes when nobody was refused, cut off or kept waiting', () => {
  const report = rollReport(rolled)
  assert.equal(report.passed, true)
  assert.match(rollLines(report).at(-1) ?? '', /0 refused, 0 sockets closed, worst handover gap 300 ms \(bar 500 ms\)$/)
})

test('[CA3] a roll fails by one refusal, one closed socket, or a node that was not replaced', () => {
  assert.equal(rollReport({ ...rolled, refusals: 1 }).passed, false)
  assert.equal(rollReport({ ...rolled, socketsClosed: 1 }).passed, false)
  assert.equal(rollReport({ ...rolled, replacements: [{ node: 'n1', owned: 1, moved: 0 }] }).passed, false)
})

test('[CA4] the same seed draws the same victims and instants', () => {
  const draw = (seed: number) => {
    const dice = new SeededDice(seed)
    return Array.from({ length: 20 }, () => [dice.between(400, 1600), dice.pick(['n1', 'n2', 'n3'])])
  }
  assert.deepEqual(draw(42), draw(42))
  assert.notDeepEqual(draw(42), draw(43))
  for (const [instant] of draw(42)) assert.ok(Number(instant) >= 400 && Number(instant) < 1600)
  assert.deepEqual(new Set(draw(42).map(([, victim]) => victim)), new Set(['n1', 'n2', 'n3']))
  assert.equal(new SeededDice(1).pick([]), undefined)
})

test('[CA4] who serves much is hit more often, who serves nobody never', () => {
  const dice = new SeededDice(3)
  const weights: Readonly<Record<string, number>> = { n1: 30, n2: 10, n3: 0 }
  const hits = Array.from({ length: 4000 }, () => dice.pickByWeight(Object.keys(weights), (name) => weights[name] ?? 0))
  const share = (name: string) => hits.filter((hit) => hit === name).length / hits.length
  assert.ok(Math.abs(share('n1') - 0.75) < 0.03, String(share('n1')))
  assert.ok(Math.abs(share('n2') - 0.25) < 0.03, String(share('n2')))
  assert.equal(share('n3'), 0)
  assert.equal(
    dice.pickByWeight(['n3'], () => 0),
    undefined,
  )
})
