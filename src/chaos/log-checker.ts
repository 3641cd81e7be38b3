import type { EventRecord } from '../base/event-record.ts'
import type { ConversationId, Seq } from '../base/ids.ts'
import {
  type ClientHistory,
  fingerprintOf,
  type ReceivedEvent,
  type SentCommand,
  type SettledCommand,
} from '../bench/client-history.ts'

export { type ClientHistory, fingerprintOf, type ReceivedEvent, type SentCommand, type SettledCommand }

/** What can be wrong between a log and those who saw it. Every one of them must be counted 0. */
export const FAULTS = {
  lost: 'A command was acknowledged and is not in the log.',
  duplicated: 'A command is in the log twice, or a client was given an event twice.',
  reordered:
    'Commands of a sender are in the log in another order than it sent them, or a client got older events later.',
  crossDelivered: 'A client was given an event that it may not see.',
  holes: 'The numbers of a log are not 1 to n, or a client was not given an event between others.',
  misplaced: 'A client was told or given something that the log does not have at that place.',
  revived: 'A command was definitely refused and is in the log.',
  epochsFallen: 'The epoch of an event is lower than the one before.',
  invented: 'A message is in the log that its sender did not send, or with other words.',
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
  const checker = new LogChecker(histories)
  const known = new Set([...logs.keys(), ...checker.conversations])
  for (const conversation of known) checker.check(conversation, logs.get(conversation) ?? [])
  if (checker.doubts) for (const [conversation, records] of logs) checker.explain(conversation, records)
  return checker.report()
}

/** The same for logs that are too long to be held all at once: `read` is asked for one after the other. */
export async function checkLogsInTurn(
  read: (conversation: ConversationId) => Promise<readonly EventRecord[]>,
  histories: readonly ClientHistory[],
): Promise<CheckReport> {
  const checker = new LogChecker(histories)
  for (const conversation of checker.conversations) checker.check(conversation, await read(conversation))
  if (checker.doubts)
    for (const conversation of checker.conversations) checker.explain(conversation, await read(conversation))
  return checker.report()
}

/** A log by what it is asked for. */
interface IndexedLog {
  readonly conversation: ConversationId
  readonly records: readonly EventRecord[]
  readonly bySeq: ReadonlyMap<Seq, EventRecord>
  /** Where each (sender, key) is; the first place if there are more. */
  readonly byKey: ReadonlyMap<string, Seq>
}

/** An event that is not in its log: it may be that of another one. */
interface Doubt {
  readonly event: ReceivedEvent
  readonly what: string
}

/** Takes one log after the other, and keeps none. */
class LogChecker {
  readonly #histories: readonly ClientHistory[]
  readonly #byConversation = new Map<ConversationId, ClientHistory[]>()
  readonly #counts = Object.fromEntries(Object.keys(FAULTS).map((kind) => [kind, 0])) as Record<FaultKind, number>
  readonly #faults: LogFault[] = []
  readonly #doubts = new Set<Doubt>()
  #logs = 0
  #events = 0

  constructor(histories: readonly ClientHistory[]) {
    this.#histories = histories
    for (const history of histories) {
      this.#checkStrangers(history)
      for (const conversation of history.conversations)
        this.#byConversation.set(conversation, [...(this.#byConversation.get(conversation) ?? []), history])
    }
  }

