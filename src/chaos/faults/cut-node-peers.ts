import type { Fault } from '../fault.ts'
import { peersOf } from '../peers-of.ts'

const CUT_MS_MIN = 1000
const CUT_MS_MAX = 4000

export const cutNodePeers: Fault = {
  name: 'cut-node-peers',
  faultClass: 'partition',
  sentence: 'nothing passes between a chat node and all other nodes for 1 to 4 s; both reach the database',
  weight: 1,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { running, wires, dice } = stage
    const { name } = await stage.victim('chat')
    const wire = wires.nodeAndPeers(name, peersOf(running, name))
    const faultMs = dice.lengthMs(CUT_MS_MIN, CUT_MS_MAX)
    stage.begins()
    wire.treat({ forth: { kind: 'hold' }, back: { kind: 'hold' } })
    await running.rest(faultMs)
    // Half the time the links themselves are lost, too: a firewall forgot them.
    if (dice.fraction() < 0.5) wire.cut()
    wire.heal()
    return { victim: name, faultMs }
  },
}
