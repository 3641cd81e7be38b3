import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '../base/refusals.ts'
import type { OwnerSink } from '../protocol/conversation-port.ts'
import { encodeFrame } from './relay-codec.ts'
import { RelayStage, StagedSubscriber, seqsFrom, stagedRecord, stagedSubmission } from './relay-stage.ts'

const CONVERSATION = '0000000000001'

function pairOf(options: { hostLimits?: object; events?: number } = {}) {
  const stage = new RelayStage()
  const owner = stage.node('owner', { hostLimits: options.hostLimits ?? {} })
  const asker = stage.node('asker', { edgeOnly: true, hostLimits: options.hostLimits ?? {} })
  const log = stage.conversation(CONVERSATION, owner, options.events ?? 0)
  const remote = () => {
    const access = asker.host.remote(owner.self.incarnation)
    assert.ok(access)
    return access
  }
  const toOwner = () => asker.peers.link(owner.self.incarnation)
  const toAsker = () => owner.peers.link(asker.self.incarnation)
  return { stage, clock: stage.clock, owner, asker, log, remote, toOwner, toAsker }
}

/** A sink that writes down what it is told. */
function notes() {
  const lines: string[] = []
  const sink: OwnerSink = {
    events: (_, epoch, records) => lines.push(`events ${epoch}: ${records.map(({ seq }) => seq).join(' ')}`),
    ephemeral: (_, epoch, { type }) => lines.push(`${type} ${epoch}`),
    status: (_, epoch, status) => lines.push(`${status} ${epoch}`),
    moved: (_, { owner, epoch }) => lines.push(`moved ${owner} ${epoch}`),
    ended: (_, { code }) => lines.push(`ended ${code}`),
  }
  return { lines, sink }
}

test('Another node is asked as if it were this one', async () => {
  const { clock, owner, remote } = pairOf({ events: 2 })
  const { lines, sink } = notes()
  const attaching = remote().attach(CONVERSATION, 1, sink)
  await clock.advance(10)
  assert.deepEqual(await attaching, { kind: 'attached', epoch: 1, headSeq: 2 })
  const submitting = remote().submit(CONVERSATION, stagedSubmission(1))
  const reading = remote().read(CONVERSATION, 0, 1)
  await clock.advance(10)
  remote().signal(CONVERSATION, { type: 'seen', from: 'v', seq: 2 })
  await clock.advance(10)
  owner.owner.tellStatus(CONVERSATION, 'store-unavailable')
  for (const { sink: its } of owner.owner.sinks.values())
    its.moved(CONVERSATION, { kind: 'moved', owner: 'x', epoch: 2 })
  await clock.advance(10)
  assert.deepEqual(await submitting, { kind: 'ack', seq: 3 })
  const reply = await reading
  assert.deepEqual(reply.kind === 'events' && reply.records, [stagedRecord(1, 1)])
  assert.deepEqual(lines, ['events 1: 2', 'events 1: 3', 'seen 1', 'store-unavailable 1', 'moved x 2'])
})

test('Refusals and moves come back as they are', async () => {
  const { clock, owner, remote } = pairOf()
  const { lines, sink } = notes()
  owner.owner.refuses = refuse('at-capacity', { retryAfterMs: 7 })
  const refused = [remote().attach(CONVERSATION, 0, sink), remote().submit(CONVERSATION, stagedSubmission(1))]
  await clock.advance(10)
  for (const reply of refused) assert.deepEqual(await reply, refuse('at-capacity', { retryAfterMs: 7 }))
  owner.owner.refuses = undefined
  owner.owner.denies = true
  const moved = [remote().attach(CONVERSATION, 0, sink), remote().read(CONVERSATION, 0, 1)]
  await clock.advance(10)
  for (const reply of moved) assert.deepEqual(await reply, { kind: 'moved' })
  assert.deepEqual(lines, [])
})

