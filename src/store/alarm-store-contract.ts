import assert from 'node:assert/strict'
import test from 'node:test'
import type { AlarmEpisode, AlarmStore, NewAlarm } from './alarm-store.ts'
import type { OutboxItem } from './log-store.ts'
import type { OutboxStore } from './outbox-store.ts'

export interface AlarmStage {
  readonly alarms: AlarmStore
  readonly outbox: OutboxStore
  /** The present of the store, milliseconds since 1970. */
  now(): Promise<number>
}

let made = 0
function alarm(more: Partial<NewAlarm> = {}): NewAlarm {
  made += 1
  return {
    id: `alarm-${made}`,
    code: 'node-lost',
    subject: 'n2',
    severity: 'critical',
    sentence: 'n2 is dead; others have its conversations ✓.',
    beganAt: 1_000_000_000_000 + made,
    raisedBy: 'n1',
    affected: 7,
    ...more,
  }
}

function items(id: string, state = 'raised'): readonly OutboxItem[] {
  return ['mail', 'webhook'].map((kind) => ({ id: `${id}:${state}:${kind}`, lane: `${id}:${kind}`, kind, body: '{}' }))
}

const raise = (store: AlarmStore, given: NewAlarm) => store.raise(given, items(given.id))
const idsOf = (episodes: readonly AlarmEpisode[]) => episodes.map(({ id }) => id)

