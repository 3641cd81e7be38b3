import type { ConversationPort, Subscriber } from '../../protocol/conversation-port.ts'
import type { PageWrapper } from '../simulated-client.ts'
import type { PortWrapper } from '../simulated-node.ts'
import type { OutboxWrapper, StoreWrapper } from '../simulated-world.ts'

/**
 * A known mistake, put around the production code from outside: what simulations must find. Production code has no
 * switch for any of them.
 */
export interface PlantedBug {
  readonly name: string
  /** What is wrong, in one sentence. */
  readonly sentence: string
  /** The rules that it breaks by what it is: only when one of them speaks is it found. */
  readonly breaks: readonly string[]
  /** It shows only in runs of this length. */
  readonly minutes?: number
  readonly wrapStore?: StoreWrapper
  readonly wrapOutbox?: OutboxWrapper
  readonly wrapPorts?: PortWrapper
  /** Between an edge's channel and its relay. */
  readonly wrapConversations?: (port: ConversationPort) => ConversationPort
  /** Between a page and its client library. */
  readonly wrapPage?: PageWrapper
}

/** A plain object with a port's methods, so that a bug can replace some and keep the rest. */
export function boundPort(port: ConversationPort): ConversationPort {
  return {
    attach: (conversation, after, subscriber) => port.attach(conversation, after, subscriber),
    submit: (conversation, submission) => port.submit(conversation, submission),
    signal: (conversation, ephemeral) => port.signal(conversation, ephemeral),
    read: (conversation, after, limit) => port.read(conversation, after, limit),
  }
}

/** The same port, whose subscribers get their events by `events` instead of directly. */
export function eventsBy(
  port: ConversationPort,
  events: (to: Subscriber, ...given: Parameters<Subscriber['events']>) => void,
): ConversationPort {
  return {
    ...boundPort(port),
    attach: (conversation, after, subscriber) =>
      port.attach(conversation, after, {
        events: (...given) => events(subscriber, ...given),
        ephemeral: (...given) => subscriber.ephemeral(...given),
        status: (...given) => subscriber.status(...given),
        ended: (...given) => subscriber.ended(...given),
      }),
  }
}
