import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { pause } from '../base/clock.ts'
import { idFromBits } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { realClock } from '../base/real-clock-node.ts'
import { SecretVault } from '../config/secret-vault-node.ts'
import { CHAT_FACTS } from '../store/member-facts-stage.ts'
import { servedStage } from './served-stage-node.ts'

const DEADLINE_MS = 20_000

test('[SV81] two real nodes that see a third one die tell it by one mail and one call', async (context) => {
  const { secret, store, mailbox, undo, configure, serve } = await servedStage(context)
  const calls: string[] = []
  const hook = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => calls.push(text))
    request.on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  undo.push(() => hook.close())
  await new Promise((resolve) => hook.once('listening', resolve))

  await configure({
    alarmMails: 'ops@holdfast.example',
    alarmWebhook: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`,
    webhookNetworks: '127.0.0.1',
  })
  const vault = new SecretVault({ documents: store, masterKeys: [secret], clock: realClock, log: silentLog })
  await vault.set('webhook-secret', 'signed by this')
  vault.stop()

  const urls: string[] = []
  for (const name of ['n1', 'n2']) urls.push((await serve(name, (reason) => assert.fail(reason))).httpUrl)
  const third = { node: 'n3', incarnation: idFromBits(3n) }
  await store.join(third, { ...CHAT_FACTS, owned: 7 })
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
