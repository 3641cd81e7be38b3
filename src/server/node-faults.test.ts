import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits } from '../base/ids.ts'
import { StoreUnavailable } from '../store/log-store.ts'
import { type ClusterStage, CONVERSATION, clusterStage, open, say, watcher } from './cluster-stage.ts'

const CHATS = ['n1', 'n2', 'n3']

/** The chat nodes that do not own the conversation. */
async function others(made: ClusterStage): Promise<string[]> {
  const owner = (await made.owner()).self().node
  return CHATS.filter((name) => name !== owner)
}

test('[CL11] an owner that no message reaches, but that the store hears, is asked by nobody who cannot reach it', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const silent = (await made.owner()).self().node
  for (const name of ['e1', ...CHATS]) if (name !== silent) made.network.sever(silent, name)
  assert.ok((await made.timed(edge, say(1, 'anybody there?'))) <= 4000)
})

test('[OW4] an owner that stops in the middle of everything is replaced within two seconds', async () => {
  for (let shift = 0; shift < 400; shift += 37) {
    const made = await clusterStage()
    const edge = made.node('e1')
    await made.submit(edge, open)
    await made.clock.advance(shift)
    const paused = (await made.owner()).self().node
    for (const name of ['e1', ...CHATS]) if (name !== paused) made.network.sever(paused, name)
    made.stall(paused)
    const tookMs = await made.timed(edge, say(1, 'anybody there?'))
    assert.ok(tookMs <= 2000, `took ${tookMs} ms at a shift of ${shift} ms`)
  }
})

test('[CL12] an edge that only the store does not hear keeps its links, and its clients are served', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  made.setStore('e1', 'away')
  await made.clock.advance(6000)
  assert.ok((await made.timed(edge, say(1, 'still here'))) <= 100)
  await made.kill(await made.owner())
  assert.ok((await made.timed(edge, say(2, 'and after a failover'))) <= 2000)
})

test('a chat node that only the store does not hear is replaced within two seconds', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const storeless = (await made.owner()).self().node
  made.setStore(storeless, 'away')
  const tookMs = await made.timed(edge, say(1, 'on'))
  assert.ok(tookMs <= 2000, `took ${tookMs} ms`)
  made.setStore(storeless, 'there')
  await made.clock.advance(3000)
  assert.equal(made.node(storeless).owned().length, 0)
  assert.ok(made.node(storeless).leaseHeld())
})

test('[CL3] while the store is away for everybody nobody takes anything, and afterwards everything goes on', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const before = await made.store.ownerOf(CONVERSATION)
  for (const name of ['e1', ...CHATS]) made.setStore(name, 'away')
  const reply = edge.conversations.submit(CONVERSATION, say(1, 'waits'))
  await made.clock.advance(10_000)
  for (const name of ['e1', ...CHATS]) made.setStore(name, 'there')
  await made.clock.advance(1500)
  assert.deepEqual(await reply, { kind: 'ack', seq: 3 })
  assert.deepEqual(await made.store.ownerOf(CONVERSATION), before)
})

test('[SV18] after appends were given up, the next beat tells that the store is back', async () => {
  const made = await clusterStage(0)
  const node = await made.add('n1', ['chat'], { resendAttempts: 1 })
  await made.clock.advance(1000)
  const edge = made.node('e1')
  await made.submit(edge, open)
  const seen = watcher()
  edge.conversations.attach(CONVERSATION, 0, seen)
  made.around('n1', 'append', () => () => Promise.reject(new StoreUnavailable('no route to the store')))
  made.around('n1', 'beat', () => () => Promise.reject(new StoreUnavailable('no route to the store')))
  void edge.conversations.submit(CONVERSATION, say(1, 'in vain'))
  await made.clock.advance(400)
  made.around('n1', 'append', (call) => call)
  assert.equal(node.storeAvailability(), 'unavailable')
  await made.clock.advance(5000)
  assert.equal(node.storeAvailability(), 'unavailable')
  made.around('n1', 'beat', (call) => call)
  await made.clock.advance(1500)
  assert.equal(node.storeAvailability(), 'available')
  assert.deepEqual(seen.statuses.at(-1), 'live')
})

test('[CL13] a link that is silent though both ends live is made anew', async () => {
  const made = await clusterStage(1)
  const edge = made.node('e1')
  await made.submit(edge, open)
  made.network.sever('e1', 'n1')
  await made.clock.advance(10_000)
  made.network.heal('e1', 'n1')
  made.network.lose('e1', 'n1')
  const tookMs = await made.timed(edge, say(1, 'again'))
  assert.ok(tookMs <= 5000, `took ${tookMs} ms`)
})

test('[SV14] an edge that cannot reach a living owner is served through a node that can', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const seen = watcher()
  edge.conversations.attach(CONVERSATION, 0, seen)
  await made.submit(edge, say(1, 'before'))
  const owner = (await made.owner()).self().node
  made.network.sever('e1', owner)
  const tookMs = await made.timed(edge, say(2, 'after'))
  assert.ok(tookMs <= 2500, `took ${tookMs} ms`)
  assert.notEqual((await made.owner()).self().node, owner)
  assert.deepEqual(seen.seqs, [1, 2, 3, 4])
})

