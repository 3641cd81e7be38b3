import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { AlarmAnswer, AlarmRow, AlarmsAnswer } from '../../protocol/alarm-answers.ts'
import type { Scope } from '../../protocol/tokens.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'

let browser: Browser
let pages: PageServer
let alarms: AlarmsAnswer
let orders: { path: string; body: unknown }[]

before(async () => {
  pages = await servePages()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
})
beforeEach(() => {
  alarms = {
    fresh: true,
    open: [alarm('dead-letters', { severity: 'warning', title: 'Dead letters', subject: 'cluster' }), alarm('lost')],
    waiting: [],
    over: [alarm('away', { title: 'Store available', ended: { at: 1, by: 'n1', durationMs: 200_000 } })],
    silences: [
      { id: 's1', code: 'node-lost', subject: 'n3', until: Date.now() + 7_200_000, by: 'ada', reason: 'new disks' },
    ],
  }
  orders = []
  pages.rest.set('GET /api/alarms', () => alarms)
  pages.rest.set('GET /api/alarms/catalogue', () => ({
    alarms: [
      { code: 'node-lost', severity: 'critical', title: 'Node lost', over: 'Node back', about: 'the node', ...WORDS },
    ],
  }))
  pages.rest.set('GET *', ({ path }) => detailsOf(path.split('/').at(-1) ?? ''))
  pages.rest.set('POST *', ({ path, body }) => {
    orders.push({ path, body })
    return { sentence: `Done: ${path.split('/').at(-1)}.` }
  })
})

const WORDS = { meaning: 'A node died.', remedy: 'Look at its log, or end it by `holdfast alarm close`.' }

function alarm(id: string, more: Partial<AlarmRow> = {}): AlarmRow {
  return {
    ...{ id, code: 'node-lost', subject: 'n2', severity: 'critical', title: 'Node lost', raisedBy: 'n1' },
    ...{ sentence: 'n2 is silent since 40 s.', beganAt: Date.now() - 720_000, affected: 12, told: true },
    ...more,
  }
}

function detailsOf(id: string): AlarmAnswer | RestRefusal {
  const found = [...alarms.open, ...alarms.over].find((each) => each.id === id)
  if (!found) return new RestRefusal(404, 'unknown-alarm')
  const mail = { about: 'raised', by: 'mail', to: 'ops@example.com', state: 'done', attempts: 1, reason: '' } as const
  const call = { about: 'raised', by: 'webhook', to: '', state: 'dead', attempts: 9, reason: '410 Gone' } as const
  return { ...found, ...WORDS, deliveries: [mail, call] }
}

async function openPage(
  scopes: readonly Scope[] = ['admin'],
  path = 'alarms',
): Promise<{ page: Page; context: BrowserContext; faults: readonly string[] }> {
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${pages.url}/console/${path}#token=${staffToken(scopes)}`)
  return { page, context, faults }
}

test('[WE60] open alarms stand first, the most urgent on top, each with all that is known of it', async () => {
  const { page, context, faults } = await openPage()
  const lost = page.getByRole('article', { name: 'Node lost: n2' })
  await lost.getByText('delivered').waitFor()
  for (const text of ['12 conversations affected', 'A node died.', 'holdfast alarm close', '410 Gone', 'given up'])
    assert.equal(await lost.getByText(text).count(), 1, text)
  assert.match(await lost.getByText('began 12 min ago').innerHTML(), /title="/)
  assert.deepEqual(
    await page.getByRole('article').evaluateAll((all) => all.map((each) => each.getAttribute('aria-label'))),
    ['Node lost: n2', 'Dead letters: cluster'],
  )
  await page.getByText('Node lost of n3').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE61] somebody takes care of an alarm with a word for the others, by keyboard alone; a refusal is told there', async () => {
  const { page, context } = await openPage()
  await page.getByRole('button', { name: 'Acknowledge Node lost of n2' }).focus()
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: 'Take care of it?' })
  await question.waitFor()
  await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA')
  await page.keyboard.type('I look')
  pages.rest.set('POST *', () => new RestRefusal(404, 'unknown-alarm'))
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await question.getByText('Refused: unknown-alarm.').waitFor()
  pages.rest.set('POST *', ({ path, body }) => {
    orders.push({ path, body })
    const acknowledged = { by: 'ada', at: Date.now(), note: 'I look' }
    alarms = { ...alarms, open: alarms.open.map((each) => ({ ...each, acknowledged })) }
    return { sentence: 'ada takes care of it.' }
  })
  await page.keyboard.press('Enter')
  await page.getByText('ada takes care of it.').waitFor()
  assert.deepEqual(orders, [{ path: '/api/alarms/lost/acknowledge', body: { note: 'I look' } }])
  await page.getByRole('article', { name: 'Node lost: n2' }).getByText('I look').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Acknowledge Node lost of n2' }).count(), 0)
  await context.close()
})

