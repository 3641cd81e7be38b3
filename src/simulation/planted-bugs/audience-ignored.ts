import { eventsBy, type PlantedBug } from './planted-bug.ts'

/** What agents say among themselves is shown to the visitor. */
export const audienceIgnored: PlantedBug = {
  name: 'audience-ignored',
  sentence: 'Hidden events are delivered to everybody.',
  breaks: ['AC1'],
  wrapConversations: (port) =>
    eventsBy(port, (to, conversation, records) =>
      to.events(
        conversation,
        records.map((record) => ({ ...record, audience: 'everyone' })),
      ),
    ),
}
