import assert from 'node:assert/strict'
import test from 'node:test'
import { FakeSystem, HEARTBEAT_MS } from './fake-system.ts'

const C = '0000000000001'
const D = '0000000000002'
const event = (seq: number) => ({ seq, at: 5, type: 'message', from: 'v', body: { format: 'text', text: `${seq}` } })

test('[WE1] hello is the first frame: token, versions, the instance of this page load, what to resume', async () => {
  const system = new FakeSystem()
  const connection = await system.connect({ library: '1.2.3' })
  connection.conversation(C, 7)
  assert.equal(system.socket.frames.length, 0)
  system.socket.open()
  const [hello] = system.socket.of('hello')
  assert.deepEqual(
    { ...hello, instance: '' },
    {
      ...{ type: 'hello', token: 'token-1', versions: [1], instance: '', connection: 1, library: '1.2.3' },
      resume: [{ conversation: C, after: 7 }],
    },
  )
  assert.equal(connection.state, 'connecting')
  system.socket.welcome()
  assert.equal(connection.state, 'online')
})

test('[WE2] a socket that is lost before it opens, before its welcome or after it is replaced within 250 ms', async () => {
  const system = new FakeSystem()
  system.fraction = 0.999
  const connection = await system.connect()
  system.socket.drop()
  await system.clock.advance(250)
  assert.equal(system.sockets.length, 2)
  system.socket.open()
  system.socket.drop()
  await system.clock.advance(500)
  assert.equal(system.sockets.length, 3)
  system.socket.welcome()
  await system.clock.advance(6000)
  system.socket.drop(1012)
  assert.equal(connection.state, 'resuming')
  await system.clock.advance(249)
  assert.equal(system.sockets.length, 3)
  await system.clock.advance(1)
  system.socket.welcome()
  assert.equal(connection.state, 'online')
  assert.deepEqual(
    system.sockets.flatMap((socket) => socket.of('hello').map(({ connection }) => connection)),
    [1, 2, 3],
  )
  assert.equal(system.tokensAsked, 1)
})

test('[WE2] a socket that never opens, and a node that never says welcome, are given up after a while', async () => {
  const system = new FakeSystem()
  await system.connect({ addresses: ['wss://a', 'wss://b'] })
  await system.clock.advance(1499)
  assert.equal(system.sockets[0]?.closed, false)
  await system.clock.advance(1)
  assert.equal(system.sockets[0]?.closed, true)
  await system.clock.advance(250)
  assert.equal(system.sockets.length, 2)
  system.socket.open()
  await system.clock.advance(3000)
  assert.equal(system.sockets[1]?.closed, true, 'a slow network gets more time with each failure')
  await system.clock.advance(500)
  assert.deepEqual(
    system.sockets.map(({ url }) => url),
    ['wss://a', 'wss://b', 'wss://a'],
  )
})

test('[WE4] addresses are tried round and round, those that the welcome named included', async () => {
  const system = new FakeSystem()
  const connection = await system.connect({ addresses: ['wss://a', 'wss://b'] })
  system.socket.drop()
  await system.clock.advance(250)
  system.socket.welcome({ addresses: ['wss://c', 'wss://a'] })
  assert.deepEqual(connection.addresses, ['wss://a', 'wss://b', 'wss://c'])
  for (let round = 0; round < 3; round++) {
    system.socket.drop()
    await system.clock.advance(1400)
  }
  assert.deepEqual(system.sockets.map(({ url }) => url).slice(1), ['wss://b', 'wss://c', 'wss://a', 'wss://b'])
})

test('[WE4] an address that the browser refuses is passed over', async () => {
  const system = new FakeSystem()
  system.forbidden = ['ws://a']
  const connection = await system.connect({ addresses: ['ws://a', 'wss://b'] })
  await system.clock.advance(250)
  assert.equal(system.socket.welcome().url, 'wss://b')
  assert.equal(connection.state, 'online')
})

test('[WE3] a refused token is asked for anew, and each fresh one is used once at least', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  for (let round = 2; round < 5; round++) {
    system.socket.open()
    system.socket.say({ type: 'refused', code: 'token-expired', definite: true })
    system.socket.drop(4401)
    await system.clock.advance(5000)
    assert.equal(system.socket.frames.length, 0)
    system.socket.open()
    assert.equal(system.socket.of('hello')[0]?.token, `token-${round}`)
  }
  system.socket.welcome()
  system.socket.drop(1006)
  await system.clock.advance(5000)
  system.socket.welcome()
  assert.equal(connection.state, 'online')
  assert.equal(system.tokensAsked, 4)
})

