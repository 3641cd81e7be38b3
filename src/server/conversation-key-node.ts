import { createHash } from 'node:crypto'
import { type ConversationId, idFromBits } from '../base/ids.ts'

/** The conversation that a caller's key stands for: the same for ever, so that opening again opens nothing new. */
export function conversationOfKey(caller: string, key: string): ConversationId {
  const digest = createHash('sha256')
    .update(JSON.stringify([caller, key]))
    .digest()
  return idFromBits(digest.readBigUInt64BE() >> 1n)
}
