import { type Cancel, type Clock, every } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { DocumentStore } from '../store/document-store.ts'
import type { KeyHolder, PrivateKeys } from './private-keys.ts'

interface PrivateKeyMovePorts {
  readonly clock: Clock
  readonly log: Log
  readonly documents: DocumentStore
  readonly keys: PrivateKeys
  readonly holders: readonly KeyHolder[]
  /** Whether every node that runs reads private keys from the vault. */
  readonly allRead: () => Promise<boolean>
}

const EVERY_MS = 20_000

/**
 * Moves the private keys that an earlier version left in documents into the vault: first each is put there, and once
 * every node that runs reads it there, the old form goes. So nodes of both versions serve beside each other meanwhile.
 * All nodes do it; what one has done the next one finds done.
 *
 *   in the document --put--> in both --every node reads the vault--> in the vault alone
 */
export class PrivateKeyMove {
  readonly #ports: PrivateKeyMovePorts
  #cancel: Cancel = () => {}
  #stepping = false

  constructor(ports: PrivateKeyMovePorts) {
    this.#ports = ports
  }

  start(): void {
    this.#cancel = every(this.#ports.clock, EVERY_MS, () => void this.#step())
  }

  stop(): void {
    this.#cancel()
  }

  async #step(): Promise<void> {
    if (this.#stepping) return
    this.#stepping = true
    try {
      // No earlier version starts where nothing has its form any more.
      if ((await this.step()) === 'moved') this.stop()
    } catch (error) {
      this.#ports.log.debug('Private keys could not be moved now; it is tried again.', { error })
    } finally {
      this.#stepping = false
    }
  }

  /** `moved`: nothing is left in the old form. Rejects where the store does. */
  async step(): Promise<'moved' | 'in-both' | 'not-opened'> {
    const { documents, keys, log, allRead } = this.#ports
    const left = await this.#left()
    if (left.length === 0) {
      // Who moved nothing itself reads it, too: it remembers what it has read for a start without the store.
      await keys.refresh()
      return 'moved'
    }
    for (const { name, ...old } of left.flatMap((each) => each.old)) {
      if ((await keys.open(name)) !== undefined) continue
      const key = await keys.openOld(old)
      if (key === undefined || (await keys.keep(name, key)).kind === 'sealed') {
        log.error('A private key of an earlier version cannot be moved into the vault: nothing here opens it.', {
          name,
        })
        return 'not-opened'
      }
    }
    if (!(await allRead())) return 'in-both'
    let moved = 0
    for (const { holder, stored } of left) {
      const put = await documents.putDocument(holder.document, holder.withoutOldKeys(stored.body), stored.version)
      // Who was quicker has done the same, and told it, or has written something that the next step finds.
      if (put.kind === 'stored') moved += 1
    }
    if (moved > 0)
      log.decision('move-keys', 'The private keys of the cluster are sealed as its other secrets are from now on.')
    return 'in-both'
  }

  async #left() {
    const { documents, holders } = this.#ports
    const found = holders.map(async (holder) => {
      const stored = await documents.document(holder.document)
      const old = stored ? holder.oldKeys(stored.body) : []
      return stored && old.length > 0 ? [{ holder, stored, old }] : []
    })
    return (await Promise.all(found)).flat()
  }
}
