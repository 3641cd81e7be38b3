import { eventsBy, type PlantedBug } from './planted-bug.ts'

/**
 * The newest events come first, as on a page that shows them that way. Its library passes over what does not follow
 * (LO6 holds), and asks again, in vain.
 */
export const reorderedBatch: PlantedBug = {
  name: 'reordered-batch',
  sentence: 'Events that are delivered together come in the wrong order.',
  breaks: ['convergence'],
  wrapConversations: (port) =>
    eventsBy(port, (to, conversation, records) => to.events(conversation, records.toReversed())),
}
