import type { ParticipantId, Seq } from '../base/ids.ts'
import { type ConversationState, presentParticipant } from './state.ts'

/** How far each participant has read: one number each, whatever was read. Never in the log, lost without harm. */
export type Receipts = ReadonlyMap<ParticipantId, Seq>

export const NO_RECEIPTS: Receipts = new Map()

/**
 * Moves a watermark up. The same value comes back when there is nothing to pass on: an old receipt, one from beyond
 * the end of the log, or one of somebody who is not in the conversation.
 */
export function withReceipt(receipts: Receipts, state: ConversationState, from: ParticipantId, seq: Seq): Receipts {
  if (!presentParticipant(state, from)) return receipts
  if (seq > state.headSeq || seq <= (receipts.get(from) ?? 0)) return receipts
  return new Map(receipts).set(from, seq)
}
