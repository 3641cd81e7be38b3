import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { AssetStore } from '../store/asset-store.ts'
import { assetFileIn } from './asset-file.ts'
import { eachChunk } from './asset-intake-node.ts'

export interface AssetCacheOptions {
  readonly store: Pick<AssetStore, 'asset' | 'assetChunk' | 'assets'>
  readonly random: Random
  readonly log: Log
  readonly folder: string
  readonly bytesMax: number
}

interface Entry {
  readonly bytes: number
  /** Its bytes are what its name says, seen since this process started. */
  readonly checked: boolean
}

const PAGE = 500

/**
 * The assets that this node has on its disk: fetched from the store when somebody asks, kept until others need the room,
 * the least recently used going first. A file has the hash of its bytes for a name, so it is the right one or none.
 */
export class AssetCache {
  readonly #options: AssetCacheOptions
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>()
  readonly #readying = new Map<string, Promise<boolean>>()
  #bytes = 0

  constructor(options: AssetCacheOptions) {
    this.#options = options
  }

  /** Finds what an earlier run left, and throws away what that one did not finish. */
  async start(): Promise<void> {
    const { folder } = this.#options
    await mkdir(folder, { recursive: true })
    const found = await Promise.all(
      (await readdir(folder)).map(async (name) => ({ name, ...(await factsOf(join(folder, name))) })),
    )
    for (const { name, bytes } of found.sort((one, other) => one.at - other.at))
      if (assetFileIn(name)) this.#enter(name, { bytes, checked: false })
      else await rm(join(folder, name), { force: true, recursive: true })
    await this.#makeRoom()
  }

  get bytes(): number {
    return this.#bytes
  }

  /** On this disk, by all that is known. */
  has(file: string): boolean {
    return this.#entries.has(file)
  }

  /** Opens a file; the caller closes it. `undefined`: there is no such asset. Rejects like the store where it is away. */
  async open(file: string): Promise<{ readonly handle: FileHandle; readonly bytes: number } | undefined> {
    for (let attempt = 1; ; attempt++) {
      if (!(await this.#ready(file))) return undefined
      try {
        const handle = await open(join(this.#options.folder, file))
        const entry = this.#entries.get(file)
        // Once more at the end: it was used last.
        if (entry && this.#entries.delete(file)) this.#entries.set(file, entry)
        return { handle, bytes: (await handle.stat()).size }
      } catch (error) {
        // It made room for another one in this very moment, or somebody cleaned up.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt > 1) throw error
        this.#forget(file)
      }
    }
  }

  /** Fetches a file before anybody asks, where there is room. Rejects like `open`. */
  async hold(file: string): Promise<void> {
    if (this.#entries.has(file) || this.#bytes < this.#options.bytesMax / 2) await this.#ready(file)
  }

  /** Lets go of files that the store has no more. Rejects like the store. */
  async forgetGone(): Promise<void> {
    const gone = new Set(this.#entries.keys())
    for (let after: string | undefined; ; ) {
      const page = await this.#options.store.assets({ limit: PAGE, ...(after !== undefined && { after }) })
      for (const { file } of page) gone.delete(file)
      if (page.length < PAGE) break
      after = page.at(-1)?.file
    }
    for (const file of gone) await this.drop(file)
  }

  /** Lets go of a file. */
  async drop(file: string): Promise<void> {
    this.#forget(file)
    await rm(join(this.#options.folder, file), { force: true })
  }

  /** `false`: there is no such asset. */
  #ready(file: string): Promise<boolean> {
    if (this.#entries.get(file)?.checked) return Promise.resolve(true)
    const readying = this.#readying.get(file) ?? this.#check(file).finally(() => this.#readying.delete(file))
    this.#readying.set(file, readying)
    return readying
  }

  async #check(file: string): Promise<boolean> {
    const entry = this.#entries.get(file)
    if (!entry) return this.#fetch(file)
    const hash = createHash('sha256')
    await eachChunk(join(this.#options.folder, file), (chunk) => void hash.update(chunk)).catch(() => {})
    if (hash.digest('hex') === assetFileIn(file)?.hash) {
      this.#entries.set(file, { ...entry, checked: true })
      return true
    }
    this.#options.log.warn('A file of the asset cache is damaged; it is fetched again.', { file })
    await this.drop(file)
    return this.#fetch(file)
  }

  async #fetch(file: string): Promise<boolean> {
    const { store, folder, random } = this.#options
    const asset = await store.asset(file)
    if (!asset) return false
    const part = join(folder, `${random.id()}.part`)
    try {
      const hash = await this.#copy(file, part)
      if (hash !== assetFileIn(file)?.hash) throw new Error(`The asset ${file} is not what its name says.`)
      await rename(part, join(folder, file))
    } finally {
      await rm(part, { force: true })
    }
    this.#enter(file, { bytes: asset.bytes, checked: true })
    await this.#makeRoom()
    return true
  }

  /** One chunk at a time from the store to disk. */
  async #copy(file: string, to: string): Promise<string> {
    const [hash, handle] = [createHash('sha256'), await open(to, 'wx', 0o600)]
    try {
      for (let index = 0; ; index++) {
        const chunk = await this.#options.store.assetChunk(file, index)
        if (!chunk) return hash.digest('hex')
        hash.update(chunk)
        await handle.writeFile(chunk)
      }
    } finally {
      await handle.close()
    }
  }

  /** Whoever reads a file that goes still reads it to its end. */
  async #makeRoom(): Promise<void> {
    for (const [file] of this.#entries) {
      if (this.#bytes <= this.#options.bytesMax || this.#entries.size === 1) return
      await this.drop(file)
    }
  }

  #enter(file: string, entry: Entry): void {
    this.#forget(file)
    this.#entries.set(file, entry)
    this.#bytes += entry.bytes
  }

  #forget(file: string): void {
    this.#bytes -= this.#entries.get(file)?.bytes ?? 0
    this.#entries.delete(file)
  }
}

async function factsOf(path: string): Promise<{ bytes: number; at: number }> {
  const { size, mtimeMs } = await stat(path)
  return { bytes: size, at: mtimeMs }
}
