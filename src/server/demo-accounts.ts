import type { Passwords } from '../accounts/password-hash-node.ts'
import type { SecretTexts } from '../accounts/secret-text-node.ts'
import type { Random } from '../base/random.ts'
import type { AccountStore, StoredRole } from '../store/account-store.ts'

/** Somebody to try the consoles as. */
export interface DemoAccount {
  readonly name: StoredRole
  readonly password: string
}

export interface DemoAccountsPorts {
  readonly store: AccountStore
  readonly passwords: Passwords
  readonly texts: SecretTexts
  readonly random: Random
  /** Where they are written down, for whoever may read the directory of the cluster. */
  readonly kept: { read(): readonly DemoAccount[]; write(accounts: readonly DemoAccount[]): void }
}

const ROLES: readonly StoredRole[] = ['admin', 'supervisor', 'agent', 'auditor']
const PASSWORD_LENGTH = 16

/** One account of each role where there is none at all; answers those that were made so, now or at an earlier start. */
export async function demoAccounts({ store, passwords, texts, random, kept }: DemoAccountsPorts) {
  const present = await store.accounts()
  // An operator may have changed or removed them: what is told must be true.
  if (present.length > 0) return kept.read().filter(({ name }) => present.some((account) => account.name === name))
  const made = ROLES.map((name) => ({ name, password: texts.make('').text.slice(0, PASSWORD_LENGTH) }))
  kept.write(made)
  for (const { name, password } of made) {
    const displayName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
    const passwordHash = await passwords.hash(password)
    await store.createAccount({ id: random.id(), name, displayName, roles: [name], passwordHash })
  }
  return made
}
