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
  /** Puts it in the place of what has this id. */
  put(waiting: WaitingRecord): Promise<void>
  drop(id: string): Promise<void>
  all(): Promise<readonly WaitingRecord[]>
}

/** A record that the store may not have. Its id is its own, its key may be that of another one: the same act sent again. */
export interface WaitingRecord {
  readonly id: string
  readonly key: string
  readonly body: string
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
    const id = random.id()
    const key = audited.key === undefined ? id : `${audited.act}:${audited.key}`
    const waiting = (happened: AuditEntry['happened'], told: Partial<AuditedAct> = {}): WaitingRecord => {
      return { id, key, body: this.#bodyOf(who, { ...audited, ...told }, happened) }
    }
    this.#under.add(id)
    try {
      await spool.put(waiting('unknown'))
      const { outcome, happened, ...told } = await perform()
      if (happened === 'nothing') await spool.drop(id)
      else await this.#settle(waiting(happened, told))
      return outcome
    } catch (error) {
      if (error instanceof StoreUnavailable) await spool.drop(id)
      else await this.#settle(waiting('unknown'))
      throw error
    } finally {
      this.#under.delete(id)
    }
  }

  async #settle(waiting: WaitingRecord): Promise<void> {
    await this.#ports.spool.put(waiting)
    await within(this.#ports.clock, PATIENCE_MS, this.#send(waiting), undefined)
  }

  async #sendAll(): Promise<void> {
    for (const waiting of await this.#ports.spool.all()) {
      if (this.#under.has(waiting.id)) continue
      this.#under.add(waiting.id)
      const taken = await this.#send(waiting)
      this.#under.delete(waiting.id)
      if (!taken) return
    }
  }

  /** Sending twice records once. */
  async #send({ id, key, body }: WaitingRecord): Promise<boolean> {
    const { store, spool, log } = this.#ports
    try {
      await store.appendAudit(key, body)
      await spool.drop(id)
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
