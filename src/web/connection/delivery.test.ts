import assert from 'node:assert/strict'
import test from 'node:test'
import type { WireEvent } from '../../protocol/client-frames.ts'
import type { Settled } from './conversation-handle.ts'
import { type FakeSocket, FakeSystem } from './fake-system.ts'
import type { OutboxEntry } from './outbox-decision.ts'

const C = '0000000000001'
const say = (text: string) => ({ type: 'message', format: 'text', text }) as const
const event = (seq: number): WireEvent => ({ seq, at: 5, type: 'message', from: 'v', body: {} })
const events = (...seqs: number[]) => ({ type: 'events', conversation: C, events: seqs.map(event) }) as const
const skip = (seq: number) => ({ type: 'skip', seq }) as const

/** A connection that is online, with a conversation of which one event came. */
async function online(system = new FakeSystem()) {
  const connection = await system.connect({ addresses: ['wss://a', 'wss://b'] })
  const handle = connection.conversation(C)
  const socket = system.socket.welcome()
  socket.say(events(1))
  return { system, connection, handle, socket }
}

/** Sends texts and notes down what becomes of each. */
function talk(handle: { send: (command: ReturnType<typeof say>) => { settled: Promise<Settled> } }, texts: string[]) {
  const settled: Record<string, Settled> = {}
  for (const text of texts)
    void handle.send(say(text)).settled.then((answer) => {
      settled[text] = answer
    })
  return settled
}

const keysOf = (socket: FakeSocket) => socket.of('send').map(({ key }) => key)
const ack = (socket: FakeSocket, index: number, seq: number) =>
  socket.say({ type: 'ack', conversation: C, key: keysOf(socket)[index] ?? '', seq })
const refuse = (socket: FakeSocket, index: number, code: 'busy' | 'rate-limited' | 'out-of-order' | 'not-joined') =>
  socket.say({ type: 'refused', conversation: C, key: keysOf(socket)[index] ?? '', code, definite: true })

test('[WE5] what was sent and not acknowledged goes again over the next socket, with its key, number and floor', async () => {
  const { system, handle, socket } = await online()
  const settled = talk(handle, ['a', 'b', 'c'])
  ack(socket, 0, 2)
  socket.drop()
  await system.clock.advance(250)
  const next = system.socket.welcome()
  assert.deepEqual(keysOf(next), keysOf(socket).slice(1))
  assert.deepEqual(next.numbers, ['2/2', '3/2'])
  ack(next, 0, 3)
  ack(next, 1, 4)
  await system.settle()
  assert.deepEqual(settled, { a: { kind: 'ack', seq: 2 }, b: { kind: 'ack', seq: 3 }, c: { kind: 'ack', seq: 4 } })
  assert.deepEqual(handle.unsent, [])
  next.drop()
  await system.clock.advance(500)
  assert.deepEqual(system.socket.welcome().numbers, [])
})

test('[WE5] what is said before the welcome is kept, and goes in order', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  const handle = connection.conversation(C, 1)
  talk(handle, ['a', 'b'])
  system.socket.open()
  talk(handle, ['c'])
  assert.deepEqual(system.socket.numbers, [])
  assert.deepEqual(system.socket.welcome().numbers, ['1/1', '2/1', '3/1'])
})

test('[WE5] a doubled acknowledgement does no harm', async () => {
  const { system, handle, socket } = await online()
  const settled = talk(handle, ['a', 'b'])
  ack(socket, 0, 2)
  ack(socket, 0, 2)
  ack(socket, 1, 3)
  ack(socket, 0, 9)
  await system.settle()
  assert.deepEqual(settled, { a: { kind: 'ack', seq: 2 }, b: { kind: 'ack', seq: 3 } })
})

test('[WE8] busy and rate-limited: the same keys again after the wait, in order, and nothing overtakes', async () => {
  for (const code of ['busy', 'rate-limited'] as const) {
    const { system, handle, socket } = await online()
    talk(handle, ['a', 'b'])
    const keys = keysOf(socket)
    socket.say({ type: 'refused', conversation: C, key: keys[1] ?? '', code: 'out-of-order', definite: true })
    socket.say({ type: 'refused', conversation: C, key: keys[0] ?? '', code, definite: true, retryAfterMs: 400 })
    talk(handle, ['c'])
    await system.clock.advance(399)
    assert.equal(socket.numbers.length, 2)
    await system.clock.advance(1)
    assert.deepEqual(socket.numbers.slice(2), ['1/1', '2/1', '3/1'])
    assert.deepEqual(keysOf(socket).slice(2, 4), keys)
  }
})

