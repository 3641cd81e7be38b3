import { IndefiniteOutcome } from '../../store/log-store.ts'
import type { PlantedBug } from './planted-bug.ts'

/**
 * A node takes a statement whose reply was lost for carried out: mostly it was. What never was stored is acknowledged
 * (LO1) and shown (LO6), whichever is seen first.
 */
export const lostReplyIsSuccess: PlantedBug = {
  name: 'lost-reply-is-success',
  sentence: 'An append without a reply is acknowledged.',
  breaks: ['LO1', 'LO6'],
  wrapPorts: (ports) => ({
    ...ports,
    logStore: {
      ...ports.logStore,
      append: (slices) =>
        ports.logStore.append(slices).catch((error: unknown) => {
          if (!(error instanceof IndefiniteOutcome)) throw error
          return slices.map(({ expectSeq, events }) => ({ kind: 'ok', seq: expectSeq + events.length }))
        }),
    },
  }),
}
