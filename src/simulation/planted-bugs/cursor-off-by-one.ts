import type { PlantedBug } from './planted-bug.ts'

/** Whoever returns is given what follows the event after its last one. */
export const cursorOffByOne: PlantedBug = {
  name: 'cursor-off-by-one',
  sentence: 'A returning client is served from one event too far.',
  wrapConversations: (port) => ({
    attach: (conversation, after, subscriber) => port.attach(conversation, after === 0 ? 0 : after + 1, subscriber),
    submit: (conversation, submission) => port.submit(conversation, submission),
    signal: (conversation, ephemeral) => port.signal(conversation, ephemeral),
    read: (conversation, after, limit) => port.read(conversation, after, limit),
  }),
}
