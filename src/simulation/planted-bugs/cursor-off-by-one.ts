import { boundPort, type PlantedBug } from './planted-bug.ts'

/** Whoever returns is given what follows the event after its last one. */
export const cursorOffByOne: PlantedBug = {
  name: 'cursor-off-by-one',
  sentence: 'A returning client is served from one event too far.',
  wrapConversations: (port) => ({
    ...boundPort(port),
    attach: (conversation, after, subscriber) => port.attach(conversation, after === 0 ? 0 : after + 1, subscriber),
  }),
}
