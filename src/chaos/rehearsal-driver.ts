import type { ConversationId, NodeName } from '../base/ids.ts'
import type { NodeRow } from '../protocol/rest-answers.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
import { Canaries } from './canaries.ts'
import type { FaultKind } from './log-checker.ts'
import { Interrupted, RehearsalActs } from './rehearsal-acts.ts'
import { type PlannedStep, partOf, planRehearsal, type RehearsalStep, rehearsedNode } from './rehearsal-plan.ts'
import type { ChronicleLine, RehearsalResult, StepResult, Takeover } from './rehearsal-result.ts'
import { type Ownership, RehearsedCluster, type RestCalls } from './rehearsed-cluster.ts'

interface RehearsalOptions {
  /** The cluster's REST with a token, the operator's where absent. */
  readonly calls: (token?: string) => RestCalls
  readonly ports: ConnectionPorts
  /** Absent: the chat node that owns most. */
  readonly node?: NodeName
  readonly steps: readonly RehearsalStep[]
  readonly canaries: number
  readonly drainDeadlineMs: number
  /** How long a step by hand is watched. */
  readonly watchMs: number
  /** Whether to do it. */
  readonly confirm: (question: string) => Promise<boolean>
  readonly onLine: (line: ChronicleLine) => void
  readonly interrupted: AbortSignal
}

const CALM_MS = 1000
const SERVED_PATIENCE_MS = 20_000
const TAKEN_OVER_PATIENCE_MS = 60_000
const MOVE_PATIENCE_MS = 10_000
const SERVED_POLL_MS = 20

