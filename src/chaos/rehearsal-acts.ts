import type { Clock } from '../base/clock.ts'
import type { NodeName } from '../base/ids.ts'
import { waitUntil } from '../bench/wait-until.ts'
import type { NodeRow } from '../protocol/rest-answers.ts'
import { serves } from './rehearsal-plan.ts'
import type { ChronicleLine } from './rehearsal-result.ts'
import type { RehearsedCluster } from './rehearsed-cluster.ts'

/** Somebody interrupted; what was begun is put back. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

interface RehearsalActsOptions {
  readonly cluster: RehearsedCluster
  readonly clock: Clock
  readonly drainDeadlineMs: number
  readonly watchMs: number
  readonly onLine: (line: ChronicleLine) => void
  readonly interrupted: AbortSignal
}

const BACK_PATIENCE_MS = 60_000
const ENABLE_PATIENCE_MS = 10_000
// A cluster answers 1,200 requests a minute to one address.
const POLL_MS = 150

/** What a rehearsal does to nodes, told line by line, and how it is undone. */
export class RehearsalActs {
  readonly #options: RehearsalActsOptions
  readonly #chronicle: ChronicleLine[] = []
  #drained: NodeName | undefined

  constructor(options: RehearsalActsOptions) {
    this.#options = options
  }

  get chronicle(): readonly ChronicleLine[] {
    return this.#chronicle
  }

  tell(sentence: string): void {
    const line = { atMs: this.#options.clock.wallMs(), sentence }
    this.#chronicle.push(line)
    this.#options.onLine(line)
  }

  /** Resolves when the node is in service again; rejects with a sentence when it never was empty. */
  async drain(node: NodeName): Promise<void> {
    const { cluster, drainDeadlineMs: deadlineMs } = this.#options
    this.tell(`${node} is asked to drain.`)
    this.#drained = node
    await cluster.act(node, 'drain', { deadlineMs })
    let state = await cluster.drainState(node)
    await this.wait(deadlineMs + BACK_PATIENCE_MS, async () => {
      state = await cluster.drainState(node)
      return state.phase !== 'running'
    })
    const left = await this.#emptied(node)
    this.tell(`${node}: ${state.sentence} ${state.moved} handed over, ${left} client sockets left.`)
    await cluster.act(node, 'enable')
    await this.#back(node)
    this.#drained = undefined
    this.tell(`${node} is enabled again.`)
    if (state.phase !== 'empty') throw new Error(`The drain of ${node} did not end: ${state.sentence}`)
    if (left > 0) throw new Error(`${left} clients did not leave ${node}.`)
  }

  /** Resolves when the next run of the node is in service. */
  async kill(node: NodeName): Promise<void> {
    const { cluster } = this.#options
    const { nodes } = await cluster.view()
    const victim = nodes.find(({ name }) => name === node)?.incarnation
    await cluster.act(node, 'kill').catch((error) => this.#unlessGone(victim, error))
    this.tell(`${node} is killed.`)
    await this.#back(node, ({ incarnation }) => incarnation !== victim)
    this.tell(`${node} serves again.`)
  }

  /** The operator harms the node; resolves when the time is over and the node is in service. */
  async watch(node: NodeName): Promise<void> {
    const { watchMs } = this.#options
    this.tell(`Now: cut the power or the network of ${node}, or end it. The canaries watch for ${watchMs / 1000} s.`)
    await this.wait(watchMs, () => false)
    this.tell(`The time is over; ${node} must come back by itself or by you.`)
    await this.#back(node)
    this.tell(`${node} is in service.`)
  }

  /** Enables what is drained, whatever happened before, and waits until the cluster sees it so. Answers what was not possible, with what to do. */
  async undo(): Promise<readonly string[]> {
    const { cluster, clock } = this.#options
    const node = this.#drained
    if (node === undefined) return []
    const enabled = await waitUntil(clock, { patienceMs: ENABLE_PATIENCE_MS, everyMs: POLL_MS }, async () => {
      try {
        await cluster.act(node, 'enable')
        const { nodes } = await cluster.view()
        return nodes.some((row) => row.name === node && serves(row))
      } catch {
        return false
      }
    })
    if (enabled === undefined) return [`${node} is still out of service: \`holdfast node enable ${node}\`.`]
    this.tell(`${node} is enabled again.`)
    return []
  }

  /** Like `waitUntil`; ends at once when interrupted. A cluster that does not answer meanwhile is asked again. */
  wait(
    patienceMs: number,
    condition: () => boolean | Promise<boolean>,
    everyMs = POLL_MS,
  ): Promise<number | undefined> {
    const { clock, interrupted } = this.#options
    return waitUntil(clock, { patienceMs, everyMs }, async () => {
      if (interrupted.aborted) throw new Interrupted()
      try {
        return await condition()
      } catch {
        return false
      }
    })
  }

  /** Clients of a node that drains are asked to go elsewhere one after the other. Answers how many stayed. */
  async #emptied(node: NodeName): Promise<number> {
    let left = 0
    await this.wait(this.#options.drainDeadlineMs, async () => {
      left = (await this.#options.cluster.view()).nodes.find(({ name }) => name === node)?.sockets ?? 0
      return left === 0
    })
    return left
  }

  /** A node that was asked to have itself killed may have died before it answered. */
  async #unlessGone(victim: string | undefined, error: unknown): Promise<void> {
    const { nodes } = await this.#options.cluster.view()
    if (nodes.some(({ incarnation, state }) => incarnation === victim && state === 'live')) throw error
  }

  async #back(node: NodeName, fits: (row: NodeRow) => boolean = () => true): Promise<void> {
    const back = await this.wait(BACK_PATIENCE_MS, async () => {
      const { nodes } = await this.#options.cluster.view()
      return nodes.some((row) => row.name === node && serves(row) && fits(row))
    })
    if (back === undefined)
      throw new Error(`${node} did not come back into service within ${BACK_PATIENCE_MS / 1000} s.`)
  }
}
