import assert from 'node:assert/strict'
import test from 'node:test'
import type { ClientFrame, ServerFrame } from '../protocol/client-frames.ts'
import { emptyTally, RawClient } from './raw-client.ts'
import { ScriptedSystem, WELCOME } from './scripted-system.ts'

const ROOM = '0000000000001'

/** Acknowledges 10 ms later, and then gives the event to its own sender. */
function echoing(system: () => ScriptedSystem) {
  return (frame: ClientFrame): readonly ServerFrame[] => {
    if (frame.type === 'hello') return [WELCOME]
    if (frame.type !== 'send') return []
    const { key, n: seq, body } = frame
    system().clock.after(10, () => {
      const event = { seq, at: 0, type: body.type, from: 'visitor', key, body: { ...body } }
      system().say({ type: 'ack', conversation: ROOM, key, seq })
      system().say({ type: 'events', conversation: ROOM, events: [event] })
    })
    return []
  }
}

test('[BE5] a raw client measures acknowledgements and deliveries from the frames as they are', async () => {
  const system: ScriptedSystem = new ScriptedSystem(echoing(() => system))
  const tally = emptyTally()
  let acknowledged = 0
  const { ports } = system
  const options = { ports, address: 'ws://edge', token: 'token', instance: 'one', conversation: ROOM, after: 0 }
  const client = new RawClient({ ...options, textLength: 40, tally }, () => acknowledged++)
  await system.clock.advance(2)
  assert.equal(client.welcome, true)
  client.speak()
  await system.clock.advance(4)
  client.speak()
  assert.equal(client.unanswered, 2)
  await system.clock.advance(20)
  assert.equal(client.unanswered, 0)
  assert.equal(acknowledged, 2)
  assert.deepEqual(tally, { ackMs: [10, 10], deliveryMs: [10, 10], refused: 0, socketsClosed: 0 })
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
  const { ports } = system
  const options = { ports, address: 'ws://edge', token: 'token', instance: 'one', conversation: ROOM, after: 0 }
  const client = new RawClient({ ...options, textLength: 40, tally })
  await system.clock.advance(2)
  system.sockets[0]?.closed(1006)
  assert.deepEqual(tally, { ackMs: [], deliveryMs: [], refused: 1, socketsClosed: 1 })
  client.stop()
  assert.equal(tally.socketsClosed, 1)
})