/** What every store of alarms must do. `stage` makes a fresh one. */
export function testAlarmStore(kind: string, stage: () => Promise<AlarmStage>): void {
  const waiting = async ({ outbox }: AlarmStage) => (await outbox.backlog()).waiting

  test(`${kind}: [SE50] an episode is raised, shown, and cleared with its end and whom it affected`, async () => {
    const on = await stage()
    const given = alarm()
    assert.deepEqual(await raise(on.alarms, given), { kind: 'raised', told: true })
    const [open] = await on.alarms.open()
    assert.ok(open)
    const { raisedAt, ...rest } = open
    assert.ok(Math.abs(raisedAt - (await on.now())) < 60_000)
    assert.deepEqual(rest, { ...given, told: true, recent: 1 })
    const end = { at: given.beganAt + 5000, by: 'n3', affected: 9 }
    assert.equal(await on.alarms.clear(given.id, end, items(given.id, 'cleared')), true)
    assert.deepEqual(await on.alarms.open(), [])
    const ended = await on.alarms.episode(given.id)
    assert.deepEqual([ended?.ended?.at, ended?.ended?.by, ended?.affected], [end.at, 'n3', 9])
    assert.deepEqual(idsOf(await on.alarms.episodes(10)), [given.id])
    assert.equal(await waiting(on), 4)
  })

  test(`${kind}: [SE50] of many who raise, tell or clear at once one wins, and only its items are posted`, async () => {
    const on = await stage()
    const all = Array.from({ length: 12 }, (_, index) => alarm({ beganAt: 1000 + index }))
    const outcomes = await Promise.all(all.map((each) => raise(on.alarms, each)))
    assert.equal(outcomes.filter((outcome) => outcome.kind === 'raised').length, 1)
    assert.equal(await waiting(on), 2)
    const [open] = await on.alarms.open()
    assert.ok(open)
    const end = { at: 2000, by: 'n1', affected: 0 }
    const clears = await Promise.all(
      all.map((_, index) => on.alarms.clear(open.id, { ...end, by: `n${index}` }, items(open.id, 'cleared'))),
    )
    assert.equal(clears.filter(Boolean).length, 1)
    assert.equal(await waiting(on), 4)
  })

  test(`${kind}: [SE50] raising again after a lost answer changes nothing`, async () => {
    const on = await stage()
    const given = alarm()
    await raise(on.alarms, given)
    assert.deepEqual(await raise(on.alarms, given), { kind: 'known' })
    assert.equal(await waiting(on), 2)
  })

  test(`${kind}: [SE51] what began before the end of an episode was the same condition; later it is another one`, async () => {
    const on = await stage()
    const first = alarm({ beganAt: 1000 })
    await raise(on.alarms, first)
    await on.alarms.clear(first.id, { at: 5000, by: 'n1', affected: 0 }, [])
    assert.deepEqual(await raise(on.alarms, alarm({ beganAt: 900 })), { kind: 'known' })
    assert.deepEqual(await raise(on.alarms, alarm({ beganAt: 5000 })), { kind: 'known' })
    assert.deepEqual(await raise(on.alarms, alarm({ beganAt: 900, subject: 'n3' })), { kind: 'raised', told: true })
    assert.deepEqual(await raise(on.alarms, alarm({ beganAt: 5001 })), { kind: 'raised', told: true })
    const [other, again] = await on.alarms.open()
    assert.deepEqual([other?.recent, again?.recent], [1, 2])
  })

  test(`${kind}: [SE51] who raises while another one clears finds it open or over, and never begins a second one`, async () => {
    const on = await stage()
    for (let round = 0; round < 20; round++) {
      const given = alarm({ subject: `n${round}`, beganAt: 1000 })
      await raise(on.alarms, given)
      const same = () => alarm({ subject: given.subject, beganAt: 1000 + round })
      const end = { at: 5000, by: 'n1', affected: 0 }
      const [first, cleared, second] = await Promise.all([
        raise(on.alarms, same()),
        on.alarms.clear(given.id, end, items(given.id, 'cleared')),
        raise(on.alarms, same()),
      ])
      assert.deepEqual([first.kind, cleared, second.kind], ['known', true, 'known'])
    }
    assert.deepEqual([(await on.alarms.open()).length, (await on.alarms.episodes(100)).length], [0, 20])
  })

  test(`${kind}: [SE51] whatever clocks say, it ends neither before it began nor in times to come`, async () => {
    const on = await stage()
    const ended = async (beganAt: number, at: number) => {
      const given = alarm({ beganAt, subject: `n${at}` })
      await raise(on.alarms, given)
      await on.alarms.clear(given.id, { at, by: 'n1', affected: 0 }, [])
      return (await on.alarms.episode(given.id))?.ended?.at ?? 0
    }
    assert.equal(await ended(9000, 8000), 9000)
    assert.ok((await ended(9000, (await on.now()) + 86_400_000)) <= (await on.now()) + 60_000)
  })

  test(`${kind}: [SE52] what begins during a silence is recorded and told to nobody, nor is its end`, async () => {
    const on = await stage()
    const silence = { id: 's1', code: 'node-lost', subject: '', forMs: 3_600_000, by: 'ada', reason: 'new disks' }
    const made = await on.alarms.silence(silence)
    assert.deepEqual(await on.alarms.silence({ ...silence, forMs: 1 }), made)
    assert.deepEqual(await on.alarms.silences(), [made])
    const [given, other] = [alarm(), alarm({ code: 'disk-nearly-full' })]
    assert.deepEqual(await raise(on.alarms, given), { kind: 'raised', told: false })
    assert.deepEqual(await raise(on.alarms, other), { kind: 'raised', told: true })
    assert.equal(await on.alarms.tell(given.id, items(given.id)), false)
    await on.alarms.clear(given.id, { at: given.beganAt, by: 'n1', affected: 0 }, items(given.id, 'cleared'))
    assert.equal(await waiting(on), 2)
  })

  test(`${kind}: [SE52] what still lasts when its silence ends is told then, once`, async () => {
    const on = await stage()
    await on.alarms.silence({ id: 's2', code: '', subject: 'n2', forMs: 3_600_000, by: 'ada', reason: 'x' })
    const given = alarm()
    await raise(on.alarms, given)
    assert.equal(await on.alarms.unsilence('s2'), true)
    assert.equal(await on.alarms.unsilence('s2'), false)
    const told = await Promise.all([1, 2, 3].map(() => on.alarms.tell(given.id, items(given.id))))
    assert.equal(told.filter(Boolean).length, 1)
    assert.equal(await waiting(on), 2)
    await on.alarms.clear(given.id, { at: given.beganAt, by: 'n1', affected: 0 }, items(given.id, 'cleared'))
    assert.equal(await waiting(on), 4)
  })

  test(`${kind}: [SE53] who acknowledges first is kept, and only what lasts can be acknowledged`, async () => {
    const on = await stage()
    const given = alarm()
    await raise(on.alarms, given)
    assert.equal(await on.alarms.acknowledge(given.id, 'ada', 'I look'), true)
    assert.equal(await on.alarms.acknowledge(given.id, 'bob', 'me too'), true)
    const { acknowledged } = (await on.alarms.episode(given.id)) ?? {}
    assert.deepEqual([acknowledged?.by, acknowledged?.note], ['ada', 'I look'])
    await on.alarms.clear(given.id, { at: given.beganAt, by: 'n1', affected: 0 }, [])
    assert.equal(await on.alarms.acknowledge(given.id, 'bob', ''), false)
    assert.equal(await on.alarms.acknowledge('nothing', 'bob', ''), false)
    assert.equal(await on.alarms.episode('nothing'), undefined)
  })

  test(`${kind}: what ended long ago is forgotten, what lasts is not`, async () => {
    const on = await stage()
    const [over, open] = [alarm(), alarm({ subject: 'n3' })]
    await raise(on.alarms, over)
    await raise(on.alarms, open)
    await on.alarms.clear(over.id, { at: over.beganAt, by: 'n1', affected: 0 }, [])
    assert.equal(await on.alarms.forget(3_600_000, 10), 0)
    assert.equal(await on.alarms.forget(-60_000, 10), 1)
    assert.deepEqual(idsOf(await on.alarms.episodes(10)), [open.id])
  })
}
