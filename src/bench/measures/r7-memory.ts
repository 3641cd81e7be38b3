import { bytesPerIdleConnection } from '../chat-bench.ts'
import type { Measure } from '../comparison.ts'
import { limitBar } from '../comparison-bar.ts'
import { inFreshTurns, standOf } from '../in-turns.ts'

const MEMORY = 'KiB of resident memory per idle connection'

export const memory: Measure = {
  id: 'R7',
  title: 'resident memory per idle connection',
  method:
    'Growth of the processes that keep sockets, divided by the connections that were added; each is attached to a conversation.',
  trial: {
    name: 'idle connections',
    run: (arena) =>
      inFreshTurns(arena, ['Holdfast', 'S', 'floor'], async (system) => {
        const scale = { ...arena.scale, rooms: 10, agents: 0 }
        const { generator } = await standOf({ scale }, { start: () => Promise.resolve(system) })
        try {
          const bytes = await bytesPerIdleConnection(system, scale.idleConnections, generator)
          return bytes === undefined ? {} : { [MEMORY]: bytes / 1024 }
        } finally {
          generator.stop()
        }
      }),
  },
  bars: (figures) => [limitBar(figures, { what: MEMORY, atMost: 15 })],
}
