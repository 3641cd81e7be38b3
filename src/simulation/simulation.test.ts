import assert from 'node:assert/strict'
import test from 'node:test'
import { PLANTED_BUGS } from './planted-bugs/all-planted-bugs.ts'
import { canary } from './planted-bugs/canary.ts'
import { runSeed } from './run-seed.ts'
import { SeedPool } from './seed-pool-node.ts'
import { runCampaign } from './simulation-campaign.ts'

const replay = (seed: number) => `replay: holdfast simulate --seed ${seed} --minutes 1 --trace`

for (const seed of [1, 2, 3, 4])
  test(`[SI9] seed ${seed} breaks no rule and its core is well again in time`, async () => {
    const { violation, tail, acknowledged } = await runSeed({ seed, minutes: 1 })
    assert.equal(violation, undefined, [violation?.rule, violation?.sentence, ...tail, replay(seed)].join('\n'))
    assert.ok(acknowledged > 0)
  })

test('[SI1] the same seed gives the same trace, in this thread and in another one', async () => {
  const pool = new SeedPool(1)
  try {
    const lines: string[] = []
    const here = await runSeed({ seed: 7, minutes: 1, traceSink: (line) => lines.push(line) })
    const again = await runSeed({ seed: 7, minutes: 1 })
    const there = await pool.run({ seed: 7, minutes: 1 })
    assert.ok(lines.length > 1000)
    assert.equal(again.hash, here.hash)
    assert.equal(there.hash, here.hash)
    assert.notEqual((await runSeed({ seed: 8, minutes: 1 })).hash, here.hash)
  } finally {
    await pool.close()
  }
})

for (const bug of PLANTED_BUGS)
  test(`[SI6] the planted bug ${bug.name} is found`, async () => {
    for (let seed = 1; seed <= 20; seed++) if ((await runSeed({ seed, minutes: 1, bug })).violation) return
    assert.fail(`20 seeds do not see that ${bug.sentence}`)
  })

test('[SI6] the canary fails in every seed', async () => {
  for (const seed of [1, 2, 3]) assert.ok((await runSeed({ seed, minutes: 1, bug: canary })).violation)
})

test('a campaign counts what its seeds reached, replays some, and passes only when all is as it must be', async () => {
  const done: string[] = []
  const options = { seeds: 2, firstSeed: 1, minutes: 1, clean: true, jobs: 1 }
  const run = ({ seed, minutes, bug }: { seed: number; minutes: number; bug?: string }) =>
    runSeed({ seed, minutes, ...(bug === canary.name && { bug: canary }) })
  const report = await runCampaign({
    ...options,
    planted: false,
    run,
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
