import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import sharp from 'sharp'
import { realClock } from '../base/real-clock-node.ts'
import { realRandom } from '../base/real-random-node.ts'
import type { AssetStore } from '../store/asset-store.ts'
import { IndefiniteOutcome } from '../store/log-store.ts'
import { MemoryAssetStore } from '../store/memory-asset-store.ts'
import { MemoryConfigStore } from '../store/memory-config-store.ts'
import { AssetIntake, CHUNK_BYTES } from './asset-intake-node.ts'
import { ImageEncoder } from './image-encoder-node.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function stage(
  context: TestContext,
  { bytesMax = 2_000_000, store: given }: { bytesMax?: number; store?: AssetStore } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-assets-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const now = () => 1_700_000_000_000
  const store = given ?? new MemoryAssetStore({ now, config: new MemoryConfigStore(now) })
  const encoder = new ImageEncoder()
  let encoded = 0
  const counting: Pick<ImageEncoder, 'encode'> = {
    encode(...parts) {
      encoded += 1
      return encoder.encode(...parts)
    },
  }
  const ports = { store, clock: realClock, random: realRandom, folder, bytesMax }
  const intake = new AssetIntake({ ...ports, encoder: counting as ImageEncoder })
  const take = (name: string, ...body: readonly Uint8Array[]) =>
    intake.take({
      name,
      author: 'ada',
      body: (async function* () {
        yield* body
      })(),
    })
  return { store, take, intake, encoder, encoded: () => encoded, left: () => readdirSync(folder) }
}

async function stored(store: AssetStore, file: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for (let index = 0; ; index++) {
    const chunk = await store.assetChunk(file, index)
    if (!chunk) return Buffer.concat(chunks)
    chunks.push(chunk)
  }
}

const square = (width = 40, height = 40) =>
  sharp({ create: { width, height, channels: 4, background: { r: 200, g: 20, b: 20, alpha: 0.5 } } })

test('[CF81] every kind of image is encoded anew: it looks the same, and all that is no picture is gone', async (context) => {
  const { store, take, left } = stage(context)
  const secret = 'taken at 52.5163, 13.3777'
  const exif = { IFD0: { Copyright: secret } }
  const images = {
    'a.png': await square().withExif(exif).png().toBuffer(),
    'a.jpg': await square().withExif(exif).jpeg().toBuffer(),
    'a.webp': await square().withExif(exif).webp().toBuffer(),
    'a.avif': await square().withExif(exif).avif().toBuffer(),
    'a.gif': await square().gif().toBuffer(),
  }
  for (const [name, image] of Object.entries(images)) {
    const tail = Buffer.from('<script>alert(1)</script>')
    const outcome = await take(name, image, name === 'a.avif' ? Buffer.alloc(0) : tail)
    assert.ok(outcome.kind === 'kept', `${name}: ${JSON.stringify(outcome)}`)
    const bytes = await stored(store, outcome.asset.file)
    assert.equal(outcome.asset.file, `${sha256(bytes)}${name.slice(1)}`)
    const found = await sharp(bytes).metadata()
    assert.deepEqual([found.width, found.height], [40, 40])
    assert.ok(!bytes.includes(secret) && !bytes.includes('<script>'), name)
    assert.equal(found.exif, undefined)
  }
  assert.deepEqual(left(), [], 'nothing is left on the disk')
})

test('[CF81] an image is turned as its camera said, animations stay, and what is larger than pages is made smaller', async (context) => {
  const { store, take } = stage(context)
  const turned = await take('turned.jpg', await square(40, 20).withMetadata({ orientation: 6 }).jpeg().toBuffer())
  const large = await take('large.png', await square(3000, 1500).png().toBuffer())
  const frames = await Promise.all([square(), square().negate()].map((frame) => frame.png().toBuffer()))
  const moving = await take(
    'moving.gif',
    await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer(),
  )
  const sizes = []
  for (const outcome of [turned, large, moving]) {
    assert.ok(outcome.kind === 'kept', JSON.stringify(outcome))
    const { width, height, pages } = await sharp(await stored(store, outcome.asset.file)).metadata()
    sizes.push([width, height, pages])
  }
  assert.deepEqual(sizes, [
    [20, 40, undefined],
    [2560, 1280, undefined],
    [40, 40, 2],
  ])
})

