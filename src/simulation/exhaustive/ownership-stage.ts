import type { Clock } from '../../base/clock.ts'
import type { ConversationId, Incarnation } from '../../base/ids.ts'
import { LEASE, type LogStore, type MemberStore } from '../../store/log-store.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { acknowledgedStays } from '../checkers/acknowledged-stays.ts'
import { epochsRise } from '../checkers/epochs-rise.ts'
import { everythingOwned } from '../checkers/everything-owned.ts'
import { expiredIsMute } from '../checkers/expired-is-mute.ts'
import { logIsDense } from '../checkers/log-is-dense.ts'
import { oneWriter } from '../checkers/one-writer.ts'
import { retryGetsFirstSeq } from '../checkers/retry-gets-first-seq.ts'
import { boundLogStore, boundMemberStore, Ledger, recordedLogStore, recordedMemberStore } from '../ledger.ts'
import { Referee } from '../referee.ts'
import { EPOCH_MS, Timeline } from '../simulated-clock.ts'
import { Journeys } from './journeys.ts'
import type { OwnershipDefect } from './ownership-defects.ts'

/** What the nodes of one small world share: time, the store, what is on its way, and the checkers of the rules. */
export class OwnershipStage {
  readonly timeline = new Timeline()
  readonly ledger = new Ledger(() => this.storeNow())
  readonly journeys = new Journeys()
  readonly referee = new Referee(
    [
      oneWriter(),
      epochsRise(),
      expiredIsMute(),
      acknowledgedStays(),
      retryGetsFirstSeq(),
      logIsDense(),
      everythingOwned(),
    ],
    this.ledger,
    () => this.timeline.now(),
  )
  /** What the ledger does not tell of the store: who is a member since when, dead, or took over from whom. */
  readonly #storeNotes: string[] = []
  readonly logStore: LogStore
  readonly memberStore: MemberStore
  readonly #members = new Set<Incarnation>()
  #offers: readonly string[] = []
  readonly #defect: OwnershipDefect | undefined
  #timers = 0
  /** Nodes that do not reach the database. */
  readonly cut = new Set<string>()

  constructor(defect?: OwnershipDefect) {
    const memory = new MemoryStore({ now: () => this.storeNow() })
    this.#defect = defect
    const log = this.#watched(memory)
    const truth = recordedLogStore(defect?.belowLedger?.(log) ?? log, this.ledger, {
      stored: (slice, headBefore) => this.referee.see({ kind: 'stored', slice, headBefore }),
      owned: (conversation, epoch, by, epochBefore) => {
        const silent = this.#isSilent(this.ledger.owner(conversation, epochBefore)?.incarnation)
        this.#storeNotes.push(`${epoch} ${by.incarnation} ${silent}`)
        this.referee.see({ kind: 'owned', conversation, epoch, by, epochBefore })
      },
    })
    this.logStore = defect?.wrapStore?.(truth, this.ledger) ?? truth
    const members = recordedMemberStore(this.#noted(memory), this.ledger)
    this.memberStore = defect?.wrapMembers?.(members) ?? members
  }

  nextOrder(): number {
    return ++this.#timers
  }

  /** What the store holds, but for the times of events, on which no ownership depends. */
  storeFingerprint(conversation: ConversationId): string {
    const { ledger } = this
    const beats = [...this.#members].map((incarnation) => [incarnation, ledger.beatAgeMs(incarnation)])
    const log = ledger.records(conversation).map(({ epoch, key }) => `${epoch} ${key}`)
    return JSON.stringify([log, this.#offers, beats, [...this.#storeNotes].sort()])
  }

  #watched(store: LogStore): LogStore {
    return {
      ...boundLogStore(store),
      offerHandover: (requests) => {
        this.#offers = requests.map(({ epoch, to }) => `${epoch} to ${to.incarnation}`)
        return store.offerHandover(requests)
      },
      withdrawHandover: (requests) => {
        this.#offers = []
        return store.withdrawHandover(requests)
      },
    }
  }

  /** What only an exact double of the store knows: who missed its lease, and who is declared dead. */
  #noted(store: MemberStore): MemberStore {
    return {
      ...boundMemberStore(store),
      beat: (self, facts) => {
        this.#members.add(self.incarnation)
        if (this.#isSilent(self.incarnation)) this.#storeNotes.push(`late ${self.incarnation} ${this.timeline.now()}`)
        return store.beat(self, facts)
      },
      tombstone: (incarnation, reason) => {
        const note = `dead ${incarnation}`
        if (!this.#storeNotes.includes(note)) this.#storeNotes.push(note)
        return store.tombstone(incarnation, reason)
      },
    }
  }

  #isSilent(incarnation: Incarnation | undefined): boolean {
    return incarnation !== undefined && this.ledger.beatAgeMs(incarnation) > LEASE.leaseMs
  }

  storeNow(): number {
    return EPOCH_MS + this.timeline.now()
  }

  /** The clock of a process, as whoever planted a defect wants it read. */
  clock(clock: Clock): Clock {
    return this.#defect?.wrapClock?.(clock) ?? clock
  }

  /** An error that nobody expected would have ended a real process: it is never right. */
  thrown(error: unknown): void {
    this.referee.report('assertion', error instanceof Error ? error.message : String(error))
  }
}
