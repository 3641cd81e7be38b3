import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { ClusterAnswer, DecisionRow, NodeRow } from '../../protocol/rest-answers.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { type PageServer, RestRefusal, servePages, staffToken } from '../test-pages-node.ts'

const TOKEN = staffToken(['admin'])

let browser: Browser
let pages: PageServer
let cluster: ClusterAnswer
let decisions: readonly DecisionRow[]
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
  cluster = healthyCluster()
  decisions = []
  orders = []
  const forAdmin = (answer: () => unknown) => (call: { token?: string }) =>
    call.token === TOKEN ? answer() : new RestRefusal(401, 'token-invalid')
  pages.rest.set(
    'GET /api/cluster',
    forAdmin(() => cluster),
  )
  pages.rest.set(
    'GET /api/cluster/decisions',
    forAdmin(() => ({ decisions })),
  )
  pages.rest.set('POST /api/session/token', () => new RestRefusal(401, 'token-missing'))
  pages.rest.set('POST *', ({ path, body }) => {
    orders.push({ path, body })
    return { node: 'x', act: 'kill', sentence: `Done: ${path.split('/').slice(-2).join(' ')}.` }
  })
})

function node(name: string, more: Partial<NodeRow> = {}): NodeRow {
  const facts = { incarnation: '0000000000000', version: '0.1.0', beatAgeMs: 90, attached: 4, sockets: 0 }
  return { name, role: 'chat', mode: 'enabled', state: 'live', owned: 2, supervised: true, ...facts, ...more }
}

function healthyCluster(): ClusterAnswer {
  const owned = (index: number, owner: string) => ({ conversation: `000000000000${index}`, epoch: 1, owner })
  return {
    node: 'edge-1',
    version: '0.1.0',
    publicUrl: 'http://localhost',
    at: 0,
    nodes: [node('chat-1'), node('chat-2'), node('edge-1', { role: 'edge', owned: 0, sockets: 8 })],
    ownership: [owned(1, 'chat-1'), owned(2, 'chat-1'), owned(3, 'chat-2'), owned(4, 'chat-2')],
    openConversations: 4,
    damaged: [],
    counters: { messages_appended: 1234, adoptions: 0 },
    acts: ['drain', 'disable', 'enable', 'kill', 'pause', 'restart'],
  }
}

async function openPage(
  hash = `#token=${TOKEN}`,
  path = '/console/cluster',
): Promise<{ page: Page; context: BrowserContext; faults: readonly string[] }> {
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${pages.url}${path}${hash}`)
  return { page, context, faults }
}

test('[WE23] the cluster page shows nodes, owners and numbers under the strictest policy', async () => {
  const { page, context, faults } = await openPage()
  await page.getByRole('article', { name: 'chat-2' }).getByText('conversations owned').waitFor()
  assert.equal(await page.getByText('all 3 nodes live').count(), 1)
  assert.equal(await page.getByText('1,234').count(), 1)
  assert.equal(await page.locator('.square').count(), 4)
  assert.deepEqual(await axeFaults(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('who may only look sees no button that would be refused', async () => {
  const auditor = staffToken(['audit'])
  pages.rest.set('GET /api/cluster', () => cluster)
  pages.rest.set('GET /api/cluster/decisions', () => ({ decisions }))
  const { page, context } = await openPage(`#token=${auditor}`)
  await page.getByRole('article', { name: 'chat-2' }).waitFor()
  assert.equal(await page.getByRole('article').getByRole('button').count(), 0)
  await context.close()
})

test('where the cluster page was leads to where it is, with the token that stands behind the hash', async () => {
  const { page, context } = await openPage('', '/cluster')
  await page.getByLabel('Token', { exact: true }).waitFor()
  await page.goto(`${pages.url}/cluster#token=${TOKEN}`)
  await page.getByText('all 3 nodes live').waitFor()
  assert.equal(page.url(), `${pages.url}/console/cluster`)
  await context.close()
})

