import type { PlantedBug } from './planted-bug.ts'

/** What a slice asks to be done outside is done while the slice is on its way to the store. */
export const effectBeforeCommit: PlantedBug = {
  name: 'effect-before-commit',
  breaks: ['OB1'],
  sentence: 'What is to be done outside is done before it is committed.',
  wrapPorts: (ports, { world }) => {
    const { posts } = ports
    if (!posts) return ports
    return {
      ...ports,
      posts: {
        ...posts,
        of(step) {
          const items = posts.of(step)
          for (const { id, lane, body } of items) world.see({ kind: 'effect', id, lane, body })
          return items
        },
      },
    }
  },
}