test('[WE3] a token that cannot be had, or does not come, is asked for again', async () => {
  const system = new FakeSystem()
  const answers: (() => Promise<string>)[] = [
    () => Promise.reject(new Error('no answer')),
    () => {
      throw new Error('thrown at once')
    },
    () => new Promise(() => {}),
  ]
  system.token = () => answers.shift()?.() ?? Promise.resolve('good')
  const connection = await system.connect()
  await system.clock.advance(1000)
  assert.equal(system.tokensAsked, 3)
  await system.clock.advance(17_000)
  assert.equal(connection.state, 'offline')
  assert.equal(system.socket.welcome().of('hello')[0]?.token, 'good')
  assert.equal(connection.state, 'online')
})

test('[WE3] when the token of an open line ends a fresh one is brought, and the line stays', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  const socket = system.socket.welcome()
  const ended = { type: 'refused', code: 'token-expired', definite: true } as const
  system.token = () => Promise.reject(new Error('no answer'))
  socket.say(ended)
  socket.say(ended)
  await system.clock.advance(4999)
  assert.equal(system.tokensAsked, 2)
  system.token = () => Promise.resolve('fresh')
  await system.clock.advance(1)
  assert.deepEqual(socket.of('refresh'), [{ type: 'refresh', token: 'fresh' }])
  await system.clock.advance(8000)
  assert.equal(system.tokensAsked, 3)
  socket.drop(1006)
  await system.clock.advance(250)
  assert.equal(system.socket.welcome().of('hello')[0]?.token, 'fresh')
  assert.equal(connection.state, 'online')
})

test('[WE3] a close code that says stop ends everything and leaves no timer', async () => {
  for (const code of [1009, 4400, 4406, 4409]) {
    const system = new FakeSystem()
    const connection = await system.connect()
    system.socket.welcome()
    system.socket.drop(code)
    assert.equal(connection.state, 'stopped')
    assert.equal(system.clock.pending, 0)
    await system.clock.advance(60_000)
    assert.equal(system.sockets.length, 1)
  }
})

test('[WE3] close ends everything at whatever moment, and leaves no timer', async () => {
  const moments: ((system: FakeSystem) => Promise<void> | void)[] = [
    () => {},
    (system) => system.socket.open(),
    (system) => void system.socket.welcome(),
    (system) => system.socket.drop(),
    (system) => system.socket.welcome().say({ type: 'goaway', withinMs: 1000 }),
    async (system) => {
      system.socket.welcome().say({ type: 'goaway', withinMs: 1000 })
      await system.clock.advance(1000)
    },
    (system) => {
      system.socket.welcome().say({ type: 'events', conversation: C, events: [event(9)] })
      system.socket.say({ type: 'refused', conversation: C, key: 'k', code: 'busy', definite: true })
      system.socket.say({ type: 'refused', conversation: C, code: 'busy', definite: true })
    },
  ]
  for (const moment of moments) {
    const system = new FakeSystem()
    const connection = await system.connect()
    connection.conversation(C)
    await moment(system)
    const made = system.sockets.length
    connection.close()
    assert.equal(connection.state, 'stopped')
    assert.equal(system.clock.pending, 0)
    await system.clock.advance(60_000)
    assert.equal(system.sockets.length, made)
  }
})

test('[WE3] close while the token is on its way opens no socket', async () => {
  const system = new FakeSystem()
  const connection = system.connection()
  connection.start()
  connection.start()
  connection.close()
  await system.clock.advance(60_000)
  assert.equal(system.sockets.length, 0)
  assert.equal(system.clock.pending, 0)
})

