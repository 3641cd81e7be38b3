import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { type AssetFacts, type AssetStore, assetWords } from './asset-store.ts'
import type { ConfigStore } from './config-store.ts'

export interface AssetStage {
  readonly assets: AssetStore
  readonly config: ConfigStore
  /** Makes all that is there older. */
  age(ms: number): Promise<void>
}

const DAY_MS = 86_400_000
let made = 0

function facts(body: Uint8Array, more: Partial<AssetFacts> = {}): AssetFacts {
  made += 1
  const file = `${made.toString(16).padStart(64, '0')}.png`
  return { file, source: made.toString(16).padStart(64, 'f'), bytes: body.byteLength, author: 'ada', ...more }
}

/** Stores a file in two chunks; answers its facts. */
async function give(assets: AssetStore, name: string, more: Partial<AssetFacts> = {}): Promise<AssetFacts> {
  const body = randomBytes(1000)
  const [about, upload] = [facts(body, more), `upload-${made}`]
  await assets.beginAsset(upload)
  assert.ok(await assets.putAssetChunk(upload, 0, body.subarray(0, 600)))
  assert.ok(await assets.putAssetChunk(upload, 1, body.subarray(600)))
  await assets.finishAsset(upload, about, name)
  return about
}

async function write(config: ConfigStore, name: string, body: string | null): Promise<void> {
  made += 1
  const expect = (await config.configuration()).documents.find((document) => document.name === name)?.revision ?? 0
  await config.changeConfiguration({ key: `key-${made}`, author: 'ada', reason: 'r', edits: [{ name, expect, body }] })
}

