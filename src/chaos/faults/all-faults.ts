import type { Fault } from '../fault.ts'
import { cutNodeDatabase } from './cut-node-database.ts'
import { cutNodeEdges } from './cut-node-edges.ts'
import { cutNodePeers } from './cut-node-peers.ts'
import { cutNodePeersOneWay } from './cut-node-peers-one-way.ts'
import { endSessions } from './end-sessions.ts'
import { fillDisk } from './fill-disk.ts'
import { forgetClients } from './forget-clients.ts'
import { hostileFrames } from './hostile-frames.ts'
import { isolateNode } from './isolate-node.ts'
import { killChat } from './kill-chat.ts'
import { killEdge } from './kill-edge.ts'
import { LOSE_APPEND_REPLY } from './lose-append-reply.ts'
import { loseAppendRequest } from './lose-append-request.ts'
import { pauseChat } from './pause-chat.ts'
import { restartDatabase } from './restart-database.ts'
import { slowConsumers } from './slow-consumers.ts'
import { slowSync } from './slow-sync.ts'
import { slowWires } from './slow-wires.ts'
import { stormEdge } from './storm-edge.ts'
import { trickleClients } from './trickle-clients.ts'

/** Everything that a campaign can do to a cluster. */
export const ALL_FAULTS: readonly Fault[] = [
  killChat,
  killEdge,
  pauseChat,
  isolateNode,
  cutNodeDatabase,
  cutNodePeers,
  cutNodePeersOneWay,
  cutNodeEdges,
  forgetClients,
  slowWires,
  trickleClients,
  restartDatabase,
  endSessions,
  ...LOSE_APPEND_REPLY,
  loseAppendRequest,
  slowSync,
  fillDisk,
  stormEdge,
  slowConsumers,
  hostileFrames,
]
