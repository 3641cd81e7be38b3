import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { DeadLetterRow, OutboxAnswer, WaitingLaneRow } from '../../protocol/outbox-answers.ts'
import type { Scope } from '../../protocol/tokens.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'

let browser: Browser
let pages: PageServer
let outbox: OutboxAnswer
let orders: string[]

before(async () => {
  pages = await servePages()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
})
beforeEach(() => {
  outbox = {
    ...{ waiting: 3, dead: 2, oldestMs: 720_000 },
    lanes: [lane('0wzb8qxf4353x', 2), lane('alarm:0wzb8qxf4353y:webhook', 1)],
    deadLetters: [letter('transcript:0wzb8qxf4353x:1'), letter('transcript:0wzb8qxf4353x:2')],
  }
  orders = []
  pages.rest.set('GET /api/outbox', () => outbox)
  pages.rest.set('POST *', ({ path, body }) => {
    const { id } = body as { id: string }
    orders.push(`${path} ${id}`)
    if (!outbox.deadLetters.some((each) => each.id === id)) return new RestRefusal(404, 'unknown-dead-letter')
    const deadLetters = outbox.deadLetters.filter((each) => each.id !== id)
    outbox = { ...outbox, dead: deadLetters.length, deadLetters }
    return { sentence: `Done: ${path.split('/').at(-1)}.` }
  })
})

function lane(name: string, waiting: number): WaitingLaneRow {
  const first = {
    id: `${name}:1`,
    kind: 'mail',
    attempts: 3,
    reason: '451 come back later',
    dueInMs: 90_000,
    held: false,
  }
  return { lane: name, waiting, oldestMs: 720_000, first }
}

function letter(id: string): DeadLetterRow {
  const [, conversation = ''] = id.split(':')
  return {
    id,
    lane: conversation,
    kind: 'mail',
    attempts: 60,
    reason: '550 no such user',
    diedAt: Date.now() - 7_200_000,
  }
}

async function openPage(
  ...scopes: Scope[]
): Promise<{ page: Page; context: BrowserContext; faults: readonly string[] }> {
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${pages.url}/console/outbox#token=${staffToken(scopes)}`)
  return { page, context, faults }
}

test('[WE67] what waits is shown by lane with its last trouble, what was given up with its reason', async () => {
  const { page, context, faults } = await openPage('admin')
  const lanes = page.getByRole('table', { name: 'Waiting, by lane' })
  const row = lanes.getByRole('row').filter({ hasText: 'Conversation 0wzb8qxf4353x' })
  await row.waitFor()
  for (const text of ['tried again in 1 min', '3 attempts', '451 come back later', '12 min'])
    assert.equal(await row.getByText(text).count(), 1, text)
  await lanes.getByText('Alarm calls of the webhook').waitFor()
  const dead = page.getByRole('table', { name: 'Dead letters' })
  assert.equal(await dead.getByText('550 no such user').count(), 2)
  assert.equal(await dead.getByText('2 h ago').count(), 2)
  assert.deepEqual(await axeFaults(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE68] one is tried again at once; discarding asks first, and all of it is done by keyboard', async () => {
  const { page, context } = await openPage('admin')
  const again = page.getByRole('button', { name: /^Try again: Mail/ })
  await again.first().focus()
  await page.keyboard.press('Enter')
  await page.getByText('Done: replay.').waitFor()
  assert.deepEqual(orders, ['/api/outbox/replay transcript:0wzb8qxf4353x:1'])
  const discard = page.getByRole('button', { name: /^Discard: Mail/ })
  await page.waitForFunction(() => document.querySelectorAll('[aria-label^="Discard"]').length === 1)
  await discard.focus()
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: 'Discard this dead letter?' })
  await question.waitFor()
  await page.waitForFunction(() => document.activeElement?.textContent === 'Keep it')
  await page.keyboard.press('Enter')
  await question.waitFor({ state: 'hidden' })
  assert.equal(orders.length, 1, 'the harmless answer has the keyboard')
  await discard.click()
  await question.getByRole('button', { name: 'Discard' }).click()
  await page.getByText('No dead letters').waitFor()
  assert.equal(orders[1], '/api/outbox/drop transcript:0wzb8qxf4353x:2')
  await context.close()
})

test('[WE68] several are tried again together once that was confirmed, and a refusal is told where it was asked', async () => {
  const { page, context } = await openPage('admin')
  await page.getByRole('button', { name: 'Try all again' }).click()
  const question = page.getByRole('dialog')
  await question.getByRole('heading', { name: 'Try 2 dead letters again?' }).waitFor()
  outbox = { ...outbox, deadLetters: outbox.deadLetters.slice(1) }
  await question.getByRole('button', { name: 'Try all again' }).click()
  await question.getByText('Refused: unknown-dead-letter.').waitFor()
  await question.getByRole('heading', { name: 'Try 1 dead letter again?' }).waitFor()
  assert.equal(orders.length, 2, 'the others are tried all the same')
  await context.close()
})

test('[WE68] who may only read is offered no act, and an empty outbox says what comes here', async () => {
  outbox = { waiting: 0, dead: 0, oldestMs: 0, lanes: [], deadLetters: [] }
  const { page, context, faults } = await openPage('audit')
  await page.getByText('Nothing waits').waitFor()
  await page.getByText('No dead letters').waitFor()
  outbox = { ...outbox, dead: 1, deadLetters: [letter('transcript:0wzb8qxf4353x:1')] }
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await page.getByText('550 no such user').waitFor()
  assert.equal(await page.getByRole('button', { name: /Discard|again/ }).count(), 0)
  assert.deepEqual(faults, [])
  await context.close()
})
