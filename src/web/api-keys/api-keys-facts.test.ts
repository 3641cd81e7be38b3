import assert from 'node:assert/strict'
import test from 'node:test'
import type { ApiKeyRow } from '../../protocol/account-answers.ts'
import { inUseFirst, stateOf } from './api-keys-facts.ts'

function key(id: string, more: Partial<ApiKeyRow> = {}): ApiKeyRow {
  return { id, name: id, scopes: ['tokens'], madeBy: 'Ada', madeAt: 1, ...more }
}

test('[WE94] keys that open something come first, and one that is revoked or over says so', () => {
  const keys = [
    key('over', { endsAt: 100 }),
    key('revoked', { revokedAt: 5, endsAt: 900 }),
    key('good', { endsAt: 101 }),
  ]
  assert.deepEqual(
    keys.map((each) => stateOf(each, 100)),
    ['ended', 'revoked', 'good'],
  )
  assert.deepEqual(
    inUseFirst([...keys, key('endless')], 100).map(({ id }) => id),
    ['good', 'endless', 'over', 'revoked'],
  )
})
