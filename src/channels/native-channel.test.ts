import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits } from '../base/ids.ts'
import { refuse } from '../base/refusals.ts'
import { agentToken, hello, rehearseChannel, say, visitorToken } from './channel-rehearsal.ts'

const mine = idFromBits(1n)
const other = idFromBits(2n)
const resume = [{ conversation: mine, after: 0 }]

test('[CN1] the first frame is hello, soon, and once', async () => {
  const { clock, dial } = rehearseChannel({ helloWithinMs: 3000 })
  const mute = dial()
  const rude = dial()
  rude.says({ type: 'attach', conversation: mine, after: 0 })
  assert.equal(rude.closedWith, 4400)
  const twice = dial()
  twice.says(hello(visitorToken(mine)), hello(visitorToken(mine)))
  assert.equal(twice.closedWith, 4400)
  await clock.advance(3000)
  assert.equal(mute.closedWith, 4401)
})

test('[CN2] hostile frames are refused or end the socket, and the channel lives', async () => {
  const { clock, dial, channel } = rehearseChannel()
  for (const frame of ['', '{', '[]', '"hello"', '{"type":5}', undefined]) {
    const client = dial()
    client.says(hello(agentToken()))
    client.handlers?.message(frame)
    assert.equal(client.closedWith, 4400, frame)
  }
  const newer = dial()
  newer.says(hello(agentToken()), { type: 'wave' }, { type: 'attach', conversation: '?' })
  newer.says({ ...say(mine, 1), body: { type: 'open', mode: 'live' } }, { ...say(mine, 2), key: {} })
  await clock.advance(1)
  assert.equal(newer.closedWith, undefined)
  assert.deepEqual(
    newer.got('refused').map(({ code, key }) => [code, key]),
    [
      ['malformed', undefined],
      ['malformed', undefined],
      ['malformed', 'key-1'],
      ['malformed', undefined],
    ],
  )
  assert.equal(channel.sockets, 1)
})

test('[CN3] a bad token ends the socket with 4401, and a store that is away never does', async () => {
  const { clock, tokens, dial } = rehearseChannel()
  for (const token of ['expired', 'forged']) {
    const client = dial()
    client.says(hello(token))
    assert.equal(client.closedWith, 4401)
    assert.equal(client.got('refused')[0]?.code, token === 'expired' ? 'token-expired' : 'token-invalid')
  }
  tokens.store = 'away'
  const early = dial()
  early.says(hello(`new-key ${visitorToken(mine)}`))
  await clock.advance(1)
  assert.equal(early.closedWith, 1013)
})

test('[CN3] a key that is not known is read once for all who bring it, and what came meanwhile is not lost', async () => {
  const { clock, tokens, dial } = rehearseChannel()
  tokens.store = 'has the key'
  const clients = [1, 2, 3].map(() => dial())
  clients.forEach((client, index) => {
    client.says(hello(`new-key ${visitorToken(mine, `visitor-${index}`)}`), { type: 'ping' })
  })
  await clock.advance(1)
  assert.equal(tokens.reads, 1)
  for (const client of clients)
    assert.deepEqual(
      client.frames.slice(0, 2).map(({ type }) => type),
      ['welcome', 'pong'],
    )
  tokens.newKeyKnown = false
  const inventor = dial()
  inventor.says(hello('new-key invented'))
  assert.deepEqual([inventor.closedWith, tokens.reads], [4401, 1])
})

test('[CN4] a client that speaks no version of ours is told so', () => {
  const { dial } = rehearseChannel()
  const client = dial()
  client.says(hello(visitorToken(mine), { versions: [99] }))
  assert.equal(client.closedWith, 4406)
})

