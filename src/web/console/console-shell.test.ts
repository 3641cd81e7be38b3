import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { AlarmRow, AlarmsAnswer } from '../../protocol/alarm-answers.ts'
import type { ClusterAnswer } from '../../protocol/rest-answers.ts'
import type { Scope } from '../../protocol/tokens.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'
import { ALL_PAGES } from './all-pages.ts'
import { mayOf, navigationOf } from './navigation-facts.ts'
import { claimsIn } from './token-facts.ts'

const ADMIN = staffToken(['admin', 'conversations'])
const EMPTY_CLUSTER: ClusterAnswer = {
  ...{ node: 'n1', version: '0.1.0', publicUrl: '', at: 0, nodes: [], ownership: [], openConversations: 0 },
  ...{ damaged: [], counters: {}, acts: [] },
}

let browser: Browser
let pages: PageServer
/** Tokens that are refused. */
let over: Set<string | undefined>

before(async () => {
  pages = await servePages()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
})
beforeEach(() => {
  over = new Set([undefined])
  answer('/api/cluster', () => EMPTY_CLUSTER)
  answer('/api/cluster/decisions', () => ({ decisions: [] }))
  answer('/api/alarms', () => alarms())
  pages.rest.set('POST /api/session/token', () => new RestRefusal(401, 'token-missing'))
  pages.rest.delete('POST /api/tokens/refresh')
})

function answer(path: string, give: () => unknown): void {
  pages.rest.set(`GET ${path}`, ({ token }) => (over.has(token) ? new RestRefusal(401, 'session-ended') : give()))
}

function alarms(...open: readonly Partial<AlarmRow>[]): AlarmsAnswer {
  const facts = {
    code: 'node-lost',
    subject: 'n3',
    severity: 'critical',
    title: 'Node lost',
    sentence: 'n3 is silent.',
  }
  const rows = open.map((row, index) => {
    return { id: `${index}`, ...facts, beganAt: 0, raisedBy: 'n1', affected: 0, told: true, ...row }
  })
  return { fresh: true, open: rows, waiting: [], over: [], silences: [] }
}

