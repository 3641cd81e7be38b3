import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import type { Browser, Page, Response } from 'playwright-core'
import { builtPages } from '../page-build-node.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', 'server', 'set-up-stage-process-node.ts')
const MAIL_PASSWORD = 'canary-of-the-mail-server'
const PASSWORD = 'canary horse battery staple'

let browser: Browser
/** A node on which nothing is set, for those who set nothing. */
let fresh: Stage

before(async () => {
  fresh = await startNode()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await fresh?.stop()
})

interface Stage {
  readonly url: string
  readonly link: string
  readonly mailPort: number
  mails(): Promise<readonly string[]>
  stop(): Promise<void>
}

/** A real node without any account, in a process of its own: pages import nothing of the server. */
async function startNode(): Promise<Stage> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, await builtPages(), MAIL_PASSWORD], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  assert.ok(child.stdout && child.stdin)
  const { stdin } = child
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const told = async () => JSON.parse((await lines.next()).value ?? '{}')
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    ...(await told()),
    async mails() {
      stdin.write('{}\n')
      return (await told()).mails
    },
    async stop() {
      stdin.end()
      await ended
    },
  }
}

/** Opens the page with an eye on what it does wrong and on all that it is answered. */
async function openPage(address: string, viewport = { width: 1280, height: 900 }) {
  const context = await browser.newContext({ viewport })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const [faults, answers] = [recordFaults(page), answersTo(page)]
  await page.goto(address)
  return { page, context, faults, answers }
}

function answersTo(page: Page): Promise<string>[] {
  const answers: Promise<string>[] = []
  page.on('response', (response: Response) => {
    if (response.url().includes('/api/')) answers.push(response.text().catch(() => ''))
  })
  return answers
}

const state = (page: Page, step: string) => page.getByRole('button', { name: step }).locator('.step-state')

async function stands(page: Page, step: string, word: string): Promise<void> {
  await state(page, step).getByText(word, { exact: true }).waitFor()
}

