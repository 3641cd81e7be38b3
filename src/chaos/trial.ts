import type { Clock } from '../base/clock.ts'
import type { NodeUnderTest } from './cluster-under-test-node.ts'
import type { Fault, FaultStage } from './fault.ts'
import type { Gap } from './gap-statistics.ts'
import { CampaignStopped, type LoadedCluster } from './loaded-cluster.ts'
import type { SeededDice } from './seeded-dice.ts'

/** One fault and what became of it. Times are milliseconds from its begin. */
export interface Trial {
  /** Name of the fault. */
  readonly fault: string
  /** Absent where it could not be done. */
  readonly victim?: string
  /** How long it lasted, where it has a length. */
  readonly faultMs?: number
  /** Conversations that others had to adopt. */
  readonly owned: number
  /** The client that waited longest. */
  readonly worst?: Gap
  /** Until the victim's run owned nothing any more; absent: nothing to adopt, or not in time. */
  readonly adoptedMs?: number
  /** Until every client was served again after the fault's end; absent: not in time. */
  readonly servedMs?: number
  /** Until the cluster was whole; absent: not in time. */
  readonly wholeMs?: number
  readonly socketsClosed: number
  /** Why it could not be done. */
  readonly failure?: string
}

// The instant of the next fault is drawn from this, so that it falls anywhere within beats, batches and turns.
const CALM_MS_MIN = 200
const CALM_MS_MAX = 800
// Members tell what they own with their next beat.
const TOLD_MS = 400
const SERVED_PATIENCE_MS = 20_000
const ADOPTED_PATIENCE_MS = 15_000
/** So long after a fault whoever is dead is known to be: several leases. */
const NOTICED_MS = 2000

/** What others had to take over, and when they had; `kept`: a cut was so short that its owner could go on. */
interface Loss {
  readonly owned: number
  readonly adopted: Promise<number | 'kept' | undefined>
}

interface TrialGround {
  readonly running: LoadedCluster
  readonly dice: SeededDice
  readonly clock: Clock
}

/** Does the fault, waits until all is as before, and a moment longer: a silence that begins late counts, too. */
export async function trialOf(fault: Fault, { running, dice, clock }: TrialGround): Promise<Trial> {
  const { load } = running
  await running.rest(TOLD_MS)
  const closedBefore = load.socketsClosed
  let beganMs = clock.monotonicMs()
  let overSinceMs = Number.POSITIVE_INFINITY
  let loss: Loss | undefined
  const stage: FaultStage = {
    running,
    wires: running.wires,
    dice,
    victim: (role) => victimOf(running, dice, role),
    begins() {
      beganMs = clock.monotonicMs()
    },
    loses(node) {
      loss = {
        owned: node.row?.owned ?? 0,
        adopted: adoptedAt(running, clock, node, () => clock.monotonicMs() - overSinceMs > NOTICED_MS),
      }
    },
  }
  const outcome = await injected(fault, stage)
  const overMs = clock.monotonicMs()
  overSinceMs = overMs
  const [adopted, served] = await Promise.all([loss?.adopted, running.servedSince(overMs, SERVED_PATIENCE_MS)])
  const servedAtMs = clock.monotonicMs()
  const whole = await running.whole()
  const wholeAtMs = clock.monotonicMs()
  await running.rest(dice.between(CALM_MS_MIN, CALM_MS_MAX))
  const worst = running.worstGap(beganMs, clock.monotonicMs())
  return {
    fault: fault.name,
    ...outcome,
    owned: adopted === 'kept' ? 0 : (loss?.owned ?? 0),
    socketsClosed: load.socketsClosed - closedBefore,
    ...(worst && { worst }),
    ...(typeof adopted === 'number' && { adoptedMs: adopted - beganMs }),
    ...(served !== undefined && { servedMs: servedAtMs - beganMs }),
    ...(whole !== undefined && { wholeMs: wholeAtMs - beganMs }),
  }
}

async function injected(fault: Fault, stage: FaultStage): Promise<Pick<Trial, 'victim' | 'faultMs' | 'failure'>> {
  try {
    return await fault.inject(stage)
  } catch (error) {
    if (error instanceof CampaignStopped) throw error
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}

async function victimOf(running: LoadedCluster, dice: SeededDice, role: 'chat' | 'edge'): Promise<NodeUnderTest> {
  const nodes = (await running.cluster.nodes()).filter((node) => node.role === role)
  // Who serves much is hit more often. An edge also counts sockets that it does not know to be dead.
  const victim = dice.pickByWeight(nodes, ({ name, row }) =>
    role === 'edge' ? running.wires.clientsAndEdge(name).connections : (row?.owned ?? 0),
  )
  if (!victim) throw new Error(role === 'edge' ? 'No edge has clients.' : 'No chat node owns a conversation.')
  return victim
}

/** The instant at which a run of a node owned nothing any more; `kept`: it lives on once the fault is over. */
async function adoptedAt(
  running: LoadedCluster,
  clock: Clock,
  { name, row }: NodeUnderTest,
  noticed: () => boolean,
): Promise<number | 'kept' | undefined> {
  if (!row?.owned) return undefined
  // A database that is away says nothing.
  const left = () => running.cluster.ownedBy(row.incarnation).catch(() => undefined)
  const patience = { patienceMs: ADOPTED_PATIENCE_MS, everyMs: 25 }
  let kept = false
  const took = await running.wait(patience, async () => {
    if ((await left()) === 0) return true
    kept = noticed() && (await running.cluster.livesOn(name, row.incarnation))
    return kept
  })
  if (kept) return 'kept'
  return took === undefined ? undefined : clock.monotonicMs()
}
