import assert from 'node:assert/strict'
import test from 'node:test'
import { judgeSilence, type Silence, type SilenceStep } from './silence-decision.ts'

const HEARTBEAT_MS = 10_000

test('[WE9] what a silence means, by its length, by what was asked and by who waits', () => {
  const idle = { heartbeatMs: HEARTBEAT_MS, waiting: false }
  const waiting = { heartbeatMs: HEARTBEAT_MS, waiting: true }
  const table: [Silence, SilenceStep['verdict'], number][] = [
    [{ ...idle, silentMs: 0 }, 'fine', 10_000],
    [{ ...idle, silentMs: 9999 }, 'fine', 1],
    [{ ...idle, silentMs: 10_000 }, 'ask', 10_000],
    [{ ...idle, silentMs: 15_000, askedForMs: 5000 }, 'fine', 5000],
    [{ ...idle, silentMs: 20_000, askedForMs: 10_000 }, 'dead', 0],
    [{ ...waiting, silentMs: 499 }, 'fine', 1],
    [{ ...waiting, silentMs: 500 }, 'ask', 500],
    [{ ...waiting, silentMs: 900, askedForMs: 400 }, 'fine', 100],
    [{ ...waiting, silentMs: 1000, askedForMs: 500 }, 'doubt', 9500],
    [{ ...waiting, silentMs: 10_500, askedForMs: 10_000 }, 'dead', 0],
    // A page that was asleep asks before it judges.
    [{ ...idle, silentMs: 3_600_000 }, 'ask', 10_000],
    [{ ...waiting, silentMs: 3_600_000 }, 'ask', 500],
    // A node with a short heartbeat is asked in its own rhythm.
    [{ heartbeatMs: 200, waiting: true, silentMs: 100 }, 'ask', 100],
    [{ heartbeatMs: 200, waiting: true, silentMs: 200, askedForMs: 100 }, 'doubt', 100],
  ]
  for (const [silence, verdict, againMs] of table)
    assert.deepEqual(judgeSilence(silence), { verdict, againMs }, JSON.stringify(silence))
})
