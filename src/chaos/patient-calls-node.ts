import { type Clock, pause } from '../base/clock.ts'
import type { SeededDice } from './seeded-dice.ts'

/** A question to a cluster, by REST. `token`: whose; the operator's where absent. */
export interface RestCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  readonly token?: string
}

type Called<Body> =
  | { readonly kind: 'answer'; readonly body: Body }
  /** Another one was quicker. */
  | { readonly kind: 'conflict' }
  /** It is away, is overwhelmed, or misses its store. */
  | { readonly kind: 'no-answer' }
  | { readonly kind: 'refused'; readonly status: number; readonly text: string }

interface PatientCallsOptions {
  readonly clock: Clock
  readonly dice: SeededDice
  /** Of the nodes as they are now. */
  readonly operators: () => { readonly urls: readonly string[]; readonly token: string }
}

const CALL_PATIENCE_MS = 8000
const AGAIN_MS = 100

/** Asks a cluster whose nodes are being killed. */
export class PatientCalls {
  readonly #options: PatientCallsOptions
  #lost = 0

  constructor(options: PatientCallsOptions) {
    this.#options = options
  }

  /** Calls that were answered by nobody, and made again. */
  get lost(): number {
    return this.#lost
  }

  /** One call of one node. */
  async once<Body>(url: string, { method, path, body, token }: RestCall): Promise<Called<Body>> {
    try {
      const response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token ?? this.#options.operators().token}`,
          'content-type': 'application/json',
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(CALL_PATIENCE_MS),
      })
      if (response.ok) return { kind: 'answer', body: (await response.json()) as Body }
      if (response.status === 409) return { kind: 'conflict' }
      if (response.status >= 500 || response.status === 429) return { kind: 'no-answer' }
      return { kind: 'refused', status: response.status, text: await response.text() }
    } catch {
      return { kind: 'no-answer' }
    }
  }

  /** Asks one node after the other until one answers: the same body with the same key, so it is done once. */
  async settle<Body>(call: RestCall): Promise<Body | 'conflict'> {
    const { clock, dice, operators } = this.#options
    const { urls } = operators()
    for (let attempt = Math.floor(dice.between(0, urls.length)); ; attempt++) {
      const called = await this.once<Body>(urls[attempt % urls.length] ?? '', call)
      if (called.kind === 'answer') return called.body
      if (called.kind === 'conflict') return 'conflict'
      if (called.kind === 'refused')
        throw new Error(`${call.method} ${call.path} was answered ${called.status}: ${called.text}`)
      this.#lost += 1
      await pause(clock, AGAIN_MS)
    }
  }

  /** Like `settle`, where a conflict passes by itself. */
  async ask<Body>(call: RestCall): Promise<Body> {
    for (;;) {
      const settled = await this.settle<Body>(call)
      if (settled !== 'conflict') return settled
      await pause(this.#options.clock, AGAIN_MS)
    }
  }

  get<Body>(path: string): Promise<Body> {
    return this.ask<Body>({ method: 'GET', path })
  }
}
