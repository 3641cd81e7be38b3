import assert from 'node:assert/strict'
import test from 'node:test'
import { SeededDice } from '../chaos/seeded-dice.ts'
import { settle } from './settle-node.ts'
import { Timeline } from './simulated-clock.ts'
import { SimulatedDoors } from './simulated-network.ts'
import type { PipeEnd } from './simulated-pipe.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { SimulatedWires } from './simulated-wires.ts'
import { Trace } from './trace.ts'

async function connected() {
  const timeline = new Timeline()
  const trace = new Trace()
  const wires = new SimulatedWires(timeline, new SeededDice(1))
  const doors = new SimulatedDoors<string>({ timeline, wires }, 'pipe')
  const makeProcess = (name: string) =>
    new SimulatedProcess(name, { timeline, trace, onThrow: (error) => assert.fail(String(error)) })
  const [here, there] = [makeProcess('a'), makeProcess('b')]
  const run = async (forMs: number) => {
    const untilMs = timeline.now() + forMs
    while (timeline.step(untilMs)) await settle()
  }
  const seen: string[] = []
  const listen = (end: PipeEnd, name: string) => {
    end.listener = {
      arrived: (payload) => seen.push(`${name} got ${payload}`),
      closed: (code, reason) => seen.push(`${name} closed ${code} ${reason}`),
    }
  }
  let far: PipeEnd | undefined
  doors.open('b:1', {
    process: there,
    host: 'b',
    greeting: () => 'b',
    accept: (end) => {
      far = end
      listen(end, 'b')
    },
  })
  const connecting = doors.connect({ process: here, host: 'a' }, 'b:1', 'a', 'b')
  await run(20)
  const near = (await connecting).end
  listen(near, 'a')
  assert.ok(far)
  return { timeline, wires, doors, here, there, near, far, run, seen }
}

test('[SI4] frames arrive in order, once, however unevenly the wires carry them', async () => {
  const { near, run, seen, wires } = await connected()
  wires.speed = { leastMs: 1, jitterMs: 50, lossShare: 0.3, resendMs: 100 }
  for (let i = 0; i < 50; i++) near.send(String(i))
  await run(2000)
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, i) => `b got ${i}`),
  )
  assert.equal(near.queuedBytes, 0)
})

test('[SI4] a cut holds frames back and counts them; they arrive when it is mended', async () => {
  const { near, far, run, seen, wires } = await connected()
  const mend = wires.cut(['a'], ['b'])
  near.send('held')
  far.send('through')
  await run(1000)
  assert.deepEqual(seen, ['a got through'])
  assert.equal(near.queuedBytes, 4)
  mend()
  await run(1000)
  assert.deepEqual(seen, ['a got through', 'b got held'])
})

test('[SI4] a cut that lasts ends the connection on the side that has something to send', async () => {
  const { near, run, seen, wires } = await connected()
  wires.cut(['a'], ['b'])
  near.send('lost')
  await run(60_000)
  assert.deepEqual(seen, ['a closed 1006 timed out'])
})

test('[SI4] a process that exits resets its connections and refuses new ones; a lost machine does neither', async () => {
  const exited = await connected()
  exited.there.kill()
  exited.doors.died(exited.there, 'b', false)
  await exited.run(100)
  assert.deepEqual(exited.seen, ['a closed 1006 reset by peer'])
  const refused = assert.rejects(exited.doors.connect({ process: exited.here, host: 'a' }, 'b:1', 'a', 'b'), {
    kind: 'refused',
  })
  await exited.run(100)
  await refused

  const lost = await connected()
  lost.there.kill()
  lost.doors.died(lost.there, 'b', true)
  lost.near.send('anybody?')
  await lost.run(1000)
  assert.deepEqual(lost.seen, [])
  const unreachable = assert.rejects(lost.doors.connect({ process: lost.here, host: 'a' }, 'b:1', 'a', 'b'), {
    kind: 'unreachable',
  })
  await lost.run(1000)
  await unreachable
})

test('[SI4] a half-open connection is silent on both sides until somebody gives it up', async () => {
  const { near, far, run, seen, doors } = await connected()
  doors.pipes()[0]?.goSilent()
  near.send('into nothing')
  await run(1000)
  assert.deepEqual(seen, [])
  far.close(1000, 'given up')
  await run(100)
  assert.deepEqual(seen, ['b closed 1000 given up'])
})

test('a frame that the accepting side sends at once finds the dialling side ready', async () => {
  const { doors, here, there, run } = await connected()
  const seen: string[] = []
  doors.open('b:2', {
    process: there,
    host: 'b',
    greeting: () => 'b',
    accept: (end) => end.send('welcome'),
  })
  void doors.connect({ process: here, host: 'a' }, 'b:2', 'a', 'b').then(({ end }) => {
    end.listener = { arrived: (payload) => seen.push(String(payload)), closed: () => {} }
  })
  await run(100)
  assert.deepEqual(seen, ['welcome'])
})