test('A node that owns nothing sends everybody elsewhere', async () => {
  const { stage, clock, owner, asker } = pairOf()
  const access = owner.host.remote(asker.self.incarnation)
  const replies = [
    access?.attach(CONVERSATION, 0, notes().sink),
    access?.submit(CONVERSATION, stagedSubmission(1)),
    access?.read(CONVERSATION, 0, 1),
  ]
  await clock.advance(10)
  for (const reply of replies) assert.deepEqual(await reply, { kind: 'moved' })
  assert.equal(owner.host.remote(owner.self.incarnation), undefined)
  assert.equal(stage.nodes.size, 2)
})

test('All frames of one tick travel as one frame of the link [CL21]', async () => {
  const { clock, remote, toOwner, toAsker } = pairOf()
  for (let n = 1; n <= 50; n++) void remote().submit(CONVERSATION, stagedSubmission(n))
  await clock.advance(10)
  assert.deepEqual([toOwner()?.sent, toAsker()?.sent], [1, 1])
})

test('A lost link settles everything that waits, and tells the attachments [CL24]', async () => {
  const { stage, clock, owner, asker, remote } = pairOf()
  const { lines, sink } = notes()
  const access = remote()
  void access.attach(CONVERSATION, 0, sink)
  await clock.advance(10)
  owner.owner.silent = true
  const waiting = [
    access.submit(CONVERSATION, stagedSubmission(1)),
    access.read(CONVERSATION, 0, 1),
    access.attach('0000000000002', 0, notes().sink),
    access.ask('what', {}),
  ]
  stage.cut(asker, owner)
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ kind }) => kind),
    ['moved', 'moved', 'moved', 'failed'],
  )
  assert.deepEqual(lines, ['moved undefined undefined'])
  assert.equal(owner.owner.sinks.size, 0)
  assert.equal(asker.host.remote(owner.self.incarnation), undefined)
  await clock.advance(10_000)
  assert.equal(clock.pending, 0)
})

test('A link that was replaced before anybody noticed ends what hung on the old one [CL24]', async () => {
  const { stage, clock, owner, asker, remote } = pairOf({ events: 1 })
  const old = notes()
  void remote().attach(CONVERSATION, 0, old.sink)
  await clock.advance(10)
  stage.connect(asker, owner)
  const fresh = notes()
  void remote().attach(CONVERSATION, 0, fresh.sink)
  await clock.advance(10)
  owner.owner.happen(CONVERSATION)
  await clock.advance(10)
  assert.deepEqual(old.lines, ['events 1: 1', 'moved undefined undefined'])
  assert.deepEqual(fresh.lines, ['events 1: 1', 'events 1: 2'])
})

test('A suspect peer is not waited for, but keeps its attachments here [CL24]', async () => {
  const { clock, owner, asker, remote } = pairOf()
  const { lines, sink } = notes()
  void remote().attach(CONVERSATION, 0, sink)
  await clock.advance(10)
  owner.peers.down(asker.self, 'silent', false)
  owner.owner.happen(CONVERSATION)
  await clock.advance(10)
  assert.deepEqual(lines, ['events 1: 1'])
  asker.peers.down(owner.self, 'silent', false)
  await clock.advance(10)
  assert.deepEqual([lines.at(-1), owner.owner.sinks.size], ['moved undefined undefined', 0])
})

test('What belongs to an attachment that is over is dropped [CL23]', async () => {
  const { clock, owner, remote } = pairOf({ events: 1 })
  const [old, fresh] = [notes(), notes()]
  void remote().attach(CONVERSATION, 0, old.sink)
  await clock.advance(10)
  const [stale] = [...owner.owner.sinks.values()]
  remote().detach(CONVERSATION)
  remote().detach(CONVERSATION)
  void remote().attach(CONVERSATION, 1, fresh.sink)
  await clock.advance(10)
  stale?.sink.events(CONVERSATION, 1, [stagedRecord(2, 1)])
  stale?.sink.moved(CONVERSATION, { kind: 'moved' })
  await clock.advance(10)
  assert.deepEqual([old.lines, fresh.lines], [['events 1: 1'], []])
})

