import type { ConversationPort } from '../../protocol/conversation-port.ts'
import type { PortWrapper } from '../simulated-node.ts'
import type { StoreWrapper } from '../simulated-world.ts'

/**
 * A known mistake, put around the production code from outside: what simulations must find. Production code has no
 * switch for any of them.
 */
export interface PlantedBug {
  readonly name: string
  /** What is wrong, in one sentence. */
  readonly sentence: string
  readonly wrapStore?: StoreWrapper
  readonly wrapPorts?: PortWrapper
  /** Between an edge's channel and its relay. */
  readonly wrapConversations?: (port: ConversationPort) => ConversationPort
}
