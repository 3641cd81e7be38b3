import type { Clock } from '../base/clock.ts'
import type { Finding } from './decoder-run.ts'
import type { DecoderName } from './decoders/all-decoders.ts'
import type { DecoderFigures, FuzzJob, FuzzProgress } from './fuzz-job.ts'
import type { ThreadEnd } from './fuzz-thread-node.ts'

interface FuzzCampaignOptions {
  readonly decoders: readonly DecoderName[]
  readonly seed: number
  readonly until: FuzzJob['until']
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly run: (job: Omit<FuzzJob, 'lastInput'>, onProgress: (progress: FuzzProgress) => void) => Promise<ThreadEnd>
  readonly onProgress: (figures: readonly DecoderFigures[]) => void
}

export interface FuzzCampaign {
  readonly decoders: readonly DecoderFigures[]
  /** Threads that ended of what they read; each is a finding, too. */
  readonly deaths: number
  /** What the heap kept after a collection beyond what it held at the beginning; the worst thread. */
  readonly heapGrowthBytes: number
  readonly heapBytesMax: number
}

// One that dies again and again is read enough.
const DEATHS_MAX = 5
/** Seeds of the thread that follows a death: other inputs, or it would die of the same. */
const SEED_STEP = 1000

/** Fuzzes all decoders in one thread after the other: one, unless threads die. */
export async function runFuzzCampaign(options: FuzzCampaignOptions): Promise<FuzzCampaign> {
  const { decoders, until, clock, onProgress } = options
  const startMs = clock.monotonicMs()
  let total: FuzzCampaign = { decoders: [], deaths: 0, heapGrowthBytes: 0, heapBytesMax: 0 }
  for (let thread = 0; thread < DEATHS_MAX; thread++) {
    const left = remaining(until, clock.monotonicMs() - startMs)
    if (!left) break
    const job = { decoders, seed: options.seed + thread * SEED_STEP, until: left }
    const end = await options.run(job, (progress) => onProgress(summed(total.decoders, progress.decoders)))
    total = added(total, end)
    if (!end.death) break
  }
  return total
}

function remaining(until: FuzzJob['until'], elapsedMs: number): FuzzJob['until'] | undefined {
  if ('inputsEach' in until) return until
  return elapsedMs < until.totalMs ? { totalMs: until.totalMs - elapsedMs } : undefined
}

function added(total: FuzzCampaign, { progress, death }: ThreadEnd): FuzzCampaign {
  const figures = summed(total.decoders, progress?.decoders ?? [])
  const { heapStartBytes = 0, heapBytes = 0, heapBytesMax = 0 } = progress ?? {}
  return {
    decoders: death ? withFinding(figures, death) : figures,
    deaths: total.deaths + (death ? 1 : 0),
    // The figures of a thread that died are of the middle of its work.
    heapGrowthBytes: Math.max(total.heapGrowthBytes, death ? 0 : heapBytes - heapStartBytes),
    heapBytesMax: Math.max(total.heapBytesMax, heapBytesMax),
  }
}

function summed(before: readonly DecoderFigures[], now: readonly DecoderFigures[]): readonly DecoderFigures[] {
  const names = new Set([...before, ...now].map(({ decoder }) => decoder))
  return [...names].flatMap((name) => {
    const [first, second] = [before, now].map((list) => list.find(({ decoder }) => decoder === name))
    if (!first || !second) return first ?? second ?? []
    return {
      decoder: name,
      inputs: first.inputs + second.inputs,
      elapsedMs: first.elapsedMs + second.elapsedMs,
      corpus: Math.max(first.corpus, second.corpus),
      reached: Math.max(first.reached, second.reached),
      places: Math.max(first.places, second.places),
      findings: [...first.findings, ...second.findings],
    }
  })
}

function withFinding(
  figures: readonly DecoderFigures[],
  { decoder, ...finding }: Finding & { readonly decoder: DecoderName },
): readonly DecoderFigures[] {
  const none = { decoder, inputs: 0, elapsedMs: 0, corpus: 0, reached: 0, places: 0, findings: [] }
  const known = figures.find((each) => each.decoder === decoder) ?? none
  const others = figures.filter((each) => each !== known)
  return [...others, { ...known, findings: [...known.findings, finding] }]
}
