import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { compare } from './compare.ts'
import { comparePage } from './compare-page.ts'
import { compareLines, compareReport, valueText } from './compare-report.ts'
import type { Arena, Measure, Trial } from './comparison.ts'
import { QUICK_SCALE } from './comparison-scale.ts'
import type { PhaseFigures } from './measured-phase.ts'
import { allMeasures } from './measures/all-measures.ts'
import { bestInTime } from './measures/r1-throughput.ts'

const machine = { cpu: 'Abacus', cores: 2, memoryGiB: 4, platform: 'linux-x64', node: '24.0.0' }
const facts = {
  machine,
  versions: ['Node 24.0.0'],
  rounds: 1,
  quick: true,
  scale: QUICK_SCALE,
  leftOut: ['S is left out: no Redis'],
}

const arena: Arena = {
  clock: new ManualClock(),
  rounds: 1,
  scale: QUICK_SCALE,
  entrants: [],
  startGrown: () => Promise.reject(new Error('nothing starts here')),
  singleRows: () => Promise.reject(new Error('nothing starts here')),
  appends: () => Promise.resolve([]),
  restoreMs: () => Promise.resolve([]),
  say() {},
  stopped: () => false,
}

function measureOf(id: string, trial: Trial, holds: boolean): Measure {
  const bar = { sentence: 'at most 1: pebbles', median: 0.5, min: 0.25, max: 0.75, holds }
  return { id, title: 'pebbles', method: 'By hand.', trial, bars: () => [bar] }
}

test('[BE3] a trial that several measures read runs once', async () => {
  let runs = 0
  const trial: Trial = {
    name: 'counting',
    run: () => {
      runs += 1
      return Promise.resolve([{ system: 'Holdfast', what: 'pebbles', samples: [1, 2, 3.000001] }])
    },
  }
  const outcomes = await compare(arena, [measureOf('R1', trial, true), measureOf('R2', trial, true)], () => {})
  assert.equal(runs, 1)
  const report = compareReport(outcomes, facts)
  assert.equal(report.passed, true)
  assert.deepEqual(report.measures[1]?.figures[0]?.samples, [1, 2, 3])
  const page = comparePage(report)
  assert.equal(page.match(/\| Holdfast \| pebbles \| 2 \(1 to 3\) \|/g)?.length, 1)
  assert.match(page, /Its figures stand at R1\./)
})

test('[BE7] one missed bar fails the comparison, and the page says so and why', async () => {
  const trial: Trial = { name: 'nothing', run: () => Promise.resolve([]) }
  const outcomes = await compare(arena, [measureOf('R1', trial, true), measureOf('R2', trial, false)], () => {})
  const report = compareReport(outcomes, facts)
  assert.equal(report.passed, false)
  assert.deepEqual(compareLines(report), [
    'S is left out: no Redis',
    'R1: pebbles',
    '  at most 1: pebbles: 0.5 (0.25 to 0.75): holds',
    'R2: pebbles',
    '  at most 1: pebbles: 0.5 (0.25 to 0.75): MISSED',
    'Not all bars hold.',
  ])
  const page = comparePage(report)
  assert.match(page, /\| R2 \| at most 1: pebbles \| 0\.5 \(0\.25 to 0\.75\) \| \*\*missed\*\* \|/)
  assert.match(page, /## What we lose at, and why\n\n- \*\*R2\*\*: Half of the messages/)
  assert.match(page, /A quick run/)
  assert.match(page, /- Left out: S is left out: no Redis/)
})

test('[BE9] a trial that fails leaves the others, and none of its bars holds', async () => {
  const broken: Trial = { name: 'broken', run: () => Promise.reject(new Error('The broker ended.')) }
  const sound: Trial = { name: 'sound', run: () => Promise.resolve([]) }
  const outcomes = await compare(
    arena,
    [...allMeasures(QUICK_SCALE).slice(0, 1), measureOf('R2', sound, true)],
    () => {},
  )
  assert.match(outcomes[0]?.failure ?? '', /nothing starts here/)
  const [first] = await compare(arena, [{ ...measureOf('R3', broken, true), bars: () => [] }], () => {})
  const report = compareReport(first ? [first] : [], facts)
  assert.equal(report.passed, false)
  assert.match(comparePage(report), /It was not measured: The broker ended\./)
  assert.ok(compareLines(report).includes('  not measured: The broker ended.'))
})

test('[BE9] every measure of the promises is there, and none of its bars holds where nothing was measured', () => {
  const measures = allMeasures(QUICK_SCALE)
  assert.deepEqual(
    measures.map(({ id }) => id),
    ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9'],
  )
  for (const { bars } of measures) {
    assert.ok(bars([]).length > 0)
    assert.ok(bars([]).every(({ holds }) => !holds))
  }
})

test('a figure has as many digits as say something', () => {
  assert.equal(valueText({ median: 12_345.6, min: 0.123456, max: 99.99 }), '12,346 (0.123 to 100)')
  assert.equal(valueText({ median: 2, min: 2, max: 2 }), '2')
  assert.equal(valueText({}), 'not measured')
})

const phase: PhaseFigures = {
  acknowledgedPerSecond: 1000,
  deliveredPerSecond: 4000,
  ackMs: { count: 10, min: 1, p50: 2, p99: 90, max: 95 },
  generatorCpuMsPer1000: 20,
  refused: 0,
  socketsClosed: 0,
  complete: true,
}

test('[BE11] the best rate is the highest whose acknowledgements were in time', () => {
  const faster = { ...phase, acknowledgedPerSecond: 2000 }
  const late = { ...phase, acknowledgedPerSecond: 3000, ackMs: { count: 10, min: 1, p50: 2, p99: 101, max: 200 } }
  const rate = 'acknowledged messages/s'
  assert.equal(bestInTime([phase, faster, late])[rate], 2000)
  assert.equal(bestInTime([late])[rate], 0)
})
