import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import sharp from 'sharp'
import type { AuditEntry } from '../ops/audit-entry.ts'
import type { AssetAddedAnswer, AssetsAnswer } from '../protocol/asset-answers.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { httpStage, staffToken } from './http-stage.ts'

const DAY_MS = 86_400_000

async function stage(context: TestContext, { edge = true, assetBytes = 100_000, requestsPerMinute = 100_000 } = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-shelf-'))
  const limits = { assetBytes, assetCacheBytes: 1_000_000 }
  const made = await httpStage({ edge, requestsPerMinute }, true, undefined, { dataDir, limits })
  context.after(async () => {
    await made.app.close()
    rmSync(dataDir, { recursive: true })
  })
  await made.shelf.cache.start()
  const authorization = `Bearer ${staffToken('admin', 'audit')}`
  const give = (name: string, payload: Uint8Array | string) =>
    made.app.inject({
      method: 'POST',
      url: `/api/assets?name=${name}`,
      headers: { authorization, 'content-type': 'application/octet-stream' },
      payload: Buffer.from(payload),
    })
  const post = (url: string, payload: object = {}) =>
    made.app.inject({ method: 'POST', url, headers: { authorization }, payload })
  const change = (name: string, text: string | null) =>
    post('/api/config/changes', { key: randomBytes(8).toString('hex'), reason: 'r', documents: [{ name, text }] })
  const list = async () =>
    (await made.app.inject({ url: '/api/assets', headers: { authorization } })).json() as AssetsAnswer
  const entries = async () => (await made.audit.auditRows(0, 1000)).map(({ body }) => JSON.parse(body) as AuditEntry)
  return { ...made, dataDir, authorization, give, post, change, list, entries }
}

const logo = () =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer()

test('[SV90] an image that was given is listed with who uses it, and served for ever under its address', async (context) => {
  const { app, give, change, list, entries } = await stage(context)
  const added = (await give('logo.png', await logo())).json() as AssetAddedAnswer
  const { address, file } = added.asset
  assert.deepEqual([added.known, address, added.asset.names], [false, `/assets/${file}`, ['logo.png']])
  assert.equal((await change('branding', `logo: ${address}`)).statusCode, 200)
  assert.equal(((await give('logo.png', await logo())).json() as AssetAddedAnswer).known, true)
  const [row] = (await list()).assets
  assert.deepEqual([row?.file, row?.usedBy, row?.author, row?.mediaType], [file, ['branding'], 'Ada', 'image/png'])
  const shown = await app.inject({ url: address })
  assert.equal(shown.statusCode, 200)
  assert.equal(createHash('sha256').update(shown.rawPayload).digest('hex'), file.slice(0, 64))
  const { headers } = shown
  assert.deepEqual(
    [
      headers['content-type'],
      headers['cache-control'],
      headers['x-content-type-options'],
      headers['content-security-policy'],
      headers['cross-origin-resource-policy'],
      headers['content-disposition'],
      headers['content-length'],
    ],
    [
      'image/png',
      'public, max-age=31536000, immutable',
      'nosniff',
      "default-src 'none'; sandbox",
      'cross-origin',
      undefined,
      String(shown.rawPayload.byteLength),
    ],
  )
  const again = await app.inject({ url: address, headers: { 'if-none-match': String(headers.etag) } })
  assert.deepEqual([again.statusCode, again.body], [304, ''])
  assert.deepEqual(
    (await app.inject({ method: 'HEAD', url: address })).headers['content-length'],
    headers['content-length'],
  )
  const acts = (await entries()).map(({ act, on }) => `${act} ${on}`)
  assert.deepEqual(acts, ['asset.add asset/logo.png', 'config.change configuration', 'asset.add asset/logo.png'])
})

test('[SV90] a file that is no image is something to save, and nothing in it may run', async (context) => {
  const { app, give } = await stage(context)
  const { asset } = (await give('cards/hello.json', '{"type":"AdaptiveCard"}')).json() as AssetAddedAnswer
  const { headers, body } = await app.inject({ url: asset.address })
  assert.equal(body, '{"type":"AdaptiveCard"}')
  assert.deepEqual(
    [headers['content-disposition'], headers['content-type'], headers['content-security-policy']],
    ['attachment', 'application/json', "default-src 'none'; sandbox"],
  )
})

