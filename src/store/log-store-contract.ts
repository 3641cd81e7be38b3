import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventRecord } from '../base/event-record.ts'
import { type ConversationId, idFromBits, type Owner } from '../base/ids.ts'
import type { DocumentStore } from './document-store.ts'
import { LEASE, type LogStore, type MemberFacts, type MemberStore, type Slice } from './log-store.ts'
import { CHAT_FACTS } from './member-facts-stage.ts'

type WholeStore = LogStore & MemberStore & DocumentStore

/** A fresh store for one test, and a way to let its time pass. */
interface ContractStage {
  readonly store: WholeStore
  /** Lets `ms` of store time pass. */
  pass(ms: number): Promise<void>
  /** Takes the last event out of a log behind the store's back, and answers how to put it back. */
  damage(conversation: ConversationId): Promise<() => Promise<void>>
}

const FACTS: MemberFacts = {
  ...CHAT_FACTS,
  relayAddress: '127.0.0.1:1',
  httpUrl: 'http://127.0.0.1:2',
  version: 'test',
}

let made = 1000n
const freshId = () => {
  made += 7_919_000_003n
  return idFromBits(made)
}
const ownerCalled = (node: string): Owner => ({ node, incarnation: freshId() })

function event(seq: number, more: Partial<EventRecord> = {}): EventRecord {
  return {
    seq,
    epoch: 1,
    at: 1_700_000_000_000 + seq,
    audience: 'everyone',
    sender: 'v1',
    key: `k${seq}`,
    digest: `d${seq}`,
    json: `{"seq":${seq},"body":{"text":"t${seq}"}}`,
    ...more,
  }
}

function slice(
  conversation: ConversationId,
  epoch: number,
  expectSeq: number,
  count = 1,
  more: Partial<Slice> = {},
): Slice {
  const events = Array.from({ length: count }, (_, i) => event(expectSeq + i + 1, { epoch }))
  return { conversation, epoch, expectSeq, events, ...more }
}

/**
 * The rules of the fenced log that any store must keep, as tests. `start` makes a fresh store; what needs one kind of
 * store only (lost connections, restarts) is tested beside that store.
 */
