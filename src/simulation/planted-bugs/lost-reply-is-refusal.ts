import { IndefiniteOutcome } from '../../store/log-store.ts'
import type { PlantedBug } from './planted-bug.ts'

/** A node takes a statement whose reply was lost for failed, and tells the senders so for good. */
export const lostReplyIsRefusal: PlantedBug = {
  name: 'lost-reply-is-refusal',
  sentence: 'An append without a reply is refused though it may be in the log.',
  breaks: ['LO2'],
  wrapPorts: (ports) => ({
    ...ports,
    logStore: {
      ...ports.logStore,
      append: (slices) =>
        ports.logStore.append(slices).catch((error: unknown) => {
          if (!(error instanceof IndefiniteOutcome)) throw error
          return slices.map(() => ({ kind: 'unstorable', reason: 'the connection was lost' }))
        }),
    },
  }),
}
