import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import test from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { silentLog } from '../base/log.ts'
import type { AssetAddedAnswer } from '../protocol/asset-answers.ts'
import type { AssetStore } from '../store/asset-store.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import { TestDatabases } from '../store/test-database-node.ts'
import { httpStage, staffToken } from './http-stage.ts'

const MEBIBYTE = 1_048_576
/** More by hand: `HOLDFAST_ASSET_MEBIBYTES=1024 node --test src/server/asset-memory.test.ts`. */
const SIZE = Number(process.env.HOLDFAST_ASSET_MEBIBYTES ?? 64) * MEBIBYTE
/** What a file may cost, however large it is: a few chunks. */
const BUFFERS_MAX = 12 * MEBIBYTE
const RESIDENT_MAX = 48 * MEBIBYTE
const LOOK_EACH = 4 * MEBIBYTE

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Twice: buffers that the first time finds are given back while the second one begins. */
function collectGarbage(): void {
  collect()
  collect()
}

/** The most that memory grew by, without what is garbage already; looked at now and then while bytes pass. */
class MemoryWatch {
  #before = process.memoryUsage()
  #passed = 0
  buffers = 0
  resident = 0

  begin(): void {
    collectGarbage()
    this.#before = process.memoryUsage()
    this.buffers = 0
    this.resident = 0
  }

  passed(bytes: number): void {
    this.#passed += bytes
    if (this.#passed < LOOK_EACH) return
    this.#passed = 0
    collectGarbage()
    const { arrayBuffers, rss } = process.memoryUsage()
    this.buffers = Math.max(this.buffers, arrayBuffers - this.#before.arrayBuffers)
    this.resident = Math.max(this.resident, rss - this.#before.rss)
  }
}

/** A file that nobody has as a whole. */
function* largeText(watch: MemoryWatch): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, 'Nothing of this is kept in memory.\n')
  for (let sent = 0; sent < SIZE; sent += piece.byteLength) {
    watch.passed(piece.byteLength)
    yield piece
  }
}

/** The store, watched while chunks go in and out. */
function watched(store: AssetStore, watch: MemoryWatch): AssetStore {
  const through = Object.create(store) as AssetStore
  through.putAssetChunk = (upload, index, body) => {
    watch.passed(body.byteLength)
    return store.putAssetChunk(upload, index, body)
  }
  through.assetChunk = async (file, index) => {
    const chunk = await store.assetChunk(file, index)
    watch.passed(chunk?.byteLength ?? 0)
    return chunk
  }
  for (const name of ['beginAsset', 'finishAsset', 'nameAsset', 'asset', 'assetFrom'] as const)
    Object.assign(through, { [name]: (store[name] as (...parts: unknown[]) => unknown).bind(store) })
  return through
}

test('[SV95] a large file goes through server, store and disk, in and out, and memory does not grow by it', async (context) => {
  const watch = new MemoryWatch()
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-large-'))
  const databases = await TestDatabases.start()
  const store = new PostgresStore({ url: await databases.create(), log: silentLog, applicationName: 'test' })
  const limits = { assetBytes: SIZE, assetCacheBytes: 2 * SIZE }
  const { app, shelf } = await httpStage({}, true, silentLog, { dataDir, limits, store: watched(store.assets, watch) })
  context.after(async () => {
    await app.close()
    await store.close()
    await databases.stop()
    rmSync(dataDir, { recursive: true })
  })
  await shelf.cache.start()
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const headers = { authorization: `Bearer ${staffToken('admin')}`, 'content-type': 'text/plain' }
  const ask = async (method: string, path: string, body?: Iterable<Buffer>): Promise<IncomingMessage> => {
    const asked = request(new URL(path, base), { method, headers })
    const answered = once(asked, 'response')
    await pipeline(Readable.from(body ?? []), asked)
    const [answer] = await answered
    return answer
  }

  let file = ''
  const within = async (what: string, work: () => Promise<void>) => {
    watch.begin()
    await work()
    const { buffers, resident } = watch
    const [mebibytes, of] = [[buffers, resident].map((bytes) => Math.round(bytes / MEBIBYTE)), SIZE / MEBIBYTE]
    context.diagnostic(`${what} of ${of} MiB: buffers grew by ${mebibytes[0]} MiB, the process by ${mebibytes[1]} MiB`)
    assert.ok(buffers < BUFFERS_MAX && resident < RESIDENT_MAX, `${what}: ${mebibytes} MiB`)
  }
  await within('giving', async () => {
    const answer = await ask('POST', '/api/assets?name=large.txt', largeText(watch))
    const { asset } = JSON.parse(await textOf(answer)) as AssetAddedAnswer
    assert.equal(asset.bytes, SIZE)
    file = asset.file
  })
  const read = async () => {
    const answer = await ask('GET', `/assets/${file}`)
    let bytes = 0
    for await (const chunk of answer) {
      bytes += (chunk as Buffer).byteLength
      watch.passed((chunk as Buffer).byteLength)
    }
    assert.deepEqual([answer.statusCode, bytes], [200, SIZE])
  }
  await within('fetching from the store and reading', read)
  await within('reading from the disk', read)
})

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
