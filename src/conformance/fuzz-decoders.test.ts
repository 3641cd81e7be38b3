import assert from 'node:assert/strict'
import test from 'node:test'
import { realClock } from '../base/real-clock-node.ts'
import { DECODER_NAMES, type DecoderName } from './decoders/all-decoders.ts'
import { runFuzzCampaign } from './fuzz-campaign.ts'
import { fuzzLines, fuzzReport } from './fuzz-report.ts'
import { runInThread } from './fuzz-thread-node.ts'

const SEED = 20_261_121
/** A share of the code that the good inputs alone reach: less would mean that nothing is counted. */
const REACHED_MIN = 0.3

const fuzz = (decoders: readonly DecoderName[], inputsEach: number) =>
  runFuzzCampaign({
    decoders,
    seed: SEED,
    until: { inputsEach },
    clock: realClock,
    run: (job) => runInThread(job, { stopped: new AbortController().signal, onProgress: () => {} }),
    onProgress: () => {},
  })

// Long runs are `holdfast bench fuzz --minutes N`.
test('[HB7] no decoder minds what it should not be given, and none keeps it', async (context) => {
  const report = fuzzReport(await fuzz(DECODER_NAMES, 600), undefined, { seed: SEED, seconds: 0, keep: () => '-' })
  for (const line of fuzzLines(report)) context.diagnostic(line)
  assert.deepEqual(report.findings, [])
  assert.equal(report.passed, true)
  assert.deepEqual(
    report.decoders.map(({ decoder }) => decoder),
    DECODER_NAMES,
  )
  for (const { decoder, reached, places } of report.decoders) assert.ok(reached / places > REACHED_MIN, decoder)
})

test('[HB5] instrumented decoders are searched alike from the same seed', async () => {
  const searched = async () => {
    const { decoders } = await fuzz(['relay-frame', 'server-frame'], 300)
    return decoders.map(({ elapsedMs: _, ...figures }) => figures)
  }
  assert.deepEqual(await searched(), await searched())
})