  /** Where somebody takes part. */
  get conversations(): readonly ConversationId[] {
    return [...this.#byConversation.keys()]
  }

  /** Whether all logs must be looked at once more. */
  get doubts(): boolean {
    return this.#doubts.size > 0
  }

  check(conversation: ConversationId, records: readonly EventRecord[]): void {
    const log = this.#index(conversation, records)
    const histories = this.#byConversation.get(conversation) ?? []
    this.#checkWords(histories, log)
    for (const history of histories) {
      this.#checkAnswers(history, log)
      this.#checkOrder(history, log)
      this.#checkReceived(history, log)
    }
  }

  /** Finds the log that an event was taken from. */
  explain(conversation: ConversationId, records: readonly EventRecord[]): void {
    const names = new Set(records.flatMap(({ sender, key }) => (key === undefined ? [] : nameOf(sender, key))))
    for (const doubt of this.#doubts) {
      const { sender, key } = doubt.event
      if (key === undefined || !names.has(nameOf(sender, key))) continue
      this.#doubts.delete(doubt)
      this.#fault('crossDelivered', `${doubt.what}, which is the content of an event of ${conversation}`)
    }
  }

  report(): CheckReport {
    for (const { what } of this.#doubts) this.#fault('misplaced', `${what}, which is not what the log has there`)
    this.#doubts.clear()
    const sum = (count: (history: ClientHistory) => number) =>
      this.#histories.reduce((total, one) => total + count(one), 0)
    return {
      counts: this.#counts,
      faults: this.#faults,
      conversations: this.#logs,
      events: this.#events,
      sent: sum(({ sent }) => sent.length),
      acknowledged: sum(({ settled }) => countOf(settled, 'ack')),
      refused: sum(({ settled }) => countOf(settled, 'refused')),
      delivered: sum(({ received }) => received.length),
      holds: Object.values(this.#counts).every((count) => count === 0),
    }
  }

  #fault(kind: FaultKind, sentence: string): void {
    this.#counts[kind] += 1
    if (this.#faults.length < SENTENCES_MAX) this.#faults.push({ kind, sentence })
  }

  /** LO4, OW2 and the log's half of LO1. */
  #index(conversation: ConversationId, records: readonly EventRecord[]): IndexedLog {
    const byKey = new Map<string, Seq>()
    let seq = 0
    let epoch = 0
    for (const record of records) {
      const place = `${conversation}/${record.seq}`
      if (record.seq !== seq + 1) this.#fault('holes', `${place} follows ${seq} in the log`)
      if (record.epoch < epoch) this.#fault('epochsFallen', `${place} has epoch ${record.epoch} after ${epoch}`)
      seq = record.seq
      epoch = record.epoch
      if (record.key === undefined) continue
      const name = nameOf(record.sender, record.key)
      const first = byKey.get(name)
      if (first === undefined) byKey.set(name, record.seq)
      else this.#fault('duplicated', `${place} has the key ${name} of ${conversation}/${first}`)
    }
    this.#logs += records.length > 0 ? 1 : 0
    this.#events += records.length
    return { conversation, records, bySeq: new Map(records.map((record) => [record.seq, record])), byKey }
  }

  /** What is in the log is what somebody sent: the other half of LO1, and doubles under keys of their own. */
  #checkWords(histories: readonly ClientHistory[], { conversation, records }: IndexedLog): void {
    const senders = new Set(histories.map(({ sender }) => sender))
    // A key that was used for two messages is in the log with the words of one of them.
    const wordsOf = new Map<string, (number | undefined)[]>()
    for (const { sender, sent } of histories)
      for (const { conversation: of, key, words } of sent) {
        if (of !== conversation) continue
        const known = wordsOf.get(nameOf(sender, key))
        if (known) known.push(words)
        else wordsOf.set(nameOf(sender, key), [words])
      }
    for (const { seq, sender, key = '', json } of records) {
      if (!senders.has(sender)) continue
      const { type, body } = JSON.parse(json) as { type?: string; body?: { text?: string } }
      if (type !== 'message' && type !== 'note') continue
      const what = `${conversation}/${seq} of ${sender} with the key ${key || 'none'}`
      const words = wordsOf.get(nameOf(sender, key))
      if (!words) this.#fault('invented', `${what} was sent by nobody`)
      else if (!words.includes(undefined) && !words.includes(fingerprintOf(body?.text ?? '')))
        this.#fault('invented', `${what} has other words than were sent`)
    }
  }

  /** LO1, LO2. */
  #checkAnswers({ client, sender, settled }: ClientHistory, { conversation, byKey }: IndexedLog): void {
    for (const answer of settled) {
      if (answer.conversation !== conversation) continue
      const seq = byKey.get(nameOf(sender, answer.key))
      const what = `${client}: ${conversation} key ${answer.key}`
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
  #checkOrder({ client, sender, sent }: ClientHistory, { conversation, byKey }: IndexedLog): void {
    let last = 0
    for (const { conversation: of, key } of sent) {
      const seq = of === conversation ? byKey.get(nameOf(sender, key)) : undefined
      if (seq === undefined) continue
      if (seq < last)
        this.#fault('reordered', `${client}: ${conversation} key ${key} is at ${seq}, one sent earlier at ${last}`)
      last = Math.max(last, seq)
    }
  }

  /** AC1. */
  #checkStrangers({ client, conversations, received }: ClientHistory): void {
    for (const { conversation, seq } of received)
      if (!conversations.includes(conversation))
        this.#fault('crossDelivered', `${client} was given ${conversation}/${seq}, where it has no part`)
  }

  /** LO6, AC1, and that only what is durable was published (OW3). */
  #checkReceived(history: ClientHistory, log: IndexedLog): void {
    const { client } = history
    const given = new Set<Seq>()
    let last = 0
    for (const event of history.received) {
      if (event.conversation !== log.conversation) continue
      const what = `${client} was given ${log.conversation}/${event.seq}`
      if (given.has(event.seq)) this.#fault('duplicated', `${what} twice`)
      else if (event.seq < last) this.#fault('reordered', `${what} after ${last}`)
      given.add(event.seq)
      last = Math.max(last, event.seq)
      this.#checkContent(history, log, event, what)
    }
    const end = history.stayed ? log.records.length : last
    for (const { seq, audience } of log.records.slice(0, end))
      if (!given.has(seq) && mayBeSeen(audience, history))
        this.#fault('holes', `${client} was not given ${log.conversation}/${seq}`)
  }

  #checkContent(history: ClientHistory, { bySeq, byKey }: IndexedLog, event: ReceivedEvent, what: string): void {
    const record = bySeq.get(event.seq)
    if (record && record.sender === event.sender && fingerprintOf(record.json) === event.fingerprint) {
      if (!mayBeSeen(record.audience, history)) this.#fault('crossDelivered', `${what}, which is hidden from it`)
    } else if (event.key !== undefined && byKey.has(nameOf(event.sender, event.key)))
      this.#fault('misplaced', `${what}, which is not what the log has there`)
    else this.#doubts.add({ event, what })
  }
}

const mayBeSeen = (audience: EventRecord['audience'], history: ClientHistory) =>
  audience === 'everyone' || history.audience === 'staff'

const nameOf = (sender: string, key: string) => `${sender} ${key}`

function countOf(settled: ClientHistory['settled'], kind: SettledCommand['kind']): number {
  let count = 0
  for (const answer of settled) if (answer.kind === kind) count += 1
  return count
}