/**
 * Does to a running cluster what must not matter, one step after the other, while canaries talk on it. Rejects before
 * anything was done where the cluster does not answer or does not fit (`CannotRehearse`).
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalResult> {
  const cluster = new RehearsedCluster(options.calls)
  const view = await cluster.view()
  const node = rehearsedNode(view, options.node)
  const plan = planRehearsal(view, { node, steps: options.steps })
  const startedAtMs = options.ports.clock.wallMs()
  const told = await new Rehearsal(cluster, options, node).run(plan)
  const { publicUrl, version, nodes } = view
  return { startedAtMs, publicUrl, version, nodes, node: node.name, canaries: options.canaries, ...told }
}

class Rehearsal {
  readonly #cluster: RehearsedCluster
  readonly #options: RehearsalOptions
  readonly #node: NodeRow
  readonly #acts: RehearsalActs
  #canaries: Canaries | undefined
  #found: { readonly counts: Readonly<Record<FaultKind, number>>; readonly acknowledged: number } | undefined

  constructor(cluster: RehearsedCluster, options: RehearsalOptions, node: NodeRow) {
    const { drainDeadlineMs, watchMs, onLine, interrupted, ports } = options
    this.#cluster = cluster
    this.#options = options
    this.#node = node
    this.#acts = new RehearsalActs({ cluster, clock: ports.clock, drainDeadlineMs, watchMs, onLine, interrupted })
  }

  async run(plan: readonly PlannedStep[]) {
    const { interrupted } = this.#options
    const stop = () => this.#canaries?.stop()
    interrupted.addEventListener('abort', stop)
    const steps: StepResult[] = []
    let leftBehind: readonly string[] = []
    try {
      const canaries = await this.#open()
      for (const planned of plan) steps.push(await this.#step(canaries, planned))
    } catch (error) {
      if (!interrupted.aborted) throw error
      this.#acts.tell('Interrupted; what was begun is put back.')
    } finally {
      interrupted.removeEventListener('abort', stop)
      leftBehind = [...(await this.#acts.undo()), ...(await this.#close())]
    }
    return { steps, chronicle: this.#acts.chronicle, leftBehind, interrupted: interrupted.aborted }
  }

  async #open(): Promise<Canaries> {
    const { canaries: count, ports } = this.#options
    const canaries = new Canaries(this.#cluster, await this.#cluster.seats(count), ports)
    this.#canaries = canaries
    this.#goOn()
    await canaries.begin()
    this.#acts.tell(`${count} canary conversations talk.`)
    return canaries
  }

  async #close(): Promise<readonly string[]> {
    if (!this.#canaries) return []
    const open = await this.#canaries.close()
    if (open.length > 0)
      return [`Canary conversations are still open: ${open.join(', ')}; close them at the agent's desk.`]
    this.#acts.tell('The canary conversations are closed.')
    return []
  }

  async #step(canaries: Canaries, planned: PlannedStep): Promise<StepResult> {
    const nothing = { ...planned, takeovers: [], socketsClosed: 0, faults: [], acknowledged: 0 }
    if (planned.leftOut !== undefined) return { ...nothing, outcome: 'left-out' }
    const yes = await this.#options.confirm(planned.question)
    this.#goOn()
    if (!yes) return { ...nothing, outcome: 'declined' }
    const { clock } = this.#options.ports
    canaries.talk()
    await this.#served(canaries, 'before the step')
    if (planned.node !== undefined && partOf(this.#node) === 'chat') await this.#settleOn(canaries, planned.node)
    await this.#acts.wait(CALM_MS, () => false)
    const owners = await this.#cluster.ownership(canaries.ids)
    const { socketsClosed } = canaries
    const [startedAtMs, fromMs] = [clock.wallMs(), clock.monotonicMs()]
    const taking = this.#takenOver(canaries, owners, planned)
    const [trouble, takenOverMs] = await Promise.all([sentenceOf(this.#perform(canaries, planned)), taking])
    const untilMs = clock.monotonicMs()
    const unserved = await sentenceOf(this.#served(canaries, 'after the step'))
    const worst = canaries.worstGap(fromMs, clock.monotonicMs())
    const takeovers = takeoversOf(owners, await this.#cluster.ownership(canaries.ids))
    const checked = await this.#check(canaries)
    const broken = trouble ?? unserved
    this.#acts.tell(broken ?? `${planned.step}: all is as before, and the canaries were read back.`)
    return {
      ...planned,
      outcome: broken === undefined ? 'done' : 'broken',
      ...(broken !== undefined && { trouble: broken }),
      startedAtMs,
      tookMs: untilMs - fromMs,
      ...(worst && { worst: { ...worst, fromMs: worst.fromMs - fromMs } }),
      takeovers,
      ...(takenOverMs !== undefined && { takenOverMs }),
      socketsClosed: canaries.socketsClosed - socketsClosed,
      ...checked,
    }
  }

  async #perform(canaries: Canaries, { step, node }: PlannedStep): Promise<void> {
    if (step === 'drain' && node !== undefined) return this.#acts.drain(node)
    if (step === 'kill' && node !== undefined) return this.#acts.kill(node)
    if (step === 'hand' && node !== undefined) return this.#acts.watch(node)
    this.#acts.tell(`The ${canaries.cut()} sockets of the canaries are cut.`)
  }

  /** A step that hits a node without a canary would show nothing. */
  async #settleOn(canaries: Canaries, node: NodeName): Promise<void> {
    const settled = await this.#acts.wait(MOVE_PATIENCE_MS, async () => {
      const owned = await this.#cluster.ownership(canaries.ids)
      if ([...owned.values()].some(({ owner }) => owner === node)) return true
      const [conversation, at] = [...owned][0] ?? []
      if (conversation !== undefined && at?.owner !== undefined) await this.#cluster.move(conversation, at.owner, node)
      return false
    })
    if (settled === undefined)
      throw new Error(`${node} took no canary conversation within ${MOVE_PATIENCE_MS / 1000} s.`)
  }

  /** Until every canary of the victim has a later epoch; `undefined` where it owned none, or not in time. */
  async #takenOver(
    canaries: Canaries,
    before: ReadonlyMap<ConversationId, Ownership>,
    { step, node }: PlannedStep,
  ): Promise<number | undefined> {
    const victims = [...before].filter(([, { owner }]) => node !== undefined && owner === node)
    if (victims.length === 0) return undefined
    const patienceMs = step === 'hand' ? this.#options.watchMs : TAKEN_OVER_PATIENCE_MS
    return this.#acts.wait(patienceMs, async () => {
      const now = await this.#cluster.ownership(canaries.ids)
      return victims.every(([conversation, { epoch }]) => (now.get(conversation)?.epoch ?? 0) > epoch)
    })
  }

  async #served(canaries: Canaries, when: string): Promise<void> {
    const sinceMs = this.#options.ports.clock.monotonicMs()
    const served = await this.#acts.wait(SERVED_PATIENCE_MS, () => canaries.servedSince(sinceMs), SERVED_POLL_MS)
    if (served === undefined)
      throw new Error(`Not every canary was served ${when} within ${SERVED_PATIENCE_MS / 1000} s.`)
  }

  /** What is wrong now and was not before; later steps do not pay for earlier ones. */
  async #check(canaries: Canaries) {
    const { check, unsettled } = await canaries.quiet()
    this.#goOn()
    const before = this.#found
    this.#found = check
    const fresh = Object.entries(check.counts).map(([name, count]) => {
      const kind = name as FaultKind
      return [kind, count - (before?.counts[kind] ?? 0)] as const
    })
    return {
      counts: Object.fromEntries(fresh) as Record<FaultKind, number>,
      faults: fresh.some(([, count]) => count > 0) ? check.faults : [],
      acknowledged: check.acknowledged - (before?.acknowledged ?? 0),
      ...(unsettled !== undefined && { unsettled }),
    }
  }

  #goOn(): void {
    if (this.#options.interrupted.aborted) throw new Interrupted()
  }
}

function takeoversOf(
  before: ReadonlyMap<ConversationId, Ownership>,
  after: ReadonlyMap<ConversationId, Ownership>,
): readonly Takeover[] {
  return [...before].flatMap(([conversation, { owner: from, epoch }]) => {
    const now = after.get(conversation)
    if (from === undefined || now?.owner === undefined || now.epoch === epoch) return []
    return [{ conversation, from, to: now.owner }]
  })
}

/** What went wrong, in words; an interruption goes through. */
async function sentenceOf(act: Promise<void>): Promise<string | undefined> {
  try {
    await act
    return undefined
  } catch (error) {
    if (error instanceof Interrupted) throw error
    return error instanceof Error ? error.message : String(error)
  }
}
