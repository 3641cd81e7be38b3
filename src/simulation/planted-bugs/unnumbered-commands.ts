import { boundPort, type PlantedBug } from './planted-bug.ts'

/** The owner takes the commands of a page in the order in which they happen to reach it. */
export const unnumberedCommands: PlantedBug = {
  name: 'unnumbered-commands',
  sentence: 'An edge drops the numbers by which a page orders what it sends.',
  breaks: ['LO5'],
  wrapConversations: (port) => ({
    ...boundPort(port),
    submit: (conversation, { origin: _, ...submission }) => port.submit(conversation, submission),
  }),
}
