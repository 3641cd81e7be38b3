import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits } from '../base/ids.ts'
import { CONVERSATION, clusterStage, open, say, visitor, watcher } from './cluster-stage.ts'

test('a visitor who opens a conversation behind an edge reads every event once and in order', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  assert.deepEqual(await made.submit(edge, open), { kind: 'ack', seq: 1 })
  const seen = watcher()
  edge.conversations.attach(CONVERSATION, 0, seen)
  for (let n = 1; n <= 5; n++) assert.deepEqual(await made.submit(edge, say(n, `m${n}`)), { kind: 'ack', seq: n + 2 })
  assert.deepEqual(seen.seqs, [1, 2, 3, 4, 5, 6, 7])
})

test('[LO3] a retry gets the seq of its first time, also on another owner', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const first = await made.submit(edge, say(1, 'once'))
  const from = await made.owner()
  const to = ['n1', 'n2', 'n3'].find((name) => name !== from.self().node) ?? ''
  const moved = from.move(CONVERSATION, to)
  await made.clock.advance(500)
  assert.equal(await moved, true)
  assert.deepEqual(await made.submit(edge, say(1, 'once')), first)
})

test('[OW4] a conversation whose owner was killed goes on elsewhere within a second, and its watcher misses nothing', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const seen = watcher()
  edge.conversations.attach(CONVERSATION, 0, seen)
  await made.submit(edge, say(1, 'before'))
  await made.kill(await made.owner())
  const begun = made.clock.monotonicMs()
  assert.deepEqual(await made.submit(edge, say(2, 'after')), { kind: 'ack', seq: 4 })
  assert.ok(made.clock.monotonicMs() - begun <= 1000, `took ${made.clock.monotonicMs() - begun} ms`)
  assert.deepEqual(seen.seqs, [1, 2, 3, 4])
})

test('[SV8] a drain moves every conversation, and nothing is refused on the way', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const from = await made.owner()
  const drained = from.drain({ deadlineMs: 10_000, finish: false })
  const during = made.submit(edge, say(1, 'during'))
  await made.clock.advance(1000)
  assert.equal((await drained).kind, 'empty')
  assert.deepEqual(await during, { kind: 'ack', seq: 3 })
  assert.notEqual((await made.owner()).self().node, from.self().node)
})

test('[CL10] a second living process of one name is refused', async () => {
  const made = await clusterStage(1)
  const refused = assert.rejects(made.add('n1', ['chat']), { name: 'NameTaken' })
  await made.clock.advance(10_000)
  await refused
})

test('[CL8] every conversation of a dead node is adopted, looked at or not', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  const conversations = Array.from({ length: 80 }, (_, i) => idFromBits(BigInt(i + 1) * 99_991n))
  for (const conversation of conversations) void edge.conversations.submit(conversation, open)
  await made.clock.advance(500)
  const dead = made.node('n2')
  assert.ok(dead.owned().length > 0)
  await made.kill(dead)
  await made.clock.advance(1500)
  for (const conversation of conversations) assert.notEqual((await made.store.ownerOf(conversation))?.node, 'n2')
})

test('[OW3] [SV4] a node that was silent past its lease answers nothing, and lives on as another incarnation', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const silent = await made.owner()
  const before = silent.self()
  await made.store.tombstone(before.incarnation, 'silent')
  await made.clock.advance(1000)
  assert.notEqual(silent.self().incarnation, before.incarnation)
  assert.notEqual((await made.store.ownerOf(CONVERSATION))?.incarnation, before.incarnation)
  assert.deepEqual(await made.submit(edge, say(1, 'on')), { kind: 'ack', seq: 3 })
})

test('[CL9] what a node owns in the store without knowing it is claimed again', async () => {
  const made = await clusterStage(1)
  await made.store.open(CONVERSATION, made.node('n1').self())
  await made.clock.advance(6000)
  assert.deepEqual(
    made
      .node('n1')
      .owned()
      .map(({ conversation }) => conversation),
    [CONVERSATION],
  )
})

test('[SV10] a closed conversation rests in the store, and answers a retry all the same', async () => {
  const made = await clusterStage(1)
  const edge = made.node('e1')
  await made.submit(edge, open)
  await made.submit(edge, { sender: visitor, key: 'bye', command: { type: 'close', reason: 'by-visitor' } })
  await made.clock.advance(60_000)
  assert.equal(made.node('n1').owned().length, 0)
  assert.deepEqual(
    await made.submit(edge, { sender: visitor, key: 'bye', command: { type: 'close', reason: 'by-visitor' } }),
    { kind: 'ack', seq: 3 },
  )
})

test('[CL7] a draining node is not asked for new conversations, and a backup only when nobody else is there', async () => {
  const made = await clusterStage(1)
  await made.add('b1', ['backup'])
  await made.clock.advance(1000)
  const edge = made.node('e1')
  await made.submit(edge, open)
  assert.equal((await made.owner()).self().node, 'n1')
  const drained = made.node('n1').drain({ deadlineMs: 5000, finish: false })
  await made.clock.advance(3000)
  assert.equal((await drained).kind, 'empty')
  assert.equal((await made.owner()).self().node, 'b1')
})

test('[SV11] a node that no other node can reach lets go of its conversations, though the store hears it', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const hidden = await made.owner()
  made.network.kill(hidden.self().node)
  assert.deepEqual(await made.submit(edge, say(1, 'anybody there?')), { kind: 'ack', seq: 3 })
  assert.notEqual((await made.owner()).self().node, hidden.self().node)
  assert.equal(hidden.owned().length, 0)
})
