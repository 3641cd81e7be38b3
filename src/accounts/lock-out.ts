import type { AccountStore, StoredAttempts } from '../store/account-store.ts'
import {
  ADDRESS_SCHEDULE,
  type AttemptDecision,
  addressKey,
  decideAttempt,
  NAME_SCHEDULE,
  withoutThis,
} from './lock-out-decision.ts'
import type { SecretTexts } from './secret-text-node.ts'

type Key = { readonly key: string; readonly of: 'name' | 'address' }

const SCHEDULES = { name: NAME_SCHEDULE, address: ADDRESS_SCHEDULE } as const
// Who comes second at the same time reads again; many at once are a guesser.
const READS_MAX = 4
const CROWDED_MS = 1000

/** Slows guessing down, by name and by address, for the whole cluster. */
export class LockOut {
  readonly #store: AccountStore
  readonly #texts: Pick<SecretTexts, 'hashOf'>

  constructor(store: AccountStore, texts: Pick<SecretTexts, 'hashOf'>) {
    this.#store = store
    this.#texts = texts
  }

  /** Counts an attempt that is about to be made. Answers how long it must wait instead, where it must. */
  async begin(name: string, address: string): Promise<number | undefined> {
    const keys = this.#keysOf(name, address)
    for (let read = 0; read < READS_MAX; read++) {
      const { now, attempts } = await this.#store.attempts(keys.map(({ key }) => key))
      const decisions = attempts.map((each, index) => decideAttempt(each, SCHEDULES[keys[index]?.of ?? 'name'], now))
      const waits = decisions.flatMap((decision) => (decision.kind === 'wait' ? decision.waitMs : []))
      if (waits.length > 0) return Math.max(...waits)
      if (await this.#store.putAttempts(attempts.flatMap((each, index) => counted(each, decisions[index])))) return
    }
    return CROWDED_MS
  }

  /** It succeeded: the name is clean, and the address has one attempt less; others' failures from there still count. */
  async succeed(name: string, address: string): Promise<void> {
    const [nameKey, fromAddress] = this.#keysOf(name, address).map(({ key }) => key)
    await this.#store.forgetAttempts([nameKey ?? ''])
    const { now, attempts } = await this.#store.attempts([fromAddress ?? ''])
    await this.#store.putAttempts(attempts.map((each) => ({ ...each, ...withoutThis(each, now) })))
  }

  /** An administrator gave a new password. */
  async forget(name: string): Promise<void> {
    await this.#store.forgetAttempts([this.#nameKey(name)])
  }

  #keysOf(name: string, address: string): readonly Key[] {
    return [
      { key: this.#nameKey(name), of: 'name' },
      { key: `address ${addressKey(address)}`, of: 'address' },
    ]
  }

  /** Not as it was typed: people type their password there by mistake. */
  #nameKey(name: string): string {
    return `name ${this.#texts.hashOf(name)}`
  }
}

function counted(stored: StoredAttempts, decision: AttemptDecision | undefined): readonly StoredAttempts[] {
  return decision?.kind === 'go' ? [{ ...stored, ...decision.next }] : []
}
