import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { fromRecord } from '../../conversation/event-json.ts'
import { summaryJson } from '../../conversation/summary.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { TestEdge } from '../test-edge-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'

const TOKEN = 'agent:ada:Ada'
const ONE = '0000000000001'
const TWO = '0000000000002'
const VERA = { id: 'v1', role: 'visitor', name: 'Vera' } as const
const OTTO = { id: 'v2', role: 'visitor', name: 'Otto' } as const

let browser: Browser
let pages: PageServer
let edge: TestEdge

before(async () => {
  pages = await servePages()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  edge?.close()
  await pages?.close()
})
beforeEach(() => {
  edge?.close()
  edge = new TestEdge(pages.server)
  edge.act(ONE, VERA, { type: 'open', mode: 'live', subject: 'Shoes' })
  edge.act(ONE, VERA, { type: 'message', format: 'text', text: 'Hello, are these **waterproof**?' })
  edge.act(TWO, OTTO, { type: 'open', mode: 'live' })
  edge.act(TWO, OTTO, { type: 'message', format: 'text', text: 'Good morning' })
  pages.rest.set('POST /api/session/token', () => new RestRefusal(401, 'token-missing'))
  pages.rest.set('POST /api/tokens/refresh', ({ body }) =>
    (body as { token: string }).token === TOKEN
      ? {
          token: TOKEN,
          subject: 'ada',
          name: 'Ada',
          expiresAt: 0,
          addresses: [`${pages.url.replace('http', 'ws')}/connect`],
        }
      : new RestRefusal(401, 'token-invalid'),
  )
  pages.rest.set('GET /api/conversations', () => ({
    conversations: edge.conversations.map((conversation) => {
      const state = edge.state(conversation)
      const status = state.phase === 'closed' ? 'closed' : 'open'
      const summary = JSON.parse(summaryJson(state))
      const times = { openedAt: state.lastAt, changedAt: state.lastAt }
      return { conversation, status, headSeq: state.headSeq, epoch: 1, owner: 'chat-1', summary, ...times }
    }),
    more: false,
  }))
})

interface Desk {
  readonly page: Page
  readonly context: BrowserContext
  readonly faults: readonly string[]
}

async function openDesk(): Promise<Desk> {
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${pages.url}/agent#token=${TOKEN}`)
  return { page, context, faults }
}

const row = (page: Page, name: string) => page.getByRole('complementary').getByRole('button', { name })
const reply = (page: Page) => page.getByRole('textbox', { name: 'Reply', exact: true })
const typesOf = (conversation: string) => edge.records(conversation).map((record) => fromRecord(record).type)

