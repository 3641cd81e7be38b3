import { PLANTED_BUGS } from './planted-bugs/all-planted-bugs.ts'
import { canary } from './planted-bugs/canary.ts'
import type { PlantedBug } from './planted-bugs/planted-bug.ts'
import type { SeedReport } from './run-seed.ts'
import type { SeedJob } from './seed-pool-node.ts'
import { realMs } from './settle-node.ts'
import { SOMETIMES, type SometimesName } from './sometimes.ts'

export interface CampaignOptions {
  readonly seeds: number
  readonly firstSeed: number
  readonly minutes: number
  /** Simulate the program as it is. */
  readonly clean: boolean
  /** Look for the planted bugs. */
  readonly planted: boolean
  /** Runs one seed; `undefined` where it was stopped before its end. */
  readonly run: (job: SeedJob) => Promise<SeedReport | undefined>
  /** How many runs may be under way. */
  readonly jobs: number
  readonly onProgress?: (done: number, total: number, note: string) => void
  readonly stopped?: () => boolean
}

/** How quickly one planted bug was found. */
export interface PlantedFinding {
  readonly name: string
  /** Rules that it breaks. */
  readonly breaks: readonly string[]
  /** One of them spoke in a trial. */
  readonly found: boolean
  /** Which of them spoke. */
  readonly foundBy: readonly string[]
  /** Rules that spoke and are none of its own: such a seed finds nothing. */
  readonly otherRules: readonly string[]
  /** Seeds until it was found, one figure per trial; trials that did not find it have none. */
  readonly seedsToFind: readonly number[]
  readonly medianSeeds?: number
}

export interface CampaignReport {
  readonly seeds: number
  readonly simulatedHours: number
  readonly realSeconds: number
  readonly speedUp: number
  readonly events: number
  readonly acknowledged: number
  readonly indefinite: number
  readonly counts: Readonly<Record<SometimesName, number>>
  /** States that no seed reached. */
  readonly unreached: readonly SometimesName[]
  readonly failures: readonly SeedReport[]
  /** Seeds that were run twice, and those of them whose traces differed. */
  readonly replayed: number
  readonly diverged: readonly number[]
  readonly planted: readonly PlantedFinding[]
  /** The run that must fail did fail. */
  readonly canaryFailed: boolean
  readonly passed: boolean
}

const TRIALS = 3
const REPLAY_SHARE = 0.02
// Each trial looks at seeds of its own, so that trials do not repeat each other.
const TRIAL_STRIDE = 100_000
const PLANTED_MINUTES_MAX = 1
/** From this many simulated hours on every `sometimes` state must have been reached. */
const HOURS_TO_REACH_ALL = 10

