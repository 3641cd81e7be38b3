import type { ConversationId } from '../../base/ids.ts'
import type { RefusalCode } from '../../base/refusals.ts'
import type { ClientCommand } from '../../protocol/client-frames.ts'

/** A command that its sender has no answer to yet. */
export interface OutboxEntry {
  readonly conversation: ConversationId
  readonly key: string
  /** The page load that made it; `n` counts within (instance, conversation). */
  readonly instance: string
  readonly n: number
  readonly command: ClientCommand
  /** On its way over the present socket. */
  readonly sent: boolean
}

/** Everything unanswered, in the order in which it was made. What an earlier page load left comes first. */
export interface Outbox {
  readonly instance: string
  readonly entries: readonly OutboxEntry[]
  /** The number given last, for each conversation of this instance. */
  readonly numbers: Readonly<Record<ConversationId, number>>
}

/** What a refusal means for the command. */
type Consequence =
  /** It is not in the log and will not be: its sender is told. */
  | { readonly kind: 'failed' }
  /** The same key again, and everything behind it, after a while. */
  | { readonly kind: 'again'; readonly afterMs: number }

/** More than a person writes while a system is away; beyond it `send` is refused at once. */
export const OUTBOX_MAX = 1000
/** Below what a server lets wait for an answer, and below its burst: an outbox that grew long does not flood it. */
const IN_FLIGHT_MAX = 32

const AGAIN_MS = 250
const AGAIN_MS_MAX = 60_000
// An earlier command is on its way again already: a moment is enough.
const OUT_OF_ORDER_MS = 20
const WORTH_ANOTHER_TRY: ReadonlySet<RefusalCode> = new Set([
  ...(['busy', 'rate-limited', 'at-capacity', 'draining'] as const),
  ...(['store-unavailable', 'owner-unreachable'] as const),
])

export function emptyOutbox(instance: string, left: readonly OutboxEntry[] = []): Outbox {
  return { instance, entries: left.map((entry) => ({ ...entry, sent: false })), numbers: {} }
}

/** What of a stored outbox can be used: storage is shared with whatever else runs in the page. */
export function storedEntries(stored: unknown): readonly OutboxEntry[] {
  return Array.isArray(stored) ? stored.filter(isEntry).slice(0, OUTBOX_MAX) : []
}

function isEntry(value: unknown): value is OutboxEntry {
  const { conversation, key, instance, n, command } = (value ?? {}) as Partial<OutboxEntry>
  const names = [conversation, key, instance, command?.type]
  return names.every((name) => typeof name === 'string') && Number.isSafeInteger(n)
}

/** Puts a command at the end, with the next number of its conversation. */
export function put(outbox: Outbox, conversation: ConversationId, key: string, command: ClientCommand): Outbox {
  const n = (outbox.numbers[conversation] ?? 0) + 1
  const entry: OutboxEntry = { conversation, key, instance: outbox.instance, n, command, sent: false }
  return {
    ...outbox,
    entries: [...outbox.entries, entry],
    numbers: { ...outbox.numbers, [conversation]: n },
  }
}

/** Everything below is settled: the lowest number that has no answer, of the entry's own instance. */
export function floorOf({ entries }: Outbox, { conversation, instance, n }: OutboxEntry): number {
  let floor = n
  for (const other of entries)
    if (other.conversation === conversation && other.instance === instance && other.n < floor) floor = other.n
  return floor
}

/**
 * What to send next, if anything may go now. Within a conversation one page load speaks at a time: `n` orders what
 * one of them sent, so an earlier one must have all its answers before a later one begins.
 */
export function nextUnsent(outbox: Outbox, ready: (conversation: ConversationId) => boolean): OutboxEntry | undefined {
  const speaking = new Map<ConversationId, string>()
  let inFlight = 0
  let next: OutboxEntry | undefined
  for (const entry of outbox.entries) {
    const { conversation, instance, sent } = entry
    if (sent) inFlight += 1
    if (!speaking.has(conversation)) speaking.set(conversation, instance)
    if (!next && !sent && speaking.get(conversation) === instance && ready(conversation)) next = entry
  }
  return inFlight < IN_FLIGHT_MAX ? next : undefined
}

/** The entry is on its way. */
export function markSent(outbox: Outbox, { conversation, key }: OutboxEntry): Outbox {
  const isMeant = (entry: OutboxEntry) => entry.conversation === conversation && entry.key === key
  return { ...outbox, entries: outbox.entries.map((entry) => (isMeant(entry) ? { ...entry, sent: true } : entry)) }
}

/** Answered one way or the other: it is the sender's no more. */
export function settle(outbox: Outbox, conversation: ConversationId, key: string): Outbox {
  return {
    ...outbox,
    entries: outbox.entries.filter((entry) => entry.conversation !== conversation || entry.key !== key),
  }
}

/** The socket is gone, or a command has to go again: nothing of `conversation` (of any, if absent) counts as sent. */
export function unsend(outbox: Outbox, conversation?: ConversationId): Outbox {
  const entries = outbox.entries.map((entry) =>
    entry.sent && (conversation === undefined || entry.conversation === conversation)
      ? { ...entry, sent: false }
      : entry,
  )
  return { ...outbox, entries }
}

/** Whether a refused command is lost or goes again with the same key. */
export function consequenceOf(
  code: RefusalCode,
  definite: boolean,
  retryAfterMs: number | undefined = AGAIN_MS,
): Consequence {
  if (code === 'out-of-order') return { kind: 'again', afterMs: OUT_OF_ORDER_MS }
  if (definite && !WORTH_ANOTHER_TRY.has(code)) return { kind: 'failed' }
  return { kind: 'again', afterMs: Math.min(Math.max(retryAfterMs, OUT_OF_ORDER_MS), AGAIN_MS_MAX) }
}
