import {
  type AssetFacts,
  type AssetRemoval,
  type AssetStore,
  assetWords,
  CHANGE_UNDER_WAY_MS,
  COLLECTED_MAX,
  type StoredAsset,
  type UnsaidAsset,
} from './asset-store.ts'
import type { ConfigStore } from './config-store.ts'

interface Upload {
  readonly begunAt: number
  readonly chunks: Uint8Array[]
}

interface Kept {
  readonly facts: AssetFacts
  readonly chunks: readonly Uint8Array[]
  /** The upload that it was. */
  readonly upload: string
  at: number
  wantedAt: number
}

export interface MemoryAssetStoreOptions {
  readonly now: () => number
  /** Whose documents speak of assets. */
  readonly config: Pick<ConfigStore, 'configuration' | 'configRecords'>
}

/** The assets of tests and of the simulator. */
export class MemoryAssetStore implements AssetStore {
  readonly #options: MemoryAssetStoreOptions
  readonly #uploads = new Map<string, Upload>()
  readonly #kept = new Map<string, Kept>()
  readonly #names = new Map<string, string>()

  constructor(options: MemoryAssetStoreOptions) {
    this.#options = options
  }

  async beginAsset(upload: string): Promise<void> {
    if (!this.#uploads.has(upload)) this.#uploads.set(upload, { begunAt: this.#options.now(), chunks: [] })
  }

  async putAssetChunk(upload: string, index: number, body: Uint8Array): Promise<boolean> {
    const found = this.#uploads.get(upload)
    if (found) found.chunks[index] = Uint8Array.from(body)
    return found !== undefined
  }

  async finishAsset(upload: string, facts: AssetFacts, name: string) {
    const present = this.#kept.get(facts.file)
    if (!present) {
      const chunks = Object.values(this.#uploads.get(upload)?.chunks ?? [])
      if (chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0) !== facts.bytes) return 'incomplete'
      this.#kept.set(facts.file, { facts, chunks, upload, at: 0, wantedAt: 0 })
    }
    this.#uploads.delete(upload)
    await this.nameAsset(facts.file, name)
    return present && present.upload !== upload ? 'known' : 'stored'
  }

  async nameAsset(file: string, name: string): Promise<boolean> {
    const kept = this.#kept.get(file)
    if (!kept) return false
    kept.at = this.#options.now()
    this.#names.set(name, file)
    return true
  }

  async asset(file: string): Promise<StoredAsset | undefined> {
    const kept = this.#kept.get(file)
    return kept && { ...kept.facts, at: kept.at, names: this.#namesOf(file) }
  }

  async assetNamed(name: string): Promise<StoredAsset | undefined> {
    const file = this.#names.get(name)
    return file === undefined ? undefined : this.asset(file)
  }

  async assetFrom(source: string, ending: string): Promise<StoredAsset | undefined> {
    const made = ({ facts }: Kept) => facts.source === source && facts.file.endsWith(`.${ending}`)
    const [file] = [...this.#kept.values()].filter((kept) => made(kept) || kept.facts.file === `${source}.${ending}`)
    return file && this.asset(file.facts.file)
  }

  async assets({ limit, after = '' }: { limit: number; after?: string }): Promise<readonly StoredAsset[]> {
    const files = [...this.#kept.keys()].filter((file) => file > after).sort()
    const found = await Promise.all(files.slice(0, limit).map((file) => this.asset(file)))
    return found.flatMap((asset) => asset ?? [])
  }

  async unsaidAssets(files: readonly string[]): Promise<readonly UnsaidAsset[]> {
    const texts = await this.#texts()
    return this.#unsaid(texts).filter(({ file }) => files.includes(file))
  }

  async assetChunk(file: string, index: number): Promise<Uint8Array | undefined> {
    return this.#kept.get(file)?.chunks[index]
  }

  async wantAssets(words: readonly string[]): Promise<readonly string[]> {
    return words.filter((word) => {
      const kept = this.#kept.get(this.#names.get(word) ?? word)
      if (kept) kept.wantedAt = this.#options.now()
      return kept !== undefined
    })
  }

  async removeAsset(file: string): Promise<AssetRemoval> {
    const kept = this.#kept.get(file)
    if (!kept) return { kind: 'unknown' }
    const { documents } = await this.#options.config.configuration()
    const saying = documents.filter(({ body }) => this.#says(body, file)).map(({ name }) => name)
    const underWay = kept.wantedAt > this.#options.now() - CHANGE_UNDER_WAY_MS
    if (saying.length > 0 || underWay) return { kind: 'in-use', documents: saying }
    this.#remove(file)
    return { kind: 'removed' }
  }

  async collectAssets(olderThanMs: number): Promise<readonly string[]> {
    const before = this.#options.now() - olderThanMs
    for (const [upload, { begunAt }] of this.#uploads) if (begunAt <= before) this.#uploads.delete(upload)
    const texts = await this.#texts()
    const unsaid = this.#unsaid(texts)
      .filter(({ since }) => since <= before)
      .map(({ file }) => file)
      .slice(0, COLLECTED_MAX)
    for (const file of unsaid) this.#remove(file)
    return unsaid
  }

  /** Of the present and of the history. */
  async #texts(): Promise<readonly string[]> {
    const { documents } = await this.#options.config.configuration()
    const records = await this.#options.config.configRecords({ limit: Number.MAX_SAFE_INTEGER })
    return [
      ...documents.map(({ body }) => body),
      ...records.flatMap(({ edits }) => edits.flatMap((edit) => [edit.before ?? '', edit.after ?? ''])),
    ]
  }

  #unsaid(texts: readonly string[]): readonly UnsaidAsset[] {
    return [...this.#kept]
      .map(([file, { at, wantedAt }]) => ({ file, since: Math.max(at, wantedAt) }))
      .filter(({ file }) => !texts.some((text) => this.#says(text, file)))
      .sort((one, other) => (one.file < other.file ? -1 : 1))
  }

  #says(text: string, file: string): boolean {
    return assetWords(text).some((word) => (this.#names.get(word) ?? word) === file)
  }

  #namesOf(file: string): readonly string[] {
    return [...this.#names].flatMap(([name, named]) => (named === file ? name : [])).sort()
  }

  #remove(file: string): void {
    for (const name of this.#namesOf(file)) this.#names.delete(name)
    this.#kept.delete(file)
  }
}
