import { cutOff } from '../cut-off.ts'
import type { Fault } from '../fault.ts'
import { peersOf } from '../peers-of.ts'

export const cutNodePeers: Fault = {
  name: 'cut-node-peers',
  faultClass: 'partition',
  sentence: 'nothing passes between a chat node and all other nodes for 1 to 4 s; both reach the database',
  weight: 1,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { name } = await stage.victim('chat')
    const faultMs = await cutOff(stage, stage.wires.nodeAndPeers(name, peersOf(stage.running, name)), {
      thenLost: stage.dice.fraction() < 0.5,
    })
    return { victim: name, faultMs }
  },
}
