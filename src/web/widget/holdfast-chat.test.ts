import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { builtPages } from '../page-build-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { TestEdge } from '../test-edge-node.ts'
import { type PageServer, RestRefusal, servePages } from '../test-pages-node.ts'

const SIZE_MAX = 30 * 1024
const ADA = { id: 'ada', role: 'agent', name: 'Ada' } as const

let browser: Browser
let pages: PageServer
let edge: TestEdge
let asked: { name?: string; token?: string }[]
let opened = 0

before(async () => {
  pages = await servePages()
  edge = new TestEdge(pages.server)
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  edge?.close()
  await pages?.close()
})
beforeEach(() => {
  asked = []
  edge.cut()
  edge.release()
  pages.rest.set('POST /api/demo/token', ({ body }) => {
    const request = body as { name?: string; token?: string }
    asked.push(request)
    if (request.token === undefined) opened += 1
    const conversation = `00000000000${String(opened).padStart(2, '0')}`
    return {
      token: `visitor:v-${conversation}:${request.name ?? 'Visitor'}`,
      conversation,
      subject: `v-${conversation}`,
      name: request.name ?? 'Visitor',
      expiresAt: 0,
      addresses: [`${pages.url.replace('http', 'ws')}/connect`],
    }
  })
})

interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  readonly faults: readonly string[]
  readonly field: Locator
  readonly log: Locator
  /** The conversation that the token named last. */
  readonly conversation: () => string
}

async function visit(options: { scheme?: 'light' | 'dark'; open?: boolean } = {}): Promise<Visit> {
  const context = await browser.newContext({ colorScheme: options.scheme ?? 'light' })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(pages.url)
  if (options.open !== false) await page.getByRole('button', { name: 'Open chat' }).click()
  return {
    page,
    context,
    faults,
    field: page.getByRole('textbox', { name: 'Message' }),
    log: page.getByRole('log', { name: 'Messages' }),
    conversation: () => `00000000000${String(opened).padStart(2, '0')}`,
  }
}

async function say(visited: Visit, text: string): Promise<void> {
  await visited.field.fill(text)
  await visited.field.press('Enter')
}

test('[WE24] the widget is one script of at most 30 kB gzip that asks for nothing else', async () => {
  const folder = await builtPages()
  const script = await readFile(join(folder, 'holdfast-chat.js'))
  const size = gzipSync(script, { level: 9 }).length
  console.log(`# holdfast-chat.js: ${size} bytes gzip of ${SIZE_MAX}`)
  assert.ok(size <= SIZE_MAX, `${size} bytes`)
  assert.doesNotMatch(String(script), /innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/)
  const copies = (await readdir(join(folder, 'assets'))).filter((name) => name.startsWith('holdfast-chat-'))
  const same = await Promise.all(
    copies.map(async (name) => script.equals(await readFile(join(folder, 'assets', name)))),
  )
  assert.ok(same.includes(true), 'its copy under its digest is there')
})

test('[WE24] nothing is asked of the server before the chat is opened', async () => {
  const visited = await visit({ open: false })
  await visited.page.getByRole('button', { name: 'Open chat' }).waitFor()
  assert.deepEqual(asked, [])
  await visited.page.getByRole('button', { name: 'Open chat' }).click()
  await visited.field.waitFor()
  await say(visited, 'hello')
  await visited.log.getByText('hello').waitFor()
  assert.equal(asked.length, 1)
  assert.deepEqual(visited.faults, [])
  await visited.context.close()
})

