import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { HiddenTexts } from '../config/hidden-texts.ts'
import { withoutSecrets } from './redaction.ts'

/** One automatic act: what, why, where, when. `n` counts this node's decisions from 1. */
export interface Decision {
  readonly n: number
  /** Milliseconds since 1970 as the node believes. */
  readonly at: number
  readonly node: string
  readonly what: string
  readonly reason: string
  readonly conversation?: string
}

const KEPT_MAX = 2000

/** The newest decisions of a node, for the console and support. Bounded: the oldest are forgotten. */
export class DecisionLog {
  readonly #node: string
  readonly #clock: Clock
  readonly #capacity: number
  readonly #hidden: HiddenTexts | undefined
  #kept: Decision[] = []
  #last = 0

  constructor(options: { node: string; clock: Clock; capacity?: number; hidden?: HiddenTexts }) {
    this.#node = options.node
    this.#clock = options.clock
    this.#capacity = options.capacity ?? KEPT_MAX
    this.#hidden = options.hidden
  }

  record(what: string, reason: string, conversation?: string): void {
    const clean = withoutSecrets(reason)
    this.#last += 1
    this.#kept.push({
      n: this.#last,
      at: this.#clock.wallMs(),
      node: this.#node,
      what,
      reason: this.#hidden?.masked(clean) ?? clean,
      ...(conversation === undefined ? {} : { conversation }),
    })
    // Cut in halves, so that a full log does not move all of itself with each new line.
    if (this.#kept.length >= this.#capacity * 2) this.#kept = this.#kept.slice(-this.#capacity)
  }

  /** Up to `limit` decisions with `n` above `after`, oldest first; where more are left, the newest ones. */
  after(n: number, limit: number): readonly Decision[] {
    const first = this.#last - Math.min(this.#kept.length, this.#capacity) + 1
    const from = Math.max(n + 1, first, this.#last - limit + 1)
    return this.#kept.slice(this.#kept.length - Math.max(0, this.#last - from + 1))
  }
}

/** A log that also remembers its decisions. */
export function rememberingLog(log: Log, decisions: DecisionLog): Log {
  return {
    debug: (sentence, fields) => log.debug(sentence, fields),
    info: (sentence, fields) => log.info(sentence, fields),
    warn: (sentence, fields) => log.warn(sentence, fields),
    error: (sentence, fields) => log.error(sentence, fields),
    decision(what, reason, fields) {
      decisions.record(what, reason, fields?.conversation)
      log.decision(what, reason, fields)
    },
  }
}
