import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refuse } from '../base/refusals.ts'
import type { SubmitReply } from '../protocol/conversation-port.ts'
import { RelayStage, StagedSubscriber, seqsFrom, stagedRecord, stagedSubmission } from './relay-stage.ts'

const CONVERSATION = '0000000000001'

function stageOf(options: { events?: number; edgeLimits?: object } = {}) {
  const stage = new RelayStage()
  const a = stage.node('a')
  const b = stage.node('b')
  const edge = stage.node('edge', { edgeOnly: true, edgeLimits: options.edgeLimits ?? {} })
  const log = stage.conversation(CONVERSATION, a, options.events ?? 0)
  const look = (after = 0) => {
    const subscriber = new StagedSubscriber()
    return { subscriber, attachment: edge.edge.attach(CONVERSATION, after, subscriber) }
  }
  const replies: Record<string, SubmitReply> = {}
  const submit = (n: number, sender = 'v') => {
    const submission = stagedSubmission(n, sender)
    void edge.edge.submit(CONVERSATION, submission).then((reply) => {
      replies[submission.key] = reply
    })
  }
  return { stage, clock: stage.clock, a, b, edge, log, look, submit, replies }
}

test('A subscriber gets everything after its position, then what happens [CL21]', async () => {
  const { clock, a, look } = stageOf({ events: 5 })
  const { subscriber } = look(2)
  await clock.advance(20)
  a.owner.happen(CONVERSATION)
  await clock.advance(20)
  assert.deepEqual(subscriber.seqs, [3, 4, 5, 6])
  assert.deepEqual(subscriber.statuses, [])
})

test('Many subscribers of one conversation share one attachment [CL21]', async () => {
  const { clock, a, edge, look } = stageOf({ events: 3 })
  const all = [look(0), look(1), look(3)]
  await clock.advance(20)
  a.owner.happen(CONVERSATION)
  await clock.advance(20)
  assert.deepEqual(
    all.map(({ subscriber }) => subscriber.seqs),
    [seqsFrom(1, 4), seqsFrom(2, 4), [4]],
  )
  assert.equal(a.owner.attachments.length, 1)
  assert.equal(edge.metrics.read().conversations_attached, 1)
})

test('A submission is acknowledged by the owner, and its event comes back', async () => {
  const { clock, look, submit, replies } = stageOf()
  const { subscriber } = look()
  submit(1)
  await clock.advance(20)
  assert.deepEqual(replies, { 'v-1': { kind: 'ack', seq: 1 } })
  assert.deepEqual(subscriber.seqs, [1])
})

test("The owner's answer moved is followed [CL26]", async () => {
  const { stage, clock, a, b, submit, replies } = stageOf()
  stage.claim(CONVERSATION, b, false)
  submit(1)
  await clock.advance(20)
  assert.deepEqual(replies['v-1'], { kind: 'ack', seq: 1 })
  assert.deepEqual([a.owner.submissions, b.owner.submissions], [['v-1'], ['v-1']])
  assert.equal(stage.storeAsked.length, 0)
})

test('After three answers moved the store is asked once, and then the attempts back off [CL26]', async () => {
  const { stage, clock, a, b, submit, replies } = stageOf()
  a.owner.denies = true
  b.owner.denies = true
  submit(1)
  await clock.advance(60)
  assert.equal(stage.storeAsked.length, 1)
  await clock.advance(5000)
  const asked = a.owner.submissions.length + b.owner.submissions.length
  assert.ok(asked < 30, `${asked} attempts in five seconds`)
  b.owner.denies = false
  stage.claim(CONVERSATION, b, false)
  await clock.advance(2000)
  assert.deepEqual(replies['v-1'], { kind: 'ack', seq: 1 })
})

test('A killed owner is replaced without anybody seeing it, where that is quick enough [CL27]', async () => {
  const { stage, clock, a, b, look, submit, replies } = stageOf({ events: 2 })
  const { subscriber } = look()
  submit(1)
  await clock.advance(20)
  stage.kill(a)
  submit(2)
  await clock.advance(200)
  stage.claim(CONVERSATION, b)
  submit(3)
  await clock.advance(50)
  assert.deepEqual(
    Object.values(replies),
    [3, 4, 5].map((seq) => ({ kind: 'ack', seq })),
  )
  assert.deepEqual(subscriber.seqs, seqsFrom(1, 5))
  assert.deepEqual(subscriber.statuses, [])
})