test('[WE25] everything can be done by keyboard, and what comes is announced', async () => {
  const visited = await visit({ open: false })
  const { page, field, log } = visited
  await page.getByRole('button', { name: 'Open chat' }).focus()
  await page.keyboard.press('Enter')
  await field.waitFor()
  await page.waitForFunction(
    () => document.querySelector('holdfast-chat')?.shadowRoot?.activeElement?.tagName === 'TEXTAREA',
  )
  await page.keyboard.type('first')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('second')
  await page.keyboard.press('Enter')
  await log.getByText('first').waitFor()
  // The page shows what it sends at once; the server has it a moment later.
  const deadline = Date.now() + 10_000
  while (edge.texts(visited.conversation()).length === 0 && Date.now() < deadline)
    await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(edge.texts(visited.conversation()), ['first\nsecond'])
  assert.equal(await field.inputValue(), '')
  assert.equal(await log.getAttribute('aria-live'), 'polite')
  await page.keyboard.press('Escape')
  await field.waitFor({ state: 'hidden' })
  await page.waitForFunction(
    () =>
      document.querySelector('holdfast-chat')?.shadowRoot?.activeElement?.getAttribute('aria-label') === 'Open chat',
  )
  assert.equal(await page.locator('holdfast-chat').getAttribute('open'), null)
  edge.act(visited.conversation(), ADA, { type: 'join' })
  edge.act(visited.conversation(), ADA, { type: 'message', format: 'markdown', text: 'hi' })
  await page.getByRole('button', { name: 'Open chat, 1 new' }).press('Enter')
  await log.getByText('hi').waitFor()
  await visited.context.close()
})

test("[WE20] an agent's words are rendered from their tree, hostile ones stay text", async () => {
  const visited = await visit()
  const { page, log } = visited
  await say(visited, '<img src=x onerror=alert(1)>')
  await log.getByText('<img src=x onerror=alert(1)>').waitFor()
  edge.act(visited.conversation(), ADA, { type: 'join' })
  const text = 'Look: **bold**, `code`\n- [shop](https://shop.example/)\n- [bad](javascript:alert(1))\n<b>x</b>'
  edge.act(visited.conversation(), ADA, { type: 'message', format: 'markdown', text })
  const link = page.getByRole('link', { name: 'shop' })
  await link.waitFor()
  assert.equal(await link.getAttribute('href'), 'https://shop.example/')
  assert.match((await link.getAttribute('rel')) ?? '', /noopener/)
  assert.equal(await log.locator('strong').textContent(), 'bold')
  assert.equal(await log.locator('a').count(), 1)
  assert.equal(await log.locator('img, b').count(), 0)
  assert.equal(await log.getByText('[bad](javascript:alert(1))').count(), 1)
  assert.deepEqual(visited.faults, [])
  await visited.context.close()
})

test('[WE31] a message is the same node from the keystroke to the log, marked while it waits', async () => {
  const visited = await visit()
  const { page, log } = visited
  await say(visited, 'one')
  await log.getByText('one').waitFor()
  edge.hold()
  await say(visited, 'two')
  const bubble = log.getByText('two', { exact: true })
  await bubble.waitFor()
  assert.equal(await log.getByText('Not sent yet').count(), 1)
  const node = await bubble.elementHandle()
  const place = await bubble.boundingBox()
  edge.release()
  await log.getByText('Not sent yet').waitFor({ state: 'detached' })
  assert.ok(await node?.evaluate((element) => element.isConnected))
  assert.equal((await bubble.boundingBox())?.x, place?.x)
  assert.deepEqual(edge.texts(visited.conversation()), ['one', 'two'])
  assert.equal(await page.getByText('Not sent yet').count(), 0)
  await visited.context.close()
})

test('a refused message stays, and can be sent again or removed', async () => {
  const visited = await visit()
  const { log } = visited
  await say(visited, 'fine')
  await log.getByText('fine').waitFor()
  edge.refuseNext({ kind: 'refused', code: 'bad-text' })
  await say(visited, 'again')
  await log.getByRole('button', { name: 'Try again' }).click()
  await log.getByText('Not accepted').waitFor({ state: 'detached' })
  edge.refuseNext({ kind: 'refused', code: 'bad-text' })
  await say(visited, 'never')
  await log.getByRole('button', { name: 'Remove' }).click()
  await log.getByText('never').waitFor({ state: 'detached' })
  assert.deepEqual(edge.texts(visited.conversation()), ['fine', 'again'])
  await visited.context.close()
})