test('[CN5] a later socket of a page load takes over, and an earlier one that comes late is turned away', () => {
  const { dial } = rehearseChannel()
  const [first, second, late, stranger] = [dial(), dial(), dial(), dial()]
  first.says(hello(visitorToken(mine), { connection: 1 }))
  second.says(hello(visitorToken(mine), { connection: 3 }))
  late.says(hello(visitorToken(mine), { connection: 2 }))
  stranger.says(hello(visitorToken(mine, 'victor'), { connection: 1 }))
  assert.deepEqual(
    [first, second, late, stranger].map(({ closedWith }) => closedWith),
    [4409, undefined, 4409, undefined],
  )
})

test('[AC1] a client is given only what its token reaches, and hidden events reach staff alone', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  conversations.append(mine)
  conversations.append(mine, { audience: 'staff' })
  conversations.append(other)
  const visitor = dial()
  visitor.says(hello(visitorToken(mine), { resume: [{ conversation: mine, after: 0 }] }))
  visitor.says({ type: 'attach', conversation: other, after: 0 }, say(other, 1))
  const agent = dial()
  agent.says(hello(agentToken(), { resume: [{ conversation: mine, after: 0 }] }))
  const clerk = dial()
  clerk.says(hello(JSON.stringify({ kind: 'staff', subject: 'c', name: 'c', role: 'agent', scopes: ['tokens'] })))
  clerk.says({ type: 'attach', conversation: mine, after: 0 })
  await clock.advance(10)
  assert.deepEqual(
    visitor.got('refused').map(({ code, conversation, key }) => [code, conversation, key]),
    [
      ['not-allowed', other, undefined],
      ['not-allowed', other, 'key-1'],
    ],
  )
  assert.equal(conversations.attached(other), 0)
  const kinds = (client: typeof visitor) => client.got('events').flatMap(({ events }) => events.map(({ type }) => type))
  assert.deepEqual(kinds(visitor), ['message', 'skip', 'message'])
  assert.deepEqual(kinds(agent), ['message', 'message', 'message'])
  assert.ok(!visitor.texts.some((text) => text.includes('"seq":2,"at"')))
  assert.deepEqual(clerk.got('refused')[0]?.code, 'not-allowed')
  assert.deepEqual(kinds(clerk), [])
})

test('[CN6] a visitor’s first look opens the conversation, and what it sends meanwhile comes after', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  conversations.hold()
  const client = dial()
  client.says(hello(visitorToken(mine), { resume }), say(mine, 1), say(mine, 2))
  await clock.advance(10)
  assert.deepEqual(
    conversations.submitted.map(({ key }) => key),
    ['open'],
  )
  conversations.release()
  await clock.advance(10)
  assert.deepEqual(
    conversations.submitted.map(({ key }) => key),
    ['open', 'key-1', 'key-2'],
  )
  assert.deepEqual(
    client.got('ack').map(({ seq }) => seq),
    [2, 3],
  )
  assert.deepEqual(client.seqs(mine), [1, 2, 3])
})

test('[CN6] when it cannot be opened, the client hears why, of its commands too', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  conversations.refusals.push(refuse('at-capacity', { retryAfterMs: 700 }))
  const client = dial()
  client.says(hello(visitorToken(mine), { resume }), say(mine, 1))
  await clock.advance(10)
  const refused = client.got('refused')
  assert.deepEqual(
    refused.map(({ code, key, retryAfterMs }) => [code, key, retryAfterMs]),
    [
      ['at-capacity', undefined, 700],
      ['at-capacity', 'key-1', 700],
    ],
  )
  assert.equal(conversations.attached(mine), 0)
  client.says({ type: 'attach', conversation: mine, after: 0 })
  await clock.advance(10)
  assert.deepEqual(client.seqs(mine), [1])
})

test('[CN6] a conversation that was opened otherwise, or is closed, is there to be read', async () => {
  for (const code of ['already-joined', 'key-reused', 'conversation-closed'] as const) {
    const { clock, conversations, dial } = rehearseChannel()
    conversations.append(mine)
    conversations.refusals.push(refuse(code))
    const client = dial()
    client.says(hello(visitorToken(mine), { resume }))
    await clock.advance(10)
    assert.deepEqual(client.seqs(mine), [1], code)
  }
})

