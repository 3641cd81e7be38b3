import { cutInReply, REPLY_PLACES, type ReplyPlace } from '../append-cut-decision.ts'
import { APPENDS_CUT_MAX, cutAppends } from '../cut-appends.ts'
import type { Fault } from '../fault.ts'

/** The same at each place at which a reply can end: whatever the client has seen of it, it must not believe. */
export const LOSE_APPEND_REPLY: readonly Fault[] = Object.keys(REPLY_PLACES).map((place) => loseAt(place as ReplyPlace))

function loseAt(place: ReplyPlace): Fault {
  return {
    name: `lose-append-reply-${place}`,
    faultClass: 'store',
    sentence: `the connection is reset while the reply to a committed append comes back, ${REPLY_PLACES[place]}; 1 to ${APPENDS_CUT_MAX} times`,
    weight: 1,
    gapMsMax: 2000,
    inject: (stage) => cutAppends(stage, 'back', (chunk) => cutInReply(chunk, place)),
  }
}
