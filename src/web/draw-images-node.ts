// Draws the pictures of the documentation: `node src/web/draw-images-node.ts`. Everything in them is real: a cluster of
// processes, conversations on it, and a node that was killed a moment before.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import type { TokenAnswer } from '../protocol/rest-answers.ts'
import { builtPages } from './page-build-node.ts'
import { startBrowser } from './test-browser-node.ts'
import { type RealCluster, startRealCluster } from './test-cluster-node.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'images')
const CONVERSATIONS = 96
const SUBJECTS = ['Order 4711', 'An invoice', 'Returning a jacket', 'Delivery time', 'Size advice', 'A broken zip']
const NAMES = ['Otto Brandt', 'Mira Sato', 'Jonas Weber', 'Lea Fontaine', 'Sam Okafor', 'Ines Duarte', 'Pavel Horak']

type Scheme = 'light' | 'dark'

async function openPage(browser: Browser, url: string, size: { width: number; height: number }, colorScheme: Scheme) {
  const context = await browser.newContext({ viewport: size, colorScheme, locale: 'en-GB' })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** Conversations enough to see them move. */
async function populate(cluster: RealCluster): Promise<void> {
  for (let index = 0; index < CONVERSATIONS; index++) {
    const name = NAMES[index % NAMES.length]
    const subject = SUBJECTS[index % SUBJECTS.length]
    const opened = await cluster.post<TokenAnswer>('/api/conversations', { name, subject, mode: 'async' })
    const text = 'Hello, can somebody help me with this?'
    await cluster.post(`/api/conversations/${opened.conversation}/messages`, { key: 'first', text }, opened.token)
  }
}

async function write(page: Page, label: string, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: label, exact: true })
  await field.fill(text)
  await field.press('Enter')
}

/** A visitor and an agent talk; both pages are left as they are then. */
async function talk(visitor: Page, agent: Page): Promise<void> {
  await visitor.getByRole('button', { name: 'Open chat' }).click()
  await write(visitor, 'Message', 'Hello! Are the Fjord boots waterproof?')
  await write(visitor, 'Message', 'I walk to work along the river, and it rains a lot here.')
  await agent.getByRole('complementary').getByRole('button', { name: 'Visitor' }).click()
  await agent.getByRole('log').getByText('along the river').waitFor()
  await write(
    agent,
    'Reply',
    'Good morning! Yes, **quite waterproof**:\n- the seams are sealed\n- the tongue is sewn in',
  )
  await visitor.getByText('the seams are sealed').waitFor()
  await write(visitor, 'Message', 'Wonderful. Do you have them in 39?')
  await agent.getByRole('log').getByText('in 39').waitFor()
  await agent.getByText('Internal note', { exact: true }).click()
  await write(agent, 'Internal note', 'Two pairs left in the shop, none in the store.')
  await agent.getByText('Reply', { exact: true }).click()
  await write(agent, 'Reply', 'Two pairs are left. Shall I put one aside for you?')
  await visitor.getByText('Two pairs').waitFor()
}

async function drawChat(cluster: RealCluster, browser: Browser): Promise<void> {
  const staff = { kind: 'staff', name: 'Ada', subject: 'ada', scopes: ['conversations'] }
  const { token } = await cluster.post<TokenAnswer>('/api/tokens', staff)
  const visitor = await openPage(browser, cluster.url, { width: 1400, height: 840 }, 'light')
  const agent = await openPage(browser, `${cluster.url}/agent#token=${token}`, { width: 1280, height: 800 }, 'light')
  await talk(visitor, agent)
  await agent.getByRole('textbox', { name: 'Reply' }).pressSequentially('I can')
  await visitor.getByText('Ada is typing').waitFor()
  await visitor.getByRole('textbox', { name: 'Message' }).fill('Yes, plea')
  // Until the button has come up.
  await sleep(400)
  await visitor.screenshot({ path: join(FOLDER, 'chat.png') })
  await sleep(2_500)
  await agent.screenshot({ path: join(FOLDER, 'agent.png') })
}

async function drawCluster(cluster: RealCluster, browser: Browser): Promise<void> {
  const url = `${cluster.url}/console/cluster#token=${cluster.adminToken}`
  const size = { width: 1280, height: 1152 }
  const page = await openPage(browser, url, size, 'light')
  const dark = await openPage(browser, url, size, 'dark')
  await page.getByText('all 5 nodes live').waitFor()
  await page.getByRole('button', { name: 'Kill -9 n2' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Kill -9' }).click()
  await page.getByRole('log', { name: 'Decisions' }).getByText('n2').first().waitFor()
  await page.mouse.move(0, 0)
  // Until the sentence about the order has gone, and the killed node is back.
  await sleep(8_000)
  await page.getByText('all 5 nodes live').waitFor()
  await page.screenshot({ path: join(FOLDER, 'cluster.png') })
  await dark.screenshot({ path: join(FOLDER, 'cluster-dark.png') })
}

await builtPages()
await mkdir(FOLDER, { recursive: true })
const [cluster, browser] = await Promise.all([startRealCluster({ demo: false }), startBrowser()])
try {
  await populate(cluster)
  await drawChat(cluster, browser)
  await drawCluster(cluster, browser)
} finally {
  await browser.close()
  await cluster.stop()
}
