import assert from 'node:assert/strict'
import test from 'node:test'
import { Configuration } from '../config/configuration.ts'
import { alarmDeliveries, alarmNotices, type ToldEpisode } from './alarm-notices.ts'
import { durationText } from './duration-text.ts'
import { writeLetter } from './mail-letter.ts'
import { mailOrderIn } from './mail-order.ts'

const settings = (value: Record<string, string>) => new Configuration(1, [{ name: 'settings', revision: 1, value }])
const BOTH = settings({
  alarmMails: 'a@example.com, b@example.com,a@example.com',
  alarmWebhook: 'https://hook.example/',
})

const away: ToldEpisode = {
  ...{ id: 'e1', code: 'store-unavailable', subject: 'cluster', severity: 'critical' },
  ...{ sentence: 'The database did not answer n1.', beganAt: 1_700_000_000_500, affected: 12 },
}
const back: ToldEpisode = { ...away, ended: { at: 1_700_000_200_500, clearedAt: 0, by: 'n2' } }

test('[OP45] one mail an address and one call of the webhook, with ids of the episode, the end behind the beginning', () => {
  const [raised, cleared] = [alarmNotices(away, 'raised', BOTH), alarmNotices(back, 'cleared', BOTH)]
  assert.deepEqual(
    raised.map(({ id }) => id),
    ['alarm:e1:raised:mail:a@example.com', 'alarm:e1:raised:mail:b@example.com', 'alarm:e1:raised:webhook'],
  )
  assert.deepEqual(
    raised.map(({ lane }) => lane),
    cleared.map(({ lane }) => lane),
  )
  assert.equal(new Set([...raised, ...cleared].map(({ id }) => id)).size, 6)
  assert.deepEqual(alarmNotices(away, 'raised', new Configuration(0)), [])
  assert.equal(alarmNotices(away, 'raised', settings({ alarmMails: 'a@example.com' })).length, 1)
})

test('[OP45] what became of each notice is read from the ids that notices have, and from no others', () => {
  const ids = [...alarmNotices(away, 'raised', BOTH), ...alarmNotices(back, 'cleared', BOTH)].map(({ id }) => id)
  const items = [...ids, 'alarm:e1:of-tomorrow', 'alarm:e1:raised:pigeon'].map((id) => {
    return { id, state: 'dead' as const, attempts: 3, reason: '410 Gone' }
  })
  const told = alarmDeliveries('e1', items)
  assert.deepEqual(
    told.map(({ about, by, to }) => `${about} ${by} ${to}`),
    ['raised', 'cleared'].flatMap((about) => [
      ...[`${about} mail a@example.com`, `${about} mail b@example.com`, `${about} webhook `],
    ]),
  )
  assert.deepEqual([told[0]?.state, told[0]?.attempts, told[0]?.reason], ['dead', 3, '410 Gone'])
})

test('[OP45] the store’s alarms have the numbers that other systems give them', () => {
  const bodies = [alarmNotices(away, 'raised', BOTH), alarmNotices(back, 'cleared', BOTH)].map((items) =>
    JSON.parse(items.at(-1)?.body ?? ''),
  )
  assert.deepEqual(
    bodies.map(({ event, number, state, durationMs, affected }) => ({ event, number, state, durationMs, affected })),
    [
      { event: 'alarm', number: 59520, state: 'raised', durationMs: undefined, affected: 12 },
      { event: 'alarm', number: 59521, state: 'cleared', durationMs: 200_000, affected: 12 },
    ],
  )
})

test('[OP45] the letter says what it is, since when, whom it affects and what to do; at the end how long it lasted', async () => {
  const letterOf = async (episode: ToldEpisode, state: 'raised' | 'cleared') => {
    const [item] = alarmNotices(episode, state, BOTH)
    const order = mailOrderIn(item?.body ?? '')
    assert.ok(item && order)
    return writeLetter(item.id, order, order.facts, BOTH)
  }
  const begins = await letterOf(away, 'raised')
  assert.match(begins.subject, /Store unavailable: cluster \(raised\)/)
  for (const part of [
    'did not answer n1',
    '2023-11-14 22:13:20',
    '12 conversations',
    'What to do: Look at the database',
  ])
    assert.ok(begins.text.includes(part), `${part} in ${begins.text}`)
  assert.ok(!begins.text.includes('Lasted'))
  const ends = await letterOf(back, 'cleared')
  assert.match(ends.subject, /Store available: cluster \(cleared\)/)
  assert.match(ends.text, /over after 3 min 20 s[\s\S]*Lasted: +3 min 20 s/)
  const harmless = await letterOf({ ...away, affected: 0, code: 'of-another-version' }, 'raised')
  assert.ok(!harmless.text.includes('Affected') && harmless.subject.includes('of-another-version'))
})

test('durations are told as people tell them', () => {
  const told = [0, 40_000, 60_000, 200_000, 7_200_000, 7_500_000].map(durationText)
  assert.deepEqual(told, ['0 s', '40 s', '1 min', '3 min 20 s', '2 h', '2 h 5 min'])
})
