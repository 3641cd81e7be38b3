import assert from 'node:assert/strict'
import test from 'node:test'
import { SeededDice } from '../chaos/seeded-dice.ts'
import { settle } from './settle-node.ts'
import { Timeline } from './simulated-clock.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { SimulatedWorld } from './simulated-world.ts'
import { Trace } from './trace.ts'

function stage() {
  const timeline = new Timeline()
  const thrown: unknown[] = []
  const process = new SimulatedProcess('p', { timeline, trace: new Trace(), onThrow: (error) => thrown.push(error) })
  const run = async (untilMs: number) => {
    while (timeline.step(untilMs)) await settle()
  }
  return { timeline, process, run, thrown }
}

test('what is due at the same time happens in the order in which it was asked for', async () => {
  const { timeline, run } = stage()
  const seen: string[] = []
  for (const [atMs, name] of [
    [5, 'b'],
    [1, 'a'],
    [5, 'c'],
    [9, 'd'],
    [5, 'e'],
  ] as const)
    timeline.at(atMs, () => seen.push(name))
  await run(100)
  assert.equal(seen.join(''), 'abced')
  assert.equal(timeline.now(), 100)
})

test('[SI2] nothing happens in a dead process: no timer fires and no promise settles', async () => {
  const { process, run } = stage()
  const seen: string[] = []
  process.clock.after(10, () => seen.push('timer'))
  void new Promise<void>((resolve) => process.deliver(10, 'input', 'answer', resolve)).then(() => seen.push('answer'))
  await run(5)
  process.kill()
  process.clock.after(1, () => seen.push('late'))
  await run(1000)
  assert.deepEqual(seen, [])
})

test('[SI3] a paused process does late, in order, what was due meanwhile, and its clock went on', async () => {
  for (const first of ['timer', 'input'] as const) {
    const { process, run } = stage()
    const seen: string[] = []
    process.clock.after(10, () => seen.push(`timer at ${process.clock.monotonicMs()}`))
    process.deliver(8, 'input', 'frame', () => seen.push('frame 1'))
    process.deliver(12, 'input', 'frame', () => seen.push('frame 2'))
    await run(5)
    process.pause()
    await run(2000)
    assert.deepEqual(seen, [])
    process.wake(first)
    await run(3000)
    const timer = 'timer at 2000'
    assert.deepEqual(seen, first === 'timer' ? [timer, 'frame 1', 'frame 2'] : ['frame 1', 'frame 2', timer])
  }
})

test('[SI3] what comes while a woken process catches up waits behind what came before it', async () => {
  const { process, run } = stage()
  const seen: number[] = []
  for (const n of [1, 2, 3]) process.deliver(n, 'input', 'frame', () => seen.push(n))
  process.pause()
  await run(10)
  process.wake('input')
  process.deliver(0, 'input', 'frame', () => seen.push(4))
  await run(20)
  assert.deepEqual(seen, [1, 2, 3, 4])
})

test('a pause waits for what the process does at once', async () => {
  const { process, run } = stage()
  const seen: string[] = []
  process.clock.after(0, () => seen.push('flush'))
  process.pause()
  process.clock.after(5, () => seen.push('timer'))
  await run(100)
  assert.deepEqual(seen, ['flush'])
  assert.equal(process.state, 'paused')
})

test('an error that nobody catches is reported, not lost', async () => {
  const { process, run, thrown } = stage()
  process.deliver(1, 'input', 'frame', () => {
    throw new Error('unexpected')
  })
  await run(10)
  assert.match(String(thrown[0]), /unexpected/)
})

test('dice of one seed and name are the same, and forks do not disturb each other', () => {
  const throwsOf = (random: SeededDice) => Array.from({ length: 5 }, () => random.fraction())
  const one = new SeededDice(7)
  const other = new SeededDice(7)
  other.fork('a').fraction()
  assert.deepEqual(throwsOf(one), throwsOf(other))
  assert.notDeepEqual(throwsOf(one.fork('a')), throwsOf(one.fork('b')))
  assert.notDeepEqual(throwsOf(new SeededDice(7)), throwsOf(new SeededDice(8)))
  const mean = Array.from({ length: 10_000 }, () => one.fraction()).reduce((a, b) => a + b) / 10_000
  assert.ok(Math.abs(mean - 0.5) < 0.02)
})

test('a timer that is armed for 0 ms again and again is a violation, not a run without end', async () => {
  const world = new SimulatedWorld({ seed: 1 })
  const { clock } = world.process('p')
  const again = () => {
    clock.after(0, again)
  }
  again()
  await world.run(1000)
  assert.equal(world.referee.violation?.rule, 'spin')
})
