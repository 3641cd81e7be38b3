import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { pause } from '../base/clock.ts'
import { idFromBits } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { realClock } from '../base/real-clock-node.ts'
import { SecretVault } from '../config/secret-vault-node.ts'
import { resolveSettings } from '../config/settings.ts'
import { TestMailbox } from '../ops/test-mailbox-node.ts'
import type { MemberFacts } from '../store/log-store.ts'
import { PostgresStore } from '../store/postgres-store.ts'
import { TestDatabases } from '../store/test-database-node.ts'
import { serveNode } from './serve-node.ts'

const SECRET = 'the secret of a cluster that lives for one test'
const DEADLINE_MS = 20_000

const FACTS: MemberFacts = {
  ...{ relayAddress: '127.0.0.1:1', httpUrl: 'http://127.0.0.1:1', roles: ['chat'], mode: 'enabled' },
  ...{ version: '1', formatReads: 1, owned: 7, attached: 0 },
}

test('[SV81] two real nodes that see a third one die tell it by one mail and one call', async (context) => {
  // The last thing that was opened is closed first.
  const undo: (() => unknown)[] = []
  context.after(async () => {
    for (const step of undo.reverse()) await step()
  })
  const databases = await TestDatabases.start()
  undo.push(() => databases.stop())
  const mailbox = await TestMailbox.open()
  undo.push(() => mailbox.close())
  const calls: string[] = []
  const hook = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => calls.push(text))
    request.on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  undo.push(() => hook.close())
  await new Promise((resolve) => hook.once('listening', resolve))

  const database = await databases.create()
  const store = new PostgresStore({ url: database, log: silentLog, applicationName: 'test' })
  undo.push(() => store.close())
  const settings = {
    mailServer: `smtp://127.0.0.1:${mailbox.port}`,
    mailFrom: 'chat@holdfast.example',
    alarmMails: 'ops@holdfast.example',
    alarmWebhook: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`,
    webhookNetworks: '127.0.0.1',
  }
  const edits = [{ name: 'settings', expect: 0, body: JSON.stringify(settings) }]
  await store.configuration.changeConfiguration({ key: 'k', author: 'ada', reason: 'alarms', edits })
  const vault = new SecretVault({ documents: store, masterKeys: [SECRET], clock: realClock, log: silentLog })
  await vault.set('webhook-secret', 'signed by this')
  vault.stop()

  const urls: string[] = []
  for (const name of ['n1', 'n2']) {
    const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-alarm-'))
    undo.push(() => rmSync(dataDir, { recursive: true, force: true }))
    const ports = { host: '127.0.0.1', port: '0', 'relay-port': '0', 'relay-host': '127.0.0.1' }
    const node = await serveNode(
      resolveSettings({
        options: { database, 'data-dir': dataDir, name, ...ports, 'log-level': 'error', 'accept-data-loss': true },
        env: { HOLDFAST_SECRET: SECRET },
      }),
      { fatal: (reason) => assert.fail(reason) },
    )
    undo.push(() => node.stop())
    urls.push(node.httpUrl)
  }
  const third = { node: 'n3', incarnation: idFromBits(3n) }
  await store.join(third, FACTS)
  await store.tombstone(third.incarnation, 'its process exited')

  const open = async () => (await store.alarms.open()).filter(({ code }) => code === 'node-lost')
  const until = realClock.monotonicMs() + DEADLINE_MS
  // A node that knows of the open alarm raises no other one.
  const known = async (url: string) =>
    /holdfast_alarms_open\S* [1-9]/.test(await (await fetch(`${url}/metrics`)).text())
  const told = async () => (await Promise.all(urls.map(known))).every(Boolean) && mailbox.mails.length > 0
  while (!(await told()) || calls.length === 0 || (await store.outbox.backlog()).waiting > 0) {
    assert.ok(realClock.monotonicMs() < until, `${mailbox.mails.length} mails, ${calls.length} calls`)
    await pause(realClock, 50)
  }
  const lost = mailbox.mails.filter(({ text }) => text.includes('Node lost'))
  assert.deepEqual([(await open()).length, lost.length, lost[0]?.to], [1, 1, 'ops@holdfast.example'])
  assert.match(lost[0]?.text ?? '', /Affected: +7 conversations/)
  const called = calls.map((text) => JSON.parse(text)).filter(({ alarm }) => alarm === 'node-lost')
  assert.deepEqual(
    called.map(({ event, subject, state, severity, affected }) => ({ event, subject, state, severity, affected })),
    [{ event: 'alarm', subject: 'n3', state: 'raised', severity: 'critical', affected: 7 }],
  )
  assert.deepEqual(
    (await store.alarms.episodes(10)).map(({ code }) => code).filter((code) => code !== 'disk-nearly-full'),
    ['node-lost'],
    'nothing else is wrong with a cluster that is well, but perhaps the disk of this machine',
  )
})
