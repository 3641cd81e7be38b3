import { readFileSync } from 'node:fs'
import { DECODER_NAMES, DECODERS, type DecoderName } from '../conformance/decoders/all-decoders.ts'
import { keepFinding } from '../conformance/findings-node.ts'
import { type FuzzCampaign, runFuzzCampaign } from '../conformance/fuzz-campaign.ts'
import type { DecoderFigures } from '../conformance/fuzz-job.ts'
import { fuzzLines, fuzzReport } from '../conformance/fuzz-report.ts'
import { runInThread } from '../conformance/fuzz-thread-node.ts'
import type { HostileSocketsFigures } from '../conformance/hostile-sockets-node.ts'
import { progressBar } from './progress-bar-node.ts'
import { type Arguments, EXIT, suggestion, UsageError, type VerbIo } from './verb.ts'

/** Beside the decoders: a real edge, from outside. */
const SOCKETS = 'sockets'
const TARGETS: readonly string[] = [...DECODER_NAMES, SOCKETS]
const TOOLS = ['fast-check', 'istanbul-lib-instrument'] as const
const MINUTE_MS = 60_000

interface Plan {
  readonly seed: number
  readonly durationMs: number
  readonly decoders: readonly DecoderName[]
  readonly sockets: boolean
}

/** `holdfast bench fuzz`: reads what nobody should write, for minutes, and tells what minded. */
export async function benchFuzz(args: Arguments, io: VerbIo): Promise<number> {
  const target = args.text('decoder')
  if (target !== undefined && !TARGETS.includes(target))
    throw new UsageError(`--decoder must be one of ${TARGETS.join(', ')}.${suggestion(target, TARGETS)}`)
  const minutes = args.number('minutes', { min: 1, max: 10_000 })
  const seed = args.number('seed', { min: 0, max: 0xffffffff })
  requireTools()
  const replay = args.text('replay')
  if (replay !== undefined) return readAgain(target, replay, io)
  const plan: Plan = {
    seed,
    durationMs: minutes * MINUTE_MS,
    decoders: DECODER_NAMES.filter((name) => target === undefined || target === name),
    sockets: target === undefined || target === SOCKETS,
  }
  const startMs = io.clock.monotonicMs()
  const [campaign, sockets] = await fuzz(plan, io)
  if (io.interrupted.aborted) return EXIT.interrupted
  const seconds = Math.round((io.clock.monotonicMs() - startMs) / 1000)
  const report = fuzzReport(campaign, sockets, { seed, seconds, keep: keepFinding })
  if (args.flag('json')) io.out(JSON.stringify(report, null, 2))
  else for (const line of fuzzLines(report)) io.out(line)
  return report.passed ? EXIT.done : EXIT.failed
}

/** Decoders in a thread and sockets beside it: each for the whole time. */
async function fuzz(
  { seed, durationMs, decoders, sockets }: Plan,
  io: VerbIo,
): Promise<readonly [FuzzCampaign | undefined, HostileSocketsFigures | undefined]> {
  const bar = progressBar('fuzzing')
  const startMs = io.clock.monotonicMs()
  let [read, frames] = ['', '']
  const show = () => bar.update(io.clock.monotonicMs() - startMs, durationMs, `${read}${frames}`)
  const decoding = () =>
    runFuzzCampaign({
      decoders,
      seed,
      until: { totalMs: durationMs },
      clock: io.clock,
      run: (job, onProgress) => runInThread(job, { stopped: io.interrupted, onProgress }),
      onProgress: (figures) => {
        read = noteOf(figures)
        show()
      },
    })
  const sending = async () => {
    const { sendHostileFrames } = await import('../conformance/hostile-sockets-node.ts')
    return sendHostileFrames({
      seed,
      durationMs,
      stopped: io.interrupted,
      onProgress: (_, sent) => {
        frames = `${sent} frames`
        show()
      },
    })
  }
  try {
    return await Promise.all([decoders.length > 0 ? decoding() : undefined, sockets ? sending() : undefined])
  } catch (error) {
    if (io.interrupted.aborted) return [undefined, undefined]
    throw error
  } finally {
    bar.end()
  }
}

function noteOf(figures: readonly DecoderFigures[]): string {
  const sum = (each: (figure: DecoderFigures) => number) => figures.reduce((total, figure) => total + each(figure), 0)
  const elapsedMs = sum((figure) => figure.elapsedMs)
  const perSecond = elapsedMs > 0 ? Math.round((sum(({ inputs }) => inputs) / elapsedMs) * 1000) : 0
  const share = Math.round(
    (100 * sum(({ reached }) => reached)) /
      Math.max(
        1,
        sum(({ places }) => places),
      ),
  )
  const found = sum(({ findings }) => findings.length)
  return `${perSecond} inputs/s, ${share} % reached, corpus ${sum(({ corpus }) => corpus)}, ${found} found, `
}

/** One input of a file, in this process: a debugger may stop in it. */
async function readAgain(target: string | undefined, file: string, io: VerbIo): Promise<number> {
  const name = DECODER_NAMES.find((known) => known === target)
  if (!name) throw new UsageError(`--replay needs --decoder: one of ${DECODER_NAMES.join(', ')}.`)
  const decoder = await DECODERS[name].open()
  const input = readFileSync(file)
  try {
    await decoder.read(input)
    io.out(`${name} takes the ${input.length} bytes of ${file} as it should.`)
    return EXIT.done
  } catch (error) {
    io.out(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return EXIT.failed
  }
}

/** The fuzzer is a tool for whoever works on the sources; a node needs none of this. */
function requireTools(): void {
  const missing = TOOLS.filter((tool) => !isInstalled(tool))
  if (missing.length > 0 || !import.meta.url.endsWith('.ts'))
    throw new Error(
      `bench fuzz runs in a checkout of the sources with its development tools (${TOOLS.join(', ')}): run npm ci there.`,
    )
}

function isInstalled(tool: string): boolean {
  try {
    import.meta.resolve(tool)
    return true
  } catch {
    return false
  }
}