test('Nothing is waited for without end, and no more than so many wait [CL28]', async () => {
  const hostLimits = { timeoutMs: 1000, submitTimeoutMs: 3000, pendingMax: 2 }
  const { clock, owner, remote } = pairOf({ hostLimits })
  owner.owner.silent = true
  owner.host.onAsk('never', () => new Promise(() => {}))
  const settled: string[] = []
  const note = (what: string, reply: Promise<{ kind: string }>) =>
    void reply.then(({ kind }) => settled.push(`${what} ${kind}`))
  note('attach', remote().attach(CONVERSATION, 0, notes().sink))
  note('submit', remote().submit(CONVERSATION, stagedSubmission(1)))
  note('read', remote().read(CONVERSATION, 0, 1))
  note('one more', remote().read(CONVERSATION, 0, 1))
  for (const n of [1, 2, 3]) note(`ask ${n}`, remote().ask('never', n))
  await clock.advance(0)
  assert.deepEqual(settled, ['ask 3 failed', 'one more refused'])
  await clock.advance(1100)
  assert.deepEqual(settled.slice(2).sort(), ['ask 1 failed', 'ask 2 failed', 'attach moved', 'read moved'])
  await clock.advance(2000)
  assert.deepEqual(settled.slice(6), ['submit moved'])
  assert.equal(clock.pending, 0)
})

test('A peer that takes nothing is cut off, counted, and resumes from its last event [CL28]', async () => {
  const { stage, clock, owner, asker, toAsker } = pairOf({ hostLimits: { queuedBytesMax: 20_000 }, events: 1 })
  const subscriber = new StagedSubscriber()
  asker.edge.attach(CONVERSATION, 0, subscriber)
  await clock.advance(10)
  const link = toAsker()
  assert.ok(link)
  link.stalled = true
  for (let seq = 2; seq <= 40; seq++) {
    owner.owner.happen(CONVERSATION)
    for (let n = 0; n < 10; n++) owner.owner.signal(CONVERSATION, { type: 'typing', from: 'x'.repeat(100), on: true })
    await clock.advance(1)
  }
  assert.equal(owner.metrics.read().relay_cuts, 1)
  assert.equal(owner.owner.sinks.size, 0)
  stage.connect(asker, owner)
  await clock.advance(1000)
  assert.deepEqual(subscriber.seqs, seqsFrom(1, 40))
})

test('A peer that asks for very much at once gets it piece by piece and is not cut off [CL28]', async () => {
  const { stage, clock, owner, asker, toAsker } = pairOf({
    hostLimits: { queuedBytesMax: 400_000, congestedBytes: 20_000 },
  })
  const subscribers = seqsFrom(0, 299).map((number) => {
    const id = number.toString().padStart(13, '0')
    const log = stage.conversation(id, owner)
    for (let seq = 1; seq <= 4; seq++) log.records.push(stagedRecord(seq, 1, 'x'.repeat(1000)))
    const subscriber = new StagedSubscriber()
    asker.edge.attach(id, 0, subscriber)
    return subscriber
  })
  let queuedBytesMax = 0
  for (let ms = 0; ms < 400; ms++) {
    await clock.advance(1)
    queuedBytesMax = Math.max(queuedBytesMax, toAsker()?.queuedBytes ?? 0)
  }
  for (const { seqs } of subscribers) assert.deepEqual(seqs, seqsFrom(1, 4))
  assert.ok(queuedBytesMax > 0 && queuedBytesMax < 400_000, `${queuedBytesMax} bytes`)
  assert.equal(owner.metrics.read().relay_cuts, 0)
})