/** What every store of assets must do. `stage` makes a fresh one. */
export function testAssetStore(kind: string, stage: () => Promise<AssetStage>): void {
  test(`${kind}: [SE70] a file goes in and out in chunks, and is not there before it is whole`, async () => {
    const { assets } = await stage()
    const body = randomBytes(2500)
    const about = facts(body)
    await assets.beginAsset('u')
    await assets.beginAsset('u')
    const chunk = Buffer.alloc(1000)
    for (const index of [0, 2, 1, 1]) {
      const length = body.copy(chunk, 0, index * 1000)
      await assets.putAssetChunk('u', index, chunk.subarray(0, length))
    }
    assert.equal(await assets.asset(about.file), undefined)
    assert.equal(await assets.assetChunk(about.file, 0), undefined)
    assert.equal(await assets.finishAsset('u', about, 'logo.png'), 'stored')
    assert.equal(await assets.finishAsset('u', about, 'logo.png'), 'stored', 'a lost reply is asked for again')
    const { at, ...found } = (await assets.asset(about.file)) ?? assert.fail()
    assert.ok(at > 0)
    assert.deepEqual(found, { ...about, names: ['logo.png'] })
    const chunks: Uint8Array[] = []
    for (let index = 0; ; index++) {
      const chunk = await assets.assetChunk(about.file, index)
      if (!chunk) break
      chunks.push(chunk)
    }
    assert.equal(chunks.length, 3)
    assert.ok(Buffer.concat(chunks).equals(body))
    assert.equal(await assets.putAssetChunk('u', 3, body), false, 'what is finished stays as it is')
  })

  test(`${kind}: [SE70] an upload that lacks a chunk is never finished`, async () => {
    const { assets } = await stage()
    const body = randomBytes(2000)
    const about = facts(body)
    await assets.beginAsset('u')
    await assets.putAssetChunk('u', 0, body.subarray(0, 1000))
    assert.equal(await assets.finishAsset('u', about, 'logo.png'), 'incomplete')
    assert.equal(await assets.finishAsset('nobody', about, 'logo.png'), 'incomplete')
    assert.equal(await assets.putAssetChunk('nobody', 0, body), false)
    assert.deepEqual(await assets.assets({ limit: 10 }), [])
    assert.equal(await assets.assetNamed('logo.png'), undefined)
  })

  test(`${kind}: [SE71] the same file is kept once, also when many give it at once`, async () => {
    const { assets } = await stage()
    const body = randomBytes(100)
    const about = facts(body)
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        await assets.beginAsset(`u${index}`)
        await assets.putAssetChunk(`u${index}`, 0, body)
        return assets.finishAsset(`u${index}`, about, `name-${index % 2}.png`)
      }),
    )
    assert.deepEqual(outcomes.sort(), [...Array(7).fill('known'), 'stored'])
    const [asset, ...others] = await assets.assets({ limit: 10 })
    assert.deepEqual(others, [])
    assert.deepEqual(asset?.names, ['name-0.png', 'name-1.png'])
    assert.ok(Buffer.from((await assets.assetChunk(about.file, 0)) ?? []).equals(body))
    assert.equal(await assets.assetChunk(about.file, 1), undefined)
  })

  test(`${kind}: [SE71] a file is found by its name, by what it was made from, and by itself`, async () => {
    const { assets } = await stage()
    const one = await give(assets, 'logo.png')
    const two = await give(assets, 'logo.png')
    assert.equal((await assets.assetNamed('logo.png'))?.file, two.file, 'a name stands for what had it given last')
    assert.deepEqual((await assets.asset(one.file))?.names, [])
    assert.equal(await assets.nameAsset(one.file, 'old.png'), true)
    assert.equal((await assets.assetNamed('old.png'))?.file, one.file)
    assert.equal(await assets.nameAsset('nothing.png', 'old.png'), false)
    assert.equal((await assets.assetFrom(one.source, 'png'))?.file, one.file)
    assert.equal((await assets.assetFrom(one.file.slice(0, 64), 'png'))?.file, one.file)
    assert.equal(await assets.assetFrom(one.source, 'gif'), undefined)
    assert.deepEqual(
      (await assets.assets({ limit: 1, after: one.file })).map(({ file }) => file),
      [two.file],
    )
  })

  test(`${kind}: [SE72] what a document of the present or of the history says stays, the rest goes after its time`, async () => {
    const { assets, config, age } = await stage()
    const [now, once, named, unsaid, formerly] = [
      await give(assets, 'now.png'),
      await give(assets, 'once.png'),
      await give(assets, 'queues/sales.png'),
      await give(assets, 'unsaid.png'),
      await give(assets, 'taken.png'),
    ]
    const taken = await give(assets, 'taken.png')
    await write(config, 'branding', JSON.stringify({ logo: `/assets/${now.file}` }))
    await write(config, 'queue/sales', JSON.stringify({ title: 'S', image: `/assets/${once.file}` }))
    await write(config, 'queue/sales', JSON.stringify({ title: 'S' }))
    const body =
      '![x](https://@Model.ServerFQDN/Chime/Content/images/queues/sales.png)\n/Chime/Content/images/taken.png.'
    await write(config, 'text/hello', JSON.stringify({ title: 'Hello', body }))
    assert.deepEqual(await assets.collectAssets(DAY_MS), [], 'nothing is old yet')
    const all = (await assets.assets({ limit: 10 })).map(({ file }) => file)
    const told = await assets.unsaidAssets([...all, 'nothing.png'])
    assert.deepEqual(
      told.map(({ file, since }) => [file, since]),
      [
        [unsaid.file, (await assets.asset(unsaid.file))?.at],
        [formerly.file, (await assets.asset(formerly.file))?.at],
      ],
      'they are told before they go, with since when',
    )
    assert.deepEqual(await assets.unsaidAssets([now.file]), [])
    await age(DAY_MS + 1000)
    const gone = await assets.collectAssets(DAY_MS)
    assert.deepEqual([...gone].sort(), [unsaid.file, formerly.file])
    for (const { file } of [now, once, named, taken]) assert.ok(await assets.asset(file))
    assert.equal(await assets.asset(unsaid.file), undefined)
    assert.equal(await assets.assetChunk(unsaid.file, 0), undefined)
    assert.equal(await assets.assetNamed('unsaid.png'), undefined)
  })

  test(`${kind}: [SE72] what is given again or wanted by a change stays, and so does an upload under way`, async () => {
    const { assets, age } = await stage()
    const [again, wanted, byName] = [
      await give(assets, 'a.png'),
      await give(assets, 'b.png'),
      await give(assets, 'c.png'),
    ]
    await assets.beginAsset('half')
    await age(DAY_MS + 1000)
    await assets.beginAsset('fresh')
    await assets.nameAsset(again.file, 'a.png')
    const nothing = `${'0'.repeat(64)}.gif`
    const found = await assets.wantAssets([wanted.file, 'c.png', nothing, 'nothing.png'])
    assert.deepEqual([...found].sort(), [wanted.file, 'c.png'].sort())
    assert.deepEqual(await assets.collectAssets(DAY_MS), [])
    assert.ok(await assets.asset(byName.file))
    assert.equal(await assets.putAssetChunk('half', 0, randomBytes(1)), false, 'begun before, and never finished')
    assert.equal(await assets.putAssetChunk('fresh', 0, randomBytes(1)), true)
  })

  test(`${kind}: [SE72] who collects while a change is judged or a file given takes nothing away from them`, async () => {
    const { assets, age } = await stage()
    const body = randomBytes(300)
    const about = facts(body)
    const upload = async (round: number) => {
      await assets.beginAsset(`u${round}`)
      await assets.putAssetChunk(`u${round}`, 0, body)
      return assets.finishAsset(`u${round}`, about, 'race.png')
    }
    for (let round = 0; round < 24; round += 2) {
      await upload(round)
      await age(DAY_MS + 1000)
      const [found, ...collected] = await Promise.all([
        assets.wantAssets([about.file]),
        assets.collectAssets(DAY_MS),
        assets.collectAssets(DAY_MS),
      ])
      const there = (await assets.asset(about.file)) !== undefined
      assert.equal(there, found.includes(about.file), 'what a change was told is so')
      assert.equal(there, collected.flat().length === 0)
      if (!there) await upload(round)
      await age(DAY_MS + 1000)
      await Promise.all([upload(round + 1), assets.collectAssets(DAY_MS), assets.collectAssets(DAY_MS)])
      assert.equal((await assets.assetNamed('race.png'))?.file, about.file, 'what was given is there')
      assert.ok(Buffer.from((await assets.assetChunk(about.file, 0)) ?? []).equals(body))
    }
  })

  test(`${kind}: [SE73] what documents of the present say is not removed, nor what a change under way may say`, async () => {
    const { assets, config, age } = await stage()
    const { file } = await give(assets, 'logo.png')
    await write(config, 'branding', JSON.stringify({ logo: `/assets/${file}` }))
    await write(config, 'text/hello', JSON.stringify({ body: '/Chime/Content/images/logo.png' }))
    const { kind, ...by } = await assets.removeAsset(file)
    assert.deepEqual([kind, by], ['in-use', { documents: ['branding', 'text/hello'] }])
    await write(config, 'branding', null)
    await write(config, 'text/hello', null)
    await assets.wantAssets([file])
    assert.deepEqual(await assets.removeAsset(file), { kind: 'in-use', documents: [] })
    await age(3_600_000)
    assert.deepEqual(await assets.removeAsset(file), { kind: 'removed' })
    assert.deepEqual(await assets.removeAsset(file), { kind: 'unknown' })
  })
}

test('[SE72] the words of a text are what follows the two paths, without the mark at the end of a sentence', () => {
  const text = 'See /assets/ab.png, "https://x/Chime/Content/images/a/b-1.jpg". /assets/.x /assets/ab.png?v=1\\n'
  assert.deepEqual(assetWords(text), ['ab.png', 'a/b-1.jpg'])
})
