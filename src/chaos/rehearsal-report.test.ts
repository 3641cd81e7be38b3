import assert from 'node:assert/strict'
import test from 'node:test'
import { FAULTS, type FaultKind } from './log-checker.ts'
import { rehearsalMarkdown } from './rehearsal-markdown.ts'
import { rehearsalLines, rehearsalReport } from './rehearsal-report.ts'
import type { RehearsalResult, StepResult } from './rehearsal-result.ts'

const NONE = Object.fromEntries(Object.keys(FAULTS).map((kind) => [kind, 0])) as Record<FaultKind, number>
const kill: StepResult = {
  step: 'kill',
  node: 'n1',
  question: 'Kill n1?',
  gapMsMax: 1000,
  keepsSockets: true,
  outcome: 'done',
  startedAtMs: 0,
  tookMs: 2400,
  worst: { client: 'visitor-0', gapMs: 220, fromMs: -10 },
  takeovers: [
    { conversation: 'c1', from: 'n1', to: 'n2' },
    { conversation: 'c2', from: 'n1', to: 'n3' },
    { conversation: 'c3', from: 'n1', to: 'n2' },
    { conversation: 'c4', from: 'n4', to: 'n5' },
  ],
  takenOverMs: 165,
  socketsClosed: 0,
  counts: NONE,
  faults: [],
  acknowledged: 100,
}
const { node: _node, ...anybody } = kill
const cut: StepResult = {
  ...anybody,
  step: 'cut',
  keepsSockets: false,
  gapMsMax: 2000,
  takeovers: [],
  socketsClosed: 8,
}
const rehearsed = (steps: readonly StepResult[], more: Partial<RehearsalResult> = {}) =>
  rehearsalReport({
    startedAtMs: Date.UTC(2026, 0, 31, 15, 20, 1, 250),
    publicUrl: 'https://chat.example',
    version: '1.0.0',
    nodes: [],
    node: 'n1',
    canaries: 4,
    steps,
    chronicle: [{ atMs: Date.UTC(2026, 0, 31, 15, 20, 2, 7), sentence: 'n1 is killed.' }],
    leftBehind: [],
    interrupted: false,
    ...more,
  })

test('[CA21] a rehearsal passes when something was done and all of it held', () => {
  const report = rehearsed([kill, { ...cut, outcome: 'declined' }])
  assert.equal(report.passed, true)
  assert.deepEqual(rehearsalLines(report), [
    'PASS     kill n1: gap 220 ms (visitor-0), 0 lost, 0 duplicated, 0 reordered, taken over after 165 ms by n2 (2), n3 (1), 0 sockets closed, over after 2400 ms',
    'DECLINED cut canary clients',
    'PASS: 1 of 2 steps done on n1, 4 canary conversations, 200 acknowledged messages',
  ])
  assert.equal(rehearsed([{ ...kill, outcome: 'declined' }]).passed, false)
  assert.equal(rehearsed([kill], { interrupted: true }).passed, false)
  assert.equal(rehearsed([kill], { leftBehind: ['n1 is still out of service.'] }).passed, false)
})

test('[CA21] whatever is missed, was not measured or broke fails its step, and the report says what to do', () => {
  const { worst: _worst, ...unmeasured } = kill
  const { takenOverMs: _takenOver, ...unowned } = kill
  const table: readonly (readonly [StepResult, RegExp])[] = [
    [{ ...kill, worst: { client: 'agent-1', gapMs: 1001, fromMs: 0 } }, /decisions `tombstone` and `adopt`/],
    [unmeasured, /decisions `tombstone` and `adopt`/],
    [{ ...kill, step: 'drain', worst: { client: 'agent-1', gapMs: 1001, fromMs: 0 } }, /append latency/],
    [{ ...cut, worst: { client: 'agent-1', gapMs: 2001, fromMs: 0 } }, /more than one edge/],
    [unowned, /limits.conversations/],
    [{ ...kill, takenOverMs: 5001 }, /limits.conversations/],
    [{ ...kill, socketsClosed: 1 }, /idle timeout/],
    [{ ...kill, unsettled: 'visitor-0 waits' }, /still without an answer/],
    [{ ...kill, counts: { ...NONE, lost: 1 } }, /must never happen/],
    [{ ...kill, counts: { ...NONE, duplicated: 1 } }, /must never happen/],
    [
      { ...kill, outcome: 'broken', trouble: 'n1 did not come back.' },
      /n1 did not come back. Look at `holdfast status`/,
    ],
  ]
  for (const [step, advice] of table) {
    const report = rehearsed([kill, step])
    assert.equal(report.passed, false, String(advice))
    assert.deepEqual(
      report.steps.map(({ verdict }) => verdict),
      ['PASS', 'FAIL'],
    )
    assert.match(report.steps[1]?.advice.join('\n') ?? '', advice)
    assert.match(rehearsalMarkdown(report), advice)
  }
})

test('[CA21] the document tells what was done when, who took over, what was left out and what was left behind', () => {
  const steps: readonly StepResult[] = [
    kill,
    { ...kill, step: 'drain', outcome: 'left-out', leftOut: 'there is no supervisor' },
  ]
  const text = rehearsalMarkdown(rehearsed(steps, { leftBehind: ['n1 is still out of service.'] }))
  for (const line of [
    'https://chat.example, Holdfast 1.0.0, 2026-01-31 15:20:01 UTC: **FAIL**',
    '| kill n1 | PASS | 220 ms (1000 ms) | 0 lost, 0 duplicated, 0 reordered | n2 (2), n3 (1) after 165 ms | 2400 ms |',
    '| drain n1 | LEFT OUT | there is no supervisor |  |  |  |',
    '- 15:20:02.007 n1 is killed.',
    '- n1 is still out of service.',
  ])
    assert.ok(text.split('\n').includes(line), `${line}\n\n${text}`)
})
