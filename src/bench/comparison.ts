import type { Clock } from '../base/clock.ts'
import type { ChatSystem } from './chat-system.ts'
import type { ComparisonBar } from './comparison-bar.ts'
import type { ComparisonScale } from './comparison-scale.ts'
import type { Figures, OURS } from './figures.ts'
import type { Contestant } from './interleave.ts'

/** `bench/peers/README.md` says what they are. */
export type SystemName = typeof OURS | 'S' | "S'" | 'E' | 'floor'

/** A system that can be started on this machine. */
export interface Entrant {
  readonly name: SystemName
  start(): Promise<ChatSystem>
}

/** How one cluster of ours differs from the usual one, where the cost of growth is measured. */
export interface GrownShape {
  readonly chats?: number
  /** So many conversations lie in the database already. */
  readonly stored?: number
}

/** What trials need of the world. */
export interface Arena {
  readonly clock: Clock
  /** Each measures everybody forth and back. */
  readonly rounds: number
  readonly scale: ComparisonScale
  /** Those that can run here, ours first. */
  readonly entrants: readonly Entrant[]
  startGrown(shape: GrownShape): Promise<ChatSystem>
  /** `pgbench`-like commits of one row each (P), on a database of their own, until `close`. */
  singleRows(): Promise<{ readonly contestant: Contestant; close(): Promise<void> }>
  /** Median rates of `bench append`, and what its own bars say. */
  appends(): Promise<Figures>
  /** Milliseconds to claim a conversation whose log is so long, once with its snapshot and tail read. */
  restoreMs(events: number): Promise<readonly number[]>
  say(note: string): void
  /** Somebody pressed Ctrl-C: what runs is being ended, nothing more begins. */
  stopped(): boolean
}

/** Something done to all systems side by side, from which one or more measures take their figures. */
export interface Trial {
  readonly name: string
  run(arena: Arena): Promise<Figures>
}

export interface Measure {
  /** As `docs/benchmarks.md` names it: R1 to R9. */
  readonly id: string
  readonly title: string
  /** How it is measured, for the report. */
  readonly method: string
  readonly trial: Trial
  bars(figures: Figures): readonly ComparisonBar[]
}
