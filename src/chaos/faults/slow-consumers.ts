import type { Fault } from '../fault.ts'
import { SlowConsumer } from '../slow-consumer-node.ts'

const CONSUMERS = 5
// Whoever asks for more at once is taken for a flood.
const CONVERSATIONS_MAX = 100
const SLOW_MS_MIN = 2000
// Beyond the 10 s after which an edge gives up on a client that takes nothing.
const SLOW_MS_MAX = 14_000

export const slowConsumers: Fault = {
  name: 'slow-consumers',
  faultClass: 'overload',
  sentence: `${CONSUMERS} clients of an edge ask for up to ${CONVERSATIONS_MAX} conversations from their beginning and read nothing for 2 to 14 s`,
  weight: 1,
  gapMsMax: 1000,
  async inject(stage) {
    const { running, dice } = stage
    const { name, pid, row } = await stage.victim('edge')
    const faultMs = dice.spread(SLOW_MS_MIN, SLOW_MS_MAX)
    const address = `${(row?.url ?? '').replace(/^http/, 'ws')}/connect`
    const all = new Set(running.load.clients.map(({ conversation }) => conversation))
    const conversations = [...all].slice(0, CONVERSATIONS_MAX)
    const seat = await running.cluster.agentSeat('slow-consumer')
    stage.begins()
    const consumers = Array.from({ length: CONSUMERS }, () => new SlowConsumer(address, seat.token, conversations))
    try {
      const greeted = await Promise.all(consumers.map((consumer) => consumer.greeted()))
      if (!greeted.every(Boolean)) throw new Error(`${name} did not let the slow consumers in.`)
      await running.rest(faultMs)
    } finally {
      for (const consumer of consumers) consumer.stop()
    }
    if (running.cluster.pids.get(name)?.pid !== pid) throw new Error(`${name} did not survive its slow consumers.`)
    return { victim: name, faultMs }
  },
}
