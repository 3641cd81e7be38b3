import { cutOff } from '../cut-off.ts'
import type { Fault } from '../fault.ts'
import { peersOf } from '../peers-of.ts'

export const cutNodeEdges: Fault = {
  name: 'cut-node-edges',
  faultClass: 'partition',
  sentence: 'nothing passes between a chat node and the edges for 1 to 4 s; the other chat nodes reach it',
  weight: 1,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { name } = await stage.victim('chat')
    const faultMs = await cutOff(stage, stage.wires.nodeAndPeers(name, peersOf(stage.running, name, 'edge')))
    return { victim: name, faultMs }
  },
}
