import type { SessionAnswer } from '../protocol/account-answers.ts'
import type { ConfigInvalidAnswer } from '../protocol/config-answers.ts'
import type { SetUpActAnswer, SetUpAnswer, SetUpState, SetUpStepRow } from '../protocol/set-up-answers.ts'
import { SET_UP_STEPS, type SetUpStepId } from '../protocol/set-up-steps.ts'
import { type AdminClient, RefusedByCluster } from './admin-client-node.ts'
import type { SetupEntrance } from './setup-entrance-node.ts'
import type { SetupPlan } from './setup-plan-node.ts'

/** How a step went. */
export interface SetupStepOutcome {
  readonly id: SetUpStepId
  readonly title: string
  readonly state: SetUpState
  /** Whether anything is otherwise than before; with `check`, whether it would be. */
  readonly changed: boolean
  readonly sentence: string
  readonly remedy: string
}

// A mail server may take its time before it refuses.
const PATIENCE_MS = 30_000

/** Takes the steps of a plan in their order, on whatever node answers; `check` changes nothing. */
export class SetupRun {
  readonly #entrance: SetupEntrance
  readonly #plan: SetupPlan
  readonly #check: boolean
  #client: AdminClient

  constructor(entrance: SetupEntrance, plan: SetupPlan, check: boolean) {
    this.#entrance = entrance
    this.#plan = plan
    this.#check = check
    this.#client = entrance.client
  }

  /** `tell` hears of each step as soon as it is over. */
  async steps(tell: (outcome: SetupStepOutcome) => void): Promise<readonly SetupStepOutcome[]> {
    const outcomes: SetupStepOutcome[] = []
    for (const { id, title } of SET_UP_STEPS) {
      const { changed, step } = await this.#take(id)
      const { state, sentence, remedy } = step
      const outcome = { id, title, state, changed, sentence, remedy }
      outcomes.push(outcome)
      tell(outcome)
    }
    return outcomes
  }

  async #take(id: SetUpStepId): Promise<SetUpActAnswer> {
    const wanted = id === 'database' ? undefined : this.#plan[id]
    if (!wanted) return { changed: false, step: await this.#row(id) }
    try {
      if (id === 'account') return await this.#account()
      const body = 'skip' in wanted ? { step: id } : wanted
      const path = `/api/set-up/${'skip' in wanted ? 'skip' : id}`
      return await this.#client.post<SetUpActAnswer>(path, { ...body, dryRun: this.#check }, PATIENCE_MS)
    } catch (error) {
      // Who may not set up may do nothing of it; what one step is refused for concerns that step.
      if (!(error instanceof RefusedByCluster) || ENTRANCE.has(error.answer.code)) throw error
      const { faults = [] } = error.answer as Partial<ConfigInvalidAnswer>
      const sentence = faults.map((fault) => fault.sentence).join(' ') || error.answer.message
      return { changed: false, step: { id, state: 'failed', sentence, remedy: '', findings: [] } }
    }
  }

  async #account(): Promise<SetUpActAnswer> {
    const step = await this.#row('account')
    const { account } = this.#plan
    if (step.state === 'done' || !account) return { changed: false, step }
    if (this.#check) return { changed: true, step }
    const { link } = this.#entrance
    if (link === undefined) await this.#client.post('/api/accounts', { ...account, roles: ['admin'] })
    else {
      const { token } = await this.#client.post<SessionAnswer>('/api/session/set-up', { link, ...account })
      this.#client = this.#client.as(token)
    }
    return { changed: true, step: await this.#row('account') }
  }

  async #row(id: SetUpStepId): Promise<SetUpStepRow> {
    const { steps } = await this.#client.get<SetUpAnswer>('/api/set-up')
    const found = steps.find((step) => step.id === id)
    if (!found) throw new Error(`The node knows no step ${id}: it is of another version.`)
    return found
  }
}

const ENTRANCE: ReadonlySet<string> = new Set(['token-missing', 'token-invalid', 'token-expired', 'not-allowed'])
