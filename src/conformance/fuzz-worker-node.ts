import { memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'
import fc from 'fast-check'
import { assert } from '../base/assertion.ts'
import { realClock } from '../base/real-clock-node.ts'
import { SeededDice } from '../chaos/seeded-dice.ts'
import { CoverageMap } from './coverage-map.ts'
import { DecoderRun } from './decoder-run.ts'
import { DECODERS, type DecoderName } from './decoders/all-decoders.ts'
import { type DecoderFigures, type FuzzJob, type FuzzMessage, LastInput } from './fuzz-job.ts'
import type { FuzzedDecoder } from './fuzzed-decoder.ts'
import { countersOf, instrumentFiles } from './instrument-node.ts'

const SLICE_INPUTS = 20
const SLICE_MS = 50
const TELL_EVERY_MS = 250
const DRAWN_AT_ONCE = 200

interface Searching {
  readonly name: DecoderName
  readonly run: DecoderRun
  readonly coverage: CoverageMap
  elapsedMs: number
}

const port = parentPort
assert(port, 'this file is a worker')
await fuzz(workerData as FuzzJob)

/** All decoders of a job in turns, in one thread. */
async function fuzz(job: FuzzJob): Promise<void> {
  instrumentFiles(job.decoders.flatMap((name) => DECODERS[name].files))
  const last = new LastInput(job.lastInput)
  const searching: Searching[] = []
  // All are open before the first one reads: from then on a while without an input is a hang.
  for (const [index, name] of job.decoders.entries()) searching.push(await opened(name, index, job, last))
  for (const { run } of searching) await run.begin()
  const heapStartBytes = heapAfterCollection()
  let heapBytesMax = heapStartBytes
  const tell = (kind: FuzzMessage['kind']) => {
    heapBytesMax = Math.max(heapBytesMax, memoryUsage().heapUsed)
    const heapBytes = kind === 'done' ? heapAfterCollection() : memoryUsage().heapUsed
    const progress = { decoders: searching.map(figuresOf), heapStartBytes, heapBytes, heapBytesMax }
    port?.postMessage({ kind, progress } satisfies FuzzMessage)
  }
  const startMs = realClock.monotonicMs()
  let toldMs = startMs
  while (searching.some((each) => isWanted(each, job, startMs))) {
    for (const each of searching) if (isWanted(each, job, startMs)) each.elapsedMs += await slice(each, job)
    // Rejections that nobody handles are told between turns of the event loop.
    await new Promise<void>((resolve) => realClock.after(0, resolve))
    if (realClock.monotonicMs() - toldMs < TELL_EVERY_MS) continue
    toldMs = realClock.monotonicMs()
    tell('progress')
  }
  tell('done')
}

async function opened(name: DecoderName, index: number, job: FuzzJob, last: LastInput): Promise<Searching> {
  const { files, open } = DECODERS[name]
  const decoder = await open()
  const coverage = new CoverageMap(countersOf(files))
  coverage.take()
  const seed = job.seed + index
  const run = new DecoderRun({
    decoder,
    coverage,
    dice: new SeededDice(seed),
    clock: realClock,
    drawn: endlessly(decoder, seed),
    reads: (input) => last.write(index, input),
  })
  return { name, run, coverage, elapsedMs: 0 }
}

/** A while of one decoder: so many inputs where inputs are counted, else so much time, however many that are. */
async function slice({ run }: Searching, { until }: FuzzJob): Promise<number> {
  const startMs = realClock.monotonicMs()
  if ('inputsEach' in until) await run.go(Math.min(SLICE_INPUTS, until.inputsEach - run.inputs))
  else while (!run.exhausted && realClock.monotonicMs() - startMs < SLICE_MS) await run.go(SLICE_INPUTS)
  return realClock.monotonicMs() - startMs
}

function isWanted({ run }: Searching, { until }: FuzzJob, startMs: number): boolean {
  if (run.exhausted) return false
  return 'inputsEach' in until ? run.inputs < until.inputsEach : realClock.monotonicMs() - startMs < until.totalMs
}

function figuresOf({ name, run, coverage, elapsedMs }: Searching): DecoderFigures {
  const { inputs, corpusSize: corpus, findings } = run
  return { decoder: name, inputs, elapsedMs, corpus, ...coverage.share, findings }
}

function* endlessly({ drawn }: FuzzedDecoder, seed: number): Generator<string | Uint8Array> {
  for (let round = 0; ; round++) yield* fc.sample(drawn, { seed: seed + round, numRuns: DRAWN_AT_ONCE })
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return memoryUsage().heapUsed
}
