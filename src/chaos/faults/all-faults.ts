import type { Fault } from '../fault.ts'
import { killChat } from './kill-chat.ts'
import { killEdge } from './kill-edge.ts'
import { pauseChat } from './pause-chat.ts'
import { restartDatabase } from './restart-database.ts'

/** Everything that a campaign can do to a cluster. */
export const ALL_FAULTS: readonly Fault[] = [killChat, killEdge, pauseChat, restartDatabase]
