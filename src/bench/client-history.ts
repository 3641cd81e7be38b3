import type { Audience } from '../base/event-record.ts'
import type { ConversationId, ParticipantId, Seq } from '../base/ids.ts'
import type { RefusalCode } from '../base/refusals.ts'

/** A command that a client gave to its connection. */
export interface SentCommand {
  readonly conversation: ConversationId
  readonly key: string
  /** `fingerprintOf` the words of a message. */
  readonly words?: number
  readonly atMs: number
}

/** The answer that a client was given to one of its commands. */
export type SettledCommand = {
  readonly conversation: ConversationId
  readonly key: string
  readonly atMs: number
} & (
  | { readonly kind: 'ack'; readonly seq: Seq }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly definite: boolean }
)

/** An event that a client was given; hidden ones are not among them. */
export interface ReceivedEvent {
  readonly conversation: ConversationId
  readonly seq: Seq
  readonly sender: ParticipantId
  readonly key?: string
  /** `fingerprintOf` its JSON text. */
  readonly fingerprint: number
  readonly atMs: number
}

/** Entries in their order, however they are kept. */
export interface Recorded<Entry> extends Iterable<Entry> {
  readonly length: number
}

/**
 * Everything that one client saw, in the order in which it saw it, on the clock of the process that ran it. One history
 * is one client instance: what it sent in a conversation is in the log in the same order.
 */
export interface ClientHistory {
  readonly client: string
  readonly sender: ParticipantId
  /** Staff see hidden events. */
  readonly audience: Audience
  /** Where it takes part; whatever it is given of another one is a stranger's. */
  readonly conversations: readonly ConversationId[]
  readonly sent: Recorded<SentCommand>
  readonly settled: Recorded<SettledCommand>
  readonly received: Recorded<ReceivedEvent>
  /** It stayed until it had been given everything: what is missing at the end is missing for good. */
  readonly stayed: boolean
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** 32 bits that stand for a text (FNV-1a over UTF-16 units): a history keeps these, not the texts. */
export function fingerprintOf(text: string): number {
  let hash = FNV_OFFSET
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME)
  return hash >>> 0
}
