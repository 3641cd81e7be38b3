import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { ApiKeyMadeAnswer, ApiKeyRow } from '../../protocol/account-answers.ts'
import type { Scope } from '../../protocol/tokens.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'

let browser: Browser
let pages: PageServer
let keys: ApiKeyRow[]
let orders: { path: string; body: unknown }[]
let reply: () => unknown

before(async () => {
  pages = await servePages()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
})
beforeEach(() => {
  keys = [
    key('00000000000k1', { name: 'old-shop', revokedAt: Date.now() - 60_000 }),
    key('00000000000k2', { name: 'web-shop', usedAt: Date.now() - 120_000 }),
  ]
  orders = []
  reply = () => ({ revoked: true })
  pages.rest.set('GET /api/api-keys', () => ({ keys }))
  pages.rest.set('POST /api/session/token', () => new RestRefusal(401, 'token-missing'))
  pages.rest.set('POST *', ({ path, body }) => {
    orders.push({ path, body })
    return reply()
  })
})

function key(id: string, more: Partial<ApiKeyRow> = {}): ApiKeyRow {
  return { id, name: id, scopes: ['tokens'], madeBy: 'Ada', madeAt: Date.now() - 86_400_000 * 3, ...more }
}

async function openPage(
  scopes: readonly Scope[] = ['admin'],
): Promise<{ page: Page; context: BrowserContext; faults: readonly string[] }> {
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${pages.url}/console/api-keys#token=${staffToken(scopes)}`)
  return { page, context, faults }
}

test('[WE94] a key is made by keyboard alone, told once with a warning, and can be copied', async () => {
  const { page, context, faults } = await openPage()
  await page.getByRole('button', { name: 'New API key' }).focus()
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: 'New API key' })
  await page.waitForFunction(() => document.activeElement?.getAttribute('placeholder') === 'web-shop')
  await page.keyboard.type('monitor')
  await question.getByRole('checkbox', { name: /^tokens/ }).press('Space')
  assert.ok(await question.getByRole('button', { name: 'Make the key' }).isDisabled(), 'a key for nothing')
  await question.getByRole('checkbox', { name: /^audit/ }).press('Space')
  await question.getByRole('radio', { name: '90 days' }).press('ArrowRight')
  assert.deepEqual(await axeFaults(page), [])
  const made: ApiKeyMadeAnswer = { ...key('00000000000k3', { name: 'monitor', scopes: ['audit'] }), key: 'hfk_secret' }
  reply = () => {
    keys = [key('00000000000k3', { name: 'monitor', scopes: ['audit'] }), ...keys]
    return made
  }
  await question.getByLabel('Name').press('Enter')
  const once = page.getByRole('dialog', { name: 'The key is made' })
  await once.getByText('It is not shown again.').waitFor()
  assert.deepEqual(orders, [{ path: '/api/api-keys', body: { name: 'monitor', scopes: ['audit'], days: 365 } }])
  assert.equal(await once.getByLabel('API key', { exact: true }).innerText(), 'hfk_secret')
  await once.getByRole('button', { name: 'Copy the API key' }).press('Enter')
  await once.getByRole('button', { name: 'Copied' }).waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'hfk_secret')
  assert.deepEqual(await axeFaults(page), [])
  await page.keyboard.press('Escape')
  await once.getByRole('button', { name: 'I have kept it' }).press('Enter')
  await once.waitFor({ state: 'hidden' })
  await page.getByRole('row', { name: /monitor/ }).waitFor()
  assert.equal(await page.getByText('hfk_secret').count(), 0)
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE94] revoking asks first and says why it was not done; what is revoked stays and says so', async () => {
  const { page, context } = await openPage()
  const table = page.getByRole('table', { name: 'API keys' })
  await table.getByText('web-shop').waitFor()
  assert.match(await table.getByRole('row', { name: /old-shop/ }).innerText(), /Revoked/)
  assert.match(
    await table.getByRole('row', { name: /web-shop/ }).innerText(),
    /tokens\s+3 d ago by Ada\s+2 min ago\s+Never/,
  )
  assert.equal(await table.getByRole('button').count(), 1)
  await table.getByRole('button', { name: 'Revoke web-shop' }).click()
  const question = page.getByRole('dialog', { name: 'Revoke web-shop?' })
  await page.waitForFunction(() => document.activeElement?.textContent === 'Keep it')
  reply = () => new RestRefusal(503, 'store-unavailable')
  await question.getByRole('button', { name: 'Revoke' }).click()
  await question.getByText('Refused: store-unavailable.').waitFor()
  reply = () => {
    keys = keys.map((each) => ({ ...each, revokedAt: Date.now() }))
    return { revoked: true }
  }
  await question.getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('The key web-shop opens nothing any more.').waitFor()
  assert.equal(orders.at(-1)?.path, '/api/api-keys/00000000000k2/revoke')
  await table.getByRole('button').waitFor({ state: 'detached' })
  assert.deepEqual(await axeFaults(page), [])
  await context.close()
})

test('where no program has a key the page says what one is for; who may only read makes none', async () => {
  keys = []
  const { page, context } = await openPage(['audit'])
  await page.getByText('No program has a key yet').waitFor()
  assert.equal(await page.getByRole('button', { name: 'New API key' }).count(), 0)
  await context.close()
})