test('[SV91] an image has the address that Chime gives it, and that of the file with its name', async (context) => {
  const { app, give, clock, shelf } = await stage(context)
  const one = (await give('queues/sales.txt', 'one')).json() as AssetAddedAnswer
  const old = '/Chime/Content/images/queues/sales.txt'
  const first = await app.inject({ url: old })
  assert.deepEqual([first.body, first.headers['cache-control']], ['one', 'public, max-age=60, must-revalidate'])
  const byFile = await app.inject({ url: `/Chime/Content/images/${one.asset.file}` })
  assert.deepEqual([byFile.body, byFile.headers['cache-control']], ['one', 'public, max-age=31536000, immutable'])
  await give('queues/sales.txt', 'two')
  await clock.advance(10_000)
  const second = await app.inject({ url: old, headers: { 'if-none-match': String(first.headers.etag) } })
  assert.equal(second.body, 'two', 'the name stands for another file now')
  shelf.store.assetNamed = () => Promise.reject(new StoreUnavailable('away'))
  await clock.advance(10_000)
  assert.equal((await app.inject({ url: old })).body, 'two', 'while the store is away the last answer holds')
  const never = await app.inject({ url: '/Chime/Content/images/never.png' })
  assert.deepEqual([never.statusCode, never.json().code], [503, 'store-unavailable'])
})

test('[SV91] what there is not is said in a way that nobody caches', async (context) => {
  const { app } = await stage(context)
  for (const url of [
    `/assets/${'0'.repeat(64)}.png`,
    `/assets/${'0'.repeat(64)}.exe`,
    '/Chime/Content/images/nothing.png',
    '/Chime/Content/images/../../secret',
    '/Chime/Content/images/..%2f..%2fsecret',
  ]) {
    const { statusCode, headers } = await app.inject({ url })
    assert.equal(statusCode, 404, url)
    assert.equal(headers['cache-control'], 'no-store', url)
  }
})

test('[SV90] a node without pages serves assets, too', async (context) => {
  const { app, give } = await stage(context, { edge: false })
  const { asset } = (await give('a.txt', 'hello')).json() as AssetAddedAnswer
  assert.equal((await app.inject({ url: asset.address })).body, 'hello')
  assert.equal((await app.inject({ url: '/assets/index.js' })).json().code, 'unknown-asset')
})

test('[SV92] a file that is not fit is refused with the reason, whatever its type is said to be', async (context) => {
  const { app, give, authorization, list, entries } = await stage(context)
  const unfit = await give('logo.svg', '<svg/>')
  assert.deepEqual([unfit.statusCode, unfit.json().code], [422, 'asset-unfit'])
  assert.match(unfit.json().message, /SVG/)
  const headers = { authorization, 'content-type': 'image/png' }
  const lying = await app.inject({ method: 'POST', url: '/api/assets?name=a.png', headers, payload: '<svg/>' })
  assert.deepEqual([lying.statusCode, lying.json().code], [422, 'asset-unfit'])
  const none = await app.inject({ method: 'POST', url: '/api/assets?name=a.png', headers: { authorization } })
  assert.equal(none.statusCode, 422)
  assert.deepEqual([(await list()).assets, await entries()], [[], []])
})

test('[SV92] an upload above the limit is refused while it comes, though it never says how long it will be', async (context) => {
  const { app, authorization, dataDir, list, give } = await stage(context)
  assert.equal((await give('long.txt', 'x'.repeat(100_001))).statusCode, 413)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  assert.ok(address && typeof address === 'object')
  const socket = connect(address.port, '127.0.0.1')
  const chunk = `1000\r\n${'x'.repeat(0x1000)}\r\n`
  socket.write(
    `POST /api/assets?name=endless.txt HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n` +
      'content-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n',
  )
  let sent = 0
  const answer = await new Promise<string>((resolve, reject) => {
    const send = () => {
      sent += 1
      if (sent < 10_000) socket.write(chunk, () => setImmediate(send))
    }
    socket.once('data', (data) => {
      sent = 10_000
      resolve(String(data))
    })
    socket.once('error', reject)
    send()
  })
  socket.destroy()
  assert.match(answer, /^HTTP\/1\.1 413 /)
  assert.match(answer, /A file may have 100000 bytes at most/)
  assert.deepEqual(readdirSync(join(dataDir, 'assets')), [])
  assert.deepEqual((await list()).assets, [])
})

test('[SV93] a document that speaks of an asset which is not there is refused with line and field', async (context) => {
  const { change, give } = await stage(context)
  const nothing = `${'a'.repeat(64)}.png`
  const refused = await change('branding', `name: We\nlogo: /assets/${nothing}`)
  assert.equal(refused.statusCode, 422)
  assert.deepEqual(refused.json().faults, [
    { document: 'branding', field: 'logo', sentence: `There is no asset ${nothing}.`, line: 2, column: 1 },
  ])
  const body = 'title: Hi\nbody: "![x](https://@Model.ServerFQDN/Chime/Content/images/a.txt)"'
  assert.equal((await change('text/hi', body)).statusCode, 422)
  await give('a.txt', 'x')
  const taken = await change('text/hi', body)
  assert.equal(taken.statusCode, 200)
  assert.deepEqual(taken.json().notes, [
    { document: 'text/hi', field: 'body', sentence: '@Model.ServerFQDN became {{ server }}.', line: 2, column: 1 },
  ])
})