test('Who waits longer for an owner is told resuming, then live [CL27]', async () => {
  const { stage, clock, a, b, look } = stageOf({ events: 1 })
  const { subscriber } = look()
  await clock.advance(20)
  stage.kill(a)
  await clock.advance(390)
  assert.deepEqual(subscriber.statuses, [])
  await clock.advance(30)
  assert.deepEqual(subscriber.statuses, ['status resuming'])
  const late = look()
  stage.claim(CONVERSATION, b)
  await clock.advance(20)
  assert.deepEqual(subscriber.statuses, ['status resuming', 'status live'])
  assert.deepEqual(late.subscriber.statuses, ['status resuming', 'status live'])
  assert.deepEqual(late.subscriber.seqs, [1])
})

test('What a lost link left unanswered is sent again in the order of the senders [CL24]', async () => {
  const { stage, clock, a, b, log, look, submit, replies } = stageOf()
  look()
  await clock.advance(20)
  a.owner.delayMs = 1000
  for (const n of [1, 2, 3]) for (const sender of ['v', 'w']) submit(n, sender)
  await clock.advance(20)
  stage.cut(stage.nodes.get('edge') ?? a, a)
  stage.claim(CONVERSATION, b)
  await clock.advance(50)
  assert.equal(Object.keys(replies).length, 6)
  assert.ok(Object.values(replies).every(({ kind }) => kind === 'ack'))
  const order = log.records.map(({ json }) => JSON.parse(json).text)
  assert.deepEqual(
    order.filter((text) => text.startsWith('v')),
    ['v-1', 'v-2', 'v-3'],
  )
})

test('An acknowledgement that was lost with the link comes again with the same seq [CL24]', async () => {
  const { stage, clock, a, b, log, edge, submit, replies } = stageOf()
  submit(1)
  // Long enough to reach the owner, too short for the reply.
  await clock.advance(1)
  stage.cut(edge, a)
  assert.deepEqual([log.records.length, replies], [1, {}])
  stage.claim(CONVERSATION, b)
  await clock.advance(50)
  assert.deepEqual(replies, { 'v-1': { kind: 'ack', seq: 1 } })
  assert.equal(log.records.length, 1)
})

test('Losing the link at any moment loses, doubles and reorders nothing [CL24]', async () => {
  for (let momentMs = 0; momentMs < 12; momentMs++) {
    const { stage, clock, a, b, edge, log, look, submit, replies } = stageOf({ events: 2 })
    const { subscriber } = look()
    submit(1)
    await clock.advance(3)
    submit(2)
    submit(3)
    await clock.advance(momentMs)
    stage.cut(edge, a)
    await clock.advance(momentMs % 3)
    stage.claim(CONVERSATION, b)
    await clock.advance(600)
    assert.deepEqual(subscriber.seqs, seqsFrom(1, 5), `cut after ${momentMs} ms`)
    assert.deepEqual(Object.keys(replies).sort(), ['v-1', 'v-2', 'v-3'], `cut after ${momentMs} ms`)
    assert.deepEqual(
      log.records.slice(2).map(({ json }) => JSON.parse(json).text),
      ['v-1', 'v-2', 'v-3'],
    )
  }
})

test('Refusals are passed on, definite or not', async () => {
  const { clock, a, submit, replies } = stageOf()
  a.owner.refuses = refuse('not-joined')
  submit(1)
  await clock.advance(20)
  assert.deepEqual(replies['v-1'], refuse('not-joined'))
})