test('[WE9] a half-open socket is found within two heartbeats, after asking once', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  const socket = system.socket.welcome()
  await system.clock.advance(3000)
  socket.say({ type: 'ping' })
  assert.equal(socket.of('pong').length, 1)
  await system.clock.advance(HEARTBEAT_MS - 1)
  assert.equal(socket.of('ping').length, 0)
  await system.clock.advance(1)
  assert.equal(socket.of('ping').length, 1)
  await system.clock.advance(HEARTBEAT_MS - 1)
  assert.equal(socket.closed, false)
  await system.clock.advance(1)
  assert.equal(socket.closed, true)
  assert.equal(connection.state, 'resuming')
  await system.clock.advance(250)
  assert.equal(system.sockets.length, 2)
})

test('[WE9] a moment that no number holds exactly does not make the watch spin', async () => {
  const system = new FakeSystem()
  await system.connect()
  const socket = system.socket.welcome()
  let armed = 0
  const { after } = system.clock
  system.clock.after = (delayMs, callback) => {
    armed += 1
    assert.ok(armed < 1000, 'timers are armed without end')
    return after.call(system.clock, delayMs, callback)
  }
  for (const step of [0.1, 0.7, 1 / 3, 65_077.585]) {
    await system.clock.advance(step % HEARTBEAT_MS)
    socket.say({ type: 'pong' })
    await system.clock.advance(HEARTBEAT_MS * 1.5)
    socket.say({ type: 'pong' })
  }
  assert.ok(socket.of('ping').length >= 3)
  assert.equal(socket.closed, false)
})

test('[WE9] a line that answers lives, whatever heartbeat the node names', async () => {
  for (const heartbeatMs of [HEARTBEAT_MS, 0, -1, 1e300]) {
    const system = new FakeSystem()
    await system.connect()
    const socket = system.socket.welcome({ heartbeatMs })
    for (let second = 0; second < 60; second++) {
      await system.clock.advance(heartbeatMs === HEARTBEAT_MS ? 1000 : 50)
      if (socket.of('ping').length > 0) socket.say({ type: 'pong' })
    }
    assert.equal(socket.closed, false)
    assert.ok(socket.of('ping').length < 40)
  }
})

test('[WE10] when asked to go away the old line serves until the new one is welcome', async () => {
  const system = new FakeSystem()
  const connection = await system.connect({ addresses: ['wss://a', 'wss://b'] })
  const handle = connection.conversation(C)
  const old = system.socket.welcome()
  old.say({ type: 'events', conversation: C, events: [event(1)] })
  old.say({ type: 'goaway', withinMs: 4000, hint: 'wss://hint' })
  await system.clock.advance(1999)
  assert.equal(system.sockets.length, 1)
  await system.clock.advance(1)
  const next = system.socket
  assert.equal(next.url, 'wss://hint')
  next.open()
  handle.send({ type: 'message', format: 'text', text: 'in between' })
  old.say({ type: 'events', conversation: C, events: [event(2)] })
  assert.deepEqual([old.numbers, next.numbers, handle.lastSeq], [['1/1'], [], 2])
  const states: string[] = []
  connection.onState.listen((state) => states.push(state))
  next.welcome()
  assert.deepEqual([old.closed, next.closed, states], [true, false, []])
  assert.deepEqual(next.numbers, ['1/1'])
  // What both lines brought is there once, and the old line is not heard any more.
  next.say({ type: 'events', conversation: C, events: [event(2), event(3)] })
  old.say({ type: 'events', conversation: C, events: [event(4)] })
  assert.equal(handle.lastSeq, 3)
})

test('[WE10] the old socket may close as overtaken before the welcome of the new one is here', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  const old = system.socket.welcome()
  old.say({ type: 'goaway', withinMs: 0 })
  await system.settle()
  assert.equal(system.sockets.length, 2)
  system.socket.open()
  old.drop(4409)
  assert.equal(connection.state, 'resuming')
  system.socket.welcome()
  assert.equal(connection.state, 'online')
  await system.clock.advance(5000)
  assert.equal(system.sockets.length, 2)
})

test('[WE10] if the new line fails the old one serves on, and others are tried later', async () => {
  const system = new FakeSystem()
  const connection = await system.connect({ addresses: ['wss://a', 'wss://b', 'wss://c'] })
  const old = system.socket.welcome()
  old.say({ type: 'goaway', withinMs: 1000 })
  await system.clock.advance(1000)
  system.socket.drop(4400)
  assert.equal(connection.state, 'online')
  await system.clock.advance(250)
  system.socket.open()
  system.socket.drop(1013)
  await system.clock.advance(500)
  assert.deepEqual(
    system.sockets.map(({ url }) => url),
    ['wss://a', 'wss://b', 'wss://c', 'wss://b'],
  )
  assert.equal(connection.state, 'online')
  system.socket.welcome()
  assert.equal(old.closed, true)
})

