import assert from 'node:assert/strict'
import test from 'node:test'
import type { Clock } from '../base/clock.ts'
import type { WireEvent } from '../protocol/client-frames.ts'
import { ConversationHandle, type Settled } from './connection/conversation-handle.ts'
import { ConversationModel } from './conversation-model.ts'

/** A clock that moves when it is told to. */
class TestClock implements Clock {
  #nowMs = 0
  #timers: { atMs: number; callback: () => void }[] = []

  monotonicMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  advance(byMs: number): void {
    this.#nowMs += byMs
    const due = this.#timers.filter(({ atMs }) => atMs <= this.#nowMs)
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#nowMs)
    for (const { callback } of due) callback()
  }

  get armed(): number {
    return this.#timers.length
  }
}

function modelFor() {
  const clock = new TestClock()
  const signals: object[] = []
  const settle = new Map<string, (settled: Settled) => void>()
  let keys = 0
  const connection = {
    send: () => {
      keys += 1
      const key = `k${keys}`
      return { key, settled: new Promise<Settled>((resolve) => settle.set(key, resolve)) }
    },
    unsent: () => [],
    signal: (frame: object) => void signals.push(frame),
    detach: () => {},
  }
  const handle = new ConversationHandle('0000000000001', connection, 0, 0)
  const model = new ConversationModel(handle, { me: 'v', clock })
  const event = (seq: number, from: string, text: string, key: string): WireEvent => ({
    seq,
    at: seq,
    type: 'message',
    from,
    key,
    body: { format: 'text', text },
  })
  const settled = async (key: string, outcome: Settled) => {
    settle.get(key)?.(outcome)
    await Promise.resolve()
    await Promise.resolve()
  }
  return { clock, signals, handle, model, event, settled }
}

const states = (model: ConversationModel) =>
  model.view().entries.map((entry) => (entry.kind === 'line' ? 'line' : entry.state))
const hello = { type: 'message', format: 'text', text: 'hello' } as const

test('[WE31] a message never vanishes between its acknowledgement and its event', async () => {
  const { model, handle, event, settled } = modelFor()
  model.send(hello)
  assert.deepEqual(states(model), ['waiting'])
  const { id } = model.view().entries[0] ?? {}
  await settled('k1', { kind: 'ack', seq: 1 })
  assert.deepEqual(states(model), ['waiting'])
  handle.apply([event(1, 'v', 'hello', 'k1')])
  assert.deepEqual(states(model), ['stored'])
  assert.equal(model.view().entries[0]?.id, id)
})

test('[WE31] an event before its acknowledgement leaves one message', async () => {
  const { model, handle, event, settled } = modelFor()
  model.send(hello)
  handle.apply([event(1, 'v', 'hello', 'k1')])
  await settled('k1', { kind: 'ack', seq: 1 })
  assert.deepEqual(states(model), ['stored'])
})

test('what was refused stays until it is sent again or given up', async () => {
  const { model, settled } = modelFor()
  model.send(hello)
  await settled('k1', { kind: 'refused', code: 'bad-text' })
  assert.deepEqual(states(model), ['refused'])
  model.retry('k1')
  assert.deepEqual(states(model), ['waiting'])
  await settled('k2', { kind: 'refused', code: 'bad-text' })
  model.discard('k2')
  assert.deepEqual(states(model), [])
})

test('a refused joining leaves no mark', async () => {
  const { model, settled } = modelFor()
  model.send({ type: 'join' })
  assert.ok(model.view().joining)
  await settled('k1', { kind: 'refused', code: 'already-joined' })
  assert.ok(!model.view().joining)
})

test('who types is told seldom, and taken back', () => {
  const { model, clock, signals } = modelFor()
  for (let keystroke = 0; keystroke < 10; keystroke++) {
    model.typing()
    clock.advance(400)
  }
  assert.deepEqual(signals, [
    { type: 'typing', on: true },
    { type: 'typing', on: true },
  ])
  clock.advance(4_000)
  assert.deepEqual(signals.at(-1), { type: 'typing', on: false })
  model.typing()
  model.send(hello)
  assert.deepEqual(signals.slice(-2), [
    { type: 'typing', on: true },
    { type: 'typing', on: false },
  ])
})

test('[WE32] a notice that is not kept is there for a while, the latest one, and leads to safe addresses only', () => {
  const { model, handle, clock } = modelFor()
  handle.onNotice.emit({ from: 'a', notice: 'Look here', url: 'https://shop.example/shoes' })
  assert.deepEqual(model.view().notice, { text: 'Look here', href: 'https://shop.example/shoes' })
  clock.advance(10_000)
  handle.onNotice.emit({ from: 'a', notice: 'And here', url: 'javascript:alert(1)' })
  clock.advance(10_000)
  assert.deepEqual(model.view().notice, { text: 'And here' })
  clock.advance(5_000)
  assert.equal(model.view().notice, undefined)
  handle.onNotice.emit({ from: 'a', notice: 'Last' })
  model.close()
  assert.equal(clock.armed, 0)
})

test('a typing sign fades by itself, and ends with the message', () => {
  const { model, handle, clock, event } = modelFor()
  handle.onTyping.emit({ from: 'a', on: true })
  handle.onTyping.emit({ from: 'v', on: true })
  assert.deepEqual(model.view().typing, ['a'])
  clock.advance(8_000)
  assert.deepEqual(model.view().typing, [])
  handle.onTyping.emit({ from: 'a', on: true })
  handle.apply([event(1, 'a', 'hi', 'x')])
  assert.deepEqual(model.view().typing, [])
})

test('what was seen is said once and heard from others only', () => {
  const { model, handle, signals, event } = modelFor()
  model.seen()
  handle.apply([event(1, 'a', 'hi', 'x')])
  model.seen()
  model.seen()
  assert.deepEqual(signals, [{ type: 'seen', seq: 1 }])
  handle.onSeen.emit({ from: 'v', seq: 9 })
  handle.onSeen.emit({ from: 'a', seq: 1 })
  assert.equal(model.view().seenByOthers, 1)
})

test('the view is the same object until something changes, and a closed model leaves no timer', () => {
  const { model, handle, clock } = modelFor()
  const view = model.view()
  assert.equal(model.view(), view)
  let calls = 0
  model.subscribe(() => {
    calls += 1
  })
  handle.turn('resuming')
  assert.equal(calls, 1)
  assert.notEqual(model.view(), view)
  handle.onTyping.emit({ from: 'a', on: true })
  model.typing()
  model.close()
  handle.turn('live')
  assert.equal(calls, 2)
  assert.equal(clock.armed, 0)
})
