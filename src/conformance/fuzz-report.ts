import type { Finding } from './decoder-run.ts'
import type { FuzzCampaign } from './fuzz-campaign.ts'
import type { DecoderFigures } from './fuzz-job.ts'
import type { HostileSocketsFigures } from './hostile-sockets-node.ts'

/** What the heap may keep of millions of inputs: the corpus, and what the engine compiled meanwhile. */
const HEAP_GROWTH_BYTES_MAX = 64 * 2 ** 20
/** What an edge may hold under attack, and by how much it may still grow in the second half: it is warm in 20 seconds. */
const RESIDENT_BYTES_MAX = 512 * 2 ** 20
const RESIDENT_GROWTH_BYTES_MAX = 32 * 2 ** 20
const MEBIBYTE = 2 ** 20

interface FuzzReport {
  readonly seed: number
  readonly seconds: number
  readonly inputs: number
  readonly deaths: number
  readonly findings: readonly ReportedFinding[]
  readonly decoders: readonly (Omit<DecoderFigures, 'findings' | 'elapsedMs'> & { readonly inputsPerSecond: number })[]
  readonly heapGrowthBytes: number
  readonly heapBytesMax: number
  readonly sockets?: HostileSocketsFigures
  readonly memoryBounded: boolean
  readonly passed: boolean
}

interface ReportedFinding extends Omit<Finding, 'input'> {
  readonly decoder: string
  /** Where the input was written, and the command that reads it again. */
  readonly file: string
  readonly replay: string
}

interface FuzzFacts {
  readonly seed: number
  readonly seconds: number
  /** Writes an input and answers its path. */
  readonly keep: (decoder: string, input: Uint8Array) => string
}

export function fuzzReport(
  campaign: FuzzCampaign | undefined,
  sockets: HostileSocketsFigures | undefined,
  { seed, seconds, keep }: FuzzFacts,
): FuzzReport {
  const figures = campaign?.decoders ?? []
  const findings = figures.flatMap(({ decoder, findings }) => findings.map((each) => reported(decoder, each, keep)))
  const deaths = (campaign?.deaths ?? 0) + (sockets?.deaths ?? 0)
  const heapGrowthBytes = campaign?.heapGrowthBytes ?? 0
  const memoryBounded = heapGrowthBytes <= HEAP_GROWTH_BYTES_MAX && levelsOff(sockets)
  const unharmed = !sockets || (sockets.serves && sockets.socketsLeft === 0 && sockets.frames > 0)
  const read = figures.length > 0 || sockets !== undefined
  return {
    seed,
    seconds,
    inputs: figures.reduce((sum, { inputs }) => sum + inputs, 0),
    deaths,
    findings,
    decoders: figures.map(({ findings: _, elapsedMs, ...rest }) => ({
      ...rest,
      inputsPerSecond: elapsedMs > 0 ? Math.round((rest.inputs / elapsedMs) * 1000) : 0,
    })),
    heapGrowthBytes,
    heapBytesMax: campaign?.heapBytesMax ?? 0,
    ...(sockets && { sockets }),
    memoryBounded,
    passed: read && findings.length === 0 && deaths === 0 && memoryBounded && unharmed,
  }
}

/** The report for people. */
export function fuzzLines(report: FuzzReport): readonly string[] {
  const { sockets } = report
  return [
    ...report.decoders.map(
      ({ decoder, inputs, inputsPerSecond, corpus, reached, places }) =>
        `${decoder.padEnd(15)} ${String(inputs).padStart(9)} inputs, ${String(inputsPerSecond).padStart(6)}/s, ` +
        `reached ${reached} of ${places} (${Math.round((100 * reached) / Math.max(1, places))} %), corpus ${corpus}`,
    ),
    ...(sockets ? [socketLine(sockets)] : []),
    ...report.findings.flatMap(({ decoder, kind, sentence, replay }) => [
      `FOUND ${kind} in ${decoder}: ${sentence}`,
      `  replay: ${replay}`,
    ]),
    `heap after collection ${inMebibytes(report.heapGrowthBytes)} above its beginning, at most ${inMebibytes(report.heapBytesMax)}`,
    `seed ${report.seed}, ${report.seconds} s, ${report.inputs} inputs, ${report.deaths} deaths, ${report.findings.length} findings`,
  ]
}

function socketLine(figures: HostileSocketsFigures): string {
  const { frames, sockets, socketsLeft, serves, residentBytes } = figures
  const memory = residentBytes
    ? `, ${inMebibytes(residentBytes.middle)} resident half way and ${inMebibytes(residentBytes.end)} at the end`
    : ''
  const after = serves ? 'the cluster serves' : 'the cluster does NOT serve'
  return `${'sockets'.padEnd(15)} ${String(frames).padStart(9)} hostile frames on ${sockets} sockets, ${socketsLeft} left; ${after}${memory}`
}

function reported(decoder: string, finding: Finding, keep: FuzzFacts['keep']): ReportedFinding {
  const { kind, sentence, input } = finding
  const file = keep(decoder, input)
  return { decoder, kind, sentence, file, replay: `holdfast bench fuzz --decoder ${decoder} --replay ${file}` }
}

/** Where nobody could see the edge's memory there is nothing to hold against it. */
function levelsOff(sockets: HostileSocketsFigures | undefined): boolean {
  const { middle = 0, end = 0 } = sockets?.residentBytes ?? {}
  return end <= RESIDENT_BYTES_MAX && end - middle <= RESIDENT_GROWTH_BYTES_MAX
}

function inMebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`
}
