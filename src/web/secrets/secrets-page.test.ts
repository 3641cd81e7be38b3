import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import type { SecretsAnswer } from '../../protocol/audit-answers.ts'
import type { ConfigAnswer } from '../../protocol/config-answers.ts'
import type { Scope } from '../../protocol/tokens.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'
import { type StageProcess, startStage } from '../test-stage-node.ts'

const TEXT = 'a text that nobody may see again'

let browser: Browser
let pages: PageServer
let stage: StageProcess
let secrets: SecretsAnswer
let orders: { path: string; body: unknown }[]
/** What the next order is answered. */
let reply: (path: string) => unknown

before(async () => {
  pages = await servePages()
  stage = await startStage()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
  await stage?.stop()
})
beforeEach(() => {
  const now = Date.now()
  secrets = {
    secrets: [{ name: 'mail-password', changedAt: now - 7_200_000 }],
    dataKey: { id: '5f0c1a2b3c4d', madeAt: now - 86_400_000, masterKeys: 2, privateKeys: 4 },
    nodes: [
      { node: 'n1', masterKey: 'newest' },
      { node: 'n2', masterKey: 'earlier' },
      { node: 'n3', masterKey: 'none' },
    ],
  }
  orders = []
  reply = () => ({ sentence: 'It is done.' })
  pages.rest.set('GET /api/secrets', () => secrets)
  pages.rest.set('GET /api/config', () => configuration())
  pages.rest.set('GET /api/audit', () => ({ records: [record(now - 7_200_000)], head: { n: 1, hash: '' } }))
  pages.rest.set('POST /api/session/token', () => new RestRefusal(401, 'token-missing'))
  pages.rest.set('POST *', ({ path, body }) => {
    orders.push({ path, body })
    return reply(path)
  })
})

function configuration(): ConfigAnswer {
  const field = (description: string, secret: string) => ({ type: 'string', description, default: '', secret })
  const properties = {
    mailServer: field('SMTP server; its password is the secret `mail-password`.', 'mail-password'),
    alarmWebhook: field('Address that is called, signed by the secret `webhook-secret`.', 'webhook-secret'),
  }
  const value = { mailServer: 'smtp://user@mail', alarmWebhook: 'https://hook.example' }
  return {
    ...{ revision: 1, digest: '', known: 'from-store', nodes: [] },
    documents: [{ name: 'settings', revision: 1, text: '', value }],
    kinds: [{ kind: 'settings', title: 'Settings', about: '', many: false, schema: { type: 'object', properties } }],
  }
}

function record(at: number) {
  const who = { subject: 'ada', name: 'Ada Lovelace', from: '192.0.2.1' }
  const entry = { act: 'secret.set', on: 'secret/mail-password', who, node: 'n1', nodeAt: at, happened: 'done' }
  return { n: 1, key: 'k', at, hash: '', body: JSON.stringify(entry) }
}

async function openPage(path = '', scopes: readonly Scope[] = ['admin'], url = pages.url) {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${url}/console/secrets${path}#token=${staffToken(scopes)}`)
  return { page, faults, context }
}

const row = (page: Page, name: string) =>
  page.getByRole('table', { name: 'Secrets' }).getByRole('row', { name: new RegExp(name) })
const keyboardAt = (page: Page, text: string) =>
  page.waitForFunction((wanted) => document.activeElement?.textContent === wanted, text)

test('[WE100] each secret says what it is for, whether and by whom it was set, and who needs it; readers change nothing', async () => {
  const { page, faults, context } = await openPage('/mail-password', ['audit'])
  await row(page, 'mail-password').getByText('by Ada Lovelace').waitFor()
  assert.match(
    await row(page, 'mail-password').innerText(),
    /SMTP server; its password is the secret mail-password\.\s+Set\s+2 h ago\s+by Ada Lovelace\s+Settings: Mail server/,
  )
  assert.match(await row(page, 'webhook-secret').innerText(), /Missing\s+–\s+Settings: Alarm webhook/)
  const link = row(page, 'webhook-secret').getByRole('link', { name: 'Settings: Alarm webhook' })
  assert.equal(await link.getAttribute('href'), '/console/configuration/settings')
  await page.getByText('1 set, 1 missing').waitFor()
  const main = page.getByRole('main')
  assert.equal(await main.getByRole('button').count(), 0)
  assert.equal(await page.getByRole('dialog').count(), 0)
  assert.deepEqual(await axeFaults(page), [])
  await page.setViewportSize({ width: 380, height: 800 })
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE101] replacing asks before anything is typed, all by keyboard, and what was refused is typed anew', async () => {
  const { page, context } = await openPage()
  await page.getByRole('link', { name: 'Replace mail-password' }).press('Enter')
  const question = page.getByRole('dialog')
  await question.getByText('by Ada Lovelace').waitFor()
  await keyboardAt(page, 'Keep it')
  assert.equal(await question.getByRole('textbox').count(), 0)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const field = question.locator('input')
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT')
  assert.equal(await field.getAttribute('type'), 'password')
  assert.deepEqual(await axeFaults(page), [])
  reply = () => new RestRefusal(409, 'secrets-sealed')
  await page.keyboard.type('first')
  await page.keyboard.press('Enter')
  await question.getByRole('alert').filter({ hasText: 'Refused: secrets-sealed.' }).waitFor()
  assert.equal(await field.inputValue(), '')
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT')
  reply = () => ({ sentence: 'It is done.' })
  await page.keyboard.type('second')
  await page.keyboard.press('Enter')
  await page.getByText('It is done.').waitFor()
  assert.deepEqual(
    orders.map(({ path, body }) => [path, body]),
    ['first', 'second'].map((text) => ['/api/secrets/mail-password', { text }]),
  )
  await question.waitFor({ state: 'hidden' })
  assert.equal(new URL(page.url()).pathname, '/console/secrets')
  // Who left by the way back and comes again is asked again.
  await page.goBack()
  await keyboardAt(page, 'Keep it')
  await context.close()
})

