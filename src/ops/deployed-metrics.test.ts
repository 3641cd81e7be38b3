import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { METRICS, type MetricName, memoryMetrics } from '../base/metrics.ts'
import { createPrometheus, prometheusName } from './prometheus.ts'

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy')
const FILES = ['prometheus/holdfast.rules.yml', 'prometheus/holdfast.rules.test.yml', 'grafana/holdfast.json']
const read = (file: string) => readFileSync(join(DEPLOY, file), 'utf8')

interface Dashboard {
  readonly panels: readonly {
    readonly id: number
    readonly type: string
    readonly title: string
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
    readonly targets?: readonly { readonly expr: string }[]
  }[]
}

test('[OP50] every metric that rules and dashboard name is exported', async () => {
  const process = await createPrometheus(memoryMetrics(), { node: 'n1', process: true }).render()
  const known = new Set((Object.keys(METRICS) as MetricName[]).map(prometheusName))
  for (const [, name = ''] of process.matchAll(/^# TYPE (\S+)/gm)) known.add(name)
  for (const file of FILES) {
    const named = [...read(file).matchAll(/\b(?:holdfast|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name)
    assert.ok(named.length > 5, file)
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
      file,
    )
  }
})

test('[OP50] every rule says what is wrong, how bad it is, and what to do', () => {
  const rules = read('prometheus/holdfast.rules.yml').split('- alert:').slice(1)
  assert.ok(rules.length >= 8)
  for (const rule of rules)
    assert.match(rule, /expr:[\s\S]*severity: (critical|warning)[\s\S]*summary:[\s\S]*description:/, rule)
})

test('the dashboard has panels with a place, a name and a question of their own', () => {
  const { panels } = JSON.parse(read('grafana/holdfast.json')) as Dashboard
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const taken = new Set<string>()
  for (const { title, type, gridPos, targets = [] } of panels) {
    assert.ok(title && (type === 'row' || targets.length > 0), title)
    assert.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!taken.has(`${x},${y}`), `${title} covers another one`)
        taken.add(`${x},${y}`)
      }
  }
})
