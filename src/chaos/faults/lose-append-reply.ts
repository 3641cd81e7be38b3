import { cutInReply, REPLY_PLACES, type ReplyPlace } from '../append-reply-decision.ts'
import type { Fault } from '../fault.ts'

const REPLIES_MAX = 3
const PATIENCE_MS = 10_000

/** The same at each place at which a reply can end: whatever the client has seen of it, it must not believe. */
export const LOSE_APPEND_REPLY: readonly Fault[] = Object.keys(REPLY_PLACES).map((place) => loseAt(place as ReplyPlace))

function loseAt(place: ReplyPlace): Fault {
  return {
    name: `lose-append-reply-${place}`,
    faultClass: 'store',
    sentence: `the connection is reset while the reply to a committed append comes back, ${REPLY_PLACES[place]}; 1 to ${REPLIES_MAX} times`,
    weight: 1,
    gapMsMax: 2000,
    async inject(stage) {
      const { running, wires, dice } = stage
      const { name } = await stage.victim('chat')
      const wire = wires.nodeAndDatabase(name)
      let left = 1 + Math.floor(dice.between(0, REPLIES_MAX))
      const judge = () => (chunk: Uint8Array) => {
        const at = left > 0 ? cutInReply(chunk, place) : undefined
        if (at !== undefined) left -= 1
        return at
      }
      stage.begins()
      wire.treat({ back: { kind: 'cut-at', judge } })
      try {
        const done = await running.wait({ patienceMs: PATIENCE_MS, everyMs: 5 }, () => left === 0)
        if (done === undefined) throw new Error(`${left} replies to appends of ${name} did not come by.`)
      } finally {
        wire.heal()
      }
      return { victim: name }
    },
  }
}
