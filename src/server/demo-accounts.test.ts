import assert from 'node:assert/strict'
import test from 'node:test'
import { passwordFault } from '../accounts/password-rule.ts'
import { secretTexts as texts } from '../accounts/secret-text-node.ts'
import { MemoryAccountStore } from '../store/memory-account-store.ts'
import { type DemoAccount, demoAccounts } from './demo-accounts.ts'
import { PLAIN_PASSWORDS } from './http-stage.ts'

test('[SV84] the first start of a demo makes one account of each role, and later ones tell the same', async () => {
  const store = new MemoryAccountStore(() => 1)
  let written: readonly DemoAccount[] = []
  const kept = {
    read: () => written,
    write: (accounts: readonly DemoAccount[]) => {
      written = accounts
    },
  }
  let ids = 0
  const random = { fraction: () => 0, id: () => `id-${ids++}` }
  const ports = { store, passwords: PLAIN_PASSWORDS, texts, random, kept }
  const first = await demoAccounts(ports)
  assert.deepEqual(
    first.map(({ name }) => name),
    ['admin', 'supervisor', 'agent', 'auditor'],
  )
  for (const { name, password } of first) {
    assert.equal(passwordFault(password, name), undefined)
    assert.equal((await store.account({ name }))?.passwordHash, `plain ${password}`)
  }
  assert.deepEqual(await demoAccounts(ports), first)
  await store.removeAccount('id-2')
  assert.deepEqual(
    (await demoAccounts(ports)).map(({ name }) => name),
    ['admin', 'supervisor', 'auditor'],
  )
  const others = new MemoryAccountStore(() => 1)
  await others.createAccount({ id: 'x', name: 'root', displayName: 'Root', roles: ['admin'] })
  assert.deepEqual(await demoAccounts({ ...ports, store: others }), [], 'where people have accounts of their own')
})