test('[CN6] who resumes opens nothing', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  conversations.append(mine)
  conversations.append(mine)
  const client = dial()
  client.says(hello(visitorToken(mine), { resume: [{ conversation: mine, after: 1 }] }))
  await clock.advance(10)
  assert.equal(conversations.submitted.length, 0)
  assert.deepEqual(client.seqs(mine), [2])
})

test('[CN7] the sender of a command is who the token says, in the order in which the client sent', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  conversations.append(mine)
  const client = dial()
  client.says(hello(agentToken('anna'), { resume: [{ conversation: mine, after: 1 }] }))
  client.says({ ...say(mine, 1), sender: { id: 'boss' }, from: 'boss' }, { ...say(mine, 2), instance: 'page-0' })
  await clock.advance(10)
  assert.deepEqual(
    conversations.submitted.map(({ sender, key, origin }) => [sender.id, sender.role, key, origin]),
    [
      ['anna', 'agent', 'key-1', { instance: 'page-1', n: 1, floor: 1 }],
      ['anna', 'agent', 'key-2', { instance: 'page-0', n: 2, floor: 1 }],
    ],
  )
})

test('[CN8] what one tick brings to a conversation travels in one frame', async () => {
  const { clock, conversations, metrics, dial } = rehearseChannel()
  conversations.append(mine)
  const client = dial()
  client.says(hello(agentToken(), { resume: [{ conversation: mine, after: 1 }] }))
  await clock.advance(10)
  for (let index = 0; index < 5; index++) conversations.append(mine)
  assert.deepEqual(client.seqs(mine), [])
  await clock.advance(0)
  assert.equal(client.got('events').length, 1)
  assert.deepEqual(client.seqs(mine), [2, 3, 4, 5, 6])
  assert.equal(metrics.read().deliveries, 5)
})

test('[CN8] a long catch-up travels in several frames', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  for (let index = 0; index < 20; index++) conversations.append(mine, { padding: 16_000 })
  const client = dial()
  client.says(hello(agentToken(), { resume }))
  await clock.advance(10)
  assert.deepEqual(
    client.seqs(mine),
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
  for (const text of client.texts) assert.ok(text.length < 70_000)
})

test('[CN9] a slow client holds back its own events only, in bounded room, and gets all of them in the end', async () => {
  const sendQueueBytes = 300_000
  const { clock, conversations, dial } = rehearseChannel({ sendQueueBytes, slowMs: 1000 })
  conversations.append(mine)
  const client = dial()
  client.slow = true
  client.says(hello(agentToken(), { resume: [{ conversation: mine, after: 1 }] }))
  for (let index = 0; index < 100; index++) conversations.append(mine, { padding: 10_000 })
  await clock.advance(100)
  assert.equal(conversations.attached(mine), 0, 'it is detached while it is behind')
  assert.ok(client.queuedBytes <= sendQueueBytes)
  for (let round = 0; round < 60 && client.seqs(mine).length < 100; round++) {
    client.queuedBytes = Math.max(0, client.queuedBytes - 100_000)
    await clock.advance(100)
    assert.ok(client.queuedBytes <= sendQueueBytes)
  }
  assert.deepEqual(
    client.seqs(mine),
    Array.from({ length: 100 }, (_, index) => index + 2),
  )
  assert.equal(client.closedWith, undefined)
})

test('[CN9] a client that takes nothing for too long is cut with 4413', async () => {
  const { clock, conversations, metrics, dial } = rehearseChannel({ sendQueueBytes: 300_000, slowMs: 1000 })
  const client = dial()
  client.slow = true
  client.says(hello(agentToken(), { resume: [{ conversation: mine, after: 0 }] }))
  for (let index = 0; index < 40; index++) conversations.append(mine, { padding: 10_000 })
  await clock.advance(900)
  assert.equal(client.closedWith, undefined)
  await clock.advance(300)
  assert.equal(client.closedWith, 4413)
  assert.equal(metrics.read().sockets_refused, 1)
})

