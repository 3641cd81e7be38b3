import type { Fault } from '../fault.ts'
import { peersOf } from '../peers-of.ts'

const CUT_MS_MIN = 1000
const CUT_MS_MAX = 4000

export const isolateNode: Fault = {
  name: 'isolate-node',
  faultClass: 'partition',
  sentence: 'nothing passes between a chat node and everything else, the database too, for 1 to 4 s',
  weight: 2,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { running, wires, dice } = stage
    const victim = await stage.victim('chat')
    const { name } = victim
    const all = [wires.nodeAndPeers(name, peersOf(running, name)), wires.nodeAndDatabase(name)]
    const faultMs = dice.lengthMs(CUT_MS_MIN, CUT_MS_MAX)
    stage.loses(victim)
    stage.begins()
    for (const wire of all) wire.treat({ forth: { kind: 'hold' }, back: { kind: 'hold' } })
    await running.rest(faultMs)
    for (const wire of all) wire.heal()
    return { victim: name, faultMs }
  },
}