/** Runs the seeds, some of them twice, the canary, and the hunt for the planted bugs. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { seeds, firstSeed, minutes } = options
  const beganMs = realMs()
  const cleanSeeds = options.clean ? Array.from({ length: seeds }, (_, i) => firstSeed + i) : []
  const twice = cleanSeeds.slice(0, Math.ceil(cleanSeeds.length * REPLAY_SHARE))
  const total = cleanSeeds.length + twice.length + 1 + (options.planted ? PLANTED_BUGS.length : 0)
  let done = 0
  const step = (note: string) => options.onProgress?.(++done, total, note)
  const runAll = (list: readonly number[]) =>
    inParallel(list, options, async (seed) => {
      const report = await options.run({ seed, minutes })
      step(`seed ${seed}`)
      return report
    })
  const reports = (await runAll(cleanSeeds)).filter((report) => report !== undefined)
  const replays = (await runAll(twice)).filter((report) => report !== undefined)
  const seedsMs = realMs() - beganMs
  const chirp = await options.run({ seed: firstSeed, minutes, bug: canary.name })
  step('canary')
  const planted = await inParallel(options.planted ? PLANTED_BUGS : [], options, async (bug) => {
    const finding = await hunt(bug, options)
    step(bug.name)
    return finding
  })
  const diverged = replays
    .filter(({ seed, hash }) => reports.some((report) => report.seed === seed && report.hash !== hash))
    .map(({ seed }) => seed)
  return summary(options, reports, { replayed: replays.length, diverged, planted, chirp, seedsMs })
}

function summary(
  options: CampaignOptions,
  reports: readonly SeedReport[],
  more: {
    replayed: number
    diverged: readonly number[]
    planted: readonly PlantedFinding[]
    chirp: SeedReport | undefined
    seedsMs: number
  },
): CampaignReport {
  const sum = (of: (report: SeedReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  const names = Object.keys(SOMETIMES) as SometimesName[]
  const counts = Object.fromEntries(names.map((name) => [name, sum((report) => report.counts[name])])) as Record<
    SometimesName,
    number
  >
  const simulatedHours = sum((report) => report.simulatedMs) / 3_600_000
  const failures = reports.filter(({ violation }) => violation)
  const unreached = simulatedHours < HOURS_TO_REACH_ALL ? [] : names.filter((name) => counts[name] === 0)
  const canaryFailed = breaks(canary, more.chirp)
  const complete = !options.clean || reports.length === options.seeds
  return {
    seeds: reports.length,
    simulatedHours,
    realSeconds: more.seedsMs / 1000,
    speedUp: sum((report) => report.simulatedMs) / more.seedsMs,
    events: sum((report) => report.events),
    acknowledged: sum((report) => report.acknowledged),
    indefinite: sum((report) => report.indefinite),
    counts,
    unreached,
    failures,
    replayed: more.replayed,
    diverged: more.diverged,
    planted: more.planted,
    canaryFailed,
    passed:
      complete &&
      failures.length === 0 &&
      more.diverged.length === 0 &&
      unreached.length === 0 &&
      canaryFailed &&
      more.planted.every(({ found }) => found),
  }
}

/** Whether the run broke a rule that the bug breaks: another one may have spoken by chance, or be wrong itself. */
export function breaks(bug: PlantedBug, report: SeedReport | undefined): boolean {
  return report?.violation !== undefined && bug.breaks.includes(report.violation.rule)
}

/** Looks for one planted bug from several starting points; each trial ends with the first seed that finds it. */
async function hunt(bug: PlantedBug, options: CampaignOptions): Promise<PlantedFinding> {
  const minutes = bug.minutes ?? Math.min(options.minutes, PLANTED_MINUTES_MAX)
  const seedsToFind: number[] = []
  const foundBy = new Set<string>()
  const otherRules = new Set<string>()
  for (let trial = 0; trial < TRIALS; trial++) {
    for (let tried = 1; tried <= options.seeds && !options.stopped?.(); tried++) {
      const seed = options.firstSeed + trial * TRIAL_STRIDE + tried - 1
      const report = await options.run({ seed, minutes, bug: bug.name })
      const rule = report?.violation?.rule
      if (rule === undefined) continue
      const isOwn = breaks(bug, report)
      const rules = isOwn ? foundBy : otherRules
      rules.add(rule)
      if (!isOwn) continue
      seedsToFind.push(tried)
      break
    }
  }
  const median = [...seedsToFind].sort((a, b) => a - b)[Math.floor((seedsToFind.length - 1) / 2)]
  return {
    name: bug.name,
    breaks: bug.breaks,
    found: seedsToFind.length > 0,
    foundBy: [...foundBy],
    otherRules: [...otherRules],
    seedsToFind,
    ...(median !== undefined && { medianSeeds: median }),
  }
}

/** Results in the order of the items, `jobs` of them under way at a time; what was stopped is left out. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  { jobs, stopped }: CampaignOptions,
  act: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[][] = items.map(() => [])
  let next = 0
  const work = async () => {
    while (next < items.length && !stopped?.()) {
      const at = next++
      const item = items[at]
      if (item !== undefined) results[at] = [await act(item)]
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return results.flat()
}