test('[CN10] a silent socket is asked after a heartbeat and closed after two; who speaks is left alone', async () => {
  const { clock, dial } = rehearseChannel({ heartbeatMs: 1000 })
  const [silent, lively] = [dial(), dial()]
  silent.says(hello(visitorToken(mine, 'silent')))
  lively.says(hello(visitorToken(mine, 'lively')))
  for (let round = 0; round < 10; round++) {
    await clock.advance(300)
    lively.says({ type: 'pong' })
  }
  assert.equal(silent.got('ping').length, 2)
  assert.equal(silent.closedWith, 4408)
  assert.deepEqual([lively.got('ping').length, lively.closedWith], [0, undefined])
  lively.says({ type: 'ping' })
  assert.equal(lively.got('pong').length, 1)
})

test('[CN11] commands beyond the rate are refused with a time, a flood ends the socket', async () => {
  const { clock, conversations, dial } = rehearseChannel({ messagesPerSecond: 10 })
  conversations.append(mine)
  const client = dial()
  client.says(hello(agentToken()))
  for (let n = 1; n <= 25; n++) client.says(say(mine, n))
  await clock.advance(1)
  const refused = client.got('refused')
  assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['rate-limited']))
  assert.equal(refused.length, 5)
  assert.ok(refused.every(({ retryAfterMs = 0 }) => retryAfterMs > 0 && retryAfterMs <= 100))
  for (let n = 0; n < 300; n++) client.says({ type: 'ping' })
  assert.equal(client.closedWith, 4429)
})

test('[CN11] at most 64 commands of a socket are without an answer', async () => {
  const { clock, conversations, dial } = rehearseChannel({ messagesPerSecond: 1000 })
  conversations.append(mine)
  conversations.hold()
  const client = dial()
  client.says(hello(agentToken()))
  for (let n = 1; n <= 66; n++) client.says(say(mine, n))
  await clock.advance(1)
  assert.deepEqual(
    client.got('refused').map(({ code, key }) => [code, key]),
    [
      ['busy', 'key-65'],
      ['busy', 'key-66'],
    ],
  )
  conversations.release()
  await clock.advance(1)
  assert.equal(client.got('ack').length, 64)
  client.says(say(mine, 65))
  await clock.advance(1)
  assert.equal(client.got('ack').length, 65)
})

test('[CN11] typing and receipts are passed on in moderation, under the name of the token', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  conversations.append(mine)
  const client = dial()
  client.says(hello(agentToken('anna'), { resume: [{ conversation: mine, after: 1 }] }))
  client.says({ type: 'typing', conversation: other, on: true })
  for (let index = 0; index < 50; index++) client.says({ type: 'typing', conversation: mine, on: true, from: 'boss' })
  await clock.advance(1)
  assert.equal(conversations.signals.length, 10)
  assert.deepEqual(conversations.signals[0], { type: 'typing', from: 'anna', on: true })
})

test('[CN12] when a token ends its holder is told, and stays if it brings another one', async () => {
  const { clock, tokens, dial } = rehearseChannel({ tokenGraceMs: 5000, heartbeatMs: 1e6 })
  tokens.lifetimeMs = 10_000
  const [prompt, late] = [dial(), dial()]
  prompt.says(hello(visitorToken(mine, 'prompt')))
  late.says(hello(visitorToken(mine, 'late')))
  await clock.advance(10_001)
  for (const client of [prompt, late]) assert.deepEqual(client.got('refused')[0]?.code, 'token-expired')
  prompt.says({ type: 'refresh', token: visitorToken(mine, 'prompt') })
  late.says({ type: 'refresh', token: visitorToken(mine, 'somebody else') }, { type: 'refresh', token: 'expired' })
  await clock.advance(5000)
  assert.deepEqual([prompt.closedWith, late.closedWith], [undefined, 4401])
  assert.deepEqual(
    late.got('refused').map(({ code }) => code),
    ['token-expired', 'token-invalid', 'token-expired'],
  )
})

