import type { NodeUnderTest } from './cluster-under-test-node.ts'
import type { LoadedCluster } from './loaded-cluster.ts'
import type { SeededDice } from './seeded-dice.ts'
import type { Wires } from './wires.ts'

/** Rows of the fault matrix that times are told for. */
export type FaultClass = 'kill-chat' | 'kill-edge' | 'pause' | 'partition' | 'store' | 'overload' | 'hostile'

/** Something that happens to a cluster under load and must not matter. One file each in `faults/`. */
export interface Fault {
  /** Unique, in kebab-case. */
  readonly name: string
  readonly faultClass: FaultClass
  /** What is done to whom. */
  readonly sentence: string
  /** Its cards in the deck that a mixed campaign draws from: a whole number. */
  readonly weight: number
  /** Longest silence that a client may see, milliseconds. */
  readonly gapMsMax: number
  /** Where that is not there, the fault is left out, told as left out, and never counted. */
  readonly needs?: 'root' | 'linux'
  /** Begins the fault, waits its drawn length, ends it. Draws only from the dice of the stage. */
  inject(stage: FaultStage): Promise<Injected>
}

export interface Injected {
  /** A node, `database`, or whoever else was hit. */
  readonly victim: string
  /** How long it lasted, where it has a length. */
  readonly faultMs?: number
}

/** What a fault has to work with. */
export interface FaultStage {
  readonly running: LoadedCluster
  readonly wires: Wires
  readonly dice: SeededDice
  /** One of the chat nodes that own conversations, or of the edges that have clients: the more, the likelier. */
  victim(role: 'chat' | 'edge'): Promise<NodeUnderTest>
  /** The fault begins now: silences count from here. Where it is never called, from `inject`. */
  begins(): void
  /** This run of the node will lose its conversations: others must adopt all of them, and that is timed. */
  loses(node: NodeUnderTest): void
}