test('[WE8] an out-of-order refusal heals: everything unanswered goes again, in order', async () => {
  const { system, handle, socket } = await online()
  talk(handle, ['a', 'b', 'c'])
  refuse(socket, 1, 'out-of-order')
  refuse(socket, 2, 'out-of-order')
  ack(socket, 0, 2)
  await system.clock.advance(20)
  assert.deepEqual(socket.numbers.slice(3), ['2/2', '3/2'])
})

test('[WE8] a definite refusal fails the command, and what is behind it goes on with a higher floor', async () => {
  const { system, handle, socket } = await online()
  const settled = talk(handle, ['a', 'b', 'c'])
  refuse(socket, 0, 'not-joined')
  refuse(socket, 1, 'out-of-order')
  refuse(socket, 2, 'out-of-order')
  await system.clock.advance(20)
  assert.deepEqual(settled, { a: { kind: 'refused', code: 'not-joined' } })
  assert.deepEqual(socket.numbers.slice(3), ['2/2', '3/2'])
})

test('[WE8] an indefinite refusal is not final: the same key goes again until there is an answer', async () => {
  const { system, handle, socket } = await online()
  const settled = talk(handle, ['a'])
  for (let round = 0; round < 4; round++) {
    const [key = ''] = keysOf(socket)
    socket.say({ type: 'refused', conversation: C, key, code: 'owner-unreachable', definite: false })
    await system.clock.advance(250)
  }
  assert.equal(new Set(keysOf(socket)).size, 1)
  assert.equal(socket.numbers.length, 5)
  assert.deepEqual(settled, {})
  ack(socket, 4, 2)
  await system.settle()
  assert.deepEqual(settled, { a: { kind: 'ack', seq: 2 } })
})

test('[WE8] a new line does not wait for what the old one was asked to wait for', async () => {
  const { system, handle, socket } = await online()
  talk(handle, ['a'])
  socket.say({
    ...{ type: 'refused', conversation: C, key: keysOf(socket)[0] ?? '' },
    ...{ code: 'rate-limited', definite: true, retryAfterMs: 30_000 },
  })
  socket.drop()
  await system.clock.advance(250)
  assert.deepEqual(system.socket.welcome().numbers, ['1/1'])
})

test('[WE7] a long outbox goes out a window at a time, and is bounded', async () => {
  const { system, handle, socket } = await online()
  const texts = Array.from({ length: 1001 }, (_, index) => `${index}`)
  const settled = talk(handle, texts)
  await system.settle()
  assert.deepEqual(settled, { 1000: { kind: 'refused', code: 'busy' } })
  assert.equal(socket.numbers.length, 32)
  for (let index = 0; index < 1000; index++) ack(socket, index, index + 2)
  await system.settle()
  assert.equal(Object.keys(settled).length, 1001)
  assert.deepEqual(keysOf(socket).length, 1000)
  assert.equal(new Set(keysOf(socket)).size, 1000)
})

test('[WE7] what no frame can hold is refused here, and does not cost the socket', async () => {
  const { system, handle, socket } = await online()
  const settled = talk(handle, ['x'.repeat(70_000), 'ä'.repeat(33_000), 'ok'])
  await system.settle()
  assert.deepEqual(
    Object.values(settled).map((answer) => answer.kind === 'refused' && answer.code),
    ['too-large', 'too-large'],
  )
  assert.deepEqual(socket.numbers, ['3/3'])
})

test('[WE12] events are applied once and in order, whatever is doubled, and hidden ones only move on', async () => {
  const { handle, socket } = await online()
  const seen: number[] = []
  handle.onEvents.listen((news) => seen.push(...news.map(({ seq }) => seq)))
  socket.say(events(1, 2, 2, 3))
  socket.say(events(2, 3))
  socket.say({ type: 'events', conversation: C, events: [skip(4), event(5), skip(6)] })
  assert.deepEqual(seen, [2, 3, 5])
  assert.deepEqual([handle.lastSeq, handle.behind], [6, false])
  assert.deepEqual(
    handle.events.map(({ seq }) => seq),
    [1, 2, 3, 5],
  )
})

test('[WE12] a gap is filled from the last event applied, asked for once while the answer is on its way', async () => {
  const { system, handle, socket } = await online()
  const seen: number[] = []
  handle.onEvents.listen((news) => seen.push(...news.map(({ seq }) => seq)))
  socket.say(events(2, 4))
  socket.say(events(5))
  assert.deepEqual(socket.of('attach'), [{ type: 'attach', conversation: C, after: 2 }])
  socket.say(events(3, 4, 5))
  assert.deepEqual(seen, [2, 3, 4, 5])
  await system.clock.advance(1000)
  assert.equal(socket.of('attach').length, 1)
})

