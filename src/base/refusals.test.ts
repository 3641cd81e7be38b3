import assert from 'node:assert/strict'
import test from 'node:test'
import { AssertionFailure, assert as assertStays, unreachable } from './assertion.ts'
import { METRICS, type MetricName, memoryMetrics } from './metrics.ts'
import { REFUSALS, refuse } from './refusals.ts'

test('[BA2] every refusal says in one sentence what it means, and has a status of its kind', () => {
  for (const [code, { http, meaning, definite }] of Object.entries(REFUSALS)) {
    assert.match(code, /^[a-z]+(?:-[a-z]+)*$/)
    assert.match(meaning, /^[A-Z].*\.$/, code)
    assert.ok(http >= 400 && http < 600, code)
    // A client's own fault is always definite; what may or may not have happened is the server's.
    if (!definite) assert.ok([429, 500, 503].includes(http), code)
  }
})

test('[BA2] a refusal is a value with nothing in it that was not given', () => {
  assert.deepEqual(refuse('busy'), { kind: 'refused', code: 'busy' })
  assert.deepEqual(refuse('busy', { retryAfterMs: 5 }), { kind: 'refused', code: 'busy', retryAfterMs: 5 })
})

test('[BA3] a broken assumption throws, whatever the environment', () => {
  assert.throws(() => assertStays(false, 'two owners'), new AssertionFailure('two owners'))
  assert.doesNotThrow(() => assertStays('truthy', 'fine'))
  assert.throws(() => unreachable({ kind: 'new' } as never), /unreachable: \{"kind":"new"\}/)
})

test('[BA4] metrics begin at zero, count, and are read as a copy', () => {
  const metrics = memoryMetrics()
  const names = Object.keys(METRICS) as MetricName[]
  assert.ok(names.every((name) => metrics.read()[name] === 0))
  const before = metrics.read()
  metrics.count('adoptions')
  metrics.count('adoptions', 2)
  metrics.gauge('sockets', 7)
  metrics.gauge('sockets', 5)
  assert.deepEqual(metrics.read(), { ...before, adoptions: 3, sockets: 5 })
  assert.equal(before.adoptions, 0)
})
