import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits, type Owner } from '../base/ids.ts'
import type { LogStore, MemberStore, OutboxItem } from './log-store.ts'
import { CHAT_FACTS } from './member-facts-stage.ts'
import type { OutboxStore, TakenItem } from './outbox-store.ts'

export interface OutboxStage {
  readonly outbox: OutboxStore
  readonly store: LogStore & MemberStore
  /** Lets time of the store pass. */
  pass(ms: number): Promise<void>
}

const NODE: Owner = { node: 'one', incarnation: idFromBits(1n) }
const HEIR: Owner = { node: 'two', incarnation: idFromBits(2n) }
const LEASE_MS = 30_000

function items(lane: string, ...ids: readonly string[]): OutboxItem[] {
  return ids.map((id) => ({ id, lane, kind: 'mail', body: `{"to":"${id} ✓"}` }))
}

function take(outbox: OutboxStore, more: { limit?: number; kinds?: string[] } = {}): Promise<readonly TakenItem[]> {
  return outbox.take({ by: NODE.incarnation, kinds: ['mail'], limit: 10, leaseMs: LEASE_MS, ...more })
}

const idsOf = (taken: readonly { id: string }[]) => taken.map(({ id }) => id).sort()

/** What every store of the outbox must do. `fresh` makes one. */
export function testOutboxStore(kind: string, fresh: () => Promise<OutboxStage>): void {
  const stage = async () => {
    const made = await fresh()
    for (const node of [NODE, HEIR]) await made.store.join(node, CHAT_FACTS)
    return made
  }

  test(`${kind}: [SE30] of each lane the first that waits is taken, one at a time, in order`, async () => {
    const { outbox } = await stage()
    await outbox.post([...items('a', 'a1', 'a2'), ...items('b', 'b1'), ...items('a', 'a3')])
    const first = await take(outbox)
    assert.deepEqual(idsOf(first), ['a1', 'b1'])
    assert.deepEqual(await take(outbox), [], 'while they are held, nothing is taken')
    const order: string[] = []
    for (let next = first.find(({ lane }) => lane === 'a'); next; [next] = await take(outbox)) {
      order.push(next.id)
      assert.equal(next.body, `{"to":"${next.id} ✓"}`)
      assert.equal(await outbox.settle(next), true)
    }
    assert.deepEqual(order, ['a1', 'a2', 'a3'])
  })

  test(`${kind}: [SE30] no more are taken than were asked for, and of a kind that the taker knows`, async () => {
    const { outbox } = await stage()
    await outbox.post([
      ...items('a', 'a1'),
      ...items('b', 'b1'),
      { id: 'c1', lane: 'c', kind: 'of-tomorrow', body: '' },
    ])
    assert.equal((await take(outbox, { limit: 1 })).length, 1)
    assert.equal((await take(outbox)).length, 1)
    assert.deepEqual(idsOf(await take(outbox, { kinds: ['of-tomorrow'] })), ['c1'])
  })

  test(`${kind}: [SE31] what is not answered within its lease is taken again, and the first taker is not heard`, async () => {
    const { outbox, pass } = await stage()
    await outbox.post(items('a', 'a1'))
    const [early] = await take(outbox)
    await pass(LEASE_MS + 1)
    const [late] = await take(outbox)
    assert.ok(early && late)
    assert.deepEqual([late.id, early.attempt, late.attempt], ['a1', 1, 2])
    assert.deepEqual(
      [await outbox.settle(early), await outbox.postpone(early, 0, 'x'), await outbox.bury(early, 'x')],
      [false, false, false],
    )
    assert.equal(await outbox.settle(late), true)
    assert.equal(await outbox.settle(late), true, 'a settling whose reply was lost is asked again')
  })

  test(`${kind}: [SE31] what a dead node had taken is there for others before the lease ends, and it is not heard`, async () => {
    const { outbox, store } = await stage()
    await outbox.post(items('a', 'a1', 'a2'))
    const [early] = await take(outbox)
    assert.ok(early)
    const takeAsHeir = () => outbox.take({ by: HEIR.incarnation, kinds: ['mail'], limit: 10, leaseMs: LEASE_MS })
    for (let look = 0; look < 3; look++) assert.deepEqual(await takeAsHeir(), [], 'its taker lives')
    await store.tombstone(NODE.incarnation, 'its process exited')
    await takeAsHeir()
    assert.equal(await outbox.settle(early), false)
    const [late] = await takeAsHeir()
    assert.deepEqual([late?.id, late?.attempt], ['a1', 2])
    assert.ok(late && (await outbox.settle(late)))
    assert.deepEqual(idsOf(await takeAsHeir()), ['a2'])
  })

  test(`${kind}: [SE31] of many who take at once nobody gets what another has`, async () => {
    const { outbox } = await stage()
    const posted = Array.from({ length: 40 }, (_, index) => items(`lane ${index % 20}`, `i${index}`)).flat()
    await outbox.post(posted)
    const taken = (await Promise.all(Array.from({ length: 8 }, () => take(outbox, { limit: 4 })))).flat()
    assert.equal(new Set(idsOf(taken)).size, taken.length)
    assert.equal(new Set(taken.map(({ lane }) => lane)).size, taken.length, 'one of a lane')
  })

  test(`${kind}: [SE32] an id that was posted before is passed over, settled or not`, async () => {
    const { outbox, pass } = await stage()
    await outbox.post(items('a', 'a1'))
    await outbox.post(items('a', 'a1', 'a2'))
    const [first] = await take(outbox)
    assert.ok(first && (await outbox.settle(first)))
    await outbox.post(items('a', 'a1'))
    assert.deepEqual(idsOf(await take(outbox)), ['a2'])
    assert.equal(await outbox.forget(60_000, 10), 0, 'its id is remembered')
    await pass(60_001)
    assert.deepEqual([await outbox.forget(60_000, 10), await outbox.forget(60_000, 10)], [1, 0])
  })

  test(`${kind}: [SE33] what is postponed waits its time, and its lane waits behind it`, async () => {
    const { outbox, pass } = await stage()
    await outbox.post(items('a', 'a1', 'a2'))
    const [first] = await take(outbox)
    assert.ok(first && (await outbox.postpone(first, 5000, 'the server is away')))
    assert.deepEqual(await take(outbox), [])
    await pass(4000)
    assert.deepEqual(await take(outbox), [])
    await pass(1001)
    const [again] = await take(outbox)
    assert.deepEqual([again?.id, again?.attempt], ['a1', 2])
  })

  test(`${kind}: [SE33] a dead letter is shown, holds its lane up no longer, and is replayed or dropped`, async () => {
    const { outbox, pass } = await stage()
    await outbox.post(items('a', 'a1', 'a2', 'a3'))
    for (const reason of ['550 no such user', 'too often']) {
      await pass(1)
      const [next] = await take(outbox)
      assert.ok(next && (await outbox.bury(next, reason)))
    }
    assert.deepEqual(
      (await outbox.deadLetters(10)).map(({ id, reason, attempts }) => ({ id, reason, attempts })),
      [
        { id: 'a2', reason: 'too often', attempts: 1 },
        { id: 'a1', reason: '550 no such user', attempts: 1 },
      ],
    )
    await pass(1000)
    const backlog = await outbox.backlog()
    assert.deepEqual([backlog.waiting, backlog.dead], [1, 2])
    assert.ok(backlog.oldestMs >= 1000)
    assert.deepEqual(
      [await outbox.replay('a1'), await outbox.replay('a1'), await outbox.replay('a3')],
      [true, false, false],
    )
    assert.deepEqual([await outbox.drop('a2'), await outbox.drop('a2')], [true, false])
    const [third] = await take(outbox)
    assert.equal(third?.id, 'a3', 'what is replayed goes behind what waits')
    assert.ok(third && (await outbox.settle(third)))
    const [first] = await take(outbox)
    assert.deepEqual([first?.id, first?.attempt, first?.body], ['a1', 1, '{"to":"a1 ✓"}'])
    await outbox.post(items('a', 'a2'))
    assert.ok(first && (await outbox.settle(first)))
    assert.deepEqual(await take(outbox), [], 'what was dropped is not done again')
  })

  test(`${kind}: [SE34] each lane tells how many wait in it, for how long, and what its first one waits for`, async () => {
    const { outbox, pass } = await stage()
    await outbox.post(items('a', 'a1', 'a2'))
    await pass(1000)
    await outbox.post(items('b', 'b1'))
    const firsts = async (limit: number) =>
      (await outbox.lanes(limit)).map(({ lane, waiting, first: { id, attempts, reason, held } }) => {
        return [lane, waiting, id, attempts, reason, held]
      })
    assert.deepEqual(await firsts(10), [
      ['a', 2, 'a1', 0, '', false],
      ['b', 1, 'b1', 0, '', false],
    ])
    const [lane] = await outbox.lanes(1)
    assert.ok(lane && lane.oldestMs >= 1000 && lane.first.dueInMs === 0)
    const [taken] = await take(outbox, { limit: 1 })
    assert.deepEqual(await firsts(1), [['a', 2, 'a1', 1, '', true]])
    assert.ok(taken && (await outbox.postpone(taken, 60_000, 'the server is away')))
    assert.deepEqual(await firsts(1), [['a', 2, 'a1', 1, 'the server is away', false]])
    const waits = (await outbox.lanes(1))[0]?.first.dueInMs ?? 0
    assert.ok(waits > 50_000 && waits <= 60_000, String(waits))
  })

  test(`${kind}: [SE34] what became of an item is told by how its id begins, for as long as it is remembered`, async () => {
    const { outbox } = await stage()
    const ids = ['x:1:a', 'x:1:b', 'x:1:c', 'x:1:d']
    await outbox.post([...ids.flatMap((id) => items(id, id)), ...items('x:10:a', 'x:10:a'), ...items('w', 'x:0')])
    for (const item of await take(outbox)) {
      if (item.id === 'x:1:b') await outbox.settle(item)
      if (item.id === 'x:1:c' || item.id === 'x:1:d') await outbox.bury(item, '550 no such user')
      if (item.id === 'x:1:a') await outbox.postpone(item, 1000, 'away')
    }
    await outbox.drop('x:1:d')
    assert.deepEqual(
      (await outbox.posted('x:1:', 10)).map(({ id, state, reason }) => [id, state, reason]),
      [
        ['x:1:a', 'waiting', 'away'],
        ['x:1:b', 'done', ''],
        ['x:1:c', 'dead', '550 no such user'],
        ['x:1:d', 'dropped', '550 no such user'],
      ],
    )
    assert.equal((await outbox.posted('x:', 2)).length, 2)
    assert.deepEqual(await outbox.posted('y', 2), [])
  })

  test(`${kind}: [SE9] [SE30] what an append brings is taken in the order of its conversation, what was refused never`, async () => {
    const { outbox, store } = await stage()
    const conversation = idFromBits(77n)
    await store.open(conversation, NODE)
    const slice = (seq: number, epoch: number, ...ids: string[]) => ({
      conversation,
      epoch,
      expectSeq: seq - 1,
      events: [{ seq, epoch, at: 1, audience: 'everyone', sender: 'a', json: '{}' } as const],
      outbox: items(conversation, ...ids),
    })
    const outcomes = [
      await store.append([slice(1, 1, 'c1', 'c2')]),
      await store.append([slice(2, 7, 'fenced')]),
      await store.append([slice(2, 1, 'c3')]),
      await store.append([slice(3, 1, 'c3')]),
    ]
    assert.deepEqual(
      outcomes.map(([outcome]) => outcome?.kind),
      ['ok', 'fenced', 'ok', 'unstorable'],
    )
    const order: string[] = []
    for (let [next] = await take(outbox); next; [next] = await take(outbox)) {
      order.push(next.id)
      await outbox.settle(next)
    }
    assert.deepEqual(order, ['c1', 'c2', 'c3'])
  })
}
