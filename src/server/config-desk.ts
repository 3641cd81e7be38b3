import { type Clock, pause } from '../base/clock.ts'
import { type ChangeDecision, decideChange, type WantedAsset, type WantedDocument } from '../config/change-decision.ts'
import { type DocumentDiff, documentDiff } from '../config/config-diff.ts'
import type { ConfigKeeper } from '../config/config-keeper.ts'
import type { ConfigFault } from '../config/config-kind.ts'
import type { KindTable } from '../config/kind-table.ts'
import { rollback } from '../config/rollback-decision.ts'
import type { AssetStore } from '../store/asset-store.ts'
import type { ConfigChange, ConfigOutcome, ConfigRecord, ConfigStore, StoredConfig } from '../store/config-store.ts'
import { IndefiniteOutcome } from '../store/log-store.ts'

export interface ConfigDeskPorts {
  readonly clock: Clock
  readonly store: ConfigStore
  readonly assets: Pick<AssetStore, 'wantAssets'>
  readonly keeper: ConfigKeeper
  readonly kinds: KindTable
}

/** Who wants a change, and why. */
export interface ChangeRequest {
  readonly key: string
  readonly author: string
  readonly reason: string
  readonly dryRun: boolean
}

export type ChangeOutcome =
  | {
      readonly kind: 'stored' | 'dry-run' | 'nothing'
      readonly revision: number
      readonly diffs: readonly DocumentDiff[]
      /** What was put right on the way. */
      readonly notes: readonly ConfigFault[]
    }
  | { readonly kind: 'faults'; readonly faults: readonly ConfigFault[] }
  | {
      readonly kind: 'conflict'
      readonly conflicts: readonly {
        readonly name: string
        readonly there?: StoredConfig
        readonly wanted: string | null
      }[]
    }
  | { readonly kind: 'unknown-revision' }

const PAGE = 200
const AGAIN_MS = 200
const ATTEMPTS_MAX = 10

/** Takes changes of the central configuration: judges them on what is stored now, stores them once, applies them here. */
export class ConfigDesk {
  readonly #ports: ConfigDeskPorts

  constructor(ports: ConfigDeskPorts) {
    this.#ports = ports
  }

  async change(wanted: readonly WantedDocument[], request: ChangeRequest): Promise<ChangeOutcome> {
    const { keeper, kinds } = this.#ports
    await keeper.refresh()
    const present = keeper.configuration()
    const decision = decideChange(present, wanted, kinds)
    if (decision.kind === 'faults') return decision
    if (decision.kind === 'nothing') return { kind: 'nothing', revision: present.revision, diffs: [], notes: [] }
    const faults = await this.#missing(decision.assets)
    if (faults.length > 0) return { kind: 'faults', faults }
    const { diffs, notes } = decision
    if (request.dryRun) return { kind: 'dry-run', revision: present.revision, diffs, notes }
    return this.#store(decision, wanted, request)
  }

  /** All documents, or the one called `name`, as they were at revision `to`. */
  async rollback(to: number, request: ChangeRequest, name?: string): Promise<ChangeOutcome> {
    const records = await this.#recordsAfter(to)
    if (!records) return { kind: 'unknown-revision' }
    const wanted = rollback(to, records).filter((document) => name === undefined || document.name === name)
    if (wanted.length === 0) return { kind: 'nothing', revision: records[0]?.revision ?? to, diffs: [], notes: [] }
    return this.change(wanted, request)
  }

  /** The newest changes first, each with what it did to the fields. */
  async history(query: Parameters<ConfigStore['configRecords']>[0]) {
    const records = await this.#ports.store.configRecords(query)
    return records.map(({ edits, ...record }) => ({
      ...record,
      diffs: edits.map(({ name, before, after }) => documentDiff(name, parsed(before), parsed(after))),
    }))
  }

  /** Asked last before it is stored: what is there now stays until it is. */
  async #missing(wanted: readonly WantedAsset[]): Promise<readonly ConfigFault[]> {
    if (wanted.length === 0) return []
    const found = new Set(await this.#ports.assets.wantAssets([...new Set(wanted.map(({ word }) => word))]))
    return wanted.filter(({ word }) => !found.has(word)).map(({ fault }) => fault)
  }

  async #store(
    { edits, diffs, notes }: Extract<ChangeDecision, { kind: 'change' }>,
    wanted: readonly WantedDocument[],
    { key, author, reason }: ChangeRequest,
  ): Promise<ChangeOutcome> {
    const outcome = await this.#once({ key, author, reason, edits })
    if (outcome.kind === 'conflict')
      return {
        kind: 'conflict',
        conflicts: outcome.found.map(({ name, document }) => ({
          name,
          ...(document && { there: document }),
          wanted: wanted.find((each) => each.name === name)?.text ?? null,
        })),
      }
    await this.#ports.keeper.refresh()
    return { kind: 'stored', revision: outcome.revision, diffs, notes }
  }

  /** A reply that was lost is asked for again by the key: the change takes place once. */
  async #once(change: ConfigChange): Promise<ConfigOutcome> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ports.store.changeConfiguration(change)
      } catch (error) {
        if (!(error instanceof IndefiniteOutcome) || attempt >= ATTEMPTS_MAX) throw error
        await pause(this.#ports.clock, AGAIN_MS)
      }
    }
  }

  /** Every change after a revision; `undefined`: that revision is yet to come. */
  async #recordsAfter(to: number): Promise<readonly ConfigRecord[] | undefined> {
    const { store } = this.#ports
    if (to > (await store.configRevision())) return undefined
    const records: ConfigRecord[] = []
    for (let before: number | undefined; ; ) {
      const page = await store.configRecords({ limit: PAGE, ...(before !== undefined && { before }) })
      const later = page.filter(({ revision }) => revision > to)
      records.push(...later)
      if (later.length < PAGE) return records
      before = later.at(-1)?.revision
    }
  }
}

function parsed(body: string | null): unknown {
  return body === null ? undefined : JSON.parse(body)
}
