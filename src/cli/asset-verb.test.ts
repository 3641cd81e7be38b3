import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import sharp from 'sharp'
import { httpStage, staffToken } from '../server/http-stage.ts'
import { EXIT } from './verb.ts'
import { runVerb } from './verb-stage.ts'

/** The HTTP side of a node on a free port, a directory, and the command line beside it. */
async function stage(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-asset-verb-'))
  const limits = { assetBytes: 1_000_000, assetCacheBytes: 10_000_000 }
  const { app, shelf, config } = await httpStage({}, true, undefined, { dataDir: join(folder, 'data'), limits })
  await shelf.cache.start()
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  context.after(async () => {
    await app.close()
    rmSync(folder, { recursive: true })
  })
  let made = 0
  const env = { HOLDFAST_URL: url, HOLDFAST_TOKEN: staffToken('admin') }
  const cluster = (...words: readonly string[]) => runVerb(words, { env, id: () => `key-${made++}` })
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return { cluster, folder, write, shelf, config }
}

const square = (background: string) =>
  sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toBuffer()

test('[CI30] assets are added, alone or as a directory, listed, and removed by name', async (context) => {
  const { cluster, folder, write } = await stage(context)
  assert.deepEqual((await cluster('asset', 'list')).out, ['There is no asset yet.'])
  write('images/queues/sales.png', await square('red'))
  write('images/card.json', '{}')
  write('images/.hidden/x.png', 'x')
  const added = await cluster('asset', 'add', join(folder, 'images'))
  assert.deepEqual([added.code, added.err], [EXIT.done, []])
  assert.match(added.out[0] ?? '', /^card\.json is \/assets\/[0-9a-f]{64}\.json\.$/)
  assert.match(added.out[1] ?? '', /^queues\/sales\.png is \/assets\/[0-9a-f]{64}\.png\.$/)
  const again = await cluster('asset', 'add', join(folder, 'images', 'card.json'), '--name', 'bots/card.json')
  assert.match(again.out[0] ?? '', /, as before\.$/)
  const { out } = await cluster('asset', 'list')
  assert.equal(out.length, 3)
  assert.ok(out.some((line) => line.startsWith('bots/card.json, card.json')))
  assert.equal((await cluster('asset', 'remove', 'queues/sales.png')).code, EXIT.done)
  assert.equal((await cluster('asset', 'remove', 'queues/sales.png')).code, EXIT.failed)
  assert.match((await cluster('asset', 'gc')).out[0] ?? '', /^Nothing to remove/)
})

test('[CI30] a file that is refused is told with the reason, also one that is far too large', async (context) => {
  const { cluster, folder, write } = await stage(context)
  write('logo.svg', '<svg/>')
  const svg = await cluster('asset', 'add', join(folder, 'logo.svg'))
  assert.deepEqual([svg.code, svg.err.length], [EXIT.failed, 1])
  assert.match(svg.err[0] ?? '', /SVG is a program/)
  write('long.txt', 'x'.repeat(8_000_000))
  const large = await cluster('asset', 'add', join(folder, 'long.txt'))
  assert.equal(large.code, EXIT.failed)
  assert.match(large.err[0] ?? '', /A file may have 1000000 bytes at most/)
  assert.equal((await cluster('asset', 'add', join(folder, 'nothing.png'))).code, EXIT.failed)
  assert.equal((await cluster('asset', 'ad', 'x')).code, EXIT.usage)
})

test('[CI31] a directory brings its images with it: applied again it changes nothing, and what was exported can be applied', async (context) => {
  const { cluster, folder, write, config } = await stage(context)
  write('config/assets/logo.png', await square('red'))
  write('config/assets/queues/sales.png', await square('blue'))
  write('config/assets/card.json', '{}')
  write('config/branding.yaml', 'name: We\nlogo: assets/logo.png\n')
  write('config/text/hi.yaml', 'title: Hi\nbody: "See /Chime/Content/images/queues/sales.png"\n')
  const directory = join(folder, 'config')
  const first = await cluster('config', 'apply', directory)
  assert.deepEqual(
    [first.code, first.err],
    [EXIT.done, ['assets/logo.png is taken in.', 'assets/queues/sales.png is taken in.']],
  )
  const { documents } = await config.configuration()
  assert.match(documents[0]?.body ?? '', /"logo":"\/assets\/[0-9a-f]{64}\.png"/)
  const again = await cluster('config', 'diff', directory)
  assert.deepEqual([again.code, again.err], [EXIT.done, []])
  const exported = join(folder, 'exported')
  assert.equal((await cluster('config', 'export', exported)).code, EXIT.done)
  assert.equal(readFileSync(join(exported, 'branding.yaml'), 'utf8'), 'logo: assets/logo.png\nname: We\n')
  assert.deepEqual(readdirSync(join(exported, 'assets'), { recursive: true }).sort(), [
    'logo.png',
    'queues',
    'queues/sales.png',
  ])
  const back = await cluster('config', 'diff', exported)
  assert.deepEqual([back.code, back.err], [EXIT.done, []])
  write('config/assets/logo.png', await square('green'))
  const changed = await cluster('config', 'apply', directory)
  assert.deepEqual([changed.code, changed.err], [EXIT.done, ['assets/logo.png is taken in.']])
  assert.equal((await config.configuration()).revision, 2)
})

test('[CI31] what a document speaks of and the directory does not have is refused with its line', async (context) => {
  const { cluster, folder, write } = await stage(context)
  write('config/branding.yaml', 'name: We\nlogo: assets/nothing.png\n')
  const { code, err } = await cluster('config', 'apply', join(folder, 'config'))
  assert.equal(code, EXIT.failed)
  assert.match(err[1] ?? '', /branding:2:1: logo: This must be an image among the assets/)
})
