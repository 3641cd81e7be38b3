import { assert } from '../base/assertion.ts'
import type { EventRecord } from '../base/event-record.ts'
import type { Epoch, Seq } from '../base/ids.ts'
import type { ConversationEvent, NewEvent } from './event.ts'

/**
 * Version of the event types. A type that version N - 1 cannot read is written only when every member of the cluster
 * reads version N. `MemberFacts.formatReads` tells which one a member reads.
 */
export const EVENT_FORMAT = 2

/** The format that brought each type that was not there from the beginning. */
export const FORMAT_OF_CONTACT = 2

/** Gives an event its place in the log and makes its JSON text, once for store, relay and sockets. */
export function toRecord(event: NewEvent, place: { seq: Seq; epoch: Epoch; at: number }): EventRecord {
  assert(Number.isSafeInteger(place.at), 'an event happens at a whole millisecond')
  const { type, from, audience, key, digest, origin, body } = event
  return {
    seq: place.seq,
    epoch: place.epoch,
    at: place.at,
    audience,
    sender: from,
    ...(key !== undefined && { key }),
    ...(digest !== undefined && { digest }),
    json: JSON.stringify({ seq: place.seq, at: place.at, type, from, key, origin, body }),
  }
}

/** What `toRecord` wrote beyond the fields of the record. */
type StoredText = Pick<ConversationEvent, 'type' | 'origin' | 'body'>

/**
 * Reads an event back from the log. The text is our own, so it is not checked again; a type of a newer version passes
 * through here and only takes its place in `evolve`, and fields that are not known stay in `body` unread.
 */
export function fromRecord(record: EventRecord): ConversationEvent {
  const { type, origin, body } = JSON.parse(record.json) as StoredText
  const { seq, at, sender, audience, key, digest } = record
  const marks = {
    ...(key !== undefined && { key }),
    ...(digest !== undefined && { digest }),
    ...(origin !== undefined && { origin }),
  }
  return { seq, at, type, from: sender, audience, ...marks, body } as ConversationEvent
}
