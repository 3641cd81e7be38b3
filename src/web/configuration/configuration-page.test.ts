import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { ConfigAnswer, ConfigHistoryAnswer } from '../../protocol/config-answers.ts'
import type { Scope } from '../../protocol/tokens.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { staffToken } from '../test-pages-node.ts'
import { type StageProcess, startStage } from '../test-stage-node.ts'
import { formOf } from './form-fields.ts'

const [ADA, BOB] = ['ada', 'bob'].map((subject) => staffToken(['admin', 'audit'], { subject, name: subject }))

let browser: Browser
let stage: StageProcess
let made = 0

before(async () => {
  stage = await startStage()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await stage?.stop()
})

async function ask<Answer>(path: string, body?: object): Promise<Answer> {
  const response = await fetch(stage.url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${BOB}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer = await response.json()
  assert.ok(response.ok, JSON.stringify(answer))
  return answer as Answer
}

/** What somebody else does meanwhile. */
function bobWrites(documents: Readonly<Record<string, string | null>>, reason = 'Bob wants it'): Promise<unknown> {
  const wanted = Object.entries(documents).map(([name, text]) => ({ name, text }))
  return ask('/api/config/changes', { key: `bob-${made++}`, reason, documents: wanted })
}

async function stored(name: string): Promise<unknown> {
  const { documents } = await ask<ConfigAnswer>('/api/config')
  return documents.find((document) => document.name === name)?.value
}

async function openPage(path: string, scopes?: readonly Scope[]) {
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  const token = scopes ? staffToken(scopes) : ADA
  await page.goto(`${stage.url}/console/configuration${path}#token=${token}`)
  return { page, faults, close: () => context.close() }
}

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** Leads the keyboard to an element, as many presses as that takes. */
async function tabTo(page: Page, role: 'link' | 'textbox' | 'button', name: string): Promise<void> {
  const wanted = page.getByRole(role, { name, exact: true })
  await wanted.waitFor()
  for (let press = 0; press < 60; press++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`the keyboard does not come to ${name}`)
}

test('[WE51] from nothing to the first document by keyboard alone, and nothing is stored unseen', async () => {
  const { page, faults, close } = await openPage('')
  await page.getByText('Where visitors wait for an agent').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await tabTo(page, 'link', 'Make the first queue')
  await page.keyboard.press('Enter')
  // Reading goes on at the heading of where the link leads.
  await page.waitForFunction(() => document.activeElement?.textContent === 'New queue')
  await tabTo(page, 'textbox', 'Name')
  await page.keyboard.type('sales')
  await tabTo(page, 'textbox', 'Title')
  await page.keyboard.type('Sales')
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: 'Store this change of queue/sales?' })
  await question.getByText('Sales', { exact: true }).waitFor()
  assert.equal(await stored('queue/sales'), undefined)
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT')
  await page.keyboard.type('we open')
  await page.keyboard.press('Enter')
  await page.getByText('Stored as revision 1.').waitFor()
  await page.getByText('Revision 1', { exact: true }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/console/configuration/queue/sales')
  assert.deepEqual(await stored('queue/sales'), { title: 'Sales' })
  const { changes } = await ask<ConfigHistoryAnswer>('/api/config/history')
  assert.deepEqual([changes[0]?.author, changes[0]?.reason], ['ada', 'we open'])
  assert.deepEqual(faults, [])
  await close()
})

test('[WE50] every kind that there is has a form, in which each field says what it is for', async () => {
  const { kinds } = await ask<ConfigAnswer>('/api/config')
  for (const { kind, schema } of kinds)
    for (const { name, shape, about } of formOf(schema)) {
      assert.notEqual(shape.kind, 'yaml', `${kind}.${name} has no control`)
      assert.notEqual(about, '', `${kind}.${name}`)
    }
  const { page, faults, close } = await openPage('/settings')
  const link = page.getByRole('link', { name: 'Set it: the secret mail-password' })
  assert.equal(await link.getAttribute('href'), '/console/secrets/mail-password')
  await page.getByText('Messages that one client may send in a second. Default: 20 per second').waitFor()
  assert.deepEqual(faults, [])
  await close()
})

