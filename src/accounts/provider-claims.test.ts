import assert from 'node:assert/strict'
import test from 'node:test'
import { accountNameOf } from './account-name.ts'
import { type ProviderRules, vouchedBy } from './provider-claims.ts'

const RULES: ProviderRules = {
  issuer: 'https://id.example',
  clientId: 'holdfast',
  scope: 'openid',
  groupsClaim: 'groups',
  adminGroups: 'it-chat, root',
  supervisorGroups: '',
  agentGroups: 'service',
  auditorGroups: 'audit',
}
const CLAIMS = { iss: 'https://id.example', sub: '42', preferred_username: 'Ada', name: 'Ada B.' }

test('[AN9] who somebody is at a provider is issuer and subject, whatever else changes', () => {
  const identities = [
    CLAIMS,
    { ...CLAIMS, preferred_username: 'eve' },
    { ...CLAIMS, email: 'a@b.example', name: undefined },
  ].map((claims) => vouchedBy(claims, RULES)?.identity)
  assert.deepEqual(identities, Array(3).fill('https://id.example 42'))
  assert.notEqual(vouchedBy({ ...CLAIMS, sub: '43' }, RULES)?.identity, identities[0])
  for (const claims of [{}, { iss: 'x' }, { sub: 'x' }, { iss: 1, sub: 2 }])
    assert.equal(vouchedBy(claims, RULES), undefined)
})

test('[AN9] groups become roles as the configuration says, and nothing else does', () => {
  const rolesOf = (groups: unknown) => vouchedBy({ ...CLAIMS, groups }, RULES)?.roles
  const table = [
    [
      ['service', 'audit'],
      ['agent', 'auditor'],
    ],
    [['root', 'it-chat'], ['admin']],
    ['service', ['agent']],
    [['admin', 'Service', '', null, 5], []],
    [undefined, []],
    [{ service: true }, []],
  ] as const
  for (const [groups, roles] of table) assert.deepEqual(rolesOf(groups), roles, JSON.stringify(groups))
  assert.deepEqual(vouchedBy({ ...CLAIMS, roles: ['service'] }, { ...RULES, groupsClaim: 'roles' })?.roles, ['agent'])
})

test('[AN9] an account is called as the provider calls the person, as far as it may', () => {
  const nameOf = (claims: object) => vouchedBy({ ...CLAIMS, preferred_username: undefined, ...claims }, RULES)?.name
  assert.equal(nameOf({ preferred_username: 'Ada' }), 'ada')
  assert.equal(nameOf({ email: 'Ada@Example.com' }), 'ada@example.com')
  assert.equal(nameOf({}), '42')
  assert.equal(nameOf({ preferred_username: '李 雷' }), 'user-42')
  assert.equal(nameOf({ preferred_username: '../..', sub: '#?' }), 'user')
  for (const text of ['', ' ', '-ada', 'a b', 'a/b', '<ada>']) assert.equal(accountNameOf(text), undefined, text)
})
