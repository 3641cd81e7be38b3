import assert from 'node:assert/strict'
import test from 'node:test'
import { Configuration } from '../configuration.ts'
import { alarmDaysOf, CLUSTER_SETTINGS } from './settings-document.ts'

/** Fields that are at fault. */
function faultsOf(document: Record<string, string>): readonly string[] {
  const faults = CLUSTER_SETTINGS.check?.(document as never, new Configuration(0)) ?? []
  return faults.map(({ field }) => field)
}

test('[CF31] who is told of alarms is judged before it is stored: addresses, webhook, networks', () => {
  for (const good of ['', 'ops@example.com', 'a@example.com, b@example.com'])
    assert.deepEqual(faultsOf({ alarmMails: good }), [], good)
  for (const wrong of ['ops', 'a@example.com; b', 'Ops <ops@example.com>, x'])
    assert.ok(faultsOf({ alarmMails: wrong }).includes('alarmMails'), wrong)
  for (const good of ['', 'https://hooks.example.com/a?b=c', 'http://10.1.2.3:8080/hook'])
    assert.deepEqual(faultsOf({ alarmWebhook: good }), [], good)
  for (const wrong of ['hooks.example.com', 'ftp://x/', 'https://user:word@example.com/', 'https://'])
    assert.deepEqual(faultsOf({ alarmWebhook: wrong }), ['alarmWebhook'], wrong)
  for (const good of ['', '10.1.2.0/24, 127.0.0.1', 'fd00::/8'])
    assert.deepEqual(faultsOf({ webhookNetworks: good }), [], good)
  for (const wrong of ['10.1.2.0/99', 'intranet', '10.0.0.1, x'])
    assert.deepEqual(faultsOf({ webhookNetworks: wrong }), ['webhookNetworks'], wrong)
})

test('[CF31] an address is stored only if it can be read as one: every request and every mail goes by it', () => {
  for (const good of ['', 'https://chat.example.com', 'http://10.1.2.3:8400', 'https://[fd00::1]:8400'])
    assert.deepEqual(faultsOf({ publicUrl: good }), [], good)
  const wrong = [
    'https://chat.example.com:99999',
    'https://[',
    'https://1.2.3.999',
    'https://ada@x',
    'https://x?y',
    'x',
  ]
  for (const each of wrong) assert.deepEqual(faultsOf({ publicUrl: each }), ['publicUrl'], each)
  for (const good of ['', 'smtp://localhost', 'smtps://ada%40example.com@mail.example.com:465'])
    assert.deepEqual(faultsOf({ mailServer: good, mailFrom: 'a@b.example' }), [], good)
  for (const each of ['smtp://mail.example.com:99999', 'smtp://100%@mail.example.com', 'smtp://a:b@mail.example.com'])
    assert.deepEqual(faultsOf({ mailServer: each, mailFrom: 'a@b.example' }), ['mailServer'], each)
})

test('[CF31] the days at which the end of a certificate is told are three, each less than the one before', () => {
  for (const good of ['30, 14, 3', '90,20,1']) assert.deepEqual(faultsOf({ certificateAlarmDays: good }), [], good)
  for (const wrong of ['30', '30, 14', '3, 14, 30', '30, 14, 0', '30, 14, x', '30, 14, 3, 1'])
    assert.deepEqual(faultsOf({ certificateAlarmDays: wrong }), ['certificateAlarmDays'], wrong)
  const settings = { name: 'settings', revision: 1, value: { certificateAlarmDays: '60, 30, 7' } }
  assert.deepEqual(alarmDaysOf(new Configuration(1, [settings])), [60, 30, 7])
  assert.deepEqual(alarmDaysOf(new Configuration(0)), [30, 14, 3])
})