/** Waits until `holds`; the events are in this process, so looking costs nothing. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!holds()) {
    assert.ok(Date.now() < deadline, 'it did not happen within 5 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('[WE32] an agent sees a notice that is not kept in a quiet line', async () => {
  const { page, context, faults } = await openDesk()
  await row(page, 'Vera').click()
  await page.getByText('Hello, are these **waterproof**?').waitFor()
  edge.notice(ONE, 'v1', 'Vera looks at sandals', 'https://shop.example/sandals')
  const link = page.getByRole('status').getByRole('link', { name: 'Vera looks at sandals' })
  assert.equal(await link.getAttribute('href'), 'https://shop.example/sandals')
  assert.equal(await page.getByRole('log').getByText('Vera looks at sandals').count(), 0)
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE23] an agent finds who waits, answers, and is in the conversation by answering', async () => {
  const { page, context, faults } = await openDesk()
  await row(page, 'Vera').getByLabel('new').waitFor()
  await row(page, 'Vera').click()
  await page.getByRole('heading', { name: 'Vera' }).waitFor()
  // A visitor's text is literal.
  await page.getByText('Hello, are these **waterproof**?').waitFor()
  assert.deepEqual(typesOf(ONE), ['opened', 'joined', 'message'], 'looking on leaves no trace')
  await reply(page).fill('Yes, **quite**.')
  await reply(page).press('Enter')
  await page.getByRole('log').locator('strong', { hasText: 'quite' }).waitFor()
  await until(() => typesOf(ONE).length === 5)
  assert.deepEqual(typesOf(ONE).slice(3), ['joined', 'message'])
  assert.equal(await reply(page).inputValue(), '')
  await row(page, 'Vera').getByText('with Ada').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('an internal note looks different and reaches staff only', async () => {
  const { page, context } = await openDesk()
  await row(page, 'Vera').click()
  await reply(page).waitFor()
  await page.keyboard.press('Alt+KeyN')
  const note = page.getByRole('textbox', { name: 'Internal note' })
  await note.fill('A regular customer')
  await note.press('Enter')
  await page.getByRole('article').filter({ hasText: 'A regular customer' }).getByText('Internal note').waitFor()
  await until(() => typesOf(ONE).at(-1) === 'note')
  assert.equal(edge.records(ONE).at(-1)?.audience, 'staff')
  assert.ok(!typesOf(ONE).slice(2).includes('joined'), 'a note needs no joining')
  await context.close()
})

test('[WE25] several conversations have tabs, with counts of what is new, all by keyboard', async () => {
  const { page, context } = await openDesk()
  await row(page, 'Vera').focus()
  await page.keyboard.press('Enter')
  await page.getByText('Hello, are these').waitFor()
  await row(page, 'Otto').focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Otto' }).waitFor()
  const tab = (name: string) => page.getByRole('tab', { name })
  assert.equal(await tab('Otto').getAttribute('aria-selected'), 'true')
  edge.act(ONE, VERA, { type: 'message', format: 'text', text: 'Hello?' })
  await page.locator('.tab', { hasText: 'Vera' }).getByText('1 new', { exact: true }).waitFor()
  await page.keyboard.press('Alt+ArrowUp')
  await page.getByText('Hello?').waitFor()
  await page.locator('.tab-unread').waitFor({ state: 'detached' })
  await page.keyboard.press('Alt+KeyR')
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Reply')
  await page.keyboard.press('Alt+KeyX')
  await tab('Vera').waitFor({ state: 'detached' })
  await page.getByRole('heading', { name: 'Otto' }).waitFor()
  await context.close()
})

test('[WE29] tabs and what was read survive a reload', async () => {
  const { page, context } = await openDesk()
  await row(page, 'Vera').click()
  await page.getByRole('heading', { name: 'Vera' }).waitFor()
  await row(page, 'Otto').click()
  await page.getByText('Good morning').waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Otto' }).waitFor()
  await page.getByText('Good morning').waitFor()
  assert.equal(await page.getByRole('tab').count(), 2)
  assert.equal(await page.getByRole('complementary').getByLabel('new').count(), 0)
  await context.close()
})

test('a conversation is transferred to another agent by name', async () => {
  const { page, context } = await openDesk()
  await row(page, 'Vera').click()
  await reply(page).waitFor()
  await page.keyboard.press('Alt+KeyT')
  await page.getByRole('combobox', { name: 'Name of the agent' }).fill('Ben')
  await page.keyboard.press('Enter')
  await page.getByText('Ada handed the conversation to Ben').waitFor()
  assert.equal(edge.state(ONE).agent, 'ben')
  assert.equal(edge.state(ONE).participants.get('ben')?.name, 'Ben')
  await context.close()
})

test('a damaged conversation says so, and the others are as they were', async () => {
  edge.damaged.add(ONE)
  const { page, context } = await openDesk()
  await row(page, 'Vera').click()
  await page.getByText('What is stored of it is damaged.').waitFor()
  await row(page, 'Otto').click()
  await page.getByText('Good morning').waitFor()
  await context.close()
})

test('an ended conversation says so and takes nothing more', async () => {
  const { page, context } = await openDesk()
  await row(page, 'Otto').click()
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByText('This conversation has ended.').waitFor()
  assert.equal(edge.state(TWO).closeReason, 'by-agent')
  assert.equal(await reply(page).count(), 0)
  await row(page, 'Otto').waitFor({ state: 'detached' })
  await page.getByText('Closed', { exact: true }).click()
  await row(page, 'Otto').waitFor()
  await context.close()
})

test('[WE31] what an agent writes while the connection is cut is marked, kept and sent', async () => {
  const { page, context, faults } = await openDesk()
  await row(page, 'Vera').click()
  await reply(page).fill('one')
  await reply(page).press('Enter')
  await until(() => edge.texts(ONE).includes('one'))
  edge.hold()
  await reply(page).fill('two')
  await reply(page).press('Enter')
  await page.getByText('Not sent yet').waitFor()
  edge.cut()
  edge.release()
  await page.getByText('Not sent yet').waitFor({ state: 'detached' })
  assert.deepEqual(edge.texts(ONE).slice(1), ['one', 'two'])
  assert.deepEqual(
    faults.filter((fault) => !fault.includes('WebSocket')),
    [],
  )
  await context.close()
})

test('[WE26] a token that is refused leads to signing in', async () => {
  const { page, context } = await openDesk()
  await row(page, 'Vera').waitFor()
  await page.goto(`${pages.url}/agent#token=nonsense`)
  await page.reload()
  await page.getByText('Refused: token-invalid.').waitFor()
  assert.ok(!page.url().includes('nonsense'))
  await context.close()
})

test('a desk has a way back to the console for those who may see it', async () => {
  const { page, context } = await openDesk()
  await row(page, 'Vera').waitFor()
  assert.equal(await page.getByRole('link', { name: 'Console' }).count(), 0)
  const token = staffToken(['conversations', 'audit'])
  pages.rest.set('POST /api/tokens/refresh', () => ({
    token,
    subject: 'ada',
    name: 'Ada',
    expiresAt: 0,
    addresses: [],
  }))
  await page.goto(`${pages.url}/agent#token=${token}`)
  await page.reload()
  const link = page.getByRole('link', { name: 'Console' })
  assert.equal(await link.getAttribute('href'), '/console')
  await context.close()
})

test('an empty list says that nobody waits', async () => {
  pages.rest.set('GET /api/conversations', () => ({ conversations: [], more: false }))
  const { page, context } = await openDesk()
  await page.getByText('Nobody is waiting').waitFor()
  await page.getByText('Choose a conversation').waitFor()
  await context.close()
})