test('[WE29] a reload in the middle of everything loses nothing', async () => {
  const visited = await visit()
  const { page, field, log } = visited
  await say(visited, 'before')
  await log.getByText('before').waitFor()
  edge.hold()
  await say(visited, 'on its way')
  await log.getByText('on its way').waitFor()
  await field.fill('half a sen')
  await page.waitForFunction(() =>
    Object.keys(sessionStorage).some((key) => sessionStorage.getItem(key)?.includes('on its way')),
  )
  await page.reload()
  edge.release()
  await page.getByRole('button', { name: 'Open chat' }).click()
  await log.getByText('on its way').waitFor()
  assert.equal(await field.inputValue(), 'half a sen')
  await say(visited, 'after')
  await log.getByText('after').waitFor()
  await log.getByText('Not sent yet').waitFor({ state: 'detached' })
  assert.deepEqual(edge.texts(visited.conversation()), ['before', 'on its way', 'after'])
  assert.equal(asked.length, 1, 'the token was remembered')
  await visited.context.close()
})

test('[WE21] a cut and healed connection is never told', async () => {
  const visited = await visit()
  const { page, log } = visited
  await say(visited, 'one')
  await log.getByText('one').waitFor()
  await page.evaluate(() => {
    const root = document.querySelector('holdfast-chat')?.shadowRoot
    if (!root) throw new Error('no widget')
    const told: string[] = []
    Object.assign(window, { told })
    new MutationObserver(() => told.push(root.querySelector('.status')?.textContent ?? '')).observe(root, {
      subtree: true,
      childList: true,
      characterData: true,
    })
  })
  edge.cut()
  await say(visited, 'two')
  edge.status(visited.conversation(), 'resuming')
  await log.getByText('Not sent yet').waitFor({ state: 'detached' })
  edge.status(visited.conversation(), 'live')
  await say(visited, 'three')
  await log.getByText('three').waitFor()
  await log.getByText('Not sent yet').waitFor({ state: 'detached' })
  assert.deepEqual(edge.texts(visited.conversation()), ['one', 'two', 'three'])
  const told = await page.evaluate(() => (window as unknown as { told: string[] }).told)
  assert.deepEqual(
    told.filter((text) => text !== ''),
    [],
  )
  await visited.context.close()
})

test('[WE21] a connection that stays away is told calmly, and what is written then is kept', async () => {
  const visited = await visit()
  const { page, log } = visited
  await say(visited, 'one')
  await log.getByText('one').waitFor()
  edge.cut(true)
  await say(visited, 'two')
  const status = page.locator('holdfast-chat .status')
  await page.waitForFunction(() => document.querySelector('holdfast-chat')?.shadowRoot?.querySelector('.status.shown'))
  assert.doesNotMatch((await status.textContent()) ?? '', /disconnect|error|fail/i)
  edge.cut(false)
  await log.getByText('Not sent yet').waitFor({ state: 'detached' })
  await page.waitForFunction(() => !document.querySelector('holdfast-chat')?.shadowRoot?.querySelector('.status.shown'))
  assert.deepEqual(edge.texts(visited.conversation()), ['one', 'two'])
  await visited.context.close()
})

test('who is there, who types and what was seen is shown', async () => {
  const visited = await visit()
  const { page, log } = visited
  await say(visited, 'hello')
  await log.getByText('hello').waitFor()
  edge.act(visited.conversation(), ADA, { type: 'join' })
  await page.getByText('Ada is here').waitFor()
  await log.getByText('Ada joined').waitFor()
  edge.typing(visited.conversation(), 'ada', true)
  await page.getByText('Ada is typing').waitFor()
  edge.act(visited.conversation(), ADA, { type: 'message', format: 'text', text: 'hi' })
  await page.getByText('Ada is typing').waitFor({ state: 'detached' })
  await visited.context.close()
})