test('A zombie owner is not heard once a higher epoch was seen [CL23]', async () => {
  const { stage, clock, a, b, look } = stageOf({ events: 2 })
  const { subscriber } = look()
  await clock.advance(20)
  const sinks = [...a.owner.sinks.values()]
  stage.claim(CONVERSATION, b)
  await clock.advance(1)
  for (const { sink } of sinks) sink.events(CONVERSATION, 1, [stagedRecord(3, 1, 'never stored')])
  await clock.advance(20)
  b.owner.happen(CONVERSATION, 'stored')
  await clock.advance(20)
  for (const { sink } of sinks) sink.events(CONVERSATION, 1, [stagedRecord(4, 1, 'never stored')])
  for (const { sink } of sinks) sink.ephemeral(CONVERSATION, 1, { type: 'typing', from: 'z', on: true })
  await clock.advance(20)
  assert.deepEqual(subscriber.seqs, [1, 2, 3])
  assert.ok(!subscriber.lines.join().includes('never stored'))
  assert.ok(!subscriber.lines.join().includes('typing'))
})

test('An owner that answers with a lower epoch than was seen is left again [CL23]', async () => {
  const { stage, clock, a, b, log, look } = stageOf({ events: 1 })
  const { subscriber } = look()
  await clock.advance(20)
  stage.claim(CONVERSATION, b)
  await clock.advance(20)
  // `a` thinks that it owns the conversation still; the store does, too, for as long as this takes.
  stage.cut(stage.nodes.get('edge') ?? a, b)
  Object.assign(log, { owner: a.self.incarnation, epoch: 1 })
  await clock.advance(300)
  a.owner.happen(CONVERSATION, 'stale')
  await clock.advance(20)
  assert.deepEqual(subscriber.seqs, [1])
  Object.assign(log, { epoch: 3 })
  await clock.advance(600)
  assert.deepEqual(subscriber.seqs, [1, 2])
})

test('An announcement is followed at once, an older one is not [CL23]', async () => {
  const { stage, clock, a, b, look } = stageOf()
  look()
  await clock.advance(20)
  stage.claim(CONVERSATION, b)
  await clock.advance(5)
  assert.equal(b.owner.sinks.size, 1)
  a.host.announce([{ conversation: CONVERSATION, epoch: 1, owner: a.self.incarnation }])
  await clock.advance(50)
  assert.deepEqual([a.owner.attachments.length, b.owner.sinks.size], [1, 1])
})

test('An owner that claims because it was asked is asked once [CL23]', async () => {
  const { stage, clock, a, b, look } = stageOf({ events: 1 })
  stage.claim(CONVERSATION, b, false)
  a.peers.order = []
  const attach = a.owner.attach.bind(a.owner)
  a.owner.attach = async (...asked) => {
    stage.claim(CONVERSATION, a)
    return attach(...asked)
  }
  const { subscriber } = look()
  await clock.advance(20)
  a.owner.happen(CONVERSATION)
  await clock.advance(20)
  assert.equal(a.owner.attachments.length, 1)
  assert.deepEqual(subscriber.seqs, [1, 2])
})

test('An owner whose announcement overtakes its answer of before is asked again at once [CL23]', async () => {
  const { stage, clock, a, b, look } = stageOf({ events: 1 })
  const { subscriber } = look()
  await clock.advance(20)
  const lost = { kind: 'moved', owner: a.self.incarnation, epoch: 1 } as const
  let adopts = false
  let claimedAtMs = 0
  const attach = b.owner.attach.bind(b.owner)
  b.owner.attach = async (...asked) => {
    if (claimedAtMs > 0) return attach(...asked)
    if (adopts) {
      stage.claim(CONVERSATION, b)
      claimedAtMs = clock.monotonicMs()
    }
    return lost
  }
  stage.kill(a)
  // By then each further attempt is a quarter of a second and more away.
  await clock.advance(1500)
  adopts = true
  for (let waited = 0; claimedAtMs === 0 && waited < 1000; waited++) await clock.advance(1)
  b.owner.happen(CONVERSATION)
  await clock.advance(10)
  assert.deepEqual(subscriber.seqs, [1, 2])
})

test('An owner that lost the conversation and got it back is attached to again [CL23]', async () => {
  const { stage, clock, a, b, log, look } = stageOf({ events: 1 })
  const { subscriber } = look()
  await clock.advance(20)
  stage.claim(CONVERSATION, b, false)
  log.records.push(stagedRecord(2, 2))
  stage.claim(CONVERSATION, a)
  await clock.advance(20)
  assert.deepEqual(subscriber.seqs, [1, 2])
})

