import assert from 'node:assert/strict'
import test from 'node:test'
import { METRICS, type MetricName, memoryMetrics } from '../base/metrics.ts'
import { createPrometheus, prometheusName } from './prometheus.ts'

test('[OP5] every metric of the table is scraped under its name, with its help and its present value', async () => {
  const metrics = memoryMetrics()
  const prometheus = createPrometheus(metrics, { node: 'n1', process: false })
  const names = Object.keys(METRICS) as MetricName[]
  for (const [index, name] of names.entries()) {
    if (METRICS[name].kind === 'counter') metrics.count(name, index)
    else metrics.gauge(name, index)
  }
  for (const attempt of ['first', 'second']) {
    const text = await prometheus.render()
    for (const [index, name] of names.entries()) {
      assert.ok(text.includes(`# TYPE ${prometheusName(name)} ${METRICS[name].kind}`), name)
      assert.ok(text.includes(`${prometheusName(name)}{node="n1"} ${index}\n`), `${name} at the ${attempt} scrape`)
    }
  }
})

test('the numbers of the process are there where they are asked for', async () => {
  const text = await createPrometheus(memoryMetrics(), { node: 'n1', process: true }).render()
  assert.match(text, /process_resident_memory_bytes\{node="n1"\} \d+/)
})
