import { boundPort, type PlantedBug } from './planted-bug.ts'

/**
 * Whoever returns is given what follows the event after its last one. Its library lets no gap through (LO6 holds): the
 * page waits for the missing event for ever.
 */
export const cursorOffByOne: PlantedBug = {
  name: 'cursor-off-by-one',
  sentence: 'A returning client is served from one event too far.',
  breaks: ['convergence'],
  wrapConversations: (port) => ({
    ...boundPort(port),
    attach: (conversation, after, subscriber) => port.attach(conversation, after === 0 ? 0 : after + 1, subscriber),
  }),
}