test('A gap leads to a new attachment, never to a subscriber [CL22]', async () => {
  const { clock, a, log, look } = stageOf({ events: 1 })
  const { subscriber } = look()
  await clock.advance(20)
  log.records.push(stagedRecord(2, 1), stagedRecord(3, 1))
  a.owner.publish(CONVERSATION, 1, [stagedRecord(3, 1)])
  await clock.advance(50)
  assert.deepEqual(subscriber.seqs, [1, 2, 3])
})

test('A position beyond the end of the log harms nobody else [CL30]', async () => {
  const { clock, a, look } = stageOf({ events: 3 })
  const wild = look(1_000_000)
  const { subscriber } = look(1)
  await clock.advance(50)
  a.owner.happen(CONVERSATION)
  await clock.advance(50)
  assert.deepEqual(subscriber.seqs, [2, 3, 4])
  assert.deepEqual(wild.subscriber.seqs, [])
})

test('A client that saw more than this edge has gets nothing twice [CL22]', async () => {
  const { clock, a, look } = stageOf({ events: 2 })
  look(0)
  await clock.advance(20)
  const ahead = look(3)
  await clock.advance(20)
  a.owner.happen(CONVERSATION)
  a.owner.happen(CONVERSATION)
  await clock.advance(20)
  assert.deepEqual(ahead.subscriber.seqs, [4])
})

test('An unknown conversation ends the attachment', async () => {
  const { stage, clock, look } = stageOf()
  stage.logs.clear()
  const { subscriber } = look()
  await clock.advance(20)
  assert.deepEqual(subscriber.lines, ['ended unknown-conversation'])
})

test('A store that is away is waited for, and said', async () => {
  const { clock, a, b, look } = stageOf({ events: 1 })
  a.owner.refuses = refuse('store-unavailable')
  b.owner.refuses = refuse('store-unavailable')
  const { subscriber } = look()
  await clock.advance(2000)
  assert.deepEqual(subscriber.lines, ['status store-unavailable'])
  a.owner.refuses = undefined
  b.owner.refuses = undefined
  await clock.advance(1000)
  assert.deepEqual(subscriber.statuses, ['status store-unavailable', 'status live'])
  assert.deepEqual(subscriber.seqs, [1])
})

test("The owner's word on the conversation's state is passed on, and to later subscribers", async () => {
  const { clock, a, look } = stageOf()
  const first = look()
  await clock.advance(20)
  a.owner.tellStatus(CONVERSATION, 'store-unavailable')
  await clock.advance(20)
  const second = look()
  await clock.advance(20)
  a.owner.tellStatus(CONVERSATION, 'live')
  await clock.advance(20)
  for (const { subscriber } of [first, second])
    assert.deepEqual(subscriber.statuses, ['status store-unavailable', 'status live'])
})

test('Typing reaches the others through the owner', async () => {
  const { clock, a, edge, look } = stageOf()
  const { subscriber } = look()
  await clock.advance(20)
  edge.edge.signal(CONVERSATION, { type: 'typing', from: 'v', on: true })
  await clock.advance(20)
  assert.equal(a.owner.signals.length, 1)
  assert.deepEqual(subscriber.lines, ['typing v'])
})

test('Who finds no owner in time is refused indefinitely [CL28]', async () => {
  const { stage, clock, a, b, submit, replies } = stageOf({ edgeLimits: { patienceMs: 3000 } })
  stage.kill(a)
  stage.kill(b)
  submit(1)
  await clock.advance(2990)
  assert.deepEqual(replies, {})
  await clock.advance(20)
  assert.deepEqual(replies['v-1'], refuse('owner-unreachable', { retryAfterMs: 1000 }))
})

test('More than so many unanswered submissions or conversations are refused busy [CL28]', async () => {
  const { clock, a, edge, submit, replies } = stageOf({ edgeLimits: { errandsMax: 2, conversationsMax: 1 } })
  a.owner.silent = true
  for (const n of [1, 2, 3]) submit(n)
  const turnedAway = new StagedSubscriber()
  edge.edge.attach('0000000000002', 0, turnedAway)
  await clock.advance(20)
  assert.deepEqual(replies, { 'v-3': refuse('busy', { retryAfterMs: 250 }) })
  assert.deepEqual(turnedAway.lines, ['ended busy'])
  assert.equal((await edge.edge.submit('0000000000002', stagedSubmission(1))).kind, 'refused')
  assert.equal((await edge.edge.read('0000000000002', 0, 10)).kind, 'refused')
})

