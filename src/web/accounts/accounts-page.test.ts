import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { AccountRow, SessionRow } from '../../protocol/account-answers.ts'
import type { Scope } from '../../protocol/tokens.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'

const [ADA, BOB] = ['00000000000aa', '00000000000bb']
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36'
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0'

let browser: Browser
let pages: PageServer
let accounts: AccountRow[]
let sessions: SessionRow[]
let orders: { path: string; body: unknown }[]
/** What the next order is answered. */
let reply: (path: string, body: unknown) => unknown

before(async () => {
  pages = await servePages()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
})
beforeEach(() => {
  const now = Date.now()
  accounts = [
    row(ADA, 'ada', { displayName: 'Ada Lovelace', roles: ['admin'], seenAt: now - 20_000 }),
    row(BOB, 'bob', { displayName: 'Bob', seenAt: now - 7_200_000 }),
    row('00000000000cc', 'carl', { displayName: 'Carl', disabled: true, password: false, provider: true }),
  ]
  sessions = [
    session('00000000000s1', { browser: CHROME, seenAt: now - 5_000 }),
    session('00000000000s2', { browser: FIREFOX, address: '192.0.2.7' }),
  ]
  orders = []
  reply = () => ({})
  pages.rest.set('GET /api/accounts', () => ({ accounts }))
  for (const id of [ADA, BOB]) pages.rest.set(`GET /api/accounts/${id}/sessions`, () => ({ sessions }))
  pages.rest.set('POST /api/session/token', () => new RestRefusal(401, 'token-missing'))
  pages.rest.set('POST *', ({ path, body }) => {
    orders.push({ path, body })
    return reply(path, body)
  })
})

function row(id: string, name: string, more: Partial<AccountRow>): AccountRow {
  const facts = { displayName: name, roles: ['agent'], disabled: false, password: true, provider: false } as const
  return { id, name, ...facts, madeAt: Date.now() - 40 * 86_400_000, ...more }
}

function session(id: string, more: Partial<SessionRow>): SessionRow {
  const now = Date.now()
  const times = { madeAt: now - 3_600_000, seenAt: now - 600_000, endsAt: now + 80_000_000 }
  return { id, via: 'password', address: '192.0.2.1', browser: CHROME, ...times, present: false, ...more }
}

async function openPage(
  path = '',
  scopes: readonly Scope[] = ['admin'],
): Promise<{ page: Page; context: BrowserContext; faults: readonly string[] }> {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  const grant = { kind: 'session', id: '00000000000s9', account: ADA } as const
  const token = staffToken(scopes, { subject: ADA, name: 'Ada Lovelace', grant })
  await page.goto(`${pages.url}/console/accounts${path}#token=${token}`)
  return { page, context, faults }
}

test('[WE90] everybody who may sign in is listed with what he may, how he comes in and when he was seen, and is found by a word', async () => {
  const { page, context, faults } = await openPage()
  const table = page.getByRole('table', { name: 'Accounts' })
  await table.getByRole('link', { name: 'Ada Lovelace' }).waitFor()
  const bob = table.getByRole('row', { name: /Bob/ })
  assert.match(await bob.innerText(), /Bob\s+bob\s+agent\s+Password\s+2 h ago/)
  const carl = table.getByRole('row', { name: /Carl/ })
  assert.match(await carl.innerText(), /Disabled\s+agent\s+Provider\s+Never/)
  assert.deepEqual(await axeFaults(page), [])
  await page.getByRole('searchbox', { name: 'Search accounts' }).fill('admin')
  await page.getByText('1 account found').waitFor({ state: 'attached' })
  assert.equal(await table.getByRole('link').count(), 1)
  await page.getByRole('searchbox', { name: 'Search accounts' }).fill('nobody')
  await page.getByText('Nobody is called so').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE90] who may only read sees accounts and sessions, and no act', async () => {
  const { page, context } = await openPage(`/${BOB}`, ['audit'])
  await page.getByRole('table', { name: 'Sessions' }).getByText('Firefox on Windows').waitFor()
  for (const name of [/End/, /Disable/, /Remove/, /Save/])
    assert.equal(await page.getByRole('main').getByRole('button', { name }).count(), 0)
  await page.getByRole('link', { name: 'All accounts' }).click()
  await page.getByRole('link', { name: 'Bob' }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'New account' }).count(), 0)
  await context.close()
})

