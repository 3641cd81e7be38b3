import assert from 'node:assert/strict'
import test from 'node:test'
import type { AlarmEpisode } from '../store/alarm-store.ts'
import { ALARMS, type AlarmKind } from './alarm-catalogue.ts'
import { alreadyKnown, clearAfterMs, type Sight, type Watched, watchPlace } from './alarm-decision.ts'

const KIND = { raiseAfterMs: 1000, clearAfterMs: 3000 }

const sight = (present: boolean, affected = 1): Sight => ({
  ...{ code: 'node-lost', subject: 'n2', sentence: 'n2 is dead.' },
  ...{ present, affected },
})

const open = (more: Partial<AlarmEpisode> = {}): AlarmEpisode => ({
  ...{ id: 'a', code: 'node-lost', subject: 'n2', severity: 'critical', sentence: 'n2 is dead.', beganAt: 0 },
  ...{ raisedAt: 0, raisedBy: 'n1', affected: 1, told: true, recent: 1 },
  ...more,
})

/** Steps through `[time, present?, open?]` and tells the acts as `kind@time`. */
function played(steps: readonly (readonly [number, boolean | undefined, (AlarmEpisode | null)?])[], kind = KIND) {
  let watched: Watched | undefined
  const acts: string[] = []
  for (const [nowMs, present, found] of steps) {
    const step = watchPlace(
      watched,
      { nowMs, ...(present !== undefined && { sight: sight(present) }), ...(found !== undefined && { open: found }) },
      kind,
    )
    watched = step.watched
    const { act } = step
    if (!act) continue
    const since = act.kind === 'raise' ? ` since ${act.beganMs}` : act.kind === 'clear' ? ` since ${act.endedMs}` : ''
    acts.push(`${act.kind}@${nowMs}${since}`)
  }
  return { acts, watched }
}

test('[OP40] a condition is raised when it has lasted, with its beginning, and not when it passed sooner', () => {
  assert.deepEqual(
    played([
      [0, true, null],
      [500, true, null],
      [999, false, null],
      [2000, true, null],
    ]).acts,
    [],
  )
  assert.deepEqual(
    played([
      [0, true, null],
      [999, true, null],
      [1000, true, null],
    ]).acts,
    ['raise@1000 since 0'],
  )
})

test('[OP40] it is cleared when it has been gone for a while, with the moment when it ended', () => {
  const steps = [
    [0, true, open()],
    [100, false, open()],
    [3099, false, open()],
    [3100, false, open()],
  ] as const
  assert.deepEqual(played(steps).acts, ['clear@3100 since 100'])
  const back = [
    [0, true, open()],
    [100, false, open()],
    [2000, true, open()],
    [2500, false, open()],
  ] as const
  assert.deepEqual(played([...back, [4000, false, open()]]).acts, [], 'each return begins the wait anew')
})

test('[OP40] of what cannot be seen nothing is decided', () => {
  assert.deepEqual(
    played([
      [0, true, null],
      [5000, undefined, open()],
      [9000, undefined, open()],
    ]).acts,
    [],
  )
  assert.deepEqual(
    played([
      [0, undefined, open()],
      [90_000, undefined, open()],
    ]).acts,
    [],
  )
  const unseen = [
    [0, false, open()],
    [2000, undefined, open()],
    [4000, undefined, open()],
    [4001, false, open()],
  ] as const
  assert.deepEqual(played(unseen).acts, ['clear@4001 since 0'])
})

test('[OP41] what was seen while the store was away is raised when it is back, with its true beginning, then cleared', () => {
  const steps = [
    [0, true],
    [1500, true],
    [40_000, false],
    [42_000, false, null],
    [42_500, false, open()],
  ] as const
  assert.deepEqual(played(steps).acts, ['raise@42000 since 0'])
  assert.deepEqual(played([...steps, [43_000, false, open()]]).acts, ['raise@42000 since 0', 'clear@43000 since 40000'])
  assert.deepEqual(
    played([
      [0, true],
      [500, true],
      [800, false],
      [9000, false, null],
    ]).acts,
    [],
    'what was short is not',
  )
})

test('[OP42] what another node ended, or was known and is over, is not raised again without having lasted anew', () => {
  const ended = [
    [0, true, null],
    [1000, true, null],
    [1500, true, open()],
    [2000, true, null],
    [2900, true, null],
  ] as const
  assert.deepEqual(played(ended).acts, ['raise@1000 since 0'])
  assert.deepEqual(played([...ended, [3000, true, null]]).acts, ['raise@1000 since 0', 'raise@3000 since 2000'])
  const { watched } = played([
    [0, true, null],
    [1000, true, null],
  ])
  assert.ok(watched)
  const again = watchPlace(alreadyKnown(watched, 1000), { sight: sight(true), open: null, nowMs: 1999 }, KIND)
  assert.equal(again.act, undefined)
})

test('[OP42] what is open and nobody was told of is offered to be told for as long as that is so', () => {
  assert.deepEqual(
    played([
      [0, true, open({ told: false })],
      [100, true, open()],
    ]).acts,
    ['tell@0'],
  )
})

test('[OP43] what comes back within a day must stay away longer each time, an hour at most', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 9, 99].map((recent) => clearAfterMs({ clearAfterMs: 30_000 }, recent)),
    [30_000, 60_000, 120_000, 240_000, 3_600_000, 3_600_000],
  )
  assert.equal(clearAfterMs({ clearAfterMs: 7_200_000 }, 3), 7_200_000)
})

test('[OP43] a condition that flaps for a day is told a few times, whatever its rhythm', () => {
  const day = 86_400_000
  for (const kind of Object.values<AlarmKind>(ALARMS))
    for (const halfMs of [4000, 30_000, 90_000, 600_000, 1_500_000]) {
      let watched: Watched | undefined
      let episode: AlarmEpisode | null = null
      let raised = 0
      for (let nowMs = 0; nowMs < day; nowMs += 2000) {
        const present = Math.floor(nowMs / halfMs) % 2 === 0
        const step = watchPlace(watched, { nowMs, sight: sight(present), open: episode }, kind)
        watched = step.watched
        if (step.act?.kind === 'raise') episode = open({ recent: ++raised })
        if (step.act?.kind === 'clear') episode = null
      }
      assert.ok(raised <= 9, `${kind.title}, ${halfMs} ms on and off: told ${raised} times`)
    }
})

test('of all that was affected the most is kept', () => {
  let watched = watchPlace(undefined, { nowMs: 0, sight: sight(true, 3), open: open() }, KIND).watched
  watched = watchPlace(watched, { nowMs: 1000, sight: sight(true, 9), open: open() }, KIND).watched
  watched = watchPlace(watched, { nowMs: 2000, sight: sight(false, 0), open: open() }, KIND).watched
  const { act } = watchPlace(watched, { nowMs: 9000, sight: sight(false, 0), open: open({ affected: 5 }) }, KIND)
  assert.ok(act?.kind === 'clear')
  assert.equal(act.affected, 9)
})
