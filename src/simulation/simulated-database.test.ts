import assert from 'node:assert/strict'
import test from 'node:test'
import { SeededDice } from '../chaos/seeded-dice.ts'
import { settle } from './settle-node.ts'
import { Timeline } from './simulated-clock.ts'
import { DATABASE_HOST, GOOD_MOOD, SimulatedDatabase } from './simulated-database.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { SimulatedWires } from './simulated-wires.ts'
import { Trace } from './trace.ts'

function stage() {
  const timeline = new Timeline()
  const trace = new Trace()
  const random = new SeededDice(3)
  const wires = new SimulatedWires(timeline, random.fork('wires'))
  const makeProcess = (name: string) =>
    new SimulatedProcess(name, { timeline, trace, onThrow: (error) => assert.fail(String(error)) })
  const database = new SimulatedDatabase({ timeline, random, wires }, () => makeProcess(DATABASE_HOST))
  const caller = makeProcess('node')
  const done: string[] = []
  const answers: string[] = []
  const ask = (name: string) =>
    void database
      .call(caller, 'node', name, async () => {
        done.push(name)
        return name
      })
      .then(
        (answer) => answers.push(answer),
        (error: Error) => answers.push(error.name),
      )
  const run = async (forMs: number) => {
    const untilMs = timeline.now() + forMs
    while (timeline.step(untilMs)) await settle()
  }
  return { database, wires, ask, run, done, answers }
}

test('[SI5] a statement takes place once and its answer comes back', async () => {
  const { ask, run, done, answers } = stage()
  ask('one')
  await run(50)
  assert.deepEqual([done, answers], [['one'], ['one']])
})

test('[SI5] a lost reply and a lost request look the same to the caller', async () => {
  const { database, ask, run, done, answers } = stage()
  database.mood = { ...GOOD_MOOD, replyLostShare: 1 }
  ask('took place')
  await run(50)
  database.mood = { ...GOOD_MOOD, requestLostShare: 1 }
  ask('did not')
  await run(50)
  assert.deepEqual(done, ['took place'])
  assert.deepEqual(answers, ['IndefiniteOutcome', 'IndefiniteOutcome'])
})

test('[SI5] a late statement takes place after its caller was told that the connection broke', async () => {
  const { database, ask, run, done, answers } = stage()
  database.mood = { ...GOOD_MOOD, lateShare: 1, lateMsMax: 1000 }
  for (let i = 0; i < 20; i++) ask(`${i}`)
  await run(10)
  assert.equal(answers.length, 20)
  assert.ok(done.length < 20)
  await run(2000)
  assert.equal(done.length, 20)
})

test('[SI5] a restart leaves its callers in doubt, and until it is over nobody gets in', async () => {
  const { database, ask, run, done, answers } = stage()
  ask('in flight')
  database.stop()
  await run(50)
  ask('refused')
  await run(50)
  database.start()
  ask('after')
  await run(50)
  assert.deepEqual(answers, ['IndefiniteOutcome', 'StoreUnavailable', 'after'])
  assert.deepEqual(done, ['after'])
})

test('[SI5] a statement that a cut wire holds back is given up by its caller and takes place when it is mended', async () => {
  const { wires, ask, run, done, answers } = stage()
  const mend = wires.cut(['node'], [DATABASE_HOST])
  ask('stuck')
  await run(20_000)
  assert.deepEqual([done, answers], [[], ['IndefiniteOutcome']])
  mend()
  await run(100)
  assert.deepEqual(done, ['stuck'])
})
