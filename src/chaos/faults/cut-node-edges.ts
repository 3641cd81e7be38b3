import type { Fault } from '../fault.ts'
import { peersOf } from '../peers-of.ts'

const CUT_MS_MIN = 1000
const CUT_MS_MAX = 4000

export const cutNodeEdges: Fault = {
  name: 'cut-node-edges',
  faultClass: 'partition',
  sentence: 'nothing passes between a chat node and the edges for 1 to 4 s; the other chat nodes reach it',
  weight: 1,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { running, wires, dice } = stage
    const { name } = await stage.victim('chat')
    const wire = wires.nodeAndPeers(name, peersOf(running, name, 'edge'))
    const faultMs = dice.lengthMs(CUT_MS_MIN, CUT_MS_MAX)
    stage.begins()
    wire.treat({ forth: { kind: 'hold' }, back: { kind: 'hold' } })
    await running.rest(faultMs)
    wire.heal()
    return { victim: name, faultMs }
  },
}
