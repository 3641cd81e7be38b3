import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import type { AssetAddedAnswer, AssetsAnswer } from '../../protocol/asset-answers.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { staffToken } from '../test-pages-node.ts'
import { type StageProcess, startStage } from '../test-stage-node.ts'

const ADMIN = staffToken(['admin'])
const AUDITOR = staffToken(['audit'])

let browser: Browser
let stage: StageProcess

before(async () => {
  stage = await startStage()
  browser = await startBrowser()
})
after(async () => {
  await browser?.close()
  await stage?.stop()
})
beforeEach(async () => {
  await write(null)
  // What a change was about stays for ten minutes.
  await stage.pass(600_000)
  const { assets } = await ask<AssetsAnswer>('/api/assets')
  for (const { file } of assets) await ask(`/api/assets/${file}/remove`, '{}')
})

async function ask<Answer>(path: string, body?: string | Uint8Array, type = 'application/json'): Promise<Answer> {
  const headers = { authorization: `Bearer ${ADMIN}`, ...(body !== undefined && { 'content-type': type }) }
  const response = await fetch(stage.url + path, {
    headers,
    ...(body !== undefined && { method: 'POST', body: Buffer.from(body) }),
  })
  return (await response.json()) as Answer
}

const give = async (name: string, content: string | Uint8Array) =>
  (await ask<AssetAddedAnswer>(`/api/assets?name=${name}`, content, 'application/octet-stream')).asset

let changes = 0

/** What the document `branding` says; `null`: there is none. */
async function write(text: string | null): Promise<void> {
  const key = `change-${changes++}`
  await ask('/api/config/changes', JSON.stringify({ key, reason: 'r', documents: [{ name: 'branding', text }] }))
}

const image = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer()

interface Opened {
  readonly page: Page
  readonly context: BrowserContext
  readonly faults: readonly string[]
}

async function openPage(token = ADMIN): Promise<Opened> {
  const context = await browser.newContext()
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults = recordFaults(page)
  await page.goto(`${stage.url}/console/assets#token=${token}`)
  return { page, context, faults }
}

test('[WE70] an empty page says what to do; images and files given by the button are shown with what is known of them', async () => {
  const { page, context, faults } = await openPage()
  await page.getByText('There is no file yet').waitFor()
  const chosen = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose files' }).click()
  await (await chosen).setFiles([
    { name: 'My Logo.PNG', mimeType: 'image/png', buffer: await image(40, 30, 'teal') },
    { name: 'card.json', mimeType: 'application/json', buffer: Buffer.from('{}') },
  ])
  const list = page.getByRole('list', { name: 'Files on their way' })
  await list.getByText('There', { exact: true }).nth(1).waitFor()
  const [logo, card] = [...(await ask<AssetsAnswer>('/api/assets')).assets].sort((one) =>
    one.names[0] === 'card.json' ? 1 : -1,
  )
  assert.deepEqual([logo?.names, card?.names], [['My-Logo.png'], ['card.json']])
  const shown = page.getByRole('list', { name: 'Images' }).getByRole('listitem')
  await shown.getByText('40 × 30 px').waitFor()
  assert.match(
    await shown.innerText(),
    new RegExp(`PNG · \\d+ B[^]*${logo?.file.slice(0, 16)}[^]*Not used; goes in 1 d`),
  )
  const row = page.getByRole('table', { name: 'Files' }).getByRole('row').nth(1)
  assert.match(await row.innerText(), /card\.json\s+JSON\s+2 B/)
  await write(`logo: ${logo?.address}`)
  await page.reload()
  await shown.getByRole('link', { name: 'branding' }).waitFor()
  assert.equal(await shown.getByRole('button', { name: 'Remove' }).count(), 0, 'what is used cannot be removed')
  await write(null)
  await page.reload()
  await shown.getByText('Only in the history').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE71] files that are dropped are given; what is too large, of a wrong kind, or not what it says is refused with the reason', async () => {
  const { page, context } = await openPage()
  await page.getByText('There is no file yet').waitFor()
  const files = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['one'], 'one.txt'))
    transfer.items.add(new File(['x'], 'run.exe'))
    transfer.items.add(new File([new Uint8Array(1_000_001)], 'long.txt'))
    transfer.items.add(new File(['no image'], 'fake.png'))
    return transfer
  })
  await page.getByLabel('Names begin with').fill('texts/')
  await page.dispatchEvent('.assets', 'dragenter', { dataTransfer: files })
  await page.getByText('Let go to give them').waitFor()
  await page.dispatchEvent('.assets', 'drop', { dataTransfer: files })
  await page.getByText('Let go to give them').waitFor({ state: 'hidden' })
  const line = (name: string) => page.getByRole('listitem').filter({ hasText: name })
  await line('texts/fake.png').getByText('texts/fake.png is not image/png').waitFor()
  await line('texts/one.txt').getByText('There', { exact: true }).waitFor()
  await line('texts/run.exe').getByText('Files that end in .exe are not taken; PNG, JPG').waitFor()
  await line('texts/long.txt').getByText('977 KiB is the most that is taken').waitFor()
  const { assets } = await ask<AssetsAnswer>('/api/assets')
  assert.deepEqual(
    assets.map(({ names }) => names),
    [['texts/one.txt']],
  )
  await context.close()
})

