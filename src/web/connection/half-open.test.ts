import assert from 'node:assert/strict'
import test from 'node:test'
import { FakeSystem, HEARTBEAT_MS } from './fake-system.ts'

const C = '0000000000001'
const EVENT = { seq: 1, at: 5, type: 'message', from: 'v', body: {} }
const HELLO = { type: 'message', format: 'text', text: 'hello' } as const

/** A connection whose line fell silent just before a command was sent over it. */
async function waiting(addresses = ['wss://a', 'wss://b']) {
  const system = new FakeSystem()
  const connection = await system.connect({ addresses })
  const handle = connection.conversation(C)
  const old = system.socket.welcome()
  old.say({ type: 'events', conversation: C, events: [EVENT] })
  const { settled } = handle.send(HELLO)
  return { system, connection, old, settled }
}

test('[WE17] who waits for an answer asks after half a second, and makes a second line after one', async () => {
  const { system, connection, old, settled } = await waiting()
  await system.clock.advance(500)
  assert.equal(old.of('ping').length, 1)
  assert.equal(system.sockets.length, 1)
  await system.clock.advance(500)
  assert.deepEqual([system.sockets.length, system.socket.url, old.closed], [2, 'wss://b', false])
  const fresh = system.socket.welcome()
  assert.deepEqual([old.closed, connection.state], [true, 'online'])
  const [again] = fresh.of('send')
  assert.equal(again?.key, old.of('send')[0]?.key)
  fresh.say({ type: 'ack', conversation: C, key: again?.key ?? '', seq: 2 })
  assert.deepEqual(await settled, { kind: 'ack', seq: 2 })
})

test('[WE17] a line that speaks again before the second one said hello keeps its place', async () => {
  const { system, connection, old } = await waiting()
  await system.clock.advance(1000)
  const second = system.socket
  old.say({ type: 'pong' })
  assert.deepEqual([second.closed, old.closed, connection.state], [true, false, 'online'])
  await system.clock.advance(400)
  assert.equal(system.sockets.length, 2)
  await system.clock.advance(600)
  assert.deepEqual([system.sockets.length, system.socket.url], [3, 'wss://b'], 'and may be doubted again')
})

test('[WE17] once the second line said hello it is waited for: the server closes the first', async () => {
  const { system, connection, old } = await waiting(['wss://a'])
  await system.clock.advance(1000)
  const second = system.socket
  second.open()
  old.say({ type: 'pong' })
  assert.equal(second.closed, false)
  old.drop(4409)
  second.welcome()
  assert.equal(connection.state, 'online')
})

test('[WE17] a line that gave way to one that failed is no reason to stop', async () => {
  const { system, connection, old } = await waiting(['wss://a'])
  await system.clock.advance(1000)
  system.socket.open()
  system.socket.drop()
  old.drop(4409)
  assert.equal(connection.state, 'resuming')
  await system.clock.advance(5000)
  system.socket.welcome()
  assert.equal(connection.state, 'online')
})

test('[WE17] a node that answers pings is not doubted, however long the answer takes', async () => {
  const { system, connection, old } = await waiting()
  for (let pings = 1; pings < 40; pings++) {
    await system.clock.advance(500)
    assert.equal(old.of('ping').length, pings)
    old.say({ type: 'pong' })
  }
  assert.deepEqual([system.sockets.length, connection.state], [1, 'online'])
})

test('[WE17] nobody doubts an idle line before its heartbeat, and a doubted one has its time', async () => {
  const system = new FakeSystem()
  const connection = await system.connect({ addresses: ['wss://a', 'wss://b'] })
  system.socket.welcome()
  await system.clock.advance(HEARTBEAT_MS - 1)
  assert.equal(system.socket.of('ping').length, 0)
  const other = await waiting()
  other.system.fraction = 0
  await other.system.clock.advance(500 + HEARTBEAT_MS)
  assert.equal(other.old.closed, true)
  assert.equal(other.connection.state, 'resuming')
  connection.close()
  other.connection.close()
  assert.deepEqual([system.clock.pending, other.system.clock.pending], [0, 0])
})

test('[WE18] a page that wakes up has its line prove that it lives, and does not wait for a retry', async () => {
  const system = new FakeSystem()
  const connection = await system.connect({ addresses: ['wss://a', 'wss://b'] })
  const old = system.socket.welcome()
  await system.clock.advance(5000)
  system.wake()
  await system.clock.advance(0)
  assert.equal(old.of('ping').length, 1)
  old.say({ type: 'pong' })
  await system.clock.advance(2000)
  assert.equal(system.sockets.length, 1)
  system.wake()
  await system.clock.advance(500)
  assert.equal(system.sockets.length, 2)
  system.socket.drop()
  old.drop()
  const made = system.sockets.length
  system.wake()
  await system.settle()
  assert.deepEqual([system.sockets.length, connection.state], [made + 1, 'resuming'])
  connection.close()
  assert.deepEqual([system.onWake.size, system.clock.pending], [0, 0])
})
