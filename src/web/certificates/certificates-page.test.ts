import 'reflect-metadata'
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import * as x509 from '@peculiar/x509'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import type { CertificateAnswer, CertificateImportAnswer } from '../../protocol/certificate-answers.ts'
import { axeFaults } from '../test-axe-node.ts'
import { PATIENCE_MS, recordFaults, startBrowser } from '../test-browser-node.ts'
import { staffToken } from '../test-pages-node.ts'
import { type StageProcess, startStage } from '../test-stage-node.ts'

const ADMIN = staffToken(['admin'])
const DAY_MS = 86_400_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** By this name people reach the stage. */
const HOST = 'chat.example.com'

let browser: Browser
let stage: StageProcess
let authority: Issuer

interface Issuer {
  readonly pem: string
  readonly name: string
  readonly keys: CryptoKeyPair
}

before(async () => {
  stage = await startStage()
  browser = await startBrowser()
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const name = 'CN=Example Root, O=Example Trust'
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '01', name, keys, signingAlgorithm: ALGORITHM, ...span(3650) },
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  })
  authority = { pem: root.toString('pem'), name, keys }
})
after(async () => {
  await browser?.close()
  await stage?.stop()
})

const span = (days: number) => ({
  notBefore: new Date(Date.now() - DAY_MS),
  notAfter: new Date(Date.now() + days * DAY_MS),
})

/** One that the authority of the test signed. */
async function issued(host: string, days = 89.5): Promise<{ readonly chain: string; readonly key: string }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    ...{
      serialNumber: '02',
      subject: `CN=${host}`,
      issuer: authority.name,
      signingAlgorithm: ALGORITHM,
      ...span(days),
    },
    ...{ publicKey: keys.publicKey, signingKey: authority.keys.privateKey },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { chain: `${certificate.toString('pem')}\n${authority.pem}`, key }
}

async function ask<Answer>(path: string, body?: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${ADMIN}`, ...(body && { 'content-type': 'application/json' }) }
  const post = body && { method: 'POST', body: JSON.stringify(body) }
  return (await (await fetch(stage.url + path, { headers, ...post })).json()) as Answer
}

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
  await page.goto(`${stage.url}/console/certificates#token=${token}`)
  return { page, context, faults }
}