test('[WE50] what is wrong stands at its field: what the browser sees, what only the server knows, and its line', async () => {
  const { page, close } = await openPage('/sign-in')
  await field(page, 'Session hours').fill('soon')
  await button(page, 'Review and save').click()
  await page.getByText('1 thing is wrong').waitFor()
  const hours = field(page, 'Session hours')
  assert.equal(await hours.getAttribute('aria-invalid'), 'true')
  assert.equal(await hours.evaluate((element) => element === document.activeElement), true)
  await hours.fill('12')
  await page.getByText('1 thing is wrong').waitFor({ state: 'hidden' })
  await field(page, 'Issuer').fill('id.example.com')
  await button(page, 'Review and save').click()
  await page.getByText('2 things are wrong').waitFor()
  assert.equal(await field(page, 'Issuer').getAttribute('aria-invalid'), 'true')
  assert.equal(await field(page, 'Client ID').getAttribute('aria-invalid'), 'true')
  assert.deepEqual(await axeFaults(page), [])
  await page.getByText('YAML', { exact: true }).click()
  const text = page.getByRole('textbox', { name: 'The document as YAML or JSON' })
  assert.equal(await text.inputValue(), 'issuer: id.example.com\nsessionHours: 12\n')
  await text.fill('clientId: holdfast\nissuer: https://id.example.com\nsessionHours: 9000\n')
  await button(page, 'Review and save').click()
  await button(page, 'Session hours, line 3').click()
  const chosen = await text.evaluate((area: HTMLTextAreaElement) =>
    area.value.slice(area.selectionStart, area.selectionEnd),
  )
  assert.equal(chosen, 'sessionHours: 9000')
  // A field that is unknown has no control: the form would lose it.
  await text.fill('sessionHour: 9\n')
  await page.getByText('Form', { exact: true }).click()
  await page.getByText('The form cannot show what is written here').waitFor()
  await text.fill('idleMinutes: 30\n')
  await page.getByText('Form', { exact: true }).click()
  assert.equal(await field(page, 'Idle minutes').inputValue(), '30')
  assert.equal(await stored('sign-in'), undefined)
  await close()
})

test('[WE52] a stale edit is refused, shown beside theirs, and made again on top of it', async () => {
  await bobWrites({ 'text/hours': 'title: Hours\nlanguage: en\nbody: Nine to five.\n' })
  const { page, close } = await openPage('/text/hours')
  await field(page, 'Title').fill('Opening hours')
  await button(page, 'Review and save').click()
  await page.getByRole('dialog').waitFor()
  await field(page, 'Reason').fill('a better title')
  await bobWrites({ 'text/hours': 'title: Hours\nlanguage: de\nbody: Neun bis fünf.\n' }, 'now in German')
  await button(page, 'Store').click()
  await page.getByRole('heading', { name: 'Somebody else changed this while you did' }).waitFor()
  await page.getByText('“now in German”').waitFor()
  await page.getByText('body: Neun bis fünf.', { exact: true }).waitFor()
  await page.getByText('title: Opening hours', { exact: true }).waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await button(page, 'Apply mine on top').click()
  assert.equal(await field(page, 'Body').inputValue(), 'Neun bis fünf.')
  await button(page, 'Review and save').click()
  await field(page, 'Reason').fill('a better title, on top')
  await button(page, 'Store').click()
  await page.getByText(/Stored as revision/).waitFor()
  assert.deepEqual(await stored('text/hours'), { title: 'Opening hours', language: 'de', body: 'Neun bis fünf.' })
  await close()
})

test('[WE52] who writes hears of the other before saving, and may take over what is there', async () => {
  await bobWrites({ 'text/bye': 'title: Bye\nbody: Good bye.\n' })
  const { page, close } = await openPage('/text/bye')
  await field(page, 'Title').fill('Farewell')
  await bobWrites({ 'text/bye': 'title: Bye\nbody: See you.\n' })
  await button(page, 'Look at both versions').click()
  await button(page, 'Take over theirs').click()
  assert.equal(await field(page, 'Title').inputValue(), 'Bye')
  assert.equal(await field(page, 'Body').inputValue(), 'See you.')
  await close()
})

test('[WE52] a name that somebody else took meanwhile is a stale edit, too', async () => {
  const { page, close } = await openPage('/queue')
  await field(page, 'Name').fill('late')
  await field(page, 'Title').fill('Late')
  await button(page, 'Review and save').click()
  await field(page, 'Reason').fill('for the evening')
  await bobWrites({ 'queue/late': 'title: Evening\npriority: 7\n' })
  await button(page, 'Store').click()
  await button(page, 'Apply mine on top').click()
  await button(page, 'Review and save').click()
  await page.getByRole('dialog').getByText('Evening').waitFor()
  await field(page, 'Reason').fill('for the evening')
  await button(page, 'Store').click()
  await page.getByText(/Stored as revision/).waitFor()
  assert.deepEqual(await stored('queue/late'), { title: 'Late', priority: 7 })
  await close()
})

test('[WE53] going back asks first and with a reason, and is a change of its own', async () => {
  await bobWrites({ 'queue/help': 'title: Help\nwaiting: |-\n  One moment.\n  Somebody comes.\n' }, 'help opens')
  await bobWrites({ 'queue/help': 'title: Hilfe\nwaiting: |-\n  Einen Moment.\n  Somebody comes.\n' }, 'in German')
  const { revision } = await ask<ConfigAnswer>('/api/config')
  const { page, faults, close } = await openPage('/queue/help/history')
  await page.getByRole('heading', { name: 'in German' }).waitFor()
  await page.getByText('Einen Moment.').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await button(page, `Back to this: revision ${revision - 1}`).click()
  const question = page.getByRole('dialog', { name: `queue/help back to revision ${revision - 1}?` })
  await question.waitFor()
  await page.waitForFunction(() => document.activeElement?.textContent === 'Leave it as it is')
  await page.keyboard.press('Enter')
  await question.waitFor({ state: 'hidden' })
  assert.deepEqual((await ask<ConfigAnswer>('/api/config')).revision, revision)
  await button(page, `Back to this: revision ${revision - 1}`).click()
  await field(page, 'Reason').fill('English was better')
  await button(page, 'Roll back').click()
  await page.getByText(`this is revision ${revision + 1}.`).waitFor()
  await page.getByRole('heading', { name: 'English was better' }).waitFor()
  assert.deepEqual(await stored('queue/help'), { title: 'Help', waiting: 'One moment.\nSomebody comes.' })
  assert.deepEqual(faults, [])
  await close()
})

