import type { ConversationId, Owner } from '../base/ids.ts'
import { RELAY_FRAME_MIN } from '../cluster/peers.ts'
import { decodeFrame, unpackFrames } from '../cluster/relay-codec.ts'
import type { RelayFrame } from '../cluster/relay-frames.ts'
import type { Observation } from './observation.ts'

/**
 * Reads what a node sends to another one, as a sniffer on the wire would: what it published and what it acknowledged.
 * It knows nothing that the node does not put on the wire.
 */
export class RelayTap {
  readonly #by: () => Owner
  readonly #see: (observation: Observation) => void
  readonly #submitted = new Map<number, ConversationId>()

  constructor(by: () => Owner, see: (observation: Observation) => void) {
    this.#by = by
    this.#see = see
  }

  /** Frames that came to the node. */
  heard(bytes: Uint8Array): void {
    for (const frame of framesOf(bytes))
      if (frame.type === 'submit') this.#submitted.set(frame.request, frame.conversation)
  }

  /** Frames that the node sends. */
  said(bytes: Uint8Array): void {
    for (const frame of framesOf(bytes)) {
      if (frame.type === 'events')
        this.#see({ kind: 'published', by: this.#by(), conversation: frame.conversation, epoch: frame.epoch })
      else if (frame.type === 'reply') this.#answered(frame)
    }
  }

  #answered({ request, reply }: Extract<RelayFrame, { type: 'reply' }>): void {
    const conversation = this.#submitted.get(request)
    this.#submitted.delete(request)
    if (conversation === undefined || reply.kind === 'moved' || reply.kind === 'events') return
    this.#see({ kind: 'answered', by: this.#by(), conversation, reply })
  }
}

function framesOf(bytes: Uint8Array): readonly RelayFrame[] {
  if ((bytes[0] ?? 0) < RELAY_FRAME_MIN) return []
  return (unpackFrames(bytes) ?? []).map(decodeFrame).filter((frame) => typeof frame !== 'string')
}
