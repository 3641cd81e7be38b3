import type { Fault } from '../fault.ts'
import { HostileCaller } from '../hostile-caller-node.ts'

const HOSTILE_MS_MIN = 1000
const HOSTILE_MS_MAX = 4000

export const hostileFrames: Fault = {
  name: 'hostile-frames',
  faultClass: 'hostile',
  sentence:
    'forty sockets at a time send an edge broken handshakes, broken, half and endless frames, and JSON of wrong types, for 1 to 4 s',
  weight: 2,
  gapMsMax: 2000,
  async inject(stage) {
    const { running, dice } = stage
    const { name, pid, row } = await stage.victim('edge')
    const caller = new HostileCaller(row?.url ?? '', dice)
    const faultMs = dice.spread(HOSTILE_MS_MIN, HOSTILE_MS_MAX)
    stage.begins()
    caller.start()
    try {
      await running.rest(faultMs)
    } finally {
      caller.stop()
    }
    if (running.cluster.pids.get(name)?.pid !== pid)
      throw new Error(`${name} did not survive ${caller.calls} hostile calls.`)
    return { victim: name, faultMs }
  },
}
