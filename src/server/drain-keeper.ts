import type { DrainProgress, DrainReport } from '../rollout/drain-driver.ts'
import type { DrainState } from './node-facade.ts'

/** What a drain asks of the node; `HoldfastNode` has it. */
interface DrainableNode {
  drain(options: {
    deadlineMs: number
    finish: boolean
    onProgress?: (progress: DrainProgress) => void
  }): Promise<DrainReport>
}

/** The one drain of a node: begun by an operator or by SIGTERM, watched by whoever asks. */
export class DrainKeeper {
  readonly #node: DrainableNode
  readonly #beforeMove: () => void
  #state: DrainState = { phase: 'none', total: 0, left: 0, moved: 0, sentence: 'No drain was asked for.' }
  #running: Promise<DrainState> | undefined

  /** `beforeMove` is called once as a drain that moves conversations begins: the time to tell clients to go elsewhere. */
  constructor(node: DrainableNode, beforeMove: () => void) {
    this.#node = node
    this.#beforeMove = beforeMove
  }

  get running(): boolean {
    return this.#running !== undefined
  }

  state(): DrainState {
    return this.#state
  }

  /** Begins a drain, or joins the one that runs. Resolves when it ends. */
  drain(options: { deadlineMs: number; finish: boolean }): Promise<DrainState> {
    this.#running ??= this.#run(options).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(options: { deadlineMs: number; finish: boolean }): Promise<DrainState> {
    this.#state = { phase: 'running', total: 0, left: 0, moved: 0, sentence: 'The drain begins.' }
    if (!options.finish) this.#beforeMove()
    const report = await this.#node.drain({
      ...options,
      onProgress: ({ total, left, sentence }) => {
        this.#state = { phase: 'running', total, left, moved: total - left, sentence }
      },
    })
    const { kind, moved, left } = report
    const sentence = kind === 'empty' ? 'The node owns no conversation.' : `The deadline passed with ${left} left.`
    this.#state = { phase: kind, total: this.#state.total, left, moved, sentence }
    return this.#state
  }
}
