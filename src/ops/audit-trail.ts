import { type Cancel, type Clock, every } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { AuditStore } from '../store/audit-store.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import type { AuditActor, AuditEntry, AuditedAct, Performed } from './audit-entry.ts'
import { withoutSecretValues } from './redaction.ts'

/** Keeps what is not in the store yet where a restart finds it. Never rejects: at worst it forgets. */
export interface AuditSpool {
  put(key: string, body: string): Promise<void>
  drop(key: string): Promise<void>
  all(): Promise<readonly { readonly key: string; readonly body: string }[]>
}

export interface AuditTrailPorts {
  readonly store: AuditStore
  readonly spool: AuditSpool
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly node: string
}

// An act does not wait longer for its record: what the store has not taken is sent again until it has.
const PATIENCE_MS = 2000
const AGAIN_MS = 5000

/**
 * Records every administrative act once. The record is on this node's disk before the act begins and in the store after
 * it; whatever dies in between, it is sent again by its key until the store has it.
 */
export class AuditTrail {
  readonly #ports: AuditTrailPorts
  /** What is being done or sent at this moment: nobody else sends it. */
  readonly #under = new Set<string>()
  #cancel: Cancel = () => {}

  constructor(ports: AuditTrailPorts) {
    this.#ports = ports
  }

  /** Sends what an earlier run of this node left, now and until all of it is in the store. */
  start(): void {
    void this.#sendAll()
    this.#cancel = every(this.#ports.clock, AGAIN_MS, () => void this.#sendAll())
  }

  stop(): void {
    this.#cancel()
  }

  /** Performs an act and records it. Answers and rejects as `perform` does; `StoreUnavailable`: surely nothing happened. */
  async act<Outcome>(
    who: AuditActor,
    audited: AuditedAct,
    perform: () => Promise<Performed<Outcome>>,
  ): Promise<Outcome> {
    const { spool, random } = this.#ports
    const key = audited.key === undefined ? random.id() : `${audited.act}:${audited.key}`
    this.#under.add(key)
    try {
      await spool.put(key, this.#bodyOf(who, audited, 'unknown'))
      const { outcome, happened, ...told } = await perform()
      if (happened === 'nothing') await spool.drop(key)
      else await this.#settle(key, this.#bodyOf(who, { ...audited, ...told }, happened))
      return outcome
    } catch (error) {
      if (error instanceof StoreUnavailable) await spool.drop(key)
      else await this.#settle(key, this.#bodyOf(who, audited, 'unknown'))
      throw error
    } finally {
      this.#under.delete(key)
    }
  }

  async #settle(key: string, body: string): Promise<void> {
    await this.#ports.spool.put(key, body)
    const sent = this.#send(key, body)
    await within(this.#ports.clock, PATIENCE_MS, sent, undefined)
  }

  async #sendAll(): Promise<void> {
    for (const { key, body } of await this.#ports.spool.all()) {
      if (this.#under.has(key)) continue
      this.#under.add(key)
      const taken = await this.#send(key, body)
      this.#under.delete(key)
      if (!taken) return
    }
  }

  /** Sending twice records once. */
  async #send(key: string, body: string): Promise<boolean> {
    const { store, spool, log } = this.#ports
    try {
      await store.appendAudit(key, body)
      await spool.drop(key)
      return true
    } catch (error) {
      log.warn('A record of the audit trail waits on this node until the store takes it.', { error })
      return false
    }
  }

  #bodyOf(who: AuditActor, audited: AuditedAct, happened: AuditEntry['happened']): string {
    const { act, on, reason, before, after } = audited
    const { node, clock } = this.#ports
    const entry: AuditEntry = {
      act,
      on,
      who: { subject: who.subject, name: who.name, from: who.from },
      node,
      nodeAt: clock.wallMs(),
      happened,
      ...(reason !== undefined && { reason }),
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    }
    return JSON.stringify(withoutSecretValues(entry))
  }
}
