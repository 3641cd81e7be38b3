import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { allCheckers } from './checkers/all-checkers.ts'
import { PLANTED_BUGS } from './planted-bugs/all-planted-bugs.ts'
import { canary } from './planted-bugs/canary.ts'
import { runSeed } from './run-seed.ts'
import { SeedPool } from './seed-pool-node.ts'
import { breaks, runCampaign } from './simulation-campaign.ts'

const THREADS = 2
const SEEDS_TO_FIND_MAX = 60

const pool = new SeedPool(THREADS)
after(() => pool.close())

const replay = (seed: number) => `replay: holdfast simulate --seed ${seed} --minutes 1 --trace`

test('[SI9] seeds of every shape break no rule, and their cores are well again in time', {
  concurrency: THREADS,
}, async (t) => {
  const run = (seed: number) =>
    t.test(`seed ${seed}`, async () => {
      const report = await pool.run({ seed, minutes: 1 })
      assert.ok(report && report.acknowledged > 0)
      const { violation, tail } = report
      assert.equal(violation, undefined, [violation?.rule, violation?.sentence, ...tail, replay(seed)].join('\n'))
    })
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(run))
})

test('[SI1] the same seed gives the same trace, in this thread and in another one', async () => {
  const lines: string[] = []
  const here = await runSeed({ seed: 7, minutes: 1, traceSink: (line) => lines.push(line) })
  const again = await runSeed({ seed: 7, minutes: 1 })
  const there = await pool.run({ seed: 7, minutes: 1 })
  assert.ok(lines.length > 1000)
  assert.equal(again.hash, here.hash)
  assert.equal(there?.hash, here.hash)
  assert.notEqual((await runSeed({ seed: 8, minutes: 1 })).hash, here.hash)
})

test('[SI6] every planted bug is found by a rule that it breaks', { concurrency: THREADS }, async (t) => {
  assert.ok(PLANTED_BUGS.length >= 20)
  const hunt = (bug: (typeof PLANTED_BUGS)[number]) =>
    t.test(bug.name, async () => {
      for (let seed = 1; seed <= SEEDS_TO_FIND_MAX; seed++)
        if (breaks(bug, await pool.run({ seed, minutes: bug.minutes ?? 1, bug: bug.name }))) return
      assert.fail(`${SEEDS_TO_FIND_MAX} seeds do not see this: ${bug.sentence}`)
    })
  await Promise.all(PLANTED_BUGS.map(hunt))
})

test('[SI6] the canary fails in every seed', async () => {
  for (const seed of [1, 2, 3]) assert.ok(breaks(canary, await pool.run({ seed, minutes: 1, bug: canary.name })))
})

test('[SI6] a planted bug breaks rules that there are, and a run that breaks another one does not find it', async () => {
  const rules = [...allCheckers().map(({ rule }) => rule), 'convergence', 'assertion']
  for (const bug of [...PLANTED_BUGS, canary]) {
    assert.ok(bug.breaks.length > 0, bug.name)
    for (const rule of bug.breaks) assert.ok(rules.includes(rule), `${bug.name}: ${rule}`)
  }
  const calm = await runSeed({ seed: 1, minutes: 1 })
  const violation = { rule: 'BO1', sentence: 'Something is full.', atMs: 0 }
  const run = async () => ({ ...calm, violation })
  const report = await runCampaign({ seeds: 1, firstSeed: 1, minutes: 1, clean: false, planted: true, jobs: 1, run })
  for (const { found, foundBy, otherRules } of report.planted)
    assert.deepEqual([found, foundBy, otherRules], [false, [], ['BO1']])
  assert.deepEqual([report.canaryFailed, report.passed], [false, false])
})

test('[SI10] a closed pool answers every run that is under way or waits, and begins none', async () => {
  const closing = new SeedPool(1)
  const runs = [1, 2].map((seed) => closing.run({ seed, minutes: 600 }))
  await closing.close()
  assert.deepEqual(await Promise.all([...runs, closing.run({ seed: 3, minutes: 1 })]), [
    undefined,
    undefined,
    undefined,
  ])
})

for (const [signal, words] of [
  ['SIGTERM', '--seeds 1000 --minutes 1'],
  ['SIGTERM', '--seed 1 --minutes 600 --trace'],
  ['SIGINT', '--seed 1 --minutes 600 --trace'],
] as const)
  test(`[SI10] ${signal} ends simulate ${words} long before it would`, { timeout: 240_000 }, async () => {
    const program = join(import.meta.dirname, '..', '..', 'bin', 'holdfast.js')
    const child = spawn(process.execPath, [program, 'simulate', ...words.split(' ')])
    try {
      // The first seed is done, or the first line of its trace is there.
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')])
      child.stdout.resume()
      child.stderr.resume()
      child.kill(signal)
      assert.deepEqual(await once(child, 'exit'), [130, null])
    } finally {
      child.kill('SIGKILL')
    }
  })

test('a campaign counts what its seeds reached, replays some, and passes only when all is as it must be', async () => {
  const done: string[] = []
  const options = { seeds: 2, firstSeed: 1, minutes: 1, clean: true, jobs: 1 }
  const report = await runCampaign({
    ...options,
    planted: false,
    run: (job) => pool.run(job),
    onProgress: (count, total, note) => done.push(`${count}/${total} ${note}`),
  })
  assert.deepEqual(done, ['1/4 seed 1', '2/4 seed 2', '3/4 seed 1', '4/4 canary'])
  assert.equal(report.passed, true)
  assert.equal(report.canaryFailed, true)
  assert.deepEqual([report.seeds, report.replayed, report.diverged], [2, 1, []])
  assert.ok(report.simulatedHours > 0.02)

  // A program in which nothing is ever found: the hunt comes back empty and the canary sings.
  const calm = await runSeed({ seed: 1, minutes: 1 })
  const blind = await runCampaign({ ...options, planted: true, run: async ({ seed }) => ({ ...calm, seed }) })
  assert.deepEqual(
    blind.planted.map(({ found }) => found),
    PLANTED_BUGS.map(() => false),
  )
  assert.equal(blind.canaryFailed, false)
  assert.equal(blind.passed, false)
})
