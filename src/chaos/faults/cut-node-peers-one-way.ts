import { cutOff } from '../cut-off.ts'
import type { Fault } from '../fault.ts'
import { peersOf } from '../peers-of.ts'

export const cutNodePeersOneWay: Fault = {
  name: 'cut-node-peers-one-way',
  faultClass: 'partition',
  sentence: 'a chat node hears the other nodes and they do not hear it, or the other way round, for 1 to 4 s',
  weight: 1,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { name } = await stage.victim('chat')
    const mute = stage.dice.fraction() < 0.5
    const faultMs = await cutOff(stage, stage.wires.nodeAndPeers(name, peersOf(stage.running, name)), {
      treatments: mute ? { forth: { kind: 'hold' } } : { back: { kind: 'hold' } },
    })
    return { victim: `${name} (${mute ? 'mute' : 'deaf'})`, faultMs }
  },
}
