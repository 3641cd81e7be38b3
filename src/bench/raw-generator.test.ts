import assert from 'node:assert/strict'
import test from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import type { ConnectionPorts, ConnectionSocketHandlers } from '../web/connection/ports.ts'
import type { Dialect } from './dialect.ts'
import { measuredPhase } from './measured-phase.ts'
import { emptyTally, RawClient } from './raw-client.ts'
import { RawGenerator } from './raw-generator.ts'

/** Words as they are, acknowledgements as `ack n`. */
const plainDialect: Dialect = {
  subprotocol: null,
  url: (address) => address,
  session: (_place, wire) => ({
    opened: () => wire.ready(),
    heard: (frame) => (frame.startsWith('ack ') ? wire.acknowledged(Number(frame.slice(4))) : wire.given(frame)),
    say: (_n, text) => wire.send(text),
  }),
}

/** One room, whose first socket is its visitor's; `hear` is told of the `n`th word, from 1. */
function roomHearing(hear: (n: number, text: string, sockets: readonly ConnectionSocketHandlers[]) => void) {
  const clock = new ManualClock()
  const sockets: ConnectionSocketHandlers[] = []
  let ids = 0
  let heard = 0
  const ports: ConnectionPorts = {
    clock,
    random: { fraction: () => 0.5, id: () => `id-${++ids}` },
    storage: { load: () => undefined, save() {} },
    openSocket(_url, handlers) {
      sockets.push(handlers)
      clock.after(1, () => handlers.opened())
      return { send: (text) => hear(++heard, text, sockets), close: () => handlers.closed(1006) }
    },
  }
  const seat = (sender: string) => ({ sender, token: '' })
  const room = { conversation: 'r1', visitor: seat('visitor'), agents: [seat('agent-1'), seat('agent-2')] }
  const generator = new RawGenerator({
    ports,
    dialect: plainDialect,
    addresses: ['ws://one'],
    rooms: [room],
    textLength: 30,
    patienceMs: 500,
  })
  return { clock, generator, ports }
}

async function within<Result>(clock: ManualClock, ms: number, promise: Promise<Result>): Promise<Result> {
  await clock.advance(ms)
  return promise
}

/** Two words in 100 ms, which `give` gives to the agent of the second place. */
async function phaseWith(give: (n: number, text: string, agent: ConnectionSocketHandlers | undefined) => void) {
  const { clock, generator } = roomHearing((n, text, [visitor, first, second]) => {
    visitor?.message(`ack ${n}`)
    visitor?.message(text)
    first?.message(text)
    give(n, text, second)
  })
  await within(clock, 100, generator.begin())
  const phase = await within(clock, 5000, generator.openLoop(20, 99))
  assert.equal(phase.tally.ackMs.length, 2)
  generator.stop()
  return phase
}

test('[BE13] a time of talking is complete when everybody was given every word once', async () => {
  assert.equal((await phaseWith((_n, text, agent) => agent?.message(text))).complete, true)
})

test('[BE13] a word that came twice does not stand for one that never came', async () => {
  const phase = await phaseWith((n, text, agent) => {
    if (n === 1) for (const _time of ['once', 'again']) agent?.message(text)
  })
  assert.equal(phase.tally.deliveryMs.length, 6)
  assert.equal(phase.complete, false)
})

test('[BE13] a word of another room is one too many, and stands for none', async () => {
  const foreign = '@@1.0@id-99.2@xxxx'
  assert.equal((await phaseWith((n, text, agent) => agent?.message(n === 1 ? text : foreign))).complete, false)
  const more = await phaseWith((n, text, agent) => {
    agent?.message(text)
    if (n === 1) agent?.message(foreign)
  })
  assert.equal(more.complete, false)
})

test('[BE13] of two times of talking each is judged by its own words', async () => {
  const { clock, generator } = roomHearing((n, text, sockets) => {
    sockets[0]?.message(`ack ${n}`)
    for (const socket of sockets.slice(0, n > 2 ? 3 : 2)) socket.message(text)
  })
  await within(clock, 100, generator.begin())
  assert.equal((await within(clock, 5000, generator.openLoop(20, 99))).complete, false)
  assert.equal((await within(clock, 5000, generator.openLoop(20, 99))).complete, true)
  generator.stop()
})

test('[BE11] what is acknowledged or given after the measured time is in no rate', async () => {
  const { clock, generator } = roomHearing((n, text, sockets) => {
    // Every word is 300 ms under way: of those of one second, three in ten come too late.
    clock.after(300, () => {
      sockets[0]?.message(`ack ${n}`)
      for (const socket of sockets) socket.message(text)
    })
  })
  await within(clock, 100, generator.begin())
  const talk = () => generator.openLoop(100, 1000)
  const figures = await within(clock, 5000, measuredPhase({ usage: () => undefined }, talk))
  assert.ok(
    figures.acknowledgedPerSecond > 65 && figures.acknowledgedPerSecond < 75,
    `${figures.acknowledgedPerSecond}`,
  )
  assert.ok(figures.deliveredPerSecond > 195 && figures.deliveredPerSecond < 225, `${figures.deliveredPerSecond}`)
  assert.ok((figures.ackMs?.count ?? 0) >= 100)
  assert.equal(figures.complete, true)
  generator.stop()
})

test('[BE10] a client says how many different words it was given', async () => {
  const { ports, clock } = roomHearing(() => {})
  const given: number[] = []
  let socket: ConnectionSocketHandlers | undefined
  const client = new RawClient({
    ports: {
      ...ports,
      openSocket(url, handlers) {
        socket = handlers
        return ports.openSocket(url, handlers)
      },
    },
    dialect: plainDialect,
    addresses: ['ws://one'],
    place: { conversation: 'r1', sender: 'onlooker', token: '', part: 'onlooker', instance: 'one' },
    textLength: 30,
    tally: emptyTally(),
    onGiven: (different) => given.push(different),
  })
  await clock.advance(10)
  for (const name of ['two.1', 'two.1', 'three.1', 'two.2']) socket?.message(`@@1.0@${name}@`)
  assert.deepEqual(given, [1, 1, 2, 3])
  assert.equal(client.given, 3)
  client.leave()
})