test('[WE80] the set-up leads from the link of the first start to the first sign-in, and no answer holds a secret', async () => {
  const node = await startNode()
  const { page, context, faults, answers } = await openPage(node.link)
  try {
    await page.getByRole('heading', { name: 'Public address' }).waitFor()
    assert.equal(page.url(), `${node.url}/set-up`, 'the link leaves the address')
    await stands(page, 'Database', 'Done')

    await page.getByRole('button', { name: 'Database' }).click()
    await page.getByText('PostgreSQL 18.4; what it acknowledges is safe').waitFor()
    await page.getByRole('button', { name: 'Next step' }).click()

    const address = page.getByLabel('Address that people use')
    await address.fill('http://127.0.0.1:1')
    await page.getByRole('button', { name: 'Check and set it' }).click()
    await page.getByText('nothing answers there: ECONNREFUSED').waitFor()
    await stands(page, 'Public address', 'Open')
    await address.fill(node.url)
    await page.getByRole('button', { name: 'Check and set it' }).click()
    await page.getByText(`${node.url} leads to this cluster.`).waitFor()
    await page.getByRole('button', { name: 'Next step' }).click()

    await page.getByRole('heading', { name: 'HTTPS' }).waitFor()
    await page.getByRole('button', { name: 'Leave it out' }).click()
    const question = page.getByRole('dialog', { name: 'Leave out: HTTPS?' })
    await question.getByText('Browsers warn of the certificate').waitFor()
    await question.getByRole('button', { name: 'Leave it out' }).click()
    await stands(page, 'HTTPS', 'Left out')

    await page.getByLabel('Mail server').fill(`smtp://holdfast@127.0.0.1:${node.mailPort}`)
    await page.getByLabel('Password of that user').fill('not the one')
    await page.getByLabel('Sender').fill('chat@example.com')
    await page.getByLabel('Your address').fill('ada@example.com')
    await page.getByRole('button', { name: 'Send a test mail' }).click()
    await page.getByText('No test mail was sent').waitFor()
    assert.deepEqual(await node.mails(), [])
    await page.getByLabel('Password of that user').fill(MAIL_PASSWORD)
    await page.getByRole('button', { name: 'Send a test mail' }).click()
    await page.getByText('took a test mail of chat@example.com for ada@example.com').waitFor()
    assert.deepEqual(await node.mails(), ['ada@example.com'])

    // Who leaves and comes back goes on where it stands.
    await page.reload()
    await page.getByRole('heading', { name: 'First administrator' }).waitFor()
    const late = await openPage(node.link)
    await late.page.getByRole('heading', { name: 'First administrator' }).waitFor()
    await page.getByLabel('Name', { exact: true }).fill('ada')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('Password again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Make it and sign in' }).click()
    await page.getByText('There is an administrator.').waitFor()
    // Whoever was at it with the same link is told, and led to the sign-in.
    await late.page.getByRole('button', { name: 'Next server' }).click()
    await late.page.getByRole('button', { name: 'Leave it out' }).click()
    await late.page.getByRole('dialog').getByRole('button', { name: 'Leave it out' }).click()
    await late.page.getByText('This link was used, is too old, or is none.').waitFor()
    await late.context.close()
    await page.getByRole('button', { name: 'Next step' }).click()
    await page.getByText('holdfast token join > join.token').first().waitFor()
    await page.getByRole('button', { name: 'Leave it out' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave it out' }).click()
    await page.getByText('Everything is decided').waitFor()

    await page.goto(`${node.url}/sign-in?to=/set-up`)
    await page.getByLabel('Name').fill('ada')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByText('Everything is decided').waitFor()
    const link = new URL(node.link).hash.slice('#link='.length)
    for (const answer of await Promise.all(answers))
      for (const canary of [MAIL_PASSWORD, PASSWORD, link]) assert.ok(!answer.includes(canary), answer)
    assert.deepEqual(faults, [])
  } finally {
    await context.close()
    await node.stop()
  }
})

test('[WE82] the set-up is for whoever holds the link, and afterwards for who may change everything', async () => {
  const { page, context } = await openPage(`${fresh.url}/set-up#link=hfl_guess`)
  try {
    await page.getByText('This link was used, is too old, or is none.').waitFor()
    assert.equal(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href'), '/sign-in?to=%2Fset-up')
    await page.goto(`${fresh.url}/set-up`)
    await page.getByText('a node prints a link to this page when it starts').waitFor()
  } finally {
    await context.close()
  }
})

test('[WE83] all of the set-up can be gone through by keyboard, and axe finds nothing in either colour scheme', async () => {
  const { page, context } = await openPage(fresh.link)
  try {
    await page.getByRole('heading', { name: 'Public address' }).waitFor()
    for (const step of ['Database', 'Public address', 'HTTPS', 'Mail', 'First administrator', 'Next server']) {
      await page.getByRole('button', { name: step, exact: false }).first().focus()
      await page.keyboard.press('Enter')
      await page.waitForFunction((title) => document.activeElement?.textContent === title, step)
      assert.deepEqual(await axeFaults(page), [], step)
    }
    await page.getByRole('button', { name: 'Leave it out' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement?.textContent === 'Stay here')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await stands(page, 'Next server', 'Open')
  } finally {
    await context.close()
  }
})

test('[WE84] the page fits a narrow screen, and a node that is away is told with the way on', async () => {
  const { page, context } = await openPage(fresh.link, { width: 380, height: 800 })
  try {
    for (const step of ['Mail', 'HTTPS', 'Next server']) {
      await page.getByRole('button', { name: step }).first().click()
      await page.getByRole('heading', { name: step }).waitFor()
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(wide <= 0, `${step} is ${wide} pixels too wide`)
    }
    // A store that is away for a moment takes the link from nobody.
    const json = { code: 'store-unavailable', definite: false, message: 'The store is away.' }
    await page.route('**/api/set-up', (route) => route.fulfill({ status: 503, json }))
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByRole('heading', { name: 'The server does not answer' }).waitFor()
    await page.unroute('**/api/set-up')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Next server' }).click()
    await page.getByRole('heading', { name: 'Next server', exact: true }).waitFor()
    await fresh.stop()
    await page.getByRole('button', { name: 'Leave it out' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Leave it out' }).click()
    await page.getByRole('alert').getByText('The server does not answer. Try again in a moment.').waitFor()
    await page.getByRole('heading', { name: 'Next server', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByRole('heading', { name: 'The server does not answer' }).waitFor()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
  } finally {
    await context.close()
  }
})