test('[WE101] who set it meanwhile is told before his is replaced, and who leaves while it is sent stays where he went', async () => {
  const { page, context } = await openPage('/webhook-secret')
  const question = page.getByRole('dialog')
  const field = question.locator('input')
  await field.fill('typed too late')
  secrets = { ...secrets, secrets: [...secrets.secrets, { name: 'webhook-secret', changedAt: Date.now() }] }
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await question.getByText('It was set just now').waitFor()
  await question.getByRole('button', { name: 'Replace it' }).click()
  assert.equal(await field.inputValue(), '')
  assert.ok(await question.getByRole('button', { name: 'Replace' }).isDisabled())
  const sent = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<object>()
  reply = () => {
    sent.resolve()
    return answered.promise
  }
  await field.fill('second')
  await page.keyboard.press('Enter')
  await sent.promise
  await page.keyboard.press('Escape')
  assert.ok(await question.isVisible(), 'it stays until it is known what became of it')
  await page.evaluate(() => {
    history.pushState(null, '', '/console/my-account')
    dispatchEvent(new PopStateEvent('popstate'))
  })
  await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
  answered.resolve({ sentence: 'It is done.' })
  await page.getByText('It is done.').waitFor()
  assert.equal(new URL(page.url()).pathname, '/console/my-account')
  await context.close()
})

test('[WE101] removing asks first and names who refers to it; a name that is taken or wrong is not set', async () => {
  const { page, context } = await openPage()
  const question = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Remove mail-password' }).click()
  await question.getByRole('link', { name: 'Settings: Mail server' }).waitFor()
  await keyboardAt(page, 'Keep it')
  assert.deepEqual(await axeFaults(page), [])
  await question.getByRole('button', { name: 'Remove' }).click()
  await page.getByText('It is done.').waitFor()
  await question.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Set another' }).click()
  const name = question.getByLabel('Name')
  await question.locator('input[type=password]').fill('text')
  for (const wrong of ['Mail', 'mail-password']) {
    await name.fill(wrong)
    assert.ok(await question.getByRole('button', { name: 'Set', exact: true }).isDisabled(), wrong)
  }
  await name.fill('crm-key')
  await question.getByRole('button', { name: 'Set', exact: true }).click()
  await question.waitFor({ state: 'hidden' })
  assert.deepEqual(
    orders.map(({ path }) => path),
    ['/api/secrets/mail-password/remove', '/api/secrets/crm-key'],
  )
  await context.close()
})

test('[WE102] each node says what its master key is worth, and older ones are retired when nobody is shut out', async () => {
  const { page, context } = await openPage()
  const nodes = page.getByRole('table', { name: 'Master key of each node' })
  await nodes.getByRole('row', { name: /n3 Missing/ }).waitFor()
  await nodes.getByRole('row', { name: /n2 Older/ }).waitFor()
  await page.getByText('n2, n3 would be shut out').waitFor()
  await page.getByText('1 secret and 4 private keys of the cluster').waitFor()
  const retire = page.getByRole('button', { name: 'Retire older keys' })
  assert.equal(await retire.count(), 0)
  secrets = { ...secrets, nodes: [{ node: 'n1', masterKey: 'newest' }] }
  await page.getByRole('button', { name: 'New data key' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click()
  await retire.click()
  await keyboardAt(page, 'Keep them')
  await page.getByRole('dialog').getByRole('button', { name: 'Retire them' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  assert.deepEqual(orders, [
    { path: '/api/secret-keys/rotate', body: { retire: false } },
    { path: '/api/secret-keys/rotate', body: { retire: true } },
  ])
  await context.close()
})

test('[WE101] on a real node: from the configuration to the form, and afterwards no answer, page or address holds the text', async () => {
  const { page, faults, context } = await openPage('', ['admin'], stage.url)
  const answers: Promise<string>[] = []
  page.on('response', (response) => {
    if (response.url().includes('/api/')) answers.push(response.text())
  })
  await page.goto(`${stage.url}/console/configuration/settings`)
  await page.getByRole('link', { name: 'Set it: the secret mail-password' }).click()
  await page.getByRole('dialog', { name: 'Set mail-password' }).locator('input').fill(TEXT)
  await page.keyboard.press('Enter')
  await page.getByText('The secret mail-password is set.').waitFor()
  await row(page, 'mail-password').getByText('by Ada').waitFor()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  assert.equal(await heldBy(page), false)
  await page.getByRole('link', { name: 'Replace mail-password' }).click()
  await page.getByRole('button', { name: 'Replace it' }).click()
  await page.getByRole('dialog', { name: 'Replace mail-password' }).locator('input').waitFor()
  assert.equal(await heldBy(page), false)
  const told = await Promise.all(answers)
  assert.ok(told.length > 4)
  assert.deepEqual(
    told.filter((answer) => answer.includes(TEXT)),
    [],
  )
  assert.deepEqual(faults, [])
  await context.close()
})

/** Whether the text is anywhere in the page: in elements, fields, the address, or what the browser keeps for it. */
function heldBy(page: Page): Promise<boolean> {
  return page.evaluate((text) => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => (field as HTMLInputElement).value)
    const kept = [localStorage, sessionStorage].map((storage) => JSON.stringify(storage))
    const held = [document.documentElement.outerHTML, ...fields, ...kept, location.href, JSON.stringify(history.state)]
    return held.some((each) => each?.includes(text))
  }, TEXT)
}