test('[SV94] what a document speaks of is not removed; what none speaks of goes when it is told to, or after a day', async (context) => {
  const { app, give, change, post, clock, list, entries, shelf } = await stage(context)
  const used = ((await give('used.png', await logo())).json() as AssetAddedAnswer).asset
  const free = ((await give('free.txt', 'free')).json() as AssetAddedAnswer).asset
  const old = ((await give('old.txt', 'old')).json() as AssetAddedAnswer).asset
  await change('branding', `logo: ${used.address}`)
  const refused = await post(`/api/assets/${used.file}/remove`)
  assert.deepEqual([refused.statusCode, refused.json().code], [409, 'asset-in-use'])
  assert.match(refused.json().message, /branding/)
  await app.inject({ url: free.address })
  assert.deepEqual((await post(`/api/assets/${free.file}/remove`)).json(), { gone: [free.file] })
  assert.equal((await app.inject({ url: free.address })).statusCode, 404, 'on this node at once')
  assert.equal((await post(`/api/assets/${free.file}/remove`)).statusCode, 404)
  assert.deepEqual((await post('/api/assets/collect')).json(), { gone: [] })
  const oldRow = (await list()).assets.find(({ file }) => file === old.file)
  assert.equal(oldRow?.goesAt, old.at + DAY_MS, 'it is told when it goes')
  await change('branding', null)
  const usedRow = (await list()).assets.find(({ file }) => file === used.file)
  assert.deepEqual([usedRow?.usedBy, usedRow?.goesAt], [[], undefined], 'the history speaks of it')
  await app.inject({ url: old.address })
  await clock.advance(DAY_MS + 1)
  assert.deepEqual((await post('/api/assets/collect')).json(), { gone: [old.file] })
  assert.deepEqual(
    (await list()).assets.map(({ file }) => file),
    [used.file],
    'the history speaks of it',
  )
  await shelf.cache.forgetGone()
  assert.equal((await app.inject({ url: old.address })).statusCode, 404)
  const acts = (await entries()).map(({ act }) => act).filter((act) => act !== 'asset.add' && act !== 'config.change')
  assert.deepEqual(acts, ['asset.remove', 'asset.collect'])
})

test('[SV91] who asks for what is not on the disk is counted, who asks for what is there is not', async (context) => {
  const { app, give, shelf } = await stage(context, { requestsPerMinute: 6 })
  const { asset } = (await give('a.txt', 'hello')).json() as AssetAddedAnswer
  await shelf.cache.hold(asset.file)
  const nothing = (url: string) => app.inject({ url: `${url}${'0'.repeat(64)}.png` })
  const answers = [await nothing('/assets/'), await nothing('/assets/'), await nothing('/Chime/Content/images/x')]
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [404, 404, 404],
  )
  for (let index = 0; index < 10; index++) assert.equal((await app.inject({ url: asset.address })).statusCode, 200)
  const refused = []
  for (let index = 0; index < 5; index++) refused.push((await nothing('/assets/')).statusCode)
  assert.ok(refused.includes(429), String(refused))
})

test('[SV92] an upload whose giver went away is nothing that happened', async (context) => {
  const { app, authorization, dataDir, entries } = await stage(context)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  assert.ok(address && typeof address === 'object')
  const socket = connect(address.port, '127.0.0.1')
  const closed = new Promise((resolve) => app.server.once('connection', (other) => other.once('close', resolve)))
  socket.write(
    `POST /api/assets?name=half.txt HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n` +
      'content-type: text/plain\r\ncontent-length: 1000\r\n\r\nhalf',
  )
  while (readdirSync(join(dataDir, 'assets')).length === 0) await new Promise(setImmediate)
  socket.destroy()
  await closed
  while (readdirSync(join(dataDir, 'assets')).length > 0) await new Promise(setImmediate)
  assert.deepEqual(await entries(), [])
})

test('[SV96] pages may show images of the hosts that an operator named, from the next request on', async (context) => {
  const { app, change } = await stage(context)
  const policy = async () => String((await app.inject({ url: '/health/live' })).headers['content-security-policy'])
  assert.match(await policy(), /; img-src 'self' data:; /)
  assert.equal((await change('settings', 'imageHosts: cdn.example')).statusCode, 200)
  assert.match(await policy(), /; img-src 'self' data: https:\/\/cdn\.example; /)
})
