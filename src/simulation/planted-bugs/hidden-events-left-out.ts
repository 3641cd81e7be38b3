import { eventsBy, type PlantedBug } from './planted-bug.ts'

/** Hidden events are dropped before anybody knows who looks: nobody is told of the places they leave. */
export const hiddenEventsLeftOut: PlantedBug = {
  name: 'hidden-events-left-out',
  sentence: 'A hidden event leaves a gap instead of its place.',
  wrapConversations: (port) =>
    eventsBy(port, (to, conversation, records) =>
      to.events(
        conversation,
        records.filter(({ audience }) => audience === 'everyone'),
      ),
    ),
}
