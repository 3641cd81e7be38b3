import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { realRandom } from '../base/real-random-node.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { MemoryAssetStore } from '../store/memory-asset-store.ts'
import { MemoryConfigStore } from '../store/memory-config-store.ts'
import { AssetCache } from './asset-cache-node.ts'
import { AssetUpkeep } from './asset-upkeep.ts'
import { Configuration } from './configuration.ts'

function stage(context: TestContext, bytesMax = 10_000) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-cache-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const now = () => 1_700_000_000_000
  const store = new MemoryAssetStore({ now, config: new MemoryConfigStore(now) })
  const asked: string[] = []
  let away = false
  const watched = {
    asset: async (file: string) => {
      if (away) throw new StoreUnavailable('away')
      asked.push(file)
      return store.asset(file)
    },
    assetChunk: (file: string, index: number) => store.assetChunk(file, index),
    assets: (query: { limit: number; after?: string }) => store.assets(query),
  }
  const start = async () => {
    const cache = new AssetCache({ store: watched, random: realRandom, log: silentLog, folder, bytesMax })
    await cache.start()
    return cache
  }
  let made = 0
  const give = async (bytes: number, name = `a${made}.txt`) => {
    made += 1
    const body = Buffer.alloc(bytes, String(made))
    const file = `${createHash('sha256').update(body).digest('hex')}.txt`
    await store.beginAsset(file)
    await store.putAssetChunk(file, 0, body.subarray(0, 100))
    await store.putAssetChunk(file, 1, body.subarray(100))
    await store.finishAsset(file, { file, source: file, bytes, author: 'ada' }, name)
    return file
  }
  const setAway = (is: boolean) => {
    away = is
  }
  return { folder, store, asked, start, give, setAway, left: () => readdirSync(folder).sort() }
}

async function read(cache: AssetCache, file: string): Promise<number | undefined> {
  const found = await cache.open(file)
  const body = await found?.handle.readFile()
  await found?.handle.close()
  if (body) assert.equal(createHash('sha256').update(body).digest('hex'), file.slice(0, 64))
  return body?.byteLength
}

test('[CF84] a file is fetched once, however many ask at once, and what does not exist is nothing', async (context) => {
  const { start, give, asked } = stage(context)
  const [cache, file] = [await start(), await give(3000)]
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => read(cache, file))), [3000, 3000, 3000])
  assert.deepEqual(asked, [file])
  assert.equal(await read(cache, `${'0'.repeat(64)}.txt`), undefined)
  assert.equal(await read(cache, file.replace('.txt', '.png')), undefined, 'the ending is part of the name')
})

test('[CF84] the least recently used file makes room, on the disk as well', async (context) => {
  const { start, give, left } = stage(context)
  const cache = await start()
  const [one, two, three] = [await give(4000), await give(4000), await give(4000)]
  for (const file of [one, two]) await read(cache, file)
  const open = await cache.open(two)
  await read(cache, one)
  await read(cache, three)
  assert.deepEqual(left(), [one, three].sort())
  assert.equal(cache.bytes, 8000)
  assert.equal((await open?.handle.readFile())?.byteLength, 4000, 'who reads it reads it to its end')
  await open?.handle.close()
  const huge = await give(50_000)
  assert.equal(await read(cache, huge), 50_000)
  assert.deepEqual(left(), [huge])
})

test('[CF84] what an earlier run left is used once it proved to be what its name says; half a file goes', async (context) => {
  const { start, give, asked, folder, left } = stage(context)
  const [sound, damaged] = [await give(3000), await give(3000)]
  const first = await start()
  for (const file of [sound, damaged]) await read(first, file)
  const body = readFileSync(join(folder, damaged))
  body[7] = 0
  writeFileSync(join(folder, damaged), body)
  writeFileSync(join(folder, 'x.part'), 'half')
  const second = await start()
  assert.equal(second.bytes, 6000)
  assert.deepEqual(left(), [sound, damaged].sort())
  for (const file of [sound, damaged]) assert.equal(await read(second, file), 3000)
  assert.deepEqual(asked, [sound, damaged, damaged])
  rmSync(join(folder, sound))
  assert.equal(await read(second, sound), 3000, 'what somebody removed is fetched again')
})

test('[CF84] a start on a cache that may be smaller now keeps the youngest', async (context) => {
  const { start, give, folder, left } = stage(context, 5000)
  const [old, young] = [await give(3000), await give(3000)]
  for (const [file, at, digit] of [
    [old, 1000, '1'],
    [young, 2000, '2'],
  ] as const) {
    writeFileSync(join(folder, file), Buffer.alloc(3000, digit))
    utimesSync(join(folder, file), at, at)
  }
  await start()
  assert.deepEqual(left(), [young])
})

test('[CF84] bytes of the store that are not what the name says are given to nobody', async (context) => {
  const { start, store, left } = stage(context)
  const file = `${'0'.repeat(64)}.txt`
  await store.beginAsset('u')
  await store.putAssetChunk('u', 0, Buffer.from('else'))
  await store.finishAsset('u', { file, source: file, bytes: 4, author: 'ada' }, 'a.txt')
  const cache = await start()
  await assert.rejects(cache.open(file), /not what its name says/)
  assert.deepEqual(left(), [])
})

test('[CF85] a node has what the configuration speaks of before anybody asks, and serves it while the store is away', async (context) => {
  const { start, give, store, setAway } = stage(context)
  const [logo, named, unsaid] = [await give(500), await give(500, 'queues/sales.png'), await give(500)]
  const cache = await start()
  const documents = [
    { name: 'branding', revision: 1, value: { logo: `/assets/${logo}` } },
    { name: 'text/a', revision: 2, value: { body: 'See /Chime/Content/images/queues/sales.png.' } },
  ]
  const configuration = new Configuration(2, documents)
  const keeper = {
    configuration: () => configuration,
    onChange: (listener: (next: Configuration) => void) => listener(configuration),
  }
  const clock = new ManualClock()
  const random = { fraction: () => 0, id: () => '' }
  const upkeep = new AssetUpkeep({ clock, random, log: silentLog, store, keeper, cache })
  upkeep.start()
  await upkeep.settled()
  upkeep.stop()
  setAway(true)
  for (const file of [logo, named]) assert.equal(await read(cache, file), 500)
  await assert.rejects(cache.open(unsaid), StoreUnavailable)
  assert.equal(clock.pending, 0)
})

test('[CF84] what the store has no more is let go of every hour', async (context) => {
  const { start, give, store, left } = stage(context)
  const [gone, kept] = [await give(500), await give(500)]
  const cache = await start()
  for (const file of [gone, kept]) await read(cache, file)
  await store.removeAsset(gone)
  const clock = new ManualClock()
  const configuration = new Configuration(1, [{ name: 'branding', revision: 1, value: { logo: `/assets/${kept}` } }])
  const keeper = { configuration: () => configuration, onChange() {} }
  const random = { fraction: () => 0, id: () => '' }
  const upkeep = new AssetUpkeep({ clock, random, log: silentLog, store, keeper, cache })
  upkeep.start()
  await clock.advance(3_600_000)
  await upkeep.settled()
  upkeep.stop()
  while (left().length > 1) await new Promise(setImmediate)
  assert.deepEqual(left(), [kept])
})