test('[WE72] how much of a file was sent is told, and one on its way can be given up', async () => {
  const { page, context } = await openPage()
  await page.getByText('There is no file yet').waitFor()
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/api/assets?*', async (route) => {
    await held
    await route.continue().catch(() => {})
  })
  const text = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })
  await page.locator('input[type=file]').setInputFiles([text('one.txt'), text('two.txt')])
  await page.getByRole('progressbar', { name: 'How much of one.txt was sent' }).waitFor()
  await page.getByRole('listitem').filter({ hasText: 'two.txt' }).getByText('Waits').waitFor()
  await page.getByRole('button', { name: 'Give up one.txt' }).click()
  await page.getByRole('progressbar', { name: 'How much of two.txt was sent' }).waitFor()
  release()
  await page.getByRole('button', { name: 'Take two.txt off the list' }).waitFor()
  const { assets } = await ask<AssetsAnswer>('/api/assets')
  assert.deepEqual(
    assets.map(({ names }) => names),
    [['two.txt']],
  )
  await context.close()
})

test('[WE73] all of it goes by keyboard: finding a file, copying its address, and removing it after a question', async () => {
  const old = await give('old.txt', 'old')
  await give('new.txt', 'new')
  const { page, context, faults } = await openPage()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const rows = page.getByRole('table', { name: 'Files' }).getByRole('row')
  await rows.nth(2).waitFor()
  await page.getByRole('button', { name: 'Choose files' }).focus()
  await page.keyboard.press('Tab')
  await page.keyboard.type('old')
  await page.getByText('1 file found').waitFor()
  assert.equal(await rows.count(), 2)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('Copied').first().waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), old.address)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: 'Remove old.txt?' })
  await question.waitFor()
  await page.waitForFunction(() => document.activeElement?.textContent === 'Keep it')
  await page.keyboard.press('Escape')
  await question.waitFor({ state: 'hidden' })
  await page.keyboard.press('Enter')
  await question.waitFor()
  await page.waitForFunction(() => document.activeElement?.textContent === 'Keep it')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('old.txt is gone.').waitFor()
  await question.waitFor({ state: 'hidden' })
  assert.deepEqual(await axeFaults(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE73] who may only look sees no way to give or remove; what came into use meanwhile is not removed', async () => {
  const logo = await give('logo.png', await image(8, 8, 'red'))
  const auditor = await openPage(AUDITOR)
  const card = auditor.page.getByRole('list', { name: 'Images' }).getByRole('listitem')
  await card.getByRole('button', { name: 'Copy the address of logo.png' }).waitFor()
  assert.equal(await auditor.page.getByRole('button', { name: /Choose files|Remove/ }).count(), 0)
  await auditor.context.close()
  const { page, context } = await openPage()
  await page.getByRole('button', { name: 'Remove logo.png' }).click()
  await write(`logo: ${logo.address}`)
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('alert').getByText('These documents speak of it: branding.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'branding' }).waitFor()
  await context.close()
})
