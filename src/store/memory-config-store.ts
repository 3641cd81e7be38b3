import type {
  ConfigChange,
  ConfigOutcome,
  ConfigRecord,
  ConfigStore,
  StoredConfig,
  StoredConfiguration,
} from './config-store.ts'

/** The configuration of tests and of the simulator. */
export class MemoryConfigStore implements ConfigStore {
  readonly #now: () => number
  readonly #documents = new Map<string, StoredConfig>()
  readonly #records: ConfigRecord[] = []
  readonly #keys = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  async configuration(): Promise<StoredConfiguration> {
    const documents = [...this.#documents.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
    return { revision: this.#records.length, documents }
  }

  async configRevision(): Promise<number> {
    return this.#records.length
  }

  async changeConfiguration({ key, author, reason, edits }: ConfigChange): Promise<ConfigOutcome> {
    const known = this.#keys.get(key)
    if (known !== undefined) return { kind: 'stored', revision: known }
    const stale = edits.filter(({ name, expect }) => (this.#documents.get(name)?.revision ?? 0) !== expect)
    if (stale.length > 0)
      return {
        kind: 'conflict',
        found: stale.map(({ name }) => {
          const document = this.#documents.get(name)
          return { name, ...(document && { document }) }
        }),
      }
    const revision = this.#records.length + 1
    this.#records.push({
      revision,
      at: this.#now(),
      author,
      reason,
      edits: edits.map(({ name, body }) => ({ name, before: this.#documents.get(name)?.body ?? null, after: body })),
    })
    this.#keys.set(key, revision)
    for (const { name, body } of edits)
      if (body === null) this.#documents.delete(name)
      else this.#documents.set(name, { name, revision, body })
    return { kind: 'stored', revision }
  }

  async configRecords({ limit, before, name }: { limit: number; before?: number; name?: string }) {
    return this.#records
      .filter(({ revision }) => before === undefined || revision < before)
      .filter(({ edits }) => name === undefined || edits.some((edit) => edit.name === name))
      .toReversed()
      .slice(0, limit)
  }
}
