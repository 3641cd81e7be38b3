import { useSyncExternalStore } from 'react'
import type { ConversationModel, ConversationView } from '../conversation-model.ts'

/** What is known of a conversation now; the component follows it. */
export function useConversation(model: ConversationModel): ConversationView {
  return useSyncExternalStore(model.subscribe, model.view)
}