test('[WE10] if both lines fail the connection resumes as after any loss', async () => {
  const system = new FakeSystem()
  const connection = await system.connect({ addresses: ['wss://a', 'wss://b'] })
  const old = system.socket.welcome()
  old.say({ type: 'goaway', withinMs: 1000 })
  await system.clock.advance(1000)
  old.drop()
  system.socket.drop()
  assert.equal(connection.state, 'resuming')
  await system.clock.advance(500)
  assert.equal(system.sockets.length, 3)
  system.socket.welcome()
  assert.equal(connection.state, 'online')
})

test('[WE10] a line that is lost before it goes away goes to the hint', async () => {
  const system = new FakeSystem()
  await system.connect({ addresses: ['wss://a', 'wss://b'] })
  const old = system.socket.welcome()
  old.say({ type: 'goaway', withinMs: 60_000, hint: 'wss://hint' })
  old.drop(1001)
  await system.clock.advance(250)
  assert.deepEqual([system.sockets.length, system.socket.url], [2, 'wss://hint'])
})

test('[WE10] a line that is over is not heard any more', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  const first = system.socket
  await system.clock.advance(1500)
  assert.equal(first.closed, true)
  first.welcome()
  assert.deepEqual([connection.state, first.frames], ['connecting', []])
  await system.clock.advance(250)
  system.socket.welcome()
  first.drop(4400)
  first.say({ type: 'goaway', withinMs: 0 })
  await system.clock.advance(1000)
  assert.deepEqual([connection.state, system.sockets.length], ['online', 2])
})

test('[WE11] conversations that come and go while the hello is on its way are attached to and left', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  const gone = connection.conversation(C)
  system.socket.open()
  gone.detach()
  connection.conversation(D, 4)
  const socket = system.socket.welcome()
  assert.deepEqual(socket.of('detach'), [{ type: 'detach', conversation: C }])
  assert.deepEqual(socket.of('attach'), [{ type: 'attach', conversation: D, after: 4 }])
})

test('[WE11] more conversations than one hello may name are attached to after the welcome', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  for (let index = 0; index < 300; index++) connection.conversation(`${1_000_000_000_000 + index}`)
  const socket = system.socket.welcome()
  assert.equal(socket.of('hello')[0]?.resume.length, 256)
  assert.equal(socket.of('attach').length, 44)
})

test('[WE11] a handle that was left and taken again begins anew, and the old one has no say in it', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  const socket = system.socket.welcome()
  const first = connection.conversation(C)
  assert.equal(connection.conversation(C), first)
  first.detach()
  const second = connection.conversation(C)
  first.detach()
  assert.notEqual(second, first)
  assert.equal(socket.of('detach').length, 1)
  socket.say({ type: 'events', conversation: C, events: [event(1)] })
  assert.deepEqual([first.lastSeq, second.lastSeq], [0, 1])
})

test('[WE16] nothing that a server says makes the connection throw', async () => {
  const system = new FakeSystem()
  const connection = await system.connect()
  connection.conversation(C)
  const socket = system.socket.welcome()
  const texts = [
    ...['', '{', 'null', '[]', '{"type":"wave"}', '{"type":"events","conversation":"0000000000001","events":[null]}'],
    '{"type":"events","conversation":"0000000000001","events":[{"seq":"1","type":"skip"}]}',
    '{"type":"events","conversation":"0000000000001","events":[{"seq":1}]}',
    '{"type":"welcome","node":"x","heartbeatMs":1,"addresses":[]}',
    '{"type":"ack","conversation":"unknown","key":"k","seq":1}',
    '{"type":"refused","conversation":"unknown","code":"no-such-code","definite":false}',
    '{"type":"ended","conversation":"unknown","code":"busy"}',
    '{"type":"goaway","withinMs":-5,"hint":7}',
  ]
  for (const text of texts) socket.sayText(text)
  await system.clock.advance(100)
  assert.equal(connection.state, 'online')
  connection.close()
  assert.equal(system.clock.pending, 0)
})
