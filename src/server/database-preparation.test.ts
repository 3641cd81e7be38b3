import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { DatabaseAway, DatabaseRefused } from '../store/migrations.ts'
import { prepareDatabase } from './database-preparation.ts'

/** A database that answers each attempt by the next of `failures`, and then is well. */
function stage(...failures: readonly Error[]) {
  const clock = new ManualClock()
  const left = [...failures]
  const fatal: string[] = []
  const begin = (mayWait: boolean) =>
    prepareDatabase({
      prepare: async () => {
        const failure = left.shift()
        if (failure) throw failure
      },
      mayWait,
      clock,
      log: silentLog,
      fatal: (reason) => fatal.push(reason),
    })
  return { clock, fatal, begin }
}

const away = new DatabaseAway('nobody listens')

test('[SV55] a node that remembers its cluster starts while the database is away, and joins when it is back', async () => {
  const { clock, begin } = stage(away, away, new Error('reset'))
  const { done, ready } = await begin(true)
  assert.equal(done, false)
  let joined = false
  void ready.then(() => {
    joined = true
  })
  await clock.advance(2500)
  assert.equal(joined, false)
  await clock.advance(1000)
  assert.equal(joined, true)
})

test('[SV55] a node that remembers nothing is refused while the database is away', async () => {
  const { begin } = stage(away)
  await assert.rejects(begin(false), DatabaseAway)
})

test('[SV55] a database that waiting cannot mend ends the start, at once or later', async () => {
  const unsafe = new DatabaseRefused('fsync is off')
  await assert.rejects(stage(unsafe).begin(true), DatabaseRefused)
  const { clock, fatal, begin } = stage(away, unsafe)
  await begin(true)
  await clock.advance(1000)
  assert.deepEqual(fatal, ['fsync is off'])
})
