import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, pause } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import type { AssetStore, StoredAsset } from '../store/asset-store.ts'
import { IndefiniteOutcome } from '../store/log-store.ts'
import { type AssetKind, assetKindOf } from './asset-file.ts'
import type { ImageEncoder } from './image-encoder-node.ts'

export interface AssetIntakeOptions {
  readonly store: AssetStore
  readonly encoder: ImageEncoder
  readonly clock: Clock
  readonly random: Random
  /** Where files lie meanwhile; what ends in `.part` there is nobody's after a start. */
  readonly folder: string
  readonly bytesMax: number
}

/** A file that somebody gives. */
export interface GivenFile {
  readonly name: string
  readonly author: string
  readonly body: AsyncIterable<Uint8Array>
}

export type AssetIntakeOutcome =
  | { readonly kind: 'kept'; readonly asset: StoredAsset; readonly known: boolean }
  | { readonly kind: 'unfit'; readonly reason: string }
  | { readonly kind: 'too-large' }
  /** Who gave it went away. */
  | { readonly kind: 'broken-off' }

/** As the store keeps it and as it is read from disk: what a file costs in memory. */
export const CHUNK_BYTES = 256 * 1024
const SIGN_BYTES = 4100
const AGAIN_MS = 200
const ATTEMPTS_MAX = 10

/**
 * Takes files in: to disk while they come, judged by their bytes there, images encoded anew, and then to the store chunk
 * by chunk. No file is ever in memory as a whole.
 */
export class AssetIntake {
  readonly #options: AssetIntakeOptions

  constructor(options: AssetIntakeOptions) {
    this.#options = options
  }

  async take({ name, author, body }: GivenFile): Promise<AssetIntakeOutcome> {
    const { folder, random, store } = this.#options
    const kind = assetKindOf(name)
    if ('fault' in kind) return { kind: 'unfit', reason: kind.fault }
    const given = join(folder, `${random.id()}.part`)
    const encoded = join(folder, `${random.id()}.part`)
    try {
      const source = await this.#spool(body, given)
      if (source === 'too-large' || source === 'broken-off') return { kind: source }
      const present = await store.assetFrom(source, kind.ending)
      if (present && (await store.nameAsset(present.file, name))) return this.#kept(present.file, true)
      const reason = await faultOf(given, kind, name)
      if (reason !== undefined) return { kind: 'unfit', reason }
      if (kind.content !== 'image') return await this.#keep({ path: given, source, ending: kind.ending, name, author })
      const unread = await this.#options.encoder.encode(given, encoded, kind.ending)
      if (unread !== undefined) return { kind: 'unfit', reason: `The image cannot be taken: ${unread}.` }
      return await this.#keep({ path: encoded, source, ending: kind.ending, name, author })
    } finally {
      await Promise.all([rm(given, { force: true }), rm(encoded, { force: true })])
    }
  }

  /** Writes what comes to a file; answers its SHA-256. What is too large is not read to its end. */
  async #spool(body: AsyncIterable<Uint8Array>, path: string): Promise<string> {
    const [hash, file] = [createHash('sha256'), await open(path, 'wx', 0o600)]
    const chunks = body[Symbol.asyncIterator]()
    let bytes = 0
    try {
      for (;;) {
        const next = await chunks.next().catch(() => undefined)
        if (!next) return 'broken-off'
        if (next.done) return hash.digest('hex')
        const chunk = next.value
        bytes += chunk.byteLength
        if (bytes > this.#options.bytesMax) {
          await chunks.return?.()
          return 'too-large'
        }
        hash.update(chunk)
        await file.writeFile(chunk)
      }
    } finally {
      await file.close()
    }
  }

  async #keep({
    path,
    source,
    ending,
    name,
    author,
  }: {
    readonly path: string
    readonly source: string
    readonly ending: string
    readonly name: string
    readonly author: string
  }): Promise<AssetIntakeOutcome> {
    const { store, random } = this.#options
    const upload = random.id()
    const hash = createHash('sha256')
    await this.#surely(() => store.beginAsset(upload))
    let [bytes, index] = [0, 0]
    await eachChunk(path, async (chunk) => {
      hash.update(chunk)
      await this.#surely(() => store.putAssetChunk(upload, index, chunk))
      bytes += chunk.byteLength
      index += 1
    })
    const facts = { file: `${hash.digest('hex')}.${ending}`, source, bytes, author }
    const outcome = await this.#surely(() => store.finishAsset(upload, facts, name))
    if (outcome === 'incomplete') throw new Error(`The upload of ${name} was given up before it was finished.`)
    return this.#kept(facts.file, outcome === 'known')
  }

  async #kept(file: string, known: boolean): Promise<AssetIntakeOutcome> {
    const asset = await this.#options.store.asset(file)
    if (!asset) throw new Error(`The asset ${file} was removed the moment it was kept.`)
    return { kind: 'kept', asset, known }
  }

  /** A reply that was lost is asked for again: every call of the store may be sent again. */
  async #surely<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt++)
      try {
        return await call()
      } catch (error) {
        if (!(error instanceof IndefiniteOutcome) || attempt >= ATTEMPTS_MAX) throw error
        await pause(this.#options.clock, AGAIN_MS)
      }
  }
}

/** Reads a file through one buffer: the chunk is the callee's until it is done. */
export async function eachChunk(path: string, use: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
  const file = await open(path)
  try {
    const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    for (;;) {
      const filled = await fill(file, buffer)
      if (filled > 0) await use(buffer.subarray(0, filled))
      if (filled < buffer.byteLength) return
    }
  } finally {
    await file.close()
  }
}

/** A read may bring less than it could: chunks are full but for the last one. */
async function fill(file: FileHandle, buffer: Buffer): Promise<number> {
  let filled = 0
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/** Why the bytes of a file are not what its name says. */
async function faultOf(path: string, kind: AssetKind, name: string): Promise<string | undefined> {
  const sign = await beginningOf(path)
  if (sign.byteLength === 0) return `${name} is empty.`
  // Read only now: nodes start often, and files are given seldom.
  const { fileTypeFromBuffer } = await import('file-type')
  const found = await fileTypeFromBuffer(sign)
  if (kind.content === 'text')
    return found && !found.mime.startsWith('text/') && found.mime !== 'application/xml'
      ? `${name} is no text but ${found.mime}.`
      : notText(path, name)
  if (found?.mime === kind.mediaType) return undefined
  return `${name} is not ${kind.mediaType}, ${found ? `but ${found.mime}` : 'nor any other kind of file that is known'}.`
}

async function beginningOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SIGN_BYTES))
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function notText(path: string, name: string): Promise<string | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    await eachChunk(path, (chunk) => {
      if (decoder.decode(chunk, { stream: true }).includes('\0')) throw new TypeError('NUL')
    })
    decoder.decode()
    return undefined
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return `${name} is no text in UTF-8.`
  }
}
