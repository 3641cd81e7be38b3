import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { Log } from '../base/log.ts'
import type { Document, DocumentStore } from './document-store.ts'
import { StoreUnavailable } from './log-store.ts'

/**
 * Shared documents, and what this node last read of them, for a start while the store is away. What is secret in them is
 * sealed before it is stored, so the file holds nothing that the store does not.
 */
export class RememberedDocuments implements DocumentStore {
  readonly #store: DocumentStore
  readonly #file: string
  readonly #log: Log
  readonly #remembered: Map<string, Document>
  #writing: Promise<void> = Promise.resolve()

  constructor(store: DocumentStore, file: string, log: Log) {
    this.#store = store
    this.#file = file
    this.#log = log
    this.#remembered = remembered(file, log)
  }

  /** Whether a start without the store has something to begin with. */
  knows(name: string): boolean {
    return this.#remembered.has(name)
  }

  async document(name: string): Promise<Document | undefined> {
    try {
      const document = await this.#store.document(name)
      if (document) this.#remember(document)
      else this.#forget(name)
      return document
    } catch (error) {
      const document = error instanceof StoreUnavailable ? this.#remembered.get(name) : undefined
      if (!document) throw error
      return document
    }
  }

  documents(prefix: string): Promise<readonly Document[]> {
    return this.#store.documents(prefix)
  }

  async putDocument(name: string, body: string, expect: number) {
    const put = await this.#store.putDocument(name, body, expect)
    if (put.kind === 'stored') this.#remember({ name, version: put.version, body })
    else if (put.found) this.#remember(put.found)
    return put
  }

  /** Resolves when what was read so far lies on the disk, or could not be laid there. */
  written(): Promise<void> {
    return this.#writing
  }

  #remember(document: Document): void {
    if (this.#remembered.get(document.name)?.version === document.version) return
    this.#remembered.set(document.name, document)
    this.#keep()
  }

  #forget(name: string): void {
    if (this.#remembered.delete(name)) this.#keep()
  }

  #keep(): void {
    const text = JSON.stringify([...this.#remembered.values()])
    this.#writing = this.#writing.then(() => this.#write(text))
  }

  /** A crash while it is written leaves the file before. */
  async #write(text: string): Promise<void> {
    try {
      await writeFile(`${this.#file}.new`, text, { mode: 0o600 })
      await rename(`${this.#file}.new`, this.#file)
    } catch (error) {
      this.#log.warn('Shared documents could not be kept for a start without the store.', {
        file: this.#file,
        error: String(error),
      })
    }
  }
}

function remembered(file: string, log: Log): Map<string, Document> {
  try {
    const documents = JSON.parse(readFileSync(file, 'utf8')) as readonly Document[]
    return new Map(documents.map((document) => [document.name, document]))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn('Remembered documents cannot be read; a start needs the store.', { file, error: String(error) })
    return new Map()
  }
}
