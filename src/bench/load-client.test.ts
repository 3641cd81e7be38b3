import assert from 'node:assert/strict'
import test from 'node:test'
import type { ClientFrame, ServerFrame, WireEvent } from '../protocol/client-frames.ts'
import { fingerprintOf } from './client-history.ts'
import { LoadClient, type Pace } from './load-client.ts'
import { ScriptedSystem, WELCOME } from './scripted-system.ts'

const ROOM = '0000000000001'
const OTHER = '0000000000002'

function event(seq: number): WireEvent {
  return { seq, at: seq, type: 'message', from: 'visitor', key: `k${seq}`, body: { format: 'text', text: 'hello' } }
}

function greeting(frame: ClientFrame): readonly ServerFrame[] {
  // A client speaks once it was given something of the conversation: it knows then that there is one.
  return frame.type === 'hello' ? [WELCOME, { type: 'events', conversation: ROOM, events: [event(1)] }] : []
}

function acknowledging(frame: ClientFrame): readonly ServerFrame[] {
  if (frame.type !== 'send') return greeting(frame)
  return [{ type: 'ack', conversation: ROOM, key: frame.key, seq: frame.n + 1 }]
}

async function connected(system: ScriptedSystem, pace: Pace): Promise<LoadClient> {
  const client = new LoadClient(system.ports, {
    name: 'visitor-1',
    sender: 'visitor',
    audience: 'everyone',
    conversation: ROOM,
    token: 'token',
    addresses: ['ws://edge'],
    pace,
    textLength: 50,
  })
  client.connect()
  await system.clock.advance(5)
  return client
}

const sends = ({ heard }: ScriptedSystem) => heard.flatMap((frame) => (frame.type === 'send' ? frame : []))

test('[BE4] a client remembers what it sent, what was answered and what it was given, with their times', async () => {
  const system = new ScriptedSystem(acknowledging)
  const client = await connected(system, { kind: 'open', everyMs: 100 })
  client.talk()
  await system.clock.advance(55)
  system.say({ type: 'events', conversation: ROOM, events: [event(2), { type: 'skip', seq: 3 }, event(4)] })
  await system.clock.advance(0)
  const { sent, settled, received } = client.history(true)
  const [first] = sends(system)
  assert.ok(first?.body.type === 'message')
  assert.equal(first.body.text.length, 50)
  const words = fingerprintOf(first.body.text)
  assert.deepEqual([...sent], [{ conversation: ROOM, key: first.key, words, atMs: 55 }])
  assert.deepEqual([...settled], [{ conversation: ROOM, key: first.key, atMs: 56, kind: 'ack', seq: 2 }])
  assert.deepEqual(
    [...received].map(({ seq, fingerprint, atMs }) => ({ seq, fingerprint, atMs })),
    [
      { seq: 1, atMs: 2 },
      { seq: 2, atMs: 60 },
      { seq: 4, atMs: 60 },
    ].map(({ seq, atMs }) => ({ seq, fingerprint: fingerprintOf(JSON.stringify(event(seq))), atMs })),
  )
  assert.deepEqual(Array.from(client.signsOfLife()), [56])
  client.stop()
})

test('[BE4] a frame of a foreign conversation is remembered, though the library passes it over', async () => {
  const system = new ScriptedSystem(greeting)
  const client = await connected(system, { kind: 'open', everyMs: 100 })
  system.say({ type: 'events', conversation: OTHER, events: [event(1)] })
  assert.deepEqual(
    [...client.history(false).received].map(({ conversation }) => conversation),
    [ROOM, OTHER],
  )
  client.stop()
})

test('[BE4] a text that looks like a field of a frame is not taken for one', async () => {
  const system = new ScriptedSystem(greeting)
  const client = await connected(system, { kind: 'open', everyMs: 100 })
  const body = { format: 'text', text: `{"conversation":"${OTHER}"}` }
  system.say({ type: 'events', conversation: ROOM, events: [{ ...event(2), body }] })
  assert.deepEqual(
    [...client.history(false).received].map(({ conversation }) => conversation),
    [ROOM, ROOM],
  )
  client.stop()
})

test('[BE4] lost sockets and refusals are counted, even those that the library overcomes', async () => {
  const system = new ScriptedSystem(greeting)
  const client = await connected(system, { kind: 'open', everyMs: 100 })
  client.say({ type: 'join' })
  await system.clock.advance(1)
  const [join] = sends(system)
  system.say({ type: 'refused', conversation: ROOM, key: join?.key ?? '', code: 'busy', definite: true })
  system.sockets.at(-1)?.closed(1006)
  assert.equal(client.refusals, 1)
  assert.equal(client.socketsClosed, 1)
  assert.equal(client.history(false).settled.length, 0)
  client.stop()
  assert.equal(client.socketsClosed, 1, 'its own end is no loss')
})

test('[BE2] an open loop speaks on while nobody answers, up to a bound', async () => {
  const system = new ScriptedSystem(greeting)
  const client = await connected(system, { kind: 'open', everyMs: 10 })
  client.talk()
  await system.clock.advance(500)
  assert.equal(client.unanswered, 50)
  await system.clock.advance(5000)
  assert.equal(client.unanswered, 100)
  client.hush()
  await system.clock.advance(1000)
  assert.equal(client.history(false).sent.length, 100)
  client.stop()
})

test('[BE2] a closed loop speaks again when it is answered', async () => {
  const system = new ScriptedSystem(greeting)
  const client = await connected(system, { kind: 'closed', outstanding: 2 })
  client.talk()
  await system.clock.advance(1)
  assert.equal(sends(system).length, 2)
  const [first] = sends(system)
  system.say({ type: 'ack', conversation: ROOM, key: first?.key ?? '', seq: 1 })
  await system.clock.advance(1)
  assert.equal(sends(system).length, 3)
  assert.equal(client.unanswered, 2)
  client.stop()
})
