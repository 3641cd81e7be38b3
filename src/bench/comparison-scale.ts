/** How much of everything a comparison does. Every system has the same. */
export interface ComparisonScale {
  /** Rooms of one visitor, who speaks, and so many agents. */
  readonly rooms: number
  readonly agents: number
  /** Bytes of a message. */
  readonly textLength: number
  /** Of the open loop, messages per second in all: not far below what the slowest can do. */
  readonly perSecond: number
  /** And a load at which nothing gathers that could be done together. */
  readonly fewPerSecond: number
  /** While machines are killed. */
  readonly killPerSecond: number
  readonly turnMs: number
  /** The closed loops that are tried: unanswered messages of each visitor. */
  readonly unanswered: readonly number[]
  readonly kills: number
  readonly killEveryMs: number
  readonly crowd: { readonly rooms: number; readonly clientsPerRoom: number; readonly missed: number }
  /** Turns of what begins with a fresh start of every system. */
  readonly freshTurns: number
  readonly idleConnections: number
  readonly growth: {
    readonly stored: readonly number[]
    readonly chats: readonly number[]
    readonly events: readonly number[]
  }
}

export const FULL_SCALE: ComparisonScale = {
  rooms: 100,
  agents: 3,
  textLength: 200,
  perSecond: 2000,
  fewPerSecond: 250,
  killPerSecond: 400,
  turnMs: 6000,
  unanswered: [1, 2, 4, 8],
  kills: 20,
  killEveryMs: 5000,
  crowd: { rooms: 100, clientsPerRoom: 50, missed: 300 },
  freshTurns: 3,
  idleConnections: 10_000,
  growth: { stored: [1000, 10_000, 100_000], chats: [1, 2, 4], events: [10, 100, 1000, 10_000] },
}

/** The same in a few minutes: whether everything runs, and roughly how it stands. */
export const QUICK_SCALE: ComparisonScale = {
  ...FULL_SCALE,
  perSecond: 1000,
  turnMs: 2000,
  unanswered: [1, 4],
  kills: 2,
  killEveryMs: 4000,
  crowd: { rooms: 20, clientsPerRoom: 25, missed: 100 },
  freshTurns: 1,
  idleConnections: 4000,
  growth: { stored: [1000, 10_000], chats: [1, 2], events: [10, 1000] },
}
