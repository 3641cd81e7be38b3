import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { AccountRow, AccountsAnswer, ApiKeysAnswer, SessionsAnswer } from '../../protocol/account-answers.ts'
import type { AlarmCatalogueAnswer, AlarmsAnswer } from '../../protocol/alarm-answers.ts'
import type { AssetsAnswer } from '../../protocol/asset-answers.ts'
import type { AuditAnswer, AuditCheckAnswer, SecretsAnswer } from '../../protocol/audit-answers.ts'
import type { CertificateAnswer } from '../../protocol/certificate-answers.ts'
import type { ConfigAnswer, ConfigHistoryAnswer } from '../../protocol/config-answers.ts'
import type { OutboxAnswer } from '../../protocol/outbox-answers.ts'
import type { ClusterAnswer, DecisionsAnswer } from '../../protocol/rest-answers.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, type RestAnswer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'
import { ALL_PAGES } from './all-pages.ts'

const HEAD = { n: 0, hash: '' }

/** What a system answers in which there is nothing yet. Whose page asks for more adds it here. */
const NOTHING: Readonly<Record<string, unknown>> = {
  '/api/cluster': {
    ...{ node: 'n1', version: '0.1.0', publicUrl: '', at: 0, nodes: [], ownership: [], openConversations: 0 },
    ...{ damaged: [], counters: {}, acts: [] },
  } satisfies ClusterAnswer,
  '/api/cluster/decisions': { decisions: [] } satisfies DecisionsAnswer,
  '/api/alarms': { fresh: true, open: [], waiting: [], over: [], silences: [] } satisfies AlarmsAnswer,
  '/api/alarms/catalogue': { alarms: [] } satisfies AlarmCatalogueAnswer,
  '/api/outbox': { waiting: 0, dead: 0, oldestMs: 0, lanes: [], deadLetters: [] } satisfies OutboxAnswer,
  '/api/audit': { records: [], head: HEAD } satisfies AuditAnswer,
  '/api/audit/check': { kind: 'sound', head: HEAD, checked: HEAD } satisfies AuditCheckAnswer,
  '/api/secrets': { secrets: [], nodes: [] } satisfies SecretsAnswer,
  '/api/certificate': { nodes: [] } satisfies CertificateAnswer,
  '/api/assets': { assets: [], taken: { bytesMax: 1_000_000, endings: ['png'] } } satisfies AssetsAnswer,
  '/api/config': {
    ...{ revision: 0, digest: '', known: 'from-store', documents: [], kinds: [], nodes: [] },
  } satisfies ConfigAnswer,
  '/api/config/history': { changes: [] } satisfies ConfigHistoryAnswer,
  '/api/accounts': { accounts: [] } satisfies AccountsAnswer,
  '/api/accounts/a1': {
    ...{ id: 'a1', name: 'ada', displayName: 'Ada', roles: [], disabled: false },
    ...{ password: true, provider: false, madeAt: 0 },
  } satisfies AccountRow,
  '/api/accounts/a1/sessions': { sessions: [] } satisfies SessionsAnswer,
  '/api/api-keys': { keys: [] } satisfies ApiKeysAnswer,
}

const TOKEN = staffToken(['conversations', 'tokens', 'audit', 'admin'], {
  subject: 'a1',
  grant: { kind: 'session', id: 's1', account: 'a1' },
})

let browser: Browser
let pages: PageServer

before(async () => {
  pages = await servePages()
  pages.rest.delete('GET /api/alarms')
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
})

test('[WE39] with nothing to show every page works under the policy and has nothing that axe finds; a refusal is told', async (t) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  const unknown = new Set<string>()
  const nothing: RestAnswer = ({ path }) => {
    if (!(path in NOTHING)) unknown.add(path)
    return NOTHING[path]
  }
  pages.rest.set('GET *', nothing)
  await page.goto(`${pages.url}/console/nowhere#token=${TOKEN}`)
  const main = page.getByRole('main')
  for (const { title, path } of ALL_PAGES)
    await t.test(title, async () => {
      pages.rest.set('GET *', nothing)
      await go(page, title)
      await page.waitForFunction(() => {
        const shown = document.querySelector('main')
        return (shown?.children.length ?? 0) > 1 && !shown?.querySelector('[aria-busy=true]')
      })
      assert.equal(page.url(), `${pages.url}/console/${path}`)
      assert.equal(await page.title(), `${title} · Holdfast`)
      assert.equal(await main.getByText('This page stopped working').count(), 0)
      assert.deepEqual([...unknown], [], 'the table above knows what the page asks for')
      assert.deepEqual(await axeFaults(page), [])
      assert.deepEqual(faults.filter(isFault), [])

      await leave(page)
      pages.rest.set('GET *', () => new RestRefusal(403, 'not-allowed'))
      await go(page, title)
      await page.waitForFunction(() => document.querySelector('main')?.textContent.includes('Refused: not-allowed.'))
      await leave(page)
    })
  await context.close()
})

async function go(page: Page, title: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: title, exact: true }).click()
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
}

async function leave(page: Page): Promise<void> {
  await page.evaluate(() => history.back())
  await page.getByText('There is no such page').waitFor()
}

/** The browser tells of every call that is refused. */
const isFault = (told: string) => !told.includes('status of 403')
