import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, servePages, staffToken } from '../test-pages-node.ts'
import { type StageProcess, startStage } from '../test-stage-node.ts'

const PASSWORD = 'correct horse battery'

let browser: Browser
let pages: PageServer
/** A real node: what people type is judged as in earnest. */
let node: StageProcess

before(async () => {
  pages = await servePages()
  node = await startStage()
  for (const name of ['ada', 'eve', 'bob']) await node.makeAccount({ name, roles: ['agent'], password: PASSWORD })
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await pages?.close()
  await node?.stop()
})

/** Comes back to the page after having been elsewhere: it asks at once instead of at its next turn. */
async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
}

/** The page on the real node; `name`: of somebody who is signed in. */
async function openNode(name?: string): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  context.setDefaultTimeout(PATIENCE_MS)
  if (name !== undefined) await context.request.post(`${node.url}/api/session`, { data: { name, password: PASSWORD } })
  const page = await context.newPage()
  await page.goto(`${node.url}/console/my-account`)
  return { page, context }
}

async function answerDoor(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.keyboard.press('Enter')
}

test('[WE96] a wrong password is refused in a sentence, the right one leads back to the page, and signing out ends it', async () => {
  const { page, context } = await openNode()
  await page.getByRole('link', { name: 'With your account' }).click()
  await answerDoor(page, 'ada', 'a wrong password')
  await page.getByRole('alert').filter({ hasText: 'Name and password do not belong together' }).waitFor()
  await answerDoor(page, 'ada', PASSWORD)
  await page.getByRole('heading', { name: 'ada' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/console/my-account')
  await page.getByRole('table', { name: 'Sessions' }).getByText('This one').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await page.getByRole('button', { name: 'Signed in as ada' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'With your account' }).waitFor()
  await page.reload()
  await page.getByRole('link', { name: 'With your account' }).waitFor()
  await context.close()
})

test('[WE96] who guesses too often is told to wait, and is let in afterwards', async () => {
  const { page, context } = await openNode()
  await page.getByRole('link', { name: 'With your account' }).click()
  const reason = page.getByRole('alert')
  for (let attempt = 1; attempt <= 6; attempt++) {
    await answerDoor(page, 'bob', `a wrong password ${attempt}`)
    // A refused password is taken out of its field.
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('[name=password]')?.value === '')
  }
  await reason.filter({ hasText: 'Too many attempts to sign in; wait a while.' }).waitFor()
  await node.pass(60_000)
  await answerDoor(page, 'bob', PASSWORD)
  await page.getByRole('heading', { name: 'bob' }).waitFor()
  await context.close()
})

test('[WE96] a session that is ended elsewhere asks to sign in again, with the reason', async () => {
  const [here, there] = await Promise.all([openNode('eve'), openNode('eve')])
  for (const { page } of [here, there]) await page.getByRole('heading', { name: 'eve' }).waitFor()
  await here.page.getByRole('button', { name: /^End the session of Chrome/ }).click()
  await here.page.getByText('Chrome on Linux is signed out.').waitFor()
  await lookAgain(there.page)
  await there.page.getByRole('link', { name: 'With your account' }).waitFor()
  await there.page.getByText(/^(The session is over|The token was good once)/).waitFor()
  assert.equal(await here.page.getByRole('table', { name: 'Sessions' }).getByRole('row').count(), 2)
  await here.context.close()
  await there.context.close()
})

test('[WE95] the own password is changed by the present one, by keyboard alone; other sessions end and this one stays', async () => {
  const [here, there] = await Promise.all([openNode('eve'), openNode('eve')])
  for (const { page } of [here, there]) await page.getByRole('heading', { name: 'eve' }).waitFor()
  const { page } = here
  const present = page.getByRole('textbox', { name: 'Present password' })
  const change = async (current: string, next: string, again = next) => {
    await present.fill(current)
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill(next)
    await page.getByRole('textbox', { name: 'New password again' }).fill(again)
    await page.keyboard.press('Enter')
  }
  await change(PASSWORD, 'another long password', 'something else')
  await page.getByText('It is not the same.').waitFor()
  await change(PASSWORD, 'short')
  await page.getByText('A password has at least 12 characters.').waitFor()
  await change('not the present one', 'another long password')
  await page.getByText('The present password is not right.').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await change(PASSWORD, 'another long password')
  await page.getByText('Your password is changed').waitFor()
  assert.equal(await present.inputValue(), '')
  await lookAgain(there.page)
  await there.page.getByRole('link', { name: 'With your account' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'eve' }).waitFor()
  await here.context.close()
  await there.context.close()
})

test('[WE95] who came with a token of no account is told that there is nothing of his own here', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${pages.url}/console/my-account#token=${staffToken(['audit'])}`)
  await page.getByText('You came with a token, not with an account').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})