test('[SV14] a take-over for an edge that did not come about is tried again', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const owner = (await made.owner()).self().node
  let refused = 0
  for (const name of await others(made))
    made.around(name, 'claim', (call) => (...parameters) => {
      const offered = JSON.stringify(parameters[0]).includes('expect')
      if (refused >= 3 || !offered) return call(...parameters)
      refused += 1
      return Promise.reject(new StoreUnavailable('too busy'))
    })
  made.network.sever('e1', owner)
  const tookMs = await made.timed(edge, say(1, 'after'))
  assert.equal(refused, 3)
  assert.ok(tookMs <= 4000, `took ${tookMs} ms`)
})

test('[SV14] a node that took over and is out of reach itself soon after gives the conversation on', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const first = (await made.owner()).self().node
  made.network.sever('e1', first)
  await made.timed(edge, say(1, 'once'))
  const second = (await made.owner()).self().node
  await made.clock.advance(1500)
  made.network.sever('e1', second)
  const tookMs = await made.timed(edge, say(2, 'twice'))
  assert.ok(tookMs <= 2000, `took ${tookMs} ms`)
  assert.equal([first, second].includes((await made.owner()).self().node), false)
})

test('[SV14] what an edge misses all at once is given over in few statements', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const owner = await made.owner()
  const { node } = owner.self()
  const ids = Array.from({ length: 300 }, (_, index) => idFromBits(BigInt(9000 + index)))
  for (const id of ids) void edge.conversations.submit(id, open)
  await made.clock.advance(1000)
  const owned = owner.owned().length
  assert.ok(owned > 50, `${owned} owned`)
  let offers = 0
  made.around(node, 'offerHandover', (call) => (...parameters) => {
    offers += 1
    return call(...parameters)
  })
  made.network.sever('e1', node)
  for (const id of ids) void edge.conversations.submit(id, say(1, 'after'))
  await made.clock.advance(2500)
  assert.deepEqual(
    owner.owned().filter(({ conversation }) => ids.includes(conversation)),
    [],
  )
  assert.ok(offers <= owned / 4, `${offers} offers for ${owned} conversations`)
})

test('[SV15] two nodes that reach only their own clients both serve them', async () => {
  const made = await clusterStage(0)
  const one = await made.add('a1', ['edge', 'chat'])
  const other = await made.add('a2', ['edge', 'chat'])
  await made.clock.advance(1000)
  made.network.sever('a1', 'a2')
  made.network.sever('a1', 'e1')
  made.network.sever('a2', 'e1')
  await made.clock.advance(5000)
  assert.ok((await made.timed(one, open)) <= 3000)
  one.conversations.attach(CONVERSATION, 0, watcher())
  await made.clock.advance(5000)
  assert.ok((await made.timed(one, say(1, 'served'))) <= 100)
  const there = other.conversations.submit('0000000000099', open)
  await made.clock.advance(3000)
  assert.deepEqual(await there, { kind: 'ack', seq: 1 })
})

test('[SV8] a handover that reaches a successor in its last moment gives nothing to its next incarnation', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const from = await made.owner()
  const [to = ''] = await others(made)
  const successor = made.node(to)
  let claimed = () => {}
  made.around(to, 'claim', (call) => async (...parameters) => {
    const outcomes = await call(...parameters)
    await new Promise<void>((resolve) => {
      claimed = resolve
    })
    return outcomes
  })
  void from.move(CONVERSATION, to)
  await made.clock.advance(50)
  made.setStore(to, 'away')
  await made.store.tombstone(successor.self().incarnation, 'silent')
  await made.clock.advance(500)
  made.setStore(to, 'there')
  await made.clock.advance(300)
  claimed()
  await made.clock.advance(10)
  assert.deepEqual(successor.owned(), [])
  assert.notEqual((await made.owner()).self().node, to)
})

test('[CL9] a draining node, too, claims what it owns in the store without knowing it, so that somebody serves it', async () => {
  const made = await clusterStage()
  const drained = made.node('n1').drain({ deadlineMs: 1000, finish: false })
  await made.clock.advance(500)
  assert.equal((await drained).kind, 'empty')
  await made.store.open(CONVERSATION, made.node('n1').self())
  const tookMs = await made.timed(made.node('e1'), open)
  assert.ok(tookMs <= 7000, `took ${tookMs} ms`)
})

test('[SV16] a drain ends at its deadline though the store is away', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const owner = await made.owner()
  for (const name of ['e1', ...CHATS]) made.setStore(name, 'away')
  const waiting = edge.conversations.submit(CONVERSATION, say(1, 'waits'))
  await made.clock.advance(700)
  let report: { kind: string; left: number } | undefined
  void owner.drain({ deadlineMs: 3000, finish: false }).then((done) => {
    report = done
  })
  await made.clock.advance(6000)
  assert.equal(report?.kind, 'expired')
  owner.setMode('enabled')
  for (const name of ['e1', ...CHATS]) made.setStore(name, 'there')
  await made.clock.advance(3000)
  assert.deepEqual(await waiting, { kind: 'ack', seq: 3 })
})

test('[SV8] a move that the store does not answer leaves the conversation in use', async () => {
  const made = await clusterStage()
  const edge = made.node('e1')
  await made.submit(edge, open)
  const from = await made.owner()
  const [to = ''] = await others(made)
  made.around(from.self().node, 'offerHandover', () => () => new Promise(() => {}))
  void from.move(CONVERSATION, to)
  const tookMs = await made.timed(edge, say(1, 'on'))
  assert.ok(tookMs <= 2500, `took ${tookMs} ms`)
})
