import { eventsBy, type PlantedBug } from './planted-bug.ts'

/**
 * Hidden events are dropped before anybody knows who looks: nobody is told of the places they leave. Its library lets
 * no gap through (LO6 holds): a visitor reads nothing behind the first hidden event.
 */
export const hiddenEventsLeftOut: PlantedBug = {
  name: 'hidden-events-left-out',
  sentence: 'A hidden event leaves a gap instead of its place.',
  breaks: ['convergence'],
  wrapConversations: (port) =>
    eventsBy(port, (to, conversation, records) =>
      to.events(
        conversation,
        records.filter(({ audience }) => audience === 'everyone'),
      ),
    ),
}