test('[CF80] a file is what its name says, by its bytes, or it is refused with the reason', async (context) => {
  const { store, take, left } = stage(context)
  const png = await square().png().toBuffer()
  const many = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')
  const refused: readonly [string, Uint8Array, RegExp][] = [
    ['logo.svg', svg, /SVG is a program/],
    ['logo.png', svg, /is not image\/png, nor any other/],
    ['logo.jpg', png, /logo\.jpg is not image\/jpeg, but image\/png/],
    ['logo.png', png.subarray(0, 80), /cannot be taken/],
    ['many.png', many, /more than 40 million pixels/],
    ['run.exe', Buffer.from('MZ'), /end in \.exe are not taken/],
    ['page.html', Buffer.from('<script>'), /end in \.html are not taken/],
    ['card.json', png, /is no text but image\/png/],
    ['card.json', Buffer.from([0x7b, 0xff, 0x7d]), /no text in UTF-8/],
    ['card.json', Buffer.from('{\0}'), /no text in UTF-8/],
    ['bot.zip', Buffer.from('PK no'), /is not application\/zip/],
    ['empty.txt', Buffer.alloc(0), /is empty/],
    ['../logo.png', png, /is called like/],
    ['a//b.png', png, /is called like/],
    ['.hidden.png', png, /is called like/],
    [`${'0'.repeat(64)}.png`, png, /is called like/],
    ['logo', png, /./],
  ]
  for (const [name, bytes, reason] of refused) {
    const outcome = await take(name, bytes)
    assert.ok(outcome.kind === 'unfit', `${name}: ${JSON.stringify(outcome)}`)
    assert.match(outcome.reason, reason)
  }
  assert.deepEqual(await store.assets({ limit: 10 }), [])
  assert.deepEqual(left(), [])
})

test('[CF80] texts, cards and packages are kept to the letter', async (context) => {
  const { store, take } = stage(context)
  const euro = Buffer.from('€')
  const text = Buffer.concat([Buffer.alloc(CHUNK_BYTES - 1, 'x'), euro, Buffer.from('\n')])
  const zip = Buffer.from('504b0506000000000000000000000000000000000000', 'hex')
  for (const [name, bytes] of [
    ['mail.liquid', text],
    ['card.JSON', Buffer.from('{"a":1}')],
    ['bot.yml', Buffer.from('a: 1')],
    ['bot.zip', zip],
  ] as const) {
    const outcome = await take(name, bytes)
    assert.ok(outcome.kind === 'kept', `${name}: ${JSON.stringify(outcome)}`)
    assert.ok((await stored(store, outcome.asset.file)).equals(bytes))
    assert.equal(outcome.asset.source, sha256(bytes))
  }
})

test('[CF82] what is too large is refused while it comes, and nothing of it is left', async (context) => {
  const { store, intake, left } = stage(context, { bytesMax: 1000 })
  let sent = 0
  const body = (async function* () {
    for (;;) {
      sent += 1
      yield Buffer.alloc(400, 'x')
    }
  })()
  assert.deepEqual(await intake.take({ name: 'endless.txt', author: 'ada', body }), { kind: 'too-large' })
  assert.equal(sent, 3)
  assert.deepEqual(left(), [])
  assert.deepEqual(await store.assets({ limit: 10 }), [])
})

test('[CF82] what breaks off leaves nothing', async (context) => {
  const { store, intake, left } = stage(context)
  const body = (async function* () {
    yield Buffer.alloc(400, 'x')
    throw new Error('the client went away')
  })()
  assert.deepEqual(await intake.take({ name: 'half.txt', author: 'ada', body }), { kind: 'broken-off' })
  assert.deepEqual(left(), [])
  assert.deepEqual(await store.assets({ limit: 10 }), [])
})

test('[CF83] a file that was given before is known by its bytes, is not encoded again, and has its new name, too', async (context) => {
  const { take, encoded } = stage(context)
  const png = await square()
    .withExif({ IFD0: { Copyright: 'me' } })
    .png()
    .toBuffer()
  const first = await take('logo.png', png)
  const again = await take('queues/sales.png', png)
  assert.ok(first.kind === 'kept' && again.kind === 'kept')
  assert.deepEqual([first.known, again.known, encoded()], [false, true, 1])
  assert.equal(again.asset.file, first.asset.file)
  assert.deepEqual(again.asset.names, ['logo.png', 'queues/sales.png'])
})

test('[CF83] a reply of the store that is lost is asked for again, and the file is kept once', async (context) => {
  const now = () => 1_700_000_000_000
  const real = new MemoryAssetStore({ now, config: new MemoryConfigStore(now) })
  let calls = 0
  const losing = new Proxy(real, {
    get(target, name: keyof AssetStore) {
      const call = (target[name] as (...parts: unknown[]) => Promise<unknown>).bind(target)
      if (!['beginAsset', 'putAssetChunk', 'finishAsset'].includes(name)) return call
      return async (...parts: unknown[]) => {
        const answer = await call(...parts)
        calls += 1
        if (calls % 2 === 1) throw new IndefiniteOutcome('lost')
        return answer
      }
    },
  })
  const { take, store } = stage(context, { store: losing })
  const body = Buffer.alloc(CHUNK_BYTES + 10, 'y')
  const outcome = await take('long.txt', body)
  assert.ok(outcome.kind === 'kept')
  assert.ok((await stored(store, outcome.asset.file)).equals(body))
})

test('[CF81] a node that stops ends what it encodes, and refuses what comes', async (context) => {
  const { take, encoder, left } = stage(context)
  const outcome = take('large.avif', await square(900, 900).avif().toBuffer())
  encoder.stop()
  assert.deepEqual(await outcome, { kind: 'unfit', reason: 'The image cannot be taken: the node stops.' })
  assert.deepEqual(left(), [])
})