test('where there is no account the page says how to make one', async () => {
  accounts = []
  const { page, context } = await openPage()
  await page.getByText('There is no account yet').waitFor()
  await context.close()
})

test('[WE91] an account is made by keyboard alone, and the password that was made for it is told once', async () => {
  const { page, context, faults } = await openPage()
  reply = () => new RestRefusal(409, 'account-taken')
  const open = page.getByRole('button', { name: 'New account' })
  await open.focus()
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: 'New account' })
  await question.waitFor()
  await page.waitForFunction(() => document.activeElement?.getAttribute('autocapitalize') === 'none')
  await page.keyboard.type('Dora')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Dora D.')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await question.getByRole('button', { name: 'Make one up' }).focus()
  await page.keyboard.press('Enter')
  await question.getByLabel('First password').focus()
  await page.keyboard.press('Enter')
  await question.getByRole('alert').filter({ hasText: 'Refused: account-taken.' }).waitFor()
  assert.deepEqual(await axeFaults(page), [])
  reply = (_path, body) => {
    const { name, displayName, roles } = body as AccountRow
    accounts = [...accounts, row('00000000000dd', name, { displayName, roles })]
    return accounts.at(-1)
  }
  await page.keyboard.press('Enter')
  const once = page.getByRole('dialog', { name: 'The account is made' })
  const told = await once.getByLabel('First password', { exact: true }).innerText()
  assert.deepEqual(orders.at(-1), {
    path: '/api/accounts',
    body: { name: 'dora', displayName: 'Dora D.', roles: ['supervisor', 'agent'], password: told },
  })
  assert.match(told, /^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/)
  await page.keyboard.press('Escape')
  assert.ok(await once.isVisible(), 'Escape does not take it away')
  assert.deepEqual(await axeFaults(page), [])
  await once.getByRole('button', { name: 'I have kept it' }).press('Enter')
  await page.getByRole('link', { name: 'Dora D.' }).waitFor()
  assert.equal(await page.getByText(told).count(), 0)
  assert.deepEqual(
    faults.filter((fault) => !fault.includes('status of 409')),
    [],
  )
  await context.close()
})

test('[WE92] other roles are asked about because sessions end, and the last administrator is told why he stays one', async () => {
  const { page, context } = await openPage(`/${ADA}`)
  await page.getByLabel('Shown as').fill('Ada L.')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('ada is changed.').waitFor()
  assert.deepEqual(orders, [{ path: `/api/accounts/${ADA}`, body: { displayName: 'Ada L.' } }])
  await page.getByRole('button', { name: 'Undo' }).click()
  reply = () => new RestRefusal(409, 'last-admin')
  const admin = page.getByRole('checkbox', { name: /^admin/ })
  await admin.uncheck()
  await page.getByRole('checkbox', { name: /^auditor/ }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  const question = page.getByRole('dialog', { name: 'Change the roles of ada?' })
  await question.getByText('only another administrator can give the role back').waitFor()
  await page.waitForFunction(() => document.activeElement?.textContent === 'Leave them')
  await question.getByRole('button', { name: 'Change roles' }).click()
  await question.getByText('Refused: last-admin.').waitFor()
  assert.deepEqual(orders.at(-1)?.body, { roles: ['auditor'] })
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'hidden' })
  assert.ok(await admin.isChecked(), 'what was not done is not shown as done')
  await context.close()
})

