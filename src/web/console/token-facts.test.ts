import assert from 'node:assert/strict'
import test from 'node:test'
import { staffToken } from '../test-pages-node.ts'
import { claimsIn, rolesOf } from './token-facts.ts'

test('a token of staff says who holds it, whatever letters his name has', () => {
  const claims = claimsIn(staffToken(['audit'], { name: 'Zoë Ångström 明' }))
  assert.equal(claims?.name, 'Zoë Ångström 明')
  assert.equal(claims?.subject, 'ada')
  assert.deepEqual(claims?.scopes, ['audit'])
})

test('what is no token of staff says nothing', () => {
  const visitor = `x.${Buffer.from('{"kind":"visitor","name":"Vera","sub":"v"}').toString('base64url')}.x`
  const broken = `x.${Buffer.from('{"kind":"staff"').toString('base64url')}.x`
  for (const token of ['', 'hfk_key', 'a.b.c', 'x.bnVsbA.x', visitor, broken]) assert.equal(claimsIn(token), undefined)
})

test('roles are told by what the token gives', () => {
  const agent = { role: 'agent' } as const
  assert.deepEqual(rolesOf({ ...agent, scopes: ['conversations', 'tokens', 'audit', 'admin'] }), ['admin'])
  assert.deepEqual(rolesOf({ role: 'supervisor', scopes: ['conversations'] }), ['supervisor'])
  assert.deepEqual(rolesOf({ ...agent, scopes: ['conversations', 'audit'] }), ['agent', 'auditor'])
  assert.deepEqual(rolesOf({ ...agent, scopes: ['tokens'] }), ['tokens'])
  assert.deepEqual(rolesOf({ ...agent, scopes: [] }), [])
})