async function open(
  path: string,
  token: string | null = ADMIN,
): Promise<{ page: Page; context: BrowserContext; faults: readonly string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${pages.url}${path}${token === null ? '' : `#token=${token}`}`)
  return { page, context, faults }
}

const navigation = (page: Page) => page.getByRole('navigation', { name: 'Pages' })
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })
const hasFocus = (page: Page, words: string) =>
  page.waitForFunction((wanted) => (document.activeElement?.textContent ?? '').includes(wanted), words)

test('[WE34] who looks finds the pages that his token opens, and is told who he is', async () => {
  for (const scopes of [['audit'], ['conversations']] as const satisfies Scope[][]) {
    const token = staffToken(scopes)
    const { page, context } = await open('/console', token)
    await navigation(page).waitFor()
    const claims = claimsIn(token)
    assert.ok(claims)
    const seen = navigationOf(ALL_PAGES, mayOf(claims)).flatMap((group) => group.pages.map(({ title }) => title))
    const mine = scopes.some((scope) => scope === 'conversations') ? ['Agent desk'] : []
    assert.deepEqual(await navigation(page).getByRole('link').allTextContents(), [...seen, ...mine, 'Visitor page'])
    if (seen[0] !== undefined) {
      await heading(page, seen[0]).waitFor()
      assert.equal(await navigation(page).locator('[aria-current=page]').textContent(), seen[0])
      assert.equal(await page.title(), `${seen[0]} · Holdfast`)
    } else await page.getByText('There is nothing here for your account').waitFor()
    await page.getByRole('button', { name: 'Signed in as Ada' }).waitFor()
    await context.close()
  }
})

test('[WE34] an address that is no page, or one that may not be seen, says so in a sentence', async () => {
  const { page, context } = await open('/console/nonsense')
  await page.getByText('There is no such page').waitFor()
  assert.equal(await page.title(), 'Not found · Holdfast')
  assert.deepEqual(await axeFaults(page), [])
  await page.getByRole('link', { name: 'Go to the first page' }).click()
  await heading(page, 'Cluster').waitFor()
  await context.close()
  const other = await open('/console/cluster', staffToken(['conversations']))
  await other.page.getByText('Your account may not see this page').waitFor()
  await other.context.close()
})

test('[WE35] links, back and forward load nothing anew; the heading has the keyboard; other clicks are the browser’s', async () => {
  const { page, context, faults } = await open('/console/nonsense')
  await page.evaluate(() => Object.assign(window, { marked: true }))
  const link = navigation(page).getByRole('link', { name: 'Cluster' })
  // Seen after everybody else, and stopped here: what the browser does with it is its own affair.
  const left = page.evaluate(
    () =>
      new Promise<boolean>((resolve) =>
        window.addEventListener(
          'click',
          (event) => {
            resolve(!event.defaultPrevented)
            event.preventDefault()
          },
          { once: true },
        ),
      ),
  )
  await link.click({ modifiers: ['ControlOrMeta'] })
  assert.ok(await left, 'it is left to the browser')
  assert.equal(page.url(), `${pages.url}/console/nonsense`)
  await link.click()
  await heading(page, 'Cluster').waitFor()
  await hasFocus(page, 'Cluster')
  assert.equal(page.url(), `${pages.url}/console/cluster`)
  await page.goBack()
  await page.getByText('There is no such page').waitFor()
  await page.goForward()
  await heading(page, 'Cluster').waitFor()
  assert.ok(await page.evaluate(() => 'marked' in window))
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE36] a fault of a page is told in its place, the rest goes on, and it can be tried again', async () => {
  answer('/api/cluster', () => ({}))
  const { page, context } = await open('/console/cluster')
  await page.getByText('This page stopped working').waitFor()
  await page.getByRole('button', { name: 'No open alarms' }).click()
  await page.getByText('All is quiet').waitFor()
  await page.keyboard.press('Escape')
  answer('/api/cluster', () => EMPTY_CLUSTER)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('No open conversations').waitFor()
  await context.close()
})

test('[WE36] a page whose code does not come says so, and comes when it is tried again', async () => {
  const { page, context } = await open('/console/nonsense')
  await page.route('**/assets/cluster-page-*', (route) => route.abort())
  await navigation(page).getByRole('link', { name: 'Cluster' }).click()
  await page.getByText('This page could not be fetched').waitFor()
  await page.unroute('**/assets/cluster-page-*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('No open conversations').waitFor()
  await context.close()
})

test('[WE37] who has to sign in comes back to the address that he had', async () => {
  pages.rest.set('GET /api/sign-in', () => ({ passwords: true }))
  pages.rest.set('POST /api/session', () => ({ token: ADMIN, scopes: ['admin'] }))
  const { page, context } = await open('/console/cluster/some/where?of=it', null)
  const withAccount = page.getByRole('link', { name: 'With your account' })
  await withAccount.waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await withAccount.click()
  await page.getByRole('textbox', { name: 'Name' }).fill('ada')
  await page.getByLabel('Password', { exact: true }).fill('a long password')
  await page.keyboard.press('Enter')
  await heading(page, 'Cluster').waitFor()
  assert.equal(page.url(), `${pages.url}/console/cluster/some/where?of=it`)
  await context.close()
})

test('[WE37] a token that is over is replaced by the session while the page stays as it is', async () => {
  const { page, context } = await open('/console/cluster')
  await page.getByText('No open conversations').waitFor()
  await page.getByText('All', { exact: true }).click()
  const another = staffToken(['admin'], { name: 'Ada again' })
  // A node that does not answer at that moment says nothing of the session.
  let asked = 0
  pages.rest.set('POST /api/session/token', () => (asked++ === 0 ? undefined : { token: another, scopes: ['admin'] }))
  over.add(ADMIN)
  await page.getByRole('button', { name: /Signed in as Ada again/ }).waitFor()
  assert.ok(await page.getByRole('radio', { name: 'All' }).isChecked())
  await context.close()
})

test('[WE37] where there is no session either, the reason is told, and another token leads back', async () => {
  const { page, context } = await open('/console/cluster')
  await page.getByText('No open conversations').waitFor()
  over.add(ADMIN)
  await page.getByText('Refused: session-ended.').waitFor()
  await page.getByLabel('Token', { exact: true }).fill(staffToken(['audit'], { name: 'Ben' }))
  await page.keyboard.press('Enter')
  await page.getByText('No open conversations').waitFor()
  await page.getByRole('button', { name: 'Signed in as Ben, auditor' }).click()
  pages.rest.set('POST /api/session/end', () => ({ ended: true }))
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  assert.equal(page.url(), `${pages.url}/console/cluster`)
  await context.close()
})

test('[WE37] what says nothing about its holder, such as an API key, is exchanged at once', async () => {
  pages.rest.set('POST /api/tokens/refresh', ({ body }) =>
    (body as { token: string }).token === 'hfk_good' ? { token: ADMIN } : new RestRefusal(401, 'token-invalid'),
  )
  const { page, context } = await open('/console/cluster', 'hfk_good')
  await page.getByText('No open conversations').waitFor()
  await context.close()
  const other = await open('/console/cluster', 'hfk_bad')
  await other.page.getByText('Refused: token-invalid.').waitFor()
  await other.context.close()
})

test('[WE38] open alarms are counted and listed wherever somebody is, where he may read them', async () => {
  const { page, context, faults } = await open('/console/nonsense')
  const bell = page.getByRole('button', { name: 'No open alarms' })
  await bell.click()
  await page.getByText('All is quiet').waitFor()
  await page.keyboard.press('Escape')
  answer('/api/alarms', () => alarms({}, { title: 'Outbox behind', acknowledged: { by: 'Ben', at: 0, note: '' } }))
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await page.getByRole('status').getByText('2 open alarms').waitFor({ state: 'attached' })
  await page.getByRole('button', { name: '2 open alarms' }).click()
  const list = page.getByRole('dialog').getByRole('listitem')
  await list.filter({ hasText: 'n3 is silent.' }).first().waitFor()
  await list.filter({ hasText: 'Ben takes care of it' }).waitFor()
  assert.deepEqual(await axeFaults(page), [])
  assert.deepEqual(faults, [])
  await context.close()
  const other = await open('/console/nonsense', staffToken(['conversations']))
  await other.page.getByText('There is no such page').waitFor()
  assert.equal(await other.page.getByRole('button', { name: /alarm/ }).count(), 0)
  await other.context.close()
})

test('[WE25] the console is used by keyboard alone, also where the navigation is behind a button', async () => {
  const { page, context } = await open('/console/nonsense')
  await navigation(page).waitFor()
  await page.keyboard.press('Tab')
  await hasFocus(page, 'Skip to the page')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.id === 'page')
  await page.setViewportSize({ width: 380, height: 720 })
  const menu = page.getByRole('button', { name: 'Pages' })
  await menu.focus()
  await page.keyboard.press('Enter')
  await navigation(page).waitFor()
  await navigation(page).getByRole('link', { name: 'Cluster' }).focus()
  assert.deepEqual(await axeFaults(page), [])
  await page.keyboard.press('Escape')
  await navigation(page).waitFor({ state: 'hidden' })
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Pages')
  await page.keyboard.press('Enter')
  await navigation(page).getByRole('link', { name: 'Cluster' }).focus()
  await page.keyboard.press('Enter')
  await heading(page, 'Cluster').waitFor()
  await navigation(page).waitFor({ state: 'hidden' })
  await hasFocus(page, 'Cluster')
  await context.close()
})