test('[CN12] a token that allows less ends what it does not allow', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  conversations.append(mine)
  const client = dial()
  client.says(hello(agentToken('anna'), { resume: [{ conversation: mine, after: 1 }] }))
  const lesser = { kind: 'staff', subject: 'anna', name: 'anna', role: 'agent', scopes: [] }
  client.says({ type: 'refresh', token: JSON.stringify(lesser) })
  conversations.append(mine)
  await clock.advance(10)
  assert.deepEqual(
    client.got('ended').map(({ conversation, code }) => [conversation, code]),
    [[mine, 'not-allowed']],
  )
  assert.deepEqual(client.seqs(mine), [])
})

test('[CN13] status and typing reach those who look, an end is the last that is heard', async () => {
  const { clock, conversations, dial } = rehearseChannel()
  conversations.append(mine)
  const client = dial()
  client.says(hello(agentToken('anna'), { resume: [{ conversation: mine, after: 1 }] }))
  await clock.advance(0)
  const [subscriber] = conversations.subscribers(mine)
  subscriber?.status(mine, 'resuming')
  subscriber?.ephemeral(mine, { type: 'typing', from: 'vera', on: true })
  subscriber?.ephemeral(mine, { type: 'typing', from: 'anna', on: true })
  conversations.append(mine)
  subscriber?.ended(mine, refuse('store-unavailable'))
  await clock.advance(10)
  assert.deepEqual(
    client.frames.slice(1).map(({ type }) => type),
    ['events', 'status', 'typing', 'ended'],
  )
})

test('[CN14] goaway asks and does not close; stopping closes all and leaves no timer behind', async () => {
  const { clock, channel, conversations, dial } = rehearseChannel()
  conversations.append(mine)
  const client = dial()
  client.says(hello(agentToken(), { resume: [{ conversation: mine, after: 1 }] }))
  await clock.advance(0)
  channel.goaway(2000, 'wss://b/connect')
  assert.deepEqual(client.got('goaway'), [{ type: 'goaway', withinMs: 2000, hint: 'wss://b/connect' }])
  assert.equal(client.closedWith, undefined)
  conversations.append(mine)
  channel.stop(1012, 'the node stops')
  assert.deepEqual([client.closedWith, channel.sockets], [1012, 0])
  assert.deepEqual(client.seqs(mine), [2], 'what was there is written first')
  assert.equal(conversations.attached(mine), 0)
  await clock.advance(1)
  assert.equal(clock.pending, 0)
})

test('[CN14] who is not welcome yet, or comes later, is asked to go with its welcome, until the node stays', async () => {
  let withinMs: number | undefined
  const { clock, channel, dial } = rehearseChannel({ leavesWithinMs: () => withinMs })
  const greeted = dial()
  withinMs = 2000
  channel.goaway(withinMs)
  assert.deepEqual(greeted.frames, [])
  const later = dial()
  for (const [at, client] of [greeted, later].entries()) {
    client.says(hello(agentToken(), { instance: `page-${at}` }))
    await clock.advance(0)
    assert.deepEqual(
      client.frames.map(({ type }) => type),
      ['welcome', 'goaway'],
    )
  }
  withinMs = undefined
  const last = dial()
  last.says(hello(agentToken(), { instance: 'page-3' }))
  await clock.advance(0)
  assert.deepEqual(last.got('goaway'), [])
})

test('[CN3] keys that cannot be read in time are told from a hello that never came', async () => {
  const { clock, tokens, dial } = rehearseChannel({ helloWithinMs: 3000 })
  tokens.refreshKeys = () => new Promise(() => {})
  const [waiting, silent] = [dial(), dial()]
  waiting.says(hello(`new-key ${agentToken()}`))
  await clock.advance(3000)
  assert.deepEqual([waiting.closedWith, silent.closedWith], [1013, 4401])
})