/** By the keyboard alone. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const isThere = () => target.evaluate((element) => element === document.activeElement)
  for (let presses = 0; presses < 20 && !(await isThere()); presses++) await page.keyboard.press('Tab')
  assert.ok(await isThere(), 'the keyboard comes there')
}

test('[WE76] by keyboard alone a chain and a key are pasted, judged, agreed to, and nothing of the key is shown or stays', async () => {
  const { chain, key } = await issued(HOST)
  const { page, context, faults } = await openPage()
  await page.getByText('There is no certificate yet').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await page.getByRole('tab', { name: 'Import' }).focus()
  await tabTo(page, page.getByLabel('Certificates'))
  await page.keyboard.insertText(`${chain}\n${key}`)
  await page.getByText('2 certificates', { exact: true }).waitFor()
  await page.getByText('A key is there').waitFor()
  assert.ok(!(await page.getByLabel('Certificates').inputValue()).includes('PRIVATE KEY'))
  const masked = await page
    .getByLabel('Private key')
    .evaluate((field) => getComputedStyle(field).getPropertyValue('-webkit-text-security'))
  assert.equal(masked, 'disc')
  await tabTo(page, page.getByRole('button', { name: 'Check it' }))
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: 'Show this one on all nodes?' })
  await question.getByText('The chain ends at CN=Example Root').waitFor()
  assert.equal((await ask<CertificateAnswer>('/api/certificate')).certificate, undefined, 'it was only judged')
  await page.waitForFunction(() => document.activeElement?.textContent === 'Not now')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const card = page.getByRole('region', { name: 'The certificate' })
  await card.getByRole('heading', { name: HOST }).waitFor()
  const text = await card.innerText()
  for (const fact of [
    /Imported by ada/i,
    /89 days left/,
    /Example Root, Example Trust/,
    /SHA-256\s+([0-9A-F]{2}:){31}/,
    /clients/,
  ])
    assert.match(text, fact)
  assert.equal(await card.getByRole('list').last().getByRole('listitem').count(), 2)
  assert.equal(await page.getByLabel('Private key').inputValue(), '')
  assert.ok(!(await page.content()).includes(key.slice(60, 120)))
  await question.waitFor({ state: 'detached' })
  assert.deepEqual(await axeFaults(page), [])
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE75] a node that shows another one is marked, and who may only look sees no way to change anything', async () => {
  const { chain, key } = await issued(HOST)
  await ask<CertificateImportAnswer>('/api/certificate/import', { pem: chain, key })
  const { page, context } = await openPage(staffToken(['audit']))
  const nodes = page.getByRole('table', { name: 'What each node shows' })
  await nodes.getByRole('row').nth(2).waitFor()
  assert.equal(await nodes.getByText('Shows another one').count(), 2)
  await page.getByText('2 of 2 show another one').waitFor()
  assert.equal(await page.getByRole('tab').count(), 0)
  await context.close()
})

test('[WE77] what cannot be taken is refused with every reason, and what is there stays', async () => {
  const { chain, key } = await issued(HOST)
  const { certificate } = await ask<CertificateImportAnswer>('/api/certificate/import', { pem: chain, key })
  const [other, stranger] = [await issued('other.example.com'), await issued(HOST)]
  const { page, context } = await openPage()
  await page.getByRole('region', { name: 'The certificate' }).waitFor()
  const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
  await page.locator('input[type=file][aria-label="From files"]').setInputFiles([file('chain.pem', other.chain)])
  await page.locator('input[type=file][aria-label="Key from a file"]').setInputFiles([file('key.pem', stranger.key)])
  await page.getByText('A key is there').waitFor()
  await page.getByRole('button', { name: 'Check it' }).click()
  const alert = page.getByRole('alert')
  await alert.getByText('The private key is not that of').waitFor()
  assert.match(await alert.innerText(), /is for other\.example\.com, not for chat\.example\.com/)
  await page.getByText('PFX', { exact: true }).click()
  await page.locator('input[type=file][aria-label="Choose a file"]').setInputFiles([file('chat.pfx', 'no PFX at all')])
  await page.getByText('chat.pfx', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Check it' }).click()
  await alert.getByText('The PFX file cannot be read').waitFor()
  const now = await ask<CertificateAnswer>('/api/certificate')
  assert.equal(now.certificate?.fingerprint, certificate.fingerprint)
  await context.close()
})

test('[WE78] the certificate leaves as PEM, and with its key only under a passphrase, as a PFX file that comes back in', async () => {
  const { chain, key } = await issued(HOST)
  const before = await ask<CertificateImportAnswer>('/api/certificate/import', { pem: chain, key })
  const { page, context, faults } = await openPage()
  await page.getByRole('tab', { name: 'Export' }).click()
  const save = async () => {
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save the file' }).click()
    const download = await coming
    return { name: download.suggestedFilename(), content: await readFile(await download.path()) }
  }
  const pem = await save()
  assert.equal(pem.name, `${HOST}.pem`)
  assert.equal(String(pem.content).match(/BEGIN CERTIFICATE/g)?.length, 2)
  assert.ok(!String(pem.content).includes('PRIVATE KEY'))
  await page.getByText('Key, as PFX').click()
  const passphrase = page.getByRole('textbox', { name: 'Passphrase' })
  await passphrase.fill('short')
  assert.ok(await page.getByRole('button', { name: 'Save the file' }).isDisabled())
  await passphrase.fill('long enough for it')
  const pfx = await save()
  assert.equal(pfx.name, `${HOST}.pfx`)
  assert.equal(await passphrase.inputValue(), '')
  await page.getByRole('tab', { name: 'Import' }).click()
  await page.getByText('PFX', { exact: true }).click()
  const file = { name: pfx.name, mimeType: 'application/x-pkcs12', buffer: pfx.content }
  await page.locator('input[type=file][aria-label="Choose a file"]').setInputFiles([file])
  await page.getByText(pfx.name, { exact: true }).waitFor()
  await page.getByRole('textbox', { name: 'Passphrase' }).fill('long enough for it')
  await page.getByRole('button', { name: 'Check it' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Show it' }).click()
  await page.getByText('It is stored. All nodes show it within two seconds.').waitFor()
  const { certificate } = await ask<CertificateAnswer>('/api/certificate')
  assert.deepEqual(
    [certificate?.version, certificate?.fingerprint],
    [before.certificate.version + 1, before.certificate.fingerprint],
  )
  assert.deepEqual(faults, [])
  await context.close()
})

test('[WE79] an authority is asked only by who agrees to its terms, and how it goes is told', async () => {
  const { page, context } = await openPage()
  await page.getByRole('tab', { name: 'Have issued' }).click()
  const have = page.getByRole('button', { name: 'Have it issued' })
  await page.getByLabel('Names').fill('*.example.com')
  assert.ok(await have.isDisabled())
  await page.getByLabel('I have read the terms').check()
  await have.click()
  await page.getByRole('alert').getByText('*.example.com cannot be proved by HTTP-01').waitFor()
  await page.getByLabel('Names').fill(HOST)
  // Nobody listens there.
  await page.getByLabel('ACME directory').fill('https://127.0.0.1:1/directory')
  await have.click()
  const state = page.getByRole('region', { name: 'The authority' })
  await state.getByText('Failed; tried again later').waitFor()
  await state.getByText('The last attempt failed').waitFor()
  assert.deepEqual(await axeFaults(page), [])
  await context.close()
})
