import type { Slice } from '../store/log-store.ts'

/** Whoever is called from the outbox: a mailbox, a web hook. It remembers what reached it, by id. */
export class SimulatedOutside {
  readonly #owed = new Set<string>()
  readonly #arrived = new Set<string>()
  /** Calls fail now and then, before or after they arrived. */
  failing = true

  /** Ids that were committed and have not arrived yet. */
  get undone(): number {
    return this.#owed.size
  }

  committed({ outbox = [] }: Slice): void {
    for (const { id } of outbox) if (!this.#arrived.has(id)) this.#owed.add(id)
  }

  /** `false`: it was here before. */
  arrive(id: string): boolean {
    this.#owed.delete(id)
    const isNew = !this.#arrived.has(id)
    this.#arrived.add(id)
    return isNew
  }
}