test('[WE12] a gap that stays is asked for again and again, at a pace', async () => {
  const { system, socket } = await online()
  for (let round = 0; round < 40; round++) {
    socket.say(events(7))
    await system.clock.advance(25)
  }
  assert.equal(socket.of('attach').length, 5)
})

test('[WE12] a resumed conversation goes on behind the last event', async () => {
  const { system, socket } = await online()
  socket.say(events(2, 3))
  socket.drop()
  await system.clock.advance(250)
  assert.deepEqual(system.socket.welcome().of('hello')[0]?.resume, [{ conversation: C, after: 3 }])
})

test('[WE13] what an earlier page load left goes first, under its own instance and key', async () => {
  const first = await online()
  talk(first.handle, ['a', 'b'])
  await first.system.settle()
  const { instance = '' } = first.socket.of('hello')[0] ?? {}
  const reloaded = await online(new FakeSystem(first.system.saved, 100))
  talk(reloaded.handle, ['c'])
  const sent = reloaded.socket.of('send')
  assert.deepEqual(
    sent.map(({ n, floor, instance }) => [n, floor, instance]),
    [
      [1, 1, instance],
      [2, 1, instance],
    ],
  )
  assert.deepEqual(keysOf(reloaded.socket), keysOf(first.socket))
  assert.notEqual(reloaded.socket.of('hello')[0]?.instance, instance)
  ack(reloaded.socket, 0, 2)
  ack(reloaded.socket, 1, 3)
  assert.deepEqual(
    reloaded.socket
      .of('send')
      .slice(2)
      .map(({ n, floor, instance }) => [n, floor, instance]),
    [[1, 1, undefined]],
  )
  await reloaded.system.settle()
  const stored = JSON.parse(reloaded.system.saved.text ?? '') as OutboxEntry[]
  assert.deepEqual(
    stored.map(({ n }) => n),
    [1],
  )
})

test('[WE13] a duplicated tab sends what it copied under the same keys, and never goes on counting', async () => {
  const first = await online()
  talk(first.handle, ['a'])
  await first.system.settle()
  const twin = await online(new FakeSystem({ ...first.system.saved }, 100))
  ack(first.socket, 0, 2)
  ack(twin.socket, 0, 2)
  talk(first.handle, ['b'])
  talk(twin.handle, ['x'])
  const last = (socket: FakeSocket) => {
    const { n, instance } = socket.of('send').at(-1) ?? {}
    return { n, instance: instance ?? socket.of('hello')[0]?.instance }
  }
  assert.equal(last(first.socket).n, 2)
  assert.equal(last(twin.socket).n, 1)
  assert.notEqual(last(first.socket).instance, last(twin.socket).instance)
})

test('[WE13] what was said is in storage before a reload can come, and a storage full of rubbish is no outbox', async () => {
  const { system, handle } = await online()
  talk(handle, ['a'])
  await Promise.resolve()
  assert.equal((JSON.parse(system.saved.text ?? '[]') as OutboxEntry[]).length, 1)
  for (const text of ['', '{', 'null', '[null,1,{}]', '{"entries":[]}'])
    assert.deepEqual((await online(new FakeSystem({ text }))).handle.unsent, [])
})

test('[WE14] nothing is said in a conversation of which nothing is known: it may have to be opened first', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  const handle = connection.conversation(C)
  talk(handle, ['a'])
  const socket = system.socket.welcome()
  socket.say({ type: 'refused', conversation: C, code: 'at-capacity', definite: true, retryAfterMs: 1000 })
  await system.clock.advance(999)
  assert.deepEqual([socket.numbers, socket.of('attach')], [[], []])
  await system.clock.advance(1)
  assert.equal(socket.of('attach').length, 1)
  socket.say(events(1, 2))
  assert.deepEqual(socket.numbers, ['1/1'])
})

test('[WE14] a conversation that cannot be looked at is told, and what was said in it gets its own answer', async () => {
  for (const frame of [
    { type: 'ended', conversation: C, code: 'unknown-conversation' },
    { type: 'refused', conversation: C, code: 'not-allowed', definite: true },
  ] as const) {
    const system = new FakeSystem()
    const connection = await system.connect()
    const handle = connection.conversation(C)
    talk(handle, ['a'])
    const ended: string[] = []
    handle.onEnded.listen((code) => ended.push(code))
    const socket = system.socket.welcome()
    socket.say(frame)
    assert.deepEqual(ended, [frame.code])
    assert.deepEqual(socket.numbers, ['1/1'])
  }
})