test('[WE32] a notice that is not kept comes and goes in a line of its own, and nothing moves for it', async () => {
  const visited = await visit()
  const { page, log } = visited
  await say(visited, 'hello')
  await log.getByText('hello').waitFor()
  // A message slides into its place.
  await log.evaluate((element) => {
    const animations = (element.getRootNode() as ShadowRoot).getAnimations()
    return Promise.all(animations.map(({ finished }) => finished))
  })
  const place = await log.getByText('hello').boundingBox()
  edge.notice(visited.conversation(), 'ada', 'Ada shows you the shoes', 'https://shop.example/shoes')
  const link = page.getByRole('status').getByRole('link', { name: 'Ada shows you the shoes' })
  await link.waitFor()
  assert.equal(await link.getAttribute('href'), 'https://shop.example/shoes')
  edge.notice(visited.conversation(), 'ada', 'Have a look', 'javascript:alert(1)')
  await page.getByRole('status').getByText('Have a look').waitFor()
  assert.equal(await link.count(), 0)
  assert.equal(await page.getByRole('status').getByRole('link').count(), 0)
  assert.deepEqual(await log.getByText('hello').boundingBox(), place)
  assert.deepEqual(visited.faults, [])
  await visited.context.close()
})

test('ending asks first, and afterwards another conversation can begin', async () => {
  const visited = await visit()
  const { page, log } = visited
  await say(visited, 'hello')
  await log.getByText('hello').waitFor()
  const first = visited.conversation()
  await page.getByRole('button', { name: 'End conversation' }).click()
  await page.getByRole('button', { name: 'Go on' }).click()
  assert.equal(edge.state(first).phase, 'open')
  await page.getByRole('button', { name: 'End conversation' }).click()
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByText('This conversation has ended.').waitFor()
  assert.equal(edge.state(first).closeReason, 'by-visitor')
  await page.getByRole('button', { name: 'Start a new one' }).click()
  await say(visited, 'a new one')
  await log.getByText('a new one').waitFor()
  assert.notEqual(visited.conversation(), first)
  assert.equal(await log.getByText('hello').count(), 0)
  await visited.context.close()
})

test('a system that cannot be reached is told, and found again by itself or by the button', async () => {
  pages.rest.set('POST /api/demo/token', () => new RestRefusal(503, 'store-unavailable'))
  const visited = await visit()
  await visited.page.getByText('The chat cannot be reached').waitFor()
  pages.rest.set('POST /api/demo/token', () => ({
    token: 'visitor:v-x:Vera',
    conversation: '0000000000zzz',
    subject: 'v-x',
    name: 'Vera',
    expiresAt: 0,
    addresses: [`${pages.url.replace('http', 'ws')}/connect`],
  }))
  await visited.page.getByRole('button', { name: 'Try now' }).click()
  await say(visited, 'hello')
  await visited.log.getByText('hello').waitFor()
  await visited.context.close()
})

test('[WE28] a running conversation keeps the version of the widget that it began with', async () => {
  const visited = await visit()
  const { page, log } = visited
  await say(visited, 'hello')
  await log.getByText('hello').waitFor()
  // Between the two loads: the page that is left may still write what it remembers.
  await page.addInitScript(() => {
    const session = JSON.parse(sessionStorage.getItem('holdfast:chat') ?? '')
    sessionStorage.setItem('holdfast:chat', JSON.stringify({ ...session, version: 'aaaaaaaaaaaa' }))
  })
  const older = page.waitForRequest(/assets\/holdfast-chat-aaaaaaaaaaaa\.js$/)
  await page.reload()
  await older
  // That version was never built: the present one takes over, and the conversation goes on.
  await page.getByRole('button', { name: 'Open chat' }).click()
  await log.getByText('hello').waitFor()
  await visited.context.close()
})

test("dark and light come from the visitor's system, and a page may set its own colours", async () => {
  const colours: string[] = []
  for (const scheme of ['light', 'dark'] as const) {
    const visited = await visit({ scheme })
    await say(visited, 'hello')
    await visited.log.getByText('hello').waitFor()
    const panel = visited.page.locator('holdfast-chat .panel')
    colours.push(await panel.evaluate((node) => getComputedStyle(node).backgroundColor))
    await visited.page
      .locator('holdfast-chat')
      .evaluate((node) => node.style.setProperty('--holdfast-accent', 'rgb(1, 2, 3)'))
    const head = await visited.page
      .locator('holdfast-chat .head')
      .evaluate((node) => getComputedStyle(node).backgroundColor)
    assert.equal(head, 'rgb(1, 2, 3)')
    await visited.context.close()
  }
  assert.notEqual(colours[0], colours[1])
})