test('[WE61] a silence begins with what the alarm is about, has a time and a reason, and is lifted again', async () => {
  const { page, context } = await openPage()
  await page.getByRole('button', { name: 'Silence Node lost of n2' }).click()
  const question = page.getByRole('dialog', { name: 'Silence alarms' })
  const silence = question.getByRole('button', { name: 'Silence' })
  await question.waitFor()
  assert.ok(await silence.isDisabled(), 'without a reason there is none')
  await question.getByLabel('For how long').selectOption('four hours')
  await question.getByLabel('Why').fill('new disks')
  await silence.click()
  await page.getByText('Done: silences.').waitFor()
  const [order] = orders
  assert.ok(order)
  const { key, ...body } = order.body as { key: string }
  assert.match(key, /^[a-z0-9-]{1,64}$/)
  assert.deepEqual(body, { code: 'node-lost', subject: 'n2', forMs: 14_400_000, reason: 'new disks' })
  await page.getByRole('button', { name: 'Lift: Node lost of n3' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Lift it' }).click()
  await page.getByText('Done: end.').waitFor()
  assert.equal(orders[1]?.path, '/api/alarms/silences/s1/end')
  await context.close()
})

test('[WE61] ending by hand asks for a reason first, and who may only read is offered no act', async () => {
  const { page, context } = await openPage()
  await page.getByRole('button', { name: 'End by hand: Node lost of n2' }).click()
  const question = page.getByRole('dialog', { name: 'End this alarm by hand?' })
  await page.waitForFunction(() => document.activeElement?.textContent === 'Leave it open')
  assert.ok(await question.getByRole('button', { name: 'End it' }).isDisabled())
  await question.getByLabel('Why').fill('it is scrap')
  await question.getByRole('button', { name: 'End it' }).click()
  await page.getByText('Done: close.').waitFor()
  assert.deepEqual(orders[0]?.body, { reason: 'it is scrap' })
  await context.close()
  const reader = await openPage(['audit'])
  await reader.page.getByText('Node lost of n3').waitFor()
  assert.equal(await reader.page.getByRole('button', { name: /Acknowledge|Silence|Lift|End / }).count(), 0)
  await reader.context.close()
})

test('[WE62] what is over tells how long it lasted, each at an address of its own; all is well where nothing is open', async () => {
  alarms = { ...alarms, open: [], silences: [] }
  const { page, context, faults } = await openPage()
  await page.getByRole('heading', { name: 'All is well' }).waitFor()
  const row = page.getByRole('table', { name: 'Alarms that are over' }).getByRole('row').nth(1)
  assert.match(await row.innerText(), /Store available.*3 min.*12.*nobody/s)
  await row.getByRole('link', { name: 'Store available' }).click()
  await page.waitForURL('**/console/alarms/away')
  await page.getByRole('article').getByText('lasted 3 min, told by n1').waitFor()
  await page.goto(`${pages.url}/console/alarms/forgotten`)
  await page.getByText('There is no such alarm').waitFor()
  pages.rest.set('GET *', () => new RestRefusal(503, 'store-unavailable'))
  await page.goto(`${pages.url}/console/alarms/lost`)
  await page.getByText('This alarm cannot be shown now').waitFor()
  assert.deepEqual(
    faults.filter((fault) => !/404|503/.test(fault)),
    [],
  )
  await context.close()
})

test('[WE60] while the database is away the page says so, and tells what the node saw and could not store', async () => {
  const waiting = { code: 'store-unavailable', subject: 'cluster', title: 'Store unavailable', sentence: 'No answer.' }
  alarms = { ...alarms, fresh: false, open: [], waiting: [{ ...waiting, beganAt: Date.now() }] }
  const { page, context } = await openPage()
  await page.getByText('The database is away: this is what the node knew last').waitFor()
  await page.getByText('Seen and not stored yet').waitFor()
  assert.equal(await page.getByText('All is well').count(), 0)
  await context.close()
})
