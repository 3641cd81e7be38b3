import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { ClusterAnswer, ConversationListAnswer, EventsAnswer } from '../protocol/rest-answers.ts'
import { builtPages } from './page-build-node.ts'
import { recordFaults, startBrowser } from './test-browser-node.ts'
import { type RealCluster, startRealCluster } from './test-cluster-node.ts'

// Takeover on a busy machine, with room to spare; nobody is told of anything meanwhile.
const PATIENCE_MS = 30_000
const MESSAGES_EACH = 24
const KILL_AT = [6, 15]
const TYPING_DELAY_MS = 8

// What no page may ever say while its edge lives.
const TROUBLE =
  /disconnect|reconnect|resum|connection|out of reach|finding a way|one moment|cannot be reached|not accepted|no network|reload/i

let cluster: RealCluster
let browser: Browser

before(async () => {
  await builtPages()
  ;[cluster, browser] = await Promise.all([startRealCluster({ demo: false }), startBrowser()])
})
after(async () => {
  await browser?.close()
  await cluster?.stop()
})

/** Notes every text that stands anywhere in the page from now on, inside the widget too. */
async function recordTexts(page: Page): Promise<void> {
  await page.evaluate(() => {
    const texts = new Set<string>()
    Object.assign(window, { texts })
    const roots = [document.body, document.querySelector('holdfast-chat')?.shadowRoot].filter((root) => root != null)
    for (const root of roots) {
      const note = () => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
        while (walker.nextNode()) texts.add(walker.currentNode.textContent ?? '')
      }
      note()
      new MutationObserver(note).observe(root, { subtree: true, childList: true, characterData: true })
    }
  })
}

const textsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => [...(window as unknown as { texts: Set<string> }).texts])

async function openPage(path: string): Promise<{ page: Page; context: BrowserContext; faults: readonly string[] }> {
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(cluster.url + path)
  return { page, context, faults }
}

async function ownerOf(conversation: string): Promise<string> {
  const { ownership } = await cluster.get<ClusterAnswer>('/api/cluster')
  const owner = ownership.find((row) => row.conversation === conversation)?.owner
  assert.ok(owner, 'the conversation has an owner')
  return owner
}

/** Types like a person who does not wait for answers. */
async function writeAll(page: Page, label: string, prefix: string, beforeEach: (index: number) => void): Promise<void> {
  const field = page.getByRole('textbox', { name: label, exact: true })
  for (let index = 1; index <= MESSAGES_EACH; index++) {
    beforeEach(index)
    await field.pressSequentially(`${prefix} ${index}`, { delay: TYPING_DELAY_MS })
    await field.press('Enter')
  }
}

const expected = (prefix: string) => Array.from({ length: MESSAGES_EACH }, (_, index) => `${prefix} ${index + 1}`)
const from = (texts: readonly string[], prefix: string) => texts.filter((text) => text.startsWith(`${prefix} `))

test('[WE30] two browsers chat, the owner is killed while both type, and nobody notices', async () => {
  const visitor = await openPage('/')
  await visitor.page.getByRole('button', { name: 'Open chat' }).click()
  await visitor.page.getByRole('textbox', { name: 'Message' }).fill('Hello')
  await visitor.page.keyboard.press('Enter')
  const agent = await openPage(`/agent#token=${cluster.agentToken}`)
  await agent.page.getByRole('complementary').getByRole('button', { name: 'Visitor' }).click()
  await agent.page.getByRole('log').getByText('Hello').waitFor()
  await agent.page.getByRole('textbox', { name: 'Reply' }).fill('Good morning')
  await agent.page.keyboard.press('Enter')
  await visitor.page.getByText('Good morning').waitFor()

  const { conversations } = await cluster.get<ConversationListAnswer>('/api/conversations?status=open')
  const conversation = conversations[0]?.conversation ?? ''
  await recordTexts(visitor.page)
  await recordTexts(agent.page)
  const killed: Promise<void>[] = []
  const kill = async () => {
    const owner = await ownerOf(conversation)
    console.log(`# kill -9 ${owner}, which owns ${conversation}`)
    cluster.kill(owner)
  }
  await Promise.all([
    writeAll(visitor.page, 'Message', 'visitor', (index) => {
      if (KILL_AT.includes(index)) killed.push(kill())
    }),
    writeAll(agent.page, 'Reply', 'agent', () => {}),
  ])
  await Promise.all(killed)

  // Each sees the last message of the other, and nothing of its own waits any more.
  await visitor.page.getByText(`agent ${MESSAGES_EACH}`, { exact: true }).waitFor()
  await agent.page.getByText(`visitor ${MESSAGES_EACH}`, { exact: true }).waitFor()
  await visitor.page.getByText('Not sent yet').waitFor({ state: 'detached' })
  await agent.page.getByText('Not sent yet').waitFor({ state: 'detached' })

  const { events } = await cluster.get<EventsAnswer>(`/api/conversations/${conversation}/events?after=0&limit=500`)
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
    'the log is dense',
  )
  const log = events.flatMap((event) => (event.type === 'message' && 'body' in event ? [String(event.body.text)] : []))
  assert.deepEqual(from(log, 'visitor'), expected('visitor'))
  assert.deepEqual(from(log, 'agent'), expected('agent'))
  assert.deepEqual(
    await visitor.page.locator('holdfast-chat .bubble').allTextContents(),
    log,
    'the visitor sees the log',
  )
  assert.deepEqual(await agent.page.locator('.pane .text').allTextContents(), log, 'the agent sees the log')

  const told = [...(await textsOf(visitor.page)), ...(await textsOf(agent.page))]
  assert.ok(told.includes('visitor 1') && told.includes('agent 1'), 'texts were recorded')
  assert.deepEqual(
    told.filter((text) => TROUBLE.test(text)),
    [],
  )
  const joins = events.filter(({ type }) => type === 'joined' || type === 'left')
  assert.equal(joins.length, 2, 'the transcript tells of no coming and going')
  assert.deepEqual([...visitor.faults, ...agent.faults], [])
  await visitor.context.close()
  await agent.context.close()
})

test('[WE23] the cluster page of a real cluster shows its nodes and who owns what', async () => {
  const { page, context, faults } = await openPage(`/console/cluster#token=${cluster.adminToken}`)
  for (const name of ['n1', 'n2', 'n3', 'e1', 'e2']) await page.getByRole('article', { name }).waitFor()
  await page.locator('.square[class*=hue-]').first().waitFor()
  await page.getByText('all 5 nodes live').waitFor()
  await page.getByRole('button', { name: 'Kill -9 n2' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Kill -9' }).click()
  await page.getByText('n2 is killed').waitFor()
  await page.getByRole('log', { name: 'Decisions' }).getByText('n2').first().waitFor()
  await page.getByText('all 5 nodes live').waitFor()
  assert.deepEqual(faults, [])
  await context.close()
})