test('[WE26] the token leaves the address bar at once and survives a reload of this tab only', async () => {
  const { page, context } = await openPage()
  await page.getByText('all 3 nodes live').waitFor()
  assert.equal(page.url(), `${pages.url}/console/cluster`)
  await page.reload()
  await page.getByText('all 3 nodes live').waitFor()
  const other = await context.newPage()
  await other.goto(`${pages.url}/console/cluster`)
  await other.getByLabel('Token', { exact: true }).waitFor()
  await context.close()
})

test('a refused token leads back to signing in, with the reason', async () => {
  const { page, context } = await openPage(`#token=${staffToken(['admin'], { name: 'Eve' })}`)
  await page.getByText('Refused: token-invalid.').waitFor()
  await page.getByLabel('Token', { exact: true }).fill(TOKEN)
  await page.keyboard.press('Enter')
  await page.getByText('all 3 nodes live').waitFor()
  await context.close()
})

test('[WE27] killing asks first, and the harmless answer has the keyboard', async () => {
  const { page, context, faults } = await openPage()
  const kill = page.getByRole('button', { name: 'Kill -9 chat-1' })
  await kill.focus()
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: 'Kill chat-1 with SIGKILL?' })
  await question.waitFor()
  await page.waitForFunction(() => document.activeElement?.textContent === 'Let it live')
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'hidden' })
  assert.deepEqual(orders, [])
  await kill.click()
  await question.getByRole('button', { name: 'Kill -9' }).click()
  await page.getByText('Done: chat-1 kill.').waitFor()
  assert.deepEqual(orders, [{ path: '/api/cluster/nodes/chat-1/kill', body: {} }])
  assert.deepEqual(faults, [])
  await context.close()
})

test('acts that harm nobody are done at once', async () => {
  const { page, context } = await openPage()
  await page.getByRole('button', { name: 'Drain chat-2' }).click()
  await page.getByText('Done: chat-2 drain.').waitFor()
  await page.getByRole('button', { name: 'Pause 5 s chat-2' }).click()
  await page.getByText('Done: chat-2 pause.').waitFor()
  assert.deepEqual(
    orders.map(({ path }) => path.split('/').at(-1)),
    ['drain', 'pause'],
  )
  assert.deepEqual(orders[1]?.body, { seconds: 5 })
  cluster = { ...cluster, nodes: [node('chat-1'), node('chat-2', { mode: 'disabled' })] }
  await page.getByRole('button', { name: 'Enable chat-2' }).click()
  await page.getByText('Done: chat-2 enable.').waitFor()
  await context.close()
})

test('a takeover is a change of colour in the same place, told with its reason', async () => {
  const { page, context } = await openPage()
  const square = page.getByTitle('0000000000001')
  await square.waitFor()
  const place = await square.boundingBox()
  cluster = {
    ...cluster,
    nodes: [node('chat-1', { state: 'dead', owned: 0 }), node('chat-2', { owned: 4 }), ...cluster.nodes.slice(2)],
    ownership: cluster.ownership.map((row) => ({ ...row, owner: 'chat-2', epoch: 2 })),
  }
  decisions = [{ id: '1', at: 0, node: 'chat-2', what: 'adopt', reason: 'chat-1 died, so chat-2 took 2' }]
  await page.getByTitle('0000000000001, owned by chat-2, epoch 2').waitFor()
  await page.getByText('chat-1 died, so chat-2 took 2').waitFor()
  await page.getByText('2 of 3 nodes live').waitFor()
  assert.deepEqual(await square.boundingBox(), place)
  await context.close()
})

test('a node that stops answering leaves the page as it was, and says so', async () => {
  const { page, context } = await openPage()
  await page.getByText('all 3 nodes live').waitFor()
  pages.rest.set('GET /api/cluster', () => undefined)
  await page.getByText('This node does not answer').waitFor()
  assert.equal(await page.locator('.square').count(), 4)
  await context.close()
})

test('an empty cluster says what to do next', async () => {
  cluster = { ...cluster, ownership: [], openConversations: 0 }
  const { page, context } = await openPage()
  await page.getByText('No open conversations').waitFor()
  await page.getByText('Nothing had to be decided yet').waitFor()
  await context.close()
})