test('[WE92] disabling and removing ask first; who is disabled is enabled at once', async () => {
  const { page, context } = await openPage(`/${BOB}`)
  reply = (path) => {
    const changed = { ...(accounts[1] as AccountRow), disabled: !accounts[1]?.disabled }
    accounts = path.endsWith('/remove') ? accounts.filter(({ id }) => id !== BOB) : accounts.with(1, changed)
    return changed
  }
  const question = page.getByRole('dialog')
  const act = (name: string) => page.locator('.access-acts').getByRole('button', { name }).click()
  await act('Disable')
  await page.waitForFunction(() => document.activeElement?.textContent === 'Leave it')
  await question.getByRole('button', { name: 'Disable' }).click()
  await page.getByText('bob may not sign in any more.').waitFor()
  await act('Enable')
  await page.getByText('bob may sign in again.').waitFor()
  await act('Remove')
  await question.getByRole('button', { name: 'Keep it' }).click()
  assert.equal(orders.length, 2)
  await question.waitFor({ state: 'hidden' })
  await act('Remove')
  await question.getByRole('button', { name: 'Remove' }).click()
  await page.getByText('The account bob is removed.').waitFor()
  assert.equal(new URL(page.url()).pathname, '/console/accounts')
  assert.deepEqual(
    orders.map(({ path, body }) => [path, body]),
    [
      [`/api/accounts/${BOB}`, { disabled: true }],
      [`/api/accounts/${BOB}`, { disabled: false }],
      [`/api/accounts/${BOB}/remove`, {}],
    ],
  )
  await context.close()
})

test('[WE92] a password that an administrator gives is judged by the node, whose sentence stands where it was typed', async () => {
  const { page, context } = await openPage(`/${BOB}`)
  reply = () => new RestRefusal(422, 'password-weak')
  await page.getByRole('button', { name: 'Give a password' }).click()
  const question = page.getByRole('dialog', { name: 'A password for bob' })
  await question.getByLabel('New password').fill('short')
  await page.keyboard.press('Enter')
  await question.getByText('Refused: password-weak.').waitFor()
  reply = () => ({ changed: true })
  await question.getByLabel('New password').fill('a long enough one')
  await page.keyboard.press('Enter')
  await page.getByText('bob has a new password and is signed out everywhere.').waitFor()
  assert.deepEqual(orders.at(-1)?.body, { password: 'a long enough one' })
  await context.close()
})

test('[WE93] sessions say where they are, and end one by one or all at once', async () => {
  const { page, context } = await openPage(`/${BOB}`)
  const table = page.getByRole('table', { name: 'Sessions' })
  assert.match(
    await table.getByRole('row', { name: /Firefox/ }).innerText(),
    /Firefox on Windows\s+192\.0\.2\.7\s+1 h ago/,
  )
  assert.deepEqual(await axeFaults(page), [])
  // As if somebody else had been quicker with the second one.
  reply = (path) => {
    const gone = sessions.find(({ id }) => path.includes(id))
    sessions = sessions.filter((each) => each !== gone)
    return gone?.id === '00000000000s2' ? new RestRefusal(404, 'unknown-account') : { ended: true }
  }
  await page.getByRole('button', { name: 'End all' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End 2 sessions' }).click()
  await page.getByText('2 sessions ended.').waitFor()
  await page.getByText('Bob is signed in nowhere.').waitFor()
  assert.deepEqual(
    orders.map(({ path }) => path),
    ['00000000000s1', '00000000000s2'].map((id) => `/api/accounts/${BOB}/sessions/${id}/end`),
  )
  await context.close()
})

test('on a narrow screen nothing of the page is wider than it', async () => {
  const { page, context } = await openPage()
  await page.setViewportSize({ width: 380, height: 800 })
  await page.getByRole('link', { name: 'Bob' }).click()
  await page.getByText('Firefox on Windows').waitFor()
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  await context.close()
})
