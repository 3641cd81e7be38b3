import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import { type ClientHistory, fingerprintOf, type ReceivedEvent } from '../bench/client-history.ts'

export { type ClientHistory, fingerprintOf, type ReceivedEvent }

/** What can be wrong between a log and those who saw it. Every one of them must be counted 0. */
export const FAULTS = {
  lost: 'A command was acknowledged and is not in the log.',
  duplicated: 'A command is in the log twice, or a client was given an event twice.',
  reordered:
    'Commands of a sender are in the log in another order than it sent them, or a client got older events later.',
  crossDelivered: 'A client was given an event that it may not see.',
  gaps: 'The numbers of a log are not 1 to n, or a client was not given an event between others.',
  misplaced: 'A client was told or given something that the log does not have at that place.',
  revived: 'A command was definitely refused and is in the log.',
  epochsFallen: 'The epoch of an event is lower than the one before.',
} as const

export type FaultKind = keyof typeof FAULTS

export interface LogFault {
  readonly kind: FaultKind
  readonly sentence: string
}

export interface CheckReport {
  readonly counts: Readonly<Record<FaultKind, number>>
  /** The first ones found, to look for their cause. */
  readonly faults: readonly LogFault[]
  readonly conversations: number
  readonly events: number
  readonly sent: number
  readonly acknowledged: number
  readonly refused: number
  readonly delivered: number
  readonly holds: boolean
}

export type Logs = ReadonlyMap<ConversationId, readonly EventRecord[]>

const SENTENCES_MAX = 20

/** Compares what clients saw with the log, which is the truth. Pure; the log is read when all is quiet. */
export function checkLog(logs: Logs, histories: readonly ClientHistory[]): CheckReport {
  const checker = new LogChecker(logs)
  for (const history of histories) checker.check(history)
  return checker.report(histories)
}

/** A log by what it is asked for. */
interface IndexedLog {
  readonly records: readonly EventRecord[]
  readonly bySeq: ReadonlyMap<Seq, EventRecord>
  /** Where each (sender, key) is; the first place if there are more. */
  readonly byKey: ReadonlyMap<string, Seq>
}

class LogChecker {
  readonly #logs = new Map<ConversationId, IndexedLog>()
  readonly #counts = Object.fromEntries(Object.keys(FAULTS).map((kind) => [kind, 0])) as Record<FaultKind, number>
  readonly #faults: LogFault[] = []
  #events = 0

  constructor(logs: Logs) {
    for (const [conversation, records] of logs) this.#index(conversation, records)
  }

  check(history: ClientHistory): void {
    this.#checkAnswers(history)
    this.#checkOrder(history)
    for (const [conversation, received] of byConversation(history)) this.#checkReceived(history, conversation, received)
  }

  report(histories: readonly ClientHistory[]): CheckReport {
    const sum = (count: (history: ClientHistory) => number) => histories.reduce((total, one) => total + count(one), 0)
    return {
      counts: this.#counts,
      faults: this.#faults,
      conversations: this.#logs.size,
      events: this.#events,
      sent: sum(({ sent }) => sent.length),
      acknowledged: sum(({ settled }) => settled.filter(({ kind }) => kind === 'ack').length),
      refused: sum(({ settled }) => settled.filter(({ kind }) => kind === 'refused').length),
      delivered: sum(({ received }) => received.length),
      holds: Object.values(this.#counts).every((count) => count === 0),
    }
  }

  #fault(kind: FaultKind, sentence: string): void {
    this.#counts[kind] += 1
    if (this.#faults.length < SENTENCES_MAX) this.#faults.push({ kind, sentence })
  }

  /** LO4, OW2 and the log's half of LO1. */
  #index(conversation: ConversationId, records: readonly EventRecord[]): void {
    const byKey = new Map<string, Seq>()
    let seq = 0
    let epoch = 0
    for (const record of records) {
      const place = `${conversation}/${record.seq}`
      if (record.seq !== seq + 1) this.#fault('gaps', `${place} follows ${seq} in the log`)
      if (record.epoch < epoch) this.#fault('epochsFallen', `${place} has epoch ${record.epoch} after ${epoch}`)
      seq = record.seq
      epoch = record.epoch
      if (record.key === undefined) continue
      const name = nameOf(record.sender, record.key)
      const first = byKey.get(name)
      if (first === undefined) byKey.set(name, record.seq)
      else this.#fault('duplicated', `${place} has the key ${name} of ${conversation}/${first}`)
    }
    this.#events += records.length
    this.#logs.set(conversation, { records, bySeq: new Map(records.map((record) => [record.seq, record])), byKey })
  }

