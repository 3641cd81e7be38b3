import assert from 'node:assert/strict'
import test from 'node:test'
import { decideChange } from '../change-decision.ts'
import { Configuration } from '../configuration.ts'
import { KindTable } from '../kind-table.ts'
import { CONFIG_KINDS } from './all-kinds.ts'
import { signInRules } from './sign-in-document.ts'

const kinds = new KindTable(CONFIG_KINDS)

function faultsOf(document: object): readonly string[] {
  const decision = decideChange(new Configuration(0), [{ name: 'sign-in', text: JSON.stringify(document) }], kinds)
  return decision.kind === 'faults' ? decision.faults.map(({ field }) => field) : []
}

test('[CF31] a sign-in document that would let nobody in, or tell secrets in the open, is refused', () => {
  const provider = { issuer: 'https://id.example.com/realms/chat', clientId: 'holdfast' }
  for (const good of [
    {},
    provider,
    { ...provider, passwords: false },
    { ...provider, issuer: 'http://localhost:9000' },
    { ...provider, scope: 'email openid' },
  ])
    assert.deepEqual(faultsOf(good), [], JSON.stringify(good))
  const table = [
    [{ ...provider, issuer: 'http://id.example.com' }, 'issuer'],
    [{ ...provider, issuer: 'http://localhost.evil.example' }, 'issuer'],
    [{ ...provider, issuer: 'id.example.com' }, 'issuer'],
    [{ issuer: provider.issuer }, 'clientId'],
    [{ ...provider, scope: 'profile openid_' }, 'scope'],
    [{ passwords: false }, 'passwords'],
    // Shorter than the life of a token: nobody's page could keep its session.
    [{ idleMinutes: 15 }, 'idleMinutes'],
    [{ sessionHours: 0 }, 'sessionHours'],
    [{ clientSecret: 'in the open' }, 'clientSecret'],
  ] as const
  for (const [document, field] of table) assert.deepEqual(faultsOf(document), [field], JSON.stringify(document))
})

test('[CF33] where nobody wrote a sign-in document people sign in by password, for a day at most', () => {
  const { passwords, issuer, sessionHours, idleMinutes } = signInRules(new Configuration(0))
  assert.deepEqual(
    { passwords, issuer, sessionHours, idleMinutes },
    { passwords: true, issuer: '', sessionHours: 24, idleMinutes: 120 },
  )
})
