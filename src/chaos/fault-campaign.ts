import { databaseVersion } from './database-node.ts'
import type { Fault } from './fault.ts'
import { FaultDeck } from './fault-deck.ts'
import { LoadedCluster, type LoadedClusterOptions, type Verdict } from './loaded-cluster.ts'
import { SeededDice } from './seeded-dice.ts'
import { type Standstills, watchStandstills } from './standstill-node.ts'
import { type Trial, trialOf } from './trial.ts'

/** What faults a campaign has, and when it has enough. */
interface FaultPlan {
  /** Asked before each trial; `undefined` ends the campaign. */
  next(dice: SeededDice, soFar: { readonly trials: number; readonly elapsedMs: number }): Fault | undefined
  /** How far it has come, 0 to 1. */
  share(soFar: { readonly trials: number; readonly elapsedMs: number }): number
}

export interface CampaignResult {
  readonly trials: readonly Trial[]
  readonly verdict: Verdict
  /** What the nodes counted until the end; those that were killed began again at 0. */
  readonly counters: Readonly<Record<string, number>>
  /** Version of PostgreSQL. */
  readonly database: string
  /** Of the process that ran clients and proxies, and measured. */
  readonly standstills: Standstills
  /** From the first trial to the end of the last. */
  readonly lastedMs: number
  /** Why it ended before its plan did. */
  readonly brokenOff?: string
}

export interface CampaignOptions extends LoadedClusterOptions {
  readonly plan: FaultPlan
  readonly seed: number
  readonly onProgress: (done: number, total: number, note: string) => void
  /** Called with the cluster as soon as it is there, so that whoever interrupts can end it. */
  readonly onStarted: (running: LoadedCluster) => void
}

const TOLD: readonly string[] = ['adoptions', 'claims', 'fenced_appends', 'indefinite_appends', 'lease_losses']
/** A cluster that failed so often without a break will not come back. */
const FAILURES_IN_A_ROW_MAX = 3

/** Faults, one after the other, on a cluster of its own under load; each waits until the one before is healed. */
export async function faultCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { plan, onProgress, ports } = options
  const tell = (share: number, note: string) => onProgress(Math.round(share * 1000), 1000, note)
  tell(0, 'starting a cluster')
  const running = await LoadedCluster.start(options)
  options.onStarted(running)
  try {
    await running.load.begin()
    const database = await databaseVersion(running.cluster.database)
    const ground = { running, dice: new SeededDice(options.seed), clock: ports.clock }
    const standstills = watchStandstills()
    const startMs = ports.clock.monotonicMs()
    const elapsedMs = () => ports.clock.monotonicMs() - startMs
    const trials: Trial[] = []
    const soFar = () => ({ trials: trials.length, elapsedMs: elapsedMs() })
    let brokenOff: string | undefined
    for (let fault = plan.next(ground.dice, soFar()); fault; fault = plan.next(ground.dice, soFar())) {
      const trial = await trialOf(fault, ground)
      trials.push(trial)
      tell(plan.share(soFar()), `${trials.length} faults; ${fault.name}: ${Math.round(trial.worst?.gapMs ?? 0)} ms`)
      const last = trials.slice(-FAILURES_IN_A_ROW_MAX)
      if (last.length < FAILURES_IN_A_ROW_MAX || last.some(healed)) continue
      brokenOff = `after ${FAILURES_IN_A_ROW_MAX} trials in a row that did not heal`
      break
    }
    const lastedMs = elapsedMs()
    const stoodStill = standstills()
    tell(1, 'reading the logs')
    const verdict = await running.judge()
    const counters = await countersOf(running)
    const told = { counters, database, standstills: stoodStill, lastedMs }
    return { trials, verdict, ...told, ...(brokenOff !== undefined && { brokenOff }) }
  } finally {
    await running.stop()
  }
}

/** A cluster that does not even answer has nothing to tell; what was measured before counts all the same. */
async function countersOf({ cluster }: LoadedCluster): Promise<Readonly<Record<string, number>>> {
  const all = await cluster.counters().catch(() => ({}))
  return Object.fromEntries(Object.entries(all).filter(([name]) => TOLD.includes(name)))
}

/** It was done, everybody was served again, everything was adopted and every node came back. */
export function healed({ failure, servedMs, wholeMs, owned, adoptedMs }: Trial): boolean {
  return failure === undefined && servedMs !== undefined && wholeMs !== undefined && !(owned > 0 && !adoptedMs)
}

/** The same fault so many times. */
export function timesPlan(fault: Fault, times: number): FaultPlan {
  return {
    next: (_, { trials }) => (trials < times ? fault : undefined),
    share: ({ trials }) => trials / times,
  }
}

/** All of them, mixed by weight, until the time is over. */
export function minutesPlan(faults: readonly Fault[], minutes: number): FaultPlan {
  const wholeMs = minutes * 60_000
  let deck: FaultDeck | undefined
  return {
    next(dice, { elapsedMs }) {
      deck ??= new FaultDeck(faults, dice)
      return elapsedMs < wholeMs ? deck.draw() : undefined
    },
    share: ({ elapsedMs }) => Math.min(1, elapsedMs / wholeMs),
  }
}
