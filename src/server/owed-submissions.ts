import type { Cancel, Clock } from '../base/clock.ts'
import type { Seq } from '../base/ids.ts'
import type { Submission } from '../conversation/command.ts'
import { type ConversationState, SYSTEM_SENDER } from '../conversation/state.ts'
import { nextTimer, timerSubmission } from '../conversation/timers.ts'
import type { Moved, SubmitReply } from '../protocol/conversation-port.ts'

/** The conversation that submissions are owed to. */
interface Debtor {
  readonly clock: Clock
  /** Store time in milliseconds. */
  storeNow(): number
  state(): ConversationState
  over(): boolean
  submit(submission: Submission): Promise<SubmitReply | Moved>
}

interface Owed {
  /** Store time. */
  readonly dueAt: number
  readonly submission: Submission
}

const RETRY_MS = 1000
// A timer at which the program fails will fail again: seldom enough to fill no log, often enough to go on once mended.
const FAULTY_RETRY_MS = 60_000
const DELAY_MS_MAX = 2 ** 31 - 1

/**
 * What the owner itself submits in time: what the timers of the conversation call for, and `closed` where everybody
 * was detached because the store stayed away. The key makes the effect happen once, whoever fires it and however often
 * (OW5).
 */
export class OwedSubmissions {
  readonly #debtor: Debtor
  #cancel: Cancel = () => {}
  /** Store time since which `closed` is owed. Whatever is appended meanwhile, it stays owed. */
  #closedOwedSince: number | undefined

  constructor(debtor: Debtor) {
    this.#debtor = debtor
  }

  oweClosed(): void {
    this.#closedOwedSince = this.#debtor.storeNow()
    this.arm()
  }

  /** Waits for what is due next; to be called whenever the state changed. */
  arm(): void {
    this.#cancel()
    const owed = this.#next()
    if (!owed || this.#debtor.over()) return
    this.#after(Math.min(Math.max(0, owed.dueAt - this.#debtor.storeNow()), DELAY_MS_MAX))
  }

  cancel(): void {
    this.#cancel()
  }

  #next(): Owed | undefined {
    const state = this.#debtor.state()
    if (this.#closedOwedSince !== undefined && state.phase === 'open')
      return { dueAt: this.#closedOwedSince + RETRY_MS, submission: storeFailure(state.headSeq) }
    const timer = nextTimer(state)
    return timer && { dueAt: timer.dueAt, submission: timerSubmission(timer) }
  }

  #fire(): void {
    const owed = this.#next()
    if (!owed || this.#debtor.over()) return
    if (owed.dueAt > this.#debtor.storeNow()) return this.arm()
    void this.#debtor.submit(owed.submission).then((reply) => {
      if (reply.kind !== 'refused' || this.#debtor.over()) return
      this.#cancel()
      this.#after(reply.code === 'command-fault' ? FAULTY_RETRY_MS : RETRY_MS)
    })
  }

  #after(delayMs: number): void {
    this.#cancel = this.#debtor.clock.after(delayMs, () => this.#fire())
  }
}

/** Ends a conversation whose store stayed away too long. */
function storeFailure(headSeq: Seq): Submission {
  const key = `store-failure:${headSeq}`
  return { sender: SYSTEM_SENDER, key, command: { type: 'close', reason: 'store-failure' } }
}
