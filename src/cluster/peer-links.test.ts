import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits, type Owner } from '../base/ids.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { memoryMetrics } from '../base/metrics.ts'
import { CHAT_FACTS } from '../store/member-facts-stage.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { Membership } from './membership.ts'
import type { Link, LinkHandlers, Network } from './network.ts'
import { PeerLinks } from './peer-links.ts'

const FRIEND: Owner = { node: 'n2', incarnation: idFromBits(2n) }
const BEAT = Uint8Array.of(1)
const HEARD = Uint8Array.of(1, 1)
const UNHEARD = Uint8Array.of(1, 0)

/** A process that can stand still: time goes on, its timers do not fire. */
class PausableClock extends ManualClock {
  #stoodStillMs = 0
  override monotonicMs(): number {
    return super.monotonicMs() + this.#stoodStillMs
  }
  standStill(ms: number): void {
    this.#stoodStillMs += ms
  }
}

/** A node whose friend answers every dial; the test plays the friend. */
async function stage() {
  const clock = new PausableClock()
  const store = new MemoryStore({ now: () => clock.wallMs() })
  const metrics = memoryMetrics()
  const ports = { clock, log: silentLog, metrics, store, random: { fraction: () => 0.5, id: () => idFromBits(1n) } }
  const membership = new Membership(ports, 'n1', () => CHAT_FACTS)
  const made: Link[] = []
  let handlers: LinkHandlers | undefined
  let accepted = (_: Link) => {}
  const closed: Link[] = []
  const sent: Uint8Array[] = []
  const link = (): Link => {
    const each: Link = {
      peer: FRIEND,
      queuedBytes: 0,
      send: (frame) => sent.push(frame),
      close(reason) {
        closed.push(each)
        handlers?.closed(each, reason)
      },
    }
    return each
  }
  const network: Network = {
    async connect() {
      const each = link()
      made.push(each)
      return each
    },
    listen(accept, all) {
      accepted = accept
      handlers = all
    },
  }
  const links = new PeerLinks({ clock, log: silentLog, metrics, network }, membership)
  await store.join(FRIEND, CHAT_FACTS)
  await membership.start()
  links.start()
  const downs: string[] = []
  links.onDown((_, reason) => downs.push(reason))
  /** Time passes, and the friend beats, by its link and in the store. */
  const live = async (ms: number, heard = true, beat = BEAT) => {
    for (let at = 0; at < ms; at += 100) {
      await store.beat(FRIEND, CHAT_FACTS)
      const [up] = links.links()
      if (heard && up) handlers?.frame(up, beat)
      await clock.advance(100)
    }
  }
  await live(1000)
  return { clock, links, made, closed, sent, downs, live, link, accept: (each: Link) => accepted(each) }
}

test('[CL14] a probe of the side that does not dial is closed, and the link stays', async () => {
  const { links, made, closed, downs, link, accept } = await stage()
  const probe = link()
  accept(probe)
  assert.deepEqual([links.links(), closed, downs], [made, [probe], []])
})

test('[CL13] a link that is silent for long is made anew', async () => {
  const { links, made, closed, live } = await stage()
  await live(5000, false)
  assert.deepEqual(closed, made.slice(0, 1))
  assert.equal(links.links()[0], made[1])
})

test('[CL13] who stood still takes nobody for silent', async () => {
  const { clock, closed, downs, live } = await stage()
  clock.standStill(10_000)
  // Its timers come first, what the friend sent meanwhile is read after them.
  await clock.advance(100)
  await live(1000)
  assert.deepEqual([closed, downs], [[], []])
})

test('[CL15] whoever is not heard is told so with the next beats, and told when it is heard again', async () => {
  const { sent, live } = await stage()
  assert.deepEqual(sent.at(-1), HEARD)
  await live(900, false)
  assert.deepEqual(sent.at(-1), UNHEARD)
  await live(100)
  assert.deepEqual(sent.at(-1), HEARD)
})

test('[CL15] a node that nobody hears is cut off, though it hears everybody', async () => {
  const { links, downs, live } = await stage()
  await live(1000, true, UNHEARD)
  assert.deepEqual(downs, ['it does not hear this node'])
  assert.ok(links.cutOffForMs() >= 800, `cut off for ${links.cutOffForMs()} ms`)
  await live(200, true, HEARD)
  assert.equal(links.cutOffForMs(), 0)
})
