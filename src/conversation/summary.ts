import { type ConversationState, presentParticipant } from './state.ts'

/** What lists show of a conversation without reading its log: the JSON of `HeadPatch.summary`. Never message text. */
export interface ConversationSummary {
  readonly mode: 'live' | 'async'
  readonly subject?: string
  readonly agent?: string
  readonly participants: readonly { readonly id: string; readonly role: string; readonly name: string }[]
  /** Participants that did not fit. */
  readonly more?: number
}

const SUMMARY_BYTES_MAX = 2_000
const SUBJECT_LENGTH_MAX = 120
const NAME_SHOWN_MAX = 40

/** The summary as JSON of at most 2 kB: names and subject cut, as many participants as fit, the first ones first. */
export function summaryJson(state: ConversationState): string {
  const present = [...state.participants].filter(([id]) => presentParticipant(state, id))
  const participants = present.map(([id, { role, name }]) => ({ id, role, name: cut(name, NAME_SHOWN_MAX) }))
  for (let shown = Math.min(participants.length, 20); ; shown--) {
    const summary: ConversationSummary = {
      mode: state.mode,
      ...(state.subject !== undefined && { subject: cut(state.subject, SUBJECT_LENGTH_MAX) }),
      ...(state.agent !== undefined && { agent: state.agent }),
      participants: participants.slice(0, shown),
      ...(shown < participants.length && { more: participants.length - shown }),
    }
    const json = JSON.stringify(summary)
    if (utf8Length(json) <= SUMMARY_BYTES_MAX || shown === 0) return json
  }
}

/** The fields of the head that a step changed, to be written in the same statement as its events. */
export function headPatch(
  before: ConversationState,
  after: ConversationState,
): { readonly status?: 'open' | 'closed'; readonly summary?: string } | undefined {
  const status = after.phase !== before.phase && after.phase !== 'absent' ? { status: after.phase } : undefined
  // The agent changes only where somebody joins or leaves.
  if (!status && after.participants === before.participants) return undefined
  return { ...status, summary: summaryJson(after) }
}

function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1).toWellFormed()}…`
}

function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return length
}
