import assert from 'node:assert/strict'
import test from 'node:test'
import type { ClientFrame, ServerFrame } from '../protocol/client-frames.ts'
import { holdfastDialect } from './holdfast-dialect.ts'
import { emptyTally, RawClient, type RawTally } from './raw-client.ts'
import { ScriptedSystem, WELCOME } from './scripted-system.ts'

const ROOM = '0000000000001'

function visitorOf(system: ScriptedSystem, tally: RawTally, more: { onAck?: () => void; returns?: boolean } = {}) {
  return new RawClient({
    ports: system.ports,
    dialect: holdfastDialect,
    addresses: ['ws://edge'],
    place: { conversation: ROOM, sender: 'visitor', token: 'token', part: 'visitor', instance: 'one' },
    textLength: 40,
    remembers: true,
    tally,
    ...more,
  })
}

const OPENED: ServerFrame = {
  type: 'events',
  conversation: ROOM,
  events: [{ seq: 1, at: 0, type: 'opened', from: 'visitor', body: {} }],
}

/** Opens the room; acknowledges 10 ms later, and then gives the event to its own sender. */
function echoing(system: () => ScriptedSystem) {
  return (frame: ClientFrame): readonly ServerFrame[] => {
    if (frame.type === 'hello') return [WELCOME, OPENED]
    if (frame.type !== 'send') return []
    const { key, n, body } = frame
    system().clock.after(10, () => {
      const event = { seq: n + 1, at: 0, type: body.type, from: 'visitor', key, body: { ...body } }
      system().say({ type: 'ack', conversation: ROOM, key, seq: n + 1 })
      system().say({ type: 'events', conversation: ROOM, events: [event] })
    })
    return []
  }
}

test('[BE5] a raw client measures acknowledgements and deliveries from the frames as they are', async () => {
  const system: ScriptedSystem = new ScriptedSystem(echoing(() => system))
  const tally = emptyTally()
  let acknowledged = 0
  const client = visitorOf(system, tally, { onAck: () => acknowledged++ })
  await system.clock.advance(4)
  assert.equal(client.ready, true)
  client.speak()
  await system.clock.advance(4)
  // It was due two milliseconds ago: waiting to be sent is waiting, too.
  client.speak(system.clock.monotonicMs() - 2)
  assert.equal(client.unanswered, 2)
  await system.clock.advance(20)
  assert.equal(client.unanswered, 0)
  assert.equal(acknowledged, 2)
  assert.deepEqual(tally, { ackMs: [10, 12], deliveryMs: [10, 12], refused: 0, socketsClosed: 0 })
  assert.deepEqual(client.words, ['one.1', 'one.2'])
  assert.deepEqual(client.acknowledged, ['one.1', 'one.2'])
  const sends = system.heard.flatMap((frame) => (frame.type === 'send' ? frame : []))
  assert.deepEqual(
    sends.map(({ key, n, floor }) => ({ key, n, floor })),
    [
      { key: 'one-1', n: 1, floor: 1 },
      { key: 'one-2', n: 2, floor: 1 },
    ],
  )
})

test('[BE5] refusals and closed sockets are counted, its own end is not', async () => {
  const system = new ScriptedSystem((frame) =>
    frame.type === 'hello' ? [WELCOME, { type: 'refused', code: 'rate-limited', definite: true }] : [],
  )
  const tally = emptyTally()
  const client = visitorOf(system, tally)
  await system.clock.advance(2)
  system.sockets[0]?.closed(1006)
  assert.deepEqual(tally, { ackMs: [], deliveryMs: [], refused: 1, socketsClosed: 1 })
  client.leave()
  assert.equal(tally.socketsClosed, 1)
})

test('[BE8] a client that returns resumes behind what it was given and says again what was not answered', async () => {
  const system = new ScriptedSystem((frame) => (frame.type === 'hello' ? [WELCOME, OPENED] : []))
  const tally = emptyTally()
  const client = visitorOf(system, tally, { returns: true })
  await system.clock.advance(4)
  client.speak()
  await system.clock.advance(2)
  system.sockets[0]?.closed(1006)
  assert.equal(client.ready, false)
  await system.clock.advance(500)
  const hellos = system.heard.flatMap((frame) => (frame.type === 'hello' ? frame : []))
  assert.deepEqual(
    hellos.map(({ connection, resume }) => ({ connection, after: resume[0]?.after })),
    [
      { connection: 1, after: 0 },
      { connection: 2, after: 1 },
    ],
  )
  const texts = system.heard.flatMap((frame) => (frame.type === 'send' ? JSON.stringify(frame) : []))
  assert.equal(texts.length, 2)
  assert.equal(texts[0], texts[1])
})