test('A conversation that nobody looks at is soon forgotten, and leaves no timer [CL29]', async () => {
  const { clock, a, edge, look, submit } = stageOf({ events: 2 })
  const { attachment } = look()
  submit(1)
  await clock.advance(20)
  attachment.detach()
  assert.equal(a.owner.sinks.size, 1)
  await clock.advance(1100)
  assert.equal(a.owner.sinks.size, 0)
  assert.equal(edge.metrics.read().conversations_attached, 0)
  await clock.advance(20_000)
  assert.equal(clock.pending, 0)
})

test('Who comes back while it lingers needs no new attachment [CL29]', async () => {
  const { clock, a, look } = stageOf({ events: 2 })
  look().attachment.detach()
  await clock.advance(500)
  const { subscriber } = look(1)
  await clock.advance(3000)
  assert.deepEqual(subscriber.seqs, [2])
  assert.equal(a.owner.attachments.length, 1)
})

test('Nothing is called after detach', async () => {
  const { clock, a, look } = stageOf({ events: 2 })
  const early = look()
  early.attachment.detach()
  const late = look()
  await clock.advance(20)
  late.attachment.detach()
  late.attachment.detach()
  a.owner.happen(CONVERSATION)
  await clock.advance(2000)
  assert.deepEqual([early.subscriber.seqs, late.subscriber.seqs], [[], [1, 2]])
})

test('A chat node serves its own clients without a link', async () => {
  const { stage, clock, a, b } = stageOf({ events: 2 })
  const subscriber = new StagedSubscriber()
  a.peers.order = [a.self.incarnation]
  a.edge.attach(CONVERSATION, 0, subscriber)
  await clock.advance(20)
  assert.deepEqual(subscriber.seqs, [1, 2])
  stage.claim(CONVERSATION, b)
  b.owner.happen(CONVERSATION)
  await clock.advance(20)
  assert.deepEqual(subscriber.seqs, [1, 2, 3])
})

test('An owner that stops in the middle of what it owes is attached to again [CL22]', async () => {
  const { clock, a, log, look } = stageOf({ events: 1 })
  const { subscriber } = look()
  await clock.advance(20)
  const sinks = [...a.owner.sinks.values()]
  // It says that there are three events, and then its store fails it.
  const attach = a.owner.attach.bind(a.owner)
  a.owner.attach = async (peer, conversation, _, sink) => {
    await attach(peer, conversation, 1_000, sink)
    a.owner.attach = attach
    return { kind: 'attached', epoch: 1, headSeq: 3 }
  }
  for (const { sink } of sinks) sink.moved(CONVERSATION, { kind: 'moved', owner: a.self.incarnation })
  log.records.push(stagedRecord(2, 1), stagedRecord(3, 1))
  await clock.advance(1900)
  assert.deepEqual(subscriber.seqs, [1])
  await clock.advance(200)
  assert.deepEqual(subscriber.seqs, [1, 2, 3])
})

test('A suspect owner is not waited for [CL24]', async () => {
  const { stage, clock, a, b, edge, look, submit, replies } = stageOf()
  look()
  await clock.advance(20)
  a.owner.silent = true
  submit(1)
  await clock.advance(20)
  edge.peers.down(a.self, 'silent', false)
  stage.claim(CONVERSATION, b)
  await clock.advance(20)
  assert.deepEqual(replies['v-1'], { kind: 'ack', seq: 1 })
  assert.equal(a.owner.sinks.size, 0)
})

test('Reading asks the owner, wherever it is', async () => {
  const { stage, clock, b, edge } = stageOf({ events: 5 })
  stage.claim(CONVERSATION, b, false)
  const reading = edge.edge.read(CONVERSATION, 1, 2)
  await clock.advance(50)
  const reply = await reading
  assert.equal(reply.kind, 'events')
  if (reply.kind !== 'events') return
  assert.deepEqual([reply.headSeq, reply.records.map(({ seq }) => seq)], [5, [2, 3]])
})
