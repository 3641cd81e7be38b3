import { assert } from '../base/assertion.ts'
import { realClock as clock } from '../base/real-clock-node.ts'
import { APPEND_SHAPES, SINGLE_ROW } from '../bench/append-report.ts'
import type { ChatSystem } from '../bench/chat-system.ts'
import type { Arena, Entrant } from '../bench/comparison.ts'
import type { ComparisonScale } from '../bench/comparison-scale.ts'
import { type Figures, OURS } from '../bench/figures.ts'
import { interleave } from '../bench/interleave.ts'
import { ROWS } from '../bench/measures/r8-appends.ts'
import { type AppendArena, openAppendArena } from './append-contestants-node.ts'
import { startHoldfast } from './chat-system-node.ts'
import { missingForBare, missingForSocketio, peerVersions, startBare, startSocketio } from './peer-contestants-node.ts'
import { ejabberdVersion, missingForEjabberd, startEjabberd } from './peer-ejabberd-node.ts'

/** An arena of real processes, and who is left out of it. */
export interface RealArena extends Arena {
  readonly leftOut: readonly string[]
  versions(): Promise<readonly string[]>
  /** Ends whatever runs. What is started afterwards is ended, too. */
  close(): Promise<void>
}

// As the peers have it: two processes, each with clients of its own.
const SHAPE = { edges: 0, chats: 2 }
const EDGES_GROWN = 2
const SINGLE_ROW_CLIENTS = 32
const APPEND_MS = 1000

export async function openArena(options: {
  readonly rounds: number
  readonly scale: ComparisonScale
  readonly say: (note: string) => void
}): Promise<RealArena> {
  const running = new Set<{ stop(): Promise<void> }>()
  let closed = false
  /** Whatever was started is ended with the arena at the latest. */
  const kept = async <Started extends { stop(): Promise<void> }>(starting: Promise<Started>): Promise<Started> => {
    const started = await starting
    const stop = async () => {
      running.delete(entry)
      await started.stop()
    }
    const entry = { stop }
    running.add(entry)
    if (closed) await stop()
    return { ...started, stop }
  }
  const appendArena = async (shapes: typeof APPEND_SHAPES) => {
    const opening = openAppendArena({ shapes, singleRowClients: SINGLE_ROW_CLIENTS, durationMs: APPEND_MS })
    return kept(opening.then((arena) => ({ ...arena, stop: () => arena.close() })))
  }
  const { entrants, leftOut } = whoCanRun(options.scale, kept)
  return {
    ...options,
    clock,
    stopped: () => closed,
    entrants,
    leftOut,
    startGrown: ({ chats = SHAPE.chats, stored }) =>
      kept(startHoldfast({ edges: EDGES_GROWN, chats, ...(stored !== undefined && { stored }) })),
    async singleRows() {
      const arena = await appendArena([])
      const [contestant] = arena.contestants
      assert(contestant !== undefined, 'single rows are always there')
      return { contestant, close: arena.stop }
    },
    async appends() {
      const arena = await appendArena(APPEND_SHAPES)
      try {
        return await appendFigures(arena, options.rounds)
      } finally {
        await arena.stop()
      }
    },
    async restoreMs(events) {
      const arena = await appendArena([])
      try {
        return await arena.restoreMs(events)
      } finally {
        await arena.stop()
      }
    },
    async versions() {
      const arena = await appendArena([])
      await arena.stop()
      return [arena.database, `Node ${process.versions.node}`, ...peerVersions(), ...ejabberdVersion()]
    },
    async close() {
      closed = true
      await Promise.all([...running].map((each) => each.stop()))
    },
  }
}

/** The shapes of `bench append` beside P. */
async function appendFigures({ contestants }: AppendArena, rounds: number): Promise<Figures> {
  const samples = await interleave(contestants, { rounds })
  return [...samples].map(([name, rates]) =>
    name === SINGLE_ROW
      ? { system: 'P', what: ROWS, samples: rates }
      : { system: OURS, what: `${ROWS}, ${name}`, samples: rates },
  )
}

function whoCanRun(
  { crowd }: ComparisonScale,
  kept: (starting: Promise<ChatSystem>) => Promise<ChatSystem>,
): { entrants: readonly Entrant[]; leftOut: readonly string[] } {
  const socketio = missingForSocketio()
  const bare = missingForBare()
  const all: readonly (Entrant & { missing?: string | undefined })[] = [
    { name: 'Holdfast', start: () => kept(startHoldfast(SHAPE)) },
    { name: 'S', missing: socketio, start: () => kept(startSocketio({ catchUp: false })) },
    { name: "S'", missing: socketio, start: () => kept(startSocketio({ catchUp: true })) },
    { name: 'E', missing: missingForEjabberd(), start: () => kept(startEjabberd()) },
    { name: 'floor', missing: bare, start: () => kept(startBare(crowd.missed)) },
  ]
  return {
    entrants: all.filter(({ missing }) => missing === undefined),
    leftOut: all.flatMap(({ name, missing }) => (missing === undefined ? [] : `${name} is left out: ${missing}`)),
  }
}
