import assert from 'node:assert/strict'
import test from 'node:test'
import type { AlarmRow } from '../../protocol/alarm-answers.ts'
import {
  affectedText,
  coveredText,
  deliveryState,
  deliveryText,
  detailsEveryMs,
  inUrgency,
  lastedText,
  SILENCE_SPANS,
  sentenceParts,
  toldText,
  toneOf,
} from './alarms-facts.ts'

const alarm = (id: string, more: Partial<AlarmRow> = {}): AlarmRow => ({
  ...{ id, code: 'node-lost', subject: 'n2', severity: 'critical', title: 'Node lost', sentence: 'n2 is dead.' },
  ...{ beganAt: 0, raisedBy: 'n1', affected: 0, told: true },
  ...more,
})

test('what is urgent and nobody’s stands first, then what is older', () => {
  const acknowledged = { by: 'ada', at: 1, note: '' }
  const open = [
    alarm('warning', { severity: 'warning' }),
    alarm('taken', { acknowledged }),
    alarm('young', { beganAt: 9 }),
    alarm('old', { beganAt: 1 }),
  ]
  assert.deepEqual(
    inUrgency(open).map(({ id }) => id),
    ['old', 'young', 'taken', 'warning'],
  )
  assert.deepEqual([{ severity: 'critical' }, { severity: 'warning' }, { severity: 'of-tomorrow' }].map(toneOf), [
    ...['bad', 'worry', 'worry'],
  ])
})

test('an alarm tells how long it lasted, what it touched, and why nobody was told', () => {
  const ended = (durationMs: number) => ({ ended: { at: 0, by: 'n1', durationMs } })
  assert.deepEqual([ended(400), ended(65_000)].map(lastedText), ['under 1 s', '1 min'])
  assert.deepEqual([0, 1, 2000].map(affectedText), [
    ...['no conversation affected', '1 conversation affected', '2,000 conversations affected'],
  ])
  assert.match(toldText({ told: false }), /is silenced/)
  assert.match(toldText({ told: false, ...ended(1) }), /was silenced/)
  assert.match(toldText({ told: true }), /Nobody is named/)
})

test('a delivery tells whom it goes to, and whether it fails', () => {
  assert.equal(
    deliveryText({ by: 'mail', to: 'ops@example.com', about: 'raised' }),
    'Mail to ops@example.com, of its beginning',
  )
  assert.equal(deliveryText({ by: 'webhook', to: '', about: 'cleared' }), 'Webhook, of its end')
  const table = [
    [{ state: 'waiting', attempts: 0, reason: '' }, 'on its way'],
    [{ state: 'waiting', attempts: 3, reason: '451 later' }, 'failed 3 times so far'],
    [{ state: 'done', attempts: 1, reason: '' }, 'delivered'],
    [{ state: 'dead', attempts: 9, reason: '550 no' }, 'given up'],
    [{ state: 'dropped', attempts: 9, reason: '550 no' }, 'discarded'],
  ] as const
  for (const [row, text] of table) assert.equal(deliveryState(row).text, text)
})

test('a silence tells what it covers, and lasts a month at most', () => {
  const titles = new Map([['node-lost', 'Node lost']])
  const table = [
    [{ code: '', subject: '' }, 'Every alarm'],
    [{ code: 'node-lost', subject: '' }, 'Node lost'],
    [{ code: 'node-lost', subject: 'n2' }, 'Node lost of n2'],
    [{ code: 'of-tomorrow', subject: 'n2' }, 'of-tomorrow of n2'],
  ] as const
  for (const [silence, text] of table) assert.equal(coveredText(silence, titles), text)
  assert.ok(SILENCE_SPANS.every(({ forMs }) => forMs >= 60_000 && forMs <= 2_678_400_000))
})

test('commands in a sentence of the catalogue are set apart', () => {
  assert.deepEqual(sentenceParts('Look. `holdfast doctor` says why.'), [
    { text: 'Look. ', code: false },
    { text: 'holdfast doctor', code: true },
    { text: ' says why.', code: false },
  ])
})

test('a storm of alarms leaves most of what one address may ask in a minute to others', () => {
  for (const open of [1, 10, 11, 100, 300]) assert.ok((open * 60_000) / detailsEveryMs(open) <= 300, String(open))
  assert.equal(detailsEveryMs(3), 5_000)
})
