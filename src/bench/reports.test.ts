import assert from 'node:assert/strict'
import test from 'node:test'
import { APPEND_SHAPES, appendLines, appendReport, SINGLE_ROW } from './append-report.ts'
import type { ChatFigures } from './chat-bench.ts'
import { chatLines, chatReport } from './chat-report.ts'
import type { PhaseFigures } from './measured-phase.ts'

const machine = { cpu: 'Abacus', cores: 2, memoryGiB: 4, platform: 'linux-x64', node: '24.0.0' }

function appendWith(rates: readonly number[]) {
  const names = [SINGLE_ROW, ...APPEND_SHAPES.map(({ name }) => name)]
  const samples = new Map(names.map((name, index) => [name, [0.9, 1, 1.1].map((share) => share * (rates[index] ?? 0))]))
  return appendReport(samples, { machine, database: 'PostgreSQL 18', singleRowClients: 32 })
}

test('[BE7] the append benchmark passes when the factors of both shapes hold', () => {
  const report = appendWith([1000, 4000, 6000])
  assert.equal(report.passed, true)
  assert.deepEqual(appendLines(report), [
    'Abacus, 2 cores, Node 24.0.0, PostgreSQL 18',
    '3 samples each, interleaved forth and back; rows of 200 bytes, durable commits; single-row commits by 32 clients',
    'single-row commits       1000 rows/s   (900 to 1100)',
    'fenced 1000 x 1          4000 rows/s   (3600 to 4400)',
    'fenced 100 x 5           6000 rows/s   (5400 to 6600)',
    'fenced 1000 x 1: 4.0 times single-row commits (bar 4): holds',
    'fenced 100 x 5: 6.0 times single-row commits (bar 6): holds',
  ])
})

test('[BE7] the append benchmark fails when one factor does not hold', () => {
  const report = appendWith([1000, 4000, 5900])
  assert.equal(report.passed, false)
  assert.match(appendLines(report).at(-1) ?? '', /5\.9 times .* MISSED/)
})

const phase: PhaseFigures = {
  acknowledgedPerSecond: 500,
  deliveredPerSecond: 2000,
  ackMs: { count: 10, min: 1, p50: 2, p99: 9, max: 10 },
  deliveryMs: { count: 40, min: 1, p50: 3, p99: 9, max: 10 },
  serverCpuMsPer1000: 200,
  databaseCpuMsPer1000: 50,
  generatorCpuMsPer1000: 20,
  refused: 0,
  socketsClosed: 0,
  complete: true,
}
const figures: ChatFigures = {
  plan: { rooms: 100, agents: 3, textLength: 200, perSecond: 500, phaseMs: 1000, idleConnections: 100 },
  fixedRate: phase,
  asFastAsItGoes: { ...phase, acknowledgedPerSecond: 3000 },
  bytesPerIdleConnection: 10_240,
}
const facts = { machine, edges: 2, chats: 2 }

test('[BE7] the chat benchmark tells rates, times, CPU and memory', () => {
  const report = chatReport(figures, facts)
  assert.equal(report.passed, true)
  const text = chatLines(report).join('\n')
  assert.match(text, /CPU-ms per 1000 deliveries: 250 \(servers 200, database 50\), generator 20/)
  assert.match(text, /resident memory per idle connection 10\.0 KiB/)
  assert.match(text, /3000 acknowledged messages\/s, ack p50 2\.0 ms, p99 9\.0 ms; all .*: yes$/)
})

test('[BE7] the chat benchmark fails when a message is missing, refused, or a socket closes', () => {
  const missing = { ...figures, asFastAsItGoes: { ...phase, complete: false } }
  const refused = { ...figures, fixedRate: { ...phase, refused: 1 } }
  const closed = { ...figures, fixedRate: { ...phase, socketsClosed: 1 } }
  for (const broken of [missing, refused, closed]) assert.equal(chatReport(broken, facts).passed, false)
})
