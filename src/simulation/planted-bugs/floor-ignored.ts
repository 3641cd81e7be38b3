import { boundPort, type PlantedBug } from './planted-bug.ts'

/**
 * An owner that never had a page's earlier commands waits for them for ever. Nothing wrong is stored or shown: what the
 * page sends is never answered.
 */
export const floorIgnored: PlantedBug = {
  name: 'floor-ignored',
  sentence: 'Nobody is told that the earlier commands of a page are settled.',
  breaks: ['convergence'],
  wrapConversations: (port) => ({
    ...boundPort(port),
    submit(conversation, { origin, ...submission }) {
      return port.submit(conversation, { ...submission, ...(origin && { origin: { ...origin, floor: 1 } }) })
    },
  }),
}