test('[WE14] an attachment that ended for a passing reason is made again, also while commands wait', async () => {
  const { system, handle, socket } = await online()
  talk(handle, ['a'])
  refuse(socket, 0, 'busy')
  socket.say({ type: 'ended', conversation: C, code: 'store-unavailable' })
  await system.clock.advance(250)
  assert.deepEqual(socket.of('attach'), [{ type: 'attach', conversation: C, after: 1 }])
  assert.deepEqual(socket.numbers, ['1/1', '1/1'])
})

test('[WE14] a damaged conversation is told, and asked for again now and then, as somebody may have repaired it', async () => {
  const { system, handle, socket } = await online()
  const ended: string[] = []
  handle.onEnded.listen((code) => ended.push(code))
  socket.say({ type: 'ended', conversation: C, code: 'conversation-damaged' })
  assert.deepEqual(ended, ['conversation-damaged'])
  await system.clock.advance(9999)
  assert.deepEqual(socket.of('attach'), [])
  await system.clock.advance(1)
  assert.deepEqual(socket.of('attach'), [{ type: 'attach', conversation: C, after: 1 }])
})

test('[WE15] the state of a conversation is live until a node says otherwise, and again on the next line', async () => {
  const { system, handle, socket } = await online()
  const states: string[] = []
  handle.onStatus.listen((status) => states.push(status))
  socket.say({ type: 'status', conversation: C, status: 'store-unavailable' })
  socket.say({ type: 'status', conversation: C, status: 'store-unavailable' })
  socket.drop()
  await system.clock.advance(250)
  system.socket.welcome()
  assert.deepEqual([states, handle.status], [['store-unavailable', 'live'], 'live'])
})

test('[WE15] typing and receipts pass both ways while there is a line, and are not kept', async () => {
  const { system, handle, socket } = await online()
  const heard: unknown[] = []
  handle.onTyping.listen((sign) => heard.push(sign))
  handle.onSeen.listen((receipt) => heard.push(receipt))
  socket.say({ type: 'typing', conversation: C, from: 'a', on: true })
  socket.say({ type: 'seen', conversation: C, from: 'a', seq: 1 })
  handle.typing(true)
  handle.seen(1)
  assert.deepEqual(heard, [
    { from: 'a', on: true },
    { from: 'a', seq: 1 },
  ])
  assert.deepEqual(socket.frames.slice(-2), [
    { type: 'typing', conversation: C, on: true },
    { type: 'seen', conversation: C, seq: 1 },
  ])
  socket.drop()
  handle.typing(false)
  await system.clock.advance(250)
  assert.deepEqual(system.socket.welcome().of('typing'), [])
})

test('[WE16] a listener that throws hinders neither the connection nor other listeners', async (context) => {
  const faults: unknown[] = []
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', (fault) => faults.push(fault))
  context.after(() => {
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
  })
  const { system, connection, handle, socket } = await online()
  const seen: number[] = []
  handle.onEvents.listen(() => {
    throw new Error('a fault of the page')
  })
  handle.onEvents.listen((news) => seen.push(...news.map(({ seq }) => seq)))
  connection.onState.listen(() => connection.conversation('0000000000009'))
  socket.say(events(2))
  socket.drop()
  await system.clock.advance(250)
  system.socket.welcome()
  await new Promise(setImmediate)
  assert.deepEqual([seen, connection.state, String(faults[0])], [[2], 'online', 'Error: a fault of the page'])
})

test('[WE16] a listener may close the connection at any moment', async () => {
  const { system, connection, handle, socket } = await online()
  talk(handle, ['a'])
  connection.onState.listen((state) => state === 'online' && connection.close())
  socket.drop()
  await system.clock.advance(250)
  system.socket.welcome()
  assert.deepEqual([connection.state, system.clock.pending], ['stopped', 0])
  assert.deepEqual(system.socket.numbers, [])
})

test('[WE16] a connection needs no more memory for events than it was told', async () => {
  const system = new FakeSystem()
  const connection = await system.connect({ eventsMax: 3 })
  const handle = connection.conversation(C)
  const socket = system.socket.welcome()
  socket.say(events(1, 2, 3, 4, 5))
  assert.deepEqual(
    handle.events.map(({ seq }) => seq),
    [3, 4, 5],
  )
})