test('[WE53] removing asks first, and what others refer to stays', async () => {
  await bobWrites({ 'queue/old': 'title: Old', 'web-client/shop': 'title: Shop\nqueue: old\n' })
  const { page, close } = await openPage('/queue/old')
  await button(page, 'Remove').click()
  await page.getByRole('link', { name: 'web-client/shop, queue' }).waitFor()
  await page.getByText('There is no queue called old.').waitFor()
  await bobWrites({ 'web-client/shop': null })
  await button(page, 'Remove').click()
  await page.getByRole('dialog', { name: 'Remove queue/old?' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.textContent === 'Keep it')
  await field(page, 'Reason').fill('nobody asks for it')
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText(/queue\/old is removed/).waitFor()
  assert.equal(await stored('queue/old'), undefined)
  await close()
})

test('[WE50] lists, records and groups have controls, too, and YAML stands in where no control can', async () => {
  const text = { type: 'string', description: 'A text.' }
  const schema = {
    type: 'object',
    properties: {
      tags: { type: 'array', description: 'Some tags.', items: text, default: [] },
      names: { type: 'object', description: 'By language.', additionalProperties: text, default: {} },
      hours: { type: 'object', description: 'From and to.', properties: { from: text }, default: {} },
      extra: { description: 'Whatever.', default: null },
    },
  }
  const { page, faults, close } = await openPage('')
  await page.route('**/api/config', async (route) => {
    const answer = (await (await route.fetch()).json()) as ConfigAnswer
    const made = { kind: 'made-up', title: 'Made up', about: 'A kind of every shape.', many: false, schema }
    await route.fulfill({ json: { ...answer, kinds: [made] } })
  })
  await page.getByRole('link', { name: 'Write the made up' }).click()
  await button(page, 'Add an entry to Tags').click()
  await field(page, 'Tags: entry 1').fill('a')
  await button(page, 'Add an entry to Tags').click()
  await field(page, 'Tags: entry 2').fill('b')
  await button(page, 'Remove entry 1 of Tags').click()
  await button(page, 'Add an entry to Names').click()
  await field(page, 'Name').fill('de')
  await field(page, 'Names: de').fill('Verkauf')
  await field(page, 'From').fill('08:00')
  await field(page, 'Extra').fill('any: [1, 2]')
  assert.deepEqual(await axeFaults(page), [])
  await page.getByText('YAML', { exact: true }).click()
  assert.equal(
    await field(page, 'The document as YAML or JSON').inputValue(),
    'extra:\n  any:\n    - 1\n    - 2\nhours:\n  from: 08:00\nnames:\n  de: Verkauf\ntags:\n  - b\n',
  )
  assert.deepEqual(faults, [])
  // What is not stored is not lost by the way back of the browser, nor by a link.
  const at = page.url()
  await page.goBack()
  await page.getByRole('dialog', { name: 'Leave what you wrote?' }).waitFor()
  assert.equal(page.url(), at)
  await button(page, 'Go on writing').click()
  await page.getByRole('link', { name: 'All documents' }).click()
  await page.getByRole('dialog', { name: 'Leave what you wrote?' }).waitFor()
  await button(page, 'Go on writing').click()
  assert.match(await field(page, 'The document as YAML or JSON').inputValue(), /Verkauf/)
  await page.getByRole('link', { name: 'All documents' }).click()
  await button(page, 'Leave').click()
  await page.getByText('A kind of every shape.').waitFor()
  await close()
})

test('[WE54] nodes that run another configuration are named; who may only look finds nothing to press', async () => {
  const { page, faults, close } = await openPage('', ['audit'])
  await page.getByText(/run another configuration\./).waitFor()
  await page.getByRole('list', { name: 'What each node runs' }).getByText('n1').waitFor()
  assert.equal(await page.getByRole('link', { name: /^(?:New|Make the first|Write the) / }).count(), 0)
  await page.getByRole('link', { name: 'Show the defaults' }).first().click()
  await page.getByText(/You may look and not change/).waitFor()
  assert.equal(await button(page, 'Review and save').count(), 0)
  assert.equal(await field(page, 'Public URL').isDisabled(), true)
  assert.deepEqual(faults, [])
  await close()
})