test('A range too long for one frame comes in several, a page too long is cut short [CL28]', async () => {
  const { clock, log, remote, toAsker } = pairOf()
  for (let seq = 1; seq <= 60; seq++) log.records.push(stagedRecord(seq, 1, 'x'.repeat(100_000)))
  const { lines, sink } = notes()
  void remote().attach(CONVERSATION, 0, sink)
  const reading = remote().read(CONVERSATION, 0, 60)
  await clock.advance(20)
  const seqs = lines.flatMap((line) => line.split(' ').slice(2).map(Number))
  assert.deepEqual(seqs, seqsFrom(1, 60))
  assert.ok(lines.length >= 20 && (toAsker()?.sent ?? 0) >= 20)
  const reply = await reading
  const read = reply.kind === 'events' ? reply.records.map(({ seq }) => seq) : []
  assert.ok(read.length > 1 && read.length < 30)
  assert.deepEqual(read, seqsFrom(1, read.length))
})

test('Garbage costs its sender the link and nobody else anything [CL20]', async () => {
  for (const bytes of [Uint8Array.of(16, 0, 0, 0, 9), Uint8Array.of(17, 1, 2), Uint8Array.of(22)]) {
    const { clock, owner, toOwner } = pairOf()
    toOwner()?.send(bytes)
    await clock.advance(5)
    assert.equal(owner.peers.link('incarnation-asker'), undefined)
  }
  const { clock, owner, toOwner } = pairOf()
  toOwner()?.send(Uint8Array.of(222, 1, 2, 3))
  toOwner()?.send(encodeFrame({ type: 'detach', attachment: 1, conversation: CONVERSATION }))
  await clock.advance(5)
  assert.ok(owner.peers.link('incarnation-asker'))
})

test('Nodes answer questions of each other, and of themselves', async () => {
  const { clock, owner, asker } = pairOf()
  owner.host.onAsk('status', async (body, from) => ({ body, from: from.node }))
  owner.host.onAsk('fail', async () => {
    throw new Error('no luck')
  })
  const asking = [
    asker.host.ask(owner.self.incarnation, 'status', { a: [1] }),
    owner.host.ask(owner.self.incarnation, 'status', 7),
    asker.host.ask(owner.self.incarnation, 'fail', undefined),
    asker.host.ask(owner.self.incarnation, 'other', undefined),
    asker.host.ask('nobody', 'status', undefined),
  ]
  await clock.advance(10)
  assert.deepEqual(await Promise.all(asking), [
    { kind: 'answered', body: { body: { a: [1] }, from: 'asker' } },
    { kind: 'answered', body: { body: 7, from: 'owner' } },
    { kind: 'failed', reason: 'no luck' },
    { kind: 'failed', reason: 'This node does not answer questions of kind "other".' },
    { kind: 'failed', reason: 'There is no link to that node.' },
  ])
})

test('An announcement reaches every node, however long it is [CL23]', async () => {
  const { clock, owner, asker } = pairOf()
  const heard: Record<string, number> = {}
  for (const node of [owner, asker])
    node.host.onAnnounce((ownerships, from) => {
      assert.deepEqual(from, owner.self)
      heard[node.self.node] = (heard[node.self.node] ?? 0) + ownerships.length
    })
  owner.host.announce(
    seqsFrom(1, 2500).map((epoch) => ({ conversation: CONVERSATION, epoch, owner: owner.self.incarnation })),
  )
  await clock.advance(10)
  assert.deepEqual(heard, { owner: 2500, asker: 2500 })
})

test('A link has one session, also when those who lose the old one ask at once: replies never change hands', async () => {
  const { stage, clock, owner, asker, remote } = pairOf({ events: 1 })
  const stranger = '0000000000002'
  stage.conversation(stranger, owner, 7)
  const { sink } = notes()
  const replies: Promise<unknown>[] = []
  const moved = () => replies.push(remote().submit(CONVERSATION, stagedSubmission(1)))
  void remote().attach(CONVERSATION, 0, { ...sink, moved })
  await clock.advance(10)
  stage.connect(asker, owner)
  replies.push(remote().submit(stranger, stagedSubmission(1)))
  await clock.advance(10)
  assert.deepEqual(await Promise.all(replies), [
    { kind: 'ack', seq: 2 },
    { kind: 'ack', seq: 8 },
  ])
})
