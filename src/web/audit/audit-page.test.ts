import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import type { AuditAnswer, AuditCheckAnswer, AuditRecordRow } from '../../protocol/audit-answers.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'

let browser: Browser
let pages: PageServer
let trail: AuditRecordRow[]
/** From this record on the chain is broken. */
let forged: number
let asked: URLSearchParams[]

before(async () => {
  pages = await servePages()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
})
beforeEach(() => {
  trail = Array.from({ length: 120 }, (_, index) => recordOf(index + 1))
  forged = Number.POSITIVE_INFINITY
  asked = []
  pages.rest.set('GET /api/audit', ({ query }) => answerOf(query))
  pages.rest.set('GET /api/audit/check', ({ query }) => checkOf(Number(query.get('after'))))
})

function recordOf(n: number, more: object = {}): AuditRecordRow {
  const who =
    n % 2 === 0 ? { subject: 'ada', name: 'Ada', from: '10.0.0.1' } : { subject: 'bob', name: 'Bob', from: '10.0.0.2' }
  const before = { mode: 'enabled', version: '1' }
  const body = { act: 'node.drain', on: `node-${n}`, who, node: 'n1', nodeAt: 0, happened: 'done', before, ...more }
  const after = { mode: 'draining', version: '1', deadline: 60 }
  return {
    n,
    key: `k${n}`,
    at: Date.now() - (200 - n) * 60_000,
    body: JSON.stringify({ after, ...body }),
    hash: `hash-${n}`,
  }
}

const headOf = () => ({ n: trail.length, hash: trail.at(-1)?.hash ?? '' })

/** As a node answers, with `who` alone as a filter. */
function answerOf(query: URLSearchParams): AuditAnswer {
  if (query.get('limit') !== '1') asked.push(query)
  const limit = Number(query.get('limit'))
  if (query.has('after')) return { records: trail.slice(Number(query.get('after'))).slice(0, limit), head: headOf() }
  const before = Number(query.get('before') ?? trail.length + 1)
  const who = query.get('who') ?? ''
  const fitting = trail.filter(({ n, body }) => n < before && (who === '' || body.includes(`"name":"${who}"`)))
  const records = fitting.slice(-limit)
  const [first] = records
  return { records, head: headOf(), ...(records.length === limit && first && first.n > 1 && { next: first.n }) }
}

function checkOf(from: number): AuditCheckAnswer {
  const head = headOf()
  if (forged <= head.n) return { kind: 'broken', n: forged, sentence: `Record ${forged} was changed.`, head }
  const n = Math.min(from + 100, head.n)
  return { kind: 'sound', checked: { n, hash: n === 0 ? '' : `hash-${n}` }, head }
}

async function openPage(path = 'audit'): Promise<{ page: Page; context: BrowserContext; faults: readonly string[] }> {
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${pages.url}/console/${path}#token=${staffToken(['audit'])}`)
  return { page, context, faults }
}

/** How far below the top of the page it stands, wherever that is scrolled to. */
const placeOf = (line: Locator) => line.evaluate((each) => each.getBoundingClientRect().top + scrollY)
const records = (page: Page) => page.getByRole('list', { name: 'Records, the newest first' }).locator(':scope > li')

test('[WE63] the newest records stand first; what is opened, looked up further back or added later moves nothing', async () => {
  const { page, context, faults } = await openPage()
  const line = page.getByRole('button', { name: /node-118/ })
  await line.focus()
  await page.keyboard.press('Enter')
  await page.getByText('Ada (ada)').waitFor()
  await page.waitForURL('**/console/audit/118')
  const place = await placeOf(line)
  assert.equal(await records(page).count(), 50)
  assert.deepEqual(await axeFaults(page), [])
  await page.getByRole('button', { name: 'Look further back' }).click()
  await page.getByText('node-21', { exact: true }).waitFor()
  trail.push(recordOf(121), recordOf(122))
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await page.getByRole('button', { name: 'Show 2 newer records' }).waitFor()
  assert.equal(await placeOf(line), place)
  await page.reload()
  await page.getByText('Ada (ada)').waitFor()
  assert.match(
    (await records(page).first().innerText()).split('\n')[0] ?? '',
    /118/,
    'a record has an address of its own',
  )
  await page.getByRole('button', { name: 'Go to the newest records' }).click()
  await page.getByText('node-122').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE63] who looks for somebody finds him by the address, too, and the end of it is told', async () => {
  const { page, context } = await openPage()
  await page.getByLabel('Who').fill('Ada')
  await page.getByLabel('Since').fill('2026-01-31')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/console/audit?who=Ada&since=2026-01-31')
  await page.getByText('node-120').waitFor()
  await page.waitForFunction(() => !document.body.innerText.includes('node-119'))
  assert.equal(asked.at(-1)?.get('since'), await page.evaluate(() => String(new Date('2026-01-31T00:00:00').getTime())))
  await page.getByRole('button', { name: 'Look further back' }).click()
  await page.getByText('That is all of it.').waitFor()
  assert.equal(await records(page).count(), 60)
  await page.goto(`${pages.url}/console/audit?who=nobody`)
  await page.getByText('Nothing fits').waitFor()
  assert.equal(await page.getByLabel('Who').inputValue(), 'nobody')
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByText('node-120').waitFor()
  await context.close()
})

test('[WE64] a record shows what changed and what stayed; one that cannot be read is shown as that', async () => {
  trail.push({ ...recordOf(121), body: 'no JSON' }, recordOf(122, { happened: 'unknown', reason: 'because' }))
  const { page, context } = await openPage()
  await page.getByRole('button', { name: /cannot be read/ }).click()
  await page.getByText('Nothing is recorded of before and after.').waitFor()
  await page.getByRole('button', { name: /node-122.*may not have happened/s }).click()
  const diff = page.locator('#record-122')
  assert.deepEqual(await diff.getByRole('listitem').allInnerTexts(), [
    ...['mode\n(changed)\nenabled\ndraining', 'deadline\n(new)\n60'],
  ])
  await diff.getByText('1 value stayed the same.').waitFor()
  await diff.getByText('because').waitFor()
  await context.close()
})

test('[WE65] the chain is checked to its end by itself, and a record that was changed is named', async () => {
  const { page, context } = await openPage()
  await page.getByText('All 120 records are as they were written.').waitFor()
  await page.getByText('hash-120').waitFor()
  forged = 7
  await page.getByRole('button', { name: 'Check again' }).click()
  await page.getByText('Record 7 was changed.').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await page.getByRole('link', { name: 'record 7' }).click()
  await page.waitForURL('**/console/audit/7')
  await page.locator('#record-7').getByText('Bob (bob)').waitFor()
  await context.close()
})

test('[WE66] an export is every record to the letter, as the command writes and judges it', async () => {
  const { page, context } = await openPage()
  await page.getByText('120 in all').waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export all' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'audit-120.jsonl')
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n')
  assert.deepEqual(
    lines,
    trail.map((record) => JSON.stringify(record)),
  )
  await context.close()
})

test('[WE63] an empty trail says what comes here, and a refusal is told with a way to try again', async () => {
  trail = []
  const { page, context } = await openPage()
  await page.getByText('Nothing was done yet').waitFor()
  await page.getByText('There is no record yet.').waitFor()
  pages.rest.set('GET /api/audit', () => new RestRefusal(503, 'store-unavailable'))
  await page.reload()
  await page.getByText('Refused: store-unavailable.').first().waitFor()
  trail = [recordOf(1)]
  pages.rest.set('GET /api/audit', ({ query }) => answerOf(query))
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('node-1', { exact: true }).waitFor()
  await context.close()
})