export function testLogStore(name: string, start: () => Promise<ContractStage>): void {
  const told = (
    title: string,
    run: (stage: ContractStage & { a: Owner; b: Owner; conversation: ConversationId }) => Promise<void>,
  ) =>
    test(`${name}: ${title}`, async () => {
      const stage = await start()
      const [a, b] = [ownerCalled('a'), ownerCalled('b')]
      await stage.store.join(a, FACTS)
      await stage.store.join(b, FACTS)
      await run({ ...stage, a, b, conversation: freshId() })
    })
  /** Beats of both members while time passes, so that neither loses its lease. */
  const live = async (stage: ContractStage, owners: readonly Owner[], ms: number) => {
    for (let passed = 0; passed < ms; passed += LEASE.beatMs) {
      await stage.pass(LEASE.beatMs)
      for (const owner of owners) await stage.store.beat(owner, FACTS)
    }
  }

  told('[SE1] opening twice opens once, for another owner it exists', async ({ store, a, b, conversation }) => {
    assert.deepEqual(await store.open(conversation, a), { kind: 'opened', epoch: 1 })
    assert.deepEqual(await store.open(conversation, a), { kind: 'opened', epoch: 1 })
    assert.deepEqual(await store.open(conversation, b), { kind: 'exists', epoch: 1, owner: a })
  })

  told(
    '[SE2] [OW1] an append of the owner at its head is taken; a stale epoch is fenced, a wrong head is a gap',
    async ({ store, a, conversation }) => {
      await store.open(conversation, a)
      assert.deepEqual(await store.append([slice(conversation, 1, 0, 2)]), [{ kind: 'ok', seq: 2 }])
      assert.deepEqual(await store.append([slice(conversation, 1, 5)]), [{ kind: 'gap', seq: 2 }])
      assert.deepEqual(await store.append([slice(conversation, 2, 2)]), [{ kind: 'fenced', epoch: 1, owner: a }])
      assert.deepEqual(await store.append([slice(freshId(), 1, 0)]), [{ kind: 'unknown-conversation' }])
      assert.equal((await store.read(conversation, 0, 10))?.records.length, 2)
    },
  )

  told(
    '[SE2] many conversations travel in one append, and each gets its own answer',
    async ({ store, a, conversation }) => {
      const other = freshId()
      await store.open(conversation, a)
      await store.open(other, a)
      const outcomes = await store.append([slice(conversation, 1, 0, 3), slice(other, 7, 0), slice(freshId(), 1, 0)])
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ['ok', 'fenced', 'unknown-conversation'],
      )
    },
  )

  told(
    '[SE3] [OW2] a claim raises the epoch, shuts the old owner out, and brings every event',
    async ({ store, a, b, conversation }) => {
      await store.open(conversation, a)
      await store.append([slice(conversation, 1, 0, 3)])
      await store.tombstone(a.incarnation, 'dead')
      const [claimed] = await store.claim([{ conversation }], b)
      assert.ok(claimed?.kind === 'claimed')
      assert.deepEqual([claimed.epoch, claimed.seq, claimed.tail.map(({ seq }) => seq)], [2, 3, [1, 2, 3]])
      assert.deepEqual(claimed.tail[2], event(3))
      assert.deepEqual(await store.append([slice(conversation, 1, 3)]), [{ kind: 'fenced', epoch: 2, owner: b }])
      assert.deepEqual(await store.append([slice(conversation, 2, 3)]), [{ kind: 'ok', seq: 4 }])
    },
  )

  told('[SE3] claiming again is always allowed, and raises the epoch again', async ({ store, a, conversation }) => {
    await store.open(conversation, a)
    const [again] = await store.claim([{ conversation, expect: { epoch: 1, incarnation: a.incarnation } }], a)
    assert.equal(again?.kind === 'claimed' && again.epoch, 2)
  })

  told('[SE4] a living owner is not replaced: the claimer learns who it is', async ({ store, a, b, conversation }) => {
    await store.open(conversation, a)
    assert.deepEqual(await store.claim([{ conversation }], b), [{ kind: 'alive', conversation, epoch: 1, owner: a }])
    assert.deepEqual(
      await store.claim([{ conversation: freshId() }], b).then(([outcome]) => outcome?.kind),
      'unknown-conversation',
    )
  })

  told(
    '[SE4] an owner that is silent past its lease is replaced by a steady claimer, and is dead from then on',
    async (stage) => {
      const { store, a, b, conversation } = stage
      await store.open(conversation, a)
      await live(stage, [b], LEASE.steadyMs + LEASE.beatMs * 2)
      const [claimed] = await store.claim([{ conversation }], b)
      assert.equal(claimed?.kind, 'claimed')
      assert.equal((await store.beat(a, FACTS)).kind, 'tombstoned')
    },
  )

  told('[SE4] after an outage nobody may judge the others before it has renewed for a while itself', async (stage) => {
    const { store, a, b, conversation } = stage
    await store.open(conversation, a)
    await stage.pass(5000)
    await store.beat(b, FACTS)
    assert.equal((await store.claim([{ conversation }], b))[0]?.kind, 'alive')
    assert.equal((await store.beat(a, FACTS)).kind, 'renewed')
  })

  told('[SE4] who is dead or past its lease claims, opens and adopts nothing', async (stage) => {
    const { store, a, b, conversation } = stage
    await store.open(conversation, a)
    await store.tombstone(a.incarnation, 'dead')
    await stage.pass(LEASE.leaseMs + 100)
    assert.equal((await store.claim([{ conversation }], b))[0]?.kind, 'claimer-dead')
    assert.deepEqual(await store.adopt([a.incarnation], b, 10), [])
    assert.equal((await store.open(freshId(), a)).kind, 'claimer-dead')
  })

  told('[SE5] a handover lets the named successor claim, and nobody else', async ({ store, a, b, conversation }) => {
    const c = ownerCalled('c')
    await store.join(c, FACTS)
    await store.open(conversation, a)
    assert.deepEqual(await store.offerHandover([{ conversation, epoch: 1, to: b }]), [conversation])
    assert.equal((await store.claim([{ conversation }], c))[0]?.kind, 'alive')
    assert.deepEqual(
      await store.append([slice(conversation, 1, 0)]),
      [{ kind: 'ok', seq: 1 }],
      'the owner stays owner until then',
    )
    assert.equal(
      (await store.claim([{ conversation, expect: { epoch: 1, incarnation: a.incarnation } }], b))[0]?.kind,
      'claimed',
    )
    assert.deepEqual(await store.withdrawHandover([{ conversation, epoch: 1 }]), [])
  })

  told('[SE5] an offer that was withdrawn cannot be taken any more', async ({ store, a, b, conversation }) => {
    await store.open(conversation, a)
    await store.offerHandover([{ conversation, epoch: 1, to: b }])
    assert.deepEqual(await store.withdrawHandover([{ conversation, epoch: 1 }]), [conversation])
    assert.equal((await store.claim([{ conversation }], b))[0]?.kind, 'alive')
  })

  told('[SE6] adoption takes the conversations of the dead, a bounded number, each once', async ({ store, a, b }) => {
    const conversations = Array.from({ length: 5 }, freshId)
    for (const each of conversations) await store.open(each, a)
    assert.deepEqual(await store.adopt([a.incarnation], b, 10), [], 'the living keep theirs')
    await store.tombstone(a.incarnation, 'dead')
    const first = await store.adopt([a.incarnation], b, 3)
    const second = await store.adopt([a.incarnation], b, 3)
    assert.deepEqual([first.length, second.length], [3, 2])
    assert.deepEqual([...first, ...second].map(({ conversation }) => conversation).sort(), [...conversations].sort())
  })

  told(
    '[SE6] two adopters over the same dead share its conversations without waiting for each other',
    async ({ store, a, b }) => {
      const c = ownerCalled('c')
      await store.join(c, FACTS)
      const conversations = Array.from({ length: 60 }, freshId)
      // Beats in between: on a busy machine a lease may pass meanwhile.
      for (const each of conversations) {
        await store.beat(a, FACTS)
        await store.open(each, a)
      }
      await store.tombstone(a.incarnation, 'dead')
      for (const owner of [b, c]) await store.beat(owner, FACTS)
      const taken = (
        await Promise.all([b, c, b, c, b, c].map((owner) => store.adopt([a.incarnation], owner, 12)))
      ).flat()
      for (let left = 60; left > 0; left--) taken.push(...(await store.adopt([a.incarnation], b, 12)))
      assert.equal(new Set(taken.map(({ conversation }) => conversation)).size, 60)
      assert.equal(taken.length, 60)
    },
  )

  told(
    '[SE7] [LO3] a key stands once for its sender, for ever; the first use is told',
    async ({ store, a, conversation }) => {
      await store.open(conversation, a)
      await store.append([slice(conversation, 1, 0, 2)])
      const again = { ...slice(conversation, 1, 2), events: [event(3, { key: 'k1' })] }
      assert.deepEqual(await store.append([again]), [{ kind: 'duplicate', key: 'k1', seq: 1, digest: 'd1' }])
      assert.deepEqual(await store.findKey(conversation, 'v1', 'k2'), { seq: 2, digest: 'd2' })
      assert.equal(await store.findKey(conversation, 'v2', 'k2'), undefined)
      const other = { ...slice(conversation, 1, 2), events: [event(3, { key: 'k1', sender: 'v2' })] }
      assert.deepEqual(await store.append([other]), [{ kind: 'ok', seq: 3 }], 'another sender has keys of its own')
    },
  )

  told(
    '[SE8] a slice that cannot be stored does not harm its neighbours in the same append',
    async ({ store, a, conversation }) => {
      const others = Array.from({ length: 6 }, freshId)
      for (const each of [conversation, ...others]) await store.open(each, a)
      const poisons = ['{"text":"\u0000"}', '{"text":"\ud83d"}', '{"text":"\udc00"}']
      for (const json of poisons) {
        const poisoned = { ...slice(conversation, 1, 0), events: [event(1, { json })] }
        const expectSeq = poisons.indexOf(json)
        const good = others.map((each) => slice(each, 1, expectSeq))
        const outcomes = await store.append([...good.slice(0, 3), poisoned, ...good.slice(3)])
        assert.deepEqual(
          outcomes.map(({ kind }) => kind),
          ['ok', 'ok', 'ok', 'unstorable', 'ok', 'ok', 'ok'],
        )
      }
      assert.equal((await store.read(conversation, 0, 10))?.records.length, 0)
    },
  )

  told('[SE9] guards and outbox rows are written with the events or not at all', async ({ store, a, conversation }) => {
    await store.open(conversation, a)
    const name = `capacity:${conversation}`
    const post = { id: `mail:${conversation}`, lane: 'mail', kind: 'mail', body: '{}' }
    const first = slice(conversation, 1, 0, 1, { guards: [{ name, expect: null, set: '1' }], outbox: [post] })
    assert.deepEqual(await store.append([first]), [{ kind: 'ok', seq: 1 }])
    const stale = slice(conversation, 1, 1, 1, { guards: [{ name, expect: null, set: '2' }] })
    assert.deepEqual(await store.append([stale]), [{ kind: 'guard-failed', name, found: '1' }])
    assert.equal((await store.read(conversation, 0, 10))?.headSeq, 1)
    const right = slice(conversation, 1, 1, 1, { guards: [{ name, expect: '1', set: null }] })
    assert.deepEqual(await store.append([right]), [{ kind: 'ok', seq: 2 }])
    const absent = slice(conversation, 1, 2, 1, { guards: [{ name, expect: null, set: '3' }] })
    assert.deepEqual(await store.append([absent]), [{ kind: 'ok', seq: 3 }])
  })

  told(
    '[SE10] a snapshot shortens the tail, an older one never replaces a newer one',
    async ({ store, a, conversation }) => {
      await store.open(conversation, a)
      await store.append([slice(conversation, 1, 0, 100)])
      await store.saveSnapshot(conversation, 1, { seq: 90, format: 1, json: '{"at":90}' })
      await store.saveSnapshot(conversation, 1, { seq: 40, format: 1, json: '{"at":40}' })
      await store.saveSnapshot(conversation, 1, { seq: 400, format: 1, json: '{"beyond":"the head"}' })
      const [claimed] = await store.claim([{ conversation }], a)
      assert.ok(claimed?.kind === 'claimed')
      assert.deepEqual(claimed.snapshot, { seq: 90, format: 1, json: '{"at":90}' })
      assert.equal(claimed.tail[0]?.seq, 69, 'the last 32 come along')
      assert.equal(claimed.tail.at(-1)?.seq, 100)
    },
  )

  told(
    '[SE11] a conversation that was released belongs to nobody until its time comes or somebody asks',
    async (stage) => {
      const { store, a, b, conversation } = stage
      await store.open(conversation, a)
      const beat = await store.beat(a, FACTS)
      assert.ok(beat.kind === 'renewed')
      assert.deepEqual(await store.release([{ conversation, epoch: 1, wakeAt: beat.storeNow + 300 }]), [conversation])
      assert.equal((await store.append([slice(conversation, 1, 0)]))[0]?.kind, 'fenced')
      assert.deepEqual(await store.due(10), [])
      await live(stage, [a, b], 400)
      assert.deepEqual(await store.due(10), [conversation])
      assert.equal((await store.claim([{ conversation }], b))[0]?.kind, 'claimed')
      assert.deepEqual(await store.due(10), [])
      assert.deepEqual(await store.ownerOf(conversation), b)
      assert.deepEqual(await store.ownedBy(b.incarnation, 10), [{ conversation, epoch: 2 }])
    },
  )

  told('[SE12] every text comes back as it was', async ({ store, a, conversation }) => {
    await store.open(conversation, a)
    const texts = [
      '',
      '"\\\'',
      'é\u0301',
      '漢字',
      '\u{1F469}\u200D\u{1F680}',
      '\u202Ertl',
      '\u0001\u001f\u007f',
      'a\nb\r\n\tc',
      '{,}',
      'NULL',
      '\uFFFF\uFFFD',
    ]
    const events = texts.map((text, i) =>
      event(i + 1, { json: JSON.stringify({ text }), sender: `s${text}`, key: `k${text}` }),
    )
    assert.deepEqual(await store.append([{ conversation, epoch: 1, expectSeq: 0, events }]), [
      { kind: 'ok', seq: texts.length },
    ])
    assert.deepEqual((await store.read(conversation, 0, 100))?.records, events)
  })

  told('[SE13] a name has one living incarnation; a dead one never comes back', async (stage) => {
    const { store, a } = stage
    const again = { node: 'a', incarnation: freshId() }
    const refused = await store.join(again, FACTS)
    assert.equal(refused.kind === 'name-taken' && refused.by.incarnation, a.incarnation)
    await stage.pass(LEASE.leaseMs + 100)
    assert.equal((await store.join(again, FACTS)).kind, 'joined')
    assert.equal((await store.beat(a, FACTS)).kind, 'tombstoned')
    await store.tombstoneName('a', 'its process exited')
    assert.equal((await store.beat(again, FACTS)).kind, 'tombstoned')
    // A join whose reply was lost may take place late, or be sent again.
    await store.join(again, FACTS)
    assert.equal((await store.beat(again, FACTS)).kind, 'tombstoned')
  })

  told('[SE13] a dead incarnation is told of for as long as it has something to adopt', async (stage) => {
    const { store, a, b, conversation } = stage
    await store.open(conversation, a)
    await store.tombstone(a.incarnation, 'dead')
    const beat = await store.beat(b, FACTS)
    assert.ok(beat.kind === 'renewed')
    assert.equal(beat.members.find(({ incarnation }) => incarnation === a.incarnation)?.tombstoned, true)
    assert.equal(beat.members.find(({ incarnation }) => incarnation === b.incarnation)?.tombstoned, false)
  })

  told('[SE21] a damaged conversation is set apart, and those adopted with it go on', async (stage) => {
    const { store, a, b, conversation } = stage
    const others = [freshId(), freshId()]
    for (const each of [conversation, ...others]) {
      await store.open(each, a)
      await store.append([slice(each, 1, 0, 3)])
    }
    const repair = await stage.damage(conversation)
    await store.tombstone(a.incarnation, 'dead')
    await store.beat(b, FACTS)
    const adopted = await store.adopt([a.incarnation], b, 10)
    assert.deepEqual(
      adopted.map(({ kind, conversation: id }) => [id, kind]).sort(),
      [[conversation, 'damaged'], ...others.map((id) => [id, 'claimed'])].sort(),
    )
    assert.equal(await store.ownerOf(conversation), undefined)
    assert.deepEqual(await store.adopt([a.incarnation], b, 10), [])
    assert.equal((await store.append([slice(conversation, 1, 3)]))[0]?.kind, 'fenced')
    const reason = 'its log ends at 2, its head is at 3'
    assert.deepEqual(await store.damaged(10), [{ conversation, reason }])

    await store.beat(b, FACTS)
    const [again, other] = await store.claim([{ conversation }, { conversation: others[0] ?? '' }], b)
    assert.deepEqual(again, { kind: 'damaged', conversation })
    assert.equal(other?.kind, 'claimed')
    await repair()
    await store.beat(b, FACTS)
    const [repaired] = await store.claim([{ conversation }], b)
    assert.ok(repaired?.kind === 'claimed')
    assert.equal(repaired.tail.length, 3)
    assert.deepEqual(await store.damaged(10), [])
  })

  told('[SE21] an owner that cannot restore a conversation gives it up with the reason', async (stage) => {
    const { store, a, b, conversation } = stage
    await store.open(conversation, a)
    await store.append([slice(conversation, 1, 0)])
    await store.setApart(conversation, 7, 'of another epoch')
    assert.deepEqual(await store.ownerOf(conversation), a)
    await store.setApart(conversation, 1, 'the program failed')
    assert.equal(await store.ownerOf(conversation), undefined)
    assert.deepEqual(await store.damaged(10), [{ conversation, reason: 'the program failed' }])
    assert.equal((await store.claim([{ conversation }], b))[0]?.kind, 'claimed')
    assert.deepEqual(await store.damaged(10), [])
  })

  told('[SE21] what is set apart is told page by page, in the order of the ids', async ({ store, a }) => {
    const [first = '', second = '', third = ''] = [freshId(), freshId(), freshId()].sort()
    for (const each of [third, first, second]) {
      await store.open(each, a)
      await store.setApart(each, 1, 'the program failed')
    }
    const idsBehind = async (limit: number, after?: ConversationId) =>
      (await store.damaged(limit, after)).map(({ conversation }) => conversation)
    assert.deepEqual(await idsBehind(2), [first, second])
    assert.deepEqual(await idsBehind(2, second), [third])
    assert.deepEqual(await idsBehind(2, third), [])
  })

  told('what an incarnation owns is told page by page, in the order of the ids', async ({ store, a, b }) => {
    const conversations = [freshId(), freshId(), freshId(), freshId()].sort()
    const [first = '', ...others] = conversations
    for (const each of [...others, first]) await store.open(each, a)
    await store.open(freshId(), b)
    const page = async (after?: ConversationId) =>
      (await store.ownedBy(a.incarnation, 3, after)).map(({ conversation }) => conversation)
    assert.deepEqual(await page(), conversations.slice(0, 3))
    assert.deepEqual(await page(conversations[2]), conversations.slice(3))
    assert.deepEqual(await page(conversations[3]), [])
  })

  told('lists show the newest change first', async (stage) => {
    const { store, a } = stage
    const conversations = [freshId(), freshId(), freshId()]
    for (const each of conversations) {
      await store.open(each, a)
      await stage.pass(5)
      await store.append([slice(each, 1, 0, 1, { head: { summary: `{"is":"${each}"}` } })])
    }
    await stage.pass(5)
    const [first] = conversations
    if (first) await store.append([slice(first, 1, 1, 1, { head: { status: 'closed' } })])
    const open = await store.list({ status: 'open', limit: 10 })
    assert.deepEqual(
      open.map(({ conversation }) => conversation).filter((id) => conversations.includes(id)),
      conversations.slice(1).reverse(),
    )
    const [newest] = await store.list({ limit: 1 })
    assert.deepEqual(
      [newest?.conversation, newest?.status, newest?.seq, newest?.summary],
      [first, 'closed', 2, `{"is":"${first}"}`],
    )
  })

  told('documents change only from the version that the writer knows', async ({ store }) => {
    const name = `key/${freshId()}`
    assert.deepEqual(await store.putDocument(name, 'one', 0), { kind: 'stored', version: 1 })
    assert.equal((await store.putDocument(name, 'other', 0)).kind, 'conflict')
    assert.deepEqual(await store.putDocument(name, 'two', 1), { kind: 'stored', version: 2 })
    assert.deepEqual(await store.document(name), { name, version: 2, body: 'two' })
    assert.deepEqual(await store.documents(name), [{ name, version: 2, body: 'two' }])
  })
}