  /** LO1, LO2. */
  #checkAnswers({ client, sender, settled }: ClientHistory): void {
    for (const answer of settled) {
      const seq = this.#logs.get(answer.conversation)?.byKey.get(nameOf(sender, answer.key))
      const what = `${client}: ${answer.conversation} key ${answer.key}`
      if (answer.kind === 'refused') {
        if (answer.definite && seq !== undefined)
          this.#fault('revived', `${what} was refused and is in the log at ${seq}`)
      } else if (seq === undefined)
        this.#fault('lost', `${what} was acknowledged at ${answer.seq} and is not in the log`)
      else if (seq !== answer.seq)
        this.#fault('misplaced', `${what} was acknowledged at ${answer.seq} and is in the log at ${seq}`)
    }
  }

  /** LO5. */
  #checkOrder({ client, sender, sent }: ClientHistory): void {
    const last = new Map<ConversationId, Seq>()
    for (const { conversation, key } of sent) {
      const seq = this.#logs.get(conversation)?.byKey.get(nameOf(sender, key))
      if (seq === undefined) continue
      const before = last.get(conversation) ?? 0
      if (seq < before)
        this.#fault('reordered', `${client}: ${conversation} key ${key} is at ${seq}, one sent earlier at ${before}`)
      last.set(conversation, Math.max(before, seq))
    }
  }

  /** LO6, AC1, and that only what is durable was published (OW3). */
  #checkReceived(history: ClientHistory, conversation: ConversationId, received: readonly ReceivedEvent[]): void {
    const { client } = history
    if (!history.conversations.includes(conversation)) {
      for (const { seq } of received)
        this.#fault('crossDelivered', `${client} was given ${conversation}/${seq}, where it has no part`)
      return
    }
    const log = this.#logs.get(conversation)
    const given = new Set<Seq>()
    let last = 0
    for (const event of received) {
      const what = `${client} was given ${conversation}/${event.seq}`
      if (given.has(event.seq)) this.#fault('duplicated', `${what} twice`)
      else if (event.seq < last) this.#fault('reordered', `${what} after ${last}`)
      given.add(event.seq)
      last = Math.max(last, event.seq)
      this.#checkContent(history, log, event, what)
    }
    const end = history.stayed ? (log?.records.length ?? 0) : last
    for (const { seq, audience } of log?.records.slice(0, end) ?? [])
      if (!given.has(seq) && mayBeSeen(audience, history))
        this.#fault('gaps', `${client} was not given ${conversation}/${seq}`)
  }

  #checkContent(history: ClientHistory, log: IndexedLog | undefined, event: ReceivedEvent, what: string): void {
    const record = log?.bySeq.get(event.seq)
    if (record && record.sender === event.sender && fingerprintOf(record.json) === event.fingerprint) {
      if (!mayBeSeen(record.audience, history)) this.#fault('crossDelivered', `${what}, which is hidden from it`)
      return
    }
    const stranger = this.#conversationOf(event)
    if (stranger !== undefined && stranger !== event.conversation)
      this.#fault('crossDelivered', `${what}, which is the content of an event of ${stranger}`)
    else this.#fault('misplaced', `${what}, which is not what the log has there`)
  }

  /** Where else the log has the same (sender, key). */
  #conversationOf({ sender, key }: ReceivedEvent): ConversationId | undefined {
    if (key === undefined) return undefined
    for (const [conversation, { byKey }] of this.#logs) if (byKey.has(nameOf(sender, key))) return conversation
    return undefined
  }
}

const mayBeSeen = (audience: EventRecord['audience'], history: ClientHistory) =>
  audience === 'everyone' || history.audience === 'staff'

const nameOf = (sender: string, key: string) => `${sender} ${key}`

/** What a client was given, by conversation; those of which it was given nothing are there too. */
function byConversation(history: ClientHistory): ReadonlyMap<ConversationId, readonly ReceivedEvent[]> {
  const groups = new Map<ConversationId, ReceivedEvent[]>(history.conversations.map((id) => [id, []]))
  for (const event of history.received) {
    const group = groups.get(event.conversation)
    if (group) group.push(event)
    else groups.set(event.conversation, [event])
  }
  return groups
}
