import assert from 'node:assert/strict'
import test from 'node:test'
import type { Submission } from '../protocol/conversation-port.ts'
import { IndefiniteOutcome, StoreUnavailable } from '../store/log-store.ts'
import { ClusterStage, CONVERSATION, say, visitor } from './cluster-stage.ts'
import { transcriptMails } from './transcript-mail-decision.ts'

const open: Submission = {
  sender: visitor,
  key: 'open',
  command: { type: 'open', mode: 'live', email: 'vera@example.com' },
}
const close: Submission = { sender: visitor, key: 'close', command: { type: 'close', reason: 'by-visitor' } }

/** Two chat nodes that owe transcripts, and an edge; a conversation whose visitor left an address. */
async function stage() {
  const made = new ClusterStage()
  const poked: string[] = []
  made.posts = { of: transcriptMails, posted: () => poked.push('posted') }
  await made.add('e1', ['edge'])
  for (const name of ['n1', 'n2']) await made.add(name, ['chat'])
  await made.clock.advance(2000)
  const edge = made.node('e1')
  assert.equal((await made.submit(edge, open))?.kind, 'ack')
  assert.equal((await made.submit(edge, say(1, 'Hello.')))?.kind, 'ack')
  const waiting = async () => (await made.store.outbox.backlog()).waiting
  assert.deepEqual([await waiting(), poked], [0, []])
  return { made, edge, poked, waiting }
}

test('[SV60] what the end of a conversation owes is posted in its append, and whoever carries it out is told', async () => {
  const { made, edge, poked, waiting } = await stage()
  assert.equal((await made.submit(edge, close))?.kind, 'ack')
  assert.deepEqual([await waiting(), poked.length], [1, 1])
  assert.equal((await made.submit(edge, close))?.kind, 'ack', 'a retry')
  assert.equal(await waiting(), 1)
  const [item] = await made.store.outbox.take({ by: 'x', kinds: ['mail'], limit: 9, leaseMs: 1 })
  assert.deepEqual([item?.id, item?.lane], [`transcript:${CONVERSATION}:1`, CONVERSATION])
})

test('[SV60] a closing append whose reply is lost posts once, whether it took place or not', async () => {
  for (const takesPlace of [true, false]) {
    const { made, edge, waiting } = await stage()
    const owner = (await made.owner()).self().node
    let lost = 0
    made.around(owner, 'append', (call) => async (...parameters) => {
      if (lost++ > 0) return call(...parameters)
      if (takesPlace) await call(...parameters)
      throw new IndefiniteOutcome('the reply was lost')
    })
    assert.equal((await made.submit(edge, close))?.kind, 'ack')
    assert.ok(lost > 0)
    assert.equal(await waiting(), 1)
  }
})

test('[SV60] an owner that dies before its closing append posts nothing; its successor closes and posts once', async () => {
  const { made, edge, waiting } = await stage()
  const owner = await made.owner()
  made.around(owner.self().node, 'append', () => async () => {
    throw new StoreUnavailable('no room')
  })
  const closing = made.submit(edge, close)
  await made.clock.advance(100)
  assert.equal(await waiting(), 0)
  await made.kill(owner)
  assert.equal((await closing)?.kind, 'ack')
  assert.equal(await waiting(), 1)
})
